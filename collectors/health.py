"""How the last visits to each device ended: kept when that changes, for « Collecte »."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from collectors.poller import BREAKER
from collectors.readings import Visit
from collectors.snmp import Outcome
from core.network.collection import DeviceHealth
from core.network.inventory import Device

LONGEST_DETAIL = 200


class _Health(NamedTuple):
    outcome: str
    detail: str
    backed_off: bool
    since: datetime


Row = tuple[int, _Health]


class Health:
    """Remembers how each device was last said to be, and gathers what changed since."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._known: dict[int, _Health] = {}
        self._kept: set[int] = set()
        self.changed: dict[int, _Health] = {}
        """What is to be written, by device."""

    def load(self) -> None:
        """Read what was kept before; errors of the database come through."""
        h = DeviceHealth
        query = sa.select(h.device_id, h.outcome, h.detail, h.backed_off, h.since)
        with self._engine.connect() as connection:
            for device, outcome, detail, backed_off, since in connection.execute(query):
                self._known[device] = _Health(outcome, detail, backed_off, since)
                self._kept.add(device)

    def take(self, visit: Visit) -> None:
        """Note a visit. A failure that goes on has the date of its beginning."""
        ok = visit.outcome is Outcome.OK
        detail = " ; ".join(visit.problems) if ok and visit.problems else visit.detail
        detail = detail[:LONGEST_DETAIL]
        backed_off = visit.failures >= BREAKER
        known = self._known.get(visit.device_id)
        if known is not None and known[:3] == (visit.outcome, detail, backed_off):
            return
        at = datetime.fromtimestamp(visit.at or time.time(), UTC)
        since = known.since if known is not None and known.outcome == visit.outcome else at
        health = _Health(visit.outcome.value, detail, backed_off, since)
        self._known[visit.device_id] = self.changed[visit.device_id] = health

    def write(self, rows: Sequence[Row]) -> None:
        """Keep these in one transaction; errors of the database come through.

        A device that is gone is left out, and a row that another process wrote is taken over.
        """
        values = [{"device": device, **health._asdict()} for device, health in rows]
        with self._engine.begin() as connection:
            if new := [v for v in values if v["device"] not in self._kept]:
                connection.execute(_ADD, new)
            connection.execute(_CHANGE, values)
        self._kept.update(device for device, _ in rows)


_TABLE = DeviceHealth.__table__
_VALUES: dict[str, Any] = {
    name: sa.bindparam(name, type_=_TABLE.c[name].type) for name in _Health._fields
}
_DEVICE = sa.bindparam("device", type_=sa.Integer)
_THERE = sa.select(DeviceHealth.device_id).where(DeviceHealth.device_id == _DEVICE).exists()
_ADD = sa.insert(DeviceHealth).from_select(
    ["device_id", *_Health._fields],
    sa.select(Device.id, *_VALUES.values()).where(Device.id == _DEVICE, ~_THERE),
)
_CHANGE = sa.update(DeviceHealth).where(_TABLE.c.device_id == _DEVICE).values(_VALUES)
