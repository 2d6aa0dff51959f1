"""Voix keeps the contract of rubrics."""

from __future__ import annotations

from balise_voix.tests.world import number_of
from core.testing.contract import RubricContract


class TestVoix(RubricContract):
    rubric = "voix"
    parts = {"number": number_of("A", 0)}  # noqa: RUF012 - the contract declares it a ClassVar
    searches = ("?q=@", "?type=trunk&page=2", "?q=@&type=rien")
