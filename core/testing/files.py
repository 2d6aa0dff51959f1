"""Files that a download gave, as a test reads them."""

from __future__ import annotations

import csv
import io
import zipfile

from core.exports import BOM


def text_inside(data: bytes) -> str:
    """Return every text in an answer: its own, or that of each member of a ZIP (XLSX is one)."""
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def csv_rows(data: bytes) -> list[list[str]]:
    """Return the rows of a CSV file of ours, head included; fails without the mark of UTF-8."""
    text = data.decode()
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
