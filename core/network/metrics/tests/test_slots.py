"""Octets on regular slots: exact, in the order asked for, and a gap is no octets in no seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.network.inventory import Link
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore

START = datetime(2026, 3, 2, tzinfo=UTC)
EPOCH = int(START.timestamp())


@pytest.fixture
def store(tmp_path: Path):
    store = SqliteMetricStore(tmp_path / "measures.db")
    yield store
    store.close()


def test_slots_hold_the_octets_of_each_link_in_the_order_asked_for(store: SqliteMetricStore):
    store.record(Sample(7, EPOCH + 60 * n, 60.0, 1_000 + n, 10) for n in range(1, 61))
    store.record([Sample(3, EPOCH + 300, 300.0, 5, 6)])
    slots = store.slots([Link(id=3), Link(id=7)], START, START + timedelta(hours=1), 12)
    assert (slots.start, slots.step) == (START, 300)
    assert slots.in_octets[1].tolist() == [
        sum(1_000 + n for n in range(5 * slot + 1, 5 * slot + 6)) for slot in range(12)
    ]
    assert slots.in_octets[0].tolist() == [5.0, *[0.0] * 11]
    assert slots.seconds[0].tolist() == [300.0, *[0.0] * 11]


def test_slots_and_series_tell_the_same_rates(store: SqliteMetricStore):
    store.record(Sample(7, EPOCH + 60 * n, 60.0, 977 * n, 31 * n) for n in range(1, 200))
    link, end = Link(id=7), START + timedelta(hours=4)
    slots, series = store.slots([link], START, end), store.series(link, START, end)
    with np.errstate(invalid="ignore"):
        rates = slots.in_octets[0] * 8 / np.where(slots.seconds[0] > 0, slots.seconds[0], np.nan)
    np.testing.assert_allclose(rates, series.in_bps)


def test_no_link_has_no_slots(store: SqliteMetricStore):
    assert store.slots([], START, START + timedelta(hours=1)).in_octets.shape == (0, 60)
