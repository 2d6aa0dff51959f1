"""Classes of service and probes, with values worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.network.measured import Probe, TrafficClass
from core.network.metrics import ClassSample, ClassVolume, ProbeFigures, ProbeSample
from core.network.metrics.sqlite import SqliteMetricStore

T0 = 1_750_000_000 // 86_400 * 86_400
VOICE, DATA, PROBE = TrafficClass(id=1), TrafficClass(id=2), Probe(id=3)


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


DAY = utc(T0), utc(T0 + 86_400)
MOMENTS = (T0, T0 + 300, T0 + 7_200, T0 + 100_000, T0 + 4 * 86_400)
"""Nothing rolled, five minutes, hours, days, sheets."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetricStore]:
    made = SqliteMetricStore(tmp_path / "measures.db")
    yield made
    made.close()


def test_a_class_shows_what_it_was_offered_what_it_sent_and_what_it_dropped(
    store: SqliteMetricStore,
) -> None:
    store.record_classes(
        ClassSample(1, T0 + 60 * n, 60.0, 15_000, 7_500, 7_500, 5) for n in (1, 2, 3)
    )
    store.record_classes([ClassSample(1, T0 + 60, 60.0, 1, 1, 1, 1)])
    for moment in MOMENTS:
        store.roll_up(utc(moment))
        found = store.class_series([VOICE, DATA], *DAY, points=300)
        voice = found[1]
        assert (voice.start, voice.step, len(voice.sent_bps)) == (utc(T0), 300, 288)
        first = (voice.offered_bps[0], voice.sent_bps[0], voice.dropped_bps[0])
        assert first == (2_000.0, 1_000.0, 1_000.0)
        assert np.isnan(voice.offered_bps[1:]).all()
        assert np.isnan(found[2].sent_bps).all()


def test_delays_weigh_as_many_packets_as_came_back(store: SqliteMetricStore) -> None:
    """One packet at 40 ms and three at 20: 25 ms on average, 40 at most; two of six lost."""
    store.record_probes(
        [
            ProbeSample(3, T0 + 60, 2, 1, 40.0, 4.0),
            ProbeSample(3, T0 + 120, 3, 0, 20.0, None),
            ProbeSample(3, T0 + 180, 1, 1, None),
        ]
    )
    for moment in MOMENTS:
        store.roll_up(utc(moment))
        series = store.probe_series(PROBE, *DAY, points=300)
        assert (series.rtt_ms[0], series.rtt_max_ms[0], series.jitter_ms[0]) == (25.0, 40.0, 4.0)
        assert series.loss[0] == 2 / 6
        for gap in (series.rtt_ms, series.rtt_max_ms, series.jitter_ms, series.loss):
            assert np.isnan(gap[1:]).all()


def test_a_probe_that_lost_everything_has_a_loss_and_no_delay(store: SqliteMetricStore) -> None:
    """Not a delay of zero, which would be the best of all."""
    store.record_probes([ProbeSample(3, T0 + 60, 10, 10, None)])
    for moment in MOMENTS:
        store.roll_up(utc(moment))
        series = store.probe_series(PROBE, *DAY, points=300)
        assert series.loss[0] == 1.0
        assert np.isnan([series.rtt_ms[0], series.rtt_max_ms[0], series.jitter_ms[0]]).all()


def test_a_run_shows_on_a_chart_of_minutes_in_the_minute_it_ended(
    store: SqliteMetricStore,
) -> None:
    store.record_probes([ProbeSample(3, T0 + 120, 1, 0, 12.0)])
    series = store.probe_series(PROBE, utc(T0), utc(T0 + 4 * 3_600))
    assert (series.step, series.rtt_ms[1]) == (60, 12.0)
    assert np.isnan(series.rtt_ms[[0, 2]]).all()


@pytest.mark.parametrize(
    "odd",
    [
        ProbeSample(3, T0 + 30, 0, 0, 1.0),
        ProbeSample(3, T0 + 30, 1, -1, 1.0),
        ProbeSample(3, T0 + 30, 1, 0, -1.0),
        ProbeSample(3, T0 + 30, 1, 0, float("nan")),
        ProbeSample(3, T0 + 30, 2**64, 0, 1.0),
    ],
    ids=str,
)
def test_a_run_that_cannot_be_is_left_out_and_the_others_are_kept(
    store: SqliteMetricStore, odd: ProbeSample
) -> None:
    store.record_probes([odd, ProbeSample(3, T0 + 60, 1, 0, 12.0)])
    series = store.probe_series(PROBE, *DAY, points=300)
    assert (series.rtt_ms[0], series.loss[0]) == (12.0, 0.0)


def test_the_octets_of_classes_over_a_period_are_exact_at_every_level(
    store: SqliteMetricStore,
) -> None:
    """Of two partly measured slots: the mean of their means would be another figure."""
    store.record_classes(
        ClassSample(1, T0 + 60 * n, 60.0, 1_001 * n, 1_000 * n, n, 1) for n in (1, 2, 3, 9)
    )
    for moment in MOMENTS:
        store.roll_up(utc(moment))
        found = store.class_volumes([VOICE, DATA], *DAY)
        assert found == {1: ClassVolume(1_001 * 15, 1_000 * 15, 15, 240.0)}


def test_the_figures_of_a_probe_over_a_period_weigh_its_packets(store: SqliteMetricStore) -> None:
    store.record_probes(
        [
            ProbeSample(3, T0 + 60, 2, 1, 40.0, 4.0),
            ProbeSample(3, T0 + 120, 3, 0, 20.0, None),
            ProbeSample(3, T0 + 900, 5, 5, None),
        ]
    )
    for moment in MOMENTS:
        store.roll_up(utc(moment))
        assert store.probe_figures([PROBE], *DAY) == {3: ProbeFigures(10, 6, 25.0, 40.0, 4.0)}
    assert store.probe_figures([PROBE], utc(T0 - 86_400), utc(T0)) == {}
