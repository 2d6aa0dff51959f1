"""« Trafic »: the tab that consommations gives to the panel of a service."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import (
    Context,
    Link,
    LinkRole,
    _,
    empty_state,
    segmented,
    traffic_chart,
    traffic_legend,
    traffic_strip,
)
from plugins.consommations.queries import links_of_service, traffic_of

CHOICE = "consommations-link"
CHART = "consommations-traffic"


def traffic(ctx: Context, link: Link) -> Component:
    """Return the last 24 hours of a service: its main link, its backup at a click."""
    links = links_of_service(ctx, link)
    switch: list[Any] = []
    if len(links) > 1:
        names = {one.reference: role_name(one) for one in links}
        choice = segmented(names, link.reference, _("Liaison montrée"), id=CHOICE)
        switch = [html.Div(choice, className="pad-top")]
    return html.Div([*switch, html.Div(chart(ctx, link), id=CHART)])


def role_name(link: Link) -> str:
    return _("Principale") if link.role is LinkRole.MAIN else _("Secondaire")


def chart(ctx: Context, link: Link) -> list[Component]:
    """Return the chart of a link and its figures, or when there will be one."""
    title = _("Liaison secondaire")
    if link.role is LinkRole.MAIN:
        title = _("Liaison principale")
    found = traffic_of(ctx, link)
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
        label=label,
        id="consommations-chart",
    )
    return [
        html.Div([head, picture], className="pad"),
        traffic_strip(found.series, found.volume, found.percentile, sold),
    ]
