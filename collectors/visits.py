"""One visit to a device: what is asked, in what order, and what it tells of each link."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from collectors import interfaces, oids
from collectors.interfaces import Known, NonsenseError, Octets, Reading
from collectors.inventory import Plan, Watch
from collectors.snmp import Answer, Failed, Job, Outcome, Transport, Varbind
from core.network.metrics import Counters
from core.network.status import Reason, State, Status, link_status, unread_status

MAX_VARBINDS = 32
"""Values in one GET: its answer stays below an Ethernet frame."""
LOOK_AGAIN = 300.0
"""Seconds before an interface that was not found is looked for again."""


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


@dataclass(slots=True)
class Visit:
    """What one visit to a device told. Times are UTC epoch seconds.

    ``statuses`` are (link id, status, since when); ``read`` gives the time at which each link
    was read with success; ``found`` the ifIndex of links that were looked for by name.
    """

    device_id: int
    outcome: Outcome = Outcome.OK
    detail: str = ""
    statuses: list[tuple[int, Status, float]] = field(default_factory=list)
    traffic: list[Traffic] = field(default_factory=list)
    read: dict[int, float] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)


class Device:
    """What is known of a device from one visit to the next. Used by one thread at a time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.failures = 0
        """Visits in a row that failed."""
        self.known: dict[int, Known] = {}
        """Where the interfaces of links are, for those that were found."""
        self.lost: dict[int, float] = {}
        """Links whose interface was not found, and when (monotonic) to look again."""
        self.last_read: dict[int, float] = {}
        """When links were last read with success, UTC epoch seconds."""
        self._uptime = 0
        self.follow(plan)

    def follow(self, plan: Plan) -> None:
        """Take a changed plan; what is known of the links that did not change stays."""
        before = {watch.link_id: watch for watch in self.plan.watches}
        self.plan = plan
        wide = 32 if plan.target.version == "1" else 64  # SNMPv1 has no Counter64 (RFC 2576)
        for watch in plan.watches:
            former = before.get(watch.link_id)
            if former is None or _place(former) != _place(watch):
                self.last_read.pop(watch.link_id, None)
                self.known.pop(watch.link_id, None)
            if watch.link_id not in self.known:
                self.lost.pop(watch.link_id, None)
                if watch.if_index is not None:
                    known = Known(watch.if_index, bool(watch.if_name), wide)
                    self.known[watch.link_id] = known

    def visit(
        self, transport: Transport, traffic: bool, clock: Callable[[], Moment], deadline: float
    ) -> Visit:
        """Read every link of the device; ``deadline`` is monotonic. Raises nothing.

        A failure says nothing of the links read before it; the others are unknown once it is
        confirmed by a second visit.
        """
        visit = Visit(self.plan.target.key)
        try:
            if self.plan.problem:
                raise Failed(Outcome.BAD_TARGET, self.plan.problem)
            _Round(self, transport, traffic, clock, deadline, visit).run()
            self.failures = 0
        except (Failed, NonsenseError) as error:
            failure = (
                error if isinstance(error, Failed) else Failed(Outcome.BAD_ANSWER, str(error)[:120])
            )
            visit.outcome, visit.detail = failure.outcome, failure.detail
            if failure.outcome is not Outcome.LATE:
                self.failures += 1
            self._give_up(visit, failure.outcome, clock().at)
        return visit

    def _give_up(self, visit: Visit, outcome: Outcome, at: float) -> None:
        bad = outcome is Outcome.BAD_ANSWER
        status = unread_status(self.failures, Reason.BAD_ANSWER if bad else Reason.UNREACHABLE)
        told = {link for link, _, _ in visit.statuses}
        for watch in self.plan.watches:
            if status is not None and watch.link_id not in told:
                visit.statuses.append((watch.link_id, status, at))

    def restarted(self, uptime: int) -> bool:
        """Note sysUpTime; return whether it went back (a wrap after 497 days does no harm here)."""
        back = uptime < self._uptime
        self._uptime = uptime
        return back


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked about one link, as its interface was known when it was asked."""

    watch: Watch
    known: Known
    oids: tuple[str, ...]

    @property
    def name(self) -> str | None:
        """The ifName that the answer must give."""
        return self.watch.if_name if self.known.named else None


@dataclass(slots=True)
class _Round:
    """The course of one visit."""

    device: Device
    transport: Transport
    traffic: bool
    clock: Callable[[], Moment]
    deadline: float
    visit: Visit

    def run(self) -> None:
        device = self.device
        self._look([w for w in device.plan.watches if self._is_due(w)])
        moved = self._read(w for w in device.plan.watches if w.link_id in device.known)
        if moved:
            for watch in moved:
                del device.known[watch.link_id]
            self._look(moved)
            again = self._read(w for w in moved if w.link_id in device.known)
            for watch in again:  # it moves under our eyes, or the agent contradicts itself
                del device.known[watch.link_id]
        for watch in device.plan.watches:
            if watch.link_id not in device.known:
                status = Status(State.UNKNOWN, Reason.NO_INTERFACE)
                self.visit.statuses.append((watch.link_id, status, self.clock().at))

    def _is_due(self, watch: Watch) -> bool:
        device = self.device
        return (
            watch.link_id not in device.known
            and device.lost.get(watch.link_id, 0.0) <= time.monotonic()
        )

    def _ask(self, job: Job) -> Answer:
        box: list[Answer] = []
        self.transport.poll([job], box.append, self.deadline)
        answer = box[0]
        if answer.outcome is Outcome.OK or (job.column and answer.outcome is Outcome.NO_SUCH):
            return answer
        raise Failed(answer.outcome, answer.detail)

    def _look(self, watches: Sequence[Watch]) -> None:
        """Find interfaces by name in ifName, or in ifDescr where the router has no ifXTable."""
        wanted = {watch.if_name for watch in watches if watch.if_name}
        if not wanted:
            for watch in watches:
                self.device.lost[watch.link_id] = time.monotonic() + LOOK_AGAIN
            return
        target = self.device.plan.target
        bits = 32 if target.version == "1" else 64
        names = self._ask(Job(target.key, (oids.IF_NAME,), column=True)).rows
        named = bool(names)
        if not names:
            names = self._ask(Job(target.key, (oids.IF_DESCR,), column=True)).rows
        at = interfaces.find(names, wanted)
        for watch in watches:
            index = at.get(watch.if_name or "", watch.if_index if not names else None)
            if index is None:
                self.device.lost[watch.link_id] = time.monotonic() + LOOK_AGAIN
                continue
            self.device.known[watch.link_id] = Known(index, named, bits)
            if index != watch.if_index:
                self.visit.found[watch.link_id] = index

    def _read(self, watches: Iterable[Watch]) -> list[Watch]:
        """Read interfaces where they are known to be; return the links that are there no more."""
        moved: list[Watch] = []
        narrow: list[Watch] = []
        for part in self._parts(watches):
            flat = tuple(oid for question in part for oid in question.oids)
            job = Job(self.device.plan.target.key, (oids.SYS_UPTIME, *flat))
            values = self._ask(job).values
            moment = self.clock()
            self._note_uptime(values[0])
            start = 1
            for question in part:
                end = start + len(question.oids)
                reading = interfaces.reading(
                    question.known, self.traffic, values[0], values[start:end]
                )
                start = end
                if reading is None or reading.name != question.name:
                    moved.append(question.watch)
                elif self.traffic and reading.octets is None and question.known.bits == 64:
                    known = replace(question.known, bits=32)
                    self.device.known[question.watch.link_id] = known
                    narrow.append(question.watch)
                else:
                    self._tell(question.watch, reading, moment)
        if narrow:
            self._read(narrow)
        return moved

    def _parts(self, watches: Iterable[Watch]) -> Iterator[list[_Question]]:
        part: list[_Question] = []
        size = 1
        for watch in watches:
            known = self.device.known[watch.link_id]
            question = _Question(watch, known, interfaces.questions(known, self.traffic))
            if part and size + len(question.oids) > MAX_VARBINDS:
                yield part
                part, size = [], 1
            part.append(question)
            size += len(question.oids)
        if part:
            yield part

    def _note_uptime(self, value: Varbind) -> None:
        device = self.device
        if not device.restarted(interfaces.ticks(value)):
            return
        device.lost.clear()
        if device.plan.target.version != "1":  # it may have 64-bit counters now
            device.known = {k: replace(known, bits=64) for k, known in device.known.items()}

    def _tell(self, watch: Watch, reading: Reading, moment: Moment) -> None:
        link = watch.link_id
        status = link_status(reading.admin, reading.oper, watch.standby)
        self.visit.statuses.append((link, status, self._since(link, reading, moment.at)))
        self.visit.read[link] = self.device.last_read[link] = moment.at
        if reading.octets is not None:
            counters = _traffic(watch, reading, reading.octets, moment)
            self.visit.traffic.append(counters)

    def _since(self, link: int, reading: Reading, at: float) -> float:
        """Return when the interface took its state, by ifLastChange if that was since last read."""
        last = self.device.last_read.get(link)
        since = at - (reading.uptime - reading.last_change) / 100
        return since if last is not None and last < since <= at else at


def _place(watch: Watch) -> str:
    """Return which interface a link is on, as the inventory says: by name, by index without one."""
    return watch.if_name or str(watch.if_index)


def _traffic(watch: Watch, reading: Reading, octets: Octets, moment: Moment) -> Traffic:
    counters = Counters(moment.at, reading.uptime, octets.bits, octets.in_octets, octets.out_octets)
    return Traffic(
        watch.link_id, counters, octets.speed_bps, octets.discontinuity, moment.run, _place(watch)
    )
