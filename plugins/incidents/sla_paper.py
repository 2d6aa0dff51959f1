"""The sheet of commitments as a PDF: every link, then each interval that makes up its figures.

Drawn line by line on A4 lying down; what is drawn is known before the first page is, so that each
page says of how many it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.api import Context, _, formats, tokens
from plugins.incidents.hours import Span
from plugins.incidents.months import LinkFigures, measured, sheet_of
from plugins.incidents.sla import Counted, Part
from plugins.incidents.words import PARTS, hours, terms

PLAIN, BOLD = "Vera", "VeraBd"
SIZE = landscape(A4)
LEFT, RIGHT = 14 * mm, SIZE[0] - 14 * mm
TOP, BOTTOM = SIZE[1] - 16 * mm, 18 * mm
ROW, PLAIN_SIZE, SMALL = 22.0, 8.0, 6.8
_LIGHT = tokens("light")
INK, SOFT, RULE, TINT, ACCENT, BAD, GOOD = (
    HexColor(_LIGHT[f"--ui-{name}"])
    for name in ("text-1", "text-2", "border", "sunken", "accent", "down-text", "up-text")
)
PRECISION = 3
"""Decimals of an availability in percent, as on the page."""


@dataclass(frozen=True, slots=True)
class Col:
    """A column: its head, where it ends on the right or begins on the left (mm), its side."""

    head: str
    at: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Something to draw that is not cut: its height in points; ``head`` is drawn again above it
    when it begins a page.
    """

    height: float
    draw: Callable[[Any, float], None]
    head: Block | None = None


def paper(ctx: Context, title: str, period: Span) -> bytes:
    """Return the sheet of every link of the scope as a PDF; ``title`` is its period in words."""
    rows = sheet_of(ctx, period)
    technical = measured(ctx, [row.id for row in rows], period)
    _fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=SIZE, pageCompression=1, initialFontName=PLAIN)
    canvas.setTitle(_plain(" · ".join([_("Engagements de service"), title])))
    canvas.setAuthor(_plain(ctx.operator))
    pages = list(_pages([*_summary(ctx, title, rows, technical), *_proofs(ctx, rows), _notes()]))
    for number, blocks in enumerate(pages, start=1):
        y = TOP
        for block in blocks:
            block.draw(canvas, y)
            y -= block.height
        _foot(canvas, ctx, title, number, len(pages))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@lru_cache(maxsize=1)
def _fonts() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


def _pages(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yield the blocks of each page; a head never stands alone at the foot of one."""
    page: list[Block] = []
    left = TOP - BOTTOM
    for place, block in enumerate(blocks):
        after = blocks[place + 1] if place + 1 < len(blocks) else None
        needed = block.height + (after.height if after and after.head is block else 0)
        if page and needed > left:
            yield page
            page, left = [], TOP - BOTTOM
            if block.head is not None:
                page, left = [block.head], left - block.head.height
        page.append(block)
        left -= block.height
    if page:
        yield page


def _plain(text: str) -> str:
    """Return a text with the signs that the font has."""
    return text.replace(formats.SPACE, "\N{NO-BREAK SPACE}")


def _text(
    canvas: Any, x: float, y: float, text: str, *, size: float = PLAIN_SIZE, bold: bool = False,
    colour: Any = INK, right: bool = False, width: float = 0,
) -> None:  # fmt: skip
    font, text = BOLD if bold else PLAIN, _plain(text)
    if width:
        text = _cut(text, font, size, width)
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    (canvas.drawRightString if right else canvas.drawString)(x, y, text)


@lru_cache(maxsize=4096)
def _cut(text: str, font: str, size: float, width: float) -> str:
    """Return a text that fits into a width in points, with « … » in place of what does not."""
    if pdfmetrics.stringWidth(text, font, size) <= width:
        return text
    while text and pdfmetrics.stringWidth(f"{text}…", font, size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _rule(canvas: Any, y: float) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.4)
    canvas.line(LEFT, y, RIGHT, y)


def _heads(columns: Sequence[Col]) -> Block:
    def draw(canvas: Any, y: float) -> None:
        canvas.setFillColor(TINT)
        canvas.rect(LEFT, y - 16, RIGHT - LEFT, 16, stroke=0, fill=1)
        for col in columns:
            _text(canvas, col.at * mm, y - 11, col.head, size=SMALL, colour=SOFT, right=col.right)

    return Block(16, draw)


def _summary(
    ctx: Context, title: str, rows: Sequence[LinkFigures], technical: Mapping[int, float | None]
) -> Iterator[Block]:
    """Yield the head of the sheet, its counters, then a line for each link."""

    def head(canvas: Any, y: float) -> None:
        canvas.setFillColor(ACCENT)
        canvas.rect(LEFT, y - 13, 5 * mm, 5 * mm, stroke=0, fill=1)
        _text(canvas, LEFT + 8 * mm, y - 11, ctx.operator, size=12, bold=True)
        _text(canvas, RIGHT, y - 11, _("Engagements de service"), size=16, bold=True,
              colour=ACCENT, right=True)  # fmt: skip
        _text(canvas, RIGHT, y - 27, title, size=11, right=True)
        companies = ", ".join(sorted({row.company for row in rows}))
        _text(canvas, LEFT, y - 38, companies, size=9, width=170 * mm)
        at = formats.moment(ctx.now, ctx.zone)[:-3]
        _text(canvas, RIGHT, y - 41, _("d’après les tickets connus le %(at)s", at=at), size=SMALL,
              colour=SOFT, right=True)  # fmt: skip

    yield Block(56, head)
    yield Block(46, lambda canvas, y: _counters(canvas, y, rows))
    columns = (
        Col(_("Site / N° de référence (CLS)"), 16), Col(_("Contrat"), 98),
        Col(_("Incidents"), 157, right=True), Col(_("Plus long"), 176, right=True),
        Col(_("Interruption"), 197, right=True), Col(_("Disponibilité"), 218, right=True),
        Col(_("Engagement"), 238, right=True), Col(_("Pénalité"), 253, right=True),
        Col(_("Mesurée (technique)"), 281, right=True),
    )  # fmt: skip
    heads = _heads(columns)
    yield heads
    for row in rows:
        told = partial(_line, columns=columns, row=row, technical=technical.get(row.id))
        yield Block(ROW, told, heads)


def _counters(canvas: Any, y: float, rows: Sequence[LinkFigures]) -> None:
    late = sum(row.figures.late for row in rows)
    missed = sum(row.figures.availability < row.profile.target for row in rows)
    told = (
        (len(rows), _("liaisons"), INK),
        (sum(row.figures.incidents for row in rows), _("incidents"), INK),
        (late, _("GTR dépassées"), BAD if late else INK),
        (missed, _("disponibilités sous l’engagement"), BAD if missed else INK),
    )
    width = (RIGHT - LEFT) / len(told)
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.6)
    canvas.roundRect(LEFT, y - 36, RIGHT - LEFT, 36, 4, stroke=1, fill=0)
    for place, (count, label, colour) in enumerate(told):
        x = LEFT + place * width
        if place:
            canvas.line(x, y - 36, x, y)
        _text(canvas, x + 9, y - 18, formats.number(count), size=14, bold=True, colour=colour)
        _text(canvas, x + 9, y - 29, label, size=SMALL, colour=SOFT)


def _line(
    canvas: Any, y: float, columns: Sequence[Col], row: LinkFigures, technical: float | None
) -> None:
    told = row.figures
    low = told.availability < row.profile.target
    _text(canvas, columns[0].at * mm, y - 10, row.site, bold=True, width=79 * mm)
    _text(canvas, columns[0].at * mm, y - 18, f"{row.reference} · {row.designation}", size=SMALL,
          colour=SOFT, width=79 * mm)  # fmt: skip
    _text(canvas, columns[1].at * mm, y - 13, _(row.profile.label), width=46 * mm)
    cells: tuple[tuple[str, bool], ...] = (
        (str(told.incidents), False),
        (hours(told.longest) if told.incidents else "–", bool(told.late)),
        (hours(told.down), False),
        (formats.percent(told.availability, PRECISION), low),
        (formats.percent(row.profile.target, 2), False),
        (formats.percent(told.penalty, 0) if told.penalty else "–", bool(told.penalty)),
        (formats.percent(technical, PRECISION), False),
    )
    for col, (text, bad) in zip(columns[2:], cells, strict=True):
        colour = BAD if bad else INK
        _text(canvas, col.at * mm, y - 13, text, bold=bad, colour=colour, right=True)
    _rule(canvas, y - ROW)


def _proofs(ctx: Context, rows: Sequence[LinkFigures]) -> Iterator[Block]:
    """Yield the intervals of each link that has any, under a head of its own."""
    if not any(row.figures.evidence for row in rows):
        return

    def title(canvas: Any, y: float) -> None:
        _text(canvas, LEFT, y - 26, _("Intervalles"), size=13, bold=True, colour=ACCENT)

    yield Block(36, title)
    for row in rows:
        if row.figures.evidence:
            head = _link_head(row)
            yield head
            for part in row.figures.evidence:
                yield Block(13, partial(_interval, ctx=ctx, part=part), head)
            yield Block(9, lambda _canvas, _y: None)


def _link_head(row: LinkFigures) -> Block:
    told = row.figures
    said = [
        _("%(done)s interrompues sur %(all)s de service", done=hours(told.down),
          all=hours(told.service)),
        _("disponibilité %(share)s", share=formats.percent(told.availability, PRECISION)),
    ]  # fmt: skip

    def draw(canvas: Any, y: float) -> None:
        canvas.setFillColor(TINT)
        canvas.rect(LEFT, y - 27, RIGHT - LEFT, 27, stroke=0, fill=1)
        name = f"{row.reference} · {row.site} · {_(row.profile.label)}"
        _text(canvas, LEFT + 6, y - 11, name, bold=True, width=220 * mm)
        _text(canvas, LEFT + 6, y - 21, " · ".join(said), size=SMALL, colour=SOFT)
        words, colour = (_("tenu"), GOOD) if row.met else (_("manqué"), BAD)
        _text(canvas, RIGHT - 6, y - 16, words, bold=True, colour=colour, right=True)

    return Block(27, draw)


def _interval(canvas: Any, y: float, ctx: Context, part: Part) -> None:
    start, end = (formats.moment(at, ctx.zone) for at in (part.start, part.end))
    counts = part.what is Counted.RUNNING
    _text(canvas, LEFT + 6, y - 9, f"{start} – {end}")
    _text(canvas, 110 * mm, y - 9, _("Ticket %(n)s", n=part.number), width=50 * mm)
    _text(canvas, 165 * mm, y - 9, _(PARTS[part.what]), colour=BAD if counts else SOFT)
    _text(canvas, RIGHT - 6, y - 9, hours(part.end - part.start), bold=counts, right=True)
    _rule(canvas, y - 13)


def _notes() -> Block:
    lines = [x for t in terms() for x in simpleSplit(_plain(t), PLAIN, SMALL, RIGHT - LEFT)]

    def draw(canvas: Any, y: float) -> None:
        for place, line in enumerate(lines):
            _text(canvas, LEFT, y - 18 - 9 * place, line, size=SMALL, colour=SOFT)

    return Block(20 + 9 * len(lines), draw)


def _foot(canvas: Any, ctx: Context, title: str, page: int, pages: int) -> None:
    said = " · ".join([ctx.operator, _("Engagements de service"), title])
    _text(canvas, LEFT, 10 * mm, said, size=SMALL, colour=SOFT)
    _text(canvas, RIGHT, 10 * mm, f"{page} / {pages}", size=SMALL, colour=SOFT, right=True)
