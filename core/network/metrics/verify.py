"""Are the roll-ups what the finer rows make? Checked wherever the finer rows are still there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.network.metrics import sheets
from core.network.metrics.families import FAMILIES, ROLLED, Family, slot_of
from core.network.metrics.levels import DAY, FIVE, HOUR, RAW, SIZES, WHOLE_DAY, Level

NAMES = {FIVE: "5m", HOUR: "hour", WHOLE_DAY: "day"}
SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A rolled row that is not what the finer rows make of it.

    ``at`` is the start of its slot (UTC epoch seconds). ``expected`` and ``found`` are values of
    ``column``; for the column « row » they say how many rows there are, 1 or 0, and for the level
    « sheet » how many octets it has.
    """

    family: str
    level: str
    id: int
    at: int
    column: str
    expected: int | None
    found: int | None


def things(connection: sqlite3.Connection) -> list[tuple[Family, int]]:
    """Return all that was ever measured: family and id."""
    return [
        (family, thing)
        for family in FAMILIES
        for (thing,) in connection.execute(
            "select id from measured where family = ? order by id", (family.name,)
        )
    ]


def verify(
    connection: sqlite3.Connection, levels: Sequence[Level], family: Family, thing: int
) -> Iterator[Mismatch]:
    """Yield what is wrong of one thing; its five-minute rows are in memory meanwhile.

    Slots that late samples reached, and that no ``roll_up`` has seen yet, are left out. A
    five-minute row before the first sample of a thing came from elsewhere, and is not surplus.
    To be called within a transaction, for one view of all its levels.
    """
    yield from _spoilt(connection, family, thing)
    _lay_out(connection, family, thing)
    for level in ROLLED:
        yield from _compare(connection, levels, family, level, thing)
    connection.execute("drop table temp.laid_out")


def _spoilt(connection: sqlite3.Connection, family: Family, thing: int) -> Iterator[Mismatch]:
    """Yield the sheets of a thing that cannot be read."""
    keys = (thing * sheets.KEYS, (thing + 1) * sheets.KEYS)
    statement = f"select key, slots from {family.sheet} where key >= ? and key < ?"
    for key, slots in connection.execute(statement, keys):
        expected = sheets.length(slots, family)
        if expected != len(slots):
            at = (key - keys[0]) * DAY
            yield Mismatch(family.name, SHEET, thing, at, "slots", expected, len(slots))


def _lay_out(connection: sqlite3.Connection, family: Family, thing: int) -> None:
    """Put the five-minute rows of a thing, those of its sheets included, in ``temp.laid_out``."""
    columns = ("at", *family.rolled)
    connection.execute("drop table if exists temp.laid_out")
    connection.execute(f"create temp table laid_out ({family.key}, {', '.join(columns)})")
    marks = ", ".join("?" * len(columns))
    keys = (thing * sheets.KEYS, (thing + 1) * sheets.KEYS)
    insert = f"insert into temp.laid_out values ({thing}, {marks})"
    rows = connection.execute(
        f"select {', '.join(columns)} from {family.tables[FIVE]} where {family.key} = ?", (thing,)
    ).fetchall()
    laid = {row[0] for row in rows}
    connection.executemany(insert, rows)
    statement = f"select key, slots from {family.sheet} where key >= ? and key < ?"
    for key, slots in connection.execute(statement, keys).fetchall():
        if sheets.length(slots, family) == len(slots):
            of_day = sheets.rows_of(slots, family, key - keys[0])
            connection.executemany(insert, (row for row in of_day if row[0] not in laid))


def _compare(
    connection: sqlite3.Connection,
    levels: Sequence[Level],
    family: Family,
    level: int,
    thing: int,
) -> Iterator[Mismatch]:
    """Yield the rows of one level of a thing that the finer level does not make."""
    finer, size = level - 1, SIZES[level]
    tables = [*family.tables]
    tables[FIVE] = "temp.laid_out"
    start = max(levels[finer].kept_from, levels[level].kept_from)
    if finer == RAW:
        start = max(start, _first_slot(connection, family, thing))
    end = levels[level].rolled_to
    columns = ("at", *family.rolled)
    bounds = (
        f"f.at > {start} and f.at <= {end}"
        if finer == RAW
        else (f"f.at >= {start} and f.at < {end}")
    )
    slot = slot_of(finer, size)
    wanted = (
        f"select {slot} as at, {family.values(finer)} from {tables[finer]} f "
        f"where f.{family.key} = ? and {bounds} and {family.sound} group by {slot}"
    )
    found = (
        f"select {', '.join(columns)} from {tables[level]} "
        f"where {family.key} = ? and at >= {start} and at < {end} order by at"
    )
    late = {
        at // size * size
        for (at,) in connection.execute(
            "select at from dirty where family = ? and id = ? and level <= ?",
            (family.name, thing, level),
        )
    }
    name = NAMES[level]
    there = {row[0]: row[1:] for row in connection.execute(found, (thing,))}
    for at, *expected in connection.execute(wanted, (thing,)):
        row = there.pop(at, None)
        if at in late or row == tuple(expected):
            continue
        if row is None:
            yield Mismatch(family.name, name, thing, at, "row", 1, 0)
            continue
        for column, right, value in zip(columns[1:], expected, row, strict=True):
            if right != value:
                yield Mismatch(family.name, name, thing, at, column, right, value)
    for at in there.keys() - late:
        yield Mismatch(family.name, name, thing, at, "row", 0, 1)


def _first_slot(connection: sqlite3.Connection, family: Family, thing: int) -> int:
    """Return the start of the slot of a thing's first sample, far away without any."""
    (first,) = connection.execute(
        f"select min(at) from {family.tables[RAW]} where {family.key} = ?", (thing,)
    ).fetchone()
    return 2**40 if first is None else (first - 1) // SIZES[FIVE] * SIZES[FIVE]
