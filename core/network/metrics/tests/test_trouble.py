"""Killed, locked out, out of space: nothing acknowledged is lost, and the work goes on after."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.network.inventory import Link
from core.network.metrics import ClassSample, ProbeSample, Sample
from core.network.metrics.sqlite import SqliteMetricStore

T0 = 1_750_000_000 // 86_400 * 86_400
Full = Callable[[SqliteMetricStore], contextlib.AbstractContextManager[None]]
LINKS = [Link(id=number) for number in range(10)]


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetricStore]:
    made = SqliteMetricStore(tmp_path / "measures.db")
    yield made
    made.close()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore
T0 = 1_750_000_000 // 86_400 * 86_400
store = SqliteMetricStore(Path(sys.argv[1]))
for i in range(int(sys.argv[2]), 10**9):
    late = T0 + 300 * (i - 700) + 60
    store.record([
        *(Sample(link, T0 + 300 * i, 240.0, i + link, i) for link in range(10)),
        *(Sample(link, late, 60.0, 10**9, 1) for link in range(10) if late > T0),
    ])
    print(i, flush=True)
    if i % 6 == 0:
        now = datetime.fromtimestamp(T0 + 300 * i + 100, UTC)
        store.roll_up(now)
        store.apply_retention(now)
"""


def test_kill_9_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """A writer that rolls up, folds and takes late samples is killed again and again, anywhere:
    each batch that it said was kept is there, whole, and the roll-ups are those of the samples.
    """
    path, draw, acknowledged = tmp_path / "measures.db", random.Random(), 0
    for round_ in range(1, 6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(acknowledged + 1)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        target = 180 * round_ + draw.randrange(60)
        while acknowledged < target:
            acknowledged = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = max([acknowledged, *map(int, writer.stdout.read().split("\n")[:-1])])
        writer.wait()
        writer.stdout.close()
        store = SqliteMetricStore(path)
        store.roll_up(utc(T0 + 300 * acknowledged + 100))
        volumes = store.volumes(LINKS, utc(T0), utc(T0 + 300 * acknowledged))
        late = max(0, acknowledged - 699) * 10**9
        wanted = {k: sum(n + k for n in range(1, acknowledged + 1)) + late for k in range(10)}
        # The batch that was not acknowledged is there as a whole, or not at all.
        assert {volumes[link].in_octets - wanted[link] for link in wanted} in ({0}, {10**9})
        assert len(volumes) == len(LINKS)
        assert store.verify() == []
        store.close()


KILLED = """
import os, shutil, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from core.network.inventory import Link
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore
T0 = 1_750_000_000 // 86_400 * 86_400
NOW = datetime.fromtimestamp(T0 + 4 * 86_400, UTC)
folder = Path(sys.argv[1])
store = SqliteMetricStore(folder / "start.db")
hours = range(1, 49)
store.record(Sample(1, T0 + 3_600 * n, 60.0, 100, 100) for n in hours if n not in (7, 30))
store.roll_up(datetime.fromtimestamp(T0 + 3 * 86_400, UTC))  # the first day is folded
store.record(Sample(1, T0 + 3_600 * n, 60.0, 100, 100) for n in (7, 30))
store.close()
died, number = -signal.SIGKILL, 0
while died == -signal.SIGKILL:
    number += 1
    for suffix in ("", "-wal"):
        if (folder / f"start.db{suffix}").exists():
            shutil.copy(folder / f"start.db{suffix}", folder / f"{number}.db{suffix}")
    pid = os.fork()
    if pid == 0:
        there, left = SqliteMetricStore(folder / f"{number}.db"), number
        def step(statement):
            global left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        there._connection().set_trace_callback(step)
        there.roll_up(NOW)
        os._exit(0)
    died = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    there = SqliteMetricStore(folder / f"{number}.db")
    there.roll_up(NOW)
    volume = there.volume(Link(id=1), datetime.fromtimestamp(T0, UTC), NOW)
    assert volume.in_octets == 4_800, (number, volume)
    assert there.verify() == [], number
    there.close()
assert died == 0
print(number)
"""


def test_a_roll_up_killed_at_any_statement_is_finished_by_the_next(tmp_path: Path) -> None:
    """Late samples of a folded day among what it has to do."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40, "it was killed at too few places"


def fill(store: SqliteMetricStore, minute: int) -> None:
    """Record a minute of links, classes and probes."""
    at = T0 + 60 * minute
    store.record(Sample(link.id, at, 60.0, 7_500, 7_500) for link in LINKS)
    store.record_classes(ClassSample(n, at, 60.0, 1, 1, 0, 0) for n in range(20))
    store.record_probes(ProbeSample(n, at, 10, 0, 20.0) for n in range(10))


def whole(store: SqliteMetricStore) -> int:
    """Return the minutes recorded, the same of every link or the test fails."""
    volumes = store.volumes(LINKS, utc(T0), utc(T0 + 30 * 86_400))
    (covered,) = {volume.covered for volume in volumes.values()}
    return int(covered) // 60


def test_a_file_locked_for_too_long_is_an_error_and_everything_works_after(
    store: SqliteMetricStore,
) -> None:
    """Ten seconds by default: shortened here."""
    for minute in range(1, 11):
        fill(store, minute)
    assert store._connection().execute("pragma busy_timeout").fetchone() == (10_000,)
    store._connection().execute("pragma busy_timeout = 20")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("begin immediate")
    writes = (
        lambda: fill(store, 11),
        lambda: store.roll_up(utc(T0 + 3_600)),
        lambda: store.mark_read({1: T0}),
    )
    for write in writes:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write()
    assert whole(store) == 10  # and what there is can be read meanwhile
    other.execute("rollback")
    other.close()
    for write in writes:
        write()
    assert whole(store) == 11
    assert store.freshness() == {1: T0}
    assert store.verify() == []


@contextlib.contextmanager
def no_file_may_grow(store: SqliteMetricStore) -> Iterator[None]:
    """The disk refuses what comes after the octets there are (a quota, a file system's limit)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(path.stat().st_size for path in store.path.parent.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def no_page_is_left(store: SqliteMetricStore) -> Iterator[None]:
    """SQLite finds the disk full (SQLITE_FULL)."""
    connection = store._connection()
    connection.execute("pragma max_page_count = 1")  # as many as there are
    try:
        yield
    finally:
        connection.execute("pragma max_page_count = 1073741823")


def record_until_refused(store: SqliteMetricStore, first: int, taken: list[int]) -> None:
    for minute in range(first, 100_000):
        store.record(Sample(link.id, T0 + 60 * minute, 60.0, 1, 1) for link in LINKS)
        taken.append(minute)


def roll_up_until_refused(store: SqliteMetricStore) -> None:
    for hours in range(4, 24 * 90):
        store.roll_up(utc(T0 + 3_600 * hours))
        store.record_probes(ProbeSample(n, T0 + 3_600 * hours, 1, 0, 9.0) for n in range(10))


@pytest.mark.parametrize("full", [no_file_may_grow, no_page_is_left])
def test_on_a_full_disk_nothing_is_half_written_and_it_resumes_when_space_returns(
    store: SqliteMetricStore, full: Full
) -> None:
    for minute in range(1, 200):
        fill(store, minute)
    store.roll_up(utc(T0 + 100 * 60))
    before, taken = whole(store), list[int]()
    refused = pytest.raises(sqlite3.OperationalError, match=r"full|disk I/O")
    with full(store):
        with refused:
            record_until_refused(store, 200, taken)
        with refused:
            roll_up_until_refused(store)
        assert whole(store) == before + len(taken)
    acknowledged = before + len(taken)
    assert whole(store) == acknowledged
    fill(store, acknowledged + 1)
    store.roll_up(utc(T0 + 60 * (acknowledged + 100)))
    assert whole(store) == acknowledged + 1
    assert store.verify() == []
