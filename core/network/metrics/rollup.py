"""From raw samples to five minutes, hours and days; and what is let go of with age."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from core.network.metrics.levels import (
    DAY,
    FIVE,
    MOST_OCTETS,
    RAW,
    SIZES,
    TABLES,
    WHOLE_DAY,
    floor,
    read_levels,
)

GRACE = 90
"""Seconds a five-minute slot waits for its last samples before it is rolled."""
_STRIDE = DAY
"""At most so many seconds are rolled in one transaction, so that the collector never waits long."""

_SLOT = {RAW: "((f.at - 1) / {size}) * {size}", FIVE: "(f.at / {size}) * {size}"}
_COLUMNS = "link_id, at, seconds, in_octets, out_octets, samples, in_peak, out_peak"


def _select(level: int, source: str) -> str:
    """Return the select that makes the rows of a level from the finer one: exact sums of octets
    and seconds, the highest rate (bit/s), NULL where it is the mean itself. Rows that cannot be
    are left out: their sum may not fit, and one link's would then stop the roll-up of all.
    """
    finer, size = level - 1, SIZES[level]
    slot = _SLOT[min(finer, FIVE)].format(size=size)
    samples = "count(*)" if finer == RAW else "sum(f.samples)"
    bounds = (
        "f.at > s.start and f.at <= s.end" if finer == RAW else "f.at >= s.start and f.at < s.end"
    )
    bounds += f" and f.in_octets < {MOST_OCTETS} and f.out_octets < {MOST_OCTETS}"
    peaks = []
    for way in ("in", "out"):
        rate = f"f.{way}_octets * 8.0 / f.seconds"
        best = rate if finer == RAW else f"coalesce(f.{way}_peak, {rate})"
        mean = f"sum(f.{way}_octets) * 8.0 / sum(f.seconds)"
        peaks.append(f"nullif(cast(round(max({best})) as integer), cast(round({mean}) as integer))")
    return (
        f"insert or replace into {TABLES[level]} ({_COLUMNS}) "
        f"select f.link_id, {slot} as slot, sum(f.seconds), sum(f.in_octets), sum(f.out_octets), "
        f"{samples}, {', '.join(peaks)} from ({source}) s "
        f"cross join {TABLES[finer]} f on f.link_id = s.link_id and {bounds} "
        "group by f.link_id, slot"
    )


def roll_up(connection: sqlite3.Connection, now: float) -> None:
    """Bring the roll-ups up to ``now``, slots that late samples reached included."""
    _again(connection)
    for index in (FIVE, FIVE + 1, WHOLE_DAY):
        while _advance(connection, index, now):
            pass


def _again(connection: sqlite3.Connection) -> None:
    """Roll again the slots that late samples reached, level after level."""
    connection.execute("begin immediate")
    with connection:
        levels = read_levels(connection)
        for index in (FIVE, FIVE + 1, WHOLE_DAY):
            size = SIZES[index]
            source = f"select link_id, at as start, at + {size} as end from dirty where level = ?"
            connection.execute(_select(index, source), (index,))
            if index < WHOLE_DAY:
                size = SIZES[index + 1]
                connection.execute(
                    "insert or ignore into dirty "
                    f"select {index + 1}, link_id, (at / {size}) * {size} from dirty "
                    "where level = ? and at < ?",
                    (index, levels[index + 1].rolled_to),
                )
        connection.execute("delete from dirty")


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
        source = "select link_id, ? as start, ? as end from measured"
        connection.execute(_select(index, source), (start, end))
        connection.execute("update level set rolled_to = ? where level = ?", (end, index))
    return end < target


def _first(connection: sqlite3.Connection, index: int, otherwise: int) -> int:
    """Return the first slot of a level that was never rolled."""
    (first,) = connection.execute(
        f"select min((select min(at) from {TABLES[index - 1]} f where f.link_id = m.link_id)) "
        "from measured m"
    ).fetchone()
    if first is None:
        return otherwise
    return floor(first - 1 if index == FIVE else first, SIZES[index])


def apply_retention(
    connection: sqlite3.Connection, now: float, kept_seconds: Sequence[float]
) -> None:
    """Delete the rows older than their level keeps (seconds), once the next level has them."""
    links = connection.execute("select link_id from measured").fetchall()
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
        sign = "<=" if index == RAW else "<"
        statement = f"delete from {TABLES[index]} where link_id = ? and at {sign} {horizon}"
        for first in range(0, len(links), 200):
            connection.execute("begin immediate")
            with connection:
                connection.executemany(statement, links[first : first + 200])
