"""Administration keeps the contract of rubrics."""

from __future__ import annotations

import pytest

from core import audit
from core.testing.contract import RubricContract
from plugins.administration.tests import arguments


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal stands still: what asking adds to it would tell two answers apart."""
    monkeypatch.setattr(audit, "write", lambda *_about, **_facts: None)


class TestAdministration(RubricContract):
    rubric = "administration"
    parts = arguments.PARTS
    paths = arguments.PATHS
    searches = arguments.SEARCHES
    values = arguments.VALUES
