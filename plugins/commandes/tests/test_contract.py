"""Commandes keeps the contract of rubrics."""

from __future__ import annotations

from core.testing.contract import RubricContract
from plugins.commandes.tests import arguments


class TestCommandes(RubricContract):
    rubric = "commandes"
    parts = arguments.PARTS
    paths = arguments.PATHS
    searches = arguments.SEARCHES
    values = arguments.VALUES
