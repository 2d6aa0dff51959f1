"""What Excel is given: typed cells, French forms, no formula that somebody's text brought in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exports import FORMULA, Field, Sheet, plain_text, safe_text, to_csv, to_rfc4180, to_xlsx
from core.testing.files import csv_rows, text_inside
from core.web.downloads import disposition

PARIS = ZoneInfo("Europe/Paris")
SUMMER = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)


def sheet(*values: Any) -> Sheet[Any]:
    return Sheet("essai", [Field("Désignation\nprincipale", lambda row: row)], values, PARIS)


def written(value: Any) -> str:
    return csv_rows(b"".join(to_csv(sheet(value))))[1][0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1234.5, "1234,5"), (-5, "-5"), (Decimal("0.10"), "0,10"), (7, "7"), (1e21, "1e+21"),
        (float("nan"), ""), (None, ""), (True, "oui"),
        (SUMMER, "15/07/2026 00:30"), (date(2026, 1, 2), "02/01/2026"),
        (timedelta(days=1, hours=2, minutes=21, seconds=19), "26:21:19"),
        ("0012-00006-001", "0012-00006-001"), ("SÉVÉRAC ; d’Aveyron", "SÉVÉRAC ; d’Aveyron"),
        ("deux\nlignes", "deux\nlignes"), ('"', '"'),
    ],
)  # fmt: skip
def test_a_french_excel_reads_each_value_as_what_it_is(value: Any, said: str) -> None:
    assert written(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1234.5, "1234.5"), (Decimal("0.10"), "0.10"), (True, "true"),
        (SUMMER, "2026-07-15T00:30:00+02:00"), (date(2026, 1, 2), "2026-01-02"),
        ("0012", "0012"), ('a,"b"', '"a,""b"""'), ("=1+1", "'=1+1"),
    ],
)  # fmt: skip
def test_a_machine_reads_rfc_4180(value: Any, said: str) -> None:
    data = b"".join(to_rfc4180(sheet(value))).decode()
    assert data == f"Désignation principale\r\n{said}\r\n"


@pytest.mark.parametrize("start", FORMULA)
def test_a_text_never_becomes_a_formula(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    assert written(text) == f"'{text}"
    assert "<f>" not in text_inside(b"".join(to_xlsx(sheet(text))))


@given(st.text())
def test_an_import_reads_the_text_that_was_exported(text: str) -> None:
    assert not safe_text(text).startswith(FORMULA)
    assert plain_text(safe_text(text)) == text or text.startswith("'")


def test_the_head_is_the_label_in_one_line() -> None:
    assert csv_rows(b"".join(to_csv(sheet())))[0] == ["Désignation principale"]


def cells(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_excel_gets_numbers_dates_and_texts_by_their_types() -> None:
    found = cells(b"".join(to_xlsx(sheet(1234.5, SUMMER, "00042", "http://x", None, True))))
    assert "<v>1234.5</v>" in found
    local = datetime(2026, 7, 15, 0, 30, tzinfo=UTC)
    day = (local - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)
    (serial,) = re.findall(r'<c r="A3" s="\d+"><v>([0-9.]+)</v>', found)
    assert float(serial) == pytest.approx(day)
    assert re.search(r'r="A4" t="inlineStr"><is><t>00042<', found), "leading zeros stay"
    assert "hyperlink" not in found
    assert 'r="A6"' not in found, "nothing for a missing value"


def test_rows_are_written_as_they_come() -> None:
    taken = 0

    def rows() -> Iterator[str]:
        nonlocal taken
        for n in range(20_000):
            taken = n
            yield "x" * 20

    pieces = to_csv(Sheet("x", [Field("a", str)], rows(), PARIS))
    next(pieces)
    assert taken < 5_000


def test_more_rows_than_a_sheet_holds_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.exports.MOST_ROWS", 2)
    with pytest.raises(ValueError, match="take the CSV"):
        list(to_xlsx(sheet("a", "b", "c")))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("État 2026.csv", "filename=\"Etat 2026.csv\"; filename*=UTF-8''%C3%89tat%202026.csv"),
        ('a"b\r\nX: y/..\\c.csv', "filename=\"a-b--X- y-..-c.csv\""),
        ("中.csv", "filename*=UTF-8''%E4%B8%AD.csv"),
    ],
)  # fmt: skip
def test_a_file_is_named_for_old_and_new_browsers(name: str, says: str) -> None:
    said = disposition(name)
    assert said.startswith("attachment; ")
    assert says in said
    assert said.isascii()
    assert said.isprintable()
