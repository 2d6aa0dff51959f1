"""Factures keeps the contract of rubrics."""

from __future__ import annotations

from core.testing.contract import RubricContract
from plugins.factures.tests import arguments


class TestFactures(RubricContract):
    rubric = "factures"
    parts = arguments.PARTS
    paths = arguments.PATHS
    searches = arguments.SEARCHES
    values = arguments.VALUES
