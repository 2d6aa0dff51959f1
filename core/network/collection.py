"""How the collection itself goes: what each process does, which routers fail and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Company, Internal
from core.network.inventory import Device, Link, Site

OK = "ok"
NOT_READ = "not_read"


class DeviceHealth(Internal):
    """How the last visits to a router ended; written when that changes, not at each visit.

    ``outcome`` is a value of the collector's own list (« ok », « timeout », « bad_answer »…),
    ``detail`` a few words without any secret, ``since`` when it became so. ``backed_off``: it
    failed so often that it is only probed now and then.
    """

    __tablename__ = "device_health"

    device_id: Mapped[int] = mapped_column(
        sa.ForeignKey("device.id", ondelete="CASCADE"), primary_key=True
    )
    outcome: Mapped[str] = mapped_column(sa.String(24))
    detail: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    backed_off: Mapped[bool] = mapped_column(default=False)


class CollectorState(Internal):
    """One process of the collector, as it last told of itself.

    ``numbers``: totals since ``started`` and gauges of the moment, by name.
    """

    __tablename__ = "collector_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int]
    engine: Mapped[str]
    started: Mapped[datetime]
    at: Mapped[datetime]
    numbers: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A router that fails, or that nobody has read for too long, and what hangs on it.

    ``outcome`` as in ``DeviceHealth``, or ``NOT_READ`` when no visit tells why. ``read_at``: the
    newest reading of any of its links.
    """

    device_id: int
    device: str
    company: str
    site: str
    links: int
    outcome: str
    detail: str
    since: datetime | None
    read_at: datetime | None
    backed_off: bool


@dataclass(frozen=True, slots=True)
class Collection:
    """How the collection stands: its processes by name, its routers, those in trouble longest
    first.
    """

    processes: Sequence[CollectorState]
    devices: int
    links: int
    troubles: Sequence[Trouble]

    def counts(self) -> Mapping[str, int]:
        """Return how many routers are in trouble, by outcome, most first."""
        return dict(Counter(trouble.outcome for trouble in self.troubles).most_common())


def collection(
    engine: sa.Engine, read: Mapping[int, int], now: datetime, stale_after: float
) -> Collection:
    """Return how the collection stands.

    ``read`` is when each link was last read (UTC epoch seconds); a router none of whose links
    was read within ``stale_after`` seconds is in trouble, whatever its last visit said.
    """
    links = sa.select(Link.device_id, Link.id).where(
        Link.device_id.is_not(None), Link.closed.is_(None)
    )
    devices = (
        sa.select(Device.id, Device.name, Company.name, Site.name, DeviceHealth)
        .join(Company, Company.id == Device.company_id)
        .join(Site, Site.id == Device.site_id, isouter=True)
        .join(DeviceHealth, DeviceHealth.device_id == Device.id, isouter=True)
        .where(Device.polled, Device.closed.is_(None))
    )
    with orm.Session(engine) as session:
        newest: dict[int, int] = {}
        count: Counter[int] = Counter()
        for device, link in session.execute(links).all():
            count[device or 0] += 1
            newest[device or 0] = max(newest.get(device or 0, 0), read.get(link, 0))
        found: Sequence[Any] = session.execute(devices).all()
        rows = [row for row in found if row[0] in count]
        processes = session.scalars(sa.select(CollectorState).order_by(CollectorState.name)).all()
        session.expunge_all()
    late = now.timestamp() - stale_after
    troubles = [
        _trouble(row, count[row[0]], newest[row[0]])
        for row in rows
        if newest[row[0]] < late or (row[4] is not None and row[4].outcome != OK)
    ]
    troubles.sort(key=lambda t: (t.since or t.read_at or now, t.device))
    return Collection(processes, len(rows), sum(count[row[0]] for row in rows), troubles)


def _trouble(row: Any, links: int, newest: int) -> Trouble:
    device_id, device, company, site, health = row
    read_at = datetime.fromtimestamp(newest, UTC) if newest else None
    if health is None or health.outcome == OK:
        return Trouble(
            device_id, device, company, site or "", links, NOT_READ, "", read_at, read_at, False
        )
    return Trouble(
        device_id, device, company, site or "", links,
        health.outcome, health.detail, health.since, read_at, health.backed_off,
    )  # fmt: skip
