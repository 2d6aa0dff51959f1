"""What is billed: civil months, percentiles by nearest rank, several links summed slot by slot."""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.inventory import Link
from core.network.metrics import Faults, Report, Sample, rollup
from core.network.metrics.months import month, slots
from core.network.metrics.sqlite import Rolled, SqliteMetricStore

PARIS = ZoneInfo("Europe/Paris")
T0 = 1_750_000_000 // 86_400 * 86_400
"""A midnight UTC: 2025-06-15."""
ONE, TWO, NONE = Link(id=1), Link(id=2), Link(id=3)


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetricStore]:
    made = SqliteMetricStore(tmp_path / "measures.db")
    yield made
    made.close()


def slot(link: int, number: int, in_bps: int, out_bps: int = 0) -> Sample:
    """A five-minute sample at these rates, of the slot of that number since ``T0``."""
    end = T0 + 300 * (number + 1)
    return Sample(link, end, 300.0, in_bps * 300 // 8, out_bps * 300 // 8)


def test_a_month_is_the_customers_and_not_greenwichs() -> None:
    start, end = month(2026, 3, PARIS)
    assert start == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert end == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert slots(start, end) == 31 * 288 - 12
    assert month(2026, 12, PARIS)[1] == month(2027, 1, PARIS)[0]
    assert slots(*month(2026, 2, ZoneInfo("UTC"))) == 28 * 288


@pytest.mark.parametrize(("day", "number"), [((2026, 3, 29), 276), ((2026, 10, 25), 300)])
def test_the_days_on_which_clocks_change_have_their_own_number_of_slots(
    store: SqliteMetricStore, day: tuple[int, int, int], number: int
) -> None:
    """In Paris: 23 hours in March, 25 in October; the report of the day counts all of them."""
    start = datetime(*day, tzinfo=PARIS)
    end = datetime(*day, tzinfo=PARIS) + timedelta(days=1)
    first, last = int(start.timestamp()), int(end.timestamp())
    store.record(Sample(1, at, 300.0, 37_500, 0) for at in range(first + 300, last + 1, 300))
    for now in (last, last + 3_700, last + 4 * 86_400):
        store.roll_up(utc(now))
        report = store.reports([ONE], start, end)[1]
        assert (report.slots, report.missing) == (number, 0)
        assert report.in_octets == 37_500 * number
        assert report.covered == 300 * number


def test_percentiles_are_nearest_rank_and_in_and_out_apart(store: SqliteMetricStore) -> None:
    """21 slots, in from 1 to 21 kbit/s, out the other way round: ceil(0.95 × 21) is 20."""
    store.record(slot(1, n, 1_000 * (n + 1), 1_000 * (21 - n)) for n in range(21))
    report = store.reports([ONE], utc(T0), utc(T0 + 86_400))[1]
    assert (report.in_p95_bps, report.out_p95_bps) == (20_000.0, 20_000.0)
    store.record([slot(1, 21, 8_000, 90_000)])
    report = store.reports([ONE], utc(T0), utc(T0 + 86_400))[1]
    assert (report.in_p95_bps, report.out_p95_bps) == (20_000.0, 21_000.0)


def test_missing_slots_are_left_out_of_the_percentile_and_counted(
    store: SqliteMetricStore,
) -> None:
    """Were they zeros, the 95th percentile of 20 slots out of 288 would be 12 kbit/s."""
    store.record(slot(1, n, 1_000 * (n + 1)) for n in range(20))
    report = store.reports([ONE], utc(T0), utc(T0 + 86_400))[1]
    assert (report.in_p95_bps, report.slots, report.missing) == (19_000.0, 288, 268)


def test_a_report_has_volume_mean_and_the_peak_of_one_reading(store: SqliteMetricStore) -> None:
    """Four minutes at 1,000 bit/s and one at 6,000: mean 2,000, percentile 2,000, peak 6,000."""
    store.record(
        Sample(1, T0 + 60 * n, 60.0, 45_000 if n == 5 else 7_500, 7_500) for n in range(1, 6)
    )
    wanted = Report(75_000, 37_500, 300.0, 2_000, 1_000, 6_000, 1_000, 2_000, 1_000, 12, 11)
    for now in (T0 + 300, T0 + 7_200, T0 + 100_000, T0 + 4 * 86_400):
        store.roll_up(utc(now))
        assert store.reports([ONE], utc(T0), utc(T0 + 3_600)) == {1: wanted}


def test_several_links_are_summed_in_each_slot_first(store: SqliteMetricStore) -> None:
    """Two links that are busy in turn never carry both peaks at once: 10, and not 20, Mbit/s."""
    day, quiet, busy = 288, 1_000_000, 9_000_000
    store.record(slot(1, n, busy if n < day // 2 else quiet) for n in range(day))
    store.record(slot(2, n, quiet if n < day // 2 else busy) for n in range(day))
    for now in (T0 + 86_400, T0 + 4 * 86_400):
        store.roll_up(utc(now))
        both = store.combined([ONE, TWO], utc(T0), utc(T0 + 86_400))
        each = store.reports([ONE, TWO], utc(T0), utc(T0 + 86_400))
        assert [one.in_p95_bps for one in each.values()] == [busy, busy]
        assert (both.in_p95_bps, both.in_peak_bps, both.in_mean_bps) == (10e6, 10e6, 10e6)
        assert both.in_octets == sum(one.in_octets for one in each.values())
        assert (both.covered, both.slots, both.missing) == (86_400, 288, 0)


def test_a_slot_that_one_of_the_links_misses_is_missing_of_their_sum(
    store: SqliteMetricStore,
) -> None:
    """A sum without one of its parts would be too small, and nobody could see it."""
    store.record(slot(1, n, 5_000) for n in range(20))
    store.record(slot(2, n, 5_000) for n in range(20) if n not in (3, 4))
    both = store.combined([ONE, TWO], utc(T0), utc(T0 + 6_000))
    assert (both.in_p95_bps, both.slots, both.missing) == (10_000, 20, 2)
    three = store.combined([ONE, TWO, NONE], utc(T0), utc(T0 + 6_000))
    assert (three.in_p95_bps, three.in_mean_bps, three.missing) == (None, None, 20)
    assert (three.in_octets, three.covered) == (both.in_octets, 0)


def test_links_that_nothing_measured_have_a_report_of_nothing(store: SqliteMetricStore) -> None:
    nothing = Report(0, 0, 0.0, None, None, None, None, None, None, 12, 12)
    assert store.reports([NONE], utc(T0), utc(T0 + 3_600)) == {3: nothing}
    assert store.combined([], utc(T0), utc(T0 + 3_600)) == nothing
    assert store.faults([NONE], utc(T0), utc(T0 + 3_600)) == {}


def test_errors_that_nobody_counts_are_unknown_and_not_zero(store: SqliteMetricStore) -> None:
    store.record(
        Sample(1, T0 + 60 * n, 60.0, 1, 1, in_errors=n, in_discards=None if n % 2 else 0)
        for n in range(1, 11)
    )
    for now in (T0 + 300, T0 + 7_200, T0 + 100_000, T0 + 4 * 86_400):
        store.roll_up(utc(now))
        found = store.faults([ONE, TWO], utc(T0), utc(T0 + 3_600))
        assert found == {1: Faults(55, None, 0, None)}


rates = st.one_of(st.none(), st.integers(0, 10**7))


@settings(max_examples=25)
@given(
    st.lists(st.lists(rates, min_size=12, max_size=12), min_size=1, max_size=4),
    st.integers(0, 2 * 288), st.integers(1, 3 * 288), st.randoms(use_true_random=False),
)  # fmt: skip
def test_a_report_is_the_same_whichever_tables_it_is_read_from(
    hours: list[list[int | None]], first: int, count: int, order: random.Random
) -> None:
    """Samples, five-minute rows, sheets of past days and mixtures of them: equal to the bit."""
    a, b = utc(T0 + 300 * first), utc(T0 + 300 * (first + count))
    samples = [
        Sample(link, T0 + 300 * (12 * place + n + 100 * link) + 60 * m, 59.7, rate + m, 3 * rate)
        for link in (1, 2)
        for place, hour in enumerate(hours * 10)
        for n, rate in enumerate(hour)
        if rate is not None
        for m in (1, 3)
    ]
    order.shuffle(samples)
    late = samples[: len(samples) // 3]
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for number, days in enumerate((0, 1, 2, 3, 9)):
            store = SqliteMetricStore(Path(folder) / f"{number}.db")
            store.record(samples[len(late) :])
            if days:
                store.roll_up(utc(T0 + 86_400 * days + 4_000))
            store.record(late)
            if days:
                store.roll_up(utc(T0 + 86_400 * days + 4_100))
            answers.append((store.reports([TWO, ONE], a, b), store.combined([TWO, ONE], a, b)))
            store.close()
    assert all(answer == answers[0] for answer in answers)


def test_a_report_of_history_from_elsewhere_reads_the_same_once_folded(
    store: SqliteMetricStore,
) -> None:
    """Rows of 2025 written by hand, peaks and gaps included."""
    draw = random.Random(3)
    history: list[Rolled] = [
        (1, T0 + 300 * n, 299.25, octets := draw.randrange(10**12), octets // 7, 5, None, octets)
        for n in range(5 * 288)
        if n % 50
    ]
    store.load("5m", history)
    store.loaded([1], T0, T0 + 5 * 86_400, rolled=False)
    before = store.reports([ONE], utc(T0), utc(T0 + 5 * 86_400))[1]
    store.roll_up(utc(T0 + 9 * 86_400))
    after = store.reports([ONE], utc(T0), utc(T0 + 5 * 86_400))[1]
    (left,) = store._connection().execute("select count(*) from traffic_5m").fetchone()
    assert (left, after) == (0, before)
    means = sorted(octets * 8000 / 299_250 for _, _, _, octets, *_ in history)
    assert after.in_p95_bps == means[math.ceil(0.95 * len(means)) - 1]
    assert after.missing == 5 * 288 - len(history)
    assert after.out_peak_bps == max(row[7] or 0 for row in history)
    assert store.verify() == []


def test_history_written_on_sheets_at_once_reads_like_rows(tmp_path: Path) -> None:
    """Five days with their hours and days, as the demonstration loads them."""
    end = T0 + 5 * 86_400 + 3_900
    sizes = {"5m": 300, "hour": 3_600, "day": 86_400}
    rows: dict[str, list[Rolled]] = {
        name: [
            (link, at, 0.75 * size, 1_000 * size + at % 7, 500, size // 60, None, 9 * size)
            for link in (1, 2)
            for at in range(T0, end // size * size, size)
        ]
        for name, size in sizes.items()
    }
    answers = []
    for name, before in (("rows", None), ("sheets", T0 + 4 * 86_400)):
        store = SqliteMetricStore(tmp_path / name)
        for resolution, some in rows.items():
            store.load(resolution, some, before)  # type: ignore[arg-type] # Literal, of a dict
        store.loaded([1, 2], T0, end)
        for now in (end, end + 86_400, end + 3 * 86_400):
            store.roll_up(utc(now))
            month_of = store.reports([ONE, TWO], utc(T0 + 600), utc(end))
            chart = store.series(TWO, utc(T0), utc(end), 3_000)
            answers.append((month_of, chart.in_bps.tobytes()))
        store.close()
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0][2].missing == 0


def test_what_is_put_back_into_a_folded_day_counts_once_before_and_after_the_roll_up(
    store: SqliteMetricStore,
) -> None:
    """A hole of four slots, filled from a file; what was measured stays as it was measured."""
    store.record(slot(1, n, 1_000) for n in range(2 * 288) if n not in (10, 11, 12, 13))
    store.roll_up(utc(T0 + 4 * 86_400))
    rows = [(T0 + 300 * n, 300_000, 75_000, 0, 1, 4_000, None) for n in range(8, 14)]
    connection = store._connection()
    connection.execute("begin immediate")
    assert rollup.put_back(connection, 1, rows) == 4
    connection.execute("commit")
    for moment in (None, T0 + 4 * 86_400):
        if moment:
            store.roll_up(utc(moment))
        # To the slot, so that the hours cannot answer alone.
        part = store.reports([ONE], utc(T0 + 300 * 9), utc(T0 + 300 * 11))[1]
        assert (part.in_octets, part.missing, part.in_peak_bps) == (37_500 + 75_000, 0, 4_000)
        chart = store.series(ONE, utc(T0), utc(T0 + 86_400), 300)
        assert chart.in_bps[8:15].tolist() == [1_000, 1_000, 2_000, 2_000, 2_000, 2_000, 1_000]
    whole = store.reports([ONE], utc(T0), utc(T0 + 86_400))[1]
    assert (whole.in_octets, whole.missing) == (284 * 37_500 + 4 * 75_000, 0)
