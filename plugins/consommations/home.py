"""The card of the home page."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.api import Context, LinkRole, _, attributes, empty_state, formats, spark
from plugins.consommations.address import ADDRESS
from plugins.consommations.queries import Load, busiest, last_day

HOT = 0.9


def home_body(ctx: Context) -> Component:
    """Return the links that are fullest over the last 24 hours."""
    loads = busiest(ctx)
    if not loads:
        text = _(
            "Les liens les plus chargés seront listés ici après une première journée de mesures."
        )
        return empty_state("chart", _("Aucun trafic mesuré"), text)
    return html.Ul([_row(ctx, load) for load in loads], className="rows rows-below")


def _row(ctx: Context, load: Load) -> Component:
    link = load.link
    href = f"{ADDRESS}?{urlencode({'liaison': link.reference})}"
    series = ctx.metrics.series(link, *last_day(ctx), points=96)
    values = series.in_bps if load.way == "in" else series.out_bps
    part = formats.percent(load.ratio, 0)
    width = f"{min(100, round(load.ratio * 100))}%"
    bar = html.I(className="hot" if load.ratio >= HOT else None, style={"width": width})
    way = _("entrant") if load.way == "in" else _("sortant")
    sold = link.contract_in_bps if load.way == "in" else link.contract_out_bps
    of = _("%(way)s, sur %(rate)s", way=way, rate=formats.contract(sold or link.contract_in_bps))
    name = f"{link.reference} · {link.designation}"
    if link.role is LinkRole.BACKUP:
        name = _("Secours · %(link)s", link=name)
    return html.Li(
        [
            html.Div(
                [
                    html.Div(dcc.Link(load.site, href=href), className="cut"),
                    html.Div(name, className="cut small soft", title=name),
                ],
                className="grow",
            ),
            html.Span(spark(values), className="wide-only"),
            html.Div(bar, className="meter meter-row", **attributes(aria_hidden="true")),
            html.Div(
                [
                    html.Span(part, className="strong tabular"),
                    html.Div(
                        of,
                        className="small muted",
                        title=_(
                            "95e centile %(way)s des dernières 24 heures : %(rate)s",
                            way=way,
                            rate=formats.rate(load.p95),
                        ),
                    ),
                ],
                className="end fixed",
            ),
        ],
        **attributes(data_href=href),
    )
