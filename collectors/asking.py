"""Asking with care, the same for every engine: what must be split is split, a column has an end.

The engine gives one exchange, tried once (``get`` or ``following``); the logic of many is here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from collectors.snmp import (
    ABSENT,
    MISSING,
    Answer,
    Failed,
    Job,
    NoSuchName,
    Outcome,
    TooBig,
    Varbind,
)

Get = Callable[[Sequence[str]], list[Varbind]]
"""One GET: values in the order asked. Raises ``TooBig``, ``NoSuchName``, ``Failed``."""
Next = Callable[[str], Sequence[tuple[str, Varbind]]]
"""The OIDs that follow one OID, with their values: a GETBULK or a GETNEXT."""
Asked = TypeVar("Asked")
Given = TypeVar("Given")

MAX_ROWS = 4096
MAX_OCTETS = 1 << 20
"""The most that the values of one column may weigh: 4096 rows of the longest ifAlias are less."""


class Exchanges(Protocol):
    """One exchange with one agent, tried once. Raises ``TooBig``, ``NoSuchName``, ``Failed``."""

    def get(self, oids: Sequence[str]) -> list[Varbind]:
        """Return the values of ``oids`` in their order."""

    def following(self, oid: str) -> Sequence[tuple[str, Varbind]]:
        """Return some of the OIDs that follow one OID, with their values."""


def settle(job: Job, tries: int, exchanges: Exchanges, deadline: float) -> Answer:
    """Return the answer to a job, each exchange tried ``tries`` times. Raises ``Failed``."""
    if job.column:
        following = _patient(exchanges.following, tries, deadline)
        found = rows(following, job.oids[0], deadline)
        return Answer(job, Outcome.OK if found else Outcome.NO_SUCH, rows=found)
    return Answer(job, Outcome.OK, fetch(_patient(exchanges.get, tries, deadline), job.oids))


def _patient(
    exchange: Callable[[Asked], Given], tries: int, deadline: float
) -> Callable[[Asked], Given]:
    """Return the exchange tried again in silence; no try is begun after ``deadline``."""

    def tried(asked: Asked) -> Given:
        if time.monotonic() > deadline:
            raise Failed(Outcome.LATE, "not all was read in time")
        for _ in range(tries - 1):
            try:
                return exchange(asked)
            except Failed as failure:
                if failure.outcome is not Outcome.TIMEOUT or time.monotonic() > deadline:
                    raise
        return exchange(asked)

    return tried


def fetch(get: Get, oids: Sequence[str]) -> list[Varbind]:
    """Return the values of ``oids`` in their order; what does not exist is ``MISSING``.

    A question that makes too big an answer is halved; so is one that SNMPv1 refuses whole
    because of one name. Raises ``Failed``.
    """
    try:
        return get(oids)
    except NoSuchName:
        if len(oids) == 1:
            return [MISSING]
    except TooBig:
        if len(oids) == 1:
            raise Failed(Outcome.BAD_ANSWER, "one value is too big for an answer") from None
    half = len(oids) // 2
    return fetch(get, oids[:half]) + fetch(get, oids[half:])


def rows(
    following: Next, column: str, deadline: float, limit: int = MAX_ROWS
) -> dict[str, Varbind]:
    """Return the rows of a column, {index: value}, asked until the agent leaves it.

    An agent whose OIDs do not increase, that has more than ``limit`` rows or ``MAX_OCTETS``, or
    that is not done at ``deadline`` (monotonic) is not believed: net-snmp's own walk would follow
    it for ever. Raises ``Failed``.
    """
    found: dict[str, Varbind] = {}
    prefix = column + "."
    last = _numbers(column)
    at = column
    room = MAX_OCTETS
    while True:
        if time.monotonic() > deadline:
            raise Failed(Outcome.LATE, "the column was not read in time")
        try:
            batch = following(at)
        except NoSuchName:
            return found
        except TooBig:
            raise Failed(Outcome.BAD_ANSWER, "one value is too big for an answer") from None
        if not batch:
            return found
        for oid, value in batch:
            if value.kind in ABSENT:
                return found
            numbers = _numbers(oid)
            if numbers <= last:
                raise Failed(Outcome.BAD_ANSWER, "OIDs do not increase")
            if not oid.startswith(prefix):
                return found
            found[oid.removeprefix(prefix)] = value
            room -= len(value.text)
            if len(found) > limit:
                raise Failed(Outcome.BAD_ANSWER, f"more than {limit} rows")
            if room < 0:
                raise Failed(Outcome.BAD_ANSWER, f"a column of more than {MAX_OCTETS} octets")
            last, at = numbers, oid


def _numbers(oid: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in oid.split(".") if part)
    except ValueError:
        raise Failed(Outcome.BAD_ANSWER, "an OID is not numeric") from None
