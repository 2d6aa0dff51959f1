"""Speed and size of the metric store, beside ``rrdtool graph`` on the same year: ``make bench``.

300 links with a year of five-minute samples, then 10,000: those that come have the year in days,
its last five weeks in five minutes and hours (``--full``: thirteen weeks). A chart reads one link
by its key, so what grows with the store is the depth of the tree and what no cache holds: 10,000
links × 5 weeks are 130 million five-minute rows, a whole year of them would be a billion.

Past days are written as the roll-up writes them, day after day, by ``sheets.pack``; the last two
days, hours and days by ``load``. Seconds are jittered, rates follow the hours of the day and the
speeds of lines sold, some slots are missing. Exits 1 when a limit is passed.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.network.inventory import Link
from core.network.metrics import Sample, sheets
from core.network.metrics.families import TRAFFIC
from core.network.metrics.levels import DAY, KEPT
from core.network.metrics.months import month
from core.network.metrics.sqlite import Rolled, SqliteMetricStore

CHART_MS, GROWN, REPORT_S, ROW_OCTETS = 5.0, 2.0, 1.0, 40.0
FEW, MANY = 300, 10_000
END = int(datetime(2026, 4, 4, tzinfo=UTC).timestamp())
"""The midnight at which the history ends: the two days before it are still rows."""
FOLDED = END - 2 * DAY
YEAR, WEEKS = 365, 13 if "--full" in sys.argv else 5
PARIS = ZoneInfo("Europe/Paris")
SPEEDS = np.array([2, 8, 20, 100, 300, 1_000]) * 1e6
"""Bit/s of the lines sold, from SDSL to fibre: one link in six has each."""

Whole = NDArray[np.int64]


def day_of(links: Sequence[int], day: int, draw: np.random.Generator) -> Whole:
    """Return a day of links, (links, columns of ``TRAFFIC.rolled``, 288)."""
    shape = (len(links), 288)
    hours = np.arange(288) / 12
    busy = 0.03 + 0.35 * np.exp(-((hours - 14) ** 2) / 18) * (1 if day % 7 < 5 else 0.2)
    speed = SPEEDS[np.array(links) % len(SPEEDS)][:, None]
    made = np.full((len(links), len(TRAFFIC.rolled), 288), -1, dtype=np.int64)
    ms = np.rint(300_000 + draw.normal(0, 700, shape))
    made[:, 0] = ms
    for way, share in enumerate((1.0, 0.3)):
        rate = speed * share * busy * draw.gamma(6, 1 / 6, shape)
        made[:, 1 + way] = rate * ms / 8000
        made[:, 8 + way] = rate * (1 + draw.gamma(2, 0.15, shape))
    made[:, 7] = np.where(draw.random(shape) < 0.002, 0, 5)
    return made


def fill(store: SqliteMetricStore, links: Sequence[int], days: int, pool: int = 0) -> float:
    """Write sheets of the last ``days`` days, rows of the last two, hours and days of them.

    With a ``pool``, so many links are drawn and the others are copies. Returns the seconds taken.
    """
    began, draw = time.perf_counter(), np.random.default_rng(len(links))
    connection = store._connection()
    drawn = list(links[: pool or len(links)])
    copies = np.arange(len(links)) % len(drawn)
    hours: list[Whole] = []
    for start in range(END - days * DAY, END, DAY):
        day = day_of(drawn, start // DAY, draw)
        whole = np.where(day[:, 7:8] > 0, day[:, :3], 0)
        hours.append(whole.reshape(len(drawn), 3, 24, 12).sum(axis=3))
        if start >= FOLDED:
            store.load("5m", rows(links, day[:, [0, 1, 2, 8, 9]], copies, start, 300))
            continue
        packed = [sheets.pack(one, TRAFFIC) for one in day]
        connection.execute("begin")
        connection.executemany(
            f"insert into {TRAFFIC.sheet} values (?, ?)",
            (
                (link * sheets.KEYS + start // DAY, packed[copy])
                for link, copy in zip(links, copies, strict=True)
            ),
        )
        connection.execute("commit")
    for link, copy in zip(links, copies, strict=True):
        of = np.concatenate([hour[copy : copy + 1] for hour in hours], axis=2)
        store.load("hour", rows([link], of, np.array([0]), END - days * DAY, 3_600))
    year = np.concatenate([hour.sum(axis=2, keepdims=True) for hour in hours], axis=2)
    year = np.tile(year, (1, 1, -(-YEAR // days)))[:, :, :YEAR]
    store.load("day", rows(links, year, copies, END - YEAR * DAY, DAY))
    store.loaded(links, END - YEAR * DAY, END)
    connection.execute("update folded set upto = ?", (FOLDED,))
    connection.execute("pragma wal_checkpoint(truncate)")
    return time.perf_counter() - began


def rows(links: Sequence[int], of: Whole, copies: Whole, start: int, size: int) -> Iterator[Rolled]:
    """Yield rows of ``load`` of an array (links, ms, octets in and out and peaks, slots)."""
    times = range(start, start + size * of.shape[2], size)
    samples, some = size // 60, of.tolist()
    for link, copy in zip(links, copies, strict=True):
        ms, ins, outs, *peaks = some[copy]
        p_in, p_out = peaks or ([rate // 9_000 for rate in ins], [rate // 9_000 for rate in outs])
        for at, m, i, o, a, b in zip(times, ms, ins, outs, p_in, p_out, strict=True):
            yield link, at, m / 1000, i, o, samples, a, b


def milliseconds(work: Callable[[int], object], links: Sequence[int], times: int = 300) -> float:
    """Return the median of ``work(link id)`` over links spread over all, in milliseconds."""
    taken = []
    for number in range(times):
        link = links[number * 7_919 % len(links)]
        began = time.perf_counter()
        work(link)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1_000


def charts(store: SqliteMetricStore, links: Sequence[int]) -> dict[str, float]:
    """Return the milliseconds of charts of links, by their span."""
    end = datetime.fromtimestamp(END, UTC)
    found = {}
    for name, days, points in (
        ("a year", YEAR, 500),
        ("a year in hours", YEAR, 9_000),
        ("30 days in 5 min", 30, 9_000),
        ("24 hours", 1, 300),
    ):

        def chart(link: int, days: int = days, points: int = points) -> object:
            return store.series(Link(id=link), end - timedelta(days=days), end, points)

        some = range(1, FEW + 1) if points > 500 else links  # they alone have a year of hours
        found[name] = milliseconds(chart, some)
    return found


def sizes(store: SqliteMetricStore) -> dict[str, tuple[int, int]]:
    """Return octets on disk and rows of each table that has any."""
    connection = store._connection()
    found = {}
    for table in (*TRAFFIC.tables, TRAFFIC.sheet):
        (octets,) = connection.execute(
            "select sum(pgsize) from dbstat where name = ?", (table,)
        ).fetchone()
        (count,) = connection.execute(f"select count(*) from {table}").fetchone()
        if count:
            found[table] = octets, count
    return found


def rrdtool(store: SqliteMetricStore, folder: Path) -> dict[str, float]:
    """Return the milliseconds that ``rrdtool graph`` takes for the same year of link 1."""
    program = shutil.which("rrdtool")
    if program is None:
        return {}
    path, start = str(folder / "one.rrd"), END - YEAR * DAY
    archives = ["RRA:AVERAGE:0.5:1:105120", "RRA:AVERAGE:0.5:12:8760", "RRA:AVERAGE:0.5:288:365"]
    sources = [f"DS:{way}:GAUGE:600:0:U" for way in ("in", "out")]
    make = [program, "create", path, "--start", str(start - 300), "--step", "300"]
    subprocess.run([*make, *sources, *archives], check=True)
    values: list[str] = []
    for first in range(start, END, 7 * DAY):
        day = datetime.fromtimestamp(first, UTC)
        week = store.series(Link(id=1), day, day + timedelta(days=7), 2_016)
        values += (
            f"{first + 300 * slot}:{i}:{o}"
            for slot, (i, o) in enumerate(zip(week.in_bps, week.out_bps, strict=True))
            if not np.isnan(i) and first + 300 * slot < END
        )
    for first in range(0, len(values), 1_000):
        subprocess.run([program, "update", path, *values[first : first + 1_000]], check=True)
    lines = [
        part
        for way in ("in", "out")
        for part in (f"DEF:{way}={path}:{way}:AVERAGE", f"LINE1:{way}#1c71d8:{way}")
    ]

    def graph(days: int) -> object:
        picture = [program, "graph", str(folder / "one.png"), "-w", "800", "-h", "300"]
        period = ["--start", str(END - days * DAY), "--end", str(END)]
        return subprocess.run([*picture, *period, *lines], check=True, capture_output=True)

    year = milliseconds(lambda _link: graph(YEAR), [1], 15)
    return {"a year": year, "24 hours": milliseconds(lambda _link: graph(1), [1], 15)}


def recorded(store: SqliteMetricStore) -> float:
    """Return the samples a second that the store takes, 1,000 links a transaction."""
    began = time.perf_counter()
    for minute in range(1, 31):
        at = END + 60 * minute
        store.record(Sample(link, at, 60.1, 7_500_000 + link, 9_000) for link in range(1, 1_001))
    return 30_000 / (time.perf_counter() - began)


def main() -> int:
    over: list[str] = []

    def limit(name: str, value: float, most: float) -> None:
        if value >= most:
            over.append(f"{name}: {value:.2f}, and the limit is {most:g}")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = SqliteMetricStore(folder / "measures.db")
        few, many = range(1, FEW + 1), range(1, MANY + 1)
        print(f"filled   {FEW} links × {YEAR} days in {fill(store, few, YEAR):.1f} s")
        before, theirs = charts(store, few), rrdtool(store, folder)
        size = sizes(store)
        for table, (octets, count) in size.items():
            each = f", {octets / count / 288:.1f} a five-minute row" * (table == TRAFFIC.sheet)
            print(f"size     {table:<14} {count:>9,} rows of {octets / count:.1f} octets{each}")
        sheet, row = (size[t][0] / size[t][1] for t in (TRAFFIC.sheet, TRAFFIC.tables[1]))
        days = KEPT[1] // DAY
        mean = (2 * row + (days - 2) * sheet / 288) / days
        print(f"size     a five-minute row over the {days} days kept: {mean:.1f} octets")
        limit("octets of a five-minute row", mean, ROW_OCTETS)
        taken = fill(store, range(FEW + 1, MANY + 1), 7 * WEEKS, pool=400)
        slots = (FEW * YEAR + (MANY - FEW) * 7 * WEEKS) * 288 / 1e6
        print(f"grown    to {MANY:,} links in {taken:.1f} s: {slots:.0f} million five-minute rows,")
        print(f"         {store.path.stat().st_size / 2**30:.1f} GiB in all")
        after = charts(store, many)
        for span, ms in before.items():
            ratio = after[span] / ms
            beside = f", rrdtool graph {theirs[span]:.1f} ms" if span in theirs else ""
            print(
                f"chart    {span:<17} {ms:.2f} ms at {FEW} links, {after[span]:.2f} ms at {MANY:,} "
                f"({ratio:.2f} ×){beside}"
            )
            if span in ("a year", "24 hours"):
                limit(f"chart of {span}, ms", ms, CHART_MS)
                limit(f"chart of {span} at {MANY:,} links over {FEW}", ratio, GROWN)
        if not theirs:
            print("chart    rrdtool is not installed: no comparison")
        links = [Link(id=number) for number in range(1, MANY, MANY // 1_000)]
        now = datetime.fromtimestamp(END, UTC)
        for which, (start, end) in {
            "a month": month(2026, 3, PARIS),
            "31 days up to now": (now - timedelta(days=31), now),
        }.items():
            times = []
            for _ in range(5):
                began = time.perf_counter()
                found = store.reports(links, start, end)
                times.append(time.perf_counter() - began)
            seconds = min(times)  # the others tell what else the machine did
            print(
                f"reports  of {len(found):,} links over {which}, {found[1].slots} slots: "
                f"{seconds:.2f} s"
            )
            if which == "a month":
                limit("reports of 1,000 links over a month, s", seconds, REPORT_S)
        print(f"recorded {recorded(store):>9,.0f} samples/s, 1,000 a transaction")
        store.close()
    for line in over:
        print(f"over: {line}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
