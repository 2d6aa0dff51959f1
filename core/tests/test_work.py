"""The chores of the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import password_links, sessions, throttle
from core.accounts import find
from core.host import Host
from core.testing.world import NOW
from core.work import chores

LONG_AGO = NOW - timedelta(days=90)
LIFE = password_links.LIFE[password_links.LinkKind.INVITATION]


def rows_of(session: Session, now: datetime) -> list[int | None]:
    """Count the sessions, the failures and the links made at a moment."""
    return [
        session.scalar(sa.select(sa.func.count()).where(column == at))
        for column, at in (
            (sessions.LoginSession.created, now),
            (throttle.LoginFailure.at, now),
            (password_links.PasswordLink.expires, now + LIFE),
        )
    ]


def test_what_is_over_is_forgotten_and_what_may_still_serve_is_kept(filled: Host) -> None:
    with Session(filled.engine) as session:
        account = find(session, "alice@a.example")
        assert account
        for now in (LONG_AGO, NOW):
            sessions.open_session(session, account, "127.0.0.1", "a browser", now)
            throttle.count(session, {"email": "alice"}, now)
            password_links.make_link(session, account, password_links.LinkKind.INVITATION, now)
        assert rows_of(session, LONG_AGO) == rows_of(session, NOW) == [1, 1, 1]
        session.rollback()
        _every, forget = chores(filled)["forget"]
        forget(NOW)
        assert (rows_of(session, LONG_AGO), rows_of(session, NOW)) == ([0, 0, 0], [1, 1, 1])
