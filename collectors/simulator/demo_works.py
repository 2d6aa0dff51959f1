"""Planned works of the demo: some outages of the last weeks were announced, works go on where a
main link flaps, and some are to come.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collectors.simulator.demo_rows import Network, Unit
from core.network.works import PlannedWork

WEEKS = timedelta(weeks=12)
EVERY = 8
"""One service in so many has works to come."""
_TITLES = (
    "Remplacement d’un équipement de transmission",
    "Déplacement de fibre sur voirie",
    "Mise à jour du routeur",
    "Maintenance électrique du point de présence",
)


def announce(network: Network, now: datetime) -> None:
    """Add works over the last long outage of some main links, over those that flap now, and for
    the days to come.
    """
    for number, unit in enumerate(network.units):
        past = _last_outage(unit, now)
        if past is not None and number % 2 == 0:
            start, end = past
            _add(network, unit, number, start - timedelta(minutes=20), end + timedelta(minutes=40))
        if network.troubles.get(unit.interfaces[0].reference) == "flapping":
            _add(network, unit, number, now - timedelta(hours=2), now + timedelta(hours=6))
        if number % EVERY == 3:
            night = (now + timedelta(days=2 + number % 20)).replace(hour=21, minute=0, second=0)
            _add(network, unit, number, night, night + timedelta(hours=5))


def _last_outage(unit: Unit, now: datetime) -> tuple[datetime, datetime] | None:
    ends = (now - WEEKS).timestamp()
    for start, end in reversed(unit.episodes[0].down):
        if start >= ends and end < now.timestamp() - 3600:
            return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    return None


def _add(network: Network, unit: Unit, number: int, start: datetime, end: datetime) -> None:
    network.add(
        PlannedWork, company_id=unit.company_id, site_id=unit.site_id, link_id=unit.link_ids[0],
        title=_TITLES[number % len(_TITLES)], cancelled=None,
        starts=start.replace(microsecond=0), ends=end.replace(microsecond=0),
    )  # fmt: skip
