"""« Historique des statuts »: the tab that supervision gives to the panel of a service."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from core.api import (
    Context,
    Link,
    _,
    capital,
    empty_state,
    formats,
    led,
    missing,
    reason_words,
    running,
)
from plugins.supervision.queries import Period, periods


def history(ctx: Context, link: Link) -> Component:
    """Return the last states of the service of ``link`` and of its links, newest first."""
    found = periods(ctx, link.service_id)
    if not found:
        text = _("Les changements d’état seront listés ici dès la première mesure.")
        return empty_state("clock", _("Aucun changement d’état"), text)
    names = [_("Début"), _("Fin"), _("Durée"), _("Service ou liaison"), _("État"), _("Motif")]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    body = html.Tbody([_row(ctx, period) for period in found])
    table = html.Table([head, body], className="grid compact plain")
    return html.Div(table, className="scroll")


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
        period.what or _("Service"),
        led(period.state),
        capital(reason_words(period.reason)) or missing("–"),
    ]
    return html.Tr([html.Td(cell) for cell in cells])
