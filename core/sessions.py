"""Signing in, and the sessions it opens.

The cookie holds a random id; the table holds its SHA-256, so that a stolen copy of the
database opens no session.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import passwords, throttle
from core.accounts import Account, AccountKind, AccountPermission, find
from core.db import Customer, Internal
from core.engine import BUSY_MS
from core.secrets import digest

TOUCH = timedelta(seconds=60)
"""How often the last use of a session is written."""


class LoginSession(Internal):
    """A signed-in browser."""

    __tablename__ = "login_session"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[datetime]
    last_seen: Mapped[datetime]
    revoked: Mapped[datetime | None]
    address: Mapped[str | None]
    agent: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: without use, and at most."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a session cookie, read afresh at each request."""

    session_id: str
    account_id: int
    email: str
    name: str
    admin: bool
    customer_id: int | None
    language: str | None
    timezone: str | None
    granted: frozenset[str]
    since: datetime
    """When the password was given."""


def authenticate(
    session: Session, email: str, password: str, address: str, now: datetime
) -> Account | None:
    """Return the account when the password is its own and it may be used, else None.

    Unknown addresses cost the same time as known ones. Raises ``Throttled`` after too many
    failures of this account or from this address; the wait grows and always ends.
    """
    keys = {"email": f"email:{digest(email.strip().lower())}", "address": f"address:{address}"}
    throttle.check(session, keys, now)
    account = find(session, email)
    kept = account.password_hash if account and account.active(now) else None
    if not passwords.verify(kept, password):
        throttle.count(session, keys, now)
        session.commit()
        return None
    if account and kept and passwords.outdated(kept):
        account.password_hash = passwords.make_hash(password)
    throttle.forgive(session, keys["email"])
    session.commit()
    return account


def open_session(
    session: Session, account: Account, address: str, agent: str, now: datetime
) -> str:
    """Open a new session and return what its cookie must hold."""
    token = secrets.token_urlsafe(32)
    account.last_sign_in = now
    session.add(
        LoginSession(
            id=digest(token),
            account_id=account.id,
            created=now,
            last_seen=now,
            address=address,
            agent=agent[:200],
        )
    )
    session.commit()
    return token


def who(engine: sa.Engine, token: str, limits: Limits, now: datetime) -> SignedIn | None:
    """Return who holds this cookie, or None: unknown, revoked, too old, disabled, expired."""
    key = digest(token)
    with engine.connect() as connection:
        row = connection.execute(_WHO, {"key": key}).one_or_none()
        if row is None:
            return None
        too_old = now - row.last_seen > limits.idle or now - row.created > limits.absolute
        gone = row.disabled is not None or (row.expires is not None and row.expires <= now)
        if too_old or gone:
            return None
        granted = connection.scalars(_GRANTED, {"account": row.account_id}).all()
        if now - row.last_seen > TOUCH:
            touch(connection, _TOUCH, {"key": key, "now": now})
    return SignedIn(
        key,
        row.account_id,
        row.email,
        row.name,
        row.admin,
        row.customer_id,
        row.language,
        row.timezone,
        frozenset(granted),
        row.created,
    )


def touch(connection: sa.Connection, note: sa.Update, values: Mapping[str, Any]) -> None:
    """Note a use (of a session, of a wall), unless somebody is writing: the next request will."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("pragma busy_timeout = 20")
    try:
        connection.execute(note, values)
        connection.commit()
    except sa.exc.OperationalError:
        connection.rollback()
    finally:
        if sqlite:
            connection.exec_driver_sql(f"pragma busy_timeout = {BUSY_MS}")


_WHO = (
    sa.select(
        LoginSession.account_id,
        LoginSession.created,
        LoginSession.last_seen,
        Account.email,
        Account.name,
        Account.admin,
        Account.customer_id,
        Account.language,
        Account.disabled,
        Account.expires,
        Customer.timezone,
    )
    .join(Account, Account.id == LoginSession.account_id)
    .outerjoin(Customer, Customer.id == Account.customer_id)
    .where(
        LoginSession.id == sa.bindparam("key"),
        LoginSession.revoked.is_(None),
        Account.kind == AccountKind.PERSON,
    )
)
_GRANTED = sa.select(AccountPermission.key).where(
    AccountPermission.account_id == sa.bindparam("account")
)
_TOUCH = (
    sa.update(LoginSession)
    .where(LoginSession.id == sa.bindparam("key"))
    .values(last_seen=sa.bindparam("now"))
)


def end_session(session: Session, session_id: str, now: datetime) -> None:
    """Revoke one session (its row's id, not its cookie)."""
    session.execute(
        sa.update(LoginSession).where(LoginSession.id == session_id).values(revoked=now)
    )
    session.commit()


def end_all(session: Session, account_id: int, now: datetime) -> None:
    """Revoke every session of an account, everywhere; the caller commits."""
    session.execute(
        sa.update(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.revoked.is_(None))
        .values(revoked=now)
    )


def forget_old(session: Session, limits: Limits, now: datetime) -> None:
    """Delete the sessions that can serve no more; the caller commits."""
    session.execute(
        sa.delete(LoginSession).where(
            sa.or_(
                LoginSession.created < now - limits.absolute,
                LoginSession.last_seen < now - limits.idle,
                LoginSession.revoked < now - timedelta(days=1),
            )
        )
    )
