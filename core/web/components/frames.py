"""The plain pieces of a page: heads, cards, chips, notes, empty and broken states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dash_bootstrap_components as dbc
from dash import Patch, dcc, html
from dash.development.base_component import Component

from core.formats import number
from core.i18n import _
from core.web.components.attributes import attributes


def icon(name: str) -> Component:
    """Return an icon of ``assets/30-icons.css``, silent for a screen reader."""
    return html.I(className=f"i i-{name}", **attributes(aria_hidden="true"))


def push(
    children: Any, href: str, *, scroll_to: str | None = None, merge: bool = False, **more: Any
) -> Component:
    """Return a link that changes the address without loading the page again, nor scrolling it.

    The element ``scroll_to`` is brought into view when less than half of it shows. With ``merge``
    the parameters of ``href`` are added to those of the page, whatever they have become. The
    page's callback on ``Input("host-url", "search")`` answers; without scripts it is an ordinary
    link.
    """
    return html.A(
        children,
        href=href,
        **attributes(data_push=scroll_to or "", data_merge="" if merge else None),
        **more,
    )


def go_to(href: str) -> Component:
    """Return what puts another address in the place of the page's, once it stands there: a form
    that is done leaves the address that opened it.
    """
    return html.Span(hidden=True, **attributes(data_go=href))


def page_head(title: str, sub: Any = None, actions: Sequence[Any] = ()) -> Component:
    """Return the head of a page: its title, a line below it, what stands on the right."""
    words: list[Component] = [html.H1(title)]
    if sub is not None:
        words.append(html.Div(sub, className="sub"))
    right = [html.Div(list(actions), className="actions")] if actions else []
    return html.Div([html.Div(words), *right], className="page-head")


def card(children: Any, *, title: str | None = None, more: Any = None, width: int = 0) -> Component:
    """Return a card; ``width`` is a number of the twelve columns of ``.cards`` (4 to 8)."""
    head = []
    if title is not None:
        head = [html.Div([html.H2(title), more or ""], className="card-title-row")]
    span = f" s-{width}" if width else ""
    body = children if isinstance(children, list | tuple) else [children]
    return html.Section([*head, *body], className=f"card card-flush{span}")


def empty_state(icon_name: str, title: str, text: Any, action: Any = None) -> Component:
    """Return what stands where there is nothing: what will be here, when, one thing to do."""
    parts = [icon(icon_name), html.Strong(title), html.P(text)]
    return html.Div([*parts, *([action] if action is not None else [])], className="empty")


def error_card(reference: str) -> Component:
    """Return what stands in the place of a part that failed, with the reference to give."""
    return html.Section(error_body(reference), className="card", role="alert")


def error_body(reference: str) -> Component:
    """Return the same for a card that stands already."""
    return html.Div(
        [
            icon("warn"),
            html.Strong(_("Cette rubrique ne répond pas")),
            html.P(
                [
                    _("Les autres rubriques fonctionnent. Référence à donner au support :"),
                    " ",
                    html.B(reference),
                ]
            ),
            html.A([icon("refresh"), _("Réessayer")], href="", className="btn btn-secondary"),
        ],
        className="empty",
    )


def export_menu(href: Callable[[str], str]) -> Component:
    """Return « Exporter », which opens on CSV and Excel; ``href("csv")`` is an address."""
    kinds = (
        ("csv", "CSV", _("pour Excel en français")),
        ("xlsx", "Excel", _("avec de vrais nombres et de vraies dates")),
        ("rfc4180.csv", "CSV (RFC 4180)", _("virgules, dates ISO : pour un autre logiciel")),
    )
    links = [
        html.Li(html.A([html.B(name), html.Span(what)], href=href(kind)))
        for kind, name, what in kinds
    ]
    button = html.Summary([icon("download"), _("Exporter")], className="btn btn-secondary")
    return html.Details([button, html.Ul(links)], className="drop")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter with its counter; ``short`` is what a phone shows of the label, or in its place."""

    label: str
    count: int
    href: str
    current: bool = False
    mark: Any = None
    short: str | None = None


def chips(items: Sequence[Chip], label: str) -> Component:
    """Return filters side by side; each is a link, so the filter stands in the address."""
    shown = []
    for item in items:
        text = _for_width(item.label, item.short or item.label)
        mark = [item.mark] if item.mark is not None else []
        content = [*mark, text, " ", html.B(number(item.count))]
        current = attributes(aria_current="true" if item.current else None)
        shown.append(push(content, item.href, className="chip", **current))
    return html.Div(shown, className="chips by-2", role="group", **attributes(aria_label=label))


def _for_width(label: str, short: str) -> Any:
    """Return a label of which a phone shows ``short``: its beginning, or other words."""
    if label == short:
        return label
    if label.startswith(short):
        return html.Span([short, html.Span(label.removeprefix(short), className="hide-phone")])
    return html.Span(
        [html.Span(label, className="hide-phone"), html.Span(short, className="only-phone")]
    )


def place_count(patch: Patch, index: int, count: int) -> None:
    """Put a counter in the place of the one of the ``index``-th of ``chips``, in a ``Patch``."""
    patch["props"]["children"][index]["props"]["children"][-1]["props"]["children"] = number(count)


def search_form(value: str, placeholder: str, label: str, *, id: str) -> Component:
    """Return a field whose words go to ``?q=`` of the address as one types."""
    field = dbc.Input(
        id=id,
        name="q",
        type="search",
        value=value,
        placeholder=placeholder,
        autocomplete="off",
        maxlength=80,
    )
    name = html.Label(label, htmlFor=id, className="sr-only")
    return html.Form(
        [icon("search"), name, field], className="find", role="search", **attributes(data_filter="")
    )


def sort_form(options: Mapping[str, str], value: str, label: str, *, id: str) -> Component:
    """Return a choice of the order of a table, {word of ``?tri=``: label}, which a narrow screen
    shows in place of the heads that sort. The word of the order by default is empty.
    """
    # dbc.Select shows an empty value as no choice at all.
    choices = [
        html.Option(text, value=key, selected="selected" if key == value else None)
        for key, text in options.items()
    ]
    field = html.Select(choices, id=id, name="tri", className="form-select")
    return html.Form(
        [html.Label(label, htmlFor=id, className="soft small"), field],
        className="sort-by",
        **attributes(data_filter=""),
    )


def note(text: Any, icon_name: str = "info") -> Component:
    """Return a small remark."""
    return html.Div([icon(icon_name), html.Span(text)], className="note")


def running(
    since: datetime, *, short: bool = False, css: str = "", stops: datetime | None = None
) -> Component:
    """Return a duration that runs in the browser: « 1 jours 02:21:19 » since then.

    ``short`` leaves out « 0 jours »; it stands still from ``stops`` on. ``50-durations.js`` writes
    the text, so that what the server says does not change with time.
    """
    return _ticking("since", since, stops, css, short=short)


def countdown(until: datetime, *, css: str = "", stops: datetime | None = None) -> Component:
    """Return the time left until a moment, which runs down in the browser: « 02:21:19 ».

    It stands still from ``stops`` on, and at 00:00:00.
    """
    return _ticking("until", until, stops, css, short=True)


def _ticking(
    name: str, at: datetime, stops: datetime | None, css: str, *, short: bool
) -> Component:
    more = attributes(
        **{f"data_{name}": str(int(at.timestamp()))},
        data_short="" if short else None,
        data_stops=str(int(stops.timestamp())) if stops else None,
    )
    return html.Span(className=f"tabular {css}".strip(), **more)


def segmented(
    options: Mapping[str, str], value: str, label: str, *, href: Callable[[str], str]
) -> Component:
    """Return a choice of one among a few, {value: label}; ``href(value)`` is added to the address.

    Each is a link, so that the choice is kept when the page is loaded again or shared.
    """
    links = [
        push(
            text,
            href(key),
            merge=True,
            **attributes(aria_current="true" if key == value else None),
        )
        for key, text in options.items()
    ]
    return html.Div(links, className="segmented", role="group", **attributes(aria_label=label))


def live(
    id: str, seconds: float, stale_after: int | None = None, *, resting: bool = False
) -> Component:
    """Return a ``dcc.Interval`` of that id, at rest while the page is hidden.

    Once the server has not answered for ``stale_after`` seconds (30 at least), every LED of the
    page turns grey (``50-stale.js``). One that is ``resting`` waits until a callback sets its
    ``max_intervals`` to -1.
    """
    return html.Div(
        dcc.Interval(id=id, interval=int(seconds * 1000), max_intervals=0 if resting else -1),
        **attributes(data_live=id, data_stale_after=stale_after),
    )
