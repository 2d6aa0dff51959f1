"""From a sample to a row of its raw table, or None for one that cannot be."""

from __future__ import annotations

import math

from core.network.metrics import ClassSample, ProbeSample, Sample
from core.network.metrics.levels import MOST_OCTETS

Row = tuple[int | None, ...]
"""key, time, then the columns of ``Family.raw``."""


def of_link(s: Sample) -> Row | None:
    """Return the row of a link."""
    faults = (s.in_errors, s.out_errors, s.in_discards, s.out_discards)
    if not _possible(s.in_octets, s.out_octets, *(fault or 0 for fault in faults)):
        return None
    ms = _milliseconds(s.seconds)
    return None if ms is None else (s.link_id, s.at, ms, s.in_octets, s.out_octets, *faults)


def of_class(s: ClassSample) -> Row | None:
    """Return the row of a class of service."""
    carried = (s.offered_octets, s.sent_octets, s.dropped_octets, s.dropped_packets)
    ms = _milliseconds(s.seconds)
    return None if ms is None or not _possible(*carried) else (s.class_id, s.at, ms, *carried)


def of_probe(s: ProbeSample) -> Row | None:
    """Return the row of a probe: delays are weighted by the packets that came back."""
    back = s.sent - s.lost
    row = [s.sent, s.lost]
    for value in (s.rtt_ms, s.jitter_ms):
        if value is None or back <= 0:
            row += [0, 0]
        elif not 0 <= value < MOST_OCTETS / 1e6 / back:
            return None
        else:
            row += [back, round(value * 1000 * back)]
    return (s.probe_id, s.at, *row) if s.sent > 0 and _possible(s.sent, s.lost) else None


def _possible(*numbers: int) -> bool:
    return min(numbers) >= 0 and max(numbers) < MOST_OCTETS


def _milliseconds(seconds: float) -> int | None:
    if not 0 < seconds < math.inf:
        return None
    return round(seconds * 1000) or None
