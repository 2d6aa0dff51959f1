"""« Qualité »: delay, jitter and loss over a link, as its IP SLA probes measured them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from dash import html
from dash.development.base_component import Component
from sqlalchemy import select

from core.api import (
    Axis,
    Context,
    Curve,
    Link,
    Probe,
    ProbeFigures,
    ProbeSeries,
    _,
    curves_figure,
    curves_plot,
    empty_state,
    formats,
    gap_bands,
)
from plugins.consommations.address import Period
from plugins.consommations.measures import points_for

MS = "\N{NARROW NO-BREAK SPACE}ms"
MOST = 4
"""Probes of a link that are shown."""


def quality(ctx: Context, link: Link, period: Period) -> list[Component]:
    """Return delay, jitter and loss of the probes of a link; nothing where there are none."""
    query = select(Probe).where(Probe.link_id == link.id).order_by(Probe.number)
    probes: Sequence[Probe] = ctx.db.all(query)[:MOST]
    points = points_for(ctx, period)
    cards = []
    for probe in probes:
        series = ctx.metrics.probe_series(probe, period.start, period.end, points)
        figures = ctx.metrics.probe_figures([probe], series.start, period.end).get(probe.id)
        cards.append(_card(ctx, probe, series, figures, period))
    return cards


def _card(
    ctx: Context,
    probe: Probe,
    series: ProbeSeries,
    figures: ProbeFigures | None,
    period: Period,
) -> Component:
    name = probe.tag or _("Sonde %(number)s", number=probe.number)
    head = html.Div(
        [html.H2(_("Qualité · %(name)s", name=name))],
        className="panel-head",
    )
    if figures is None or np.isnan(series.loss).all():
        text = _("La sonde n’a rien mesuré sur cette période.")
        body: list[Component] = [empty_state("chart", _("Aucune mesure sur cette période"), text)]
    else:
        body = [
            html.Div(_picture(ctx, probe, series, period), className="pad"),
            _strip(series, figures),
        ]
    return html.Section([head, *body], className="card card-flush")


def _picture(ctx: Context, probe: Probe, series: ProbeSeries, period: Period) -> list[Component]:
    axis = Axis(series.start, series.step, len(series.loss), period.end, ctx.zone)
    curves = [Curve(_("Délai moyen"), series.rtt_ms, "in", filled=True)]
    keys = [("key-in", _("Délai moyen"))]
    if not np.isnan(series.jitter_ms).all():
        curves.append(Curve(_("Gigue"), series.jitter_ms, "out"))
        keys.append(("key-out", _("Gigue")))
    lost = np.isnan(series.rtt_ms) & (series.loss > 0)
    keys.append(("key-gap", _("Sans mesure")))
    legend = [html.Span([html.I(className=f"key {css}"), name]) for css, name in keys]
    bands = gap_bands(axis, np.isnan(series.loss)) + gap_bands(axis, lost, "down")
    title = html.H3(
        [_("Aller-retour et gigue"), html.Span(_(" · en millisecondes"), className="muted regular")]
    )
    return [
        html.Div([title, html.Div(legend, className="legend")], className="chart-head"),
        curves_plot(
            curves_figure(
                axis,
                curves,
                unit=lambda _top: (1.0, "ms"),
                bands=bands,
            ),
            label=_("Délai et gigue ; les chiffres sont sous le graphique"),
            id=f"datas-probe-{probe.number}",
        ),
    ]


def _strip(series: ProbeSeries, figures: ProbeFigures) -> Component:
    cells = [
        (_("Délai moyen"), _time(figures.rtt_ms)),
        (_("Délai le plus long"), _time(figures.rtt_max_ms)),
        (_("Gigue moyenne"), _time(figures.jitter_ms)),
        (
            _("Paquets perdus"),
            formats.percent(figures.lost / figures.sent if figures.sent else None, 2),
        ),
        (_("Perte la plus forte"), formats.percent(_most(series.loss), 1)),
    ]
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(html.Span(text))]) for name, text in cells],
        className="stats stats-flush",
    )


def _time(value: float | None) -> str:
    return formats.number(value, 1) + (MS if value is not None else "")


def _most(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float | None:
    return None if np.isnan(values).all() else float(np.nanmax(values))
