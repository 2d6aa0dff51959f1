"""Sign-ins whose password was right and whose second step is to come: short, bound to a browser.

As for a session, the cookie holds a random id and the table its SHA-256.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.accounts import Account, AccountKind
from core.db import Internal
from core.secrets import digest

LIFE = timedelta(minutes=10)


class PendingSignIn(Internal):
    """A sign-in that waits for its second step; ``back`` is the page it was asked for."""

    __tablename__ = "pending_sign_in"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[datetime]
    back: Mapped[str]


def begin(session: Session, account: Account, back: str, now: datetime) -> str:
    """Begin the second step of a sign-in; return what the browser's cookie must hold."""
    token = secrets.token_urlsafe(32)
    session.add(
        PendingSignIn(id=digest(token), account_id=account.id, created=now, back=back[:500])
    )
    session.commit()
    return token


def find(session: Session, token: str, now: datetime) -> tuple[PendingSignIn, Account] | None:
    """Return the sign-in that this cookie began and its account, while it can be ended."""
    begun = session.get(PendingSignIn, digest(token))
    if begun is None or now - begun.created >= LIFE:
        return None
    account = session.get_one(Account, begun.account_id)
    usable = account.kind is AccountKind.PERSON and account.active(now)
    return (begun, account) if usable else None


def forget_old(session: Session, now: datetime) -> None:
    """Delete the sign-ins that were never ended; the caller commits."""
    session.execute(sa.delete(PendingSignIn).where(PendingSignIn.created < now - LIFE))
