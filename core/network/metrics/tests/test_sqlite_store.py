"""What the SQLite metric store promises, with values worked out by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.network.inventory import Link
from core.network.metrics import Counters, Sample, Volume
from core.network.metrics.sqlite import SqliteMetricStore, step_for

T0 = 1_750_000_000 // 86_400 * 86_400
"""A midnight UTC: 2025-06-15."""
LINK = Link(id=7)


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetricStore]:
    made = SqliteMetricStore(tmp_path / "measures.db")
    yield made
    made.close()


def minutes(first: int, last: int, octets: int = 7_500, link: int = 7) -> list[Sample]:
    """One sample a minute: 7,500 octets in 60 s are 1,000 bit/s; out is twice as much."""
    return [Sample(link, T0 + 60 * m, 60.0, octets, 2 * octets) for m in range(first + 1, last + 1)]


def test_the_rate_is_octets_times_eight_over_the_seconds_measured(store: SqliteMetricStore) -> None:
    store.record(minutes(0, 10))
    series = store.series(LINK, utc(T0), utc(T0 + 86_400), points=300)
    assert (series.start, series.step, len(series.in_bps)) == (utc(T0), 300, 288)
    assert series.in_bps[:2].tolist() == [1_000.0, 1_000.0]
    assert series.out_bps[:2].tolist() == [2_000.0, 2_000.0]


def test_a_failed_poll_is_a_gap(store: SqliteMetricStore) -> None:
    """A slot that nothing measured is NaN; a slot measured for one minute of five has its rate."""
    store.record([*minutes(0, 5), *minutes(10, 11)])
    for rolled in (False, True):
        if rolled:
            store.roll_up(utc(T0 + 7_200))
        rates = store.series(LINK, utc(T0), utc(T0 + 86_400)).in_bps
        assert rates[0] == 1_000.0
        assert np.isnan(rates[1])
        assert rates[2] == 1_000.0
        assert np.isnan(rates[3:]).all()


def test_a_day_is_shown_in_five_minutes_whatever_the_width_of_the_chart() -> None:
    assert [step_for(86_400, points) for points in (288, 300, 500)] == [300, 300, 300]
    assert step_for(4 * 3_600, 500) == 60
    assert step_for(30 * 86_400, 500) == 7_200
    assert step_for(365 * 86_400, 500) == 86_400


def test_the_same_sample_twice_changes_nothing(store: SqliteMetricStore) -> None:
    """Neither before nor after the roll-up, and not with other octets."""
    store.record(minutes(0, 10))
    store.record(minutes(0, 10))
    store.roll_up(utc(T0 + 3_600))
    store.record(minutes(0, 10, octets=1))
    store.roll_up(utc(T0 + 3_700))
    volume = store.volume(LINK, utc(T0), utc(T0 + 3_600))
    assert (volume.in_octets, volume.out_octets) == (75_000, 150_000)
    assert (volume.covered, volume.asked) == (600.0, 3_600.0)


def test_a_late_sample_reaches_every_roll_up(store: SqliteMetricStore) -> None:
    store.record([*minutes(0, 5), *minutes(6, 10)])
    store.roll_up(utc(T0 + 100_000))
    store.record(minutes(5, 6))
    store.roll_up(utc(T0 + 100_060))
    connection = sqlite3.connect(store.path)
    for table in ("traffic_5m", "traffic_hour", "traffic_day"):
        total = connection.execute(
            f"select sum(ms), sum(in_octets), sum(samples) from {table}"
        ).fetchone()
        assert total == (600_000, 75_000, 10), table
    connection.close()


def test_a_roll_up_keeps_the_highest_rate_of_the_finer_level(store: SqliteMetricStore) -> None:
    """Four minutes at 1,000 bit/s and one at 6,000: mean 2,000, peak 6,000; flat out: no peak."""
    quiet = [Sample(7, T0 + 60 * m, 60.0, 7_500, 7_500) for m in range(1, 5)]
    store.record([*quiet, Sample(7, T0 + 300, 60.0, 45_000, 7_500)])
    store.roll_up(utc(T0 + 100_000))
    connection = sqlite3.connect(store.path)
    rows = [
        connection.execute(
            f"select in_octets * 8000.0 / ms, in_peak, out_peak from {table}"
        ).fetchall()
        for table in ("traffic_5m", "traffic_hour", "traffic_day")
    ]
    connection.close()
    assert rows == [[(2_000.0, 6_000, None)]] * 3


def test_a_sample_belongs_to_the_slot_in_which_it_ends(store: SqliteMetricStore) -> None:
    """The sample that ends on the stroke of a slot is the last of the one before."""
    store.record([Sample(7, T0 + 300, 60.0, 7_500, 0), Sample(7, T0 + 301, 1.0, 250, 0)])
    rates = store.series(LINK, utc(T0), utc(T0 + 86_400)).in_bps
    assert rates[:2].tolist() == [1_000.0, 2_000.0]


def test_on_a_chart_of_minutes_a_sample_is_shared_between_the_minutes_it_covers(
    store: SqliteMetricStore,
) -> None:
    """60 s that end at 01:30 cover half of two minutes: both are measured, none is a false gap."""
    store.record([Sample(7, T0 + 90 + 60 * i, 60.0, 7_500 * (i + 1), 0) for i in range(2)])
    series = store.series(LINK, utc(T0), utc(T0 + 4 * 3_600))
    assert series.step == 60
    assert series.in_bps[:3].tolist() == [1_000.0, 1_500.0, 2_000.0]
    assert np.isnan(series.in_bps[3:]).all()


def test_a_volume_is_exact_and_says_how_much_was_measured(store: SqliteMetricStore) -> None:
    """Over days, hours, slots and the last raw minutes at once; adjoining periods add up."""
    store.record(minutes(0, 3 * 1_440))
    store.roll_up(utc(T0 + 2 * 86_400 + 7_300))
    start, middle, end = T0 + 120, T0 + 90_060, T0 + 3 * 86_400 - 60
    whole = store.volume(LINK, utc(start), utc(end))
    parts = [store.volume(LINK, utc(start), utc(middle)), store.volume(LINK, utc(middle), utc(end))]
    assert whole.in_octets == (3 * 1_440 - 3) * 7_500 == sum(p.in_octets for p in parts)
    assert whole.covered == whole.asked == (3 * 1_440 - 3) * 60


def test_the_volumes_of_many_links_are_one_statement(store: SqliteMetricStore) -> None:
    """Each is the volume of its link; a link without rows, or not asked for, is not there."""
    links = [Link(id=number) for number in range(1, 1_200)]
    measured = links[:1_100:50]
    for link in measured:
        store.record(minutes(0, 26 * 60, octets=7_500 + link.id, link=link.id))
    store.record(minutes(0, 60, link=5_000))
    store.roll_up(utc(T0 + 26 * 3_600))
    start, end = utc(T0 + 2 * 3_600 + 120), utc(T0 + 26 * 3_600 - 60)
    seen: list[str] = []
    store._connection().set_trace_callback(seen.append)
    volumes = store.volumes(links, start, end)
    store._connection().set_trace_callback(None)
    assert sum("traffic_" in statement for statement in seen) == 1
    assert volumes == {link.id: store.volume(link, start, end) for link in measured}
    first = volumes[measured[0].id]
    assert (first.in_octets, first.covered) == (7_501 * 1_437, 60.0 * 1_437)
    assert store.volumes(links, end, end) == store.volumes([], start, end) == {}


def test_the_percentile_is_the_nearest_rank_of_the_five_minute_means(
    store: SqliteMetricStore,
) -> None:
    """Twenty slots of 1 … 20 kbit/s: the 95th percentile is the 19th; four slots are missing."""
    store.record([Sample(7, T0 + 300 * i, 300.0, 37_500 * i, 75_000) for i in range(1, 21)])
    for rolled in (False, True):
        if rolled:
            store.roll_up(utc(T0 + 86_400))
        answer = store.percentile(LINK, utc(T0), utc(T0 + 24 * 300))
        assert (answer.in_bps, answer.out_bps) == (19_000.0, 2_000.0)
        assert (answer.slots, answer.missing) == (20, 4)
    assert store.percentile(LINK, utc(T0), utc(T0 + 24 * 300), q=100).in_bps == 20_000.0
    assert store.percentile(LINK, utc(T0), utc(T0 + 24 * 300), q=50).in_bps == 10_000.0


def test_without_any_measure_everything_is_unknown(store: SqliteMetricStore) -> None:
    assert np.isnan(store.series(LINK, utc(T0), utc(T0 + 86_400)).in_bps).all()
    nothing = store.percentile(LINK, utc(T0), utc(T0 + 3_000))
    assert (nothing.in_bps, nothing.out_bps, nothing.slots, nothing.missing) == (None, None, 0, 10)
    assert store.volume(LINK, utc(T0), utc(T0 + 60)).covered == 0
    assert store.freshness() == {}
    assert store.counters([7]) == {}


def test_old_raw_rows_leave_and_their_roll_ups_stay(store: SqliteMetricStore) -> None:
    store.record(minutes(0, 1_440))
    now = utc(T0 + 12 * 86_400)
    store.roll_up(now)
    before = store.volume(LINK, utc(T0), utc(T0 + 86_400))
    store.apply_retention(now)
    store.record(minutes(0, 60, octets=1))  # too late: its raw neighbours are gone
    store.roll_up(now)
    assert store.volume(LINK, utc(T0), utc(T0 + 86_400)) == before
    connection = sqlite3.connect(store.path)
    assert connection.execute("select count(*) from traffic_raw").fetchone() == (0,)
    connection.close()
    four_hours = store.series(LINK, utc(T0), utc(T0 + 4 * 3_600))
    assert four_hours.step == 60
    assert four_hours.in_bps.tolist() == [1_000.0] * 240


def test_no_row_leaves_before_the_next_table_has_it(store: SqliteMetricStore) -> None:
    """Roll-ups that did not run for a month lose nothing to the retention that did."""
    later = utc(T0 + 30 * 86_400)
    store.record(minutes(0, 2 * 1_440))
    store.roll_up(utc(T0 + 20 * 3_600))
    store.apply_retention(later)
    store.roll_up(later)
    store.apply_retention(later)
    assert store.volume(LINK, utc(T0), later).in_octets == 2 * 1_440 * 7_500


def test_history_loaded_and_samples_recorded_read_as_one(store: SqliteMetricStore) -> None:
    upto = T0 + 10 * 300
    five = [(7, T0 + 300 * i, 300.0, 37_500, 37_500, 5, None, None) for i in range(10)]
    store.load("5m", five)
    store.loaded([7], T0, upto, rolled=False)
    store.record(minutes(45, 60))
    for now in (upto, T0 + 7_200, T0 + 2 * 86_400):
        store.roll_up(utc(now))
        rates = store.series(LINK, utc(T0), utc(T0 + 86_400)).in_bps
        assert rates[:12].tolist() == [1_000.0] * 12
        assert store.volume(LINK, utc(T0), utc(T0 + 3_600)).in_octets == 12 * 37_500


def test_an_older_reading_does_not_refresh_a_link_and_a_clock_set_back_does(
    store: SqliteMetricStore,
) -> None:
    store.mark_read({7: T0, 8: T0})
    store.mark_read({7: T0 - 60, 8: T0 - 3_600})
    assert store.freshness() == {7: T0, 8: T0 - 3_600}


def test_the_largest_counter_comes_back_as_it_was(store: SqliteMetricStore) -> None:
    counters = {7: Counters(T0 + 0.5, 2**32 - 1, 64, 2**64 - 1, 0)}
    store.keep_counters(counters)
    assert store.counters([7, 8]) == counters


@pytest.mark.parametrize(
    ("seconds", "octets"),
    [(0.0, 1), (float("nan"), 1), (60.0, -1), (60.0, 2**53), (60.0, 2**63), (60.0, 2**64 - 1)],
)
def test_a_sample_that_cannot_be_is_left_out_and_the_others_are_kept(
    store: SqliteMetricStore, seconds: float, octets: int
) -> None:
    store.record([Sample(7, T0 + 30, seconds, 1, octets), *minutes(0, 1)])
    assert store.volume(LINK, utc(T0), utc(T0 + 60)) == Volume(7_500, 15_000, 60, 60)


def test_rows_that_cannot_be_stop_the_roll_up_of_no_link(store: SqliteMetricStore) -> None:
    """As an older version, that let them in, may have left them."""
    store.record([*minutes(0, 5), *minutes(0, 5, link=8)])
    rows = [(7, T0 + 30 + 60 * m, 60_000, 2**62, 2**62) for m in range(4)]
    store._connection().executemany(
        "insert into traffic_raw (link_id, at, ms, in_octets, out_octets) values (?, ?, ?, ?, ?)",
        rows,
    )
    assert store.volume(LINK, utc(T0), utc(T0 + 300)).in_octets == 5 * 7_500
    store.roll_up(utc(T0 + 3_600))
    assert store.rolled_to() == utc(T0 + 3_300)
    for link in (LINK, Link(id=8)):
        assert store.volume(link, utc(T0), utc(T0 + 300)).in_octets == 5 * 7_500
