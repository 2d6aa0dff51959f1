"""The measures: what a store of them can do. ``sqlite.py`` is the store that comes with Balise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.network.inventory import Link
    from core.network.measured import Probe, TrafficClass


@dataclass(frozen=True, slots=True)
class Sample:
    """Octets a link carried during ``seconds`` that end at ``at`` (UTC epoch seconds).

    In is towards the customer's router interface (ifInOctets), out is from it. Errors and
    discards are packets (ifInErrors, ifInDiscards…), None where the router does not count them.
    """

    link_id: int
    at: int
    seconds: float
    in_octets: int
    out_octets: int
    in_errors: int | None = None
    out_errors: int | None = None
    in_discards: int | None = None
    out_discards: int | None = None


@dataclass(frozen=True, slots=True)
class ClassSample:
    """What a class of service was offered, sent and dropped during ``seconds`` that end at ``at``.

    CISCO-CLASS-BASED-QOS-MIB: offered is before the policy, sent after it.
    """

    class_id: int
    at: int
    seconds: float
    offered_octets: int
    sent_octets: int
    dropped_octets: int
    dropped_packets: int


@dataclass(frozen=True, slots=True)
class ProbeSample:
    """One run of an IP SLA operation that ended at ``at``: packets sent and lost, delays in ms.

    ``rtt_ms`` is the mean round trip of those that came back, ``jitter_ms`` the mean jitter;
    None when none came back, or the operation does not measure it.
    """

    probe_id: int
    at: int
    sent: int
    lost: int
    rtt_ms: float | None
    jitter_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """The last counters read on a link: where the next delta starts.

    ``bits`` is 64 (ifHCInOctets) or 32 (ifInOctets); ``uptime`` is sysUpTime in 1/100 s.
    """

    at: float
    uptime: int
    bits: int
    in_octets: int
    out_octets: int


@dataclass(frozen=True, slots=True)
class Series:
    """Mean rates of a link on regular slots: ``start + i * step`` (UTC), bit/s, NaN for a gap."""

    start: datetime
    step: int
    in_bps: NDArray[np.float64]
    out_bps: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slots:
    """What links carried on regular slots, ``start + i * step`` (UTC): arrays (links, slots).

    Octets are exact; ``seconds`` is how much of a slot was measured, 0 for a gap. Slots of less
    than five minutes share a reading by overlap: there octets may be fractions.
    """

    start: datetime
    step: int
    seconds: NDArray[np.float64]
    in_octets: NDArray[np.float64]
    out_octets: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassSeries:
    """Mean rates of a class of service on regular slots, bit/s, NaN for a gap."""

    start: datetime
    step: int
    offered_bps: NDArray[np.float64]
    sent_bps: NDArray[np.float64]
    dropped_bps: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ProbeSeries:
    """Delays (ms, mean and highest), mean jitter (ms) and loss (0 to 1) on slots, NaN for a gap."""

    start: datetime
    step: int
    rtt_ms: NDArray[np.float64]
    rtt_max_ms: NDArray[np.float64]
    jitter_ms: NDArray[np.float64]
    loss: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassVolume:
    """Octets a class was offered, sent and dropped over a period, and the seconds measured.

    A class that holds others counts theirs too.
    """

    offered_octets: int
    sent_octets: int
    dropped_octets: int
    covered: float


@dataclass(frozen=True, slots=True)
class ProbeFigures:
    """Packets a probe sent and lost over a period, delays and mean jitter (ms), None without any.

    The mean delay is of the packets that came back; the highest is the mean of one run.
    """

    sent: int
    lost: int
    rtt_ms: float | None
    rtt_max_ms: float | None
    jitter_ms: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period, for one link or for the sum of several.

    Octets and ``covered`` (seconds measured) are exact; mean is octets over seconds covered; peak
    is the highest rate of one reading; percentiles are nearest rank on five-minute means, in and
    out apart (``ceil(0.95 n)``). ``slots`` is how many five-minute slots the period has, of which
    ``missing`` were not measured and are left out. Rates in bit/s, None where nothing was measured.
    """

    in_octets: int
    out_octets: int
    covered: float
    in_mean_bps: float | None
    out_mean_bps: float | None
    in_peak_bps: float | None
    out_peak_bps: float | None
    in_p95_bps: float | None
    out_p95_bps: float | None
    slots: int
    missing: int


@dataclass(frozen=True, slots=True)
class Faults:
    """Packets in error or discarded over a period, None where nothing counted them."""

    in_errors: int | None
    out_errors: int | None
    in_discards: int | None
    out_discards: int | None


@dataclass(frozen=True, slots=True)
class Volume:
    """Octets carried over a period of ``asked`` seconds, of which ``covered`` were measured."""

    in_octets: int
    out_octets: int
    covered: float
    asked: float


@dataclass(frozen=True, slots=True)
class Percentile:
    """The q-th percentile of the 5-minute mean rates, in and out apart (bit/s), None without any.

    Nearest rank, ``ceil(q/100 * n)``; ``missing`` counts the slots that were not measured.
    """

    in_bps: float | None
    out_bps: float | None
    slots: int
    missing: int


class MetricStore(Protocol):
    """Where measures are kept. ``link`` comes from a scoped ``Db``: it is the proof of access."""

    def record(self, samples: Iterable[Sample]) -> None:
        """Keep samples; those that cannot be are left out. The same one twice changes nothing."""

    def series(self, link: Link, start: datetime, end: datetime, points: int = 500) -> Series:
        """Return mean rates on about ``points`` slots of ``[start, end)``."""
        ...

    def slots(
        self, links: Sequence[Link], start: datetime, end: datetime, points: int = 500
    ) -> Slots:
        """Return octets and seconds of links on the slots of ``series``, in the order given."""
        ...

    def volume(self, link: Link, start: datetime, end: datetime) -> Volume:
        """Return the octets carried in ``[start, end)``."""
        ...

    def volumes(
        self, links: Sequence[Link], start: datetime, end: datetime
    ) -> Mapping[int, Volume]:
        """Return ``volume`` of many links at once: {link id: volume}, of those measured."""
        ...

    def percentile(self, link: Link, start: datetime, end: datetime, q: float = 95) -> Percentile:
        """Return the q-th percentile over ``[start, end)``."""
        ...

    def faults(self, links: Sequence[Link], start: datetime, end: datetime) -> Mapping[int, Faults]:
        """Return errors and discards of links in ``[start, end)``, by link id."""
        ...

    def reports(
        self, links: Sequence[Link], start: datetime, end: datetime
    ) -> Mapping[int, Report]:
        """Return the report of each link over ``[start, end)``, by link id."""
        ...

    def combined(self, links: Sequence[Link], start: datetime, end: datetime) -> Report:
        """Return the report of links summed slot by slot; a slot one of them misses is missing."""
        ...

    def record_classes(self, samples: Iterable[ClassSample]) -> None:
        """Keep what classes of service carried. The same sample twice changes nothing."""

    def record_probes(self, samples: Iterable[ProbeSample]) -> None:
        """Keep what probes measured. The same sample twice changes nothing."""

    def class_series(
        self, classes: Sequence[TrafficClass], start: datetime, end: datetime, points: int = 500
    ) -> Mapping[int, ClassSeries]:
        """Return the series of classes of service, by class id."""
        ...

    def probe_series(
        self, probe: Probe, start: datetime, end: datetime, points: int = 500
    ) -> ProbeSeries:
        """Return delays, jitter and loss of a probe."""
        ...

    def class_volumes(
        self, classes: Sequence[TrafficClass], start: datetime, end: datetime
    ) -> Mapping[int, ClassVolume]:
        """Return exact octets of the classes that were measured in ``[start, end)``, by id."""
        ...

    def probe_figures(
        self, probes: Sequence[Probe], start: datetime, end: datetime
    ) -> Mapping[int, ProbeFigures]:
        """Return the figures of the probes that ran in ``[start, end)``, by id."""
        ...

    def freshness(self) -> Mapping[int, int]:
        """Return when each link was last read with success: {link id: UTC epoch seconds}."""
        ...

    def read_before(
        self, links: Sequence[int], limit: float
    ) -> tuple[int | None, Mapping[int, int | None]]:
        """Return the newest reading of these links, and those read before ``limit``, by link id.

        UTC epoch seconds; None for what was never read.
        """
        ...

    def mark_read(self, seen: Mapping[int, int]) -> None:
        """Note that links were read with success at these times (UTC epoch seconds)."""

    def counters(self, links: Sequence[int]) -> Mapping[int, Counters]:
        """Return the last counters kept of links, for those that have any."""
        ...

    def keep_counters(self, counters: Mapping[int, Counters]) -> None:
        """Keep the last counters of links."""
