"""The tables of the SQLite metric store, one a resolution, and which of them answers for a period.

A raw row is keyed by the second at which its sample *ends*; it belongs to the period ``]a, b]``.
A rolled row is keyed by the second at which its slot *starts*; it belongs to ``[a, b[``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

VERSION = 1
DAY = 86_400
SIZES = (0, 300, 3_600, DAY)
"""Seconds of a slot of each level; raw rows have none."""
KEPT = (10 * DAY, 400 * DAY, 1_827 * DAY, 1_827 * DAY)
"""Seconds that the rows of each level are kept."""
TABLES = ("traffic_raw", "traffic_5m", "traffic_hour", "traffic_day")
RAW, FIVE, HOUR, WHOLE_DAY = range(4)

MOST_OCTETS = 2**53
"""A row of as many octets is a fault: no sum of sound rows leaves SQLite's 64 bits."""
SOUND = f"in_octets < {MOST_OCTETS} and out_octets < {MOST_OCTETS}"

_ROLLED = """
create table {table} (
  link_id integer not null, at integer not null, seconds real not null,
  in_octets integer not null, out_octets integer not null, samples integer not null,
  in_peak integer, out_peak integer, primary key (link_id, at)
) without rowid"""

SCHEMA = (
    """
create table traffic_raw (
  link_id integer not null, at integer not null, seconds real not null,
  in_octets integer not null, out_octets integer not null, primary key (link_id, at)
) without rowid""",
    *(_ROLLED.format(table=table) for table in TABLES[1:]),
    # The links that have rows: lets a roll-up seek each link's tail instead of reading all.
    "create table measured (link_id integer primary key)",
    # rolled_to: slots before it are rolled; kept_from: rows before it are gone (or never came).
    """
create table level (
  level integer primary key, rolled_to integer not null, kept_from integer not null)""",
    "insert into level values (0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)",
    # Slots already rolled that late samples reached: rolled again by the next roll_up.
    """
create table dirty (
  level integer not null, link_id integer not null, at integer not null,
  primary key (level, link_id, at)) without rowid""",
    "create table last_read (link_id integer primary key, at integer not null)",
    """
create table counters (
  link_id integer primary key, at real not null, uptime integer not null, bits integer not null,
  in_octets text not null, out_octets text not null)""",
    f"pragma user_version = {VERSION}",
)
"""Counters are text: an unsigned 64-bit number does not fit SQLite's integer."""


class StoreError(Exception):
    """The file of measures cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Level:
    """One table: the size of its slots in seconds, and the times between which it answers."""

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

    @property
    def sql(self) -> str:
        """The end of a select: parameters are the link, ``start`` and ``end``."""
        bounds = f"at > ? and at <= ? and {SOUND}" if self.level == RAW else "at >= ? and at < ?"
        return f"from {TABLES[self.level]} where link_id = ? and {bounds}"


def connect(path: Path) -> sqlite3.Connection:
    """Open the file of measures, made when missing. Raises ``StoreError`` for a newer one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma cache_size = -16000")
    connection.execute("pragma journal_size_limit = 8000000")
    try:
        _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("pragma user_version").fetchone()
    if version == 0:
        connection.execute("begin immediate")
        (version,) = connection.execute("pragma user_version").fetchone()
        if version == 0:  # no other process made the tables while this one waited
            for statement in SCHEMA:
                connection.execute(statement)
            version = VERSION
        connection.execute("commit")
    if version > VERSION:
        raise StoreError(
            f"{path} : ces mesures viennent d'une version plus récente de Balise "
            f"(schéma {version}, connu ici : {VERSION}). Mettez Balise à jour."
        )


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
