"""From the counters of one visit to the next: samples, gaps, quality. Pure memory: no store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import structlog

from collectors.interfaces import Packets
from collectors.readings import ClassReading, ProbeReading, Traffic, Visit
from core.network.metrics import ClassSample, Counters, ProbeSample, Sample
from core.network.rates import ClassCounters, Gap, class_delta, delta, packets, same_agent
from core.network.stability import Quality

log = structlog.get_logger("balise.collector")


class _Course(NamedTuple):
    """What two readings must share to make a delta: whose counters, by one clock."""

    device: int
    interface: str
    run: int


class _LastTraffic(NamedTuple):
    """The last counters of a link; ``course`` None for those of a process before this one."""

    counters: Counters
    course: _Course | None
    discontinuity: int = 0
    faults: Packets | None = None


class _LastClass(NamedTuple):
    counters: ClassCounters
    course: _Course


class Taken(NamedTuple):
    """What a visit adds: samples, and by link id the quality that was measured anew."""

    samples: list[Sample]
    classes: list[ClassSample]
    probes: list[ProbeSample]
    quality: dict[int, Quality]


class Accounts:
    """The last counters of links, classes and probes, and what the next ones make with them.

    ``max_gap`` is the time (seconds) beyond which two readings are no measure. ``gaps`` counts,
    by cause, the times when what passed is not known; ``counters`` are those read since somebody
    emptied it.
    """

    def __init__(self, max_gap: float) -> None:
        self._max_gap = max_gap
        self._links: dict[int, _LastTraffic] = {}
        self._classes: dict[int, _LastClass] = {}
        self._runs: dict[int, int] = {}
        self.gaps: Counter[str] = Counter()
        self.counters: dict[int, Counters] = {}

    def links(self) -> set[int]:
        """Return the links whose counters are known."""
        return set(self._links)

    def resume(self, counters: Mapping[int, Counters]) -> None:
        """Take up the counters that a process before this one kept of links."""
        for link, last in counters.items():
            self._links.setdefault(link, _LastTraffic(last, None))

    def forget(self, links: Iterable[int]) -> None:
        """Let go of links that are no longer followed."""
        for link in links:
            self._links.pop(link, None)

    def take(self, visit: Visit) -> Taken:
        """Return what a visit adds to what is known."""
        taken = Taken([], [], [], {})
        for traffic in visit.traffic:
            sample = self.traffic(visit.device_id, traffic)
            if sample is not None:
                taken.samples.append(sample)
                errors = _errors_per_minute(sample)
                if errors is not None:
                    taken.quality[sample.link_id] = Quality(errors)
        for counted in visit.classes:
            of_class = self.class_(visit.device_id, counted)
            if of_class is not None:
                taken.classes.append(of_class)
        for ended in visit.probes:
            run = self.probe(ended)
            if run is not None:
                taken.probes.append(run)
                link = ended.link_id
                taken.quality[link] = _with_run(taken.quality.get(link), run)
        return taken

    def traffic(self, device: int, traffic: Traffic) -> Sample | None:
        """Return what a link carried since it was last read, None when that is not known."""
        link, after = traffic.link_id, traffic.counters
        course = _Course(device, traffic.interface, traffic.run)
        last = self._links.get(link)
        sample = None
        if last is not None:
            before, former, discontinuity, faults = last
            aside = 0
            gap = _parted(former, course)
            if former is None and not same_agent(before, after):
                gap = Gap.REBOOT
            if gap is None:
                change = delta(before, after, traffic.speed_bps, self._max_gap)
                if change is None:
                    if former is not None:
                        return None  # late or repeated: what is known stays
                elif change.gap is not None:
                    gap, aside = change.gap, change.in_octets
                elif former is not None and discontinuity != traffic.discontinuity:
                    gap = Gap.DISCONTINUITY
                else:
                    sample = Sample(
                        link, int(after.at), change.seconds, change.in_octets, change.out_octets,
                        *_passed(faults, traffic.faults),
                    )  # fmt: skip
            if gap is not None:
                self._note(gap, link=link, octets_in=aside)
        self._links[link] = _LastTraffic(after, course, traffic.discontinuity, traffic.faults)
        self.counters[link] = after
        return sample

    def class_(self, device: int, reading: ClassReading) -> ClassSample | None:
        """Return what passed through a class since it was last read, None when not known."""
        after, key = reading.counters, reading.class_id
        course = _Course(device, reading.interface, reading.run)
        last = self._classes.get(key)
        sample = None
        if last is not None:
            gap = _parted(last.course, course)
            if gap is None:
                change = class_delta(last.counters, after, reading.speed_bps, self._max_gap)
                if change is None:
                    return None
                gap = change.gap
                if gap is None:
                    sample = ClassSample(
                        key, int(after.at), change.seconds,
                        change.offered, change.sent, change.dropped, change.dropped_packets,
                    )  # fmt: skip
            if gap is not None:
                self._note(gap, traffic_class=key)
        self._classes[key] = _LastClass(after, course)
        return sample

    def probe(self, reading: ProbeReading) -> ProbeSample | None:
        """Return the run of a probe if it is a new one.

        The first that is seen may have been kept by a process before this one: it is left out.
        So is one that the router does not date.
        """
        key, run = reading.probe_id, reading.run
        former = self._runs.get(key)
        self._runs[key] = run.completed
        if former is None or former == run.completed or not run.completed:
            return None
        return ProbeSample(key, int(reading.at), run.sent, run.lost, run.rtt_ms, run.jitter_ms)

    def _note(self, gap: Gap, **whose: int) -> None:
        self.gaps[gap] += 1
        log.info("gap in what is measured", why=gap, **whose)


def _parted(former: _Course | None, course: _Course) -> Gap | None:
    """Return why the counters of two courses make no delta."""
    if former is None or former == course:
        return None
    return Gap.CLOCK if former[:2] == course[:2] else Gap.MOVED


def _passed(before: Packets | None, after: Packets) -> Packets:
    if before is None:
        return (None, None, None, None)
    return (
        packets(before[0], after[0]), packets(before[1], after[1]),
        packets(before[2], after[2]), packets(before[3], after[3]),
    )  # fmt: skip


def _errors_per_minute(sample: Sample) -> float | None:
    if sample.in_errors is None and sample.out_errors is None:
        return None
    return ((sample.in_errors or 0) + (sample.out_errors or 0)) * 60 / sample.seconds


def _with_run(quality: Quality | None, run: ProbeSample) -> Quality:
    """Return the worse of a quality and of a run: a link may have several probes."""
    known = quality or Quality()
    loss = run.lost / run.sent if run.sent else None
    return Quality(
        known.errors_per_minute,
        _worse(known.loss, loss), _worse(known.rtt_ms, run.rtt_ms),
        _worse(known.jitter_ms, run.jitter_ms),
    )  # fmt: skip


def _worse(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)
