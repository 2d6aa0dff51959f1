"""The operator's customers as a list shows them, each with what is counted of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.accounts import Account, RubricOff, people
from core.db import Company, Customer
from core.network.inventory import Site
from core.two_factor import SecondFactorRule


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody who administers the users of a customer; ``invited`` has no password yet."""

    email: str
    name: str
    active: bool
    invited: bool


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer in a list. ``disabled`` is since when none of its accounts may be used,
    ``closed`` since when the back office has it no more.
    """

    id: int
    number: str
    name: str
    timezone: str
    disabled: datetime | None
    closed: datetime | None
    companies: int = 0
    sites: int = 0
    users: int = 0
    administrators: Sequence[Administrator] = ()
    off: frozenset[str] = frozenset()
    """Ids of the rubrics that it does not have."""
    two_factor: bool = False
    """Whether its people may not sign in without a second step."""


def lines_of(session: Session, rows: Sequence[Customer], now: datetime) -> list[CustomerLine]:
    """Return customers with what is counted of each: as many statements as there are counts."""
    of = Company.customer_id
    in_service = sa.select(of, sa.func.count()).where(Company.closed.is_(None))
    companies = _counts(session, in_service)
    sites = _counts(session, in_service.join(Site).where(Site.closed.is_(None)))
    off: dict[int, set[str]] = defaultdict(set)
    for row in session.scalars(sa.select(RubricOff)):
        off[row.customer_id].add(row.rubric)
    strict = set(session.scalars(sa.select(SecondFactorRule.customer_id)))
    users = {row[0]: row[1] for row in session.execute(_users())}
    admins: dict[int | None, list[Administrator]] = defaultdict(list)
    wanted = people().where(Account.admin).order_by(Account.name, Account.email)
    for account in session.scalars(wanted).unique():
        invited = account.password_hash is None
        one = Administrator(account.email, account.name, account.active(now), invited)
        admins[account.customer_id].append(one)
    return [
        CustomerLine(
            c.id, c.number, c.name, c.timezone, c.disabled, c.closed, companies.get(c.id, 0),
            sites.get(c.id, 0), users.get(c.id, 0), tuple(admins[c.id]), frozenset(off[c.id]),
            c.id in strict,
        )
        for c in rows
    ]  # fmt: skip


def _users() -> Any:
    accounts = people().with_only_columns(Account.customer_id, sa.func.count())
    return accounts.where(Account.customer_id.is_not(None)).group_by(Account.customer_id)


def _counts(session: Session, query: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query.group_by(Company.customer_id))}
