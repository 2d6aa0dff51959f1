"""« Travaux planifiés »: what the operator announced, as a list and as the calendar of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from babel import dates
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Link,
    Pages,
    PlannedWork,
    Site,
    _,
    attributes,
    card,
    civil_month,
    empty_state,
    export_menu,
    formats,
    icon,
    language,
    midnight,
    ngettext,
    page_head,
    push,
)
from plugins.incidents.address import TICKETS, WORKS, address
from plugins.incidents.permissions import MANAGE, READ
from plugins.incidents.works_changes import span
from plugins.incidents.works_form import DO, form

MOST = 500
"""Works that the list looks through; the same ones on several links are one line."""
NAMED = 5
"""Sites that such a line names."""
ON_A_DAY = 3
"""Works that a day of the calendar names; the others are counted."""
AHEAD = 12
"""Months to come that the calendar turns to."""

pages = Pages()


@pages.page(WORKS, N_("Travaux planifiés"), permission=READ, menu=N_("Travaux planifiés"),
            section=N_("Support / Incidents"))  # fmt: skip
def works(ctx: Context) -> Component:
    return html.Div(
        [
            page_head(
                _("Travaux planifiés"), [dcc.Link(_("Incidents"), href=TICKETS), " › ",
                                         _("annoncés par l’opérateur")],
                [export_menu(lambda kind: f"{WORKS}/export.{kind}"), *_announce(ctx)],
            ),
            html.Div(shown(ctx, ctx.query), id="works-shown", className="stack"),
            dcc.Store(id=DO),
        ]
    )  # fmt: skip


def _announce(ctx: Context) -> list[Component]:
    if not ctx.may(MANAGE):
        return []
    words = [icon("plus"), _("Annoncer des travaux")]
    return [push(words, address(WORKS, {"nouveau": "oui"}), className="btn btn-primary")]


def _month(ctx: Context, query: Mapping[str, str]) -> date:
    """Return the first day of the month that an address asks for, this month otherwise."""
    today = ctx.now.astimezone(ctx.zone).date()
    try:
        day = date.fromisoformat(f"{query.get('mois', '')}-01")
    except ValueError:
        return today.replace(day=1)
    far = abs((day.year - today.year) * 12 + day.month - today.month) > 10 * AHEAD
    return today.replace(day=1) if far else day


def shown(ctx: Context, query: Mapping[str, str]) -> list[Component]:
    """Return the calendar of a month and the list of its works, and of those to come."""
    first = _month(ctx, query)
    start, end = civil_month(first.year, first.month, ctx.zone)
    rows = _rows(ctx, PlannedWork.starts < end, PlannedWork.ends > start)
    coming = _rows(ctx, PlannedWork.ends > ctx.now, PlannedWork.cancelled.is_(None), limit=MOST)
    return [
        *(form(ctx, query) if ctx.may(MANAGE) else []),
        card(
            [html.Div(_turning(first), className="bar pad"), _calendar(ctx, first, rows)],
        ),
        card(_list(ctx, coming), title=_("En cours et à venir")),
    ]


Row = tuple[PlannedWork, str | None, str | None]


def _rows(ctx: Context, *where: Any, limit: int = 2000) -> Sequence[Row]:
    """Return works with the reference of their link and the name of their site."""
    query: Any = (
        sa.select(PlannedWork, Link.reference, Site.name)
        .outerjoin(Link, Link.id == PlannedWork.link_id)
        .outerjoin(Site, Site.id == PlannedWork.site_id)
        .where(*where)
        .order_by(PlannedWork.starts, PlannedWork.id)
        .limit(limit)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    return [(row[0], row[1], row[2]) for row in rows]


def every_work(ctx: Context) -> Sequence[Row]:
    """Return every work that was announced in the user's scope, for a file."""
    return _rows(ctx, PlannedWork.id > 0, limit=100_000)


def _turning(first: date) -> list[Component]:
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    name = dates.format_date(first, "LLLL yyyy", locale=language())
    here = [address(WORKS, {"mois": f"{day:%Y-%m}"}) for day in (before, after)]
    return [
        push([icon("left"), _("Précédent")], here[0], className="btn btn-secondary"),
        html.H2(name, className="month-name"),
        push([_("Suivant"), icon("right")], here[1], className="btn btn-secondary"),
    ]


def _calendar(ctx: Context, first: date, rows: Sequence[Row]) -> Component:
    """Return the weeks of a month, each day with the works that last at some moment of it."""
    start = first - timedelta(days=first.weekday())
    today = ctx.now.astimezone(ctx.zone).date()
    names = dates.get_day_names("abbreviated", locale=language())
    head = [html.Th(names[n], scope="col") for n in range(7)]
    weeks = []
    day = start
    while day < first + timedelta(days=31) and (day.month == first.month or day < first):
        cells = [_day(ctx, day + timedelta(days=n), first, today, rows) for n in range(7)]
        weeks.append(html.Tr(cells))
        day += timedelta(days=7)
    caption = html.Caption(_("Calendrier des travaux planifiés"), className="sr-only")
    return html.Table([caption, html.Thead(html.Tr(head)), html.Tbody(weeks)], className="month")


def _day(ctx: Context, day: date, first: date, today: date, rows: Sequence[Row]) -> Component:
    begun, ended = midnight(day, ctx.zone), midnight(day + timedelta(days=1), ctx.zone)
    found = [row for row in rows if row[0].starts < ended and row[0].ends > begun]
    parts: list[Any] = [html.Div(str(day.day), className="month-day")]
    for work, reference, site in found[:ON_A_DAY]:
        at = formats.moment(max(work.starts, begun), ctx.zone)[11:16]
        css = "month-work cancelled" if work.cancelled else "month-work"
        when = span(ctx, work.starts, work.ends)
        title = " · ".join(x for x in (work.title, site, reference, when) if x)
        gone = [html.Span(_("annulés"), className="sr-only"), " "] if work.cancelled else []
        parts.append(html.Div([*gone, html.B(at), " ", site or work.title], className=css,
                              title=title))  # fmt: skip
    if len(found) > ON_A_DAY:
        more = len(found) - ON_A_DAY
        parts.append(html.Div(ngettext("et %(n)s autre", "et %(n)s autres", more),
                              className="soft small"))  # fmt: skip
    names = [
        name
        for name, is_on in (
            ("other", day.month != first.month), ("today", day == today), ("busy", bool(found)),
        )
        if is_on
    ]  # fmt: skip
    current = attributes(aria_current="date" if day == today else None)
    return html.Td(parts, className=" ".join(names) or None, **current)


def _change(ctx: Context, work: PlannedWork) -> list[Component]:
    if not ctx.may(MANAGE):
        return []
    href = address(WORKS, {"travaux": str(work.id)})
    return [push(_("Modifier"), href, className="btn btn-secondary btn-sm")]


def _together(rows: Sequence[Row]) -> dict[tuple[Any, ...], list[Row]]:
    """Return works that are one: the same ones, at the same time, on several links."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        work = row[0]
        key = work.title, work.starts, work.ends, work.cancelled
        found.setdefault(key, []).append(row)
    return found


def _list(ctx: Context, rows: Sequence[Row]) -> list[Component]:
    if not rows:
        text = _("L’opérateur annonce ici les interventions qui peuvent couper vos liaisons.")
        return [empty_state("tool", _("Aucuns travaux prévus"), text)]
    items = []
    for some in _together(rows).values():
        work, reference, site = some[0]
        now = work.starts <= ctx.now < work.ends
        where = " · ".join(x for x in (site, reference) if x)
        if len(some) > 1:
            names = ", ".join(sorted({row[2] or "" for row in some})[:NAMED])
            count = ngettext("%(n)s liaison", "%(n)s liaisons", len(some))
            where = f"{count} · {names}{'…' if len(some) > NAMED else ''}"
        tag = html.Span(_("en cours"), className="tag tag-accent") if now else ""
        items.append(
            html.Li(
                [html.Div([html.Div([work.title, " ", tag]),
                           html.Div(where, className="cut small soft")], className="grow"),
                 html.Div([html.Div(span(ctx, work.starts, work.ends)), *_change(ctx, work)],
                          className="end small tabular")]
            )
        )  # fmt: skip
    return [html.Ul(items, className="rows rows-wrap")]
