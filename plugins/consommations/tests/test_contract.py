"""Consommations keeps the contract of rubrics."""

from __future__ import annotations

from core.testing.contract import RubricContract
from plugins.consommations.tests import arguments


class TestConsommations(RubricContract):
    rubric = "consommations"
    parts = arguments.PARTS
    paths = arguments.PATHS
    searches = arguments.SEARCHES
    values = arguments.VALUES
