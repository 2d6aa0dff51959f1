"""A cell is read as what its column holds, as the French write it, or its fault is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import DataKind, DatasetColumn
from core.imports import cells
from core.imports.cells import CellError, Fault

NAIVE = datetime.fromisoformat("2011-06-10")  # as a workbook gives it
PARIS = ZoneInfo("Europe/Paris")


def column(kind: DataKind) -> DatasetColumn:
    choices = {"new": "Création", "end": "Résiliation"} if kind is DataKind.CHOICE else {}
    return DatasetColumn("x", "X", kind, choices=choices)


def read(kind: DataKind, raw: Any) -> Any:
    return cells.read(column(kind), raw, PARIS)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (DataKind.DATE, "10/06/11", date(2011, 6, 10)),
        (DataKind.DATE, "10/06/2011", date(2011, 6, 10)),
        (DataKind.DATE, "1.6.2011", date(2011, 6, 1)),
        (DataKind.DATE, "2011-06-10", date(2011, 6, 10)),
        (DataKind.DATE, "31/12/99", date(1999, 12, 31)),
        (DataKind.DATE, NAIVE, date(2011, 6, 10)),
        (DataKind.DATETIME, "14/06/2011 09:30", datetime(2011, 6, 14, 7, 30, tzinfo=UTC)),
        (DataKind.DATETIME, "14/06/2011 9h30", datetime(2011, 6, 14, 7, 30, tzinfo=UTC)),
        (DataKind.DATETIME, "2011-06-14T09:30:05Z", datetime(2011, 6, 14, 9, 30, 5, tzinfo=UTC)),
        (DataKind.DECIMAL, "1 234,56", Decimal("1234.56")),
        (DataKind.DECIMAL, "1\u202f234.5", Decimal("1234.5")),
        (DataKind.DECIMAL, 0.1, Decimal("0.1")),
        (DataKind.DECIMAL, "-0,5", Decimal("-0.5")),
        (DataKind.INTEGER, "2 000 000", 2_000_000),
        (DataKind.INTEGER, 3.0, 3),
        (DataKind.REFERENCE, "000000000-001", "000000000-001"),
        (DataKind.REFERENCE, "00042", "00042"),
        (DataKind.REFERENCE, 42.0, "42"),
        (DataKind.TEXT, "'=1+1", "=1+1"),
        (DataKind.TEXT, "  Coeur De Reseau ", "Coeur De Reseau"),
        (DataKind.BOOLEAN, "Oui", True),
        (DataKind.BOOLEAN, "faux", False),
        (DataKind.CHOICE, "creation", "new"),
        (DataKind.CHOICE, "END", "end"),
    ],
)
def test_a_cell_is_read_as_the_french_write_it(kind: DataKind, raw: Any, value: Any) -> None:
    assert read(kind, raw) == value


@pytest.mark.parametrize("raw", [None, "", "  ", "N/A", "n/a", "H/A", "-"])
@pytest.mark.parametrize("kind", list(DataKind))
def test_nothing_is_nothing_however_it_is_written(kind: DataKind, raw: Any) -> None:
    assert read(kind, raw) is None


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        (DataKind.DATE, "31/02/2011", "n'existe pas"),
        (DataKind.DATE, "06/13/2011", "n'existe pas"),
        (DataKind.DATE, "40704", "n'est pas une date"),
        (DataKind.DATE, "10/06/0011", "hors de 1900"),
        (DataKind.DATETIME, "29/03/2026 02:30", "l'heure d'été commence"),
        (DataKind.INTEGER, "12,5", "n'est pas un nombre entier"),
        (DataKind.INTEGER, "1e9", "n'est pas un nombre"),
        (DataKind.DECIMAL, "NaN", "n'est pas un nombre"),
        (DataKind.DECIMAL, "1.234,56", "n'est pas un nombre"),
        (DataKind.DECIMAL, float("inf"), "trop grand"),
        (DataKind.INTEGER, "9" * 25, "trop grand"),
        (DataKind.BOOLEAN, "peut-être", "« oui » ou « non »"),
        (DataKind.CHOICE, "Autre", "Création, Résiliation"),
        (DataKind.REFERENCE, 12.5, "référence"),
        (DataKind.REFERENCE, 1234567890123456.0, "format Texte"),
        (DataKind.REFERENCE, "a\nb", "une ligne"),
        (DataKind.TEXT, "a\x00b", "caractère de commande"),
        (DataKind.TEXT, Fault("#REF!"), "#REF!"),
        (DataKind.TEXT, "x" * 4001, "4000 caractères"),
    ],
)
def test_what_cannot_be_is_said_with_what_is_expected(kind: DataKind, raw: Any, why: str) -> None:
    with pytest.raises(CellError, match=why):
        read(kind, raw)


@given(
    st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.booleans(), st.datetimes()),
    st.sampled_from(list(DataKind)),
)
def test_a_cell_is_a_value_or_a_fault_whatever_it_holds(raw: Any, kind: DataKind) -> None:
    try:
        value = read(kind, raw)
    except CellError:
        return
    assert cells.restored(kind, cells.kept(value)) == value


def test_a_time_that_excel_shows_by_the_minute_is_the_one_that_stands() -> None:
    stands = datetime(2026, 1, 1, 8, 30, 42, tzinfo=UTC)
    assert cells.same(stands, stands.replace(second=0))
    assert not cells.same(stands, stands.replace(minute=31, second=0))
