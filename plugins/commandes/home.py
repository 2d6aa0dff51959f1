"""The card of the home page: what is under way, the next appointments, what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component
from sqlalchemy.orm import contains_eager

from core.api import Context, Site, _, attributes, empty_state, formats, ngettext
from plugins.commandes.address import Asked, Tree, order_page
from plugins.commandes.listing import unread_words
from plugins.commandes.models import CancellationRequest, Decision, OrderLine
from plugins.commandes.permissions import MANAGE
from plugins.commandes.queries import counts
from plugins.commandes.unread import unread_lines
from plugins.commandes.words import long

SHOWN = 3


def home_body(ctx: Context) -> Component:
    """Return the orders under way, their next appointments and the unread messages."""
    found = counts(ctx, Asked())
    under_way = sum(one.lines for one in found if not one.installed)
    if not found:
        return empty_state(
            "cart",
            _("Aucune commande"),
            _("Vos commandes seront suivies ici dès que l’opérateur les aura enregistrées."),
        )
    news = unread_lines(ctx, SHOWN)
    counters = [
        _counter(under_way, _("En cours d’installation"), Asked(progress="cours").with_()),
        _counter(sum(one.lines for one in found) - under_way, _("Installé"),
                 Asked(progress="fini").with_()),
    ]  # fmt: skip
    rows = [_to_decide(count)] if (count := to_decide(ctx)) else []
    rows += [_unread(line, count) for line, count in news]
    rows += [_appointment(*one) for one in appointments(ctx)]
    parts: list[Any] = [html.Div(counters, className="counters counters-auto by-2")]
    if rows:
        parts.append(html.Ul(rows[: SHOWN + 1], className="rows"))
    else:
        calm = html.Div(_("Aucun rendez-vous à venir."), className="pad ruled soft")
        parts.append(calm)
    return html.Div(parts)


def to_decide(ctx: Context) -> int:
    """Return how many requests to cancel wait for the user's decision."""
    if not ctx.may(MANAGE):
        return 0
    query: Any = sa.select(sa.func.count(CancellationRequest.id)).where(
        CancellationRequest.decision == Decision.ASKED
    )
    return int(ctx.db.rows(query)[0][0])


def _to_decide(count: int) -> Component:
    words = ngettext("%(n)s résiliation à décider", "%(n)s résiliations à décider", count)
    href = Tree(ending="attente", opened=("tout",)).with_()
    name = html.Div(dcc.Link(words, href=href), className="grow")
    return html.Li([name], **attributes(data_href=href))


def _counter(count: int, label: str, href: str) -> Component:
    return dcc.Link([html.B(formats.number(count)), html.Span(label)], href=href)


def appointments(ctx: Context) -> Sequence[tuple[OrderLine, str, date]]:
    """Return the next appointments of the orders under way: line, what, day."""
    today = ctx.now.astimezone(ctx.zone).date()
    found = []
    for what, column in ((_("RDV lien"), OrderLine.link), (_("RDV routeur"), OrderLine.router)):
        query = (
            sa.select(OrderLine)
            .join(Site, Site.id == OrderLine.site_id)
            .options(contains_eager(OrderLine.site))
            .where(OrderLine.closed.is_(None), OrderLine.installed.is_(False), column >= today)
            .order_by(column, OrderLine.reference)
            .limit(SHOWN)
        )
        found += [(line, what, getattr(line, column.key)) for line in ctx.db.all(query)]
    return sorted(found, key=lambda one: (one[2], one[0].reference))[:SHOWN]


def _row(line: OrderLine, end: Sequence[Any]) -> Component:
    href = order_page(line.reference, line.kind)
    return html.Li(
        [
            html.Div(
                [
                    html.Div(dcc.Link(line.site.name, href=href, className="cut"), className="cut"),
                    html.Div(f"{line.reference} · {line.article}", className="cut small soft"),
                ],
                className="grow",
            ),
            html.Div(list(end), className="end"),
        ],
        **attributes(data_href=href),
    )


def _appointment(line: OrderLine, what: str, day: date) -> Component:
    return _row(line, [html.Div(what, className="small"), html.Div(long(day), className="tabular")])


def _unread(line: OrderLine, count: int) -> Component:
    return _row(line, [html.Span(unread_words(count), className="tag tag-accent")])
