"""Is the audit log what was written? Lines altered, missing or put in, a tail cut off, a head or a
checkpoint that does not fit.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa

from core.audit_chain import AuditHead, canonical, key_of, lines, link_of, old_lines, seal_of

MOST_FAULTS = 50
"""Faults that are told; the first of them says since when the log cannot be trusted."""
CHECKPOINTS = "audit-checkpoints.jsonl"
"""The file of the data folder to which the worker adds one each hour that something was written."""


class FaultKind(StrEnum):
    ALTERED = "altered"
    """A line is not what was written, or not the one that followed the line before it."""
    MISSING = "missing"
    """Lines are gone from the middle."""
    ADDED = "added"
    """Lines stand past the end of the log, or before its beginning."""
    TRUNCATED = "truncated"
    """The last lines are gone."""
    HEAD = "head"
    """The head of the chain is gone, or was altered."""
    OLD = "old"
    """The lines older than the chain are not what they were when it began."""
    CHECKPOINT = "checkpoint"
    """The log is not the one of which a checkpoint was kept: rewritten, or an older copy."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, with the first and the last line that it is about."""

    kind: FaultKind
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of the log at a moment, sealed: kept elsewhere, it tells a log that went back."""

    at: str
    begins: int
    last: int
    mac: str
    seal: str

    def as_json(self) -> str:
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Verdict:
    """What was found: how many lines hold together, how many are older than the chain, faults."""

    lines: int = 0
    old: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults

    def add(self, kind: FaultKind, first: int, last: int | None = None) -> None:
        self.faults.append(Fault(kind, first, first if last is None else last))

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


def verify(engine: sa.Engine, checkpoints: Iterable[Checkpoint] = ()) -> Verdict:
    """Read the whole log, as it stands at one moment, and say what does not fit; first faults
    first. Raises ``ChainError`` when the engine has no key.
    """
    verdict = Verdict()
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":  # one moment, while others write
            connection.exec_driver_sql("begin")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        key = key_of(connection)
        head = connection.execute(sa.select(AuditHead.__table__)).one_or_none()
        if head is None:
            verdict.add(FaultKind.HEAD, 0)
            return verdict
        waited = {one.last: one for one in checkpoints}
        verdict.checkpoints = len(waited)
        before = _old(connection, key, head, verdict)
        last, macs = _walk(connection, key, head, before, verdict, waited)
        _end(key, head, last, macs.get(head.last), verdict)
        _checkpoints(key, waited, macs, verdict)
        connection.rollback()
    verdict.faults.sort(key=lambda fault: fault.first)
    del verdict.faults[MOST_FAULTS:]
    return verdict


def _old(connection: sa.Connection, key: bytes, head: Any, verdict: Verdict) -> str:
    """Return what the first line of the chain follows: the digest of those that are older."""
    count = sa.text("select count(*), min(id) from audit_entry where id <= :n")
    verdict.old, lowest = connection.execute(count, {"n": head.begins}).one()
    if lowest is not None and lowest < 1:
        verdict.add(FaultKind.ADDED, lowest)
    return old_lines(connection, head.begins)


def _walk(
    connection: sa.Connection, key: bytes, head: Any, before: str, verdict: Verdict,
    waited: dict[int, Checkpoint],
) -> tuple[int, dict[int, str]]:  # fmt: skip
    """Follow the chain; return the number of its last line and the HMACs that others ask for."""
    number, macs = head.begins, {head.begins: before}
    known: str | None = before
    for found, line in lines(connection, head.begins):
        if found > head.last:
            verdict.add(FaultKind.ADDED, found)
            continue
        if found > number + 1:
            verdict.add(FaultKind.MISSING, number + 1, found - 1)
            known = None  # what this line follows is gone: the next ones are read from it on
        mac = str(line["mac"])
        fits = known is None or hmac.compare_digest(
            mac, link_of(key, known, canonical(found, line))
        )
        if not fits:
            old = found == head.begins + 1 and verdict.old
            verdict.add(FaultKind.OLD if old else FaultKind.ALTERED, found)
        verdict.lines += 1
        number, known = found, mac
        if found in waited or found == head.last:
            macs[found] = mac
    return number, macs


def _end(key: bytes, head: Any, last: int, mac: str | None, verdict: Verdict) -> None:
    if head.last == head.begins and head.mac is None:
        return  # nothing was written yet
    if not hmac.compare_digest(str(head.seal), seal_of(key, head.begins, head.last, str(head.mac))):
        verdict.add(FaultKind.HEAD, head.last)
    elif last < head.last:
        verdict.add(FaultKind.TRUNCATED, last + 1, head.last)
    elif mac != head.mac and not any(f.first == head.last for f in verdict.faults):
        verdict.add(FaultKind.ALTERED, head.last)


def _checkpoints(
    key: bytes, waited: dict[int, Checkpoint], macs: dict[int, str], verdict: Verdict
) -> None:
    for one in waited.values():
        sealed = hmac.compare_digest(one.seal, seal_of(key, one.begins, one.last, one.mac))
        if not sealed or macs.get(one.last) != one.mac:
            verdict.add(FaultKind.CHECKPOINT, one.last)


def checkpoint(engine: sa.Engine, now: datetime) -> Checkpoint | None:
    """Return the end of the log as it is now, None while nothing was written."""
    with engine.connect() as connection:
        head = connection.execute(sa.select(AuditHead.__table__)).one_or_none()
    if head is None or head.mac is None:
        return None
    return Checkpoint(now.isoformat(), head.begins, head.last, head.mac, head.seal)


def read_checkpoints(file: TextIO) -> list[Checkpoint]:
    """Return the checkpoints of a file, one a line. Raises ``ValueError`` for what is none."""
    found = []
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            found.append(Checkpoint(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise ValueError(f"ligne {number} : ce n'est pas un point de contrôle") from error
    return found


def keep_checkpoint(engine: sa.Engine, folder: Path, now: datetime) -> Checkpoint | None:
    """Add the end of the log to the file of the data folder, unless it stands there already."""
    made = checkpoint(engine, now)
    path = folder / CHECKPOINTS
    if made is None:
        return None
    kept = path.read_text().splitlines() if path.exists() else []
    if kept and f'"seal": "{made.seal}"' in kept[-1]:
        return None
    with path.open("a") as file:
        file.write(made.as_json() + "\n")
    return made
