"""Signing in, and the sessions it opens.

The cookie holds a random id; the table holds its SHA-256, so that a stolen copy of the
database opens no session.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from core import passwords, throttle
from core.access import Acting
from core.accounts import GRANTED, Account, AccountKind, RubricOff, find
from core.db import Customer, Internal
from core.engine import BUSY_MS
from core.pending import PendingSignIn
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
    confirmed: Mapped[datetime | None]
    """When its user last proved again who they are; None since it was opened."""
    address: Mapped[str | None]
    agent: Mapped[str | None]
    acting_for: Mapped[int | None]
    """The customer in whose place the operator's staff acts, until ``acting_until``."""
    acting_until: Mapped[datetime | None]


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
    """When the password was last given."""
    acting: Acting | None = None
    """In whose place the operator's staff acts: ``customer_id`` and ``timezone`` are then its."""
    off: frozenset[str] = frozenset()
    """Rubrics that are off for that customer."""
    theme: str | None = None
    own_timezone: str | None = None
    """The time zone that they chose, which is shown, while ``timezone`` is what is counted in."""


def authenticate(
    session: Session, email: str, password: str, address: str, now: datetime, device: str = ""
) -> Account | None:
    """Return the account when the password is its own and it may be used, else None.

    ``device`` is the mark of a browser that the account knows, "" for any other: its failures count
    apart, so that strangers who guess do not make the owner wait.

    Unknown addresses cost the same time as known ones. Raises ``Throttled`` after too many
    failures of this account or from this address; the wait grows and always ends.
    """
    keys = {"email": f"{failure_key(email)}{device}", "address": f"address:{address}"}
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


def failure_key(email: str) -> str:
    """Return what the failures of an account's password are counted under."""
    return f"email:{digest(email.strip().lower())}"


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
        acting = _acting(row, now)
        granted: Sequence[str] = ()
        off: Sequence[str] = ()
        if acting:
            off = connection.scalars(_OFF, {"customer": acting.customer_id}).all()
        else:
            granted = connection.scalars(GRANTED, {"account": row.account_id}).all()
        if now - row.last_seen > TOUCH:
            touch(connection, _TOUCH, {"key": key, "now": now})
    return SignedIn(
        key,
        row.account_id,
        row.email,
        row.name,
        row.admin,
        acting.customer_id if acting else row.customer_id,
        row.language,
        row.acted_timezone if acting else row.timezone,
        frozenset(granted),
        row.confirmed or row.created,
        acting=acting,
        off=frozenset(off),
        theme=row.theme,
        own_timezone=row.own_timezone,
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


def _acting(row: Any, now: datetime) -> Acting | None:
    """Return in whose place a session of the operator's administrators acts, None for its own."""
    begun = row.acted_name is not None and row.acting_until is not None and now < row.acting_until
    staff = row.admin and row.customer_id is None
    return Acting(row.acting_for, row.acted_name, row.acting_until) if begun and staff else None


_ACTED = aliased(Customer)
_OFF = sa.select(RubricOff.rubric).where(RubricOff.customer_id == sa.bindparam("customer"))
_WHO = (
    sa.select(
        LoginSession.account_id,
        LoginSession.created,
        LoginSession.last_seen,
        LoginSession.confirmed,
        Account.email,
        Account.name,
        Account.admin,
        Account.customer_id,
        Account.language,
        sa.func.coalesce(Account.disabled, Customer.disabled).label("disabled"),
        Account.expires,
        Account.theme,
        Account.timezone.label("own_timezone"),
        Customer.timezone,
        LoginSession.acting_for,
        LoginSession.acting_until,
        _ACTED.name.label("acted_name"),
        _ACTED.timezone.label("acted_timezone"),
    )
    .join(Account, Account.id == LoginSession.account_id)
    .outerjoin(Customer, Customer.id == Account.customer_id)
    .outerjoin(_ACTED, _ACTED.id == LoginSession.acting_for)
    .where(
        LoginSession.id == sa.bindparam("key"),
        LoginSession.revoked.is_(None),
        Account.kind == AccountKind.PERSON,
    )
)
_TOUCH = (
    sa.update(LoginSession)
    .where(LoginSession.id == sa.bindparam("key"))
    .values(last_seen=sa.bindparam("now"))
)


def renew(session: Session, session_id: str, now: datetime) -> str:
    """Return what the cookie of a session, whose user proved who they are, must hold from now on.

    The id before opens nothing any more; the limits of the session stay. The caller commits.
    """
    token = secrets.token_urlsafe(32)
    session.execute(
        sa.update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.revoked.is_(None))
        .values(id=digest(token), confirmed=now)
    )
    return token


def open_sessions(
    session: Session, account_id: int, limits: Limits, now: datetime
) -> Sequence[LoginSession]:
    """Return the sessions of an account that are open, the last used first."""
    query = sa.select(LoginSession).where(
        LoginSession.account_id == account_id,
        LoginSession.revoked.is_(None),
        LoginSession.created >= now - limits.absolute,
        LoginSession.last_seen >= now - limits.idle,
    )
    return session.scalars(query.order_by(LoginSession.last_seen.desc())).all()


def end_session(session: Session, session_id: str, now: datetime) -> None:
    """Revoke one session (its row's id, not its cookie)."""
    session.execute(
        sa.update(LoginSession).where(LoginSession.id == session_id).values(revoked=now)
    )
    session.commit()


def end_all(session: Session, account_id: int, now: datetime, *, but: str | None = None) -> int:
    """Revoke the sessions of an account everywhere, and the sign-ins it has begun; return how many.

    The session ``but`` stays. The caller commits.
    """
    session.execute(sa.delete(PendingSignIn).where(PendingSignIn.account_id == account_id))
    ended = session.execute(
        sa.update(LoginSession)
        .where(
            LoginSession.account_id == account_id,
            LoginSession.revoked.is_(None),
            LoginSession.id != (but or ""),
        )
        .values(revoked=now)
    )
    return ended.rowcount if isinstance(ended, sa.CursorResult) else 0


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
