"""The levels of the SQLite metric store, and which of them answers for a period.

A raw row is keyed by the second at which its sample *ends*; it belongs to the period ``]a, b]``.
A rolled row is keyed by the second at which its slot *starts*; it belongs to ``[a, b[``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DAY = 86_400
SIZES = (0, 300, 3_600, DAY)
"""Seconds of a slot of each level; raw rows have none."""
KEPT = (10 * DAY, 400 * DAY, 1_827 * DAY, 1_827 * DAY)
"""Seconds that the rows of each level are kept."""
RAW, FIVE, HOUR, WHOLE_DAY = range(4)

MOST_OCTETS = 2**53
"""A row of as many octets is a fault: no sum of sound rows leaves SQLite's 64 bits."""


class StoreError(Exception):
    """The file of measures cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Level:
    """The size of its slots in seconds, and the times between which a level answers."""

    index: int
    rolled_to: int
    kept_from: int

    @property
    def size(self) -> int:
        return SIZES[self.index]


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of one level that start (raw: end) in ``[start, end[`` (raw: ``]start, end]``)."""

    level: int
    start: int
    end: int


def read_levels(connection: sqlite3.Connection) -> tuple[Level, ...]:
    """Return the four levels, raw first."""
    rows = connection.execute("select level, rolled_to, kept_from from level order by level")
    return tuple(Level(*row) for row in rows)


def floor(at: float, size: int) -> int:
    """Return the start of the slot that holds ``at``."""
    return int(at // size) * size


def ceil(at: float, size: int) -> int:
    """Return the first start of a slot that is not before ``at``."""
    return -int(-at // size) * size


def cover(levels: Sequence[Level], index: int, start: int, end: int) -> Iterator[Piece]:
    """Yield pieces that cover ``[start, end[`` once: the level asked where it is rolled, finer
    levels for what it has not rolled yet and for the ragged ends, coarser ones where it is gone.

    Where only whole slots are left, a slot counts when it starts inside: adjoining periods add up.
    """
    if start >= end:
        return
    level = levels[index]
    if start < level.kept_from and index + 1 < len(levels):
        yield from _coarser(levels, index + 1, start, min(end, level.kept_from))
        start = level.kept_from
    if index == RAW:
        if start < end:
            yield Piece(RAW, start, end)
        return
    yield from _finer(levels, index, max(start, level.rolled_to), end)
    end = min(end, level.rolled_to)
    if start >= end:
        return
    low, high = ceil(start, level.size), floor(end, level.size)
    if low > high:  # both ends inside one slot
        if levels[index - 1].kept_from <= start:
            yield from _finer(levels, index, start, end)
        return
    if levels[index - 1].kept_from <= start:
        yield from _finer(levels, index, start, low)
    if levels[index - 1].kept_from <= high:
        yield from _finer(levels, index, high, end)
    else:
        high = end
    if low < high:
        yield Piece(index, low, high)


def _finer(levels: Sequence[Level], index: int, start: int, end: int) -> Iterator[Piece]:
    start = max(start, levels[index - 1].kept_from)
    yield from cover(levels, index - 1, start, end)


def _coarser(levels: Sequence[Level], index: int, start: int, end: int) -> Iterator[Piece]:
    level = levels[index]
    if start < level.kept_from and index + 1 < len(levels):
        yield from _coarser(levels, index + 1, start, min(end, level.kept_from))
    start = max(start, level.kept_from)
    if start < end:
        yield Piece(index, start, end)
