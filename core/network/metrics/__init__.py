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


@dataclass(frozen=True, slots=True)
class Sample:
    """Octets a link carried during ``seconds`` that end at ``at`` (UTC epoch seconds).

    In is towards the customer's router interface (ifInOctets), out is from it.
    """

    link_id: int
    at: int
    seconds: float
    in_octets: int
    out_octets: int


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

    def freshness(self) -> Mapping[int, int]:
        """Return when each link was last read with success: {link id: UTC epoch seconds}."""
        ...

    def mark_read(self, seen: Mapping[int, int]) -> None:
        """Note that links were read with success at these times (UTC epoch seconds)."""

    def counters(self, links: Sequence[int]) -> Mapping[int, Counters]:
        """Return the last counters kept of links, for those that have any."""
        ...

    def keep_counters(self, counters: Mapping[int, Counters]) -> None:
        """Keep the last counters of links."""
