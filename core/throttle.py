"""Failures counted, so that passwords cannot be guessed: of an account and of a network address."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Internal

FREE_FAILURES = {"email": 5, "address": 30}
"""Failures within ``WINDOW`` before one has to wait: of one account, of one network address."""
WINDOW = timedelta(minutes=30)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)


class LoginFailure(Internal):
    """A sign-in that failed, or a reset that was asked; counted, then forgotten."""

    __tablename__ = "login_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


class Throttled(Exception):
    """Too many failures: try again after ``wait`` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"try again in {wait} s")
        self.wait = wait


def check(session: Session, keys: Mapping[str, str], now: datetime) -> None:
    """Raise ``Throttled`` when one of ``keys`` (by kind, of ``FREE_FAILURES``) failed too often.

    The wait grows and always ends.
    """
    for kind, key in keys.items():
        count, last = session.execute(
            sa.select(sa.func.count(), sa.func.max(LoginFailure.at)).where(
                LoginFailure.key == key, LoginFailure.at > now - WINDOW
            )
        ).one()
        free = FREE_FAILURES[kind]
        if count < free:
            continue
        wait = min(FIRST_WAIT * 2 ** min(count - free, 10), LONGEST_WAIT)
        left = (last + wait - now).total_seconds()
        if left > 0:
            raise Throttled(math.ceil(left))


def count(session: Session, keys: Mapping[str, str], now: datetime) -> None:
    """Count a failure against each of ``keys``; the caller commits."""
    session.add_all(LoginFailure(key=key, at=now) for key in keys.values())


def forgive(session: Session, key: str) -> None:
    """Forget the failures of one key; the caller commits."""
    session.execute(sa.delete(LoginFailure).where(LoginFailure.key == key))


def failures(session: Session, key: str, now: datetime) -> int:
    """Return how many failures of a key count now."""
    query = sa.select(sa.func.count()).where(
        LoginFailure.key == key, LoginFailure.at > now - WINDOW
    )
    return session.scalar(query) or 0


def allow_reset(session: Session, key: str, address: str, now: datetime) -> bool:
    """Count a request for a reset link; tell whether it may be served. The caller commits."""
    keys = {"email": key, "address": f"reset-from:{address}"}
    try:
        check(session, keys, now)
    except Throttled:
        return False
    count(session, keys, now)
    return True


def forget_old(session: Session, now: datetime) -> None:
    """Delete the failures that count no more; the caller commits."""
    session.execute(sa.delete(LoginFailure).where(LoginFailure.at < now - WINDOW))
