"""Tables, one page at a time: the server sorts, filters and counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from dash import Patch, html
from dash.development.base_component import Component

from core.formats import number
from core.i18n import _
from core.web.components.attributes import attributes
from core.web.components.frames import icon, push
from core.web.components.led import missing

R = TypeVar("R")


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column: ``cell(row)`` gives a text (cut with the whole on hover), a component or None.

    ``width`` is CSS; None shares what is left. ``link`` marks the column that holds the link of
    the row. ``sorted`` shows the arrow: ascending, or ``descending``; ``href`` is the address that
    sorts by this column, None for one that does not sort. Columns side by side of the same
    ``group`` stand under one head of that name.
    """

    header: str
    cell: Callable[[R], Any]
    width: str | None = None
    numeric: bool = False
    link: bool = False
    sorted: bool = False
    descending: bool = False
    href: str | None = None
    absent: str | None = None
    group: str = ""


@dataclass(frozen=True)
class Table(Generic[R]):
    """How rows are shown: columns on a wide screen, ``phone(row)`` on a narrow one.

    ``phone`` gives the mark, the title and one or two lines below it. ``href`` is the address a
    click leads to; ``scroll_to`` the id of what it opens. Rows of a ``tall`` one have two lines.
    """

    columns: Sequence[Column[R]]
    href: Callable[[R], str]
    phone: Callable[[R], tuple[Any, str, Sequence[str]]]
    label: str
    scroll_to: str | None = None
    tall: bool = False

    def row(self, item: R, *, selected: bool = False) -> Component:
        """Return one row."""
        href = self.href(item)
        cells = [self._cell(column, item, href) for column in self.columns]
        more = attributes(data_href=href, aria_selected="true" if selected else None)
        return html.Tr([*cells, self._folded(item, href)], **more)

    def rows(self, items: Sequence[R], selected: Callable[[R], bool]) -> list[Component]:
        return [self.row(item, selected=selected(item)) for item in items]

    def render(
        self, items: Sequence[R], selected: Callable[[R], bool] = lambda _: False
    ) -> Component:
        """Return the table, in a box that scrolls."""
        head = html.Thead(_heads(self.columns))
        body = html.Tbody(self.rows(items, selected), className="tall" if self.tall else None)
        caption = html.Caption(self.label, className="sr-only")
        table = html.Table(
            [caption, *_widths(self.columns), head, body],
            className="grid fold tight" if self.tall else "grid fold",
            style={"tableLayout": "fixed"},
        )
        return html.Div(table, className="scroll table-scroll")

    def place_cell(self, patch: Patch, index: int, item: R, place: int) -> None:
        """Put the cell of a column, with the mark and the first line of the row as a phone shows
        it, in the place of those of the row ``index``: the names and references stay.
        """
        body = 2 + len(_widths(self.columns))
        row = patch["props"]["children"]["props"]["children"][body]["props"]["children"][index]
        cells = row["props"]["children"]
        column = self.columns[place]
        cells[place] = self._cell(column, item, self.href(item) if column.link else "")
        folded = cells[len(self.columns)]["props"]["children"]
        sign, _title, lines = self.phone(item)
        folded[0]["props"]["children"][0] = sign
        folded[1]["props"]["children"] = _pieces(lines[0])

    def _cell(self, column: Column[R], item: R, href: str) -> Component:
        value = column.cell(item)
        text = value if isinstance(value, str) else None
        if value is None or value == "":
            value = missing(column.absent)
        elif column.link:
            value = push(value, href, scroll_to=self.scroll_to, className="row-link")
        names = ["num"] if column.numeric else []
        names += _edges(self.columns).get(id(column), [])
        css = attributes(title=text or None, className=" ".join(names) or None)
        return html.Td(value, **css)

    def _folded(self, item: R, href: str) -> Component:
        sign, title, lines = self.phone(item)
        name = push(html.B(title), href, scroll_to=self.scroll_to, className="row-link cut")
        first = html.Div([sign, name, html.Span(icon("right"), className="muted")], className="l1")
        rest = [
            html.Div(_pieces(line), className="l2 small" if i else "l2")
            for i, line in enumerate(lines)
            if line
        ]
        return html.Td([first, *rest], className="cell-phone")


@lru_cache(maxsize=1024)
def _pieces(line: str) -> list[Any]:
    """Return « a · b » so that it breaks between its pieces alone: never within a reference.

    Shared by the rows that say the same, so never altered.
    """
    shown: list[Any] = []
    for piece in line.split(" · "):
        shown += [" · "] if shown else []
        shown.append(html.Span(piece, className="piece"))
    return shown


def _widths(columns: Sequence[Column[Any]]) -> list[Component]:
    """Return the widths of columns, where heads in two lines cannot give them."""
    if not any(column.group for column in columns):
        return []
    cols = [html.Col(style={"width": column.width} if column.width else None) for column in columns]
    return [html.Colgroup(cols)]


def _edges(columns: Sequence[Column[Any]]) -> dict[int, list[str]]:
    """Return the classes of cells at the edges of groups of columns, by the column's identity."""
    found: dict[int, list[str]] = {}
    for before, column, after in zip((None, *columns), columns, (*columns[1:], None), strict=False):
        if column.group and (before is None or before.group != column.group):
            found.setdefault(id(column), []).append("group-first")
        if column.group and (after is None or after.group != column.group):
            found.setdefault(id(column), []).append("group-last")
    return found


def _heads(columns: Sequence[Column[Any]]) -> list[Component]:
    """Return the line of heads; two where columns are grouped."""
    edges = _edges(columns)
    if not edges:
        return [html.Tr([_header(column) for column in columns])]
    first: list[Component] = []
    second: list[Component] = []
    for column in columns:
        if not column.group:
            first.append(_header(column, rowSpan=2))
            continue
        css = edges.get(id(column), [])
        second.append(_header(column, css=css))
        if "group-first" in css:
            span = sum(other.group == column.group for other in columns)
            first.append(html.Th(column.group, colSpan=span, scope="colgroup", className="group"))
    return [html.Tr(first), html.Tr(second, className="head-2")]


def _header(column: Column[Any], *, css: Sequence[str] = (), **more: Any) -> Component:
    words: list[Any] = []
    for i, line in enumerate(column.header.split("\n")):
        words += [html.Br(), line] if i else [line]
    order = None
    if column.sorted:
        words += [" ", icon("down")]
        order = "descending" if column.descending else "ascending"
    style = {"width": column.width} if column.width else None
    names = " ".join([*css, *(["num"] if column.numeric else [])])
    head = attributes(style=style, className=names or None, aria_sort=order)
    shown: Any = push(words, column.href, className="sort") if column.href else words
    return html.Th(shown, scope="col", **head, **more)


def page_count(total: int, per_page: int) -> int:
    """Return how many pages hold ``total`` rows: one at least."""
    return max(1, -(-total // per_page))


def table_foot(
    total: int,
    page: int,
    per_page: int,
    href: Callable[[int], str],
    noun: str,
    *,
    merge: bool = False,
) -> Component:
    """Return « 1 – 25 sur 420 services » and the pages as links.

    With ``merge`` the parameters of ``href`` are added to those of the page.
    """
    first = (page - 1) * per_page + 1
    last = min(total, page * per_page)
    said = _(
        "%(first)s – %(last)s sur %(total)s %(noun)s",
        first=number(first if total else 0),
        last=number(last),
        total=number(total),
        noun=noun,
    )
    parts: list[Any] = [html.Span(said)]
    pages = page_count(total, per_page)
    if pages > 1:
        parts.append(
            html.Nav(
                html.Ul(_page_links(page, pages, href, merge=merge), className="pagination"),
                **attributes(aria_label=_("Pages")),
            )
        )
    return html.Div(parts, className="foot")


def _page_links(
    page: int, pages: int, href: Callable[[int], str], *, merge: bool
) -> list[Component]:
    near = {1, 2, page - 1, page, page + 1, pages} if pages > 7 else set(range(1, pages + 1))
    shown = sorted(n for n in near if 1 <= n <= pages)
    links: list[Component] = []
    for before, n in zip([0, *shown], shown, strict=False):
        if n - before > 1:
            links.append(
                html.Li(html.Span("…", className="page-link"), className="page-item disabled")
            )
        link = push(
            str(n),
            href(n),
            merge=merge,
            className="page-link",
            **attributes(
                aria_label=_("Page %(n)s", n=n), aria_current="page" if n == page else None
            ),
        )
        links.append(html.Li(link, className="page-item active" if n == page else "page-item"))
    return links
