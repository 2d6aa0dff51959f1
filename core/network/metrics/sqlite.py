"""The metric store that comes with Balise: one SQLite file, read and written by all processes."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import structlog
from numpy.typing import NDArray

from core.network.metrics import Counters, Percentile, Sample, Series, Volume, rollup
from core.network.metrics.levels import (
    DAY,
    FIVE,
    HOUR,
    KEPT,
    MOST_OCTETS,
    RAW,
    SIZES,
    TABLES,
    WHOLE_DAY,
    Level,
    Piece,
    ceil,
    connect,
    cover,
    floor,
    read_levels,
)
from core.network.metrics.volumes import volumes

if TYPE_CHECKING:
    from core.network.inventory import Link

log = structlog.get_logger("balise.measures")

Floats = NDArray[np.float64]
Rolled = tuple[int, int, float, int, int, int, int | None, int | None]
"""link id, start of the slot, seconds, octets in, octets out, samples, peaks in and out (bit/s)."""

STEPS = (60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, DAY, 2 * DAY, 7 * DAY, 30 * DAY)
"""Seconds between two points of a chart; slots start on multiples of them (UTC)."""
_UPSERT_READ = """
insert into last_read values (?, ?) on conflict (link_id) do update set at = excluded.at
where excluded.at > at or excluded.at < at - 300"""  # far behind: the clock was set back


def step_for(span: float, points: int) -> int:
    """Return the smallest step (seconds) that shows ``span`` seconds in ``points`` at most."""
    return next((step for step in STEPS if step * points >= span), STEPS[-1])


class SqliteMetricStore:
    """The measures in one SQLite file (WAL). Safe to share between threads and after a fork.

    Raises ``StoreError`` when the file was made by a newer Balise, ``sqlite3.OperationalError``
    when the disk is full or the file stays locked for ten seconds: nothing of the call is kept.
    """

    def __init__(self, path: Path, raw_days: int = 10) -> None:
        self.path = path
        self._kept = (raw_days * DAY, *KEPT[1:])
        self._local = threading.local()
        self._open: list[tuple[int, sqlite3.Connection]] = []
        self._known: set[int] = set()
        self._connection()

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread, in this process."""
        pid = os.getpid()
        if getattr(self._local, "pid", None) != pid:
            self._local.connection = connect(self.path)
            self._local.pid = pid
            self._open.append((pid, self._local.connection))
        connection: sqlite3.Connection = self._local.connection
        return connection

    def close(self) -> None:
        """Close what every thread of this process opened (not what it inherited by a fork)."""
        while self._open:
            pid, connection = self._open.pop()
            if pid == os.getpid():
                connection.close()
        self._local = threading.local()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("begin immediate")
        with connection:
            yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[tuple[sqlite3.Connection, tuple[Level, ...]]]:
        """One consistent view, however the roll-ups move meanwhile."""
        connection = self._connection()
        connection.execute("begin")
        try:
            yield connection, read_levels(connection)
        finally:
            connection.execute("commit")

    # -- writing

    def record(self, samples: Iterable[Sample]) -> None:
        """Keep samples, all or none. The same link and second twice changes nothing.

        A sample older than the raw rows kept (10 days) is left out, and so is, with a line in
        the log, one of no time or of impossible octets (negative, or ``MOST_OCTETS`` and more).
        """
        given = list(samples)
        batch = [sample for sample in given if _possible(sample)]
        if len(batch) < len(given):
            odd = next(sample for sample in given if not _possible(sample))
            log.warning("impossible samples left out", count=len(given) - len(batch), one=str(odd))
        new = {sample.link_id for sample in batch} - self._known
        with self._writing() as connection:
            levels = read_levels(connection)
            kept, rolled = levels[RAW].kept_from, levels[FIVE].rolled_to
            rows = [
                (s.link_id, s.at, s.seconds, s.in_octets, s.out_octets)
                for s in batch
                if s.at > kept
            ]
            connection.executemany("insert or ignore into traffic_raw values (?, ?, ?, ?, ?)", rows)
            late = [(FIVE, row[0], floor(row[1] - 1, 300)) for row in rows if row[1] <= rolled]
            connection.executemany("insert or ignore into dirty values (?, ?, ?)", late)
            connection.executemany(
                "insert or ignore into measured values (?)", [(link,) for link in new]
            )
        self._known |= new

    def load(self, resolution: Literal["5m", "hour", "day"], rows: Iterable[Rolled]) -> None:
        """Write rolled rows as they are, in one transaction: history from elsewhere.

        Fastest when sorted by link, then time. Call ``loaded`` when all is in.
        """
        table = f"traffic_{resolution}"
        with self._writing() as connection:
            connection.executemany(f"insert or replace into {table} values (?,?,?,?,?,?,?,?)", rows)

    def loaded(
        self, links: Iterable[int], fine_from: int | None, upto: int, rolled: bool = True
    ) -> None:
        """Tell what ``load`` brought: five-minute rows of ``links`` in ``[fine_from, upto[``.

        ``fine_from`` starts a day (None: where they already start) and ``upto`` a five-minute
        slot (UTC epoch seconds); samples before ``upto`` are no longer taken. ``rolled`` says
        that hours and days up to ``upto`` came too; otherwise ``roll_up`` makes them.
        """
        if (fine_from or 0) % DAY or upto % SIZES[FIVE]:
            raise ValueError("fine_from must start a day, upto five minutes")
        with self._writing() as connection:
            connection.executemany(
                "insert or ignore into measured values (?)", [(link,) for link in links]
            )
            connection.execute("delete from dirty where at < ?", (upto,))
            connection.execute("update level set kept_from = ? where level = ?", (upto, RAW))
            if fine_from is not None:
                connection.execute(
                    "update level set kept_from = ? where level = ?", (fine_from, FIVE)
                )
            for index in (FIVE, HOUR, WHOLE_DAY) if rolled else (FIVE,):
                to = floor(upto, SIZES[index])
                connection.execute("update level set rolled_to = ? where level = ?", (to, index))

    def rolled_to(self) -> datetime:
        """Return the end of what is rolled into five-minute rows (1970 when nothing is)."""
        with self._reading() as (_, levels):
            return datetime.fromtimestamp(levels[FIVE].rolled_to, UTC)

    def roll_up(self, now: datetime) -> None:
        """Bring five minutes, hours and days up to ``now``; to be called every minute."""
        rollup.roll_up(self._connection(), now.timestamp())

    def apply_retention(self, now: datetime) -> None:
        """Delete what is older than 10 days (raw), 400 days (5 minutes), 5 years (the rest)."""
        rollup.apply_retention(self._connection(), now.timestamp(), self._kept)

    # -- reading

    def series(self, link: Link, start: datetime, end: datetime, points: int = 500) -> Series:
        """Return mean rates on at most ``points`` slots (two more when the ends are ragged).

        Slots are whole ones of a step of ``STEPS``: 24 hours come in five minutes.
        """
        a, b = start.timestamp(), end.timestamp()
        step = step_for(b - a, points)
        first, last = floor(a, step), ceil(b, step)
        count = (last - first) // step
        sums = np.zeros((3, count))
        index = max(level for level, size in enumerate(SIZES) if size <= step)
        margin = 600 if index == RAW else 0  # a raw sample ends after the slot it covers
        with self._reading() as (connection, levels):
            for piece in cover(levels, index, first, last + margin):
                rows = connection.execute(
                    f"select at, seconds, in_octets, out_octets {piece.sql}",
                    (link.id, piece.start, piece.end),
                ).fetchall()
                if rows:
                    _pour(np.array(rows, dtype=np.float64).T, piece, first, step, sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            seconds = np.where(sums[0] > 0, sums[0], np.nan)
            rates = sums[1:] * 8 / seconds
        return Series(datetime.fromtimestamp(first, UTC), step, rates[0], rates[1])

    def volume(self, link: Link, start: datetime, end: datetime) -> Volume:
        """Return the exact octets of the samples that end in ``]start, end]``.

        Where raw rows are gone, whole slots count by their start: adjoining periods add up.
        """
        a, b = floor(start.timestamp(), 1), floor(end.timestamp(), 1)
        nothing = Volume(0, 0, 0.0, float(max(b - a, 0)))
        return self.volumes([link], start, end).get(link.id, nothing)

    def volumes(
        self, links: Sequence[Link], start: datetime, end: datetime
    ) -> Mapping[int, Volume]:
        """Return ``volume`` of many links by their id, without those that have no measure.

        One statement, however many links there are.
        """
        a, b = floor(start.timestamp(), 1), floor(end.timestamp(), 1)
        with self._reading() as (connection, levels):
            return volumes(connection, levels, (link.id for link in links), a, b)

    def percentile(self, link: Link, start: datetime, end: datetime, q: float = 95) -> Percentile:
        """Return the q-th percentile of the five-minute means over ``[start, end[``.

        Whole slots; those older than 400 days count as missing.
        """
        if not 0 < q <= 100:
            raise ValueError("a percentile is in ]0, 100]")
        size = SIZES[FIVE]
        first, last = floor(start.timestamp(), size), ceil(end.timestamp(), size)
        slots = max((last - first) // size, 0)
        sums = np.zeros((3, slots))
        with self._reading() as (connection, levels):
            for piece in cover(levels, FIVE, max(first, levels[FIVE].kept_from), last):
                rows = connection.execute(
                    f"select at, seconds, in_octets, out_octets {piece.sql}",
                    (link.id, piece.start, piece.end),
                ).fetchall()
                if rows:
                    _pour(np.array(rows, dtype=np.float64).T, piece, first, size, sums)
        measured = sums[0] > 0
        found = int(measured.sum())
        if not found:
            return Percentile(None, None, 0, slots)
        rates = np.sort(sums[1:, measured] * 8 / sums[0, measured], axis=1)
        # Rounded first: 0.95 * 20 must not become 19.000000000000004 and then 20.
        rank = math.ceil(round(q / 100 * found, 9))
        return Percentile(
            float(rates[0, rank - 1]), float(rates[1, rank - 1]), found, slots - found
        )

    # -- where the collector stands

    def freshness(self) -> Mapping[int, int]:
        """Return when each link was last read with success: {link id: UTC epoch seconds}."""
        return dict(self._connection().execute("select link_id, at from last_read"))

    def mark_read(self, seen: Mapping[int, int]) -> None:
        """Note that links were read with success at these times; an older time changes nothing."""
        with self._writing() as connection:
            connection.executemany(_UPSERT_READ, seen.items())

    def counters(self, links: Sequence[int]) -> Mapping[int, Counters]:
        """Return the last counters kept of links, for those that have any."""
        found: dict[int, Counters] = {}
        for first in range(0, len(links), 500):
            some = links[first : first + 500]
            marks = ",".join("?" * len(some))
            for link, at, uptime, bits, octets_in, octets_out in self._connection().execute(
                f"select * from counters where link_id in ({marks})", some
            ):
                found[link] = Counters(at, uptime, bits, int(octets_in), int(octets_out))
        return found

    def keep_counters(self, counters: Mapping[int, Counters]) -> None:
        """Keep the last counters of links, in place of those they had."""
        rows = [
            (link, c.at, c.uptime, c.bits, str(c.in_octets), str(c.out_octets))
            for link, c in counters.items()
        ]
        with self._writing() as connection:
            connection.executemany("insert or replace into counters values (?,?,?,?,?,?)", rows)


def _possible(sample: Sample) -> bool:
    least, most = sorted((sample.in_octets, sample.out_octets))
    return 0 < sample.seconds < math.inf and least >= 0 and most < MOST_OCTETS


def _pour(rows: Floats, piece: Piece, first: int, step: int, sums: Floats) -> None:
    """Add rows (at, seconds, octets in, octets out) to the slots of ``sums`` that they fill.

    A row wider than a slot, and a raw row on a chart of the minute, is shared out by overlap;
    any other goes whole to the slot that a roll-up would give it.
    """
    count, size = sums.shape[1], SIZES[piece.level]
    at, values = rows[0], rows[1:]
    if piece.level == RAW and step < SIZES[FIVE]:
        begin, end = at - rows[1], at
    elif size > step:
        begin, end = at, at + size
    else:
        slot = ((at - (piece.level == RAW) - first) // step).astype(np.intp)
        inside = (slot >= 0) & (slot < count)
        if not inside.all():
            slot, values = slot[inside], values[:, inside]
        for way, value in enumerate(values):
            sums[way] += np.bincount(slot, weights=value, minlength=count)
        return
    low = np.floor((begin - first) / step).astype(np.intp)
    high = np.ceil((end - first) / step).astype(np.intp)
    spans = high - low
    row = np.repeat(np.arange(len(at)), spans)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(spans) - spans, spans) + np.repeat(low, spans)
    edge = first + slot * step
    overlap = np.minimum(end[row], edge + step) - np.maximum(begin[row], edge)
    share = np.maximum(overlap, 0) / (end - begin)[row]
    inside = (slot >= 0) & (slot < count)
    for way, value in enumerate(values):
        part = (value[row] * share)[inside]
        sums[way] += np.bincount(slot[inside], weights=part, minlength=count)


__all__ = ["STEPS", "TABLES", "Rolled", "SqliteMetricStore", "step_for"]
