"""A router, its visits and what is kept of them: the whole path but for the network."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from collectors import batches, writer
from collectors.inventory import Inventory, Shard
from collectors.readings import Moment, Visit
from collectors.tests.agents import Mib
from collectors.tests.fleet import add_link
from collectors.tests.routers import Rows, mib
from collectors.visits import Device
from collectors.writer import Writer
from core.host import Host
from core.network.inventory import Link
from core.network.measured import Probe, TrafficClass
from core.network.metrics import ClassSample, ProbeSample, Sample

T0 = 1_750_000_000.0
UPTIME = 5_000_000
"""sysUpTime at T0, 1/100 s."""


@contextlib.contextmanager
def log_lines() -> Iterator[list[EventDict]]:
    """Gather what the writer logs, however logs were set up by whoever came before."""
    with pytest.MonkeyPatch.context() as patch, structlog.testing.capture_logs() as lines:
        for module in (batches, writer):
            patch.setattr(module, "log", structlog.get_logger())
        yield lines


@dataclass
class Scene:
    """One link on « Gi0/1 » of one router, polled each minute from T0 on."""

    host: Host
    link: int = 0
    agent: Mib = field(default_factory=lambda: Mib({}))

    def __post_init__(self) -> None:
        self.link = add_link(self.host, "127.0.0.1", 161, {"community": "x"}, if_name="Gi0/1")
        settings = self.host.config.collector
        self._inventory = Inventory(self.host.engine, self.host.vault.open, settings, Shard())
        self.restart()

    def restart(self) -> None:
        """Start the collector afresh: what it had in memory is lost."""
        (plan,) = self._inventory.plans().values()
        self.device = Device(plan)
        self.writer = Writer(self.host.metrics, self.host.engine, 60)
        self.writer.follow([self.link])

    def look(self) -> None:
        """Take the inventory as it is now."""
        (plan,) = self._inventory.plans().values()
        self.device.follow(plan)

    def poll(self, minute: float, *rows: Rows, uptime: int | None = None, run: int = 0,
             clock: float = 0.0, refused: str = "") -> Visit:  # fmt: skip
        """Visit the router ``minute`` minutes after T0, by a clock that is wrong by ``clock`` s.

        ``refused`` is a word of what a store says that refuses what the visit told.
        """
        ticks = UPTIME + round(minute * 6_000) if uptime is None else uptime
        self.agent.values = mib(*rows, uptime=ticks % 2**32).values
        return self._visit(T0 + 60 * minute + clock, run, refused)

    def fail(self, minute: float) -> Visit:
        """Visit the router while it is silent."""
        self.agent.values = {}
        return self._visit(T0 + 60 * minute, 0, "")

    def _visit(self, at: float, run: int, refused: str) -> Visit:
        moment = Moment(at, run)
        visit = self.device.visit(self.agent, True, lambda: moment, time.monotonic() + 5)
        self.writer.put(visit)
        trouble = self.writer.write()
        assert trouble is not None and refused in trouble if refused else trouble is None
        return visit

    @property
    def gaps(self) -> dict[str, int]:
        return {str(cause): count for cause, count in self.writer.gaps.items()}

    def samples(self) -> list[Sample]:
        return [
            Sample(link, at, ms / 1_000, *rest)
            for link, at, ms, *rest in self._rows("select * from traffic_raw order by at")
        ]

    def octets(self) -> list[tuple[float, int]]:
        """Return (minutes after T0, octets in) of each sample."""
        return [((s.at - T0) / 60, s.in_octets) for s in self.samples()]

    def classes(self) -> list[TrafficClass]:
        with Session(self.host.engine, expire_on_commit=False) as session:
            return list(session.scalars(sa.select(TrafficClass).order_by(TrafficClass.path)))

    def class_samples(self) -> dict[str, list[ClassSample]]:
        """Return the samples of each class, by its path."""
        paths = {c.id: c.path for c in self.classes()}
        found: dict[str, list[ClassSample]] = {path: [] for path in paths.values()}
        for key, at, ms, *rest in self._rows("select * from class_raw order by at"):
            found[paths[key]].append(ClassSample(key, at, ms / 1_000, *rest))
        return found

    def sent(self) -> dict[str, list[int]]:
        """Return the octets of the samples of each class, by its path."""
        found = self.class_samples().items()
        return {path: [s.sent_octets for s in samples] for path, samples in found}

    def probe(self) -> Probe:
        with Session(self.host.engine, expire_on_commit=False) as session:
            return session.scalars(sa.select(Probe)).one()

    def runs(self) -> list[ProbeSample]:
        return [
            ProbeSample(probe, at, sent, lost, rtt / back / 1_000 if back else None)
            for probe, at, sent, lost, back, rtt, *_ in self._rows(
                "select * from probe_raw order by at"
            )
        ]

    def state(self) -> tuple[str, str, float | None]:
        """Return state, reason, and since when (minutes after T0)."""
        with Session(self.host.engine) as session:
            link = session.get_one(Link, self.link)
            since = None if link.since is None else (link.since.timestamp() - T0) / 60
            return link.state.value, link.reason.value, since

    def _rows(self, query: str) -> list[tuple[int, ...]]:
        with sqlite3.connect(self.host.config.measures_path) as connection:
            return list(connection.execute(query))
