"""Administration keeps the contract of rubrics."""

from __future__ import annotations

from core.testing.contract import RubricContract
from plugins.administration.tests import arguments


class TestAdministration(RubricContract):
    rubric = "administration"
    parts = arguments.PARTS
    paths = arguments.PATHS
    searches = arguments.SEARCHES
    values = arguments.VALUES
