"""From raw samples to five minutes, hours and days; and what is let go of with age."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from core.network.metrics import sheets
from core.network.metrics.families import FAMILIES, ROLLED, TRAFFIC, Family
from core.network.metrics.levels import (
    DAY,
    FIVE,
    HOUR,
    RAW,
    SIZES,
    WHOLE_DAY,
    floor,
    read_levels,
)

GRACE = 90
"""Seconds a five-minute slot waits for its last samples before it is rolled."""
_STRIDE = DAY
"""At most so many seconds are rolled in one transaction, so that the collector never waits long."""
_ROWS = 20_000
"""About so many rows are folded in one transaction, for the same reason."""
_SOME = 2_000
"""So many slots that late samples reached are rolled again in one transaction."""

PutBack = tuple[int, int, int, int, int, int | None, int | None]
"""start of the slot, ms, octets in and out, samples, peaks in and out (bit/s; None: the mean)."""


def roll_up(connection: sqlite3.Connection, now: float) -> None:
    """Bring the roll-ups up to ``now``, slots that late samples reached included."""
    again(connection)
    for index in ROLLED:
        while _advance(connection, index, now):
            pass
    _fold(connection, now)


def again(connection: sqlite3.Connection) -> None:
    """Roll again the slots that late samples reached, level after level."""
    while _again(connection):
        pass


def _again(connection: sqlite3.Connection) -> bool:
    """Roll again some slots, the hours and days they are in; tell whether more are left."""
    if connection.execute("select 1 from dirty limit 1").fetchone() is None:
        return False
    connection.execute("begin immediate")
    with connection:
        levels = read_levels(connection)
        connection.execute("create temp table if not exists late (level, id, at)")
        for family in FAMILIES:
            connection.execute("delete from temp.late")
            connection.execute(
                "insert into temp.late select level, id, at from dirty where family = ? limit ?",
                (family.name, _SOME),
            )
            connection.execute(
                "delete from dirty where family = ? "
                "and (level, id, at) in (select level, id, at from temp.late)",
                (family.name,),
            )
            _late(connection, family, [level.rolled_to for level in levels])
    return True


def _late(connection: sqlite3.Connection, family: Family, rolled_to: Sequence[int]) -> None:
    """Roll the slots of ``temp.late`` of a family. Days on sheets are unfolded meanwhile."""
    days = connection.execute(f"select distinct id, at / {DAY} from temp.late").fetchall()
    sheets.unfold(connection, family, days)
    for index in ROLLED:
        size = SIZES[index]
        source = (
            f"select distinct id, at as start, at + {size} as end from temp.late "
            f"where level = {index}"
        )
        connection.execute(family.roll_up(index, source))
        if index < WHOLE_DAY:
            size = SIZES[index + 1]
            connection.execute(
                f"insert into temp.late select distinct {index + 1}, id, (at / {size}) * {size} "
                "from temp.late where level = ? and at < ?",
                (index, rolled_to[index + 1]),
            )
    (upto,) = connection.execute("select upto from folded").fetchone()
    for thing in {thing for thing, day in days if day * DAY < upto}:
        sheets.fold(connection, family, thing, upto)


def _advance(connection: sqlite3.Connection, index: int, now: float) -> bool:
    """Roll the next stretch of a level; tell whether more of it is left."""
    size = SIZES[index]
    connection.execute("begin immediate")
    with connection:
        levels = read_levels(connection)
        ready = now - GRACE if index == FIVE else levels[index - 1].rolled_to
        target, start = floor(ready, size), levels[index].rolled_to
        if start == 0:
            start = _first(connection, index, target)
        if start >= target:
            return False
        end = min(target, floor(start + max(_STRIDE, size), size))
        for family in FAMILIES:
            source = (
                f"select id, {start} as start, {end} as end from measured "
                f"where family = '{family.name}'"
            )
            connection.execute(family.roll_up(index, source))
        connection.execute("update level set rolled_to = ? where level = ?", (end, index))
    return end < target


def _first(connection: sqlite3.Connection, index: int, otherwise: int) -> int:
    """Return the first slot of a level that was never rolled."""
    firsts = [_earliest(connection, family, index - 1) for family in FAMILIES]
    first = min((first for first in firsts if first is not None), default=None)
    if first is None:
        return otherwise
    return floor(first - 1 if index == FIVE else first, SIZES[index])


def _earliest(connection: sqlite3.Connection, family: Family, level: int) -> int | None:
    first: int | None = connection.execute(
        f"select min((select min(at) from {family.tables[level]} f where f.{family.key} = m.id)) "
        "from measured m where family = ?",
        (family.name,),
    ).fetchone()[0]
    return first


def _fold(connection: sqlite3.Connection, now: float) -> None:
    """Put the five-minute rows of the days before yesterday onto sheets, once they are rolled."""
    levels = read_levels(connection)
    before = min(floor(now, DAY) - DAY, *(floor(levels[i].rolled_to, DAY) for i in ROLLED))
    (upto,) = connection.execute("select upto from folded").fetchone()
    if before <= upto:
        return
    # First, so that a sheet made below is read even if this process dies before the last one.
    connection.execute("update folded set upto = max(upto, ?)", (before,))
    for family in FAMILIES:
        statement = (
            f"select id from measured where family = ? and (select min(at) from "
            f"{family.tables[FIVE]} f where f.{family.key} = id) < ?"
        )
        things = [row[0] for row in connection.execute(statement, (family.name, before))]
        while things:
            connection.execute("begin immediate")
            with connection:
                rows = 0
                while things and rows < _ROWS:
                    rows += sheets.fold(connection, family, things.pop(), before)


def put_back(
    connection: sqlite3.Connection, link_id: int, rows: Iterable[PutBack], replace: bool = False
) -> int:
    """Write five-minute rows of a link into a past that has none, within the caller's transaction.

    A slot that was measured stays as it is, unless ``replace``. The next ``roll_up`` makes the
    hours and days anew. Returns how many rows were written.
    """
    given = {row[0]: row for row in rows}
    if not given:
        return 0
    start, end = min(given), max(given) + SIZES[FIVE]
    if not replace:
        known = sheets.read(connection, TRAFFIC, [link_id], ["samples"], start, end)[0, 0]
        given = {at: row for at, row in given.items() if known[(at - start) // SIZES[FIVE]] < 0}
    connection.executemany(
        "insert or replace into traffic_5m (link_id, at, ms, in_octets, out_octets, samples, "
        "in_peak, out_peak) values (?, ?, ?, ?, ?, ?, ?, ?)",
        ((link_id, *row) for row in given.values()),
    )
    connection.execute("insert or ignore into measured values ('traffic', ?)", (link_id,))
    hours = {floor(at, SIZES[HOUR]) for at in given}
    connection.executemany(
        "insert or ignore into dirty values ('traffic', ?, ?, ?)",
        ((HOUR, link_id, hour) for hour in hours),
    )
    return len(given)


def apply_retention(
    connection: sqlite3.Connection, now: float, kept_seconds: Sequence[float]
) -> None:
    """Delete the rows older than their level keeps (seconds), once the next level has them."""
    again(connection)
    for index, kept in enumerate(kept_seconds):
        levels = read_levels(connection)
        horizon = floor(now - kept, DAY)
        if index < WHOLE_DAY:
            horizon = min(horizon, floor(levels[index + 1].rolled_to, DAY))
        if horizon <= levels[index].kept_from:
            continue
        connection.execute(
            "update level set kept_from = ? where level = ? and kept_from < ?",
            (horizon, index, horizon),
        )
        for family in FAMILIES:
            _delete(connection, family, index, horizon)


def _delete(connection: sqlite3.Connection, family: Family, index: int, horizon: int) -> None:
    """Delete the rows of a level before a day's start, some things in a transaction."""
    sign = "<=" if index == RAW else "<"
    statements = [
        f"delete from {family.tables[index]} where {family.key} = :id and at {sign} {horizon}"
    ]
    if index == FIVE:
        keys = f":id * {sheets.KEYS}"
        statements.append(
            f"delete from {family.sheet} where key >= {keys} and key < {keys} + {horizon // DAY}"
        )
    things = connection.execute(
        "select id from measured where family = ?", (family.name,)
    ).fetchall()
    for first in range(0, len(things), 200):
        connection.execute("begin immediate")
        with connection:
            for statement in statements:
                some = [{"id": thing} for (thing,) in things[first : first + 200]]
                connection.executemany(statement, some)
