"""The one thread of a process that writes: visits become samples, states and freshness."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog

from collectors import keeping
from collectors.accounts import Accounts
from collectors.batches import STORE_ERRORS, each, pour, why
from collectors.discovery import Found
from collectors.health import Health
from collectors.readings import Visit
from core.config import Quality as Rules
from core.network.inventory import Link
from core.network.metrics import ClassSample, MetricStore, ProbeSample, Sample
from core.network.recorder import Observation, Recorder
from core.network.stability import Stability
from core.network.status import Status

log = structlog.get_logger("balise.collector")

EVERY = 1.0
LONGEST_WAIT = 30.0
"""Seconds between two tries while a store refuses."""
MOST_VISITS = 100_000
MOST_SAMPLES = 500_000
"""What is kept in memory while a store is locked or full; the oldest goes first."""
MOST_FOUND = 1_000
CHANGES = 2_000
"""Changes of state in one transaction: each is a line of history, and settles its service."""
FOUND_AT_ONCE = 50
"""Devices whose classes and probes are kept in one go: the rest waits, freshness does not."""


class Writer:
    """Turns visits into what is kept, in batches; a store that refuses is tried again.

    Order of writing, so that a process killed at any moment leaves nothing false: counters
    before their samples (what is lost is a gap, nothing counts twice), statuses before the
    marks of freshness (an old state never looks fresh).
    """

    def __init__(
        self,
        metrics: MetricStore,
        engine: sa.Engine,
        traffic_interval: float,
        rules: Rules | None = None,
    ) -> None:
        self._metrics = metrics
        self._engine = engine
        self._recorder = Recorder(engine)
        self._accounts = Accounts(1.5 * traffic_interval)
        self._stability = Stability(rules or Rules())
        self._health = Health(engine)
        self._inbox: deque[Visit] = deque(maxlen=MOST_VISITS)
        self._samples: deque[Sample] = deque(maxlen=MOST_SAMPLES)
        self._classes: deque[ClassSample] = deque(maxlen=MOST_SAMPLES)
        self._probes: deque[ProbeSample] = deque(maxlen=MOST_SAMPLES)
        self._observations: deque[Observation] = deque(maxlen=MOST_SAMPLES)
        self._pending: dict[int, Status] = {}
        """The last of the observations of each link that wait."""
        self._discovered: deque[tuple[int, Found]] = deque(maxlen=MOST_FOUND)
        self._read: dict[int, int] = {}
        self._found: dict[int, int] = {}
        self._followed: deque[set[int]] = deque()
        self._recheck = False
        self._ready = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.counts = {"samples": 0, "gaps": 0, "changes": 0}
        self.refused_since: float | None = None
        """When a store began to refuse (UTC epoch seconds), None when all is well."""

    @property
    def gaps(self) -> Counter[str]:
        """How often what passed is not known, by cause (``core.network.rates.Gap``)."""
        return self._accounts.gaps

    @property
    def waiting(self) -> int:
        """How many visits, samples and changes wait to be written."""
        measures = len(self._samples) + len(self._classes) + len(self._probes)
        return len(self._inbox) + measures + len(self._observations)

    def put(self, visit: Visit) -> None:
        """Take a visit; never waits. Any thread may call it."""
        self._inbox.append(visit)

    def follow(self, links: Iterable[int]) -> None:
        """Take up the links of a changed inventory: their last counters, states and services."""
        followed = set(links)
        known = self._accounts.links()
        if followed - known:
            self._accounts.resume(self._metrics.counters(sorted(followed - known)))
        self._followed.append(followed)

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
        wait = EVERY
        while not self._stop.wait(wait):
            failing = self.refused_since is not None
            trouble = self.write()
            if trouble is None:
                wait = EVERY
                if failing:
                    log.info("stores take measures again")
            else:
                wait = min(2 * wait, LONGEST_WAIT)
                if not failing:
                    log.error("a store refuses, measures wait in memory", error=trouble)
        self.write()

    def write(self) -> str | None:
        """Write all that waits; return what a store said if it refused, the rest then waits on.

        Each step stands alone. What cannot be written because of what it is, is told in the log
        and let go of, item by item: no device costs another its measures.
        """
        said = None
        for step in (
            self._take_up, self._take_visits, self._write_measures, self._recheck_services,
            self._write_states, self._write_indexes, self._write_freshness, self._write_found,
            self._write_health,
        ):  # fmt: skip
            try:
                step()
            except STORE_ERRORS as error:
                said = why(error)
        if said is None:
            self.refused_since = None
        elif self.refused_since is None:
            self.refused_since = time.time()
        return said

    def _take_up(self) -> None:
        """Take up what was kept of the links and devices that are new to this process."""
        if not self._ready:
            self._health.load()
            self._ready = True
        while self._followed:
            links, now = self._followed[0], time.time()
            gone = self._accounts.links() - links
            self._recorder.reload()
            statuses = self._recorder.statuses()
            for link in links & statuses.keys():
                self._stability.resume(link, statuses[link], now)
            self._accounts.forget(gone)
            self._stability.forget(gone)
            self._recheck = True
            self._followed.popleft()

    def _take_visits(self) -> None:
        if self._followed:
            return  # a state settled without what was before it may be a wrong one
        while self._inbox:
            visit = self._inbox.popleft()
            try:
                self._take(visit)
            except Exception:  # a fault of ours on one device must not end the writer of all
                log.exception("visit not taken", device=visit.device_id)
        self.counts["gaps"] = self._accounts.gaps.total()

    def _take(self, visit: Visit) -> None:
        taken = self._accounts.take(visit)
        self._samples.extend(taken.samples)
        self._classes.extend(taken.classes)
        self._probes.extend(taken.probes)
        quality = taken.quality
        for link, seen, since in visit.statuses:
            status = self._stability.settle(link, seen, since, quality.get(link))
            last = self._pending.get(link)
            if self._recorder.would_change(link, status) if last is None else last != status:
                at = datetime.fromtimestamp(since, UTC)
                self._observations.append(Observation(link, status, at))
                self._pending[link] = status
        for link, at_read in visit.read.items():
            self._read[link] = int(at_read)
        if visit.found:
            self._found.update(visit.found)
        if visit.discovered is not None:
            self._discovered.append((visit.device_id, visit.discovered))
        self._health.take(visit)

    def _write_measures(self) -> None:
        kept = self._accounts.counters
        pour(lambda some: self._metrics.keep_counters(dict(some)), deque(kept.items()))
        kept.clear()
        pour(self._record_samples, self._samples)
        pour(self._metrics.record_classes, self._classes)
        pour(self._metrics.record_probes, self._probes)

    def _record_samples(self, samples: Sequence[Sample]) -> None:
        self._metrics.record(samples)
        self.counts["samples"] += len(samples)

    def _recheck_services(self) -> None:
        if self._recheck:
            try:
                self._recorder.recheck(datetime.now(UTC))
            except STORE_ERRORS:
                raise
            except Exception:  # a fault of ours: the same again would fail for ever
                log.exception("services not settled")
            self._recheck = False

    def _write_states(self) -> None:
        for seen in pour(self._record, self._observations, CHANGES):
            self._read.pop(seen.link_id, None)  # its state in the database is an old one
        self._pending = {}

    def _record(self, observations: Sequence[Observation]) -> None:
        self.counts["changes"] += self._recorder.record(observations)

    def _write_indexes(self) -> None:
        pour(lambda some: _keep_indexes(self._engine, some), deque(self._found.items()))
        self._found = {}

    def _write_freshness(self) -> None:
        """Mark what was read, once states are written: an old state never looks fresh."""
        if self._read and not self._observations:
            pour(lambda some: self._metrics.mark_read(dict(some)), deque(self._read.items()))
            self._read = {}

    def _write_found(self) -> None:
        for _ in range(min(FOUND_AT_ONCE, len(self._discovered))):
            each(self._keep_found, [self._discovered[0]])
            self._discovered.popleft()

    def _keep_found(self, some: Sequence[tuple[int, Found]]) -> None:
        for device, found in some:
            keeping.keep(self._engine, device, found, datetime.now(UTC))

    def _write_health(self) -> None:
        pour(self._health.write, deque(self._health.changed.items()))
        self._health.changed = {}


def _keep_indexes(engine: sa.Engine, found: Iterable[tuple[int, int]]) -> None:
    """Write where interfaces were found, so that the next start need not look for them."""
    table = Link.__table__
    update = sa.update(Link).where(table.c.id == sa.bindparam("link"))
    with engine.begin() as connection:
        connection.execute(
            update.values(if_index=sa.bindparam("index")),
            [{"link": link, "index": index} for link, index in found],
        )


__all__ = ["STORE_ERRORS", "Writer"]
