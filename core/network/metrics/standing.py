"""Where the collector stands: when each link was last read, and its last counters."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache

from core.network.metrics import Counters

_UPSERT_READ = """
insert into last_read values (?, ?) on conflict (link_id) do update set at = excluded.at
where excluded.at > at or excluded.at < at - 300"""  # far behind: the clock was set back


def freshness(connection: sqlite3.Connection) -> Mapping[int, int]:
    """Return when each link was last read with success: {link id: UTC epoch seconds}."""
    return dict(connection.execute("select link_id, at from last_read"))


def read_before(
    connection: sqlite3.Connection, links: Sequence[int], limit: float
) -> tuple[int | None, Mapping[int, int | None]]:
    """Return the newest reading of links, and those last read before ``limit``: {link id: when}.

    UTC epoch seconds, None for what was never read. In one pass when all of them are recent.
    """
    ids = _listed(tuple(links))
    newest, oldest = connection.execute(
        "select max(at), min(coalesce(at, 0)) "
        "from json_each(?) left join last_read on link_id = value",
        (ids,),
    ).fetchone()
    if oldest is None or oldest >= limit:
        return newest, {}
    old = connection.execute(
        "select value, at from json_each(?) left join last_read on link_id = value "
        "where at is null or at < ?",
        (ids, limit),
    )
    return newest, dict(old.fetchall())


@lru_cache(maxsize=64)
def _listed(links: tuple[int, ...]) -> str:
    """Return ids as JSON; pages ask for the same ones again and again."""
    return json.dumps(links)


def mark_read(connection: sqlite3.Connection, seen: Mapping[int, int]) -> None:
    """Note that links were read with success at these times; an older time changes nothing."""
    connection.executemany(_UPSERT_READ, seen.items())


def counters(connection: sqlite3.Connection, links: Sequence[int]) -> Mapping[int, Counters]:
    """Return the last counters kept of links, for those that have any."""
    rows = connection.execute(
        "select * from counters where link_id in (select value from json_each(?))",
        (json.dumps(list(links)),),
    )
    return {
        link: Counters(at, uptime, bits, int(octets_in), int(octets_out))
        for link, at, uptime, bits, octets_in, octets_out in rows
    }


def keep_counters(connection: sqlite3.Connection, kept: Mapping[int, Counters]) -> None:
    """Keep the last counters of links, in place of those they had."""
    connection.executemany(
        "insert or replace into counters values (?,?,?,?,?,?)",
        (
            (link, c.at, c.uptime, c.bits, str(c.in_octets), str(c.out_octets))
            for link, c in kept.items()
        ),
    )
