"""A question is answered from the fewest rows: days and hours where they are whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from core.network.inventory import Link
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore

T0 = 1_750_000_000 // 86_400 * 86_400
DAY, HOUR = 86_400, 3_600
LINK = Link(id=7)
RAW, FIVE, HOURS, DAYS, SHEETS = (
    "traffic_raw", "traffic_5m", "traffic_hour", "traffic_day", "traffic_sheet",
)  # fmt: skip


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteMetricStore]:
    """Forty days of samples each five minutes, rolled up to the end of the last one."""
    made = SqliteMetricStore(tmp_path_factory.mktemp("measures") / "measures.db", raw_days=100)
    for day in range(40):
        first = T0 + day * DAY
        made.record(Sample(7, first + 300 * n, 300.0, 600, 600) for n in range(1, 289))
    made.roll_up(utc(T0 + 40 * DAY + 300))
    yield made
    made.close()


def tables(store: SqliteMetricStore, ask: Callable[[], object]) -> set[str]:
    """Return the tables of traffic that are read to answer."""
    seen: list[str] = []
    connection = store._connection()
    connection.set_trace_callback(seen.append)
    ask()
    connection.set_trace_callback(None)
    found = set(re.findall(r"from (traffic_\w+)", " ".join(seen)))
    assert found
    return found


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 40 * DAY, {DAYS}),
        (3 * DAY, 4 * DAY, {DAYS}),
        (2 * HOUR, 5 * HOUR, {HOURS}),
        (2 * HOUR, 3 * DAY, {HOURS, DAYS}),
        (38 * DAY + 600, 39 * DAY, {FIVE, SHEETS, HOURS}),
        (39 * DAY + 60, 39 * DAY + 300, {RAW}),
        (40 * DAY - 600, 40 * DAY, {FIVE, SHEETS}),
    ],
)
def test_a_volume_is_read_from_the_coarsest_rows_that_are_whole_in_it(
    store: SqliteMetricStore, start: int, end: int, expected: set[str]
) -> None:
    period = utc(T0 + start), utc(T0 + end)
    assert tables(store, lambda: store.volume(LINK, *period)) <= expected
    assert store.volume(LINK, *period).in_octets == 600 * ((end - start + 299) // 300)


@pytest.mark.parametrize(
    ("days", "step", "expected"),
    [(40, 7_200, {HOURS}), (1, 300, {FIVE, SHEETS}), (4, 900, {FIVE, SHEETS})],
)
def test_a_chart_is_read_from_rows_no_finer_than_its_points_need(
    store: SqliteMetricStore, days: int, step: int, expected: set[str]
) -> None:
    period = utc(T0 + (40 - days) * DAY), utc(T0 + 40 * DAY)
    assert store.series(LINK, *period).step == step
    assert tables(store, lambda: store.series(LINK, *period)) <= expected


def test_a_chart_of_a_year_is_read_from_days(store: SqliteMetricStore) -> None:
    period = utc(T0 - 325 * DAY), utc(T0 + 40 * DAY)
    assert tables(store, lambda: store.series(LINK, *period)) <= {DAYS}
