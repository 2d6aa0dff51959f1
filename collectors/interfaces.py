"""IF-MIB: what to ask about an interface, and what the answer says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collectors import oids
from collectors.snmp import ABSENT, Kind, Varbind

SPEED_FULL = 2**32 - 1
HIGHEST_INDEX = 2**31 - 1
"""ifIndex is 1 to this (InterfaceIndex, RFC 2863)."""
_STATUS = (oids.IF_ADMIN_STATUS, oids.IF_OPER_STATUS, oids.IF_LAST_CHANGE)
_WIDE = (oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS)
_NARROW = (oids.IF_IN_OCTETS, oids.IF_OUT_OCTETS)
_LINE = (oids.IF_SPEED, oids.IF_HIGH_SPEED, oids.IF_COUNTER_DISCONTINUITY)
_NUMBERS = frozenset({Kind.INTEGER, Kind.GAUGE, Kind.TICKS, Kind.COUNTER32, Kind.COUNTER64})


class NonsenseError(ValueError):
    """An agent gave a value of another type than the MIB's, or out of its range."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out about the interface of a link: where it is and what it can tell."""

    index: int
    named: bool
    """Whether ifName is asked at each reading, to notice that the index has another owner."""
    bits: int = 64


@dataclass(frozen=True, slots=True)
class Octets:
    """Octet counters of an interface: 64 or 32 bits wide, and when they last were interrupted."""

    bits: int
    in_octets: int
    out_octets: int
    speed_bps: int | None
    discontinuity: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an interface; ``name`` None when it was not asked, ``octets`` likewise.

    ``uptime`` and ``last_change`` are sysUpTime in 1/100 s.
    """

    uptime: int
    admin: int
    oper: int
    last_change: int
    name: str | None = None
    octets: Octets | None = None


def questions(known: Known, traffic: bool) -> tuple[str, ...]:
    """Return the OIDs of one reading of an interface, without sysUpTime."""
    columns = _STATUS + ((oids.IF_NAME,) if known.named else ())
    if traffic:
        columns += (_WIDE if known.bits == 64 else _NARROW) + _LINE
    return tuple(f"{column}.{known.index}" for column in columns)


def reading(
    known: Known, traffic: bool, uptime: Varbind, values: Sequence[Varbind]
) -> Reading | None:
    """Return what the answer to ``questions`` says, None when there is no such interface.

    Octets are None when the interface has no counters of the width asked. Raises
    ``NonsenseError``.
    """
    admin, oper, last_change = values[:3]
    if admin.kind in ABSENT or oper.kind in ABSENT:
        return None
    rest = values[3:]
    name = None
    if known.named:
        name, rest = text(rest[0]), rest[1:]
    return Reading(
        ticks(uptime),
        _number(admin, Kind.INTEGER),
        _number(oper, Kind.INTEGER),
        0 if last_change.kind in ABSENT else _number(last_change, Kind.TICKS),
        name,
        _octets(known.bits, rest) if traffic else None,
    )


def _octets(bits: int, values: Sequence[Varbind]) -> Octets | None:
    come_in, go_out, speed, high_speed, discontinuity = values
    if come_in.kind in ABSENT or go_out.kind in ABSENT:
        return None
    kind = Kind.COUNTER64 if bits == 64 else Kind.COUNTER32
    return Octets(
        bits,
        _number(come_in, kind),
        _number(go_out, kind),
        speed_bps(speed, high_speed),
        0 if discontinuity.kind in ABSENT else _number(discontinuity, Kind.TICKS),
    )


def speed_bps(speed: Varbind, high_speed: Varbind) -> int | None:
    """Return the speed of an interface, exact from ifSpeed, from ifHighSpeed above 4.29 Gbit/s.

    None when the agent does not say, or says 0.
    """
    exact = 0 if speed.kind in ABSENT else _number(speed, Kind.GAUGE)
    if 0 < exact < SPEED_FULL:
        return exact
    rounded = 0 if high_speed.kind in ABSENT else _number(high_speed, Kind.GAUGE)
    return rounded * 1_000_000 or exact or None


def find(names: Mapping[str, Varbind], wanted: Iterable[str]) -> dict[str, int]:
    """Return the ifIndex of each wanted interface that a column of names (by index) has.

    Raises ``NonsenseError`` when the place of one of them is no ifIndex.
    """
    at = {text(value): index for index, value in names.items() if index.isdigit()}
    return {name: _index(at[name]) for name in wanted if name in at}


def _index(written: str) -> int:
    index = int(written) if written.isascii() and written.isdecimal() and len(written) < 11 else 0
    if not 0 < index <= HIGHEST_INDEX:
        raise NonsenseError(f"an interface at index {written[:20]}")
    return index


def ticks(value: Varbind) -> int:
    """Return a sysUpTime. Raises ``NonsenseError``."""
    return _number(value, Kind.TICKS)


def text(value: Varbind) -> str | None:
    """Return a name, None when the agent has none. Raises ``NonsenseError``."""
    if value.kind in ABSENT:
        return None
    if value.kind != Kind.STRING:
        raise NonsenseError(f"a name of type {value.kind}")
    return value.text.strip("\0 ")


def _number(value: Varbind, kind: str) -> int:
    if value.kind != kind or kind not in _NUMBERS:
        raise NonsenseError(f"{value.kind[:20]} where {kind} is expected")
    try:
        number = int(value.text)
    except ValueError:
        raise NonsenseError(f"a {kind} that is not a number") from None
    if number < 0 or (kind != Kind.COUNTER64 and number > SPEED_FULL):
        raise NonsenseError(f"a {kind} out of its range")
    return number
