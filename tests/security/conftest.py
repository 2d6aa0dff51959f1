"""Fixtures of sign-ins: a clock that stands, a portal that sends mails, an account with codes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock
from core.testing.fixtures import sign_in
from core.testing.world import NOW
from core.web.app import create_app
from tests.security.second_step import ALICE, enrol


@pytest.fixture
def at(monkeypatch):
    """``at(timedelta)``: the host's clock stands that long after ``NOW``, and no longer runs."""

    def stand(delay: timedelta = timedelta()) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOW + delay)

    stand()
    return stand


@pytest.fixture
def mailing(filled):
    """The application of an installation that sends mails: they wait in its queue."""
    settings = filled.config.mail.model_copy(update={"host": "127.0.0.1"})
    filled.config = filled.config.model_copy(update={"mail": settings})
    return create_app(filled)


@pytest.fixture
def enrolled(mailing, at):
    """Alice's secret and recovery codes, a minute after she enrolled."""
    made = enrol(sign_in(mailing, ALICE))
    at(timedelta(minutes=1))
    return made
