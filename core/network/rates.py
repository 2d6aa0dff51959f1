"""From two readings of counters to what passed between them. Pure: no clock, no store.

RFC 2863 (IF-MIB) says how counters behave: they wrap, they restart with the agent
(sysUpTime) and 32-bit ones are too short for a fast line.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.network.metrics import Counters

WRAP = 2**32
"""A Counter32 and sysUpTime both start again at this value (sysUpTime: after 497 days)."""
TOLERANCE = 1.05
"""A rate above this many times the speed of the line is a fault of measurement."""
CEILING_BPS = 10**12
"""No line of ours is faster, whatever speed an agent announces, or none (bit/s)."""
DRIFT = 60 * 100
"""How far sysUpTime may stray from our clock between two readings (1/100 s)."""
SLACK = 5 * 100
"""How late a reading may be stamped (1/100 s); a fiftieth of the time passed may stray besides."""
MOST_PACKETS = 2**31
"""A Counter32 of packets that seems to have moved by this much or more was set back."""


class Gap(StrEnum):
    """Why the octets between two readings are not known."""

    REBOOT = "reboot"
    """sysUpTime went down: the agent restarted, and its counters with it."""
    RESET = "reset"
    """A counter went down and that cannot be one wrap."""
    AMBIGUOUS = "ambiguous"
    """A 32-bit counter on a line so fast that it may have wrapped more than once."""
    WIDTH = "width"
    """The counters changed between 32 and 64 bits."""
    TOO_FAST = "too_fast"
    """More octets than the line, or any line, can carry; kept aside, out of totals."""
    TOO_LONG = "too_long"
    """The readings are too far apart to be one measure."""
    DISCONTINUITY = "discontinuity"
    """The agent says that the counters lost their continuity (ifCounterDiscontinuityTime)."""
    MOVED = "moved"
    """The counters are those of another interface or another device than before."""
    CLOCK = "clock"
    """Somebody set our clock between the readings: the time that passed is not known."""


class Stamped(Protocol):
    """A reading of counters: when (UTC epoch seconds), and sysUpTime then (1/100 s)."""

    @property
    def at(self) -> float: ...
    @property
    def uptime(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Delta:
    """Octets carried during ``seconds``; with a ``gap`` they are not to be counted.

    The octets of a gap are 0, but those of ``TOO_FAST`` are given, for whoever looks for the fault.
    """

    seconds: float
    in_octets: int = 0
    out_octets: int = 0
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class ClassCounters:
    """What a class of service has counted: octets offered to it, sent, dropped; packets dropped.

    CISCO-CLASS-BASED-QOS-MIB, all of 64 bits; ``at`` and ``uptime`` as in ``Counters``.
    """

    at: float
    uptime: int
    offered: int
    sent: int
    dropped: int
    dropped_packets: int


@dataclass(frozen=True, slots=True)
class ClassDelta:
    """What passed through a class during ``seconds``; with a ``gap`` it is not to be counted."""

    seconds: float
    offered: int = 0
    sent: int = 0
    dropped: int = 0
    dropped_packets: int = 0
    gap: Gap | None = None


def delta(before: Counters, after: Counters, speed_bps: int | None, max_gap: float) -> Delta | None:
    """Return what was carried between two readings of a link, or None when no time has passed.

    ``speed_bps`` is the speed of the interface, None or 0 when it is not known: then a counter
    that goes down is always a reset, and ``CEILING_BPS`` is the only limit. Readings
    more than ``max_gap`` seconds apart are a gap. A late or repeated reading gives None: the
    earlier one stays the start of the next delta.
    """
    seconds = after.at - before.at
    if seconds <= 0:
        return None
    if before.bits != after.bits:
        return Delta(seconds, gap=Gap.WIDTH)
    broken = _broken(before, after, max_gap)
    if broken is not None:
        return Delta(seconds, gap=broken)
    ceiling = CEILING_BPS * TOLERANCE * seconds / 8
    most = min(speed_bps * TOLERANCE * seconds / 8, ceiling) if speed_bps else None
    carried_in = _carried(before.in_octets, after.in_octets, after.bits, most)
    carried_out = _carried(before.out_octets, after.out_octets, after.bits, most)
    if isinstance(carried_in, Gap):
        return Delta(seconds, gap=carried_in)
    if isinstance(carried_out, Gap):
        return Delta(seconds, gap=carried_out)
    too_fast = max(carried_in, carried_out) > (ceiling if most is None else most)
    return Delta(seconds, carried_in, carried_out, Gap.TOO_FAST if too_fast else None)


def class_delta(
    before: ClassCounters, after: ClassCounters, speed_bps: int | None, max_gap: float
) -> ClassDelta | None:
    """Return what passed through a class between two readings, by the rules of ``delta``.

    What is sent is held against the speed of the interface; more than that may be offered.
    """
    seconds = after.at - before.at
    if seconds <= 0:
        return None
    broken = _broken(before, after, max_gap)
    if broken is not None:
        return ClassDelta(seconds, gap=broken)
    offered, sent = after.offered - before.offered, after.sent - before.sent
    dropped = after.dropped - before.dropped
    packets = after.dropped_packets - before.dropped_packets
    if min(offered, sent, dropped, packets) < 0:
        return ClassDelta(seconds, gap=Gap.RESET)
    ceiling = CEILING_BPS * TOLERANCE * seconds / 8
    most = min(speed_bps * TOLERANCE * seconds / 8, ceiling) if speed_bps else ceiling
    too_fast = sent > most or max(offered, dropped, packets) > ceiling
    gap = Gap.TOO_FAST if too_fast else None
    return ClassDelta(seconds, offered, sent, dropped, packets, gap)


def packets(before: int | None, after: int | None) -> int | None:
    """Return the packets between two values of a Counter32 of errors or discards.

    None where the router does not count them, and where the counter moved so far, up or through
    zero, that it was set back rather than wrapped. To be asked of one agent, without reboot.
    """
    if before is None or after is None:
        return None
    passed = (after - before) % WRAP
    return passed if passed < MOST_PACKETS else None


def _broken(before: Stamped, after: Stamped, max_gap: float) -> Gap | None:
    """Return why two readings make no measure, whatever their counters say."""
    if rebooted(before, after):
        return Gap.REBOOT
    return Gap.TOO_LONG if after.at - before.at > max_gap else None


def rebooted(before: Stamped, after: Stamped) -> bool:
    """Return whether the agent restarted between two readings.

    sysUpTime (RFC 3418) goes down at a restart, but also when its 32 bits are full, after
    497 days: then the time passed by our clock lands where sysUpTime is, and nothing restarted.
    An agent that has been up for less than the time passed restarted too, even if it has
    already overtaken its former sysUpTime.
    """
    passed = round((after.at - before.at) * 100)
    stray = before.uptime + passed - after.uptime  # how far sysUpTime is behind our clock
    most = min(DRIFT, SLACK + passed // 50)
    if after.uptime >= before.uptime:
        return after.uptime < passed + SLACK and stray > most
    return abs(stray - WRAP) > most


def same_agent(before: Stamped, after: Stamped) -> bool:
    """Return whether sysUpTime went on between two readings as our clock did, its wrap included.

    Otherwise the agent restarted, or another one answered.
    """
    strayed = after.uptime - before.uptime - round((after.at - before.at) * 100)
    return abs((strayed + WRAP // 2) % WRAP - WRAP // 2) <= DRIFT


def _carried(before: int, after: int, bits: int, most: float | None) -> int | Gap:
    """Return the octets between two values of one counter; ``most`` is all the line can carry."""
    octets = after - before
    if bits == 64:
        return octets if octets >= 0 else Gap.RESET
    if octets < 0:
        octets += WRAP
        if most is None or octets > most:
            return Gap.RESET
    return Gap.AMBIGUOUS if most is not None and octets + WRAP <= most else octets
