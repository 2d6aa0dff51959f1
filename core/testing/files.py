"""Files that a download gave, as a test reads them."""

from __future__ import annotations

import csv
import io
import zipfile

from pypdf import PdfReader

from core.exports import BOM


def text_inside(data: bytes) -> str:
    """Return every text in an answer: its own, that of each member of a ZIP (XLSX is one), that of
    the pages, bookmarks and attachments of a PDF.
    """
    if data.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(data))
        marks = [str(mark.title) for mark in reader.outline if not isinstance(mark, list)]
        inside = [bytes(one.content).decode(errors="replace") for one in reader.attachment_list]
        pages = [page.extract_text() for page in reader.pages]
        return "\n".join([data.decode(errors="replace"), *marks, *inside, *pages])
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(text_inside(archive.read(name)) for name in archive.namelist())


def csv_rows(data: bytes) -> list[list[str]]:
    """Return the rows of a CSV file of ours, head included; fails without the mark of UTF-8."""
    text = data.decode()
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
