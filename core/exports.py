"""What a table gives to Excel and to machines: CSV as the French Excel reads it, CSV as RFC 4180
has it, and XLSX.

An export holds what is filtered, in the order it is sorted in. A formula that came in with
somebody's text stays text; numbers stay numbers, and references keep their leading zeros.
"""

from __future__ import annotations

import csv
import io
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook

R = TypeVar("R")

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What the text of a cell starts with when a spreadsheet would run it."""
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
MOST_ROWS = 1_048_575
"""Rows of a sheet of Excel, without its head."""
_LONGEST = 32_767  # characters of a cell of Excel
_PIECE = 64 * 1024
_EPOCH_DAYS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Field(Generic[R]):
    """A column of an export: its French label as on the page, and ``value(row)``.

    A text stays text; int, float and Decimal are numbers; a datetime (aware) and a date are
    dates; a timedelta is a duration in days of Excel; None, and a number that is none, is empty.
    ``width`` is in characters.
    """

    header: str
    value: Callable[[R], Any]
    width: int = 16

    @property
    def label(self) -> str:
        """The label in one line."""
        return self.header.replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[R]):
    """A table to be exported: the name of its file, its columns, its rows, read once.

    Times are written in ``zone``.
    """

    name: str
    fields: Sequence[Field[R]]
    rows: Iterable[R]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is no table: its whole name, its type (RFC 6838) and what is in it, whole or in
    pieces. One that is ``shown`` is for a frame of our own page, and not saved.
    """

    name: str
    mimetype: str
    body: bytes | Iterable[bytes]
    shown: bool = False


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: « =1+1 » becomes « '=1+1 »."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain_text(text: str) -> str:
    """Return what ``safe_text`` was given: what an import reads."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def to_csv(sheet: Sheet[Any]) -> Iterator[bytes]:
    """Yield a CSV file in pieces: UTF-8 with its mark, « ; », decimal comma, jj/mm/aaaa hh:mm."""
    return _pieces(sheet, ";", BOM, _written)


def to_rfc4180(sheet: Sheet[Any]) -> Iterator[bytes]:
    """Yield a CSV file for machines, in pieces: RFC 4180 in UTF-8, decimal point, ISO 8601."""
    return _pieces(sheet, ",", "", _plainly)


def _pieces(
    sheet: Sheet[Any], separator: str, start: str, written: Callable[[Any, ZoneInfo], str]
) -> Iterator[bytes]:
    out = io.StringIO(newline="")
    out.write(start)
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([safe_text(field.label) for field in sheet.fields])
    for row in sheet.rows:
        writer.writerow([written(field.value(row), sheet.zone) for field in sheet.fields])
        if out.tell() >= _PIECE:
            yield _drained(out)
    yield _drained(out)


def _drained(out: io.StringIO) -> bytes:
    said = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return said


def _written(value: Any, zone: ZoneInfo) -> str:
    if value is None or _is_no_number(value):
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float | Decimal):
        return format(value, "f" if isinstance(value, Decimal) else "").replace(".", ",")
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, timedelta):
        return _hours(value)
    return safe_text(str(value))


def _plainly(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    said = _written(value, zone)
    return said.replace(",", ".") if isinstance(value, int | float | Decimal) else said


def _hours(length: timedelta) -> str:
    """Return « 26:21:19 », which Excel reads as a duration."""
    seconds = int(length.total_seconds())
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def _is_no_number(value: Any) -> bool:
    return isinstance(value, float | Decimal) and not math.isfinite(value)


def to_xlsx(sheet: Sheet[Any]) -> Iterator[bytes]:
    """Yield an XLSX file in pieces. Its rows go to a temporary file as they come.

    Raises ``ValueError`` when there are more of them than a sheet of Excel can hold.
    """
    with tempfile.TemporaryFile() as file:
        options = {
            "constant_memory": True,
            # Cells are typed below; nothing is guessed from a text.
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        with Workbook(file, options) as book:
            _fill(book, sheet)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _fill(book: Any, sheet: Sheet[Any]) -> None:
    page = book.add_worksheet()
    bold = book.add_format({"bold": True})
    forms = {
        datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
        timedelta: book.add_format({"num_format": "[h]:mm:ss"}),
    }
    for place, field in enumerate(sheet.fields):
        page.set_column(place, place, field.width)
        page.write_string(0, place, field.label, bold)
    page.freeze_panes(1, 0)
    for line, row in enumerate(sheet.rows, start=1):
        if line > MOST_ROWS:
            raise ValueError("more rows than a sheet of Excel can hold: take the CSV")
        for place, field in enumerate(sheet.fields):
            _put(page, line, place, field.value(row), sheet.zone, forms)


def _put(page: Any, line: int, place: int, value: Any, zone: ZoneInfo, forms: Any) -> None:
    if value is None or _is_no_number(value):
        return
    if isinstance(value, bool):
        page.write_boolean(line, place, value)
    elif isinstance(value, int | float | Decimal):
        page.write_number(line, place, value)
    elif isinstance(value, datetime):
        local = value.astimezone(zone).replace(tzinfo=None)
        page.write_datetime(line, place, local, forms[datetime])
    elif isinstance(value, date):
        page.write_datetime(line, place, value, forms[date])
    elif isinstance(value, timedelta):
        page.write_number(line, place, value / _EPOCH_DAYS, forms[timedelta])
    else:
        page.write_string(line, place, str(value)[:_LONGEST])


KINDS: dict[str, tuple[str, Callable[[Sheet[Any]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", to_csv),
    "rfc4180.csv": ("text/csv; charset=utf-8; header=present", to_rfc4180),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
}
"""What a table can be downloaded as: the end of the address, its type, what writes it."""
