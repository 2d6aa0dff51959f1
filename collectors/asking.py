"""Asking with care, the same for every engine: what must be split is split, a column has an end.

The engine gives one exchange (``get`` or ``next``); the logic of many is here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from collectors.snmp import ABSENT, MISSING, Failed, NoSuchName, Outcome, TooBig, Varbind

Get = Callable[[Sequence[str]], list[Varbind]]
"""One GET: values in the order asked. Raises ``TooBig``, ``NoSuchName``, ``Failed``."""
Next = Callable[[str], Sequence[tuple[str, Varbind]]]
"""The OIDs that follow one OID, with their values: a GETBULK or a GETNEXT."""

MAX_ROWS = 4096


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

    An agent whose OIDs do not increase, that has more than ``limit`` rows or that is not done
    at ``deadline`` (monotonic) is not believed: net-snmp's own walk would follow it for ever.
    Raises ``Failed``.
    """
    found: dict[str, Varbind] = {}
    prefix = column + "."
    last = _numbers(column)
    at = column
    while True:
        if time.monotonic() > deadline:
            raise Failed(Outcome.LATE, "the column was not read in time")
        try:
            batch = following(at)
        except NoSuchName:
            return found
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
            if len(found) > limit:
                raise Failed(Outcome.BAD_ANSWER, f"more than {limit} rows")
            last, at = numbers, oid


def _numbers(oid: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in oid.split(".") if part)
    except ValueError:
        raise Failed(Outcome.BAD_ANSWER, "an OID is not numeric") from None
