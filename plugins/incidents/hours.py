"""Service hours, and spans of time: joined, cut, measured. Pure.

Spans are [start, end[ in UTC. Civil hours are turned into UTC day by day, so that a change of
hour lengthens or shortens the one span it falls into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays


class Span(NamedTuple):
    """A period, its end excluded; aware UTC."""

    start: datetime
    end: datetime


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of a year in metropolitan France (Code du travail, L3133-1)."""
    return frozenset(holidays.country_holidays("FR", years=year))


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """When a contract counts time: on ``days`` (0 is Monday) from ``opens`` to ``closes``, civil
    hours of the customer's zone, save public holidays. Without hours, always.
    """

    days: frozenset[int] = frozenset(range(7))
    opens: time | None = None
    closes: time | None = None

    def within(self, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Span]:
        """Yield the spans of ``[start, end[`` that are service hours, in order."""
        if self.opens is None or self.closes is None:
            if start < end:
                yield Span(start, end)
            return
        day = start.astimezone(zone).date()
        last = end.astimezone(zone).date()
        while day <= last:
            if day.weekday() in self.days and day not in public_holidays(day.year):
                begun = datetime.combine(day, self.opens, zone).astimezone(UTC)
                ended = datetime.combine(day, self.closes, zone).astimezone(UTC)
                span = Span(max(begun, start), min(ended, end))
                if span.start < span.end:
                    yield span
            day += timedelta(days=1)


ALWAYS = ServiceHours()


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the union of spans, in order, none touching another."""
    found: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """Return what is in spans and in none of the holes, in order."""
    cuts = merged(holes)
    found = []
    for span in merged(spans):
        start = span.start
        for hole in cuts:
            if hole.end <= start:
                continue
            if hole.start >= span.end:
                break
            if hole.start > start:
                found.append(Span(start, hole.start))
            start = max(start, hole.end)
        if start < span.end:
            found.append(Span(start, span.end))
    return found


def common(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return what is in both, in order."""
    ones = merged(spans)
    return without(ones, without(ones, others))


def lasting(spans: Iterable[Span]) -> timedelta:
    """Return how long spans last together; they must not overlap."""
    return sum((span.end - span.start for span in spans), timedelta())
