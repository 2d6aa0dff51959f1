"""Civil months in a customer's zone, as the UTC times between which their samples end."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SLOT = 300
"""Seconds of the slots that percentiles are made of."""


def month(year: int, number: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of a month and of the next one (UTC), by the clocks of ``zone``."""
    after = (year + number // 12, number % 12 + 1)
    start, end = (datetime(y, m, 1, tzinfo=zone) for y, m in ((year, number), after))
    return start.astimezone(UTC), end.astimezone(UTC)


def slots(start: datetime, end: datetime) -> int:
    """Return how many five-minute slots begin in ``[start, end[``: 276 on 2026-03-29 in Paris."""
    first, last = (-int(-at.timestamp() // SLOT) for at in (start, end))
    return max(last - first, 0)
