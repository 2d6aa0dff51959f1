"""What a visit reads besides interfaces: classes of service (cbQos) and probes (IP SLA)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from collectors import interfaces, oids, probes, qos
from collectors.discovery import Found, FoundInterface, Rows, said, walked
from collectors.interfaces import Known, NonsenseError
from collectors.inventory import ClassWatch, Plan, ProbeWatch, Watch
from collectors.probes import FoundProbe
from collectors.qos import FoundClass
from collectors.readings import (
    ClassReading,
    Moment,
    ProbeReading,
    Visit,
)
from collectors.snmp import Answer, Failed, Job, Varbind
from core.network.measured import Direction
from core.network.rates import ClassCounters

MAX_VARBINDS = 40
"""Values in one GET: three interfaces or nine classes, whose answer fits an Ethernet frame."""
LOOK_EVERY = 6 * 3600.0
"""Seconds between two looks at what classes and probes a device has."""
LOOK_AGAIN = 300.0
"""Seconds before a device is looked at again when something was not where it was."""
LOOK_AFTER_FAILURE = 900.0
LOOKS_PER_SECOND = 50.0
"""Devices one process begins to look at each second: a fleet is not looked at in one go."""

Key = tuple[int, Direction, str]
"""A class for good: its link, direction and path."""


class Question(Protocol):
    @property
    def oids(self) -> tuple[str, ...]: ...


Q = TypeVar("Q", bound=Question)
T = TypeVar("T")


def packed(questions: Iterable[Q]) -> Iterator[list[Q]]:
    """Share questions out among GETs of ``MAX_VARBINDS`` at most, sysUpTime included."""
    part: list[Q] = []
    size = 1
    for question in questions:
        if part and size + len(question.oids) > MAX_VARBINDS:
            yield part
            part, size = [], 1
        part.append(question)
        size += len(question.oids)
    if part:
        yield part


class Ration:
    """So many a second, and the rest a little later. Safe to share between threads."""

    def __init__(self, per_second: float = LOOKS_PER_SECOND) -> None:
        self._rate = per_second
        self._left = per_second
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Return whether one may be had now."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._rate, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


@dataclass(slots=True)
class Extras:
    """Where the classes and probes of a device are, as it was last looked at.

    Nothing here outlives a restart of the device: the numbers of its policies change then.
    ``look_at`` is monotonic.
    """

    classes: dict[Key, FoundClass] = field(default_factory=dict)
    probes: dict[int, FoundProbe] = field(default_factory=dict)
    look_at: float = 0.0
    looks: int = 0
    problems: list[str] = field(default_factory=list)

    def rests(self, plan: Plan) -> bool:
        """Return whether a visit has nothing to look at or to read."""
        return not (plan.classes or plan.probes) and time.monotonic() < self.look_at

    def forget(self) -> None:
        """Let go of all places, to look at once."""
        self.classes, self.probes, self.look_at = {}, {}, 0.0


@dataclass(frozen=True, slots=True)
class _OfClass:
    watch: ClassWatch
    oids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _OfProbe:
    watch: ProbeWatch
    found: FoundProbe
    oids: tuple[str, ...]


@dataclass(slots=True)
class Round:
    """The part of one visit that reads classes and probes; what fails here costs no link.

    ``ask`` raises ``Failed``; ``restarted`` notes a sysUpTime and says whether it went back;
    ``known`` is where the interfaces of links are; ``visit`` has read their traffic already.
    """

    plan: Plan
    extras: Extras
    ration: Ration | None
    ask: Callable[[Job], Answer]
    clock: Callable[[], Moment]
    restarted: Callable[[Varbind], bool]
    known: Mapping[int, Known]
    visit: Visit

    def run(self) -> bool:
        """Look when it is time, then read what the plan has; return whether it was time.

        Raises nothing of what the device does.
        """
        looks = time.monotonic() >= self.extras.look_at and (
            self.ration is None or self.ration.take()
        )
        try:
            if looks:
                self._look()
            self._read()
        except Failed as failure:
            self.visit.problems.append(f"QoS, IP SLA : {said(failure)}")
        except NonsenseError as error:
            self.visit.problems.append(f"QoS, IP SLA : {error}"[:200])
        self.visit.problems += self.extras.problems
        return looks

    def _look(self) -> None:
        extras, plan = self.extras, self.plan
        extras.problems = []
        extras.look_at = time.monotonic() + LOOK_EVERY
        links: dict[int, list[int]] = {}
        for link, place in self.known.items():
            links.setdefault(place.index, []).append(link)
        # The counters of a class have 64 bits, and SNMPv1 none of them (RFC 2576).
        wide = bool(links) and plan.target.version != "1"
        classes = self._table("QoS", qos.COLUMNS, qos.classes) if wide else []
        if classes is not None:
            extras.classes = {
                (link, found.direction, found.path): found
                for found in classes
                for link in links.get(found.if_index, ())
            }
        operations = self._table("IP SLA", probes.COLUMNS, probes.probes)
        if operations is not None:
            extras.probes = {found.number: found for found in operations}
        self._report()

    def _report(self) -> None:
        """Say what there is, when some of it is new and at each later look (« seen »)."""
        extras, plan = self.extras, self.plan
        known = {(watch.link_id, watch.direction, watch.path) for watch in plan.classes}
        numbers = {watch.number for watch in plan.probes}
        news = extras.classes.keys() - known or extras.probes.keys() - numbers
        if news or (extras.looks and (extras.classes or extras.probes)):
            self.visit.discovered = Found(
                interfaces=[
                    _interface(watch, self.known[watch.link_id])
                    for watch in plan.watches
                    if watch.link_id in self.known
                ],
                classes=[*dict.fromkeys(extras.classes.values())],
                probes=[*extras.probes.values()],
            )
        extras.looks += 1

    def _table(
        self, subject: str, columns: Iterable[str], decode: Callable[[Mapping[str, Rows]], list[T]]
    ) -> list[T] | None:
        """Read a table that the device may not have: its first column tells, in one exchange.

        None when that failed: what was known before may still be so.
        """
        rows: dict[str, Rows] = {}
        try:
            for column in columns:
                rows[column] = walked(self.ask, self.plan.target.key, column)
                if not rows[column] and len(rows) == 1:
                    return []
            return decode(rows)
        except Failed as failure:
            self.extras.problems.append(f"{subject} : {said(failure)}")
        except NonsenseError as error:
            self.extras.problems.append(f"{subject} : {error}"[:200])
        self.extras.look_at = time.monotonic() + LOOK_AFTER_FAILURE
        return None

    def _read(self) -> None:
        speeds = {t.link_id: t.speed_bps for t in self.visit.traffic} if self.plan.classes else {}
        for part in packed(self._questions()):
            names = (oids.SYS_UPTIME, *(oid for question in part for oid in question.oids))
            values = self.ask(Job(self.plan.target.key, names)).values
            moment = self.clock()
            if self.restarted(values[0]):
                self.extras.forget()
                return
            uptime = interfaces.ticks(values[0])
            start = 1
            for question in part:
                end = start + len(question.oids)
                try:
                    self._tell(question, values[start:end], uptime, moment, speeds)
                except NonsenseError as error:
                    self.visit.problems.append(f"{_subject(question)} : {error}"[:200])
                start = end

    def _questions(self) -> Iterator[_OfClass | _OfProbe]:
        for watch in self.plan.classes:
            place = self.extras.classes.get((watch.link_id, watch.direction, watch.path))
            if place is not None:
                yield _OfClass(watch, qos.questions(place))
        for probe in self.plan.probes:
            found = self.extras.probes.get(probe.number)
            if found is not None:
                yield _OfProbe(probe, found, probes.questions(found))

    def _tell(
        self,
        question: _OfClass | _OfProbe,
        values: Sequence[Varbind],
        uptime: int,
        moment: Moment,
        speeds: Mapping[int, int | None],
    ) -> None:
        watch = question.watch
        if isinstance(question, _OfClass):
            read = qos.reading(values)
            if read is None:
                self._lose(question.watch)
                return
            counters = ClassCounters(
                moment.at, uptime, read.offered_octets, read.sent_octets,
                read.dropped_octets, read.dropped_packets,
            )  # fmt: skip
            class_id, speed = question.watch.class_id, speeds.get(watch.link_id)
            place = next(w.place for w in self.plan.watches if w.link_id == watch.link_id)
            self.visit.classes.append(ClassReading(class_id, counters, speed, moment.run, place))
            return
        run = probes.reading(question.found, values)
        if run is not None:
            ended = moment.at - (uptime - run.completed) % 2**32 / 100
            told_run = ProbeReading(question.watch.probe_id, watch.link_id, run, ended)
            self.visit.probes.append(told_run)

    def _lose(self, watch: ClassWatch) -> None:
        """Note that a class is not where it was: its policy was changed, or is gone."""
        del self.extras.classes[(watch.link_id, watch.direction, watch.path)]
        self.extras.look_at = min(self.extras.look_at, time.monotonic() + LOOK_AGAIN)


def _interface(watch: Watch, known: Known) -> FoundInterface:
    """Return the interface of a link as the inventory knows it: that is how it is matched."""
    name = watch.if_name if known.named else None
    return FoundInterface(known.index, name, "", watch.if_name or "", None, None, None, None)


def _subject(question: _OfClass | _OfProbe) -> str:
    if isinstance(question, _OfClass):
        return f"QoS {question.watch.path}"
    return f"IP SLA {question.watch.number}"
