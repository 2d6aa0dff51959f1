"""The file of measures of an older Balise, brought up to date; of a newer one, refused."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.network.inventory import Link
from core.network.metrics import Counters, Sample, Volume
from core.network.metrics.families import FAMILIES
from core.network.metrics.levels import StoreError
from core.network.metrics.schema import VERSION
from core.network.metrics.sqlite import SqliteMetricStore

T0 = 1_750_000_000 // 86_400 * 86_400
FIRST = """
create table traffic_raw (
  link_id integer not null, at integer not null, seconds real not null,
  in_octets integer not null, out_octets integer not null, primary key (link_id, at)
) without rowid;
create table measured (link_id integer primary key);
create table level (
  level integer primary key, rolled_to integer not null, kept_from integer not null);
create table dirty (
  level integer not null, link_id integer not null, at integer not null,
  primary key (level, link_id, at)) without rowid;
create table last_read (link_id integer primary key, at integer not null);
create table counters (
  link_id integer primary key, at real not null, uptime integer not null, bits integer not null,
  in_octets text not null, out_octets text not null);
insert into level values (0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0);
pragma user_version = 1;"""
ROLLED = """
create table {} (
  link_id integer not null, at integer not null, seconds real not null,
  in_octets integer not null, out_octets integer not null, samples integer not null,
  in_peak integer, out_peak integer, primary key (link_id, at)
) without rowid;"""


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def first_version(path: Path) -> None:
    """A file of version 1: an hour rolled, a late sample in it, the next hour as samples."""
    connection = sqlite3.connect(path)
    connection.executescript(
        FIRST + "".join(ROLLED.format(f"traffic_{level}") for level in ("5m", "hour", "day"))
    )
    raw = [(7, T0 + 60 * n, 60.0004, 7_500, 15_000 + n % 2) for n in range(1, 121)]
    connection.executemany("insert into traffic_raw values (?, ?, ?, ?, ?)", raw)
    five = [(7, T0 + 300 * n, 300.002, 37_500, 75_003 - n % 2, 5, None, None) for n in range(12)]
    connection.executemany("insert into traffic_5m values (?, ?, ?, ?, ?, ?, ?, ?)", five)
    connection.execute(
        "insert into traffic_hour values (7, ?, 3600.024, 450000, 900030, 60, null, null)", (T0,)
    )
    connection.execute("update level set rolled_to = ? where level in (1, 2)", (T0 + 3_600,))
    connection.execute("insert into dirty values (1, 7, ?)", (T0,))
    connection.execute("insert into measured values (7)")
    connection.execute("insert into last_read values (7, ?)", (T0 + 7_200,))
    connection.execute(f"insert into counters values (7, 1.5, 2, 64, '{2**64 - 1}', '0')")
    connection.commit()
    connection.close()


def test_what_an_older_version_measured_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "measures.db"
    first_version(path)
    store = SqliteMetricStore(path)
    link = Link(id=7)
    assert store.volume(link, utc(T0), utc(T0 + 7_200)) == Volume(900_000, 1_800_060, 7_200, 7_200)
    assert store.verify() == []
    assert store.freshness() == {7: T0 + 7_200}
    assert store.counters([7]) == {7: Counters(1.5, 2, 64, 2**64 - 1, 0)}
    store.record([Sample(7, T0 + 7_260, 60.0, 7_500, 15_000, in_errors=4)])
    store.roll_up(utc(T0 + 4 * 86_400))
    assert store.volume(link, utc(T0), utc(T0 + 86_400)).in_octets == 907_500
    assert store.faults([link], utc(T0), utc(T0 + 86_400))[7].in_errors == 4
    assert store.verify() == []
    store.close()


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from core.network.metrics import schema
steps = int(sys.argv[2])
def some(real):
    def statements():
        for number, statement in enumerate(real()):
            if number == steps:
                os.kill(os.getpid(), signal.SIGKILL)
            yield statement
        os.kill(os.getpid(), signal.SIGKILL)
    return statements
schema._new, schema._from_1 = some(schema._new), some(schema._from_1)
schema.connect(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("older", [True, False], ids=["upgraded", "made"])
@pytest.mark.parametrize("steps", [0, 3, 14, 25, 99])
def test_tables_half_made_by_a_killed_process_are_made_by_the_next(
    tmp_path: Path, older: bool, steps: int
) -> None:
    path = tmp_path / "measures.db"
    if older:
        first_version(path)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), str(steps)], check=False)
    assert killed.returncode == -9
    store = SqliteMetricStore(path)
    assert store._connection().execute("pragma user_version").fetchone() == (VERSION,)
    tables = {name for (name,) in store._connection().execute("select name from sqlite_schema")}
    assert {table for family in FAMILIES for table in family.tables} <= tables
    assert not {table for table in tables if table.startswith("old_")}
    volume = store.volume(Link(id=7), utc(T0), utc(T0 + 7_200))
    assert volume.in_octets == (900_000 if older else 0)
    store.close()


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "measures.db"
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="schéma 99"):
        SqliteMetricStore(path)
