"""The paper of an invoice of the demonstration, as PDF/A-3 with its Factur-X data inside."""

from __future__ import annotations

import io
import logging
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import reportlab
from facturx import generate_from_binary
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.api import tokens
from plugins.factures.bill import Bill, Party, xml_of_bill
from plugins.factures.models import Kind

logging.getLogger("factur-x").setLevel(logging.WARNING)  # it tells of each file it makes

PLAIN, BOLD = "Vera", "VeraBd"
_LIGHT = tokens("light")
INK, SOFT, RULE, TINT, ACCENT, ON_ACCENT = (
    HexColor(_LIGHT[f"--ui-{name}"])
    for name in ("text-1", "text-2", "border", "sunken", "accent", "on-accent")
)
LEFT, RIGHT = 18 * mm, A4[0] - 18 * mm
PER_PAGE = 24
"""Lines of an invoice on a page."""


@lru_cache(maxsize=1)
def _fonts() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


def paper(bill: Bill) -> bytes:
    """Return an invoice as a PDF with its Factur-X data."""
    _fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1, initialFontName=PLAIN)
    canvas.setTitle(f"{_title(bill)} {bill.number}")
    pages = max(1, -(-len(bill.lines) // PER_PAGE))
    for page in range(pages):
        top = _head(canvas, bill) if page == 0 else A4[1] - 25 * mm
        top = _lines(canvas, bill, page, top)
        if page == pages - 1:
            _sums(canvas, bill, top)
        _foot(canvas, bill, page + 1, pages)
        canvas.showPage()
    canvas.save()
    made: bytes = generate_from_binary(
        out.getvalue(), xml_of_bill(bill), flavor="factur-x", level="en16931", check_xsd=False,
        lang="fr-FR", pdf_metadata={
            "author": bill.seller.name, "keywords": "Factur-X, facture",
            "title": f"{_title(bill)} {bill.number}", "subject": f"{bill.start:%m/%Y}",
        },
    )  # fmt: skip
    return made


def _title(bill: Bill) -> str:
    return "Facture" if bill.kind is Kind.INVOICE else "Avoir"


def _text(canvas: Any, x: float, y: float, text: str, *, size: float = 9, bold: bool = False,
          colour: Any = INK, right: bool = False) -> None:  # fmt: skip
    canvas.setFont(BOLD if bold else PLAIN, size)
    canvas.setFillColor(colour)
    (canvas.drawRightString if right else canvas.drawString)(x, y, text)


def _head(canvas: Any, bill: Bill) -> float:
    top = A4[1] - 22 * mm
    canvas.setFillColor(ACCENT)
    canvas.rect(LEFT, top - 3, 5 * mm, 5 * mm, stroke=0, fill=1)
    _text(canvas, LEFT + 8 * mm, top - 1, bill.seller.name, size=13, bold=True)
    _text(canvas, RIGHT, top, _title(bill), size=18, bold=True, colour=ACCENT, right=True)
    _text(canvas, RIGHT, top - 14, f"N° {bill.number}", size=10, right=True)
    _party(canvas, LEFT, top - 24 * mm, "Émise par", bill.seller)
    _party(canvas, LEFT + 92 * mm, top - 24 * mm, "Facturé à", bill.buyer)
    y = top - 56 * mm
    facts = [
        ("Date", f"{bill.issued:%d/%m/%Y}"), ("Échéance", f"{bill.due:%d/%m/%Y}"),
        ("Période", f"du {bill.start:%d/%m/%Y} au {bill.end:%d/%m/%Y}"),
        ("Votre commande", bill.order_reference or "–"),
    ]  # fmt: skip
    if bill.credited:
        facts[3] = ("Facture d’origine", bill.credited)
    for place, (name, value) in enumerate(facts):
        x = LEFT + (0, 30, 60, 130)[place] * mm
        _text(canvas, x, y, name, size=7.5, colour=SOFT)
        _text(canvas, x, y - 12, value, bold=True)
    bottom: float = y - 36
    return bottom


def _party(canvas: Any, x: float, y: float, head: str, party: Party) -> None:
    _text(canvas, x, y, head, size=7.5, colour=SOFT)
    for line in simpleSplit(party.name, BOLD, 10, 82 * mm)[:2]:
        _text(canvas, x, y - 13, line, size=10, bold=True)
        y -= 13
    y += 13
    said = (party.street, f"{party.postal_code} {party.town}", f"SIREN {party.siren}",
            f"TVA {party.vat_number}")  # fmt: skip
    for place, text in enumerate(said):
        _text(canvas, x, y - 26 - 12 * place, text)


def _lines(canvas: Any, bill: Bill, page: int, y: float) -> float:
    canvas.setFillColor(TINT)
    canvas.rect(LEFT, y - 6, RIGHT - LEFT, 18, stroke=0, fill=1)
    columns = (LEFT + 4, LEFT + 112 * mm, LEFT + 136 * mm, LEFT + 150 * mm, RIGHT - 4)
    heads = ("Désignation", "Quantité", "Prix HT", "TVA", "Montant HT")
    for place, (x, head) in enumerate(zip(columns, heads, strict=True)):
        _text(canvas, x, y, head, size=7.5, colour=SOFT, right=place > 0)
    for line in bill.lines[page * PER_PAGE : (page + 1) * PER_PAGE]:
        y -= 18
        cells = (line.label[:62], str(line.quantity), _money(line.price), f"{line.rate:.0f} %",
                 _money(line.net))  # fmt: skip
        for place, (x, cell) in enumerate(zip(columns, cells, strict=True)):
            _text(canvas, x, y, cell, size=8.5, right=place > 0)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.4)
        canvas.line(LEFT, y - 6, RIGHT, y - 6)
    return y - 24


def _sums(canvas: Any, bill: Bill, y: float) -> None:
    rows = [("Total HT", bill.net)]
    rows += [(f"TVA {rate:.0f} %", amount) for rate, _basis, amount in bill.vat_lines]
    for name, amount in rows:
        _text(canvas, RIGHT - 46 * mm, y, name, colour=SOFT, right=True)
        _text(canvas, RIGHT - 4, y, f"{_money(amount)} €", right=True)
        y -= 15
    canvas.setFillColor(ACCENT)
    canvas.rect(RIGHT - 84 * mm, y - 9, 84 * mm, 22, stroke=0, fill=1)
    word = "Total TTC" if bill.kind is Kind.INVOICE else "Total TTC à votre crédit"
    _text(canvas, RIGHT - 42 * mm, y - 2, word, bold=True, colour=ON_ACCENT, right=True)
    _text(canvas, RIGHT - 4, y - 2, f"{_money(bill.gross)} €", size=11, bold=True, colour=ON_ACCENT,
          right=True)  # fmt: skip
    if bill.kind is Kind.INVOICE:
        said = f"Virement sur le compte {bill.iban}, en rappelant {bill.number}."
        _text(canvas, LEFT, y - 42, said, size=7.5, colour=SOFT)
        late = "Pénalités de retard : trois fois le taux légal ; indemnité forfaitaire de 40 €."
        _text(canvas, LEFT, y - 53, late, size=7.5, colour=SOFT)


def _foot(canvas: Any, bill: Bill, page: int, pages: int) -> None:
    seller = bill.seller
    said = f"{seller.name} · SIREN {seller.siren} · {seller.vat_number} · document de démonstration"
    _text(canvas, LEFT, 14 * mm, said, size=7, colour=SOFT)
    _text(canvas, RIGHT, 14 * mm, f"{bill.number} · {page} / {pages}", size=7, colour=SOFT,
          right=True)  # fmt: skip


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")
