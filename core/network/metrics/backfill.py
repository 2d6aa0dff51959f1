"""History from elsewhere into the tables of the SQLite store, beside what was polled.

What is younger than the raw rows kept goes in as samples, older into five-minute rows, older
still into hours. What is there already stays: the same course twice changes nothing.
"""

from __future__ import annotations

import contextlib
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from core.network.metrics import sheets
from core.network.metrics.families import TRAFFIC
from core.network.metrics.intervals import Course
from core.network.metrics.levels import (
    DAY,
    FIVE,
    HOUR,
    KEPT,
    RAW,
    SIZES,
    WHOLE_DAY,
    floor,
    read_levels,
)
from core.network.metrics.rollup import GRACE, PutBack, put_back
from core.network.metrics.schema import connect

if TYPE_CHECKING:
    from core.network.metrics.sqlite import SqliteMetricStore

SLOT = SIZES[FIVE]
NEAR = 1.0
"""Samples may overlap by so many seconds: their ends are kept in whole ones."""
_SUMS = ", ".join(("link_id", "at", *TRAFFIC.sums))


class Piece(NamedTuple):
    """Octets of ``ms`` milliseconds that end at ``at``, all of one five-minute slot.

    ``in_bps`` and ``out_bps`` are the rates of the interval that it was cut from.
    """

    at: int
    ms: int
    in_octets: int
    out_octets: int
    in_bps: float
    out_bps: float

    @property
    def slot(self) -> int:
        """The start of its five-minute slot."""
        return floor(self.at - 1, SLOT)


@dataclass(slots=True)
class Loaded:
    """What was written, in five-minute slots and octets.

    ``left`` slots were measured already; ``too_old`` ones are older than anything that is kept.
    """

    written: int = 0
    left: int = 0
    too_old: int = 0
    in_octets: int = 0
    out_octets: int = 0


def pieces(course: Course) -> Iterator[Piece]:
    """Cut what is longer than five minutes at the slots, in whole octets that add up exactly.

    A shorter interval goes whole to the slot in which it ends, as a poll does.
    """
    for start, end, octets_in, octets_out in course:
        first, last = int(start), int(end)
        rates = octets_in * 8 / (end - start), octets_out * 8 / (end - start)
        whole = max(1, round((end - start) * 1000)), octets_in, octets_out
        if end - start <= SLOT:
            yield Piece(last, *whole, *rates)
            continue
        done = (0, 0, 0)
        for edge in (*range(floor(first, SLOT) + SLOT, last, SLOT), last):
            ms, ins, outs = (total * (edge - first) // (last - first) for total in whole)
            yield Piece(edge, ms - done[0], ins - done[1], outs - done[2], *rates)
            done = ms, ins, outs


def bring_in(
    store: SqliteMetricStore, link: int, course: Course, now: datetime, raw_days: int, dry_run: bool
) -> Loaded:
    """Write a course of any age, all or nothing, and bring hours, days and sheets along.

    A store that refuses (full disk, locked for ten seconds) keeps nothing of it:
    ``sqlite3.OperationalError``. ``dry_run`` counts and writes nothing.
    """
    with contextlib.closing(connect(store.path)) as connection:
        if dry_run:
            return load(connection, link, course, now.timestamp(), raw_days, dry_run)
        store.roll_up(now)
        _begin(connection, now.timestamp())
        store.apply_retention(now)
        found = load(connection, link, course, now.timestamp(), raw_days)
    store.roll_up(now)
    return found


def _begin(connection: sqlite3.Connection, now: float) -> None:
    """Give a store that never rolled anything up its place in time."""
    connection.execute("begin immediate")
    with connection:
        for level in read_levels(connection)[FIVE:]:
            if level.rolled_to == 0:
                connection.execute(
                    "update level set rolled_to = ? where level = ?",
                    (floor(now - GRACE, level.size), level.index),
                )


def load(
    connection: sqlite3.Connection,
    link: int,
    course: Course,
    now: float,
    raw_days: int,
    dry_run: bool = False,
) -> Loaded:
    """Write a course in one transaction; ``roll_up`` before and after. ``now``: epoch seconds.

    All is worked out before the transaction: the collector does not wait for it.
    """
    kept_from: list[int] = []
    plan = _Plan()
    while True:
        if kept_from != (kept_from := _kept_from(connection, now, raw_days)):
            plan = _plan(course, kept_from)
        connection.execute("begin immediate")
        try:
            if kept_from == _kept_from(connection, now, raw_days):
                found = _Load(connection, link, plan, kept_from).run()
                break
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("rollback")  # the retention went by: another table has that age now
    connection.execute("rollback" if dry_run else "commit")
    return found


def _kept_from(connection: sqlite3.Connection, now: float, raw_days: int) -> list[int]:
    """Return since when each level keeps its rows, once the retention was applied."""
    kept = (raw_days * DAY, *KEPT[1:])
    return [
        max(level.kept_from, floor(now - seconds, DAY))
        for level, seconds in zip(read_levels(connection), kept, strict=True)
    ]


@dataclass(slots=True)
class _Plan:
    """A course by the tables that hold its ages; with hours, how many five-minute slots each."""

    samples: list[Piece] = field(default_factory=list)
    slots: list[PutBack] = field(default_factory=list)
    hours: list[tuple[PutBack, int]] = field(default_factory=list)
    too_old: int = 0


def _plan(course: Course, kept_from: Sequence[int]) -> _Plan:
    plan = _Plan()
    for hour, some in groupby(pieces(course), lambda piece: floor(piece.slot, SIZES[HOUR])):
        same = list(some)
        slots = [(slot, list(group)) for slot, group in groupby(same, lambda piece: piece.slot)]
        if hour >= kept_from[RAW]:
            plan.samples += same
        elif hour >= kept_from[FIVE]:
            plan.slots += [_rolled(slot, group) for slot, group in slots]
        elif hour >= kept_from[HOUR]:
            plan.hours.append((_rolled(hour, same), len(slots)))
        else:
            plan.too_old += len(slots)
    return plan


class _Load:
    """One load, inside its transaction."""

    def __init__(
        self, connection: sqlite3.Connection, link: int, plan: _Plan, kept_from: Sequence[int]
    ) -> None:
        self.connection = connection
        self.link = link
        self.plan = plan
        self.kept_from = kept_from
        self.levels = read_levels(connection)
        self.found = Loaded(too_old=plan.too_old)

    def run(self) -> Loaded:
        """Write what is not measured yet."""
        self._samples()
        self._slots()
        self._hours()
        self.connection.execute(
            "insert or ignore into measured values (?, ?)", (TRAFFIC.name, self.link)
        )
        return self.found

    def _count(self, octets: Iterable[Sequence[int | None]], written: int, left: int) -> None:
        for in_octets, out_octets in octets:
            self.found.in_octets += in_octets or 0
            self.found.out_octets += out_octets or 0
        self.found.written += written
        self.found.left += left

    def _samples(self) -> None:
        there = self.connection.execute(
            f"select at - (ms + 999) / 1000, at from {TRAFFIC.tables[RAW]} where link_id = ? "
            "order by at",
            (self.link,),
        ).fetchall()
        ends = [end for _, end in there]
        least_start = _least_after([start for start, _ in there])

        def free(piece: Piece) -> bool:
            near = min(NEAR, piece.ms / 2000)
            later = bisect_left(ends, piece.at - piece.ms / 1000 + near)
            if later == len(ends):
                return True
            here = bisect_left(ends, piece.at, later)
            taken = here < len(ends) and ends[here] == piece.at
            return not taken and least_start[later] >= piece.at - near

        kept = [piece for piece in self.plan.samples if free(piece)]
        slots = {piece.slot for piece in kept}
        left = {piece.slot for piece in self.plan.samples} - slots
        self._count((piece[2:4] for piece in kept), len(slots), len(left))
        rows = [
            (self.link, at, *(sum(column) for column in zip(*(p[1:4] for p in same), strict=True)))
            for at, same in groupby(kept, key=lambda piece: piece.at)
        ]
        self.connection.executemany(
            f"insert into {TRAFFIC.tables[RAW]} ({_SUMS}) values (?, ?, ?, ?, ?)", rows
        )
        self._mark(FIVE, slots)

    def _slots(self) -> None:
        there = self._slots_there()
        rows = [row for row in self.plan.slots if row[0] not in there]
        self._count((row[2:4] for row in rows), len(rows), len(self.plan.slots) - len(rows))
        put_back(self.connection, self.link, rows)

    def _hours(self) -> None:
        table = TRAFFIC.tables[HOUR]
        found = self.connection.execute(f"select at from {table} where link_id = ?", (self.link,))
        there = {at for (at,) in found}
        kept = [(row, slots) for row, slots in self.plan.hours if row[0] not in there]
        written = sum(slots for _, slots in kept)
        left = sum(slots for _, slots in self.plan.hours) - written
        self._count((row[2:4] for row, _ in kept), written, left)
        self.connection.executemany(
            f"insert into {table} ({_SUMS}, samples, in_peak, out_peak) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            [(self.link, *row) for row, _ in kept],
        )
        self._mark(WHOLE_DAY, {floor(row[0], DAY) for row, _ in kept})

    def _slots_there(self) -> set[int]:
        first, last = self.kept_from[FIVE], self.kept_from[RAW]
        if first >= last:
            return set()
        (found,) = sheets.read(self.connection, TRAFFIC, [self.link], ["samples"], first, last)
        return {first + SLOT * slot for slot in (found[0] > 0).nonzero()[0].tolist()}

    def _mark(self, level: int, slots: Iterable[int]) -> None:
        """Have slots rolled again that the roll-up has already passed."""
        rolled_to = self.levels[level].rolled_to
        self.connection.executemany(
            "insert or ignore into dirty values (?, ?, ?, ?)",
            [(TRAFFIC.name, level, self.link, at) for at in slots if at < rolled_to],
        )


def _least_after(starts: list[int]) -> list[int]:
    """Return, for each place, the least of what stands there and after it."""
    least = starts[:]
    for place in range(len(least) - 2, -1, -1):
        least[place] = min(least[place], least[place + 1])
    return least


def _rolled(at: int, same: list[Piece]) -> PutBack:
    """Return the rolled row of the pieces of a slot; a peak that is the mean itself is None."""
    ms, ins, outs = (sum(column) for column in zip(*(piece[1:4] for piece in same), strict=True))
    best = max(piece.in_bps for piece in same), max(piece.out_bps for piece in same)
    peak_in, peak_out = (
        None if round(peak) == round(octets * 8000 / ms) else round(peak)
        for peak, octets in zip(best, (ins, outs), strict=True)
    )
    return at, ms, ins, outs, len(same), peak_in, peak_out
