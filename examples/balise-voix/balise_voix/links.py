"""What Voix adds to the panel of a service: the lines of its site."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from balise_voix.queries import Totals, address_of, of_site, totals
from balise_voix.words import KINDS, calls, dialled
from core.api import Context, Link, _, attributes, empty_state, icon, push


def site_tab(ctx: Context, link: Link) -> Component:
    """Return the phone lines at the site of a service, and their calls of thirty days."""
    found = of_site(ctx, link.site_id)
    if not found:
        text = _("Ce site n’a pas de ligne téléphonique chez nous.")
        return empty_state("phone", _("Aucune ligne téléphonique"), text)
    known = totals(ctx, [line.id for line in found])
    rows = [
        html.Li(
            [
                icon("phone"),
                html.Div(
                    [
                        html.Div(push(dialled(line.number), address_of(line)), className="cut"),
                        html.Div(
                            f"{line.name} · {_(KINDS[line.kind])}", className="cut small soft"
                        ),
                    ],
                    className="grow",
                ),
                html.Div(calls(known.get(line.id, Totals()).calls), className="end tabular"),
            ],
            **attributes(data_href=address_of(line)),
        )
        for line in found
    ]
    note = html.P(_("Appels des 30 derniers jours."), className="soft small pad mb-0")
    return html.Div([html.Ul(rows, className="rows"), note])
