"""When each device is visited: spread over the interval, one visit at a time, rarely if silent."""

from __future__ import annotations

import heapq
import queue
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from collectors.cautious import Cautious
from collectors.extras import Ration
from collectors.inventory import Plan
from collectors.snmp import Outcome, Transport
from collectors.sparing import Sparing
from collectors.visits import Device, Moment, Visit
from core.config import Collector
from core.network.status import CONFIRMATIONS

log = structlog.get_logger("balise.collector")

BREAKER = 3
"""Visits in a row that must fail before a device is probed less often."""
LONGEST_PROBE = 120.0
"""Seconds between two probes of a device that stays silent."""
TICK = 0.02
"""Seconds between two looks at the timetable, and at what was visited."""
FIRST_ROUND = 200
"""Devices begun each second when the collector starts: it need not wait for a whole interval."""
STEP = 2.0
"""Seconds by which the clock may differ from the monotonic one before it is said to be set."""


class Clock:
    """UTC epoch seconds, with a number that changes when somebody sets the clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = time.time() - time.monotonic()
        self._run = 0

    def __call__(self) -> Moment:
        now = time.time()
        offset = now - time.monotonic()
        with self._lock:
            by = offset - self._offset
            self._offset = offset  # a clock that drifts, or is slowly put right, was not set
            if abs(by) > STEP:
                self._run += 1
                log.warning("the clock was set", by_seconds=round(by, 1))
            return Moment(now, self._run)


@dataclass(slots=True)
class _Slot:
    """A device in the timetable; times are monotonic."""

    device: Device
    plan: Plan
    """The latest plan; the device takes it between two visits."""
    phase: float
    status_due: float
    traffic_due: float
    busy: bool = False
    reported: bool = False

    @property
    def due(self) -> float:
        return min(self.status_due, self.traffic_due)


class Poller:
    """Visits devices for ever, each by one thread at a time, and hands each visit to ``sink``.

    Scheduling is monotonic: a clock that is set or a daylight-saving change moves nothing.
    ``counts`` are the visits made, by ``Outcome``, and the ``requests`` they took.
    """

    def __init__(
        self,
        transport: Transport,
        sink: Callable[[Visit], None],
        settings: Collector,
        around: Callable[[int, int], None] = lambda lane, device_id: None,
    ) -> None:
        self._transport = transport
        self._sink = sink
        self._settings = settings
        self._around = around
        self._clock = Clock()
        self._ration = Ration()
        self._slots: dict[int, _Slot] = {}
        self._timetable: list[tuple[float, int]] = []
        self._todo: queue.SimpleQueue[tuple[_Slot, bool] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[_Slot, bool, Visit]] = queue.SimpleQueue()
        self._lanes: list[threading.Thread] = []
        self._waiting: dict[int, float] = {}
        """When the visits that wait for a lane were due (monotonic), by device."""
        self._backed_off: set[int] = set()
        self.counts: Counter[str] = Counter()
        self._sparing = Sparing()

    @property
    def devices(self) -> int:
        """How many devices are followed."""
        return len(self._slots)

    @property
    def waiting(self) -> int:
        """How many devices are due and wait for a lane."""
        return len(self._waiting)

    @property
    def lag(self) -> float:
        """Seconds by which the visit that has waited longest is late."""
        now = time.monotonic()
        return now - min(list(self._waiting.values()), default=now)

    @property
    def backed_off(self) -> int:
        """How many devices failed so often that they are only probed."""
        return len(self._backed_off)

    def follow(self, plans: Mapping[int, Plan]) -> int:
        """Poll these devices from now on, and no other; return how many came, left or changed.

        Call it in the thread that calls ``run`` or ``once``.
        """
        gone = self._slots.keys() - plans.keys()
        for key in gone:
            del self._slots[key]
            self._backed_off.discard(key)
        self._transport.forget(gone)
        fresh = [key for key in plans if key not in self._slots]
        changed = [
            key for key, plan in plans.items()
            if key not in fresh and self._slots[key].plan != plan
        ]  # fmt: skip
        self._transport.open(plans[key].target for key in (*fresh, *changed))
        for key in changed:
            self._slots[key].plan = plans[key]
        now = time.monotonic()
        for rank, key in enumerate(fresh):
            begin = now + rank / max(FIRST_ROUND, len(fresh) / self._settings.status_interval)
            slot = _Slot(Device(plans[key], self._ration), plans[key], phase(key), begin, begin)
            self._slots[key] = slot
            heapq.heappush(self._timetable, (begin, key))
        return len(gone) + len(fresh) + len(changed)

    def run(self, until: Callable[[], bool]) -> None:
        """Keep the timetable until ``until()``, asked about fifty times a second."""
        self._start_lanes()
        while not until():
            self._begin_due(time.monotonic())
            self._take_done(TICK)

    def once(self, give_up: float) -> list[Visit]:
        """Visit every device one time, traffic too; return the visits made before ``give_up``."""
        self._start_lanes()
        self._timetable.clear()
        for slot in self._slots.values():
            self._begin(slot, traffic=True)
        visits: list[Visit] = []
        while len(visits) < len(self._slots) and time.monotonic() < give_up:
            visits += self._take_done(TICK)
        return visits

    def stop(self, patience: float) -> bool:
        """End the threads; return whether all ended within ``patience`` seconds."""
        for _ in self._lanes:
            self._todo.put(None)
        deadline = time.monotonic() + patience
        for lane in self._lanes:
            lane.join(max(0.0, deadline - time.monotonic()))
        return not any(lane.is_alive() for lane in self._lanes)

    def _start_lanes(self) -> None:
        for number in range(len(self._lanes), self._transport.lanes):
            lane = threading.Thread(target=self._work, args=(number,), name=f"lane-{number}")
            lane.daemon = True
            lane.start()
            self._lanes.append(lane)

    def _begin_due(self, now: float) -> None:
        while self._timetable and self._timetable[0][0] <= now:
            due, key = heapq.heappop(self._timetable)
            slot = self._slots.get(key)
            if slot is None or slot.busy or slot.due > due:
                continue
            self._begin(slot, slot.traffic_due <= now + 1)

    def _begin(self, slot: _Slot, traffic: bool) -> None:
        if slot.device.plan is not slot.plan:
            slot.device.follow(slot.plan)
        slot.busy = True
        self._waiting[slot.plan.target.key] = min(slot.due, time.monotonic())
        self._todo.put((slot, traffic))

    def _take_done(self, wait: float) -> list[Visit]:
        """Put the devices that were visited back into the timetable, after a wait.

        All that came meanwhile is taken at once: to be woken by each visit costs a tenth of it.
        """
        visits = []
        time.sleep(wait)
        try:
            while True:
                slot, traffic, visit = self._done.get_nowait()
                visits.append(visit)
                self.counts[visit.outcome] += 1
                slot.busy = False
                self._plan_next(slot, traffic, time.monotonic())
                key = slot.plan.target.key
                if self._slots.get(key) is slot:
                    heapq.heappush(self._timetable, (slot.due, key))
                    self._note_back_off(key, slot.device.failures)
        except queue.Empty:
            self.counts["requests"] = self._transport.requests
            return visits

    def _note_back_off(self, key: int, failures: int) -> None:
        if failures >= BREAKER:
            self._backed_off.add(key)
        else:
            self._backed_off.discard(key)

    def _plan_next(self, slot: _Slot, traffic: bool, now: float) -> None:
        settings = self._settings
        failures = slot.device.failures
        if failures >= BREAKER:
            due = now + probe_after(failures, settings.status_interval)
            slot.status_due = slot.traffic_due = due
            return
        slot.status_due = next_slot(now, slot.phase, settings.status_interval)
        if traffic:
            place = traffic_phase(slot.plan.target.key, settings)
            slot.traffic_due = next_slot(now, place, traffic_every(settings))
        slot.traffic_due = max(slot.traffic_due, slot.status_due)

    def _work(self, lane: int) -> None:
        while (task := self._todo.get()) is not None:
            slot, traffic = task
            key = slot.plan.target.key
            self._waiting.pop(key, None)
            deadline = time.monotonic() + self._settings.status_interval
            failing = slot.device.failures >= BREAKER
            transport = Cautious(self._transport) if failing else self._transport
            self._around(lane, key)
            try:
                visit = slot.device.visit(transport, traffic, self._clock, deadline)
            except Exception:  # a fault of ours on one device must not end the lane of all others
                log.exception("visit failed", device=slot.plan.name)
                slot.device.failures += 1
                visit = Visit(key, Outcome.BAD_ANSWER, "a fault of the collector")
                visit.failures = slot.device.failures
            self._around(lane, 0)
            if visit.outcome is Outcome.LATE and not self._settings.rate:
                # It held this lane for a whole interval, and nobody else made it wait.
                slot.device.failures += 1
                visit.failures = slot.device.failures
            self._report(slot, visit)
            self._sink(visit)
            self._done.put((slot, traffic, visit))

    def _report(self, slot: _Slot, visit: Visit) -> None:
        """Write one line when a device starts failing, one when it recovers."""
        name = slot.plan.name
        if visit.outcome is Outcome.OK and slot.reported:
            slot.reported = False
            if self._sparing.allows(time.monotonic()):
                log.info("device answers again", device=name)
        elif slot.device.failures >= CONFIRMATIONS and not slot.reported:
            slot.reported = True
            if self._sparing.allows(time.monotonic()):
                log.warning("device fails", device=name, outcome=visit.outcome, why=visit.detail)


def phase(key: int) -> float:
    """Return the place of a device in the interval, 0 to 1, the same in every process and run."""
    return zlib.crc32(key.to_bytes(8)) / 2**32


def traffic_every(settings: Collector) -> int:
    """Return the seconds between two readings of counters: those asked for, as whole intervals of
    status, so that one visit does both and a device is asked once an interval.
    """
    times = max(1, round(settings.traffic_interval / settings.status_interval))
    return times * settings.status_interval


def traffic_phase(key: int, settings: Collector) -> float:
    """Return the place of a device in the interval of traffic: at its place in one of status."""
    times = traffic_every(settings) // settings.status_interval
    return (zlib.crc32(key.to_bytes(8)) % times + phase(key)) / times


def next_slot(now: float, place: float, interval: float) -> float:
    """Return the next moment that is at ``place`` of an interval (all monotonic).

    At least a quarter of an interval ahead: a reading right after another tells little.
    """
    due = now + interval - (now - place * interval) % interval
    return due if due - now >= interval / 4 else due + interval


def probe_after(failures: int, interval: float) -> float:
    """Return the seconds to the next probe of a device whose last ``failures`` visits failed."""
    doubled: float = interval * 2 ** min(failures - BREAKER + 1, 20)
    return max(interval, min(doubled, LONGEST_PROBE))
