"""Curves over any period: traffic, classes of service, probes. Gaps, works and outages shaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from core import formats
from core.i18n import language
from core.web.components.attributes import attributes
from core.web.components.chart import CONFIG, gaps, packed
from core.web.components.figures import peak
from core.web.components.ticks import time_marks
from core.web.components.tokens import THEMES, curves_template

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LONE = 5
"""Pixels of the mark of a measure that has no neighbour: a line alone would not show it."""

EDGE = 0.94
"""Where the upper edge of works and outages begins, as a share of the height."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A row of values on the slots of a chart, NaN for a gap.

    ``look`` is « in », « out », « before-in », « before-out », « p95 », « contract » or « cos-1 »
    to « cos-6 »; ``filled`` paints down to zero.
    """

    name: str
    values: Floats
    look: str
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A line across a chart, its words and its look: « p95 » or « contract »."""

    value: float
    text: str
    look: str


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the period in another shade: « gap », « part », « work » or « down »."""

    start: datetime
    end: datetime
    look: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """When the slots of a chart are, ``start + i * step``, until ``end``, and in which zone."""

    start: datetime
    step: int
    count: int
    end: datetime
    zone: ZoneInfo

    def place(self, at: datetime) -> str:
        """Return where a moment stands: the local start plus the time elapsed since."""
        local = self.start.astimezone(self.zone).replace(tzinfo=None)
        return (local + (at - self.start)).strftime("%Y-%m-%dT%H:%M:%S")

    def time(self, slot: int) -> datetime:
        return self.start + timedelta(seconds=self.step * slot)

    def words(self) -> list[str]:
        """Return the local time of each slot, to be told where the axis alone would be wrong:
        past a change of the clocks. Empty where there is none, or where slots are whole days.
        """
        first, last = (at.astimezone(self.zone).utcoffset() for at in (self.start, self.end))
        if first == last or self.step >= 86_400:
            return []
        form = "%d/%m/%Y %H:%M"
        return [self.time(i).astimezone(self.zone).strftime(form) for i in range(self.count)]


Unit = Callable[[float], tuple[float, str]]


def curves_figure(
    axis: Axis,
    curves: Sequence[Curve],
    *,
    unit: Unit = formats.rate_unit,
    levels: Sequence[Level] = (),
    bands: Sequence[Band] = (),
    stacked: bool = False,
    zoom: bool = True,
) -> dict[str, Any]:
    """Return curves as plotly draws them; ``unit(greatest value)`` is the divisor and the unit of
    their axis.

    ``stacked`` puts each curve on those before it. With ``zoom``, what is drawn over with the
    mouse becomes the period of the address: ``periode=perso&du=…&au=…``.
    """
    heights = _stacked(curves) if stacked else [curve.values for curve in curves]
    top = max([*(peak(values) for values in heights), *(level.value for level in levels), 0.0])
    divisor, name = unit(top or 1.0)
    traces, looks = _traces(axis, curves, heights, divisor, name, stacked=stacked)
    for level in levels:
        traces.append(_level(axis, level, divisor))
        looks.append(level.look)
    marks = time_marks(axis.start, axis.end, axis.zone)
    start = axis.start.astimezone(axis.zone).replace(tzinfo=UTC)
    templates = {theme: curves_template(theme, tuple(looks)) for theme in THEMES}
    reach = {
        "epoch": int(axis.start.timestamp()),
        "at": int(start.timestamp()),
        "zone": axis.zone.key,
    }
    return {
        "data": traces,
        "layout": {
            "template": templates["light"],
            "meta": {**templates, **({"zoom": reach} if zoom else {})},
            "separators": ",\N{NARROW NO-BREAK SPACE}" if language() == "fr" else ".,",
            "margin": {"l": 8, "r": 8, "t": 12, "b": 24},
            "showlegend": False,
            "hovermode": "x unified",
            "dragmode": "zoom" if zoom else False,
            "xaxis": {
                "type": "date",
                "range": [axis.place(axis.start), axis.place(axis.end)],
                "fixedrange": not zoom,
                "tickvals": [axis.place(at) for at, _text in marks],
                "ticktext": [text for _at, text in marks],
                "tickangle": 0,
                "hoverformat": "%d/%m/%Y" if axis.step >= 86_400 else "%d/%m/%Y %H:%M",
                # Past a change of the clocks the time is told with the first curve.
                **({"unifiedhovertitle": {"text": " "}} if axis.words() else {}),
            },
            "yaxis": {
                "rangemode": "tozero",
                "fixedrange": True,
                "automargin": True,
                "nticks": 6,
                "ticksuffix": f"\N{NARROW NO-BREAK SPACE}{name}",
                "showticksuffix": "last",
                **({} if top else {"range": [0, 1]}),
            },
            "shapes": _shades(axis, bands),
            "annotations": _labels(levels, divisor),
        },
    }


def curves_plot(figure: dict[str, Any], *, label: str, id: str) -> Component:
    """Return a figure in its place. ``label`` says in words what is shown; the figures must stand
    beside the chart. A tick gives ``id`` another ``figure``: what one points at stays.
    """
    config: Any = {**CONFIG, "locale": language(), "doubleClick": False}
    graph = dcc.Graph(id=id, figure=figure, config=config, responsive=True)
    return html.Div(
        [html.Span(className="skeleton plot-waits"), graph],
        className="plot",
        role="group",
        **attributes(aria_label=label),
    )


def gap_bands(axis: Axis, absent: NDArray[np.bool_], look: str = "gap") -> list[Band]:
    """Return the bands of the slots that are true, none of them past the end of the axis."""
    stretches = gaps(np.where(absent, np.nan, 0.0))
    bands = []
    for first, last in stretches:
        begin, end = axis.time(first), min(axis.time(last), axis.end)
        if begin < end:
            bands.append(Band(begin, end, look))
    return bands


def _stacked(curves: Sequence[Curve]) -> list[Floats]:
    total = np.zeros(len(curves[0].values)) if curves else np.zeros(0)
    heights = []
    for curve in curves:
        total = total + curve.values
        heights.append(total)
    return heights


def _traces(
    axis: Axis,
    curves: Sequence[Curve],
    heights: Sequence[Floats],
    divisor: float,
    unit: str,
    *,
    stacked: bool,
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the traces, and the look of each. A fill would run through a gap: there the area is
    a trace of its own, cut at its edges. Of a stack, the lower layers are painted over the others.
    """
    traces: list[dict[str, Any]] = []
    looks: list[str] = []
    times = axis.words()
    for place, (curve, height) in enumerate(zip(curves, heights, strict=True)):
        broken = bool(gaps(height))
        told = "%{text}<br>" if times and not place else ""
        value = f"%{{{'customdata' if stacked else 'y'}:,.1f}}\N{NARROW NO-BREAK SPACE}{unit}"
        line: dict[str, Any] = {
            "type": "scatter",
            "mode": "lines",
            "name": curve.name,
            "x0": axis.place(axis.start),
            "dx": axis.step * 1000,
            "y": packed(height / divisor),
            "connectgaps": False,
            "fill": "tozeroy" if curve.filled and not broken else "none",
            "zorder": -place if curve.filled else 1,
            "hovertemplate": f"{told}{curve.name} {value}<extra></extra>",
            **({"text": times} if times and not place else {}),
            **({"customdata": packed(curve.values / divisor)} if stacked else {}),
        }
        alone = _alone(height)
        if alone.any():
            line["mode"] = "lines+markers"
            line["marker"] = {"size": packed(np.where(alone, LONE, 0)), "line": {"width": 0}}
        traces.append(line)
        looks.append(curve.look)
        if curve.filled and broken:
            traces.append(_area(axis, height / divisor, -place))
            looks.append(curve.look)
    return traces, looks


def _alone(values: Floats) -> NDArray[np.bool_]:
    """Return the measures that have a gap on both sides."""
    known = ~np.isnan(values)
    around = np.concatenate([[False], known, [False]])
    alone: NDArray[np.bool_] = known & ~around[:-2] & ~around[2:]
    return alone


def _area(axis: Axis, values: Floats, order: int) -> dict[str, Any]:
    """Return what lies under a curve, with upright edges where a gap starts and ends."""
    slots: list[int] = []
    heights: list[float] = []
    for first, last in gaps(np.where(np.isnan(values), 0.0, np.nan)):
        slots += [first, *range(first, last), last - 1]
        heights += [0.0, *values[first:last], 0.0]
    start = axis.start.astimezone(axis.zone).replace(tzinfo=UTC).timestamp()
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "area",
        "hoverinfo": "skip",
        "showlegend": False,
        "x": packed((start + np.array(slots, dtype=np.float64) * axis.step) * 1000, "f8"),
        "y": packed(np.array(heights)),
        "fill": "tozeroy",
        "line": {"width": 0},
        "zorder": order - 1,
    }


def _level(axis: Axis, level: Level, divisor: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": level.look,
        "hoverinfo": "skip",
        "showlegend": False,
        "x": [axis.place(axis.start), axis.place(axis.end)],
        "y": [level.value / divisor] * 2,
        "zorder": 2,
    }


def _shades(axis: Axis, bands: Sequence[Band]) -> list[dict[str, Any]]:
    """Return the shades: works and outages behind the gaps, and above them by their upper edge."""
    events = [_band(axis, band) for band in bands if band.look in ("work", "down")]
    others = [_band(axis, band) for band in bands if band.look not in ("work", "down")]
    return [*events, *others, *({**shape, "y0": EDGE} for shape in events)]


def _band(axis: Axis, band: Band) -> dict[str, Any]:
    begin, end = max(band.start, axis.start), min(band.end, axis.end)
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": axis.place(begin),
        "x1": axis.place(end),
        "y0": 0,
        "y1": 1,
        **({"templateitemname": band.look, "visible": True} if band.look != "gap" else {}),
    }


def _labels(levels: Sequence[Level], divisor: float) -> list[dict[str, Any]]:
    """Return the words on the lines, the higher one above its line where two are close."""
    highest = max((level.value for level in levels), default=0.0)
    spread = highest - min((level.value for level in levels), default=0.0)
    close = len(levels) > 1 and spread < 0.15 * highest
    return [
        {
            "xref": "paper",
            "yref": "y",
            "x": 0,
            "xanchor": "left",
            "y": level.value / divisor,
            "yanchor": "top" if close and level.value < highest else "bottom",
            "text": level.text,
        }
        for level in levels
    ]
