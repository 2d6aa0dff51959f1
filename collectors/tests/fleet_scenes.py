"""Simulated routers read by a real engine, and what is kept of them: the whole path."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from collectors.inventory import Inventory, Shard
from collectors.lines import Lines
from collectors.poller import Poller
from collectors.simulator.fleet import Fleet
from collectors.simulator.model import DeviceSpec, Interface
from collectors.snmp import Outcome
from collectors.tests.fleet import add_link
from collectors.writer import Writer
from core.config import Collector
from core.host import Host
from core.network.collection import Trouble, collection
from core.network.inventory import Device, Link

SETTINGS = Collector(
    status_interval=5, traffic_interval=10, timeout=0.3, retries=0, threads=4, processes=1
)


def router(number: int, name: str, port: int) -> DeviceSpec:
    """Return a router of one line, « Gi0/0 », whose link bears its name."""
    line = Interface(name, 1, "Gi0/0", "GigabitEthernet0/0", 50_000_000, in_octets=2**40,
                     out_octets=2**40, seed=number)  # fmt: skip
    return DeviceSpec(name, f"127.71.0.{number}", port, "lire", (line,))


def add(host: Host, routers: Iterable[DeviceSpec]) -> dict[str, int]:
    """Put routers into the inventory; return their links, by name."""
    links = {
        spec.name: add_link(host, spec.host, spec.port, {"community": "lire"}, if_name="Gi0/0")
        for spec in routers
    }
    with Session(host.engine) as session, session.begin():
        for name, link in links.items():
            found = session.get_one(Link, link)
            session.get_one(Device, found.device_id).name = name
    return links


@dataclass
class FleetScene:
    """Routers that are not yet started, and the collector that reads them by one engine."""

    host: Host
    engine: Lines
    links: dict[str, int]
    fleet: Fleet

    def __post_init__(self) -> None:
        unseal = self.host.vault.open
        self.plans = Inventory(self.host.engine, unseal, SETTINGS, Shard()).plans()
        self.writer = Writer(self.host.metrics, self.host.engine, SETTINGS.traffic_interval)
        self.poller = Poller(self.engine, self.writer.put, SETTINGS)
        self.writer.follow(self.links.values())
        self.poller.follow(self.plans)

    def visit(self) -> dict[str, Outcome]:
        """Visit every router once, and write what it told; return how each visit ended."""
        visits = self.poller.once(time.monotonic() + 60)
        assert self.writer.write() is None
        return {self.plans[visit.device_id].name: visit.outcome for visit in visits}

    def troubles(self) -> dict[str, Trouble]:
        """Return what « Collecte » tells, by the name of the router."""
        read = self.host.metrics.freshness()
        return {t.device: t for t in collection(self.host.engine, read, self.now, 90).troubles}

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def octets(self, name: str) -> int:
        start, end = (datetime.fromtimestamp(at, UTC) for at in (0, 2**32))
        return self.host.metrics.volume(Link(id=self.links[name]), start, end).in_octets
