"""What makes the audit log tamper-evident: each line is tied to the one before by an HMAC.

The key is derived from the secret key of the installation (HKDF-SHA256), so that whoever has the
database alone can alter lines and cannot make them fit (RFC 2104; the chain is that of Schneier
and Kelsey, « Secure audit logs to support computer forensics », 1999, without key evolution). The
head, one row, holds the number and the HMAC of the last line, so that a tail that was cut off is
missed; older copies of both are told by checkpoints, which are kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Internal

OPTION = "audit_key"
FIELDS = (
    "at", "actor", "action", "target", "facts", "address", "reference", "customer_id", "acting",
)  # fmt: skip
"""What of a line its HMAC covers, besides its number and the HMAC of the line before."""


class AuditHead(Internal):
    """The end of the chain: one row. Lines up to ``begins`` are older than the chain."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    begins: Mapped[int]
    last: Mapped[int]
    mac: Mapped[str | None]
    """The HMAC of the line ``last``, None before the first."""
    seal: Mapped[str | None]
    """The HMAC of this row."""


class ChainError(Exception):
    """The audit log cannot be written: its head is gone, or the key is."""


def arm(engine: sa.Engine, key: Callable[[], bytes]) -> sa.Engine:
    """Give an engine the key of the chain, asked for when the first line is written."""
    engine.update_execution_options(**{OPTION: key})
    return engine


def key_of(connection: sa.Connection) -> bytes:
    """Return the key of the chain. Raises ``ChainError`` when the engine was given none."""
    key = connection.get_execution_options().get(OPTION)
    if key is None:
        raise ChainError("this engine was not given the key of the audit log")
    found: bytes = key()
    return found


def canonical(number: int, line: Mapping[str, Any]) -> bytes:
    """Return a line as octets, the same whatever the database that it was read from."""
    at: datetime = line["at"]
    said = [number, at.timestamp().hex(), *(line[name] for name in FIELDS[1:-1])]
    said.append(bool(line["acting"]))
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def link_of(key: bytes, before: str, content: bytes) -> str:
    """Return the HMAC-SHA256 of a line: of the one before (64 letters) and of its own octets."""
    return hmac.new(key, before.encode() + content, hashlib.sha256).hexdigest()


def seal_of(key: bytes, begins: int, last: int, mac: str) -> str:
    """Return the HMAC-SHA256 of a head, or of a checkpoint: what the log held at that moment."""
    said = json.dumps(["head", begins, last, mac]).encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()


def old_lines(connection: sa.Connection, begins: int) -> str:
    """Return the SHA-256 of the lines that are older than the chain: what it begins with."""
    digest = hashlib.sha256()
    for number, line in lines(connection, 0, begins):
        digest.update(canonical(number, line))
    return digest.hexdigest()


def lines(
    connection: sa.Connection, after: int, until: int | None = None
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield (number, line) of those after one number, up to another, a thousand in memory."""
    from core.audit import AuditEntry  # it is written with what stands here

    columns = [AuditEntry.id, *(getattr(AuditEntry, name) for name in FIELDS), AuditEntry.mac]
    query = sa.select(*columns).where(AuditEntry.id > after).order_by(AuditEntry.id)
    if until is not None:
        query = query.where(AuditEntry.id <= until)
    for row in connection.execute(query, execution_options={"yield_per": 1000}).mappings():
        line: dict[str, Any] = dict(row)
        yield row["id"], line


@dataclass(slots=True)
class Link:
    """The place of the next line, held until its transaction ends."""

    number: int
    _key: bytes
    _before: str
    mac: str = ""

    def close(self, line: Mapping[str, Any]) -> str:
        """Return the HMAC of the line that takes this place."""
        self.mac = link_of(self._key, self._before, canonical(self.number, line))
        return self.mac


@contextmanager
def take(connection: sa.Connection) -> Iterator[Link]:
    """Give the place of the next line, then move the head to it.

    The head is written first: SQLite's write lock, or the row's in PostgreSQL, makes every other
    writer wait for the end of this transaction, and read what it left. Raises ``ChainError``.
    """
    key = key_of(connection)
    forward = sa.update(AuditHead).where(AuditHead.id == 1)
    taken = connection.execute(
        forward.values(last=AuditHead.last + 1).returning(
            AuditHead.begins, AuditHead.last, AuditHead.mac
        )
    ).all()
    if not taken:
        raise ChainError("the audit log has lost its head: see « balise audit verify »")
    (head,) = taken
    before = head.mac or old_lines(connection, head.begins)
    link = Link(head.last, key, before)
    yield link
    seal = seal_of(key, head.begins, link.number, link.mac)
    connection.execute(forward.values(mac=link.mac, seal=seal))
