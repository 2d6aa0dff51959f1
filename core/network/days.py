"""A history of states as civil days: how long each state lasted in each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from core.network.status import Reason, State

NINETY = 90


class Change(NamedTuple):
    """The state that something took at a moment (aware), and why."""

    at: datetime
    state: State
    reason: Reason = Reason.NONE


C = TypeVar("C", bound=Change)


@dataclass(frozen=True, slots=True)
class Day:
    """A civil day in a customer's zone, from ``start`` to ``end`` (aware; ``end`` is now today).

    ``seconds`` is how long each state lasted: 82,800 in all on the day that is an hour short,
    90,000 on the day that is an hour long. ``changes`` counts the changes within it.
    """

    day: date
    start: datetime
    end: datetime
    seconds: Mapping[State, float]
    changes: int

    @property
    def state(self) -> State:
        """The state that stands for the day: down or degraded however shortly, else unknown if
        that is most of it, else up.
        """
        for state in (State.DOWN, State.DEGRADED):
            if self.seconds[state] > 0:
                return state
        if self.seconds[State.UNKNOWN] * 2 > sum(self.seconds.values()) or not self.known:
            return State.UNKNOWN
        return State.UP

    @property
    def known(self) -> float:
        """Seconds whose state is known."""
        return sum(s for state, s in self.seconds.items() if state is not State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Availability:
    """The share of the known time up or degraded (0 to 1, None if none is known), and the share
    of all time that is not known.
    """

    ratio: float | None
    unknown: float


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a civil day starts, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def first_day(now: datetime, zone: ZoneInfo, count: int = NINETY) -> date:
    """Return the first of the last ``count`` civil days, today included."""
    return now.astimezone(zone).date() - timedelta(days=count - 1)


def civil_days(
    changes: Sequence[Change], zone: ZoneInfo, now: datetime, count: int = NINETY
) -> list[Day]:
    """Return the last ``count`` civil days, today last.

    ``changes`` come in the order of time; the first may be older than the first day: it tells
    the state that day starts in. Before any change, nothing is known.
    """
    first = first_day(now, zone, count)
    found = []
    for n in range(count):
        day = first + timedelta(days=n)
        start = midnight(day, zone)
        end = min(midnight(day + timedelta(days=1), zone), now)
        found.append(_day(day, start, end, changes))
    return found


def _day(day: date, start: datetime, end: datetime, changes: Sequence[Change]) -> Day:
    seconds = dict.fromkeys(State, 0.0)
    for change, begun, ended in periods(changes, start, end):
        state = change.state if change else State.UNKNOWN
        seconds[state] += (ended - begun).total_seconds()
    return Day(day, start, end, seconds, sum(start <= c.at < end for c in changes))


def periods(
    changes: Sequence[C], start: datetime, end: datetime
) -> Iterator[tuple[C | None, datetime, datetime]]:
    """Yield (change, begin, end) of each state within ``[start, end[``; None before any change."""
    before: C | None = None
    begun = start
    for change in changes:
        if change.at >= end:
            break
        if change.at > begun:
            yield before, begun, change.at
            begun = change.at
        before = change
    if begun < end:
        yield before, begun, end


def availability(days: Sequence[Day]) -> Availability:
    """Return how available something was over days; time that is not known is left out."""
    total = sum(sum(day.seconds.values()) for day in days)
    known = sum(day.known for day in days)
    down = sum(day.seconds[State.DOWN] for day in days)
    return Availability(
        (known - down) / known if known else None, (total - known) / total if total else 0.0
    )
