"""The five-minute rows of past days, a day of a thing on one sheet: half the place of rows, and a
month of a thousand links is read at once.

A sheet holds the 288 slots of each column of ``Family.rolled``, as whole numbers on the fewest
bytes that hold them above the column's least: a code a column (the bytes of a number, 0 when all
are the same), a least a column (int64), then the columns. A slot without samples was not
measured. Columns that may be NULL hold one more than the value, and 0 for NULL. Little-endian.

Rows of ``{family}_5m`` hold the days not folded yet, and what was written since for days that
were: a row there stands before the slot of a sheet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.network.metrics.families import Family
from core.network.metrics.levels import DAY, FIVE, SIZES

KEYS = 65_536
"""A sheet's key is the id times this plus the day since 1970: sheets of a thing lie together."""
SLOTS = DAY // SIZES[FIVE]

Whole = NDArray[np.int64]


def pack(columns: Whole, family: Family) -> bytes:
    """Return the sheet of an array (columns of ``family.rolled``, 288): -1 where it is NULL, and
    0 samples where nothing was measured.
    """
    measured = columns[family.rolled.index("samples")] > 0
    codes, least, parts = bytearray(), [], []
    for name, column in zip(family.rolled, columns, strict=True):
        values = column + 1 if family.nullable(name) else column
        if name != "samples" and not measured.all():
            values = np.where(measured, values, values[measured].min(initial=2**62))
        low = int(values.min())
        offsets = values - low
        top = int(offsets.max())
        size = 0 if top == 0 else next(n for n in (1, 2, 4, 8) if top < 256**n)
        codes.append(size)
        least.append(low)
        if size:
            parts.append(offsets.astype(f"<u{size}").tobytes())
    return b"".join((bytes(codes), np.array(least, dtype="<i8").tobytes(), *parts))


def length(sheet: bytes, family: Family) -> int:
    """Return how many octets a sheet that begins so has, -1 for none of ours."""
    count = len(family.rolled)
    sizes = sheet[:count]
    known = len(sizes) == count and set(sizes) <= {0, 1, 2, 4, 8}
    return 9 * count + SLOTS * sum(sizes) if known else -1


def unpack(sheets: Sequence[bytes], family: Family, wanted: Sequence[str]) -> Whole:
    """Return the columns wanted of sheets, (sheets, columns, 288): -1 where NULL or not measured.

    Sheets of one form are decoded together.
    """
    found = np.empty((len(sheets), len(wanted), SLOTS), dtype=np.int64)
    count = len(family.rolled)
    forms: dict[bytes, list[int]] = {}
    for number, sheet in enumerate(sheets):
        forms.setdefault(sheet[:count], []).append(number)
    for form, numbers in forms.items():
        block = np.frombuffer(b"".join(sheets[n] for n in numbers), dtype=np.uint8)
        block = block.reshape(len(numbers), -1)
        least = np.ascontiguousarray(block[:, count : 9 * count]).view("<i8")
        begins = 9 * count + SLOTS * np.concatenate(([0], np.cumsum(list(form))))
        samples = family.rolled.index("samples")

        def column(
            index: int,
            block: NDArray[np.uint8] = block,
            form: bytes = form,
            least: Whole = least,
            begins: Whole = begins,
        ) -> Whole:
            low = least[:, index : index + 1]
            if not form[index]:
                return np.repeat(low, SLOTS, axis=1)
            part = np.ascontiguousarray(block[:, begins[index] : begins[index + 1]])
            return part.view(f"<u{form[index]}").astype(np.int64) + low

        absent = column(samples) == 0
        some = absent.any()
        for place, name in enumerate(wanted):
            values = column(family.rolled.index(name))
            if family.nullable(name):
                values -= 1
            if some:
                values[absent] = -1
            found[numbers, place] = values
    return found


def rows_of(sheet: bytes, family: Family, day: int) -> list[list[int | None]]:
    """Return the rows (time, columns of ``family.rolled``) of the sheet of a day since 1970."""
    columns = unpack([sheet], family, family.rolled)[0]
    slots = np.flatnonzero(columns[family.rolled.index("samples")] > 0)
    values = np.vstack((day * DAY + slots * SIZES[FIVE], columns[:, slots]))
    rows = values.astype(object)
    rows[values < 0] = None
    found: list[list[int | None]] = rows.T.tolist()
    return found


def read(
    connection: sqlite3.Connection,
    family: Family,
    ids: Sequence[int],
    wanted: Sequence[str],
    start: int,
    end: int,
) -> Whole:
    """Return five-minute rows of things in ``[start, end[``, (ids, columns, slots); the bounds
    are multiples of 300 s. -1 stands for NULL, and where nothing was measured.
    """
    first, last = start // DAY, -(-end // DAY)
    grid = np.full((len(ids), len(wanted), last - first, SLOTS), -1, dtype=np.int64)
    (upto,) = connection.execute("select upto from folded").fetchone()
    if start < upto:
        sheets: list[bytes] = []
        things: list[int] = []
        days: list[int] = []
        statement = f"select key, slots from {family.sheet} where key >= ? and key < ?"
        for place, thing in enumerate(ids):
            base = thing * KEYS
            for key, slots in connection.execute(statement, (base + first, base + last)):
                sheets.append(slots)
                things.append(place)
                days.append(key - base - first)
        if sheets:
            grid[things, :, days] = unpack(sheets, family, wanted)
    flat = grid.reshape(len(ids), len(wanted), -1)
    names = ", ".join(wanted)
    statement = (
        f"select (at - {first * DAY}) / {SIZES[FIVE]}, {names} from {family.tables[FIVE]} "
        f"where {family.key} = ? and at >= ? and at < ?"
    )
    for place, thing in enumerate(ids):
        rows = connection.execute(statement, (thing, start, end)).fetchall()
        if rows:
            flat[place][:, [row[0] for row in rows]] = _whole(rows)[1:]
    return flat[:, :, (start - first * DAY) // SIZES[FIVE] :][:, :, : (end - start) // SIZES[FIVE]]


def _whole(rows: Sequence[Sequence[int | None]]) -> Whole:
    """Return rows as columns, NULL as -1."""
    try:
        return np.array(rows, dtype=np.int64).T
    except TypeError:
        return np.array([[-1 if v is None else v for v in row] for row in rows], dtype=np.int64).T


def put(
    connection: sqlite3.Connection,
    family: Family,
    thing: int,
    rows: Sequence[Sequence[int | None]],
) -> None:
    """Put five-minute rows (time, columns of ``family.rolled``) on the sheets of their days, over
    what these hold.
    """
    if not rows:
        return
    found = _whole(rows)
    samples = family.rolled.index("samples")
    made = []
    for day in np.unique(found[0] // DAY).tolist():
        key = thing * KEYS + day
        old = connection.execute(
            f"select slots from {family.sheet} where key = ?", (key,)
        ).fetchone()
        grid = (
            unpack([old[0]], family, family.rolled)[0]
            if old
            else np.full((len(family.rolled), SLOTS), -1, dtype=np.int64)
        )
        mine = found[:, found[0] // DAY == day]
        grid[:, mine[0] % DAY // SIZES[FIVE]] = mine[1:]
        grid[samples] = np.maximum(grid[samples], 0)
        made.append((key, pack(grid, family)))
    connection.executemany(f"insert or replace into {family.sheet} values (?, ?)", made)


def fold(connection: sqlite3.Connection, family: Family, thing: int, before: int) -> int:
    """Put the five-minute rows of a thing before a day's start onto sheets; return how many."""
    table = family.tables[FIVE]
    rows = connection.execute(
        f"select at, {', '.join(family.rolled)} from {table} where {family.key} = ? and at < ?",
        (thing, before),
    ).fetchall()
    put(connection, family, thing, rows)
    if rows:
        connection.execute(
            f"delete from {table} where {family.key} = ? and at < ?", (thing, before)
        )
    return len(rows)


def unfold(connection: sqlite3.Connection, family: Family, days: Iterable[tuple[int, int]]) -> None:
    """Turn the sheets of days (id, day since 1970) back into rows; newer rows stay as they are."""
    marks = ", ".join("?" * (2 + len(family.rolled)))
    for thing, day in days:
        key = (thing * KEYS + day,)
        found = connection.execute(
            f"select slots from {family.sheet} where key = ?", key
        ).fetchone()
        if found is None:
            continue
        connection.executemany(
            f"insert or ignore into {family.tables[FIVE]} "
            f"({family.key}, at, {', '.join(family.rolled)}) values ({marks})",
            ((thing, *row) for row in rows_of(found[0], family, day)),
        )
        connection.execute(f"delete from {family.sheet} where key = ?", key)
