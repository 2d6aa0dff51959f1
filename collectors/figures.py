"""What the counters of a router say at this moment, for who wants to see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from collectors import oids, probes, qos
from collectors.discovery import Ask, Found, FoundInterface, Rows, given, said, walked
from collectors.interfaces import NonsenseError
from collectors.probes import FoundProbe, Run
from collectors.qos import ClassCounters, FoundClass
from collectors.snmp import MISSING, Failed, Job, Kind, Outcome, Varbind

T = TypeVar("T")
R = TypeVar("R")
MAX_VARBINDS = 32
"""Values in one GET: its answer stays below an Ethernet frame."""


@dataclass(frozen=True, slots=True)
class InterfaceCounters:
    """Octets (64 or 32 bits wide, as ``FoundInterface.bits`` says) and packets; None unsaid."""

    in_octets: int | None
    out_octets: int | None
    in_errors: int | None
    out_errors: int | None
    in_discards: int | None
    out_discards: int | None


@dataclass(slots=True)
class Figures:
    """The counters of what was found; those that the router does not give are left out."""

    interfaces: dict[int, InterfaceCounters] = field(default_factory=dict)
    """By ifIndex."""
    classes: dict[FoundClass, ClassCounters] = field(default_factory=dict)
    probes: dict[FoundProbe, Run] = field(default_factory=dict)


def figures(ask: Ask, key: int, found: Found) -> Figures:
    """Read the counters of all that was found; what fails is added to ``found.problems``."""
    read = Figures(_interfaces(ask, key, found))
    read.classes = dict(
        _each(ask, key, found, found.classes, qos.questions, lambda _, v: qos.reading(v))
    )
    read.probes = dict(_each(ask, key, found, found.probes, probes.questions, probes.reading))
    return read


def _interfaces(ask: Ask, key: int, found: Found) -> dict[int, InterfaceCounters]:
    widths = {interface.bits for interface in found.interfaces}
    columns: dict[str, Rows] = {}
    try:
        for column in (
            *([oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS] if 64 in widths else []),
            *([oids.IF_IN_OCTETS, oids.IF_OUT_OCTETS] if 32 in widths else []),
            *(
                [oids.IF_IN_ERRORS, oids.IF_OUT_ERRORS, oids.IF_IN_DISCARDS, oids.IF_OUT_DISCARDS]
                if widths
                else []
            ),
        ):
            columns[column] = walked(ask, key, column)
    except Failed as failure:
        found.problems.append(f"compteurs : {said(failure)}")
    return {interface.index: _counters(interface, columns) for interface in found.interfaces}


def _counters(interface: FoundInterface, columns: dict[str, Rows]) -> InterfaceCounters:
    def of(column: str, kind: str = Kind.COUNTER32) -> int | None:
        return given(columns.get(column, {}).get(str(interface.index), MISSING), kind)

    wide = interface.bits == 64
    kind = Kind.COUNTER64 if wide else Kind.COUNTER32
    return InterfaceCounters(
        of(oids.IF_HC_IN_OCTETS if wide else oids.IF_IN_OCTETS, kind),
        of(oids.IF_HC_OUT_OCTETS if wide else oids.IF_OUT_OCTETS, kind),
        of(oids.IF_IN_ERRORS),
        of(oids.IF_OUT_ERRORS),
        of(oids.IF_IN_DISCARDS),
        of(oids.IF_OUT_DISCARDS),
    )


def _each(
    ask: Ask,
    key: int,
    found: Found,
    things: Sequence[T],
    questions: Callable[[T], tuple[str, ...]],
    reading: Callable[[T, Sequence[Varbind]], R | None],
) -> Iterator[tuple[T, R]]:
    """Read things a few at a time; what makes no sense costs the thing alone."""
    for part in _parts(things, questions):
        asked = tuple(oid for _, oids_ in part for oid in oids_)
        try:
            answer = ask(Job(key, asked))
            if answer.outcome is not Outcome.OK:
                raise Failed(answer.outcome, answer.detail)
        except Failed as failure:
            found.problems.append(f"compteurs : {said(failure)}")
            return
        start = 0
        for thing, its in part:
            values = answer.values[start : start + len(its)]
            start += len(its)
            try:
                result = reading(thing, values)
            except NonsenseError as error:
                found.problems.append(f"{its[0]} : {error}"[:200])
                continue
            if result is not None:
                yield thing, result


def _parts(
    things: Sequence[T], questions: Callable[[T], tuple[str, ...]]
) -> Iterator[list[tuple[T, tuple[str, ...]]]]:
    part: list[tuple[T, tuple[str, ...]]] = []
    size = 0
    for thing in things:
        its = questions(thing)
        if part and size + len(its) > MAX_VARBINDS:
            yield part
            part, size = [], 0
        part.append((thing, its))
        size += len(its)
    if part:
        yield part
