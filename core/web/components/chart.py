"""The traffic chart of a link, and the strip of figures that says the same without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from core import formats
from core.i18n import _, language
from core.web.components.attributes import attributes
from core.web.components.tokens import THEMES, chart_template

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.network.metrics import Percentile, Series, Volume

CONFIG: Any = {"displayModeBar": False, "responsive": True, "showTips": False}


def gaps(values: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the stretches without measure, as half-open ranges of slots."""
    absent = np.isnan(values).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], absent, [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def traffic_chart(
    series: Series,
    *,
    zone: ZoneInfo,
    percentile: Percentile | None = None,
    contract_bps: int | None = None,
    label: str,
    id: str,
) -> Component:
    """Return the chart of a link: entrant filled, sortant as a line, gaps as grey bands.

    The 95th percentile drawn is the greater of the two directions. ``label`` says in words what
    is shown. Times are those of ``zone``.
    """
    top = max(_peak(series.in_bps), _peak(series.out_bps))
    divisor, unit = formats.rate_unit(max(top, _p95(percentile)[0], 1.0))
    shown_contract = contract_bps if shows_contract(series, contract_bps) else None
    figure = {
        "data": _traces(series, zone, divisor, unit, percentile, shown_contract),
        "layout": {
            "template": chart_template("light"),
            "meta": {theme: chart_template(theme) for theme in THEMES},
            "separators": ",\N{NARROW NO-BREAK SPACE}" if language() == "fr" else ".,",
            "margin": {"l": 8, "r": 8, "t": 12, "b": 24},
            "showlegend": False,
            "hovermode": "x unified",
            "dragmode": False,
            "xaxis": _time_axis(series, zone),
            "yaxis": {
                "rangemode": "tozero",
                "fixedrange": True,
                "automargin": True,
                "nticks": 6,
                "ticksuffix": f"\N{NARROW NO-BREAK SPACE}{unit}",
                "showticksuffix": "last",
                **({} if top else {"range": [0, 1]}),
            },
            "shapes": _bands(series, zone),
            "annotations": _labels(percentile, shown_contract, divisor),
        },
    }
    config: Any = {**CONFIG, "locale": language()}
    graph = dcc.Graph(id=id, figure=figure, config=config, responsive=True)
    return html.Div(graph, className="plot", role="group", **attributes(aria_label=label))


def shows_contract(series: Series, contract_bps: int | None) -> bool:
    """Tell whether the contracted rate is drawn: not where it would flatten the traffic."""
    return bool(contract_bps) and (contract_bps or 0) <= 2.5 * max(map(_peak, _ways(series)))


def _traces(
    series: Series,
    zone: ZoneInfo,
    divisor: float,
    unit: str,
    percentile: Percentile | None,
    contract_bps: int | None,
) -> list[dict[str, Any]]:
    """Return four traces in the order of the template, the absent ones hidden."""
    span = series.step * max(1, len(series.in_bps) - 1)
    value = f"%{{y:,.1f}}\N{NARROW NO-BREAK SPACE}{unit}"
    time = _hover_times(series, zone)
    line = {"type": "scatter", "mode": "lines", "x0": _local(series.start, zone)}
    curve = {**line, "dx": series.step * 1000, "connectgaps": False, "text": time}
    flat = {**line, "dx": span * 1000, "hoverinfo": "skip"}
    more = "<extra></extra>"
    tell_in, tell_out = _("Entrant"), _("Sortant")
    p95 = _p95(percentile)[0]
    return [
        {
            **curve,
            "name": tell_in,
            "y": (series.in_bps / divisor).astype(np.float32),
            "fill": "tozeroy",
            "hovertemplate": f"{tell_in} {value}{more}",
        },
        {
            **curve,
            "name": tell_out,
            "y": (series.out_bps / divisor).astype(np.float32),
            "hovertemplate": f"{tell_out} {value}{more}",
        },
        {**flat, "name": "p95", "y": [p95 / divisor] * 2, "visible": p95 > 0},
        {
            **flat,
            "name": "contract",
            "y": [(contract_bps or 0) / divisor] * 2,
            "visible": contract_bps is not None,
        },
    ]


def _time_axis(series: Series, zone: ZoneInfo) -> dict[str, Any]:
    """Return an axis in local time; on the days when the clock changes, its own marks."""
    end = series.start + timedelta(seconds=series.step * len(series.in_bps))
    axis: dict[str, Any] = {
        "type": "date",
        "range": [_local(series.start, zone), _shifted(series, len(series.in_bps), zone)],
        "fixedrange": True,
        "tickformat": "%H:%M",
        "hoverformat": "%d/%m/%Y %H:%M",
        "tickangle": 0,
    }
    if series.start.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
        marks = [i for i in range(len(series.in_bps)) if _when(series, i, zone)[-5:] in _SIX_HOURS]
        axis["tickvals"] = [_shifted(series, i, zone) for i in marks]
        axis["ticktext"] = [_when(series, i, zone)[-5:] for i in marks]
    return axis


_SIX_HOURS = {"00:00", "06:00", "12:00", "18:00"}


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def _shifted(series: Series, slot: int, zone: ZoneInfo) -> str:
    """Return where a slot stands on the axis: the local start plus the time elapsed."""
    start = series.start.astimezone(zone).replace(tzinfo=None)
    return (start + timedelta(seconds=series.step * slot)).strftime("%Y-%m-%dT%H:%M:%S")


def _when(series: Series, slot: int, zone: ZoneInfo) -> str:
    at = series.start + timedelta(seconds=series.step * slot)
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M")


def _hover_times(series: Series, zone: ZoneInfo) -> list[str] | None:
    """Return the time of each slot where the axis alone would tell it wrong."""
    axis = _time_axis(series, zone)
    if "tickvals" not in axis:
        return None
    return [_when(series, i, zone) for i in range(len(series.in_bps))]


def _bands(series: Series, zone: ZoneInfo) -> list[dict[str, Any]]:
    absent = gaps(series.in_bps + series.out_bps)
    return [
        {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "x0": _shifted(series, max(0, first - 1) if first else 0, zone),
            "x1": _shifted(series, last, zone),
            "y0": 0,
            "y1": 1,
        }
        for first, last in absent
    ]


def _labels(
    percentile: Percentile | None, contract_bps: int | None, divisor: float
) -> list[dict[str, Any]]:
    p95, direction = _p95(percentile)
    place = {"xref": "paper", "x": 1, "xanchor": "right", "yref": "y", "yanchor": "bottom"}
    labels = []
    if p95 > 0:
        text = _("95<sup>e</sup> centile %(way)s %(rate)s", way=direction, rate=formats.rate(p95))
        labels.append({**place, "y": p95 / divisor, "text": text})
    if contract_bps is not None:
        text = _("Débit souscrit %(rate)s", rate=formats.contract(contract_bps))
        left = {**place, "x": 0, "xanchor": "left"}
        labels.append({**left, "y": contract_bps / divisor, "text": text})
    return labels


def _p95(percentile: Percentile | None) -> tuple[float, str]:
    """Return the greater of the two directions, and its name; 0 without any."""
    if percentile is None:
        return 0.0, ""
    ways = [(percentile.in_bps or 0.0, _("entrant")), (percentile.out_bps or 0.0, _("sortant"))]
    return max(ways, key=lambda way: way[0])


def _peak(values: NDArray[np.float64]) -> float:
    present = values[~np.isnan(values)]
    return float(present.max()) if len(present) else 0.0


def traffic_legend(*, contract: bool = False) -> Component:
    """Return the keys of the traffic chart."""
    keys = [("in", _("Entrant")), ("out", _("Sortant")), ("p95", _("95e centile"))]
    if contract:
        keys.append(("contract", _("Débit souscrit")))
    keys.append(("gap", _("Sans mesure")))
    return html.Div(
        [html.Span([html.I(className=f"key key-{css}"), name]) for css, name in keys],
        className="legend",
    )


def traffic_strip(
    series: Series, volume: Volume, percentile: Percentile | None, contract_bps: int | None
) -> Component:
    """Return mean, peak, 95th percentile, volume (entrant above sortant), contract, coverage."""
    covered = volume.covered / volume.asked if volume.asked else None
    seconds = volume.covered or None
    p95 = _p95(percentile)[0] or None
    absent = timedelta(seconds=max(0.0, volume.asked - volume.covered))
    cells: list[tuple[str, Sequence[Any]]] = [
        (
            _("Moyenne"),
            _pair(
                formats.rate(volume.in_octets * 8 / seconds if seconds else None),
                formats.rate(volume.out_octets * 8 / seconds if seconds else None),
            ),
        ),
        (
            _("Pointe"),
            _pair(*(formats.rate(_peak(v) if seconds else None) for v in _ways(series))),
        ),
        (
            _("95e centile"),
            _pair(
                formats.rate(percentile.in_bps if percentile else None),
                formats.rate(percentile.out_bps if percentile else None),
            ),
        ),
        (
            _("Volume"),
            _pair(
                formats.octets(volume.in_octets if seconds else None),
                formats.octets(volume.out_octets if seconds else None),
            ),
        ),
    ]
    if contract_bps:
        used = formats.percent(p95 / contract_bps if p95 else None, 0)
        hint = _("dont %(used)s utilisés au p95", used=used) if p95 else ""
        cells.append((_("Débit souscrit"), _single(formats.contract(contract_bps), hint)))
    missing = ""
    if absent >= timedelta(minutes=1):
        missing = _("%(age)s sans mesure", age=formats.age(absent))
    cells.append((_("Mesures présentes"), _single(formats.percent(covered), missing)))
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(list(parts))]) for name, parts in cells],
        className="stats stats-flush",
    )


def _ways(series: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return series.in_bps, series.out_bps


def _pair(entering: str, leaving: str) -> list[Component]:
    rows = (("in", _("Entrant"), entering), ("out", _("Sortant"), leaving))
    return [
        html.Span([html.I(className=f"key key-{css}", title=name), text])
        for css, name, text in rows
    ]


def _single(text: str, hint: str) -> list[Component]:
    return [html.Span(text), *([html.Small(hint)] if hint else [])]


def spark(values: NDArray[np.float64]) -> Component:
    """Return the shape of a series as a small picture; figures must stand beside it.

    Gaps interrupt the line.
    """
    top = _peak(values) or 1.0
    width, height = 96, 22
    step = width / max(1, len(values) - 1)
    path, pen = [], "M"
    for i, value in enumerate(values):
        if np.isnan(value):
            pen = "M"
            continue
        path.append(f"{pen}{i * step:.1f} {height - 1 - value / top * (height - 2):.1f}")
        pen = "L"
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' fill='none' "
        f"stroke='black' stroke-width='1.3'><path d='{''.join(path)}'/></svg>"
    )
    image = f'url("data:image/svg+xml,{quote(drawing)}")'
    style: Any = {"maskImage": image, "WebkitMaskImage": image}
    return html.I(className="spark", style=style, **attributes(aria_hidden="true"))
