"""A roll-up that is not what its samples make is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.network.metrics import ClassSample, ProbeSample, Sample, sheets
from core.network.metrics.families import TRAFFIC
from core.network.metrics.sqlite import SqliteMetricStore
from core.network.metrics.verify import Mismatch

T0 = 1_750_000_000 // 86_400 * 86_400


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetricStore]:
    """Three days of a link, a class and a probe; the first of them folded onto sheets."""
    made = SqliteMetricStore(tmp_path / "measures.db")
    ends = range(T0 + 60, T0 + 3 * 86_400 + 1, 60)
    made.record(Sample(7, at, 60.0, 7_500 + at % 101, 900, 0, 1, None, 2) for at in ends)
    made.record_classes(ClassSample(8, at, 60.0, 9_000, 8_000, 1_000, 3) for at in ends)
    made.record_probes(ProbeSample(9, at, 10, at % 3, 20.0 + at % 7, 1.5) for at in ends)
    made.roll_up(utc(T0 + 3 * 86_400 + 200))
    assert made.verify() == []
    yield made
    made.close()


def change(store: SqliteMetricStore, statement: str) -> None:
    assert store._connection().execute(statement).rowcount == 1


@pytest.mark.parametrize(
    ("table", "key", "column", "level"),
    [
        ("traffic_5m", 7, "in_octets", "5m"),
        ("traffic_hour", 7, "out_errors", "hour"),
        ("traffic_day", 7, "ms", "day"),
        ("traffic_day", 7, "in_peak", "day"),
        ("traffic_hour", 7, "in_discards", "hour"),
        ("class_5m", 8, "dropped_packets", "5m"),
        ("class_hour", 8, "sent_octets", "hour"),
        ("class_day", 8, "samples", "day"),
        ("probe_5m", 9, "lost", "5m"),
        ("probe_hour", 9, "rtt_us", "hour"),
        ("probe_day", 9, "rtt_max_us", "day"),
    ],
)
def test_a_figure_changed_by_one_is_named(
    store: SqliteMetricStore, table: str, key: int, column: str, level: str
) -> None:
    family = table.split("_", maxsplit=1)[0]
    at = T0 + 2 * 86_400
    (before,) = store._connection().execute(
        f"select {column} from {table} where {family.replace('traffic', 'link')}_id = ? and at = ?",
        (key, at),
    ).fetchone()  # fmt: skip
    after = (before or 0) + 1
    change(store, f"update {table} set {column} = {after} where at = {at}")
    wrong = store.verify()
    assert Mismatch(family, level, key, at, column, before, after) in wrong
    coarser = {"5m": "hour", "hour": "day"}.get(level)
    assert {one.level for one in wrong} <= {level, coarser}
    assert {(one.family, one.id) for one in wrong} == {(family, key)}


def test_a_sheet_is_checked_like_the_rows_it_holds(store: SqliteMetricStore) -> None:
    key = 7 * sheets.KEYS + T0 // 86_400
    connection = store._connection()
    (slots,) = connection.execute(
        "select slots from traffic_sheet where key = ?", (key,)
    ).fetchone()
    day = sheets.unpack([slots], TRAFFIC, TRAFFIC.rolled)[0]
    day[1, 12] += 5
    change_to = sheets.pack(day, TRAFFIC)
    connection.execute("update traffic_sheet set slots = ? where key = ?", (change_to, key))
    (wrong, above) = store.verify()
    assert (wrong.level, wrong.at, wrong.column) == ("5m", T0 + 3_600, "in_octets")
    assert (above.level, above.at, above.column) == ("hour", T0 + 3_600, "in_octets")
    connection.execute("update traffic_sheet set slots = ? where key = ?", (slots[:-1], key))
    first = store.verify()[0]
    wanted = Mismatch("traffic", "sheet", 7, T0, "slots", len(slots), len(slots) - 1)
    assert first == wanted


def test_rows_that_are_missing_or_too_many_are_named(store: SqliteMetricStore) -> None:
    change(store, f"delete from class_hour where at = {T0 + 7_200}")
    change(
        store,
        f"insert into probe_5m select 9, {T0 + 2 * 86_400 + 7}, 1,0,0,0,0,0,1,null from folded",
    )
    wrong = store.verify()
    assert Mismatch("class", "hour", 8, T0 + 7_200, "row", 1, 0) in wrong
    assert Mismatch("probe", "5m", 9, T0 + 2 * 86_400 + 7, "row", 0, 1) in wrong


def test_late_samples_that_wait_for_their_roll_up_are_no_fault(store: SqliteMetricStore) -> None:
    store.record([Sample(7, T0 + 90, 30.0, 10**9, 1)])
    assert store.verify() == []


def test_roll_ups_whose_finer_rows_are_gone_are_not_accused(store: SqliteMetricStore) -> None:
    """Ten days later the samples are gone, 400 days later the five minutes too."""
    for days in (12, 30, 402, 430):
        now = utc(T0 + days * 86_400)
        store.roll_up(now)
        store.apply_retention(now)
        assert store.verify() == []
    connection = store._connection()
    for family in ("traffic", "class", "probe"):
        counts = [
            connection.execute(f"select count(*) from {family}_{table}").fetchone()[0]
            for table in ("raw", "5m", "sheet", "hour", "day")
        ]
        assert counts == [0, 0, 0, 72, 3], family
