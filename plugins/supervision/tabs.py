"""« Historique des statuts »: the tab that supervision gives to the panel of a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Badge,
    Context,
    Explanation,
    Link,
    PlannedWork,
    State,
    _,
    badge_tag,
    capital,
    empty_state,
    formats,
    led,
    missing,
    ngettext,
    reason_words,
    running,
    segmented,
    table_foot,
)
from plugins.supervision.periods import SERVICE, Line, Period, history_of, lines_of, links_of
from plugins.supervision.ribbon import last_day, opened_day, ribbon, stacked
from plugins.supervision.works import marks, said

CAUSES = 2
"""Tickets that a state names."""

PER_VIEW = 20


def history(ctx: Context, link: Link) -> Component:
    """Return the last 90 days of the service of ``link`` and its states, newest first.

    Of the service, or of one link of it: which one, which page and which day opened stand in the
    address: ``historique``, ``rang`` and ``jour``.
    """
    links = links_of(ctx, link.service_id)
    lines = {line.key: line for line in lines_of(ctx, links)}
    line = lines.get(ctx.query.get("historique", SERVICE), lines[SERVICE])
    day = _day(ctx.query.get("jour", ""))
    of_it = line.among(links)
    opened = opened_day(ctx, line, of_it, day)
    over = [opened] if opened else last_day(ctx, line)
    top = [ribbon(ctx, [*lines.values()], links, line.key, day if opened else None), *over]
    return html.Div([*top, *_listed(ctx, of_it, lines, line)])


def _day(text: str) -> date | None:
    """Return the day that the address names, None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _listed(
    ctx: Context, links: Sequence[Link], lines: Mapping[str, Line], line: Line
) -> list[Component]:
    """Return the states of a line, that of ``links``, a page of them, under the choice of it."""
    rank = ctx.query.get("rang", "1")
    page = int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 6 else 1
    found = history_of(ctx, links[0].service_id, line.link_id, page, PER_VIEW)

    def address(which: str, at: int = 1) -> str:
        return (
            f"?{urlencode({**ctx.query, 'onglet': 'historique', 'historique': which, 'rang': at})}"
        )

    names = {key: one.name for key, one in lines.items()}
    switch = segmented(names, line.key, _("Historique montré"), href=address)
    head = html.Div(switch, className="pad-top ruled")
    if not found.total:
        text = _("Les changements d’état seront listés ici dès la première mesure.")
        return [head, empty_state("clock", _("Aucun changement d’état"), text)]
    foot = table_foot(
        found.total,
        found.page,
        PER_VIEW,
        lambda n: address(line.key, n),
        ngettext("changement", "changements", found.total),
        merge=True,
    )
    return [head, _table(ctx, found.periods, marks(ctx, found.periods, links), links), foot]


def _causes_of(
    ctx: Context, period: Period, causes: Sequence[Explanation]
) -> Sequence[Explanation]:
    """Return what accounts for a state that is not a good one: what lasts at some moment of it."""
    if period.state is State.UP:
        return []
    end = period.end or ctx.now
    found = [one for one in causes if one.at < end and one.until and one.until > period.start]
    return found[:CAUSES]


def _table(
    ctx: Context, periods: Sequence[Period], works: Sequence[PlannedWork | None],
    links: Sequence[Link],
) -> Component:  # fmt: skip
    end = periods[0].end or ctx.now
    asked = ctx.ask("causes", links=links, start=periods[-1].start, end=end)
    causes = [one for _id, one in asked]
    names = [_("Début"), _("Fin"), _("Durée"), _("État"), _("Motif")]
    rows = [
        _row(ctx, period, work, _causes_of(ctx, period, causes))
        for period, work in zip(periods, works, strict=True)
    ]
    return stacked(names, rows, "scroll history")


def _row(
    ctx: Context, period: Period, work: PlannedWork | None, causes: Sequence[Explanation]
) -> list[Any]:
    lasting = period.end is None
    end = _("en cours") if lasting else formats.moment(period.end, ctx.zone)
    length = (
        running(period.start)
        if period.end is None
        else html.Span(formats.duration(period.end - period.start), className="tabular")
    )
    return [
        html.Span(formats.moment(period.start, ctx.zone), className="tabular"),
        html.Span(end, className="soft" if lasting else "tabular"),
        length,
        led(period.state),
        _why(ctx, period, work, causes),
    ]


def _why(
    ctx: Context, period: Period, work: PlannedWork | None, causes: Sequence[Explanation]
) -> Any:
    """Return the reason of a state, the works that were planned when it began, its tickets."""
    reason = capital(reason_words(period.reason)) or missing("–")
    parts: list[Any] = [reason]
    if work is not None:
        parts += [" ", badge_tag(Badge(0, _("travaux planifiés"), said(ctx, work), "accent"))]
    for one in causes:
        parts += [
            " ",
            dcc.Link(one.title, href=one.href, title=one.text, className="tag tag-accent"),
        ]
    return parts
