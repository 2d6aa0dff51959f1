"""What a visit to a device tells: statuses, counters, classes of service, runs of probes."""

from __future__ import annotations

from dataclasses import dataclass, field

from collectors.discovery import Found
from collectors.interfaces import UNCOUNTED, Packets
from collectors.probes import Run
from collectors.snmp import Outcome
from core.network.metrics import Counters
from core.network.rates import ClassCounters
from core.network.status import Status


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a reading, UTC epoch seconds; ``run`` changes when the clock was set."""

    at: float
    run: int = 0


@dataclass(frozen=True, slots=True)
class Traffic:
    """The counters of a link at a moment, and what is needed to make a rate of them.

    ``interface`` says whose counters they are on the device: its name, or its index without one.
    """

    link_id: int
    counters: Counters
    speed_bps: int | None
    discontinuity: int
    run: int
    interface: str = ""
    faults: Packets = UNCOUNTED


@dataclass(frozen=True, slots=True)
class ClassReading:
    """The counters of a class of service at a moment; ``speed_bps`` is that of its interface."""

    class_id: int
    counters: ClassCounters
    speed_bps: int | None
    run: int
    interface: str = ""


@dataclass(frozen=True, slots=True)
class ProbeReading:
    """The latest run of a probe over a link, and when it ended (UTC epoch seconds)."""

    probe_id: int
    link_id: int
    run: Run
    at: float


@dataclass(slots=True)
class Visit:
    """What one visit to a device told. Times are UTC epoch seconds.

    ``statuses`` are (link id, status, since when); ``read`` gives the time at which each link
    was read with success; ``found`` the ifIndex of links that were looked for by name;
    ``discovered`` classes and probes that are to be kept; ``problems`` what could not be read
    beside the links, in a few words each. ``failures`` counts the visits in a row that failed,
    this one included; ``at`` is when it ended.
    """

    device_id: int
    outcome: Outcome = Outcome.OK
    detail: str = ""
    statuses: list[tuple[int, Status, float]] = field(default_factory=list)
    traffic: list[Traffic] = field(default_factory=list)
    read: dict[int, float] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)
    classes: list[ClassReading] = field(default_factory=list)
    probes: list[ProbeReading] = field(default_factory=list)
    discovered: Found | None = None
    problems: list[str] = field(default_factory=list)
    failures: int = 0
    at: float = 0.0
