"""The calls of thirty days as a chart, and their figures."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import numpy as np
from dash import html
from dash.development.base_component import Component

from balise_voix.queries import DAYS, Totals, last_days
from balise_voix.words import talked
from core.api import Axis, Context, Curve, _, curves_figure, curves_plot, formats, gap_bands

DAY = 86_400


def chart(ctx: Context, came: Any, left: Any, *, id: str) -> Component:
    """Return calls by day, incoming filled, outgoing as a line; days without data are grey."""
    start, end = (datetime.combine(day, time(12), tzinfo=UTC) for day in last_days(ctx))
    axis = Axis(start, DAY, DAYS, end, ctx.zone)
    figure = curves_figure(
        axis,
        [
            Curve(_("Entrants"), came, "in", filled=True),
            Curve(_("Sortants"), left, "out"),
        ],
        unit=lambda _top: (1.0, _("appels")),
        bands=gap_bands(axis, np.isnan(came)),
        zoom=False,
    )
    return curves_plot(figure, label=_("Appels entrants et sortants par jour"), id=id)


def head(title: str) -> Component:
    """Return the title of the chart and the keys of its curves."""
    keys = [("in", _("Entrants")), ("out", _("Sortants")), ("gap", _("Sans données"))]
    return html.Div(
        [
            html.H3(
                [title, html.Span(_(" · par jour, 30 derniers jours"), className="muted regular")]
            ),
            html.Div(
                [html.Span([html.I(className=f"key key-{css}"), name]) for css, name in keys],
                className="legend",
            ),
        ],
        className="chart-head",
    )


def strip(found: Totals) -> Component:
    """Return the figures under the chart, which need not be read from it."""
    reached = found.incoming / (found.incoming + found.missed) if found.incoming else None
    cells = [
        (_("Appels entrants"), formats.number(found.incoming)),
        (_("Appels sortants"), formats.number(found.outgoing)),
        (_("Appels manqués"), formats.number(found.missed)),
        (_("Taux de réponse"), formats.percent(reached)),
        (_("Durée"), talked(found.seconds)),
    ]
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(html.Span(text))]) for name, text in cells],
        className="stats stats-flush",
    )
