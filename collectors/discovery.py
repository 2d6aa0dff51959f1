"""A look at a router: who it is, its interfaces, its classes of service, its probes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from collectors import interfaces, oids, probes, qos
from collectors.interfaces import NonsenseError
from collectors.labels import LONGEST, labelled
from collectors.probes import FoundProbe
from collectors.qos import FoundClass
from collectors.snmp import ABSENT, MISSING, Answer, Failed, Job, Kind, Outcome, Varbind

Ask = Callable[[Job], Answer]
"""Asks one thing of the router; may raise ``Failed`` in place of an answer that is not OK."""
Rows = Mapping[str, Varbind]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundInterface:
    """A row of ifTable and ifXTable; ``alias`` is what the operator wrote on the interface.

    ``name`` is ifName, None where the router has no ifXTable; ``bits`` the width of its octet
    counters, None without any; ``admin`` and ``oper`` as RFC 2863 numbers them, None unsaid.
    """

    index: int
    name: str | None
    alias: str
    descr: str
    admin: int | None
    oper: int | None
    speed_bps: int | None
    bits: int | None


@dataclass(slots=True)
class Found:
    """What a look at a router gave; ``problems`` says what could not be read, and why."""

    description: str = ""
    """SNMPv2-MIB sysDescr."""
    name: str = ""
    """SNMPv2-MIB sysName."""
    uptime: int = 0
    """sysUpTime, 1/100 s."""
    interfaces: list[FoundInterface] = field(default_factory=list)
    classes: list[FoundClass] = field(default_factory=list)
    probes: list[FoundProbe] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def look(ask: Ask, key: int) -> Found:
    """Look at the router that the engine knows as ``key``: some twenty bounded tables.

    A router without ifXTable, without policies or without probes is fine; a table that it answers
    badly is told in ``problems``. Raises ``Failed`` when the router itself does not answer.
    """
    found = Found()
    _system(ask, key, found)
    found.interfaces = _interfaces(ask, key, found)
    if found.interfaces:
        found.classes = _optional(ask, key, found, "QoS", qos.COLUMNS, qos.classes)
    found.probes = _optional(ask, key, found, "IP SLA", probes.COLUMNS, probes.probes)
    return found


def _system(ask: Ask, key: int, found: Found) -> None:
    answer = ask(Job(key, (oids.SYS_DESCR, oids.SYS_NAME, oids.SYS_UPTIME)))
    if answer.outcome is not Outcome.OK:
        raise Failed(answer.outcome, answer.detail)
    description, name, uptime = answer.values
    if all(value.kind in ABSENT for value in answer.values):
        raise Failed(Outcome.NO_SUCH, "the agent has no system group: is it an SNMP view?")
    found.description, found.name = labelled(description), labelled(name)
    found.uptime = given(uptime, Kind.TICKS) or 0


def _interfaces(ask: Ask, key: int, found: Found) -> list[FoundInterface]:
    """Read ifTable, then what ifXTable adds to it."""

    def column(oid: str, needed: bool = False) -> Rows:
        try:
            return walked(ask, key, oid)
        except Failed as failure:
            if needed:
                raise
            found.problems.append(f"interfaces : {said(failure)}")
            return {}

    oper = column(oids.IF_OPER_STATUS, needed=True)
    if not oper:
        found.problems.append("interfaces : cet agent n'a pas d'ifTable")
        return []
    admin, descr, speed = (
        column(oid) for oid in (oids.IF_ADMIN_STATUS, oids.IF_DESCR, oids.IF_SPEED)
    )
    # Each is asked for itself: an ifName that fails must cost neither ifAlias nor 64 bits.
    names, alias, high_speed, wide = (
        column(oid)
        for oid in (oids.IF_NAME, oids.IF_ALIAS, oids.IF_HIGH_SPEED, oids.IF_HC_IN_OCTETS)
    )
    narrow = column(oids.IF_IN_OCTETS) if len(wide) < len(oper) else {}
    rows: list[FoundInterface] = []
    for written in oper:
        index = (
            int(written) if written.isascii() and written.isdecimal() and len(written) < 11 else 0
        )
        if not 0 < index <= interfaces.HIGHEST_INDEX:
            found.problems.append(f"interfaces : un numéro qui n'en est pas un ({written[:20]})")
            continue
        rows.append(
            FoundInterface(
                index,
                _name(names.get(written, MISSING)),
                labelled(alias.get(written, MISSING)),
                labelled(descr.get(written, MISSING)),
                given(admin.get(written, MISSING), Kind.INTEGER),
                given(oper[written], Kind.INTEGER),
                _speed(speed.get(written, MISSING), high_speed.get(written, MISSING)),
                _bits(wide.get(written, MISSING), narrow.get(written, MISSING)),
            )
        )
    return rows


def _optional(
    ask: Ask,
    key: int,
    found: Found,
    subject: str,
    columns: Sequence[str],
    decode: Callable[[Mapping[str, Rows]], list[T]],
) -> list[T]:
    """Read a table that the router may not have; its first column tells whether it has."""
    rows: dict[str, Rows] = {}
    try:
        for column in columns:
            rows[column] = walked(ask, key, column)
            if not rows[columns[0]]:
                return []
        return decode(rows)
    except Failed as failure:
        found.problems.append(f"{subject} : {said(failure)}")
    except NonsenseError as error:
        found.problems.append(f"{subject} : {error}"[:200])
    return []


def walked(ask: Ask, key: int, column: str) -> Rows:
    """Return the rows of a column, none if the router does not have it. Raises ``Failed``."""
    answer = ask(Job(key, (column,), column=True))
    if answer.outcome not in (Outcome.OK, Outcome.NO_SUCH):
        raise Failed(answer.outcome, answer.detail)
    return answer.rows


def said(failure: Failed) -> str:
    """Return what a failure says, with its kind where the words alone do not tell it."""
    words = failure.detail or failure.outcome.value
    return f"{failure.outcome} ({words})" if failure.detail else words


def _name(value: Varbind) -> str | None:
    """Return an ifName to the letter, as visits will compare it; None if it is not one to keep."""
    name = interfaces.text(value) if value.kind == Kind.STRING else None
    return name if name and name.isprintable() and len(name) <= LONGEST else None


def _speed(speed: Varbind, high_speed: Varbind) -> int | None:
    try:
        return interfaces.speed_bps(speed, high_speed)
    except NonsenseError:
        return None


def _bits(wide: Varbind, narrow: Varbind) -> int | None:
    if given(wide, Kind.COUNTER64) is not None:
        return 64
    return 32 if given(narrow, Kind.COUNTER32) is not None else None


def given(value: Varbind, *kinds: str) -> int | None:
    """Return a number of one of these kinds, None when the router does not give one."""
    try:
        return None if value.kind in ABSENT else interfaces.number(value, *kinds)
    except NonsenseError:
        return None
