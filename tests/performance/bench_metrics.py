"""Charts from the metric store, against a bare select of the same rows: ``make bench``.

300 links, 10 days of five-minute rows in a temporary folder. Prints the median time of each
read and its ratio to ``sqlite3`` fetching the same rows; exits 1 above the limit of 2 ms.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.network.inventory import Link
from core.network.metrics import Sample
from core.network.metrics.sqlite import Rolled, SqliteMetricStore

LINKS, DAYS, LIMIT_MS = 300, 10, 2.0
T0 = 1_750_000_000 // 86_400 * 86_400
END = T0 + DAYS * 86_400


def history() -> Iterator[Rolled]:
    for link in range(1, LINKS + 1):
        for at in range(T0, END, 300):
            yield link, at, 300.0, 37_500_000 + at % 9_973, 9_000_000 + at % 7_919, 5, None, None


def median_ms(work: Callable[[int], object], times: int = 300) -> float:
    """Return the median of ``work(link id)`` over links in turn, in milliseconds."""
    taken = []
    for i in range(times):
        begin = time.perf_counter()
        work(1 + i * 7 % LINKS)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1_000


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measures.db"
        store = SqliteMetricStore(path)
        begin = time.perf_counter()
        store.load("5m", history())
        store.loaded(range(1, LINKS + 1), T0, END, rolled=False)
        rows = LINKS * DAYS * 288
        print(f"filled   {rows:>9,} rows in {time.perf_counter() - begin:.1f} s")
        begin = time.perf_counter()
        store.roll_up(datetime.fromtimestamp(END, UTC))
        print(f"rolled   to hours and days in {time.perf_counter() - begin:.1f} s")
        print(f"size     {path.stat().st_size / rows:.1f} octets a five-minute row, all levels")

        begin = time.perf_counter()
        for minute in range(1, 6):
            store.record(
                Sample(link, END + 60 * minute, 60.0, 7_500_000, 9_000_000)
                for link in range(1, LINKS + 1)
            )
        each = (time.perf_counter() - begin) / 5 / LINKS
        print(f"recorded {1 / each:>9,.0f} samples/s, {LINKS} a transaction")

        end = datetime.fromtimestamp(END, UTC)
        bare = sqlite3.connect(path)
        sql = (
            "select at, seconds, in_octets, out_octets from traffic_5m "
            "where link_id = ? and at >= ? and at < ?"
        )
        worst = 0.0
        for name, span in (("24 h", timedelta(days=1)), ("7 d", timedelta(days=7))):
            start = end - span
            low, high = int(start.timestamp()), int(end.timestamp())

            def chart_of(link: int, start: datetime = start) -> object:
                return store.series(Link(id=link), start, end, points=300)

            def rows_of(link: int, low: int = low, high: int = high) -> object:
                return bare.execute(sql, (link, low, high)).fetchall()

            chart, raw = median_ms(chart_of), median_ms(rows_of)
            print(
                f"chart {name:>5}  {chart:.3f} ms, {chart / raw:.2f} x a bare select ({raw:.3f} ms)"
            )
            worst = chart if name == "24 h" else worst
        bare.close()
        store.close()
    if worst >= LIMIT_MS:
        print(f"too slow: a chart of 24 h must read in under {LIMIT_MS} ms")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
