"""History brought into the store: of any age, beside what was polled, as often as one likes."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.network.inventory import Link
from core.network.metrics import Sample, backfill
from core.network.metrics.backfill import Loaded
from core.network.metrics.intervals import Course, course_of
from core.network.metrics.sqlite import SqliteMetricStore

DAY = 86_400
NOW = 1_750_000_000 // DAY * DAY + 12 * 3_600 + 7
LINK = Link(id=7)


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetricStore]:
    made = SqliteMetricStore(tmp_path / "measures.db")
    yield made
    made.close()


def every(step: float, start: float, end: float, octets: int = 3_000) -> Course:
    """Intervals of ``step`` seconds: so many octets in, twice as many out."""
    starts = np.arange(start, end, step).tolist()
    return course_of([(at, at + step, octets, 2 * octets) for at in starts], Counter())


def bring(store: SqliteMetricStore, course: Course, dry: bool = False, link: int = 7) -> Loaded:
    return backfill.bring_in(store, link, course, utc(NOW), 10, dry)


def tables(store: SqliteMetricStore) -> list[object]:
    """All that is kept, to be compared."""
    names = ("traffic_raw", "traffic_5m", "traffic_hour", "traffic_day", "traffic_sheet", "dirty")
    with sqlite3.connect(store.path) as connection:
        found = [connection.execute(f"select * from {n} order by 1, 2").fetchall() for n in names]
    connection.close()
    return list(found)


def volume(store: SqliteMetricStore, start: float, end: float) -> tuple[int, int, float]:
    found = store.volume(LINK, utc(start), utc(end))
    return found.in_octets, found.out_octets, found.covered


@pytest.mark.parametrize("days", [1, 9, 11, 60, 399, 402, 1_500])
@pytest.mark.parametrize("step", [60, 300, 900, 3_600, DAY])
def test_history_of_any_age_and_step_comes_out_as_it_went_in(
    store: SqliteMetricStore, days: int, step: int
) -> None:
    start = NOW // DAY * DAY - days * DAY
    loaded = bring(store, every(step, start, start + DAY, octets=step * 10 + 1))
    count = DAY // step
    total = count * (step * 10 + 1)
    assert (loaded.in_octets, loaded.out_octets) == (total, 2 * total)
    assert (loaded.written, loaded.left, loaded.too_old) == (288, 0, 0)
    assert volume(store, start, start + DAY) == (total, 2 * total, DAY)
    assert store.verify() == []
    report = store.reports([LINK], utc(start), utc(start + DAY))[7]
    if days < 400:
        assert (report.slots, report.missing) == (288, 0)
        assert report.in_p95_bps == pytest.approx(total * 8 / DAY, rel=0.01)
        rates = store.series(LINK, utc(start), utc(start + DAY)).in_bps
        assert rates == pytest.approx(np.full(len(rates), total * 8 / DAY), rel=0.01)


@pytest.mark.parametrize("days", [2, 30, 500])
def test_the_same_history_twice_changes_nothing(store: SqliteMetricStore, days: int) -> None:
    course = every(300, NOW - NOW % 300 - days * DAY, NOW - NOW % 300 - (days - 1) * DAY)
    bring(store, course)
    before = tables(store)
    again = bring(store, course)
    assert (again.written, again.left, again.in_octets) == (0, 288, 0)
    assert tables(store) == before


def test_what_was_polled_stays_as_it_was(store: SqliteMetricStore) -> None:
    """An hour was polled each minute; the file knows the day in five minutes, otherwise."""
    start = NOW // DAY * DAY - DAY
    store.record(Sample(7, start + 3_600 + 60 * m, 60.0, 10, 10) for m in range(1, 61))
    loaded = bring(store, every(300, start, start + DAY, octets=5_000))
    assert (loaded.written, loaded.left) == (276, 12)
    assert volume(store, start + 3_600, start + 7_200) == (600, 600, 3_600)
    assert volume(store, start, start + DAY) == (276 * 5_000 + 600, 276 * 10_000 + 600, DAY)
    assert store.verify() == []


def test_what_was_polled_and_is_rolled_into_sheets_stays_too(store: SqliteMetricStore) -> None:
    """Polled twenty days ago: its samples are gone, its five minutes are on sheets."""
    start = NOW // DAY * DAY - 20 * DAY
    store.record(Sample(7, start + 3_600 + 60 * m, 60.0, 10, 10) for m in range(1, 61))
    store.roll_up(utc(NOW))
    store.apply_retention(utc(NOW))
    loaded = bring(store, every(300, start, start + DAY, octets=5_000))
    assert (loaded.written, loaded.left) == (276, 12)
    assert volume(store, start + 3_600, start + 7_200) == (600, 600, 3_600)
    assert volume(store, start, start + DAY)[0] == 276 * 5_000 + 600
    assert store.verify() == []


def test_polls_go_on_after_history_was_brought_in(store: SqliteMetricStore) -> None:
    now = NOW - NOW % 300
    bring(store, every(300, now - 20 * DAY, now))
    store.record(Sample(7, now + 60 * m, 60.0, 600, 600) for m in range(1, 11))
    store.roll_up(utc(now + 3_600))
    assert volume(store, now - 20 * DAY, now + 600)[0] == 20 * 288 * 3_000 + 6_000
    assert store.verify() == []


def test_other_links_are_not_touched(store: SqliteMetricStore) -> None:
    start = NOW // DAY * DAY - DAY
    store.record(Sample(8, start + 60 * m, 60.0, 10, 10) for m in range(1, 61))
    bring(store, every(300, start - 30 * DAY, start + 3_600))
    other = store.volume(Link(id=8), utc(start - 30 * DAY), utc(NOW))
    assert (other.in_octets, other.covered) == (600, 3_600)


def test_a_long_interval_is_shared_out_to_the_octet(store: SqliteMetricStore) -> None:
    """1,000 octets over an hour: twelve slots of 83 or 84, and not one lost."""
    start = NOW // DAY * DAY - 30 * DAY
    bring(store, course_of([(start + 100, start + 3_700, 1_000, 7)], Counter()))
    assert volume(store, start, start + 7_200) == (1_000, 7, 3_600)
    report = store.reports([LINK], utc(start), utc(start + 7_200))[7]
    assert report.slots - report.missing == 13


def test_the_peak_is_that_of_the_finest_interval(store: SqliteMetricStore) -> None:
    start = NOW // DAY * DAY - 30 * DAY
    some = [(start + 60 * m, start + 60 * m + 60, 7_500 * (1 + 5 * (m == 2)), 0) for m in range(5)]
    bring(store, course_of(some, Counter()))
    report = store.reports([LINK], utc(start), utc(start + 300))[7]
    assert (report.in_peak_bps, report.in_mean_bps) == (6_000, 2_000)


def test_what_is_older_than_all_that_is_kept_is_counted_and_left(store: SqliteMetricStore) -> None:
    start = NOW // DAY * DAY - 2_000 * DAY
    loaded = bring(store, every(300, start, start + 3_600))
    assert (loaded.written, loaded.too_old) == (0, 12)


def test_a_dry_run_says_the_same_and_writes_nothing(store: SqliteMetricStore) -> None:
    course = every(300, NOW // DAY * DAY - 405 * DAY, NOW // DAY * DAY - 395 * DAY)
    before = tables(store)
    said = bring(store, course, dry=True)
    assert tables(store) == before
    assert bring(store, course) == said


def test_a_store_that_refuses_half_way_keeps_nothing(
    store: SqliteMetricStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = every(300, NOW // DAY * DAY - 405 * DAY, NOW // DAY * DAY - 395 * DAY)

    def full(*_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(backfill, "put_back", full)
        with pytest.raises(sqlite3.OperationalError):
            bring(store, course)
    assert [len(rows) for rows in tables(store) if isinstance(rows, list)] == [0] * 6
    assert bring(store, course).in_octets == len(course) * 3_000


intervals_of = st.lists(
    st.tuples(st.integers(1, 4_000), st.integers(0, 2_000), st.integers(0, 2**40)), max_size=30
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(given_=intervals_of, days=st.sampled_from([3, 10, 11, 399, 400, 401]), polls=st.booleans())
def test_whatever_the_intervals_no_octet_is_lost_or_counted_twice(
    tmp_path_factory: pytest.TempPathFactory,
    given_: Sequence[tuple[int, int, int]],
    days: int,
    polls: bool,
) -> None:
    """Of any length, with holes, across the ages where one table takes over from another."""
    store = SqliteMetricStore(tmp_path_factory.mktemp("any") / "measures.db")
    at = start = NOW // DAY * DAY - days * DAY - 20_000
    found = []
    for length, hole, octets in given_:
        found.append((float(at), float(at + length), octets, octets // 3))
        at += length + hole
    if polls:
        store.record(Sample(7, NOW - 600 + 60 * m, 60.0, 10, 10) for m in range(10))
        store.roll_up(utc(NOW))
    for again in (False, True):
        loaded = bring(store, course_of(found, Counter()))
        if not again:
            assert loaded.in_octets == sum(row[2] for row in found)
            assert loaded.left == 0
        assert volume(store, start - DAY, NOW - 3_600) == (
            sum(row[2] for row in found),
            sum(row[3] for row in found),
            sum(row[1] - row[0] for row in found),
        )
    assert store.verify() == []
    store.close()
