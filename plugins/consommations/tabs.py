"""« Trafic »: the tab that consommations gives to the panel of a service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Context,
    Link,
    LinkRole,
    _,
    empty_state,
    live,
    segmented,
    traffic_chart,
    traffic_legend,
    traffic_strip,
)
from plugins.consommations.queries import (
    Traffic,
    down_since,
    links_of_service,
    role_name,
    traffic_of,
)

CHART = "consommations-traffic"
TICK = "consommations-tick"
VERSION = "consommations-version"
REFRESH = 60  # seconds: a slot lasts five minutes


def traffic(ctx: Context, link: Link) -> Component:
    """Return the last 24 hours of a service: its main link, or the one the address asks for.

    ``?liaison=REFERENCE``; a reference that is not of this service is as absent.
    """
    links = {one.reference: one for one in links_of_service(ctx, link)}
    shown = links.get(ctx.query.get("liaison", ""), link)
    switch: list[Any] = []
    if len(links) > 1:
        choice = segmented(
            {reference: role_name(one) for reference, one in links.items()},
            shown.reference,
            _("Liaison montrée"),
            href=lambda reference: f"?{urlencode({**ctx.query, 'liaison': reference})}",
        )
        switch = [html.Div(choice, className="pad-top")]
    chart, version = drawn(ctx, shown, ctx.query)
    return html.Div(
        [
            *switch,
            html.Div(chart, id=CHART),
            dcc.Store(id=VERSION, data=version),
            live(TICK, REFRESH),
        ]
    )


def place(query: Mapping[str, str]) -> list[str]:
    """Return what of the address a panel and its chart depend on."""
    return [query.get(name, "") for name in ("service", "onglet", "liaison")]


def drawn(ctx: Context, link: Link, query: Mapping[str, str]) -> tuple[list[Component], list[Any]]:
    """Return the chart of a link, and its version: its place, its link, the newest it shows."""
    found = traffic_of(ctx, link)
    since = down_since(ctx, link)
    measured = np.flatnonzero(~np.isnan(found.series.in_bps))
    newest = [
        int(found.series.start.timestamp()),
        int(measured[-1]) if len(measured) else -1,
        int(since.timestamp()) if since else 0,
    ]
    return chart(ctx, link, found, since), [place(query), link.reference, newest]


def chart(ctx: Context, link: Link, found: Traffic, since: datetime | None) -> list[Component]:
    """Return the chart of a link and its figures, or when there will be one.

    ``since`` is when the link went down, if it is.
    """
    title = _("Liaison secondaire")
    if link.role is LinkRole.MAIN:
        title = _("Liaison principale")
    if not found.measured:
        text = _("Le trafic sera affiché ici quelques minutes après la première mesure.")
        name = _("Aucune mesure sur les dernières 24 heures")
        return [empty_state("chart", name, text)]
    sold = link.contract_in_bps
    head = html.Div(
        [
            html.H3(
                [
                    _("%(title)s : %(name)s", title=title, name=link.designation),
                    html.Span(_(" · débit en bps, dernières 24 h"), className="muted regular"),
                ]
            ),
            traffic_legend(found.series, sold),
        ],
        className="chart-head",
    )
    label = _("Trafic sur le lien %(reference)s, dernières 24 heures", reference=link.reference)
    picture = traffic_chart(
        found.series,
        zone=ctx.zone,
        percentile=found.percentile,
        contract_bps=sold,
        outage=since,
        label=label,
        id="consommations-chart",
    )
    return [
        html.Div([head, picture], className="pad"),
        traffic_strip(found.series, found.volume, found.percentile, sold),
    ]
