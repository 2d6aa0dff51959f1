"""The traffic chart of a link."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from core import formats
from core.i18n import _, language
from core.web.components.attributes import attributes
from core.web.components.figures import peak
from core.web.components.tokens import THEMES, chart_template

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.network.metrics import Percentile, Series

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
    outage: datetime | None = None,
    label: str,
    id: str,
) -> Component:
    """Return the chart of a link: entrant filled, sortant as a line, gaps as grey bands.

    The 95th percentile drawn is the greater of the two directions. ``outage`` is when the link
    went down, if it is. ``label`` says in words what is shown. Times are those of ``zone``.
    """
    top = max(peak(series.in_bps), peak(series.out_bps))
    divisor, unit = formats.rate_unit(max(top, _p95(percentile)[0], 1.0))
    shown_contract = contract_bps if _shows(series, contract_bps) else None
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
            "shapes": [*_bands(series, zone), *_outage(series, outage, zone)[0]],
            "annotations": [
                *_labels(percentile, shown_contract, divisor, right=_early(series, outage)),
                *_outage(series, outage, zone)[1],
            ],
        },
    }
    config: Any = {**CONFIG, "locale": language()}
    graph = dcc.Graph(id=id, figure=figure, config=config, responsive=True)
    # A grey shape stands there until the chart is drawn over it.
    return html.Div(
        [html.Span(className="skeleton plot-waits"), graph],
        className="plot",
        role="group",
        **attributes(aria_label=label),
    )


def _shows(series: Series, contract_bps: int | None) -> bool:
    """Tell whether the contracted rate is drawn: not where it would flatten the traffic."""
    return bool(contract_bps) and (contract_bps or 0) <= 2.5 * max(
        peak(series.in_bps), peak(series.out_bps)
    )


def _traces(
    series: Series,
    zone: ZoneInfo,
    divisor: float,
    unit: str,
    percentile: Percentile | None,
    contract_bps: int | None,
) -> list[dict[str, Any]]:
    """Return four traces in the order of the template, the absent ones hidden.

    A fill would run through a gap: there, a fifth trace is the area, cut at its edges.
    """
    span = series.step * max(1, len(series.in_bps) - 1)
    value = f"%{{y:,.1f}}\N{NARROW NO-BREAK SPACE}{unit}"
    time = _hover_times(series, zone)
    line = {"type": "scatter", "mode": "lines", "x0": _local(series.start, zone)}
    curve = {**line, "dx": series.step * 1000, "connectgaps": False, "text": time}
    flat = {**line, "dx": span * 1000, "hoverinfo": "skip"}
    more = "<extra></extra>"
    tell_in, tell_out = _("Entrant"), _("Sortant")
    p95 = _p95(percentile)[0]
    broken = bool(gaps(series.in_bps))
    area = [{**flat, "name": "area", **_area(series, zone, divisor)}] if broken else []
    return [
        {
            **curve,
            "name": tell_in,
            "y": packed(series.in_bps / divisor),
            "fill": "none" if broken else "tozeroy",
            "hovertemplate": f"{tell_in} {value}{more}",
        },
        {
            **curve,
            "name": tell_out,
            "y": packed(series.out_bps / divisor),
            "hovertemplate": f"{tell_out} {value}{more}",
        },
        {**flat, "name": "p95", "y": [p95 / divisor] * 2, "visible": p95 > 0},
        {
            **flat,
            "name": "contract",
            "y": [(contract_bps or 0) / divisor] * 2,
            "visible": contract_bps is not None,
        },
        *area,
    ]


def packed(values: NDArray[np.float64], kind: str = "f4") -> dict[str, str]:
    """Return numbers as plotly.js reads them fastest: base64 of 32-bit floats."""
    bits = np.ascontiguousarray(values, dtype=f"<{kind}").tobytes()
    return {"dtype": kind, "bdata": base64.b64encode(bits).decode()}


def _area(series: Series, zone: ZoneInfo, divisor: float) -> dict[str, Any]:
    """Return what lies under the entrant curve, with upright edges where a gap starts and ends."""
    slots: list[int] = []
    values: list[float] = []
    measured = gaps(np.where(np.isnan(series.in_bps), 0.0, np.nan))
    for first, last in measured:
        slots += [first, *range(first, last), last - 1]
        values += [0.0, *(series.in_bps[first:last] / divisor), 0.0]
    start = series.start.astimezone(zone).replace(tzinfo=UTC).timestamp()
    return {
        "x": packed((start + np.array(slots, dtype=np.float64) * series.step) * 1000, "f8"),
        "y": packed(np.array(values)),
        "fill": "tozeroy",
        "line": {"width": 0},
        "zorder": -1,
    }


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


def _outage(
    series: Series, since: datetime | None, zone: ZoneInfo
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the line and the label of the moment a link went down, if it is on the chart."""
    if since is None or since < series.start:
        return [], []
    span = series.step * len(series.in_bps)
    seconds = min(span, int((since - series.start).total_seconds()))
    start = series.start.astimezone(zone).replace(tzinfo=None)
    at = (start + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    line = {"templateitemname": "outage", "visible": True, "x0": at, "x1": at}
    label = {
        "templateitemname": "outage",
        "visible": True,
        "x": at,
        # Inside the frame wherever the moment is: on its left past the middle of the chart.
        "xanchor": "right" if seconds > span / 2 else "left",
        "text": _("Interrompu %(clock)s", clock=since.astimezone(zone).strftime("%H:%M")),
    }
    return [line], [label]


def _early(series: Series, since: datetime | None) -> bool:
    """Tell whether an outage begins in the left half of the chart."""
    if since is None or since < series.start:
        return False
    half = series.step * len(series.in_bps) / 2
    return (since - series.start).total_seconds() < half


def _labels(
    percentile: Percentile | None, contract_bps: int | None, divisor: float, *, right: bool = False
) -> list[dict[str, Any]]:
    """Return the words on the lines; ``right`` puts them where an early outage is not told."""
    p95, direction = _p95(percentile)
    contract = contract_bps or 0
    close = p95 > 0 and abs(p95 - contract) < 0.15 * max(p95, contract)
    side = {"x": 1, "xanchor": "right"} if right else {"x": 0, "xanchor": "left"}
    place = {"xref": "paper", "yref": "y", **side}

    def anchor(value: float, other: float) -> str:
        return "top" if close and value < other else "bottom"

    labels = []
    if p95 > 0:
        text = _("95<sup>e</sup> centile %(way)s %(rate)s", way=direction, rate=formats.rate(p95))
        labels.append({**place, "y": p95 / divisor, "yanchor": anchor(p95, contract), "text": text})
    if contract_bps is not None:
        text = _("Débit souscrit %(rate)s", rate=formats.contract(contract_bps))
        labels.append(
            {**place, "y": contract / divisor, "yanchor": anchor(contract, p95), "text": text}
        )
    return labels


def _p95(percentile: Percentile | None) -> tuple[float, str]:
    """Return the greater of the two directions, and its name; 0 without any."""
    if percentile is None:
        return 0.0, ""
    ways = [(percentile.in_bps or 0.0, _("entrant")), (percentile.out_bps or 0.0, _("sortant"))]
    return max(ways, key=lambda way: way[0])


def traffic_legend(series: Series, contract_bps: int | None) -> Component:
    """Return the keys of what the traffic chart of that series shows."""
    keys = [("in", _("Entrant")), ("out", _("Sortant")), ("p95", _("95e centile"))]
    if _shows(series, contract_bps):
        keys.append(("contract", _("Débit souscrit")))
    elif contract_bps:
        rate = formats.contract(contract_bps)
        keys.append(("contract", _("Débit souscrit %(rate)s, hors échelle", rate=rate)))
    keys.append(("gap", _("Sans mesure")))
    return html.Div(
        [html.Span([html.I(className=f"key key-{css}"), name]) for css, name in keys],
        className="legend",
    )
