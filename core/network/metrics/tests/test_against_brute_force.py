"""The store and a few lines of plain Python say the same of whatever samples come."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.inventory import Link
from core.network.measured import Probe, TrafficClass
from core.network.metrics import ClassSample, ProbeSample, Sample
from core.network.metrics.sqlite import SqliteMetricStore

T0 = 1_750_000_000 // 86_400 * 86_400
SPAN = 3 * 86_400
LINK, OTHER = Link(id=1), Link(id=2)

ids = st.sampled_from([1, 2])
ends = st.integers(T0 + 1, T0 + SPAN)
seconds = st.integers(1, 120_000).map(lambda ms: ms / 1000)
octets = st.integers(0, 2**40)
faults = st.one_of(st.none(), st.integers(0, 10**6))
samples = st.builds(
    Sample, ids, ends, seconds, octets, octets, faults, faults, faults, faults,
)  # fmt: skip
class_samples = st.builds(ClassSample, ids, ends, seconds, octets, octets, octets, octets)
delays = st.one_of(st.none(), st.floats(0, 60_000))
probe_samples = st.builds(
    ProbeSample, ids, ends, st.integers(1, 100), st.integers(0, 100), delays, delays
)
moments = st.integers(0, SPAN + 4 * 86_400)


def batches(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Samples in any order, doubles included, and when roll-ups happen in between, if they do."""
    some = st.lists(of, max_size=30)
    return st.lists(st.tuples(some, st.one_of(st.none(), moments)), max_size=6)


Written = Sequence[tuple[Sequence[Any], int | None]]


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@contextmanager
def filled(
    written: Written, write: Callable[[SqliteMetricStore], Callable[[Sequence[Any]], None]]
) -> Iterator[SqliteMetricStore]:
    """A store that samples were written to, late ones too, all rolled at the end."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMetricStore(Path(folder) / "measures.db")
        for batch, moment in written:
            write(store)(batch)
            if moment is not None:
                store.roll_up(utc(T0 + moment))
        # A late sample waits in its slot for the next roll-up; bring everything up first.
        store.roll_up(utc(T0 + max((moment or 0 for _, moment in written), default=0)))
        yield store
        store.close()


def kept(written: Written, key: str, thing: int = 1) -> list[Any]:
    """The first sample of each second, of the thing looked at."""
    first: dict[int, Any] = {}
    for batch, _ in written:
        for sample in batch:
            if getattr(sample, key) == thing:
                first.setdefault(sample.at, sample)
    return list(first.values())


def by_slot(some: Sequence[Any], step: int) -> dict[int, list[Any]]:
    slots: dict[int, list[Any]] = {}
    for sample in some:
        slots.setdefault((sample.at - 1 - T0) // step, []).append(sample)
    return slots


def total(some: Sequence[Any], name: str) -> int:
    return sum(getattr(sample, name) for sample in some)


def known(values: Sequence[int | None]) -> int | None:
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def half_up(value: float) -> float:
    return float(math.floor(value + 0.5))


def rate(some: Sequence[Any], name: str) -> float:
    ms: int = sum(round(s.seconds * 1000) for s in some)
    return total(some, name) * 8000.0 / ms


@settings(max_examples=50)
@given(batches(samples), st.integers(0, SPAN), st.integers(0, SPAN))
def test_volumes_and_faults_of_any_period_are_those_of_its_samples(
    written: Written, x: int, y: int
) -> None:
    """Whatever the order of the samples, and however many roll-ups happened in between."""
    a, b = T0 + min(x, y), T0 + max(x, y)
    with filled(written, lambda store: store.record) as store:
        inside = [s for s in kept(written, "link_id") if a < s.at <= b]
        volume = store.volume(LINK, utc(a), utc(b))
        assert volume.in_octets == total(inside, "in_octets")
        assert volume.out_octets == total(inside, "out_octets")
        assert volume.covered == sum(round(s.seconds * 1000) for s in inside) / 1000
        both = store.volumes([LINK, OTHER], utc(a), utc(b))
        assert both.get(LINK.id, volume) == volume
        assert sum(v.in_octets for v in both.values()) == sum(
            store.volume(link, utc(a), utc(b)).in_octets for link in (LINK, OTHER)
        )
        found = store.faults([LINK, OTHER], utc(a), utc(b)).get(LINK.id)
        assert (found is not None) == bool(inside)
        for name in ("in_errors", "out_errors", "in_discards", "out_discards"):
            wanted = known([getattr(s, name) for s in inside])
            assert getattr(found, name, None) == wanted
        assert store.verify() == []


@settings(max_examples=40)
@given(batches(samples), st.sampled_from([300, 3_600, 86_400]))
def test_a_chart_shows_the_mean_rate_of_the_samples_of_each_slot(
    written: Written, step: int
) -> None:
    with filled(written, lambda store: store.record) as store:
        series = store.series(LINK, utc(T0), utc(T0 + SPAN), points=SPAN // step)
        assert series.step == step
        slots = by_slot(kept(written, "link_id"), step)
        for name, rates in (("in_octets", series.in_bps), ("out_octets", series.out_bps)):
            wanted = [
                rate(slots[slot], name) if slot in slots else math.nan for slot in range(len(rates))
            ]
            assert np.allclose(rates, wanted, rtol=1e-12, atol=0, equal_nan=True)


@settings(max_examples=50)
@given(batches(samples), st.integers(0, SPAN // 300), st.integers(0, SPAN // 300))
def test_a_report_says_what_the_samples_say(written: Written, x: int, y: int) -> None:
    """Volume, mean and peak of the samples; percentiles of the means of the slots; to the bit."""
    a, b = T0 + 300 * min(x, y), T0 + 300 * max(x, y)
    with filled(written, lambda store: store.record) as store:
        inside = [s for s in kept(written, "link_id") if a < s.at <= b]
        slots = by_slot(inside, 300)
        report = store.reports([OTHER, LINK], utc(a), utc(b))[LINK.id]
        assert (report.slots, report.missing) == ((b - a) // 300, (b - a) // 300 - len(slots))
        assert store.percentile(LINK, utc(a), utc(b)).in_bps == report.in_p95_bps
        for way in ("in", "out"):
            name = f"{way}_octets"
            assert getattr(report, name) == total(inside, name)
            if not inside:
                assert getattr(report, f"{way}_p95_bps") is None
                continue
            assert getattr(report, f"{way}_mean_bps") == rate(inside, name)
            peak = max(half_up(rate([s], name)) for s in inside)
            assert getattr(report, f"{way}_peak_bps") == peak
            means = sorted(rate(some, name) for some in slots.values())
            assert getattr(report, f"{way}_p95_bps") == means[math.ceil(len(means) * 95 / 100) - 1]


@settings(max_examples=30)
@given(batches(class_samples), st.sampled_from([300, 3_600, 86_400]))
def test_a_chart_of_a_class_shows_the_mean_rates_of_its_samples(
    written: Written, step: int
) -> None:
    some = [TrafficClass(id=2), TrafficClass(id=1)]
    with filled(written, lambda store: store.record_classes) as store:
        series = store.class_series(some, utc(T0), utc(T0 + SPAN), points=SPAN // step)[1]
        slots = by_slot(kept(written, "class_id"), step)
        for name, rates in (
            ("offered_octets", series.offered_bps),
            ("sent_octets", series.sent_bps),
            ("dropped_octets", series.dropped_bps),
        ):
            wanted = [
                rate(slots[slot], name) if slot in slots else math.nan for slot in range(len(rates))
            ]
            assert np.allclose(rates, wanted, rtol=1e-12, atol=0, equal_nan=True)
        assert store.verify() == []


@settings(max_examples=30)
@given(batches(probe_samples), st.sampled_from([300, 3_600, 86_400]))
def test_a_chart_of_a_probe_weighs_its_delays_by_the_packets_that_came_back(
    written: Written, step: int
) -> None:
    with filled(written, lambda store: store.record_probes) as store:
        series = store.probe_series(Probe(id=1), utc(T0), utc(T0 + SPAN), points=SPAN // step)
        slots = by_slot(kept(written, "probe_id"), step)
        for slot in range(len(series.loss)):
            runs: list[ProbeSample] = slots.get(slot, [])
            if not runs:
                assert math.isnan(series.loss[slot])
                assert math.isnan(series.rtt_ms[slot])
                continue
            assert series.loss[slot] == total(runs, "lost") / total(runs, "sent")
            for name, means in (("rtt_ms", series.rtt_ms), ("jitter_ms", series.jitter_ms)):
                back = [(getattr(r, name), r.sent - r.lost) for r in runs if r.lost < r.sent]
                back = [(value, packets) for value, packets in back if value is not None]
                if not back:
                    assert math.isnan(means[slot])
                    continue
                mean = sum(value * n for value, n in back) / sum(n for _, n in back)
                assert math.isclose(means[slot], mean, rel_tol=1e-9, abs_tol=0.001)
                if name == "rtt_ms":
                    assert math.isclose(
                        series.rtt_max_ms[slot], max(v for v, _ in back), abs_tol=0.002
                    )
        assert store.verify() == []
