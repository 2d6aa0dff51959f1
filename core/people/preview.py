"""« Voir comme »: what a user would see, before anything is saved.

A preview is an account that never signs in, as that of a wall is, with the rights of a form that is
not saved: its grants are rows like everybody's, so that isolation applies to it unchanged. It is
for the administrator who asked, for half an hour, and on connections that cannot write
(``core.web.preview``). One administrator has one at a time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Scope
from core.accounts import GRANTED, Account, AccountKind, AccountPermission
from core.db import Customer, ScopeGrant
from core.db_grants import Holding
from core.people.model import UserDraft
from core.people.rules import (
    Work,
    checked_grants,
    checked_names,
    checked_permissions,
    customer_needed,
    to_change,
)
from core.secrets import digest

LIFE = timedelta(minutes=30)
ADDRESS = "/apercu"
"""What stands before the addresses of a preview."""


def address(token: str) -> str:
    """Return where a frame shows a preview."""
    return f"{ADDRESS}/{token}/"


@dataclass(frozen=True, slots=True)
class Preview:
    """The account behind the token of a preview."""

    account_id: int
    name: str
    admin: bool
    customer_id: int | None
    timezone: str | None
    granted: frozenset[str]


def make(work: Work, draft: UserDraft, id_: int | None, customer_id: int | None) -> str:
    """Add the preview of a draft, of what the user ``id_`` would then be if there is one; return
    its address. Raises ``UserError`` as saving the draft would.
    """
    account = to_change(work, id_, None) if id_ is not None else None
    if account is not None:
        customer_id = account.customer_id
    customer = customer_needed(work.session, work.actor, customer_id)
    family, given = checked_names(draft)
    checked_permissions(work, draft, account)
    # What the administrator does not have itself, a preview does not show to it.
    held = Holding.of(work.session, work.actor.scope, customer)
    grants = [g for g in checked_grants(work, draft, customer, account) if held.covers(g)]
    forget(work.session, made_by=work.actor.email)
    token = secrets.token_urlsafe(32)
    work.session.add(
        Account(
            kind=AccountKind.PREVIEW,
            email=f"apercu-{digest(token)}",
            name=f"{given} {family}".strip(),
            admin=account is not None and account.admin,
            customer_id=customer,
            created=work.now,
            expires=work.now + LIFE,
            made_by=work.actor.email,
            permissions=[AccountPermission(key=key) for key in sorted(draft.permissions)],
            scope=[ScopeGrant(reach=reach, target_id=target) for reach, target in grants],
        )
    )
    return address(token)


def find(engine: sa.Engine, token: str, by: str, scope: Scope, now: datetime) -> Preview | None:
    """Return the preview of a token that this administrator made, None for any other, and for one
    with rows that are no longer in the administrator's ``scope``.
    """
    with Session(engine) as session:
        query = sa.select(Account).where(
            Account.kind == AccountKind.PREVIEW,
            Account.email == f"apercu-{digest(token)}",
            Account.made_by == by,
            Account.expires > now,
        )
        account = session.scalar(query)
        if account is None or account.customer_id is None:
            return None
        held = Holding.of(session, scope, account.customer_id)
        if held.beyond((one.reach, one.target_id) for one in account.scope):
            return None
        customer = session.get(Customer, account.customer_id)
        granted = session.scalars(GRANTED, {"account": account.id})
        return Preview(
            account.id, account.name, account.admin, account.customer_id,
            customer.timezone if customer else None, frozenset(granted),
        )  # fmt: skip


def forget(session: Session, *, made_by: str | None = None, now: datetime | None = None) -> None:
    """Delete the previews of an administrator, or those that ended; the caller commits."""
    which = Account.made_by == made_by if made_by is not None else Account.expires <= now
    gone = sa.select(Account.id).where(Account.kind == AccountKind.PREVIEW, which)
    for model, column in ((AccountPermission, AccountPermission.account_id),
                          (ScopeGrant, ScopeGrant.user_id)):  # fmt: skip
        session.execute(sa.delete(model).where(column.in_(gone)))
    session.execute(sa.delete(Account).where(Account.kind == AccountKind.PREVIEW, which))
