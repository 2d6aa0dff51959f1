"""The card of the home page: tickets under way; and the scene of walls."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Context,
    Line,
    Lines,
    State,
    _,
    attributes,
    empty_state,
    formats,
    ngettext,
)
from plugins.incidents import backend
from plugins.incidents.address import Asked, ticket_page
from plugins.incidents.life import Status
from plugins.incidents.models import Ticket
from plugins.incidents.queries import GROUPS
from plugins.incidents.words import STATUSES, status_tag

SHOWN = 4
ON_WALL = 24


def home_body(ctx: Context) -> Component:
    """Return how many tickets are under way, and the gravest of them."""
    found = backend.tickets(ctx).counts(ctx, Asked())
    if not sum(found.values()):
        text = _("Quand un site est en panne, ouvrez un ticket : vous le suivrez ici.")
        return empty_state("life", _("Aucun ticket"), text)
    under_way = sum(found[status] for status in GROUPS["encours"])
    counters = [
        _counter(under_way, _("Incidents en cours"), Asked()),
        _counter(found[Status.WAITING], _("En attente client"), Asked(state=Status.WAITING.value)),
    ]
    tickets = backend.tickets(ctx).worst(ctx, SHOWN)
    parts: list[Component] = [html.Div(counters, className="counters counters-auto by-2")]
    if tickets:
        parts.append(html.Ul([_row(ctx, ticket) for ticket in tickets], className="rows"))
    else:
        parts.append(html.Div(_("Aucun incident en cours."), className="pad ruled soft"))
    return html.Div(parts)


def _counter(count: int, label: str, asked: Asked) -> Component:
    return dcc.Link([html.B(formats.number(count)), html.Span(label)], href=asked.with_())


def _row(ctx: Context, ticket: Ticket) -> Component:
    href = ticket_page(ticket.number)
    site = ticket.site.name if ticket.site else ticket.company.name
    at = formats.moment(ticket.opened, ctx.zone)[:-3]
    return html.Li(
        [
            html.Div(
                [html.Div(dcc.Link(site, href=href, className="cut"), className="cut"),
                 html.Div(f"{ticket.number} · {ticket.title}", className="cut small soft")],
                className="grow",
            ),
            html.Div([status_tag(ticket.status), html.Div(at, className="small tabular soft")],
                     className="end"),
        ],
        **attributes(data_href=href),
    )  # fmt: skip


def open_tickets(ctx: Context) -> Lines:
    """Return the tickets under way for a wall, the gravest first."""
    tickets = backend.tickets(ctx).worst(ctx, ON_WALL)
    found = backend.tickets(ctx).counts(ctx, Asked())
    total = sum(found[status] for status in GROUPS["encours"])
    lines = []
    for ticket in tickets:
        site = ticket.site.name if ticket.site else ticket.company.name
        words = f"{ticket.number} · {ticket.title} · {_(STATUSES[ticket.status][0])}"
        state = {1: State.DOWN, 2: State.DEGRADED}.get(ticket.severity)
        lines.append(Line(site, words, state, ticket.opened))
    aside = ngettext("%(n)s en cours", "%(n)s en cours", total)
    return Lines(_("Tickets ouverts, les plus graves d’abord"), lines, aside)
