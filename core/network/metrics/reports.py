"""What a link, or several together, carried over a period: volumes, means, peaks, percentiles."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.network.metrics import Percentile, Report
from core.network.metrics.families import TRAFFIC
from core.network.metrics.levels import FIVE, SIZES, Level, ceil, cover, floor
from core.network.metrics.query import Grid, five, on_slots, totals

Floats = NDArray[np.float64]

_SIZE = SIZES[FIVE]
_COLUMNS = ("ms", "in_octets", "out_octets")
_TOTALS = (*_COLUMNS, "in_peak", "out_peak")
_SOME = 16
"""Links whose slots are in memory at once: a month of them is 3 MB, which a cache holds."""


def rates(
    connection: sqlite3.Connection, levels: Sequence[Level], ids: Sequence[int], grid: Grid
) -> Floats:
    """Return the mean rates of links on five-minute slots, (links, in and out, slots), bit/s.

    NaN where nothing was measured, or nothing is left: slots older than 400 days.
    """
    sums = np.full((len(ids), len(_COLUMNS), grid.count), np.nan)
    start = max(grid.first, levels[FIVE].kept_from)
    for piece in cover(levels, FIVE, start, grid.last):
        low, high = ((at - grid.first) // _SIZE for at in (piece.start, ceil(piece.end, _SIZE)))
        if piece.level == FIVE:
            sums[:, :, low:high] = five(connection, TRAFFIC, ids, _COLUMNS, piece.start, piece.end)
            continue
        part = Grid(grid.first + low * _SIZE, _SIZE, high - low)
        for place, link in enumerate(ids):
            sums[place, :, low:high] = on_slots(connection, levels, TRAFFIC, link, _COLUMNS, part)
    with np.errstate(divide="ignore", invalid="ignore"):
        made: Floats = sums[:, 1:] * 8000.0 / sums[:, :1]
    made[np.broadcast_to((~(sums[:, :1] > 0)), made.shape)] = np.nan
    return made


def nearest_rank(values: Floats, q: float) -> tuple[float | None, int]:
    """Return the q-th percentile of the values that are numbers, ``ceil(q/100 * n)``, and ``n``.

    The values are put in another order.
    """
    found = len(values) - int(np.isnan(values).sum())
    if not found:
        return None, 0
    # Rounded first: 0.95 * 20 must not become 19.000000000000004 and then 20.
    rank = math.ceil(round(q / 100 * found, 9))
    values.partition(rank - 1)  # NaN goes last
    return float(values[rank - 1]), found


def percentile(of_link: Floats, q: float) -> Percentile:
    """Return the percentile of rates (in and out, slots), which are put in another order."""
    slots = of_link.shape[1]
    (in_bps, found), (out_bps, _) = (nearest_rank(way, q) for way in of_link)
    return Percentile(in_bps, out_bps, found, slots - found)


def slots_of(start: float, end: float) -> Grid:
    """Return the five-minute slots that hold a period."""
    first = floor(start, _SIZE)
    return Grid(first, _SIZE, max((ceil(end, _SIZE) - first) // _SIZE, 0))


def reports(
    connection: sqlite3.Connection,
    levels: Sequence[Level],
    ids: Sequence[int],
    start: int,
    end: int,
) -> Iterator[tuple[int, Report]]:
    """Yield the report of each link over ``[start, end[``."""
    known = totals(connection, levels, TRAFFIC, ids, _TOTALS, start, end)
    grid = slots_of(start, end)
    for some, block in _blocks(connection, levels, ids, grid):
        for link, of_link in zip(some, block, strict=True):
            yield link, _report(known.get(link), percentile(of_link, 95), grid.count)


def _blocks(
    connection: sqlite3.Connection, levels: Sequence[Level], ids: Sequence[int], grid: Grid
) -> Iterator[tuple[Sequence[int], Floats]]:
    for first in range(0, len(ids), _SOME):
        some = ids[first : first + _SOME]
        yield some, rates(connection, levels, some, grid)


def _report(sums: Mapping[str, int | None] | None, p95: Percentile, slots: int) -> Report:
    if not sums or not sums["ms"]:
        return Report(0, 0, 0.0, None, None, None, None, None, None, slots, slots)
    ms, octets_in, octets_out = (int(sums[column] or 0) for column in _COLUMNS)
    in_peak, out_peak = sums["in_peak"], sums["out_peak"]
    peaks = [None if peak is None else float(peak) for peak in (in_peak, out_peak)]
    return Report(
        octets_in, octets_out, ms / 1000, octets_in * 8000 / ms, octets_out * 8000 / ms,
        peaks[0], peaks[1], p95.in_bps, p95.out_bps, slots, p95.missing,
    )  # fmt: skip


def combined(
    connection: sqlite3.Connection,
    levels: Sequence[Level],
    ids: Sequence[int],
    start: int,
    end: int,
) -> Report:
    """Return the report of links taken together over ``[start, end[``.

    Percentiles and peak are those of the sum slot by slot (no one read the links at the same
    second: the peak is that of a five-minute mean). Octets are of all links; the mean is the sum
    of their means, ``covered`` the seconds of the one least measured. None, and 0 covered, where
    one of the links has no measure: its part is not known.
    """
    grid = slots_of(start, end)
    known = totals(connection, levels, TRAFFIC, ids, _TOTALS, start, end)
    together = np.zeros((2, grid.count))
    for _, block in _blocks(connection, levels, ids, grid):
        together += block.sum(axis=0)
    every = [_report(known.get(link), Percentile(None, None, 0, 0), grid.count) for link in ids]
    if not every:
        together[:] = np.nan
    peaks = [float(np.nanmax(way)) if not np.isnan(way).all() else None for way in together]
    p95 = percentile(together, 95)
    return Report(
        sum(one.in_octets for one in every), sum(one.out_octets for one in every),
        min((one.covered for one in every), default=0.0),
        _sum([one.in_mean_bps for one in every]), _sum([one.out_mean_bps for one in every]),
        peaks[0], peaks[1], p95.in_bps, p95.out_bps, grid.count, p95.missing,
    )  # fmt: skip


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
