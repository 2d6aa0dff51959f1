"""A plain page of words as a PDF: what the file of a month says of the invoices it lacks."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

LEFT, TOP, BOTTOM, WIDTH, LINE = 20 * mm, A4[1] - 28 * mm, 20 * mm, A4[0] - 40 * mm, 15
FONT, BOLD = "Helvetica", "Helvetica-Bold"
"""Every reader has them: they hold the letters of Western Europe."""


def plain_page(title: str, lines: Sequence[str]) -> bytes:
    """Return a PDF of a title and lines, on as many pages as it takes."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1)
    canvas.setTitle(title)
    canvas.setFont(BOLD, 15)
    canvas.drawString(LEFT, TOP, title)
    y: float = TOP - 2 * LINE
    canvas.setFont(FONT, 10)
    for line in lines:
        for part in simpleSplit(line, FONT, 10, WIDTH) or [""]:
            if y < BOTTOM:
                canvas.showPage()
                canvas.setFont(FONT, 10)
                y = TOP
            canvas.drawString(LEFT, y, part)
            y -= LINE
    canvas.save()
    return out.getvalue()
