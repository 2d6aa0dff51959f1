"""« Historique des statuts »: the tab that supervision gives to the panel of a service."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component
from sqlalchemy import select

from core.api import (
    Context,
    Link,
    LinkRole,
    _,
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
from plugins.supervision.queries import Period, history_of

PER_VIEW = 20
SERVICE = "service"


def history(ctx: Context, link: Link) -> Component:
    """Return the states that the service of ``link`` had, newest first, or those of one link.

    Which one, and which page, stand in the address: ``historique`` and ``rang``.
    """
    names, links = {SERVICE: _("Service")}, {}
    query = select(Link).where(Link.service_id == link.service_id).order_by(Link.role.desc())
    for one in ctx.db.all(query):
        names[one.role.value] = _("Principale") if one.role is LinkRole.MAIN else _("Secondaire")
        links[one.role.value] = one.id
    asked = ctx.query.get("historique", SERVICE)
    shown = asked if asked in links else SERVICE
    rank = ctx.query.get("rang", "1")
    page = int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 6 else 1
    found = history_of(ctx, link.service_id, links.get(shown), page, PER_VIEW)

    def address(which: str, at: int = 1) -> str:
        return (
            f"?{urlencode({**ctx.query, 'onglet': 'historique', 'historique': which, 'rang': at})}"
        )

    switch = segmented(names, shown, _("Historique montré"), href=address)
    head = html.Div(switch, className="pad-top")
    if not found.total:
        text = _("Les changements d’état seront listés ici dès la première mesure.")
        return html.Div([head, empty_state("clock", _("Aucun changement d’état"), text)])
    foot = table_foot(
        found.total,
        found.page,
        PER_VIEW,
        lambda n: address(shown, n),
        ngettext("changement", "changements", found.total),
        merge=True,
    )
    return html.Div([head, _table(ctx, found.periods), foot])


def _table(ctx: Context, periods: Sequence[Period]) -> Component:
    names = [_("Début"), _("Fin"), _("Durée"), _("État"), _("Motif")]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    body = html.Tbody([_row(ctx, period) for period in periods])
    table = html.Table([head, body], className="grid compact plain")
    return html.Div(table, className="scroll history")


def _row(ctx: Context, period: Period) -> Component:
    lasting = period.end is None
    end = _("en cours") if lasting else formats.moment(period.end, ctx.zone)
    length = (
        running(period.start)
        if period.end is None
        else html.Span(formats.duration(period.end - period.start), className="tabular")
    )
    cells = [
        html.Span(formats.moment(period.start, ctx.zone), className="tabular"),
        html.Span(end, className="soft" if lasting else "tabular"),
        length,
        led(period.state),
        capital(reason_words(period.reason)) or missing("–"),
    ]
    return html.Tr([html.Td(cell) for cell in cells])
