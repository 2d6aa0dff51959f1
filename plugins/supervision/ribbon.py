"""« 90 derniers jours »: a line of days for a service and each of its links, and one day opened."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from core.api import (
    WORST_FIRST,
    Context,
    Day,
    Link,
    PlannedWork,
    State,
    _,
    attributes,
    availability,
    capital,
    civil_days,
    formats,
    icon,
    led,
    missing,
    ngettext,
    note,
    push,
    reason_words,
    state_word,
)
from plugins.supervision.periods import Line, explanations_of, periods_of
from plugins.supervision.works import by_day

LEGEND = (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN)
MOST = 40
"""Changes told of one day."""
APART = timedelta(days=7)
Works = Mapping[date, PlannedWork]
"""The planned works of a line by day, the first of each day."""


def ribbon(
    ctx: Context, lines: Sequence[Line], links: Sequence[Link], shown: str, opened: date | None
) -> Component:
    """Return the ribbons of a service and its ``links`` and their availabilities; ``opened`` is a
    day of the line ``shown``. Planned works are a line under the days they touch.
    """
    days = {line.key: civil_days(line.changes, ctx.zone, ctx.now) for line in lines}
    works = by_day(ctx, days[lines[0].key], {line.key: line.among(links) for line in lines})
    legend: list[Component] = [led(state) for state in LEGEND]
    if any(works.values()):
        legend.append(html.Span([html.I(className="works-key"), _("Travaux planifiés")]))
    head = html.Div(
        [html.H3(_("90 derniers jours")), html.Div(legend, className="legend")],
        className="chart-head",
    )
    rows = [
        _row(ctx, line, days[line.key], works[line.key], opened if line.key == shown else None)
        for line in lines
    ]
    text = _(
        "Disponibilité technique, mesurée et non contractuelle : part du temps connu où le service "
        "ou la liaison fonctionnait, même dégradé. Les périodes indéterminées n’y comptent pas."
    )
    return html.Div(
        [head, *rows, _ends(ctx, days[lines[0].key]), html.Div(note(text), className="pad-above")],
        className="pad",
    )


def _row(
    ctx: Context, line: Line, days: Sequence[Day], works: Works, opened: date | None
) -> Component:
    stops = _stops(days, works)
    marks = [
        _mark(ctx, line, day, works, stop=day.day in stops, opened=day.day == opened)
        for day in days
    ]
    found = availability(days)
    share = _percent(found.ratio)
    unknown = ""
    if found.unknown >= 0.0005:
        unknown = _("%(share)s indéterminé", share=formats.percent(found.unknown))
    name = " · ".join(part for part in (line.name, line.reference) if part)
    return html.Div(
        [
            html.Span(name, className="cut", title=name),
            html.Div(
                [html.Span(_summary(days, works), className="sr-only"), *marks],
                className="ribbon has-works" if works else "ribbon",
                role="group",
                **attributes(aria_label=_("%(name)s : états des 90 derniers jours", name=name)),
            ),
            html.Span(
                [html.B(share), html.Small(unknown, className="muted")],
                className="ribbon-share",
                title=_("Disponibilité technique, non contractuelle"),
            ),
        ],
        className="ribbon-row",
    )


def _percent(ratio: float | None) -> str:
    """Return « 99,99 % »: never 100 of what was not whole."""
    return formats.percent(None if ratio is None else math.floor(ratio * 10_000) / 10_000, 2)


def _stops(days: Sequence[Day], works: Works) -> set[date]:
    """Return the days that are links: eventful ones, far enough apart to be hit and tabbed through.

    The others are reached by the pointer, and from an opened day by « Jour précédent, suivant ».
    """
    stops: list[date] = []
    for day in reversed(days):
        if _opens(day, works) and (not stops or stops[-1] - day.day >= APART):
            stops.append(day.day)
    return set(stops)


def _mark(
    ctx: Context, line: Line, day: Day, works: Works, *, stop: bool, opened: bool
) -> Component:
    """Return one day, its height and colour by its state; one with something to tell opens."""
    state = "" if day.state is State.UP else str(day.state.value)
    css = f"{state} works".strip() if day.day in works else state
    said = _said(ctx, day, works.get(day.day))
    if not stop:
        go = address(line.key, day.day) if _opens(day, works) else None
        current = "opened" if opened else None
        more = attributes(aria_hidden="true", data_go=go, data_day=current)
        return html.I(className=css, title=said, **more)
    return push(
        html.I(className=css),
        address(line.key, day.day),
        merge=True,
        title=said,
        **attributes(aria_label=said, aria_current="date" if opened else None),
    )


def happened(day: Day) -> bool:
    """Tell whether a day has something to explain."""
    return day.changes > 0 or day.state in (State.DOWN, State.DEGRADED)


def _opens(day: Day, works: Works) -> bool:
    return happened(day) or day.day in works


def address(key: str, day: date | None) -> str:
    """Return what opens a day of a line, to be added to the address; None closes it."""
    asked = {"onglet": "historique", "historique": key, "jour": day.isoformat() if day else ""}
    return f"?{urlencode(asked)}"


def _said(ctx: Context, day: Day, work: PlannedWork | None) -> str:
    lasting = [state for state in WORST_FIRST if day.seconds[state] > 0]
    words = [state_word(day.state)]
    if len(lasting) > 1:
        lengths = {state: timedelta(seconds=day.seconds[state]) for state in lasting}
        words = [
            f"{state_word(state)} {formats.duration(length, short=True)}"
            for state, length in lengths.items()
        ]
    if work is not None:
        words.append(_("travaux planifiés (%(title)s)", title=work.title))
    return f"{formats.date(day.start, ctx.zone)} : {', '.join(words)}"


def _summary(days: Sequence[Day], works: Works) -> str:
    """Return in words what a line shows."""
    counts = {state: sum(day.state is state for day in days) for state in WORST_FIRST}
    said = [
        f"{formats.number(count)} {state_word(state, count).lower()}"
        for state, count in counts.items()
        if count
    ]
    text = _("Jours : %(counts)s.", counts=", ".join(said))
    if not works:
        return text
    planned = ngettext(
        "Travaux planifiés sur %(n)s jour.", "Travaux planifiés sur %(n)s jours.", len(works)
    )
    return f"{text} {planned}"


def _ends(ctx: Context, days: Sequence[Day]) -> Component:
    marks = [formats.date(days[n].start, ctx.zone) for n in (0, 30, 60)]
    ends = html.Div(
        [html.Span(mark) for mark in (*marks, _("aujourd’hui"))], className="ribbon-ends"
    )
    return html.Div([html.Span(), ends, html.Span()], className="ribbon-row hide-phone")


def opened_day(
    ctx: Context, line: Line, links: Sequence[Link], day: date | None
) -> Component | None:
    """Return what happened on a day of a line, and what explains it; None for no such day."""
    days = civil_days(line.changes, ctx.zone, ctx.now)
    found = next((one for one in days if one.day == day), None)
    if found is None:
        return None
    works = by_day(ctx, days, {line.key: links})[line.key]
    title = capital(formats.full_date(found.day))
    what = " · ".join(part for part in (line.name, line.reference) if part)
    head = html.Div(
        [
            html.H3([title, " ", html.Span(f"· {what}", className="muted regular nowrap")]),
            html.Div(_ways(line, days, found, works), className="end"),
        ],
        className="panel-head",
    )
    periods = periods_of(line, found)
    rows = [_period(ctx, *period) for period in periods[:MOST]]
    names = [_("De"), _("À"), _("Durée"), _("État"), _("Motif")]
    more: list[Any] = []
    if len(periods) > MOST:
        rest = len(periods) - MOST
        more = [
            html.P(
                ngettext("et %(n)s autre changement", "et %(n)s autres changements", rest),
                className="pad small soft",
            )
        ]
    return html.Section(
        [head, stacked(names, rows, "scroll"), *more, _explained(ctx, links, found)],
        className="day-opened ruled",
        id="supervision-day",
    )


def _ways(line: Line, days: Sequence[Day], found: Day, works: Works) -> list[Component]:
    """Return the links to the day before and the day after that have something to tell."""
    before = [day for day in days if day.day < found.day and _opens(day, works)]
    after = [day for day in days if day.day > found.day and _opens(day, works)]
    ways = []
    if before:
        ways.append((_("Jour précédent"), before[-1].day))
    if after:
        ways.append((_("Jour suivant"), after[0].day))
    links = [
        push(text, address(line.key, day), merge=True, className="btn btn-secondary btn-sm")
        for text, day in ways
    ]
    close = push(_("Fermer"), address(line.key, None), merge=True, className="btn btn-link btn-sm")
    return [*links, close]


def stacked(names: Sequence[str], rows: Sequence[Sequence[Any]], css: str) -> Component:
    """Return a table of periods: begin, end, length, state, reason. A phone stacks the cells of a
    row; the roles say what they are all the same.
    """
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    body = html.Tbody(
        [html.Tr([html.Td(cell, role="cell") for cell in row], role="row") for row in rows]
    )
    table = html.Table([head, body], className="grid compact plain stacked", role="table")
    return html.Div(table, className=css)


def _period(ctx: Context, change: Any, begun: Any, ended: Any) -> list[Any]:
    state = change.state if change else State.UNKNOWN
    return [
        html.Span(formats.clock(begun, ctx.zone), className="tabular"),
        html.Span(_until(ctx, ended), className="tabular"),
        html.Span(formats.duration(ended - begun, short=True), className="tabular"),
        led(state),
        capital(reason_words(change.reason)) if change and change.reason else missing("–"),
    ]


def _until(ctx: Context, ended: datetime) -> str:
    """Return when a period of a day ended; the end of the day is « 24:00:00 »."""
    clock = formats.clock(ended, ctx.zone)
    return "24:00:00" if clock == "00:00:00" else clock


def _explained(ctx: Context, links: Sequence[Link], day: Day) -> Component:
    found = explanations_of(ctx, links, day)
    title = html.H4(_("Ce qui l’explique"))
    if not found:
        text = _("Rien de connu sur cette journée : ni ticket, ni travaux, ni fait de trafic.")
        return html.Div([title, html.P(text, className="soft small")], className="pad ruled")
    items = []
    for one in found:
        name: Any = html.A(one.title, href=one.href) if one.href else html.B(one.title)
        items.append(
            html.Li(
                [
                    html.Time(formats.clock(one.at, ctx.zone)),
                    html.Div([name, html.Div(one.text, className="soft")]),
                ]
            )
        )
    return html.Div([title, html.Ul(items, className="log log-flush")], className="pad ruled")


def last_day(ctx: Context, line: Line) -> list[Component]:
    """Return the link to the last day on which something happened, for when no day is open."""
    eventful = [day for day in civil_days(line.changes, ctx.zone, ctx.now) if happened(day)]
    if not eventful:
        return []
    last = eventful[-1].day
    text = _("Dernier jour avec un changement : %(day)s", day=formats.full_date(last))
    link = push([icon("clock"), text], address(line.key, last), merge=True, className="day-last")
    return [html.Div(link, className="pad small ruled")]
