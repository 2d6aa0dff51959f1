"""Marks of a time axis that tells civil time while it runs by elapsed time. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import dates

from core.i18n import locale

MOST = 9
"""Marks that a chart holds, at most."""
_MINUTES = (10, 30, 60, 180, 360, 720)
_DAYS = (1, 2, 7)
_MONTHS = (1, 2, 3, 6, 12)


def time_marks(start: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[datetime, str]]:
    """Return moments of ``[start, end]`` that are round by the clocks of ``zone``, in words.

    « 15:00 » within a day, « 24/11 » within months, « nov. » and « janv. 2026 » past that.
    """
    for minutes in _MINUTES:
        if (end - start) / timedelta(minutes=minutes) <= MOST:
            return [(at, _clock(at, zone)) for at in _clocks(start, end, zone, minutes)]
    for days in _DAYS:
        if (end - start) / timedelta(days=days) <= MOST:
            return [
                (at, at.astimezone(zone).strftime("%d/%m")) for at in _days(start, end, zone, days)
            ]
    for months in _MONTHS:
        found = list(_months(start, end, zone, months))
        if len(found) <= MOST:
            break
    return [(at, _month(at, zone)) for at in found]


def _clock(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return local.strftime("%d/%m" if not local.hour and not local.minute else "%H:%M")


def _month(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return dates.format_date(local, "MMM y" if local.month == 1 else "MMM", locale=locale())


def _clocks(start: datetime, end: datetime, zone: ZoneInfo, minutes: int) -> Iterator[datetime]:
    """Yield the moments at which the minutes of the local day are a multiple of ``minutes``."""
    least = min(minutes, 30)  # clocks change by whole hours or by half of one
    seconds = int(-(-start.timestamp() // (least * 60)) * least * 60)
    while seconds <= end.timestamp():
        at = datetime.fromtimestamp(seconds, UTC)
        local = at.astimezone(zone)
        if (local.hour * 60 + local.minute) % minutes == 0:
            yield at
        seconds += least * 60


def _days(start: datetime, end: datetime, zone: ZoneInfo, days: int) -> Iterator[datetime]:
    """Yield local midnights: each day, every other one, or Mondays."""
    day = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= end:
        if day >= start and (day.toordinal() - 1) % days == 0:  # ordinal 1 was a Monday
            yield day.astimezone(UTC)
        day += timedelta(days=1)


def _months(start: datetime, end: datetime, zone: ZoneInfo, months: int) -> Iterator[datetime]:
    """Yield the local midnights at which months begin, every so many of them."""
    local = start.astimezone(zone)
    number = local.year * 12 + local.month - 1
    while True:
        at = datetime(number // 12, number % 12 + 1, 1, tzinfo=zone)
        if at > end:
            return
        if at >= start and number % months == 0:
            yield at.astimezone(UTC)
        number += 1
