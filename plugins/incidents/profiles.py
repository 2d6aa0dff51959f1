"""Contract profiles: what the operator commits itself to on a link. Pure.

Those in force are rows, which the operator's staff edits; ``STANDARD`` are those it begins with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from core.api import N_
from plugins.incidents.hours import ALWAYS, ServiceHours

ALWAYS_SINCE = date(2000, 1, 1)
"""The day from which what has always been so applies."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A commitment: « GTR », the time to restore within service hours, and availability a month.

    ``target`` is a share (0 to 1). ``bands`` gives the penalty, as a share of the monthly fee, for
    an availability below each threshold; ``late`` the one for each delay past the GTR begun.
    """

    code: str
    label: str
    hours: ServiceHours
    restore: timedelta
    target: float
    bands: tuple[tuple[float, float], ...]
    late: tuple[tuple[timedelta, float], ...]

    def penalty(self, availability: float, excess: timedelta) -> float:
        """Return the share of the monthly fee that is due: the greater of both commitments.

        ``excess`` is the longest time past the GTR. What is exactly at a threshold keeps it.
        """
        below = [share for threshold, share in self.bands if availability < threshold]
        after = [share for delay, share in self.late if excess > delay]
        return max([0.0, *below, *after])


_BANDS = ((0.9985, 0.05), (0.995, 0.10), (0.99, 0.20))
_LATE = (
    (timedelta(0), 0.05), (timedelta(hours=2), 0.10), (timedelta(hours=6), 0.20),
)  # fmt: skip
BUSINESS = ServiceHours(frozenset(range(5)), time(8), time(18))
"""From Monday to Friday, 8 to 18 h, save French public holidays."""

PROFILES = {
    profile.code: profile
    for profile in (
        Profile("gtr4-24x7", N_("GTR 4 h, 24 h / 24 et 7 j / 7"), ALWAYS, timedelta(hours=4),
                0.9985, _BANDS, _LATE),
        Profile("gtr4-ho", N_("GTR 4 h en heures ouvrées"), BUSINESS, timedelta(hours=4),
                0.995, _BANDS[1:], _LATE),
        Profile("gtr8-ho", N_("GTR 8 h en heures ouvrées"), BUSINESS, timedelta(hours=8),
                0.99, _BANDS[2:], _LATE),
    )
}  # fmt: skip
DEFAULT = PROFILES["gtr4-24x7"]
"""The profile of a link for which none was declared."""
