"""CISCO-RTTMON-MIB: the IP SLA operations of a router, and what their latest run gave. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectors import oids
from collectors.interfaces import HIGHEST_INDEX, NonsenseError, number, ticks
from collectors.labels import label
from collectors.snmp import ABSENT, MISSING, Kind, Varbind
from core.network.measured import ProbeKind

COLUMNS = (
    oids.RTT_MON_CTRL_ADMIN_RTT_TYPE,
    oids.RTT_MON_CTRL_ADMIN_TAG,
    oids.RTT_MON_CTRL_ADMIN_LONG_TAG,
    oids.RTT_MON_ECHO_ADMIN_NUM_PACKETS,
    oids.RTT_MON_ECHO_ADMIN_PRECISION,
)
"""The columns that tell which probes there are; only the first is sure to be there."""
ICMP_JITTER = 16
_KINDS = {
    1: ProbeKind.ECHO,
    5: ProbeKind.ECHO,  # udpEcho
    9: ProbeKind.JITTER,
    ICMP_JITTER: ProbeKind.JITTER,
    19: ProbeKind.ECHO,  # ethernetPing
    20: ProbeKind.JITTER,  # ethernetJitter
}
"""RttMonRttType; the others (http, dns, dhcp…) measure a server more than a line."""
_ANSWERED = frozenset({1, 3})
"""RttResponseSense ok, and overThreshold: an answer, late by the operator's own measure."""
_NOT_RUN = frozenset({0, 5, 7})
"""RttResponseSense other, busy and dropped: the operation did not take place."""
_MICROSECONDS = 2
_LATEST = (
    oids.RTT_MON_LATEST_RTT_OPER_TIME,
    oids.RTT_MON_LATEST_RTT_OPER_SENSE,
    oids.RTT_MON_LATEST_RTT_OPER_COMPLETION_TIME,
)
_JITTER = (
    oids.RTT_MON_LATEST_JITTER_OPER_NUM_OF_RTT,
    oids.RTT_MON_LATEST_JITTER_OPER_RTT_SUM,
    oids.RTT_MON_LATEST_JITTER_OPER_AVG_JITTER,
    oids.RTT_MON_LATEST_JITTER_OPER_PACKET_LOSS_SD,
    oids.RTT_MON_LATEST_JITTER_OPER_PACKET_LOSS_DS,
    oids.RTT_MON_LATEST_JITTER_OPER_PACKET_MIA,
)
_ICMP = (
    oids.RTT_MON_LATEST_ICMP_JITTER_NUM_RTT,
    oids.RTT_MON_LATEST_ICMP_JITTER_RTT_SUM,
    oids.RTT_MON_LATEST_ICMP_JITTER_AVG_JITTER,
    oids.RTT_MON_LATEST_ICMP_JITTER_PKT_LOSS,
)


@dataclass(frozen=True, slots=True)
class FoundProbe:
    """An IP SLA operation: its number, what it sends, and the operator's name of it.

    A run sends ``packets``; the router counts its times in ms, or in µs where ``per_ms`` is 1000.
    """

    number: int
    kind: ProbeKind
    tag: str
    icmp: bool = False
    """Whether its jitter stands in the table of ICMP jitter operations."""
    packets: int = 1
    per_ms: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """The latest run of a probe: ``completed`` is the sysUpTime at which it ended (1/100 s).

    The same ``completed`` twice is the same run read twice; it is 0 when the router does not say,
    and no one then knows whether the run is a new one. Times are means, in ms.
    """

    completed: int
    sent: int
    lost: int
    rtt_ms: float | None
    jitter_ms: float | None


def probes(rows: Mapping[str, Mapping[str, Varbind]]) -> list[FoundProbe]:
    """Return the echo and jitter operations that the columns tell of: {column: {number: value}}.

    Raises ``NonsenseError``.
    """
    types, short, long, packets, precision = (rows.get(column, {}) for column in COLUMNS)
    found = []
    for written, value in types.items():
        index = (
            int(written) if written.isascii() and written.isdecimal() and len(written) < 11 else 0
        )
        type_ = number(value, Kind.INTEGER)
        if type_ not in _KINDS or not 0 < index <= HIGHEST_INDEX:
            continue
        kind = _KINDS[type_]
        jitter = kind is ProbeKind.JITTER
        found.append(
            FoundProbe(
                index,
                kind,
                label(long.get(written, MISSING)) or label(short.get(written, MISSING)),
                type_ == ICMP_JITTER,
                max(1, _whole(packets.get(written))) if jitter else 1,
                1000 if jitter and _whole(precision.get(written)) == _MICROSECONDS else 1,
            )
        )
    return found


def questions(found: FoundProbe) -> tuple[str, ...]:
    """Return the OIDs of the latest run of a probe."""
    jitter = _JITTER if found.kind is ProbeKind.JITTER else ()
    icmp = _ICMP if found.icmp else ()
    return tuple(f"{column}.{found.number}" for column in (*_LATEST, *jitter, *icmp))


def reading(found: FoundProbe, values: Sequence[Varbind]) -> Run | None:
    """Return what the answer to ``questions`` says, None when the probe has not run.

    Raises ``NonsenseError``.
    """
    completed, sense, rtt = values[:3]
    if sense.kind in ABSENT:
        return None
    at = 0 if completed.kind in ABSENT else ticks(completed)
    code = number(sense, Kind.INTEGER)
    if code in _NOT_RUN:
        return None
    if found.kind is ProbeKind.JITTER:
        return _jitter(found, at, code in _ANSWERED, values[3:])
    if code not in _ANSWERED or rtt.kind in ABSENT:
        return Run(at, 1, 1, None, None)
    return Run(at, 1, 0, float(_whole(rtt)), None)


def _jitter(found: FoundProbe, at: int, answered: bool, values: Sequence[Varbind]) -> Run | None:
    own, icmp = values[: len(_JITTER)], values[len(_JITTER) :]
    count, total, average, *losses = icmp if icmp and icmp[0].kind not in ABSENT else own
    if count.kind in ABSENT:
        return None if answered else Run(at, found.packets, found.packets, None, None)
    back, lost = _whole(count), sum(_whole(loss) for loss in losses)
    sent = back + lost
    if sent > HIGHEST_INDEX:
        raise NonsenseError("a probe of more packets than can be")
    if not answered or not back:  # a run that timed out counts no packet, or those before it
        sent = max(lost, found.packets)
        return Run(at, sent, sent, None, None)
    jitter = None if average.kind in ABSENT else _whole(average) / found.per_ms
    rtt = None if total.kind in ABSENT else _whole(total) / back / found.per_ms
    return Run(at, sent, lost, rtt, jitter)


def _whole(value: Varbind | None) -> int:
    """Return a Gauge32 or an Integer32; 0 where the router has none."""
    if value is None or value.kind in ABSENT:
        return 0
    return number(value, Kind.GAUGE, Kind.INTEGER)
