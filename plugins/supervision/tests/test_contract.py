"""Supervision keeps the contract of rubrics."""

from __future__ import annotations

from core.testing.contract import RubricContract
from plugins.supervision.tests import arguments


class TestSupervision(RubricContract):
    rubric = "supervision"
    parts = arguments.PARTS
    paths = arguments.PATHS
    searches = arguments.SEARCHES
    values = arguments.VALUES
    history = ("historique", "changements")
