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
    sorts by this column, None for one that does not sort.
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


@dataclass(frozen=True)
class Table(Generic[R]):
    """How rows are shown: columns on a wide screen, ``phone(row)`` on a narrow one.

    ``phone`` gives the mark, the title and one or two lines below it. ``href`` is the address a
    click leads to; ``scroll_to`` the id of what it opens.
    """

    columns: Sequence[Column[R]]
    href: Callable[[R], str]
    phone: Callable[[R], tuple[Any, str, Sequence[str]]]
    label: str
    scroll_to: str | None = None

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
        head = html.Thead(html.Tr([_header(column) for column in self.columns]))
        body = html.Tbody(self.rows(items, selected))
        table = html.Table(
            [html.Caption(self.label, className="sr-only"), head, body],
            className="grid fold",
            style={"tableLayout": "fixed"},
        )
        return html.Div(table, className="scroll table-scroll")

    def place_cell(self, patch: Patch, index: int, item: R, place: int) -> None:
        """Put the cell of a column, with the mark and the first line of the row as a phone shows
        it, in the place of those of the row ``index``: the names and references stay.
        """
        row = patch["props"]["children"]["props"]["children"][2]["props"]["children"][index]
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
        css = attributes(title=text or None, className="num" if column.numeric else None)
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


def _header(column: Column[Any]) -> Component:
    words: list[Any] = []
    for i, line in enumerate(column.header.split("\n")):
        words += [html.Br(), line] if i else [line]
    order = None
    if column.sorted:
        words += [" ", icon("down")]
        order = "descending" if column.descending else "ascending"
    style = {"width": column.width} if column.width else None
    css = attributes(style=style, className="num" if column.numeric else None, aria_sort=order)
    shown: Any = push(words, column.href, className="sort") if column.href else words
    return html.Th(shown, scope="col", **css)


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
