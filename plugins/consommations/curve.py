"""The curve of what was chosen over a period, and its figures: the part that a tick draws again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from dash import html
from dash.development.base_component import Component

from core.api import (
    Band,
    Context,
    Curve,
    Level,
    _,
    curves_figure,
    curves_plot,
    empty_state,
    formats,
)
from plugins.consommations.address import Asked, Period
from plugins.consommations.chosen import Chosen
from plugins.consommations.figures import Sold, Units, sold_of, strip, units
from plugins.consommations.marks import bands, told
from plugins.consommations.measures import Measures, before

CHART = "datas-chart"
HEAD, PLOT, STRIP, REMARKS = "datas-head", "datas-plot", "datas-strip", "datas-remarks"
PARTS = HEAD, CHART, PLOT, STRIP, REMARKS
FLAT = 2.5
"""The contracted rate is drawn when it is no more than so many times the highest point: further
away it would flatten the curve."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The parts of a curve, each of which a tick writes anew where it stands."""

    head: Any
    figure: dict[str, Any]
    """Empty where nothing was measured."""
    strip: Any
    remarks: list[Component]
    label: str

    @property
    def words(self) -> int:
        """What changes with the remarks: who reads them should not see them fold."""
        return crc32(repr(self.remarks).encode())


def plot_class(drawn: Drawn) -> str:
    """Return what hides a chart that has nothing to show."""
    return "" if drawn.figure else "d-none"


def placed(drawn: Drawn) -> list[Component]:
    """Return the chart with its legend and figures, or why there is none."""
    plot = curves_plot(drawn.figure, label=drawn.label, id=CHART)
    chart = html.Div(plot, id=PLOT, className=plot_class(drawn))
    return [
        html.Div([html.Div(drawn.head, id=HEAD), chart], className="pad"),
        html.Div(drawn.strip, id=STRIP),
        html.Div(drawn.remarks, id=REMARKS),
    ]


def curve(ctx: Context, chosen: Chosen, asked: Asked, shown: Measures) -> Drawn:
    """Return the chart with its legend and figures, or why there is none."""
    unit = units(octets=asked.octets)
    label = _("%(title)s, %(period)s", title=chosen.title, period=said(ctx, shown.period))
    if not shown.measured:
        return Drawn(_nothing(ctx, shown.period), {}, None, [], label)
    sold = sold_of(chosen.links)
    shades = bands(ctx, chosen.links, shown)
    curves = [
        Curve(_("Entrant"), shown.series.in_bps, "in", filled=True),
        Curve(_("Sortant"), shown.series.out_bps, "out"),
    ]
    if asked.compared:
        first, second = before(ctx, chosen.links, shown)
        curves.append(Curve(_("Entrant, période précédente"), first, "before-in"))
        curves.append(Curve(_("Sortant, période précédente"), second, "before-out"))
    levels = list(_levels(shown, sold, unit))
    title = html.H3(
        [
            unit.label,
            html.Span(
                f" · {said(ctx, shown.period)}, {resolution(shown)}", className="muted regular"
            ),
        ]
    )
    legend = _legend(asked, sold, levels, shades, shown, unit)
    return Drawn(
        html.Div([title, legend], className="chart-head"),
        curves_figure(shown.axis(ctx), curves, unit=unit.axis, levels=levels, bands=shades),
        strip(shown, sold, unit),
        _remarks(ctx, shown, shades),
        label,
    )


def said(ctx: Context, period: Period) -> str:
    """Return « du 23/11/2026 10:40 au 24/11/2026 10:40 »."""
    start, end = (formats.moment(at, ctx.zone)[:16] for at in (period.start, period.end))
    return _("du %(start)s au %(end)s", start=start, end=end)


def resolution(shown: Measures) -> str:
    """Return « un point toutes les 5 min »."""
    step = shown.series.step
    if step == 60:
        return _("un point par minute")
    if step == 3_600:
        return _("un point par heure")
    if step < 3_600:
        return _("un point toutes les %(n)s min", n=step // 60)
    if step < 86_400:
        return _("un point toutes les %(n)s h", n=step // 3_600)
    if step == 86_400:
        return _("un point par jour")
    return _("un point tous les %(n)s jours", n=step // 86_400)


def _levels(shown: Measures, sold: Sold | None, unit: Units) -> list[Level]:
    ways = (
        (shown.report.in_p95_bps or 0.0, _("entrant")),
        (shown.report.out_p95_bps or 0.0, _("sortant")),
    )
    p95, way = max(ways)
    levels = []
    if p95 > 0:
        text = _("95<sup>e</sup> centile %(way)s %(rate)s", way=way, rate=unit.rate(p95))
        levels.append(Level(p95, text, "p95"))
    if sold and drawn(shown, sold):
        text = _("Débit souscrit %(rate)s", rate=unit.sold(sold.in_bps))
        levels.append(Level(sold.in_bps, text, "contract"))
    return levels


def drawn(shown: Measures, sold: Sold) -> bool:
    """Tell whether a contracted rate would not flatten the curve."""
    most = max(shown.report.in_p95_bps or 0.0, shown.report.out_p95_bps or 0.0)
    return sold.in_bps <= FLAT * most


def _legend(
    asked: Asked,
    sold: Sold | None,
    levels: Sequence[Level],
    shades: Sequence[Band],
    shown: Measures,
    unit: Units,
) -> Component:
    keys = [("in", _("Entrant")), ("out", _("Sortant"))]
    if asked.compared:
        keys.append(("before", _("Période précédente")))
    looks = {level.look for level in levels}
    if "p95" in looks:
        keys.append(("p95", _("95e centile")))
    if "contract" in looks:
        keys.append(("contract", _("Débit souscrit")))
    elif sold:
        rate = unit.sold(sold.in_bps)
        keys.append(("contract", _("Débit souscrit %(rate)s, hors échelle", rate=rate)))
    seen = {band.look for band in shades}
    if "gap" in seen:
        keys.append(("gap", _("Sans mesure")))
    if "part" in seen:
        keys.append(("gap", _("Mesure incomplète")))
    if "work" in seen:
        keys.append(("work", _("Travaux planifiés")))
    if "down" in seen:
        keys.append(("down", _("Interrompu")))
    return html.Div(
        [html.Span([html.I(className=f"key key-{css}"), name]) for css, name in keys],
        className="legend",
    )


def _nothing(ctx: Context, period: Period) -> Component:
    text = _("Rien n’a été mesuré %(period)s.", period=said(ctx, period))
    if period.live:
        text += " " + _("Le trafic sera affiché ici quelques minutes après la première mesure.")
    return empty_state("chart", _("Aucune mesure sur cette période"), text)


def _remarks(ctx: Context, shown: Measures, shades: Sequence[Band]) -> list[Component]:
    """Return in words what is shaded, and which links a sum leaves out."""
    lines = told(ctx, shades)
    found: list[Component] = []
    if shown.silent:
        names = ", ".join(link.reference for link in shown.silent[:8])
        more = " …" if len(shown.silent) > 8 else ""
        text = _("Sans mesure sur la période, laissés hors de la somme : %(names)s", names=names)
        found.append(html.P(f"{text}{more}", className="soft small pad ruled mb-0"))
    if lines:
        count = formats.number(len(lines))
        found.append(
            html.Details(
                [
                    html.Summary(_("Travaux et interruptions de la période (%(n)s)", n=count)),
                    html.Ul([html.Li(line) for line in lines], className="small"),
                ],
                className="soft small pad ruled",
            )
        )
    return found


def newest(shown: Measures) -> list[Any]:
    """Return what changes when the curve must be drawn again: nothing, in two quiet minutes."""
    report = shown.report
    # The window slides by itself: a link without news is drawn again with its next measure.
    return [report.in_octets, report.out_octets, int(report.covered)]
