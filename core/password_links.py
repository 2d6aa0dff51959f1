"""Links that let their holder choose a password, once; the table keeps a digest of each."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.accounts import Account, AccountKind
from core.db import Internal
from core.secrets import digest


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


def make_link(session: Session, account: Account, kind: LinkKind, now: datetime) -> str:
    """Return the token of a new one-use link; those made before of the same kind stop working."""
    token = add_link(session, account, kind, now)
    session.commit()
    return token


def add_link(session: Session, account: Account, kind: LinkKind, now: datetime) -> str:
    """Do what ``make_link`` does; the caller commits."""
    session.execute(
        sa.update(PasswordLink)
        .where(PasswordLink.account_id == account.id, PasswordLink.kind == kind)
        .values(used=now)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordLink(
            id=digest(token), account_id=account.id, kind=kind, expires=now + LIFE[kind], used=None
        )
    )
    return token


def address(public_url: str, token: str) -> str:
    """Return where the holder of a one-use link chooses a password.

    From the configured public address, never from the request's Host header.
    """
    return f"{public_url.rstrip('/')}/mot-de-passe/{token}"


def open_link(session: Session, token: str, now: datetime) -> tuple[PasswordLink, Account] | None:
    """Return the link and its account while it can be used, else None."""
    link = session.get(PasswordLink, digest(token))
    if link is None or link.used is not None or link.expires <= now:
        return None
    account = session.get_one(Account, link.account_id)
    usable = account.kind is AccountKind.PERSON and account.active(now)
    return (link, account) if usable else None


def forget_old(session: Session, now: datetime) -> None:
    """Delete the links that ended a month ago; the caller commits."""
    session.execute(sa.delete(PasswordLink).where(PasswordLink.expires < now - timedelta(days=30)))
