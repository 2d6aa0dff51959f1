"""IF-MIB: what to ask about an interface, and what the answer says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from collectors import oids
from collectors.snmp import ABSENT, MISSING, Kind, Varbind

SPEED_FULL = 2**32 - 1
HIGHEST_INDEX = 2**31 - 1
"""ifIndex is 1 to this (InterfaceIndex, RFC 2863)."""
FAULTS = (oids.IF_IN_ERRORS, oids.IF_OUT_ERRORS, oids.IF_IN_DISCARDS, oids.IF_OUT_DISCARDS)
_STATUS = (oids.IF_ADMIN_STATUS, oids.IF_OPER_STATUS, oids.IF_LAST_CHANGE)
_WIDE = (oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS)
_NARROW = (oids.IF_IN_OCTETS, oids.IF_OUT_OCTETS)
_LINE = (oids.IF_SPEED, oids.IF_HIGH_SPEED, oids.IF_COUNTER_DISCONTINUITY)
_OPTIONAL = frozenset({oids.IF_LAST_CHANGE, *_LINE, *FAULTS})
_MOST = {
    Kind.INTEGER: 2**31 - 1,
    Kind.GAUGE: SPEED_FULL,
    Kind.TICKS: 2**32 - 1,
    Kind.COUNTER32: 2**32 - 1,
    Kind.COUNTER64: 2**64 - 1,
}

Packets = tuple[int | None, int | None, int | None, int | None]
"""Counters of errors in, errors out, discards in, discards out; None for one there is not."""
UNCOUNTED: Packets = (None, None, None, None)


class NonsenseError(ValueError):
    """An agent gave a value of another type than the MIB's, or out of its range."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out about the interface of a link: where it is and what it can tell."""

    index: int
    named: bool
    """Whether ifName is asked at each reading, to notice that the index has another owner."""
    bits: int = 64
    spared: frozenset[str] = frozenset()
    """Columns that need not be asked: the router has none, or another column says as much."""


@dataclass(frozen=True, slots=True)
class Octets:
    """Octet counters of an interface: 64 or 32 bits wide, and when they last were interrupted."""

    bits: int
    in_octets: int
    out_octets: int
    speed_bps: int | None
    discontinuity: int
    faults: Packets = UNCOUNTED


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an interface; ``name`` None when it was not asked, ``octets`` likewise.

    ``uptime`` and ``last_change`` are sysUpTime in 1/100 s; ``spared`` is what the next reading
    need not ask.
    """

    uptime: int
    admin: int
    oper: int
    last_change: int
    name: str | None = None
    octets: Octets | None = None
    spared: frozenset[str] = frozenset()


def questions(known: Known, traffic: bool) -> tuple[str, ...]:
    """Return the OIDs of one reading of an interface, without sysUpTime."""
    columns = _columns(known.named, traffic, known.bits, known.spared)
    return tuple([f"{column}.{known.index}" for column in columns])


@lru_cache(maxsize=1024)
def _columns(named: bool, traffic: bool, bits: int, spared: frozenset[str]) -> tuple[str, ...]:
    columns = _STATUS + ((oids.IF_NAME,) if named else ())
    if traffic:
        columns += (_WIDE if bits == 64 else _NARROW) + _LINE + FAULTS
    return tuple(column for column in columns if column not in spared)


def reading(
    known: Known, traffic: bool, uptime: Varbind, values: Sequence[Varbind]
) -> Reading | None:
    """Return what the answer to ``questions`` says, None when there is no such interface.

    Octets are None when the interface has no counters of the width asked. Raises
    ``NonsenseError``, but for what is wrong with a counter of errors or discards: that one is not
    counted.
    """
    columns = _columns(known.named, traffic, known.bits, known.spared)
    said = dict(zip(columns, values, strict=True))
    admin, oper = said[oids.IF_ADMIN_STATUS], said[oids.IF_OPER_STATUS]
    if admin.kind in ABSENT or oper.kind in ABSENT:
        return None
    octets = _octets(known, said) if traffic else None
    return Reading(
        ticks(uptime),
        number(admin, Kind.INTEGER),
        number(oper, Kind.INTEGER),
        _ticks_or_0(said.get(oids.IF_LAST_CHANGE, MISSING)),
        text(said[oids.IF_NAME]) if known.named else None,
        octets,
        known.spared if octets is None else _spared(known.spared, said),
    )


def _octets(known: Known, said: Mapping[str, Varbind]) -> Octets | None:
    wide = known.bits == 64
    kind = Kind.COUNTER64 if wide else Kind.COUNTER32
    come_in, go_out = (said[column] for column in (_WIDE if wide else _NARROW))
    if come_in.kind in ABSENT or go_out.kind in ABSENT:
        return None
    return Octets(
        known.bits,
        number(come_in, kind),
        number(go_out, kind),
        speed_bps(said.get(oids.IF_SPEED, MISSING), said.get(oids.IF_HIGH_SPEED, MISSING)),
        _ticks_or_0(said.get(oids.IF_COUNTER_DISCONTINUITY, MISSING)),
        (
            _packets(said.get(oids.IF_IN_ERRORS)),
            _packets(said.get(oids.IF_OUT_ERRORS)),
            _packets(said.get(oids.IF_IN_DISCARDS)),
            _packets(said.get(oids.IF_OUT_DISCARDS)),
        ),
    )


def _spared(before: frozenset[str], said: Mapping[str, Varbind]) -> frozenset[str]:
    """Return what the next reading need not ask, from what this one asked and did not.

    Of the two speeds the one that tells is asked, and both again when it no longer does.
    """
    absent = {column for column, value in said.items() if value.kind in ABSENT}
    spared = (before | absent) & _OPTIONAL
    exact = said.get(oids.IF_SPEED, MISSING)
    high = said.get(oids.IF_HIGH_SPEED, MISSING)
    if speed_bps(exact, MISSING):
        return spared | {oids.IF_HIGH_SPEED}
    if (speed_bps(MISSING, high) or 0) > SPEED_FULL:
        return spared | {oids.IF_SPEED}
    told = {oids.IF_SPEED, oids.IF_HIGH_SPEED} & said.keys() - absent
    return spared if speed_bps(MISSING, high) or not told else spared - set(_LINE[:2])


def _packets(value: Varbind | None) -> int | None:
    if value is None or value.kind in ABSENT:
        return None
    try:
        return number(value, Kind.COUNTER32)
    except NonsenseError:
        return None


def _ticks_or_0(value: Varbind) -> int:
    return 0 if value.kind in ABSENT else number(value, Kind.TICKS)


def speed_bps(speed: Varbind, high_speed: Varbind) -> int | None:
    """Return the speed of an interface, exact from ifSpeed, from ifHighSpeed above 4.29 Gbit/s.

    None when the agent does not say, says 0, or has more to say than ifSpeed can.
    """
    exact = 0 if speed.kind in ABSENT else number(speed, Kind.GAUGE)
    if 0 < exact < SPEED_FULL:
        return exact
    rounded = 0 if high_speed.kind in ABSENT else number(high_speed, Kind.GAUGE)
    return rounded * 1_000_000 or None


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
    return number(value, Kind.TICKS)


def text(value: Varbind) -> str | None:
    """Return a name, None when the agent has none. Raises ``NonsenseError``."""
    if value.kind in ABSENT:
        return None
    if value.kind != Kind.STRING:
        raise NonsenseError(f"{value.kind[:20]} where {Kind.STRING} is expected")
    return utf8(value.text).strip("\0 ")


def utf8(words: str) -> str:
    """Return a text as UTF-8 where an engine read its octets one by one and they are UTF-8."""
    if words.isascii():
        return words
    try:
        return words.encode("latin-1").decode()
    except UnicodeError:
        return words


def number(value: Varbind, *kinds: str) -> int:
    """Return a number of one of these kinds, in their range. Raises ``NonsenseError``.

    An engine that does not tell the types of numbers (``Kind.NUMBER``) is held to the range alone.
    """
    kind = value.kind
    if kind not in kinds and kind != Kind.NUMBER:
        raise NonsenseError(f"{kind[:20]} where {' or '.join(kinds)} is expected")
    try:
        number = int(value.text)
    except ValueError:
        raise NonsenseError(f"a {kind} that is not a number") from None
    most = max(_MOST[k] for k in kinds) if kind == Kind.NUMBER else _MOST[kind]
    if not 0 <= number <= most:
        raise NonsenseError(f"a {kind} out of its range")
    return number
