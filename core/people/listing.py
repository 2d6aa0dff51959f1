"""The users of a customer, one page at a time: the database filters, counts and sorts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Reach
from core.accounts import Account, AccountKind, AccountPermission
from core.db import ScopeGrant
from core.db_grants import Grant
from core.network.live import fold
from core.people.model import UserLine, UserPage, UserQuery, UserState

PER_PAGE = 25
EMAIL: sa.ColumnElement[str] = sa.func.coalesce(Account.sought, Account.email)
"""The address as it is shown: of one that is held, the one that was asked for."""
SORTS = ("nom", "email", "etat", "connexion", "fin")


def members(customer_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the criteria of the accounts that are users of a customer."""
    kinds = (AccountKind.PERSON, AccountKind.HELD)
    return Account.customer_id == customer_id, Account.kind.in_(kinds)


def state_at(now: datetime) -> sa.ColumnElement[str]:
    """Return the state of an account as a column."""
    return sa.case(
        (Account.deleted.is_not(None), UserState.DELETED.value),
        (Account.disabled.is_not(None), UserState.DISABLED.value),
        (Account.expires <= now, UserState.EXPIRED.value),
        (Account.password_hash.is_(None), UserState.INVITED.value),
        else_=UserState.ACTIVE.value,
    )


def state_of(account: Account, now: datetime) -> UserState:
    """Return the same of one account."""
    if account.deleted is not None:
        return UserState.DELETED
    if account.disabled is not None:
        return UserState.DISABLED
    if account.expires is not None and account.expires <= now:
        return UserState.EXPIRED
    return UserState.INVITED if account.password_hash is None else UserState.ACTIVE


def page_of(session: Session, customer_id: int, asked: UserQuery, now: datetime) -> UserPage:
    """Return a page, the last one when there are fewer."""
    state = state_at(now)
    counted = sa.select(state, sa.func.count()).where(*_criteria(customer_id, asked))
    found: dict[str, int] = dict(session.execute(counted.group_by(state)).all())
    counts = {one: found.get(one.value, 0) for one in UserState}
    total = counts[asked.state] if asked.state else sum(counts.values()) - counts[UserState.DELETED]
    page = min(max(1, asked.page), max(1, -(-total // PER_PAGE)))
    query = _lines(customer_id, asked, now).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return UserPage(list(_filled(session, session.execute(query).all())), total, page, counts)


def every_line(
    session: Session, customer_id: int, asked: UserQuery, now: datetime
) -> Iterator[UserLine]:
    """Yield what all pages hold together, five hundred in memory."""
    rows = session.execute(_lines(customer_id, asked, now)).all()
    for start in range(0, len(rows), 500):
        yield from _filled(session, rows[start : start + 500])


def _criteria(customer_id: int, asked: UserQuery) -> list[sa.ColumnElement[bool]]:
    text = sa.func.fold(Account.name + sa.literal(" ") + EMAIL)
    found = [*members(customer_id)]
    found += [text.contains(word, autoescape=True) for word in fold(asked.text).split()]
    if asked.permission:
        of = sa.select(AccountPermission.account_id).where(
            AccountPermission.key == asked.permission
        )
        found.append(Account.id.in_(of))
    return found


def _lines(customer_id: int, asked: UserQuery, now: datetime) -> Any:
    """Return the query of the lines, in their order."""
    state = state_at(now)
    shown = (
        Account.deleted.is_(None) if asked.state is None else state == asked.state.value
    )  # those who were deleted are asked for by name
    name = sa.func.fold(
        sa.case((Account.family_name != "", Account.family_name), else_=Account.name)
    )
    columns: dict[str, Any] = {
        "nom": name, "email": EMAIL, "etat": state, "connexion": Account.last_sign_in,
        "fin": Account.expires,
    }  # fmt: skip
    first = columns.get(asked.sort, name)
    order = first.desc().nulls_last() if asked.descending else first.asc().nulls_last()
    query: Any = (
        sa.select(
            Account.id, EMAIL.label("email"), Account.name, Account.family_name,
            Account.given_name, Account.admin, Account.guest, state.label("state"),
            Account.created, Account.last_sign_in, Account.expires, Account.profile,
        )
        .where(*_criteria(customer_id, asked), shown)
        .order_by(order, name, Account.id)
    )  # fmt: skip
    return query


def _filled(session: Session, rows: Sequence[sa.Row[Any]]) -> Iterator[UserLine]:
    """Yield rows as lines, with what each was granted: two statements for all of them."""
    ids = [row.id for row in rows]
    keys: dict[int, set[str]] = defaultdict(set)
    query = sa.select(AccountPermission.account_id, AccountPermission.key)
    for account, key in session.execute(query.where(AccountPermission.account_id.in_(ids))):
        keys[account].add(key)
    reaches = _reaches(session, ids)
    for row in rows:
        of = reaches.get(row.id, {})
        companies, one_company = of.get(Reach.COMPANY, (0, None))
        sites, one_site = of.get(Reach.SITE, (0, None))
        whole = Reach.CUSTOMER in of or Reach.OPERATOR in of
        only: Grant | None = None
        if not whole and companies + sites == 1:
            only = (Reach.COMPANY, one_company) if companies else (Reach.SITE, one_site)
        fields = dict(row._mapping)  # noqa: SLF001 - its public name
        fields["state"] = UserState(row.state)
        yield UserLine(
            **fields, permissions=frozenset(keys[row.id]), whole=whole, companies=companies,
            sites=sites, only=only,
        )  # fmt: skip


def _reaches(
    session: Session, ids: Sequence[int]
) -> Mapping[int, Mapping[Reach, tuple[int, int | None]]]:
    """Return, by account and reach, how many grants there are and the least of what they name."""
    query = (
        sa.select(
            ScopeGrant.user_id, ScopeGrant.reach, sa.func.count(), sa.func.min(ScopeGrant.target_id)
        )
        .where(ScopeGrant.user_id.in_(ids))
        .group_by(ScopeGrant.user_id, ScopeGrant.reach)
    )
    found: dict[int, dict[Reach, tuple[int, int | None]]] = defaultdict(dict)
    for account, reach, count, least in session.execute(query):
        found[account][reach] = (count, least)
    return found
