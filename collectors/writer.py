"""The one thread of a process that writes: visits become samples, states and freshness."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from collectors.visits import Traffic, Visit
from core.network.inventory import Link
from core.network.metrics import Counters, MetricStore, Sample
from core.network.rates import Delta, delta
from core.network.recorder import Observation, Recorder

log = structlog.get_logger("balise.collector")

EVERY = 1.0
LONGEST_WAIT = 30.0
"""Seconds between two tries while a store refuses."""
MOST_VISITS = 100_000
MOST_SAMPLES = 500_000
"""What is kept in memory while a store is locked or full; the oldest goes first."""
STORE_ERRORS = (sqlite3.Error, SQLAlchemyError, OSError)


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
        self._last: dict[int, tuple[Counters, int | None, int | None]] = {}
        """Per link: counters, discontinuity, run of the clock (both None from another process)."""
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
            self._last.setdefault(link, (counters, None, None))
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
        """Write all that waits; return what a store said if it refused, the rest then waits on."""
        while self._inbox:
            self._take(self._inbox.popleft())
        said = None
        for step in (self._write_measures, self._write_states):
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
            self._take_traffic(traffic)

    def _take_traffic(self, traffic: Traffic) -> None:
        link, after = traffic.link_id, traffic.counters
        known = self._last.get(link)
        if known is not None:
            before, discontinuity, run = known
            if run is None or run == traffic.run:
                change = delta(before, after, traffic.speed_bps, self._max_gap)
                if change is None and run is not None:
                    return  # late or repeated: what is known stays
                if change is not None:
                    broken = discontinuity not in (None, traffic.discontinuity)
                    self._take_delta(link, after, change, broken)
        self._last[link] = (after, traffic.discontinuity, traffic.run)
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
            self._metrics.keep_counters(self._counters)
            self._counters = {}
        if self._samples:
            self._metrics.record(self._samples)
            self.counts["samples"] += len(self._samples)
            self._samples.clear()

    def _write_states(self) -> None:
        if self._recheck:
            self._recorder.reload()
            self._recorder.recheck(datetime.now(UTC))
            self._recheck = False
        if self._observations:
            self.counts["changes"] += self._recorder.record(self._observations)
            self._observations.clear()
        if self._found:
            _keep_indexes(self._engine, self._found)
            self._found = {}
        if self._read:
            self._metrics.mark_read(self._read)
            self._read = {}


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
