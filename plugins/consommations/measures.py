"""What links carried over a period, as the page, its file and its figures show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.api import Axis, Context, Link, Report, Series, Slots
from plugins.consommations.address import FIVE, Period

POINTS = 500
RAW = timedelta(days=9)
"""Readings of a minute are kept ten days: before that, five minutes are the finest there is."""
Rates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measures:
    """The curve and the figures of links taken together.

    ``period`` begins where the first slot does, so that the slots add up to the volume.
    ``partial`` marks the slots in which some of the links were measured and others were not;
    ``silent`` are the links without a measure in the whole period, which are left out.
    """

    period: Period
    series: Series
    seconds: Rates
    in_octets: Rates
    out_octets: Rates
    partial: NDArray[np.bool_]
    report: Report
    silent: Sequence[Link]

    @property
    def measured(self) -> bool:
        return self.report.covered > 0

    @property
    def absent(self) -> NDArray[np.bool_]:
        """The slots without any measure."""
        return np.isnan(self.series.in_bps)

    @property
    def asked(self) -> float:
        """Seconds of the period."""
        return (self.period.end - self.period.start).total_seconds()

    def axis(self, ctx: Context) -> Axis:
        return axis_of(ctx, self.series, self.period)


def axis_of(ctx: Context, series: Series, period: Period) -> Axis:
    return Axis(series.start, series.step, len(series.in_bps), period.end, ctx.zone)


def points_for(ctx: Context, period: Period) -> int:
    """Return how many points a curve has: never finer than what is kept of its time."""
    span = (period.end - period.start).total_seconds()
    if period.start > ctx.now - RAW:
        return POINTS
    return max(1, min(POINTS, int(span // FIVE)))


def measured(ctx: Context, links: Sequence[Link], period: Period) -> Measures:
    """Return what links carried over a period; curves are summed slot by slot."""
    slots = ctx.metrics.slots(links, period.start, period.end, points_for(ctx, period))
    whole = Period(slots.start, period.end, period.live)
    heard = heard_of(slots)
    kept = [link for link, one in zip(links, heard, strict=True) if one]
    silent = [link for link, one in zip(links, heard, strict=True) if not one]
    if len(links) == 1:
        report = ctx.metrics.reports(links, whole.start, whole.end)[links[0].id]
    else:
        report = ctx.metrics.combined(kept, whole.start, whole.end)
    series, partial = together(slots, heard)
    return Measures(
        whole,
        series,
        slots.seconds[heard].min(axis=0) if kept else np.zeros(slots.seconds.shape[1]),
        slots.in_octets[heard].sum(axis=0),
        slots.out_octets[heard].sum(axis=0),
        partial,
        report,
        silent,
    )


def heard_of(slots: Slots) -> NDArray[np.bool_]:
    """Return which links have a measure in some slot."""
    return np.asarray((slots.seconds > 0).any(axis=1), dtype=np.bool_)


def together(slots: Slots, heard: NDArray[np.bool_]) -> tuple[Series, NDArray[np.bool_]]:
    """Return the mean rates of links summed slot by slot, and the slots that some of them miss.

    A slot is the sum of those measured in it, NaN without any.
    """
    seconds = slots.seconds[heard]
    known = seconds > 0
    ways = []
    for octets in (slots.in_octets[heard], slots.out_octets[heard]):
        rates = np.divide(octets * 8, seconds, out=np.zeros_like(octets), where=known)
        total = rates.sum(axis=0)
        total[~known.any(axis=0)] = np.nan
        ways.append(total)
    partial = np.asarray(known.any(axis=0) & ~known.all(axis=0), dtype=np.bool_)
    return Series(slots.start, slots.step, *ways), partial


def before(ctx: Context, links: Sequence[Link], shown: Measures) -> tuple[Rates, Rates]:
    """Return the rates of the period before, on the slots of the one shown."""
    count, step = len(shown.series.in_bps), shown.series.step
    start = shown.period.start - timedelta(seconds=count * step)
    slots = ctx.metrics.slots(links, start, shown.period.start, count)
    series, _partial = together(slots, heard_of(slots))
    return series.in_bps[:count], series.out_bps[:count]


def slot_times(shown: Measures) -> list[tuple[datetime, datetime]]:
    """Return when each slot of a curve begins and ends, the last one where the period does."""
    step = timedelta(seconds=shown.series.step)
    times = [shown.series.start + i * step for i in range(len(shown.series.in_bps))]
    return [(at, min(at + step, shown.period.end)) for at in times]
