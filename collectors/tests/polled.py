"""Devices to poll for the tests: their plans, and a transport that notes who asks what."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from collectors import oids
from collectors.inventory import Plan, Watch
from collectors.poller import Poller
from collectors.snmp import Job, Kind, Sink, Target, Varbind
from collectors.tests.agents import Mib
from core.config import Collector

SETTINGS = Collector(status_interval=5, traffic_interval=10)


Make = Callable[[Mib], Poller]


def plan(key: int, host: str = "127.0.0.1") -> Plan:
    return Plan(f"r{key}", Target(key, host, 161, "2c", {}), (Watch(key, None, 1),))


def plans(count: int) -> dict[int, Plan]:
    return {key: plan(key) for key in range(1, count + 1)}


class Watched(Mib):
    """A table in memory that notes who asks what at once."""

    def __init__(self, hold: threading.Event | None = None) -> None:
        super().__init__(
            {
                oids.SYS_UPTIME: Varbind(Kind.TICKS, "100"),
                f"{oids.IF_ADMIN_STATUS}.1": Varbind(Kind.INTEGER, "1"),
                f"{oids.IF_OPER_STATUS}.1": Varbind(Kind.INTEGER, "1"),
            }
        )
        self.lanes = 4
        self.opened: list[Target] = []
        self.forgotten: list[int] = []
        self.busy: Counter[int] = Counter()
        self.at_once = 0
        self.hold = hold

    def open(self, targets: Iterable[Target]) -> None:
        self.opened += list(targets)

    def forget(self, keys: Iterable[int]) -> None:
        self.forgotten += list(keys)

    def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
        (key,) = {job.target for job in jobs}
        self.busy[key] += 1
        self.at_once = max(self.at_once, self.busy[key])
        if self.hold is not None:
            self.hold.wait(5)
        super().poll(jobs, sink, deadline)
        self.busy[key] -= 1
