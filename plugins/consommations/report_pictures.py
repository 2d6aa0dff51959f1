"""Curves of a month as SVG within the page: no script, and the colours of the portal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.api import ClassSeries, Series, _, formats
from plugins.consommations.report_markup import Markup, el

WIDTH, HEIGHT = 900, 260
LEFT, TOP, BOTTOM = 92, 10, 24
FULL_WIDTH = LEFT + WIDTH + 8
POINTS = 1_500
"""Slots of half an hour at most in a month of 31 days."""
CLASS_POINTS = 750
COLOURS = 6
MOST_ABOVE = 2.5
"""What was sold is drawn unless it is so many times the traffic: that would be a flat line."""

Floats = NDArray[np.float64]


def traffic_picture(
    series: Series, zone: ZoneInfo, p95: float | None, sold: int | None, label: str
) -> tuple[Markup, set[str]]:
    """Return the curve of a link: entrant filled, sortant as a line, no measure as grey bands; and
    what is drawn: « in », « out », « p95 », « contract », « gap ».
    """
    peak = _top(series.in_bps, series.out_bps, p95 or 0.0)
    shown = sold if sold and sold <= MOST_ABOVE * peak else None
    top, lines = _scale(max(peak, shown or 0))
    into, out = (_y(values, top) for values in (series.in_bps, series.out_bps))
    x = _x(len(into))
    runs = _runs(~np.isnan(series.in_bps))
    curves = _curves(x, into, runs)
    bands = _bands(x, _runs(np.isnan(series.in_bps)))
    drawn = {"in", "out"} | ({"gap"} if bands else set())
    parts = [
        *bands,
        *lines,
        el("path", class_="in-area", d=_under(x, into, runs, curves)),
        el("path", class_="in", d=_lines(x, curves, runs)),
        el("path", class_="out", d=_lines(x, _curves(x, out, runs), runs)),
    ]
    for name, value in (("contract", shown), ("p95", p95)):
        if value is not None and runs:
            drawn.add(name)
            y = f"{HEIGHT * (1 - value / top):.1f}"
            parts.append(el("line", class_=name, x1=0, x2=WIDTH, y1=y, y2=y))
    return _framed(parts, series.start, series.step * len(into), zone, label), drawn


def class_picture(
    leaves: Sequence[tuple[int, ClassSeries]], zone: ZoneInfo, label: str
) -> Markup | None:
    """Return what classes (colour, series) sent, one above the other; None without a measure."""
    rates = np.array([one.sent_bps for _colour, one in leaves])
    measured = ~np.isnan(rates).all(axis=0)
    if not measured.any():
        return None
    tops: Floats = np.cumsum(np.nan_to_num(rates), axis=0)
    top, lines = _scale(float(tops[-1].max()))
    x, runs = _x(len(measured)), _runs(measured)
    parts = [*_bands(x, _runs(~measured)), *lines]
    below: Floats = np.zeros(len(measured))
    for (colour, _series), above in zip(leaves, tops, strict=True):
        d = _areas(x, _y(above, top), _y(below, top), runs)
        parts.append(el("path", class_=f"cos cos-{colour}", d=d))
        below = above.astype(np.float64)
    first = leaves[0][1]
    return _framed(parts, first.start, first.step * len(measured), zone, label)


def _top(*values: Any) -> float:
    return max((float(np.nanmax(v)) for v in values if not np.isnan(v).all()), default=0.0)


def _y(values: Floats, top: float) -> Floats:
    made: Floats = HEIGHT * (1 - values / top)
    return made


def _x(count: int) -> Floats:
    made: Floats = (np.arange(count, dtype=np.float64) + 0.5) * (WIDTH / max(1, count))
    return made


def _runs(of: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the stretches that are true, as half-open ranges of slots."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], of, [False]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _curves(x: Floats, y: Floats, runs: Sequence[tuple[int, int]]) -> list[str]:
    """Return the points of each stretch of a curve."""
    return [_points(x[a:b], y[a:b]) for a, b in runs]


def _lines(x: Floats, curves: Sequence[str], runs: Sequence[tuple[int, int]]) -> str:
    """Return the path of a curve, cut at gaps; a slot between two gaps is a dash."""
    half = WIDTH / max(1, len(x)) / 2
    return "".join(
        f"M{points}" + (f"h{half:.1f}" if b - a == 1 else "")
        for points, (a, b) in zip(curves, runs, strict=True)
    )


def _under(x: Floats, y: Floats, runs: Sequence[tuple[int, int]], curves: Sequence[str]) -> str:
    """Return the path of the areas between a curve and the axis, to the edges of their slots."""
    half = WIDTH / max(1, len(x)) / 2
    return "".join(
        f"M{x[a] - half:.1f} {y[a]:.1f} {points} {x[b - 1] + half:.1f} {y[b - 1]:.1f}"
        f"V{HEIGHT}H{x[a] - half:.1f}Z"
        for points, (a, b) in zip(curves, runs, strict=True)
    )


def _areas(x: Floats, above: Floats, below: Floats, runs: Sequence[tuple[int, int]]) -> str:
    """Return the path of the areas between two curves, to the edges of their slots."""
    half = WIDTH / max(1, len(x)) / 2
    made = []
    for a, b in runs:
        along = np.concatenate([[x[a] - half], x[a:b], [x[b - 1] + half]])
        high = np.concatenate([above[a : a + 1], above[a:b], above[b - 1 : b]])
        low = np.concatenate([below[a : a + 1], below[a:b], below[b - 1 : b]])
        made.append(f"M{_points(along, high)}L{_points(along[::-1], low[::-1])}Z")
    return "".join(made)


def _points(x: Floats, y: Floats) -> str:
    return " ".join([f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)])


def _bands(x: Floats, runs: Sequence[tuple[int, int]]) -> list[Markup]:
    step = WIDTH / max(1, len(x))
    return [
        el("rect", class_="gap", x=f"{a * step:.1f}", y=0, width=f"{(b - a) * step:.1f}",
           height=HEIGHT)
        for a, b in runs
    ]  # fmt: skip


def _scale(most: float) -> tuple[float, list[Markup]]:
    """Return the top of the axis, a round number, and its lines with their labels."""
    most = most or 1.0
    rough = most / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)
    count = math.ceil(most / step * 0.999)
    top = step * count
    divisor, unit = formats.rate_unit(top)
    decimals = 0 if (step / divisor) % 1 < 1e-9 else 1 if (step / divisor * 10) % 1 < 1e-6 else 2
    made = []
    for n in range(count + 1):
        y = f"{HEIGHT * (1 - n / count):.1f}"
        said = formats.number(step * n / divisor, decimals)
        if n == count:
            said += f"{formats.SPACE}{unit}"
        made += [
            el("line", class_="grid", x1=0, x2=WIDTH, y1=y, y2=y),
            el("text", said, class_="axis end", x=-8, y=f"{float(y) + 4:.1f}"),
        ]
    return top, made


def _framed(
    parts: Sequence[Markup], start: datetime, span: int, zone: ZoneInfo, label: str
) -> Markup:
    box = f"0 0 {FULL_WIDTH} {TOP + HEIGHT + BOTTOM}"
    inner = el("g", *parts, *_days(start, span, zone), transform=f"translate({LEFT} {TOP})")
    return el("svg", el("title", label), inner, viewBox=box, role="img", class_="curve")


def _days(start: datetime, span: int, zone: ZoneInfo) -> list[Markup]:
    """Return the days under a curve, at the midnights of the zone."""
    made = []
    day = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    every = max(1, round(span / 86_400 / 10))
    while (day - start).total_seconds() < span:
        # Aware times of one zone differ by the clocks of that zone: compare them in UTC.
        at = (day.timestamp() - start.timestamp()) / span
        if 0 <= at < 0.98 and (day.day - 1) % every == 0:
            x = f"{at * WIDTH:.1f}"
            made += [
                el("line", class_="tick", x1=x, x2=x, y1=HEIGHT, y2=HEIGHT + 4),
                el("text", f"{day:%d/%m}", class_="axis", x=x, y=HEIGHT + 18),
            ]
        day += timedelta(days=1)
    return made


def nothing_measured() -> Markup:
    """Return what stands in the place of a curve without a measure."""
    return el("p", _("Aucune mesure de cette liaison dans le mois."), class_="nothing")
