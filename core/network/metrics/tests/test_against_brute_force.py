"""The store and a few lines of plain Python say the same of whatever samples come."""

from __future__ import annotations

import math
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.inventory import Link
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore

T0 = 1_750_000_000 // 86_400 * 86_400
SPAN = 3 * 86_400
LINK = Link(id=1)

samples = st.builds(
    Sample,
    link_id=st.sampled_from([1, 2]),
    at=st.integers(T0 + 1, T0 + SPAN),
    seconds=st.integers(1, 120).map(float),
    in_octets=st.integers(0, 2**40),
    out_octets=st.integers(0, 2**40),
)
batches = st.lists(st.lists(samples, max_size=30), max_size=6)


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def kept(written: list[list[Sample]]) -> list[Sample]:
    """The first sample of each link and second, of the link looked at."""
    first: dict[tuple[int, int], Sample] = {}
    for sample in (sample for batch in written for sample in batch):
        first.setdefault((sample.link_id, sample.at), sample)
    return [sample for sample in first.values() if sample.link_id == LINK.id]


@settings(max_examples=60, deadline=None)
@given(batches, st.integers(0, SPAN), st.integers(0, SPAN), st.sampled_from([300, 3_600, 86_400]))
def test_series_volume_and_percentile_agree_with_brute_force(
    written: list[list[Sample]], x: int, y: int, step: int
) -> None:
    """Whatever the order of the samples, and however many roll-ups happened in between."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMetricStore(Path(folder) / "measures.db")
        for number, batch in enumerate(written):
            store.record(batch)
            if number % 2 == 0:
                store.roll_up(utc(T0 + SPAN * (number + 1) / 5))
        mine = kept(written)
        a, b = T0 + min(x, y), T0 + max(x, y)

        inside = [s for s in mine if a < s.at <= b]
        # A late sample waits in its slot for the next roll-up; bring everything up first.
        store.roll_up(utc(T0 + SPAN * len(written) / 5))
        volume = store.volume(LINK, utc(a), utc(b))
        assert volume.in_octets == sum(s.in_octets for s in inside)
        assert volume.out_octets == sum(s.out_octets for s in inside)
        assert volume.covered == sum(s.seconds for s in inside)
        both = store.volumes([LINK, Link(id=2)], utc(a), utc(b))
        assert both.get(LINK.id, volume) == volume
        assert sum(v.in_octets for v in both.values()) == sum(
            store.volume(Link(id=number), utc(a), utc(b)).in_octets for number in (1, 2)
        )

        series = store.series(LINK, utc(T0), utc(T0 + SPAN), points=SPAN // step)
        assert series.step == step
        for way, rates in (("in_octets", series.in_bps), ("out_octets", series.out_bps)):
            for slot, rate in enumerate(rates):
                of_slot = [s for s in mine if slot == (s.at - 1 - T0) // step]
                if not of_slot:
                    assert math.isnan(rate)
                else:
                    octets = sum(getattr(s, way) for s in of_slot)
                    wanted = octets * 8 / sum(s.seconds for s in of_slot)
                    assert np.isclose(rate, wanted, rtol=1e-12)

        slots: dict[int, list[Sample]] = {}
        for s in mine:
            slots.setdefault((s.at - 1) // 300, []).append(s)
        means = sorted(
            sum(s.in_octets for s in some) * 8 / sum(s.seconds for s in some)
            for some in slots.values()
        )
        answer = store.percentile(LINK, utc(T0), utc(T0 + SPAN))
        assert (answer.slots, answer.missing) == (len(means), SPAN // 300 - len(means))
        if means:
            assert answer.in_bps is not None
            assert np.isclose(answer.in_bps, means[math.ceil(0.95 * len(means)) - 1], rtol=1e-12)
        store.close()
