"""History from elsewhere, written as it is: rolled rows that somebody else made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Literal

from core.network.metrics import sheets
from core.network.metrics.families import ROLLED, TRAFFIC
from core.network.metrics.levels import DAY, FIVE, RAW, SIZES, WHOLE_DAY, floor

Rolled = tuple[int, int, float, int, int, int, int | None, int | None]
"""link id, start of the slot, seconds, octets in and out, samples, peaks in and out (bit/s)."""
Resolution = Literal["5m", "hour", "day"]


def load(
    connection: sqlite3.Connection,
    resolution: Resolution,
    rows: Iterable[Rolled],
    fold_before: int | None,
) -> None:
    """Write rows within the caller's transaction; those of five minutes before a day's start go
    to sheets at once, of links that have none there.
    """
    peaks = (
        f"nullif(?{peak}, cast(round(?{octets} * 8.0 / ?3) as integer))"
        for peak, octets in ((7, 4), (8, 5))
    )
    statement = (
        f"insert or replace into traffic_{resolution} (link_id, at, ms, in_octets, out_octets, "
        f"samples, in_peak, out_peak) values (?1, ?2, round(?3 * 1000), ?4, ?5, ?6, "
        f"{', '.join(peaks)})"
    )
    if fold_before is None or resolution != "5m":
        connection.executemany(statement, rows)
        return
    nobody = (None,) * len(TRAFFIC.optional)
    for link, group in groupby(rows, key=itemgetter(0)):
        some = list(group)
        new = [row for row in some if row[1] >= fold_before]
        connection.executemany(statement, new)
        sheets.put(
            connection,
            TRAFFIC,
            link,
            [
                (at, round(s * 1000), i, o, *nobody, *more)
                for _, at, s, i, o, *more in some
                if at < fold_before
            ],
        )


def loaded(
    connection: sqlite3.Connection,
    links: Iterable[int],
    fine_from: int | None,
    upto: int,
    rolled: bool,
) -> None:
    """Move the levels to where the history that was loaded brings them, and make the days."""
    if (fine_from or 0) % DAY or upto % SIZES[FIVE]:
        raise ValueError("fine_from must start a day, upto five minutes")
    ids = json.dumps(list(links))
    connection.execute(
        "insert or ignore into measured select 'traffic', value from json_each(?)", (ids,)
    )
    connection.execute("delete from dirty where at < ?", (upto,))
    connection.execute("update level set kept_from = ? where level = ?", (upto, RAW))
    if fine_from is not None:
        connection.execute("update level set kept_from = ? where level = ?", (fine_from, FIVE))
    for index in ROLLED if rolled else (FIVE,):
        to = floor(upto, SIZES[index])
        connection.execute("update level set rolled_to = ? where level = ?", (to, index))
    if rolled:
        source = f"select value as id, 0 as start, {floor(upto, DAY)} as end from json_each(?)"
        connection.execute(TRAFFIC.roll_up(WHOLE_DAY, source), (ids,))
        connection.execute("update folded set upto = max(upto, ?)", (floor(upto, DAY) - DAY,))
