"""One visit to a device: what is asked, in what order, and what it tells of each link."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from collectors import extras, interfaces, oids
from collectors.extras import MAX_VARBINDS, Extras, Ration, packed
from collectors.interfaces import Known, NonsenseError, Octets, Reading
from collectors.inventory import Plan, Watch
from collectors.readings import Moment, Traffic, Visit
from collectors.snmp import Answer, Failed, Job, Outcome, Transport, Varbind
from core.network.metrics import Counters
from core.network.status import Reason, State, Status, link_status, unread_status

LOOK_AGAIN = 300.0
"""Seconds before an interface that was not found is looked for again."""


class Device:
    """What is known of a device from one visit to the next. Used by one thread at a time."""

    def __init__(self, plan: Plan, ration: Ration | None = None) -> None:
        self.plan = plan
        self.ration = ration
        """How often devices may be looked at for classes and probes; None: at will."""
        self.failures = 0
        """Visits in a row that failed."""
        self.known: dict[int, Known] = {}
        """Where the interfaces of links are, for those that were found."""
        self.lost: dict[int, float] = {}
        """Links whose interface was not found, and when (monotonic) to look again."""
        self.last_read: dict[int, float] = {}
        """When links were last read with success, UTC epoch seconds."""
        self.extras = Extras()
        self._uptime = 0
        self.follow(plan)

    def follow(self, plan: Plan) -> None:
        """Take a changed plan; what is known of the links that did not change stays."""
        before = {watch.link_id: watch for watch in self.plan.watches}
        if {w.link_id: w.place for w in plan.watches} != {k: w.place for k, w in before.items()}:
            self.extras.look_at = 0.0
        self.plan = plan
        for watch in plan.watches:
            former = before.get(watch.link_id)
            if former is None or former.place != watch.place:
                self.last_read.pop(watch.link_id, None)
                self.known.pop(watch.link_id, None)
            if watch.link_id not in self.known:
                self.lost.pop(watch.link_id, None)
                if watch.if_index is not None:
                    known = Known(watch.if_index, bool(watch.if_name), self.bits)
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
        visit.failures, visit.at = self.failures, clock().at
        return visit

    def _give_up(self, visit: Visit, outcome: Outcome, at: float) -> None:
        bad = outcome is Outcome.BAD_ANSWER
        status = unread_status(self.failures, Reason.BAD_ANSWER if bad else Reason.UNREACHABLE)
        told = {link for link, _, _ in visit.statuses}
        for watch in self.plan.watches:
            if status is not None and watch.link_id not in told:
                visit.statuses.append((watch.link_id, status, at))

    def restarted(self, value: Varbind) -> bool:
        """Note sysUpTime; return whether it went back (a wrap after 497 days does no harm here).

        Then nothing is where it was: interfaces may be found that were not, and may have 64-bit
        counters now; policies have other numbers. Raises ``NonsenseError``.
        """
        uptime = interfaces.ticks(value)
        back = uptime < self._uptime
        self._uptime = uptime
        if back:
            self.lost.clear()
            self.extras.forget()
            self.relearn()
        return back

    def relearn(self) -> None:
        """Forget what the interfaces were found not to have, and ask for it again."""
        self.known = {
            link: Known(known.index, known.named, self.bits) for link, known in self.known.items()
        }

    @property
    def bits(self) -> int:
        """The width of the counters to ask for first: SNMPv1 has no Counter64 (RFC 2576)."""
        return 32 if self.plan.target.version == "1" else 64


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
            device.extras.forget()
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
        if device.plan.watches and not self.visit.read:
            self.visit.outcome = Outcome.NO_SUCH
            self.visit.detail = "none of its interfaces is there"
        if self.traffic:
            self._read_extras()

    def _read_extras(self) -> None:
        device = self.device
        if device.extras.rests(device.plan):
            self.visit.problems += device.extras.problems
            return
        round_ = extras.Round(
            device.plan, device.extras, device.ration, self._ask, self.clock, device.restarted,
            device.known, self.visit,
        )  # fmt: skip
        if round_.run() and device.extras.looks > 1:
            device.relearn()

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
        key = self.device.plan.target.key
        names = self._ask(Job(key, (oids.IF_NAME,), column=True)).rows
        named = bool(names)
        if not names:
            names = self._ask(Job(key, (oids.IF_DESCR,), column=True)).rows
        at = interfaces.find(names, wanted)
        for watch in watches:
            index = at.get(watch.if_name or "", watch.if_index if not names else None)
            if index is None:
                self.device.lost[watch.link_id] = time.monotonic() + LOOK_AGAIN
                continue
            self.device.known[watch.link_id] = Known(index, named, self.device.bits)
            self.device.extras.look_at = 0.0
            if index != watch.if_index:
                self.visit.found[watch.link_id] = index

    def _read(self, watches: Iterable[Watch]) -> list[Watch]:
        """Read interfaces where they are known to be; return the links that are there no more."""
        moved: list[Watch] = []
        narrow: list[Watch] = []
        for part in packed(self._question(watch) for watch in watches):
            flat = tuple(oid for question in part for oid in question.oids)
            job = Job(self.device.plan.target.key, (oids.SYS_UPTIME, *flat))
            values = self._ask(job).values
            moment = self.clock()
            self.device.restarted(values[0])
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
                    self._tell(question, reading, moment)
        if narrow:
            self._read(narrow)
        return moved

    def _question(self, watch: Watch) -> _Question:
        known = self.device.known[watch.link_id]
        return _Question(watch, known, interfaces.questions(known, self.traffic))

    def _tell(self, question: _Question, reading: Reading, moment: Moment) -> None:
        watch, known = question.watch, question.known
        link = watch.link_id
        if reading.spared != known.spared:
            self.device.known[link] = replace(known, spared=reading.spared)
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


def _traffic(watch: Watch, reading: Reading, octets: Octets, moment: Moment) -> Traffic:
    counters = Counters(moment.at, reading.uptime, octets.bits, octets.in_octets, octets.out_octets)
    return Traffic(
        watch.link_id, counters, octets.speed_bps, octets.discontinuity, moment.run,
        watch.place, octets.faults,
    )  # fmt: skip


__all__ = ["MAX_VARBINDS", "Device", "Moment", "Traffic", "Visit"]
