"""The file of the SQLite metric store: its tables, opening it, bringing an older one up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.network.metrics.families import FAMILIES, ROLLED, TRAFFIC
from core.network.metrics.levels import RAW, StoreError

VERSION = 2
_UPGRADE_WAIT_MS = 600_000
"""How long a process waits while another one brings the tables up to date."""

_OWN = (
    # The things that have rows: lets a roll-up seek each one's tail instead of reading all.
    """
create table measured (family text not null, id integer not null, primary key (family, id))
without rowid""",
    # Slots already rolled that late samples reached: rolled again by the next roll_up.
    """
create table dirty (
  family text not null, level integer not null, id integer not null, at integer not null,
  primary key (family, level, id, at)) without rowid""",
    # Five-minute rows of days before it are in sheets, but those written since.
    "create table folded (upto integer not null)",
    "insert into folded values (0)",
)
_SHARED = (
    # rolled_to: slots before it are rolled; kept_from: rows before it are gone (or never came).
    """
create table level (
  level integer primary key, rolled_to integer not null, kept_from integer not null)""",
    "insert into level values (0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)",
    "create table last_read (link_id integer primary key, at integer not null)",
    # Counters are text: an unsigned 64-bit number does not fit SQLite's integer.
    """
create table counters (
  link_id integer primary key, at real not null, uptime integer not null, bits integer not null,
  in_octets text not null, out_octets text not null)""",
)
_REROLLED = """
select id, max(f.kept_from, l.kept_from) as start, l.rolled_to as end
from measured, level f, level l
where family = 'traffic' and f.level = {finer} and l.level = {level}"""


def _new() -> Iterator[str]:
    """Yield the statements that make all tables."""
    for family in FAMILIES:
        yield from family.schema()
    yield from (*_OWN, *_SHARED)


def _from_1() -> Iterator[str]:
    """Yield the statements that turn tables of version 1 (traffic alone) into ours, rows kept."""
    old = (*TRAFFIC.tables, "measured", "dirty")
    yield from (f"alter table {table} rename to old_{table}" for table in old)
    for family in FAMILIES:
        yield from family.schema()
    yield from _OWN
    for level, table in enumerate(TRAFFIC.tables):
        more = "" if level == RAW else ", samples, in_peak, out_peak"
        yield (
            f"insert into {table} (link_id, at, ms, in_octets, out_octets{more}) "
            "select link_id, at, max(1, cast(round(seconds * 1000) as integer)), "
            f"in_octets, out_octets{more} from old_{table} where seconds > 0"
        )
    yield "insert into measured select 'traffic', link_id from old_measured"
    yield "insert into dirty select 'traffic', level, link_id, at from old_dirty"
    # Seconds were not rounded then: rolled again, sums of milliseconds are those of their rows.
    for level in ROLLED:
        yield TRAFFIC.roll_up(level, _REROLLED.format(level=level, finer=level - 1))
    yield from (f"drop table old_{table}" for table in old)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file of measures, made when missing, brought up to date when older.

    Raises ``StoreError`` for a newer one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma cache_size = -16000")
        connection.execute("pragma journal_size_limit = 8000000")
        connection.execute("pragma temp_store = memory")
        _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Make or upgrade the tables, in one transaction: a death in the middle leaves them as they
    were, and the next to come does it again.
    """
    (version,) = connection.execute("pragma user_version").fetchone()
    if version < VERSION:
        connection.execute(f"pragma busy_timeout = {_UPGRADE_WAIT_MS}")
        connection.execute("begin immediate")
        with connection:
            # Asked again: another process may have done it while this one waited.
            (version,) = connection.execute("pragma user_version").fetchone()
            if version < VERSION:
                for statement in _new() if version == 0 else _from_1():
                    connection.execute(statement)
                connection.execute(f"pragma user_version = {VERSION}")
                version = VERSION
        connection.execute("pragma busy_timeout = 10000")
    if version > VERSION:
        raise StoreError(
            f"{path} : ces mesures viennent d'une version plus récente de Balise "
            f"(schéma {version}, connu ici : {VERSION}). Mettez Balise à jour."
        )
