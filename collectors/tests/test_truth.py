"""A true course of traffic, read as routers and collectors do in bad days: what is kept of it is
the truth, and where the truth cannot be known there is a gap.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings

from collectors.readings import Traffic, Visit
from collectors.tests.courses import (
    IN_A_FILE,
    KINDS,
    T0,
    Reading,
    Router,
    Step,
    courses,
    happen,
    knowable,
    routers,
)
from collectors.tests.fleet import add_link
from collectors.writer import Writer
from core.cli import main
from core.host import Host
from core.network.inventory import Link
from core.network.metrics import Counters
from core.network.metrics.sqlite import SqliteMetricStore


@dataclass
class Collector:
    """The writer of a collector, and what it should have kept."""

    store: SqliteMetricStore
    host: Host
    link: int
    speed: int | None
    last: Reading | None = None
    kept: Reading | None = None
    fresh: bool = False
    sure: list[tuple[Reading, Reading]] = field(default_factory=list)
    waiting: list[tuple[Reading, Reading]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.writer = Writer(self.store, self.host.engine, 60)
        self.writer.follow([self.link])
        self.fresh = True

    def read(self, reading: Reading) -> None:
        counted = Counters(float(reading.at), reading.uptime, reading.bits, *reading.counters)
        traffic = Traffic(self.link, counted, self.speed, reading.discontinuity, reading.run or 0)
        self.writer.put(Visit(1, traffic=[traffic], read={self.link: float(reading.at)}))
        self.fresh = False
        if self.last is None:
            self.last = reading
        elif self.last.run not in (None, reading.run):
            self.last = reading  # by another clock: no order to tell
        elif reading.at > self.last.at:
            if knowable(self.last, reading, self.speed):
                self.waiting.append((self.last, reading))
            self.last = reading

    def write(self) -> None:
        assert self.writer.write() is None
        self.sure += self.waiting
        self.waiting, self.kept = [], self.last

    def restart(self, killed: bool) -> None:
        """End and start again; what was not written of a killed one is lost."""
        if not killed:
            self.write()
        self.waiting = []
        self.last = None if self.kept is None else replace(self.kept, run=None)
        self.start()

    def may_restart(self, killed: bool, resets: int) -> bool:
        """Tell whether a restart leaves no cleared counters between what is kept and now.

        A new process does not know the ifCounterDiscontinuityTime of the one before it.
        """
        stays = self.kept if killed else self.last
        return stays is None or stays.resets == resets


def live(router: Router, course: list[Step], collector: Collector) -> None:
    """Play a course, from the router to the tables."""
    swapped: Reading | None = None
    for step in course:
        happen(router, step, collector.fresh)
        killed = step.kind == "kill"
        if step.kind in ("restart", "kill") and collector.may_restart(killed, router.resets):
            swapped = None
            collector.restart(killed)
        if step.kind == "missed":
            continue
        reading = router.answer()
        if step.kind == "swapped" and swapped is None:
            swapped = reading
            continue
        collector.read(reading)
        if swapped is not None:
            collector.read(swapped)
            swapped = None
        if step.kind == "twice":
            collector.read(reading)
        if step.kind in ("write", "roll"):
            collector.write()
        if step.kind == "roll":
            collector.store.roll_up(moment(router.at))
    collector.write()


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def stretches(store: SqliteMetricStore, link: int) -> list[tuple[float, int, int, int]]:
    """Return what is kept: start, end, octets in and out."""
    with sqlite3.connect(store.path) as connection:
        found = connection.execute(
            "select at - ms / 1000.0, at, in_octets, out_octets from traffic_raw "
            "where link_id = ? order by at",
            (link,),
        ).fetchall()
    connection.close()
    return found


def true_of(pairs: list[tuple[Reading, Reading]]) -> list[tuple[float, int, int, int]]:
    return [(a.at, b.at, b.true[0] - a.true[0], b.true[1] - a.true[1]) for a, b in pairs]


def check_totals(
    store: SqliteMetricStore, link: int, truth: list[tuple[float, int, int, int]], now: float
) -> None:
    """Roll all up and find the same octets in every table, and the slots without any missing."""
    store.roll_up(moment(now))
    assert store.verify() == []
    days = [int(row[1]) // 86_400 for row in truth] or [0]
    first, last = (moment(day * 86_400) for day in (days[0] - 1, days[-1] + 1))
    report = store.reports([Link(id=link)], first, last)[link]
    assert report.in_octets == sum(row[2] for row in truth)
    assert report.out_octets == sum(row[3] for row in truth)
    assert report.covered == sum(row[1] - row[0] for row in truth)
    assert report.slots - report.missing == len({(row[1] - 1) // 300 for row in truth})


@pytest.fixture
def link(host: Host) -> Iterator[int]:
    yield add_link(host, "127.0.0.1", 161, {"community": "x"})
    host.metrics.close()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(router=routers, course=courses(KINDS))
def test_what_a_collector_keeps_is_the_truth_and_the_rest_is_a_gap(
    host: Host, link: int, router: Router, course: list[Step]
) -> None:
    """Wraps, restarts, cleared counters, changes of width, clocks set, polls missed, repeated and
    out of order, collectors restarted and killed, roll-ups at any moment.
    """
    router = replace(router)
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMetricStore(Path(folder) / "measures.db")
        collector = Collector(store, host, link, router.speed)
        with structlog.testing.capture_logs():
            live(router, course, collector)
        truth = true_of(collector.sure)
        assert stretches(store, link) == truth
        check_totals(store, link, truth, router.at + 3 * 86_400)
        store.close()


def rows_of(router: Router, course: list[Step]) -> tuple[list[str], list[Reading]]:
    """Return the rows of a file that another tool kept of a course, and what they tell."""
    rows: list[str] = []
    told: list[Reading] = []
    for step in course:
        happen(router, step)
        if step.kind == "missed":
            continue
        reading = router.answer()
        told.append(reading)
        row = f"{reading.at};{reading.counters[0]};{reading.counters[1]};{reading.uptime}"
        rows.insert(len(rows) - (step.kind == "swapped"), row)
        if step.kind == "twice":
            rows.append(row)
    return rows, told


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(router=routers, course=courses(IN_A_FILE))
def test_a_file_of_32_bit_counters_tells_the_same_truth(
    host: Host, link: int, router: Router, course: list[Step]
) -> None:
    """Through ``balise metrics load --counters32``, twice."""
    start = int(time.time()) // 86_400 * 86_400 - 2 * 86_400
    router = replace(router, bits=32, at=start, booted=router.booted - T0 + start)
    rows, told = rows_of(router, course)
    assume(rows)
    steps = sorted(b.at - a.at for a, b in pairwise(told))
    longest = 1.5 * steps[(len(steps) - 1) // 2] if steps else 0
    truth = true_of([p for p in pairwise(told) if knowable(*p, router.speed, longest)])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "counters.csv")
        file.write_text("\n".join(["time;in;out;uptime", *rows]) + "\n")
        measures = Path(folder, "measures.db")
        environ = {
            "BALISE_STORAGE_DATA": str(host.config.data), "BALISE_STORAGE_MEASURES": str(measures),
        }  # fmt: skip
        speed = [] if router.speed is None else ["--speed", str(router.speed)]
        command = ["--config", str(host.config.path), "metrics", "load", f"L{link}", str(file),
                   "--counters32", "--json", *speed]  # fmt: skip
        for again in (False, True):
            reply = CliRunner().invoke(main, command, env=environ)
            assert reply.exit_code == 0, reply.output
            said = json.loads(reply.stdout)
            assert said["in_octets"] == sum(row[2] for row in truth)
            assert said["loaded_in_octets"] == (0 if again else said["in_octets"])
        store = SqliteMetricStore(measures)
        assert stretches(store, link) == truth
        check_totals(store, link, truth, time.time())
        store.close()
