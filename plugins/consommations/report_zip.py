"""« Reporting graphique »: a ZIP of pages that open from a disk, without network nor script."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from sqlalchemy import select

from core.api import (
    ClassSeries,
    ClassVolume,
    Context,
    Direction,
    Run,
    TrafficClass,
    _,
    formats,
    tokens,
)
from plugins.consommations.qos import nested
from plugins.consommations.queries import role_name
from plugins.consommations.report_book import Book
from plugins.consommations.report_markup import Markup, el
from plugins.consommations.report_pictures import (
    CLASS_POINTS,
    POINTS,
    class_picture,
    nothing_measured,
    traffic_picture,
)
from plugins.consommations.reporting import Asked, Line, accesses, figures

STYLE = Path(__file__).parent / "data" / "report.css"
_FIGURES = 0.1
"""The share of the work that reading the figures is; the rest is drawing."""


def write_zip(ctx: Context, run: Run, asked: Asked) -> None:
    """Write the report of a month: an index by company and site, a page a link.

    One page at a time goes to the file. Names of members are a number and what letters and
    digits the reference has: those of sites are nobody's file names.
    """
    found = accesses(ctx, asked)
    run.facts["links"] = len(found)
    lines = list(figures(ctx, run, asked, found, _FIGURES))
    names = [_member(n, line) for n, line in enumerate(lines, start=1)]
    book = Book(run.brand, asked)
    with zipfile.ZipFile(run.file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(asked, "style.css"), style())
        if run.brand.logo:
            archive.writestr(_entry(asked, book.logo), run.brand.logo)
        with archive.open(_entry(asked, "index.html"), "w") as page:
            for piece in _index(book, lines, names):
                page.write(piece.encode())
        classes = _classes(ctx)
        for n, (line, name) in enumerate(zip(lines, names, strict=True)):
            around = (names[n - 1] if n else None, names[n + 1] if n + 1 < len(names) else None)
            page_of = _page(ctx, book, line, classes.get(line.access.link.id, []), around)
            archive.writestr(_entry(asked, name), page_of)
            run.progress(_FIGURES + (1 - _FIGURES) * (n + 1) / len(lines))


def style() -> str:
    """Return the style sheet: the tokens of both themes, then what pages are made of."""
    light, dark = (
        "".join(f"{name}:{value};" for name, value in tokens(theme).items() if "--ui" in name)
        for theme in ("light", "dark")
    )
    themes = f":root{{color-scheme:light;{light}}}\n"
    themes += f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}"
    return f"{themes}\n{STYLE.read_text(encoding='utf-8')}"


def _member(number: int, line: Line) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", line.access.link.reference)[:40].strip("-")
    return f"liaisons/{number:05}-{plain}.html" if plain else f"liaisons/{number:05}.html"


def _entry(asked: Asked, name: str) -> zipfile.ZipInfo:
    """Return the entry of a member, made when the measures were read."""
    entry = zipfile.ZipInfo(name, asked.at.astimezone(asked.zone).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _classes(ctx: Context) -> Mapping[int, list[TrafficClass]]:
    """Return the classes of service of the user's links, by link id."""
    made: dict[int, list[TrafficClass]] = {}
    for one in ctx.db.all(select(TrafficClass).order_by(TrafficClass.id)):
        made.setdefault(one.link_id, []).append(one)
    return made


# -- the index


def _index(book: Book, lines: Sequence[Line], names: Sequence[str]) -> Iterator[str]:
    """Yield the index in pieces: a table a company, the links of a site together."""
    title = _("Reporting graphique %(month)s", month=book.asked.month.label)
    yield book.top(title, "")
    sites = len({(line.access.company, line.access.site) for line in lines})
    said = _(
        "%(links)s liaisons sur %(sites)s sites · %(period)s",
        links=formats.number(len(lines)),
        sites=formats.number(sites),
        period=book.period(),
    )
    yield el("h1", title)
    yield el("p", said, class_="sub")
    pairs = zip(lines, names, strict=True)
    for company, some in groupby(pairs, key=lambda pair: pair[0].access.company):
        theirs = list(some)
        yield el("h2", company)
        name_of = _("Liaisons de %(company)s", company=company)
        # One that is wider than its place scrolls, by the keyboard too.
        label = str(el("div", tabindex=0, role="region", aria_label=name_of, class_="wide"))
        yield f"{label.removesuffix('</div>')}<table>"
        yield el("caption", name_of, class_="hidden")
        yield _index_head()
        yield "<tbody>"
        for site, of_site in groupby(theirs, key=lambda pair: pair[0].access.site):
            for n, (line, name) in enumerate(of_site):
                yield _index_row(site if n == 0 else "", line, name)
        yield "</tbody>"
        yield _index_foot([line for line, _name in theirs])
        yield "</table></div>"
    yield book.bottom()


def _index_head() -> Markup:
    numbers = (
        _("Volume entrant"), _("Volume sortant"), _("Moyenne entrante"), _("Moyenne sortante"),
        _("95e centile"), _("Mesures"),
    )  # fmt: skip
    texts = (_("Site"), _("Liaison"), _("Désignation"))
    return el(
        "thead",
        el(
            "tr",
            [el("th", text, scope="col") for text in texts],
            [el("th", number, scope="col", class_="num") for number in numbers],
        ),
    )


def _index_row(site: str, line: Line, name: str) -> Markup:
    link, report = line.access.link, line.report
    volumes = [report.in_octets, report.out_octets] if line.measured else [None, None]
    cells = [
        *(formats.octets(value) for value in volumes),
        formats.rate(report.in_mean_bps),
        formats.rate(report.out_mean_bps),
        formats.rate(line.p95),
        formats.percent(line.coverage),
    ]
    commune = line.access.commune
    return el(
        "tr",
        el("th", site, el("small", commune) if site and commune else None, scope="row"),
        el("td", el("a", link.reference, href=name), el("small", role_name(link))),
        el("td", link.designation, class_="cut", title=link.designation),
        [el("td", cell, class_="num") for cell in cells],
    )


def _index_foot(lines: Sequence[Line]) -> Markup:
    """Return the sums of a company: octets add up, rates and percentiles of links do not."""
    sums = (sum(one.report.in_octets for one in lines), sum(one.report.out_octets for one in lines))
    return el(
        "tfoot",
        el(
            "tr",
            el("th", _("Total de la société"), colspan=3, scope="row"),
            [el("td", formats.octets(value), class_="num") for value in sums],
            el("td", colspan=4),
        ),
    )


# -- the page of a link


def _page(
    ctx: Context,
    book: Book,
    line: Line,
    classes: Sequence[TrafficClass],
    around: tuple[str | None, str | None],
) -> str:
    link, access, asked = line.access.link, line.access, line.asked
    title = _("Trafic sur le lien %(reference)s", reference=link.reference)
    where = (access.company, access.site, access.commune, link.designation, role_name(link))
    parts = [el("h1", title), el("p", " · ".join(part for part in where if part), class_="sub")]
    if line.measured:
        series = ctx.metrics.series(link, asked.start, asked.end, points=POINTS)
        every = formats.number(series.step // 60)
        said = _("débit en bps, moyennes de %(n)s minutes", n=every)
        picture, drawn = traffic_picture(
            series, asked.zone, line.p95, link.contract_in_bps, f"{title}, {book.period()}"
        )
        parts.append(el("figure", book.legend(said, drawn), picture, tabindex=0))
    else:
        parts.append(nothing_measured())
    parts.append(book.figures(line))
    names = {Direction.OUT: _("sortant"), Direction.IN: _("entrant")}
    for way, name in names.items():
        mine = [one for one in classes if one.direction is way]
        if mine:
            parts += _classes_of(ctx, book, asked, mine, name)
    parts.append(book.explained())
    return "".join([book.top(title, "../", around), *parts, book.bottom()])


def _classes_of(
    ctx: Context, book: Book, asked: Asked, classes: Sequence[TrafficClass], way: str
) -> list[Markup]:
    """Return the classes of a direction: stacked, then as a table in the order of the policy."""
    volumes: Mapping[int, ClassVolume] = ctx.metrics.class_volumes(classes, asked.start, asked.end)
    if not volumes:
        return []
    series: Mapping[int, ClassSeries] = ctx.metrics.class_series(
        classes, asked.start, asked.end, points=CLASS_POINTS
    )
    rows = nested(classes, series)
    leaves = [(row.colour, row.series) for row in rows if row.colour]
    label = _("Débit émis par classe, %(way)s", way=way)
    picture = class_picture(leaves, asked.zone, label)
    ids = {id(series[one.id]): one.id for one in classes}
    table = book.classes([(row, volumes.get(ids[id(row.series)])) for row in rows], way)
    return [
        el("h2", _("Classes de service, %(way)s", way=way)),
        *([el("figure", picture, tabindex=0)] if picture else []),
        table,
    ]
