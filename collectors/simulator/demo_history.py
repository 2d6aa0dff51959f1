"""A year that did not happen: outages, the states they gave, and the traffic between them.

What a chart shows and what the history of states says come from the same episodes: a link that
was down carried nothing, a router that was silent left a gap, a backup carried its site.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collectors.simulator.control import FLAP_PERIOD
from collectors.simulator.model import Floats, Interface, Traffic, Whole
from core.network.metrics.sqlite import Rolled
from core.network.status import Reason, State, Status, service_status

DAY, HOUR, FIVE = 86_400, 3_600, 300
UP = Status(State.UP)
DOWN = Status(State.DOWN, Reason.INTERFACE_DOWN)
SILENT = Status(State.UNKNOWN, Reason.UNREACHABLE)
_SETTLED = 2 * HOUR
"""The last hours hold only the troubles that stand: nothing else is about to end."""
_FLAPPING = 20 * 60

Spans = list[tuple[float, float]]
"""Periods [start, end[ in UTC epoch seconds, in order; the end is infinite while it lasts."""


@dataclass(slots=True)
class Episodes:
    """What befell one link: when it was down, when its router was silent."""

    down: Spans = field(default_factory=list)
    silent: Spans = field(default_factory=list)

    def at(self, moment: float) -> Status:
        if any(start <= moment < end for start, end in self.silent):
            return SILENT
        return DOWN if any(start <= moment < end for start, end in self.down) else UP

    def moments(self) -> set[float]:
        """Every moment at which something may change."""
        spans = (*self.down, *self.silent)
        return {moment for span in spans for moment in span if moment != np.inf}


def draw_outages(name: str, a_year: float, start: float, end: float, minutes: float) -> Spans:
    """Return outages drawn by ``name``: that many a year, of that median length."""
    draw = random.Random(name)  # noqa: S311 - a repeatable drawing, no secret
    spans: Spans = []
    at = start
    while True:
        at += draw.expovariate(a_year / (365 * DAY))
        length = min(max(draw.lognormvariate(np.log(minutes), 1.1), 2), 14 * 60) * 60
        if at + length > end - _SETTLED:
            return spans
        spans.append((float(int(at)), float(int(at + length))))
        at += length + HOUR


def draw_standing(name: str, trouble: str, now: float) -> Spans:
    """Return the periods of a trouble that stands now: « down », « silent » or « flapping »."""
    draw = random.Random(f"{name} {trouble}")  # noqa: S311 - as above
    if trouble == "flapping":
        first = int((now - _FLAPPING) / FLAP_PERIOD) | 1
        downs = range(first, int(now / FLAP_PERIOD) + 1, 2)
        spans = [(n * FLAP_PERIOD, (n + 1) * FLAP_PERIOD) for n in downs]
        return [(a, b if b < now else np.inf) for a, b in spans]
    since = now - draw.uniform(15 * 60, 50 * 60 if trouble == "silent" else 30 * HOUR)
    return [(float(int(since)), np.inf)]


def link_changes(episodes: Episodes, start: float) -> Iterator[tuple[float, Status]]:
    """Yield the states a link took, the first at ``start``."""
    return _changes([start, *episodes.moments()], episodes.at)


def service_changes(
    main: Episodes, backup: Episodes | None, start: float
) -> Iterator[tuple[float, Status]]:
    """Yield the states a service took, by the same rules as the collector's."""
    moments = [start, *main.moments(), *(backup.moments() if backup else ())]
    return _changes(
        moments, lambda at: service_status(main.at(at), backup.at(at) if backup else None)
    )


def _changes(
    moments: Iterable[float], status: Callable[[float], Status]
) -> Iterator[tuple[float, Status]]:
    before: Status | None = None
    for moment in sorted(set(moments)):
        now = status(moment)
        if now != before:
            yield moment, now
            before = now


def _share(spans: Spans, starts: Whole, size: int) -> Floats:
    """Return the share of each slot that spans cover."""
    share = np.zeros(len(starts))
    if len(starts) == 0:
        return share
    origin, last = int(starts[0]), int(starts[-1]) + size
    for start, end in spans:
        a, b = max(start, origin), min(end, last)
        if a < b:
            low, high = int((a - origin) // size), int(-(-(b - origin) // size))
            edges = origin + np.arange(low, high) * size
            share[low:high] += (np.minimum(edges + size, b) - np.maximum(edges, a)) / size
    return np.minimum(share, 1.0)


@dataclass(frozen=True, slots=True)
class Carried:
    """Octets of some links, links × slots, and the seconds that were measured of each slot."""

    starts: Whole
    size: int
    seconds: Floats
    into: Whole
    out: Whole

    def by(self, size: int) -> Carried:
        """Add slots up into larger ones; a last one that is not whole is left out."""
        times = size // self.size
        whole = len(self.starts) // times
        links = len(self.into)

        def total(values: Floats | Whole) -> NDArray[Any]:
            folded = values[:, : whole * times].reshape(links, whole, times)
            return np.asarray(folded.sum(axis=2))

        starts = self.starts[: whole * times : times]
        return Carried(starts, size, total(self.seconds), total(self.into), total(self.out))

    def peaks(self, size: int) -> tuple[Whole, Whole]:
        """Return the highest rates (bit/s) of the slots that ``by(size)`` adds up."""
        times = size // self.size
        whole = len(self.starts) // times
        seconds = np.maximum(self.seconds, 1)

        def of(octets: Whole) -> Whole:
            rates = np.rint(octets * 8 / seconds)[:, : whole * times]
            highest = rates.reshape(len(octets), whole, times).max(axis=2)
            return np.asarray(highest, dtype=np.int64)

        return of(self.into), of(self.out)

    def measured(self, size: int) -> Whole:
        """Return how many of its slots were measured in each of those that ``by(size)`` makes."""
        times = size // self.size
        whole = len(self.starts) // times
        seen = (self.seconds[:, : whole * times] > 0).reshape(len(self.into), whole, times)
        return np.asarray(seen.sum(axis=2), dtype=np.int64)


def carried(
    interfaces: Sequence[Interface], episodes: Sequence[Episodes], starts: Whole, size: int
) -> Carried:
    """Return what links carried; a backup and its main link must come together."""
    into, out = Traffic(interfaces).rates(starts, size)
    place = {interface.reference: i for i, interface in enumerate(interfaces)}
    down = np.stack([_share(e.down, starts, size) for e in episodes])
    silent = np.stack([_share(e.silent, starts, size) for e in episodes])
    for i, interface in enumerate(interfaces):
        if interface.backup_of is None:
            continue
        main = place[interface.backup_of]
        top = interface.speed * 0.96
        into[i] = np.minimum(into[i] + into[main] * down[main], top)
        out[i] = np.minimum(out[i] + out[main] * down[main], top)
    seconds = np.rint(size * (1 - silent))
    share = (1 - down) * seconds / 8
    return Carried(starts, size, seconds, (into * share).astype(np.int64),
                   (out * share).astype(np.int64))  # fmt: skip


def rows(
    links: Iterable[int],
    history: Carried,
    samples: int | Whole,
    peaks: tuple[Whole, Whole] | None = None,
) -> Iterator[Rolled]:
    """Yield rows of the metric store, by link and time; a slot that was not measured has none.

    ``samples`` is how many readings a slot has, one number or one a link and slot.
    """
    counts = np.broadcast_to(samples, history.seconds.shape)
    for i, link in enumerate(links):
        kept = history.seconds[i] > 0
        of_peaks = [p[i][kept].tolist() for p in peaks] if peaks else [repeat(None), repeat(None)]
        yield from zip(
            repeat(link), history.starts[kept].tolist(), history.seconds[i][kept].tolist(),
            history.into[i][kept].tolist(), history.out[i][kept].tolist(), counts[i][kept].tolist(),
            *of_peaks, strict=False,
        )  # fmt: skip


def year(
    interfaces: Sequence[Interface], episodes: Sequence[Episodes], fine_from: int, upto: int
) -> tuple[Carried, Carried, Carried, Carried]:
    """Return a year that ends at ``upto``: five minutes since ``fine_from``, the hours since then,
    the hours before, and all the days.
    """
    five = carried(interfaces, episodes, np.arange(fine_from, upto, FIVE), FIVE)
    near = five.by(HOUR)
    first = (upto - 365 * DAY) // DAY * DAY
    far = carried(interfaces, episodes, np.arange(first, fine_from, HOUR), HOUR)
    hours = Carried(
        np.concatenate([far.starts, near.starts]), HOUR,
        np.concatenate([far.seconds, near.seconds], axis=1),
        np.concatenate([far.into, near.into], axis=1), np.concatenate([far.out, near.out], axis=1),
    )  # fmt: skip
    return five, near, far, hours
