"""Incidents keeps the contract of rubrics."""

from __future__ import annotations

from core.testing.contract import RubricContract
from plugins.incidents.tests import arguments


class TestIncidents(RubricContract):
    rubric = "incidents"
    parts = arguments.PARTS
    paths = arguments.PATHS
    searches = arguments.SEARCHES
    values = arguments.VALUES
