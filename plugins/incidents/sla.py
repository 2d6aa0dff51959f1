"""The arithmetic of commitments: what of a ticket counts, when it is due, what a month comes to.

Pure: times are aware UTC, ``zone`` is the customer's. It comes from tickets alone, never from
what was measured. An incident counts from the opening of its ticket to its resolution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from plugins.incidents.hours import ALWAYS, Span, common, lasting, merged, without
from plugins.incidents.life import Stop
from plugins.incidents.profiles import Profile

HORIZON = timedelta(days=60)
"""How far ahead the due time of a ticket is looked for."""


class Counted(StrEnum):
    """What a part of an incident is to the commitments."""

    RUNNING = "compte"
    STOPPED = "arrete"
    RESTORED = "retabli"
    WORKS = "travaux"
    OUTSIDE = "hors_service"
    EXCLUDED = "exclu"


class Pause(NamedTuple):
    """A period over which the clock stood; ``end`` is None while it does."""

    start: datetime
    end: datetime | None
    reason: Stop = Stop.CUSTOMER


@dataclass(frozen=True, slots=True)
class Incident:
    """A ticket as commitments see it; ``end`` is None while it is not resolved.

    ``cuts`` says that the service was interrupted: only those lower the availability.
    ``excluded`` ones are not due to the operator: nothing of them counts.
    """

    number: str
    start: datetime
    end: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    cuts: bool = True
    excluded: bool = False


class Part(NamedTuple):
    """A part of an incident, and what it is to the commitments: the evidence of a figure."""

    number: str
    start: datetime
    end: datetime
    what: Counted


def parts(
    incident: Incident, profile: Profile, zone: ZoneInfo, works: Sequence[Span], now: datetime
) -> list[Part]:
    """Return the whole of an incident, up to ``now``, cut into parts that follow one another.

    Where several reasons not to count meet, the first of these holds: not the operator's, service
    restored, waiting for the customer, planned works, outside service hours.
    """
    whole = Span(incident.start, incident.end or max(now, incident.start))
    if not (incident.excluded or incident.pauses or works) and profile.hours is ALWAYS:
        return [Part(incident.number, *whole, Counted.RUNNING)] if whole.start < whole.end else []
    left = merged([whole])
    found: list[Part] = []

    def take(spans: Iterable[Span], what: Counted) -> None:
        nonlocal left
        taken = common(left, spans) if left else []
        if not taken:
            return
        found.extend(Part(incident.number, span.start, span.end, what) for span in taken)
        left = without(left, taken)

    if incident.excluded:
        take([whole], Counted.EXCLUDED)
    for reason, what in ((Stop.RESTORED, Counted.RESTORED), (Stop.CUSTOMER, Counted.STOPPED)):
        stops = [Span(p.start, p.end or whole.end) for p in incident.pauses if p.reason is reason]
        take(stops, what)
    take(works, Counted.WORKS)
    take(profile.hours.within(whole.start, whole.end, zone), Counted.RUNNING)
    take([whole], Counted.OUTSIDE)
    return sorted(found, key=lambda part: part.start)


def running(found: Iterable[Part]) -> list[Span]:
    """Return the parts that count."""
    return merged(Span(part.start, part.end) for part in found if part.what is Counted.RUNNING)


def spent(
    incident: Incident, profile: Profile, zone: ZoneInfo, works: Sequence[Span], now: datetime
) -> timedelta:
    """Return the time to restore so far: what counts of an incident."""
    return lasting(running(parts(incident, profile, zone, works, now)))


def due(
    incident: Incident, profile: Profile, zone: ZoneInfo, works: Sequence[Span], now: datetime
) -> datetime | None:
    """Return when the time to restore is used up, as things stand; None while the clock stands
    still, for what never counts, or when that is more than ``HORIZON`` away.
    """
    left = profile.restore
    for span in ahead(incident, profile, zone, works, now):
        length = span.end - span.start
        if length >= left:
            return span.start + left
        left -= length
    return None


def ahead(
    incident: Incident, profile: Profile, zone: ZoneInfo, works: Sequence[Span], now: datetime
) -> list[Span]:
    """Return when the clock of an incident runs, from its opening to ``HORIZON``, as things stand;
    nothing while it waits for its customer.
    """
    if incident.end is None and any(pause.end is None for pause in incident.pauses):
        return []
    later = Incident(
        incident.number, incident.start, now + HORIZON, incident.pauses, excluded=incident.excluded
    )
    return running(parts(later, profile, zone, works, now))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a period comes to on a link: times within service hours, shares from 0 to 1.

    ``restored`` counts the incidents resolved in the period, ``late`` those past the GTR;
    ``excess`` is the longest time past it. ``evidence`` is every part of every incident.
    """

    service: timedelta
    down: timedelta
    incidents: int
    restored: int
    late: int
    longest: timedelta
    excess: timedelta
    availability: float
    penalty: float
    evidence: tuple[Part, ...]


def figures(
    incidents: Sequence[Incident],
    profile: Profile,
    zone: ZoneInfo,
    works: Sequence[Span],
    period: Span,
    now: datetime,
    service: timedelta | None = None,
    under: Callable[[datetime], Profile] | None = None,
) -> Figures:
    """Return what a period comes to. Incidents that overlap are counted once.

    The availability is 1 - (interruptions / service hours of the period), up to ``now``; an
    incident past its GTR counts in the period in which it was resolved, or stands at ``now``.
    ``service`` is how long the service hours of the period are, when it is known already. An
    incident is under the terms in force when its ticket was opened, which ``under`` tells where
    they changed; the availability is held against those of ``profile``, in force at the end.
    """
    until = min(period.end, max(now, period.start))
    if service is None:
        service = lasting(profile.hours.within(period.start, until, zone))
    evidence: list[Part] = []
    down: list[Span] = []
    longest, excess, restored, late = timedelta(), timedelta(), 0, 0
    for incident in incidents:
        own = under(incident.start) if under else profile
        found = parts(incident, own, zone, works, min(now, period.end))
        inside = [clipped for part in found if (clipped := _clipped(part, period.start, until))]
        evidence += inside
        if incident.cuts:
            down += running(inside)
        ended = incident.end is not None and period.start <= incident.end < period.end
        standing = incident.end is None or incident.end >= period.end
        if ended or (standing and inside):
            taken = lasting(running(found))
            over = taken > own.restore
            # One that goes on is late here only if the next period does not tell it.
            if ended or now < period.end:
                longest, late = max(longest, taken), late + over
                excess = max(excess, taken - own.restore)
            restored += ended
    lost = lasting(merged(down))
    share = 1 - lost / service if service else 1.0
    return Figures(
        service, lost, len({part.number for part in evidence}), restored, late, longest, excess,
        share, profile.penalty(share, excess),
        tuple(sorted(evidence, key=lambda part: (part.start, part.number))),
    )  # fmt: skip


def _clipped(part: Part, start: datetime, end: datetime) -> Part | None:
    begun, ended = max(part.start, start), min(part.end, end)
    return part._replace(start=begun, end=ended) if begun < ended else None
