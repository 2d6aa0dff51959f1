"""The audit log: who did what to what, when, from where. Appended, never changed, no secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from core.db import Internal


class AuditEntry(Internal):
    """One line of the log. ``actor`` is an address or « system »; ``facts`` say before, after."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    target: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    address: Mapped[str | None]
    reference: Mapped[str | None]


def _refuse(mapper: Mapper[Any], connection: sa.Connection, target: AuditEntry) -> None:
    raise PermissionError("the audit log is append-only")


event.listen(AuditEntry, "before_update", _refuse)
event.listen(AuditEntry, "before_delete", _refuse)


def write(
    engine: sa.Engine,
    *,
    now: datetime,
    actor: str,
    action: str,
    target: str = "",
    address: str | None = None,
    reference: str | None = None,
    **facts: Any,
) -> None:
    """Append a line, in its own transaction: a refusal is kept even when the work is undone."""
    with engine.begin() as connection:
        note(
            connection, now=now, actor=actor, action=action, target=target, address=address,
            reference=reference, **facts,
        )  # fmt: skip


def note(
    connection: sa.Connection,
    *,
    now: datetime,
    actor: str,
    action: str,
    target: str = "",
    address: str | None = None,
    reference: str | None = None,
    **facts: Any,
) -> None:
    """Append a line in the transaction of what it tells: kept if that is, and only then."""
    connection.execute(
        sa.insert(AuditEntry).values(
            at=now,
            actor=actor,
            action=action,
            target=target,
            facts=facts,
            address=address,
            reference=reference,
        )
    )
