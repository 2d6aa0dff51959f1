"""Files as back offices make them, and as attackers do."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)


def csv_file(path: Path, *lines: str, encoding: str = "utf-8", end: str = "\r\n") -> Path:
    """Write a CSV file as it stands."""
    path.write_bytes("".join(f"{line}{end}" for line in lines).encode(encoding))
    return path


def book(path: Path, rows: list[list[Any]]) -> Path:
    """Write a workbook as Excel would."""
    with Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm"}) as made:
        page = made.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return path


def raw_book(path: Path, sheet: str, more: dict[str, bytes | str] | None = None) -> Path:
    """Write a workbook whose sheet is the given XML, with other members beside."""
    parts: dict[str, bytes | str] = {
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELS,
        "xl/worksheets/sheet1.xml": sheet,
        **(more or {}),
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    path.write_bytes(held.getvalue())
    return path
