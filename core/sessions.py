"""Signing in: server-side sessions, throttling, one-use links.

The cookie holds a random id; the table holds its SHA-256, so that a stolen copy of the
database opens no session.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import passwords
from core.accounts import Account, AccountPermission, find
from core.db import BUSY_MS, Customer, Internal

FREE_FAILURES = {"email": 5, "address": 30}
"""Failures within ``WINDOW`` before one has to wait: of one account, of one network address."""
WINDOW = timedelta(minutes=30)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
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


class LoginFailure(Internal):
    """A sign-in that failed; counted, then forgotten."""

    __tablename__ = "login_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


class LinkKind(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


LIFE = {LinkKind.INVITATION: timedelta(days=7), LinkKind.RESET: timedelta(hours=1)}


class PasswordLink(Internal):
    """A link that lets its holder choose a password, once."""

    __tablename__ = "password_link"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[LinkKind] = mapped_column(sa.Enum(LinkKind, native_enum=False, length=12))
    expires: Mapped[datetime]
    used: Mapped[datetime | None]


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


class Throttled(Exception):
    """Too many failures: try again after ``wait`` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"try again in {wait} s")
        self.wait = wait


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(
    session: Session, email: str, password: str, address: str, now: datetime
) -> Account | None:
    """Return the account when the password is its own and it may be used, else None.

    Unknown addresses cost the same time as known ones. Raises ``Throttled`` after too many
    failures of this account or from this address; the wait grows and always ends.
    """
    keys = {"email": f"email:{_digest(email.strip().lower())}", "address": f"address:{address}"}
    for kind, key in keys.items():
        _check_throttle(session, key, FREE_FAILURES[kind], now)
    account = find(session, email)
    kept = account.password_hash if account and account.active(now) else None
    if not passwords.verify(kept, password):
        session.add_all(LoginFailure(key=key, at=now) for key in keys.values())
        session.commit()
        return None
    if account and kept and passwords.outdated(kept):
        account.password_hash = passwords.make_hash(password)
    session.execute(sa.delete(LoginFailure).where(LoginFailure.key == keys["email"]))
    session.commit()
    return account


def _check_throttle(session: Session, key: str, free: int, now: datetime) -> None:
    failures = session.execute(
        sa.select(sa.func.count(), sa.func.max(LoginFailure.at)).where(
            LoginFailure.key == key, LoginFailure.at > now - WINDOW
        )
    ).one()
    count, last = failures
    if count < free:
        return
    wait = min(FIRST_WAIT * 2 ** min(count - free, 10), LONGEST_WAIT)
    left = (last + wait - now).total_seconds()
    if left > 0:
        raise Throttled(math.ceil(left))


def allow_reset(session: Session, key: str, address: str, now: datetime) -> bool:
    """Count a request for a reset link; tell whether it may be served. The caller commits."""
    keys = {"email": key, "address": f"reset-from:{address}"}
    try:
        for kind, name in keys.items():
            _check_throttle(session, name, FREE_FAILURES[kind], now)
    except Throttled:
        return False
    session.add_all(LoginFailure(key=name, at=now) for name in keys.values())
    return True


def open_session(
    session: Session, account: Account, address: str, agent: str, now: datetime
) -> str:
    """Open a new session and return what its cookie must hold."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            id=_digest(token),
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
    key = _digest(token)
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
            _touch(connection, key, now)
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
    )


def _touch(connection: sa.Connection, key: str, now: datetime) -> None:
    """Note the use of a session, unless somebody else is writing: the next request will."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("pragma busy_timeout = 20")
    try:
        connection.execute(_TOUCH, {"key": key, "now": now})
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
    .where(LoginSession.id == sa.bindparam("key"), LoginSession.revoked.is_(None))
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


def make_link(session: Session, account: Account, kind: LinkKind, now: datetime) -> str:
    """Return the token of a new one-use link; those made before of the same kind stop working."""
    session.execute(
        sa.update(PasswordLink)
        .where(PasswordLink.account_id == account.id, PasswordLink.kind == kind)
        .values(used=now)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordLink(
            id=_digest(token), account_id=account.id, kind=kind, expires=now + LIFE[kind], used=None
        )
    )
    session.commit()
    return token


def address(public_url: str, token: str) -> str:
    """Return where the holder of a one-use link chooses a password.

    From the configured public address, never from the request's Host header.
    """
    return f"{public_url.rstrip('/')}/mot-de-passe/{token}"


def open_link(session: Session, token: str, now: datetime) -> tuple[PasswordLink, Account] | None:
    """Return the link and its account while it can be used, else None."""
    link = session.get(PasswordLink, _digest(token))
    if link is None or link.used is not None or link.expires <= now:
        return None
    account = session.get_one(Account, link.account_id)
    return (link, account) if account.active(now) else None


def forget_old(session: Session, limits: Limits, now: datetime) -> None:
    """Delete sessions, failures and links that can serve no more."""
    session.execute(
        sa.delete(LoginSession).where(
            sa.or_(
                LoginSession.created < now - limits.absolute,
                LoginSession.last_seen < now - limits.idle,
                LoginSession.revoked < now - timedelta(days=1),
            )
        )
    )
    session.execute(sa.delete(LoginFailure).where(LoginFailure.at < now - WINDOW))
    session.execute(sa.delete(PasswordLink).where(PasswordLink.expires < now - timedelta(days=30)))
    session.commit()
