"""The one thread of a process that writes: visits become samples, states and freshness."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from collectors.visits import Traffic, Visit
from core.network.inventory import Link
from core.network.metrics import Counters, MetricStore, Sample
from core.network.rates import Delta, delta, same_agent
from core.network.recorder import Observation, Recorder

T = TypeVar("T")
log = structlog.get_logger("balise.collector")

EVERY = 1.0
LONGEST_WAIT = 30.0
"""Seconds between two tries while a store refuses."""
MOST_VISITS = 100_000
MOST_SAMPLES = 500_000
"""What is kept in memory while a store is locked or full; the oldest goes first."""
STORE_ERRORS = (sqlite3.Error, SQLAlchemyError, OSError)
BAD_DATA = (
    sqlite3.IntegrityError, sqlite3.DataError, sa.exc.IntegrityError, sa.exc.DataError,
)  # fmt: skip
"""The store is well and what it was given is not: the same again would be refused for ever."""


@dataclass(frozen=True, slots=True)
class _Course:
    """What two readings must share to make a delta: whose counters, unbroken, by one clock."""

    device: int
    interface: str
    run: int
    discontinuity: int


class Writer:
    """Turns visits into what is kept, in batches; a store that refuses is tried again.

    Order of writing, so that a process killed at any moment leaves nothing false: counters
    before their samples (what is lost is a gap, nothing counts twice), statuses before the
    marks of freshness (an old state never looks fresh).
    """

    def __init__(self, metrics: MetricStore, engine: sa.Engine, traffic_interval: float) -> None:
        self._metrics = metrics
        self._engine = engine
        self._recorder = Recorder(engine)
        self._max_gap = 1.5 * traffic_interval
        self._inbox: deque[Visit] = deque(maxlen=MOST_VISITS)
        self._last: dict[int, tuple[Counters, _Course | None]] = {}
        """Per link: counters, and what they belong to (None for those of another process)."""
        self._counters: dict[int, Counters] = {}
        self._samples: deque[Sample] = deque(maxlen=MOST_SAMPLES)
        self._observations: deque[Observation] = deque(maxlen=MOST_SAMPLES)
        self._read: dict[int, int] = {}
        self._found: dict[int, int] = {}
        self._recheck = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.counts = {"samples": 0, "gaps": 0, "changes": 0}

    def put(self, visit: Visit) -> None:
        """Take a visit; never waits. Any thread may call it."""
        self._inbox.append(visit)

    def follow(self, links: Iterable[int]) -> None:
        """Take up the links of a changed inventory: their last counters, their services."""
        new = [link for link in links if link not in self._last]
        kept: Mapping[int, Counters] = self._metrics.counters(new) if new else {}
        for link, counters in kept.items():
            self._last.setdefault(link, (counters, None))
        self._recheck = True

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether visits are still written: a fault of ours ends the thread and must be seen."""
        return self._thread.is_alive()

    def stop(self, patience: float) -> bool:
        """Write what is left and end; return whether that was done in ``patience`` seconds."""
        self._stop.set()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _run(self) -> None:
        wait, failing = EVERY, False
        while not self._stop.wait(wait):
            trouble = self.write()
            if trouble is None:
                wait = EVERY
                if failing:
                    log.info("stores take measures again")
            else:
                wait = min(2 * wait, LONGEST_WAIT)
                if not failing:
                    log.error("a store refuses, measures wait in memory", error=trouble)
            failing = trouble is not None
        self.write()

    def write(self) -> str | None:
        """Write all that waits; return what a store said if it refused, the rest then waits on.

        Each step stands alone. What cannot be written because of what it is, is told in the log
        and let go of, item by item: no device costs another its measures.
        """
        while self._inbox:
            visit = self._inbox.popleft()
            try:
                self._take(visit)
            except Exception:  # a fault of ours on one device must not end the writer of all
                log.exception("visit not taken", device=visit.device_id)
        said = None
        for step in (
            self._write_measures, self._recheck_services, self._write_states,
            self._write_indexes, self._write_freshness,
        ):  # fmt: skip
            try:
                step()
            except STORE_ERRORS as error:
                said = _why(error)
        return said

    def _take(self, visit: Visit) -> None:
        for link, status, since in visit.statuses:
            at = datetime.fromtimestamp(since, UTC)
            self._observations.append(Observation(link, status, at))
        for link, at_read in visit.read.items():
            self._read[link] = int(at_read)
        self._found.update(visit.found)
        for traffic in visit.traffic:
            self._take_traffic(visit.device_id, traffic)

    def _take_traffic(self, device: int, traffic: Traffic) -> None:
        link, after = traffic.link_id, traffic.counters
        course = _Course(device, traffic.interface, traffic.run, traffic.discontinuity)
        before, former = self._last.get(link, (None, None))
        if before is not None and (
            same_agent(before, after)
            if former is None
            else replace(former, discontinuity=course.discontinuity) == course
        ):
            change = delta(before, after, traffic.speed_bps, self._max_gap)
            if change is None and former is not None:
                return  # late or repeated: what is known stays
            if change is not None:
                self._take_delta(link, after, change, former not in (None, course))
        self._last[link] = (after, course)
        self._counters[link] = after

    def _take_delta(self, link: int, after: Counters, change: Delta, broken: bool) -> None:
        if change.gap is not None or broken:
            self.counts["gaps"] += 1
            why = change.gap or "discontinuity"
            log.info("gap in traffic", link=link, why=why, octets_in=change.in_octets)
            return
        self._samples.append(
            Sample(link, int(after.at), change.seconds, change.in_octets, change.out_octets)
        )

    def _write_measures(self) -> None:
        if self._counters:
            _each(lambda some: self._metrics.keep_counters(dict(some)), self._counters.items())
            self._counters = {}
        if self._samples:
            samples = list(self._samples)
            self.counts["samples"] += len(samples) - len(_each(self._metrics.record, samples))
            self._samples.clear()

    def _recheck_services(self) -> None:
        if self._recheck:
            self._recorder.reload()
            try:
                self._recorder.recheck(datetime.now(UTC))
            except STORE_ERRORS:
                raise
            except Exception:  # a fault of ours: the same again would fail for ever
                log.exception("services not settled")
            self._recheck = False

    def _write_states(self) -> None:
        if self._observations:
            lost = _each(self._record, list(self._observations))
            self._observations.clear()
            for seen in lost:  # its state in the database is an old one
                self._read.pop(seen.link_id, None)

    def _record(self, observations: Collection[Observation]) -> None:
        self.counts["changes"] += self._recorder.record(observations)

    def _write_indexes(self) -> None:
        if self._found:
            _each(lambda some: _keep_indexes(self._engine, dict(some)), self._found.items())
            self._found = {}

    def _write_freshness(self) -> None:
        """Mark what was read, once states are written: an old state never looks fresh."""
        if self._read and not self._observations:
            _each(lambda some: self._metrics.mark_read(dict(some)), self._read.items())
            self._read = {}


def _each(write: Callable[[Collection[T]], object], items: Collection[T]) -> list[T]:
    """Write items together or, when one of them cannot be, one by one; return those left out.

    Raises what a store says when it refuses whatever the items are.
    """
    try:
        write(items)
    except Exception as error:  # whatever it is: an item that cannot be, if not the store
        if _refuses(error):
            raise
    else:
        return []
    lost = []
    for item in items:
        try:
            write([item])
        except Exception as error:
            if _refuses(error):
                raise
            lost.append(item)
            log.exception("not written, let go of", item=str(item)[:200])
    return lost


def _refuses(error: Exception) -> bool:
    return isinstance(error, STORE_ERRORS) and not isinstance(error, BAD_DATA)


def _keep_indexes(engine: sa.Engine, found: Mapping[int, int]) -> None:
    """Write where interfaces were found, so that the next start need not look for them."""
    with engine.begin() as connection:
        for link, index in found.items():
            statement = sa.update(Link).where(Link.id == link).values(if_index=index)
            connection.execute(statement)


def _why(error: Exception) -> str:
    """Return what a store says, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {cause}"[:200]
