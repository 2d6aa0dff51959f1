"""The card of the home page."""

from __future__ import annotations

import numpy as np
from dash import html
from dash.development.base_component import Component

from balise_voix.queries import busiest, by_day
from balise_voix.words import calls, dialled
from core.api import Context, _, attributes, empty_state, push, spark

SHOWN = 3


def home_body(ctx: Context) -> Component:
    """Return the calls of thirty days, and the lines that carried most of them."""
    came, left = by_day(ctx)
    total = int(np.nansum(came) + np.nansum(left))
    if not total:
        text = _("Les appels de vos lignes seront comptés ici, jour par jour.")
        return empty_state("phone", _("Aucun appel ces 30 derniers jours"), text)
    rows = [
        html.Li(
            [
                html.Div(
                    [
                        html.Div(push(dialled(number), f"/voix/{number}"), className="cut"),
                        html.Div(f"{name} · {site}", className="cut small soft"),
                    ],
                    className="grow",
                ),
                html.Div(calls(count), className="end tabular"),
            ],
            **attributes(data_href=f"/voix/{number}"),
        )
        for number, name, site, count in busiest(ctx, SHOWN)
    ]
    first = html.Li(
        [
            html.Div(
                [
                    html.Strong(calls(total)),
                    html.Div(_("30 derniers jours"), className="small soft"),
                ],
                className="grow",
            ),
            html.Div(spark(came + left), className="end"),
        ]
    )
    return html.Ul([first, *rows], className="rows rows-below")
