"""The audit log: who did what to what, when, from where. Appended, never changed, no secrets.

Each line holds the HMAC of the one before and of itself (``core.audit_chain``), so that a line
that is altered, taken out, put in or moved is found by ``balise audit verify``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from core import audit_chain
from core.accounts import Account
from core.db import Internal
from core.logs import SECRET

REFUSED = (
    "refused", "sign-in failed", "sign-in throttled", "code failed", "code throttled",
    "confirmation failed", "confirmation throttled",
)  # fmt: skip
"""What anybody can make happen as often as they like: their lines are limited."""
PERIOD = timedelta(minutes=1)
MOST = {"actor": 10, "address": 30, "all": 300}
"""Lines of ``REFUSED`` kept in a period: of one actor, of one address, of all of them."""
LONGEST, MOST_ITEMS = 500, 200
"""Letters of a text, items of a list that a line keeps."""


class AuditEntry(Internal):
    """One line of the log. ``actor`` is an address or « system »; ``facts`` say before, after.

    ``customer_id`` is the customer whose administrators may read the line, None for the operator
    alone; with ``acting`` the operator's staff did it in the place of that customer. It is no
    foreign key: a line outlives what it tells of. ``mac`` is None in lines older than the chain.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_customer_id_id", "customer_id", "id"),
        sa.Index("ix_audit_entry_actor_id", "actor", "id"),
        sa.Index("ix_audit_entry_action_id", "action", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    target: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    address: Mapped[str | None]
    reference: Mapped[str | None]
    customer_id: Mapped[int | None]
    acting: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    mac: Mapped[str | None]


def _refuse(mapper: Mapper[Any], connection: sa.Connection, target: AuditEntry) -> None:
    raise PermissionError("the audit log is append-only")


event.listen(AuditEntry, "before_update", _refuse)
event.listen(AuditEntry, "before_delete", _refuse)

OF_ACTOR = -1
"""The customer of a line is that of its actor, unless it is told."""


def write(
    engine: sa.Engine,
    *,
    now: datetime,
    actor: str,
    action: str,
    target: str = "",
    address: str | None = None,
    reference: str | None = None,
    customer_id: int | None = OF_ACTOR,
    acting: bool = False,
    **facts: Any,
) -> None:
    """Append a line, in its own transaction: a refusal is kept even when the work is undone.

    What is in ``REFUSED`` is kept up to ``MOST`` a period; the last line of those says so.
    """
    with engine.begin() as connection:
        if action in REFUSED:
            left = _room(connection, actor, address, now)
            if left < 1:
                return
            if left == 1:
                facts["more"] = "not kept"
        note(
            connection, now=now, actor=actor, action=action, target=target, address=address,
            reference=reference, customer_id=customer_id, acting=acting, **facts,
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
    customer_id: int | None = OF_ACTOR,
    acting: bool = False,
    **facts: Any,
) -> None:
    """Append a line in the transaction of what it tells: kept if that is, and only then.

    Lines are in the order of their transactions: the first thing done here takes the head of the
    chain, and whoever writes next waits for it (``audit_chain.take``).
    """
    if customer_id == OF_ACTOR:
        # Nobody proved a name that has no password yet: a line would tell the administrator who
        # invited an address whether it has its account elsewhere.
        of = sa.select(Account.customer_id).where(
            Account.email == actor, Account.password_hash.is_not(None)
        )
        customer_id = connection.scalar(of)
    line = {
        "at": now,
        "actor": actor[:LONGEST],
        "action": action,
        "target": target[:LONGEST],
        "facts": cleaned(facts),
        "address": address,
        "reference": reference,
        "customer_id": customer_id,
        "acting": acting,
    }
    with audit_chain.take(connection) as link:
        mac = link.close(line)
        connection.execute(sa.insert(AuditEntry).values(**line, id=link.number, mac=mac))


def cleaned(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as they are kept: plain JSON, cut where they are long, without what has the
    name of a secret.
    """
    kept: dict[str, Any] = json.loads(json.dumps(_without_secrets(facts), default=str))
    return kept


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MOST_ITEMS]
        return {str(k): "***" if SECRET.search(str(k)) else _without_secrets(v) for k, v in pairs}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(one) for one in list(value)[:MOST_ITEMS]]
    return value[:LONGEST] if isinstance(value, str) else value


def _room(connection: sa.Connection, actor: str, address: str | None, now: datetime) -> int:
    """Return how many lines of refusals may still be kept in this period."""
    query = sa.select(
        sa.func.count().filter(AuditEntry.actor == actor).label("actor"),
        sa.func.count().filter(AuditEntry.address == address).label("address"),
        sa.func.count().label("all"),
    ).where(AuditEntry.at > now - PERIOD, AuditEntry.action.in_(REFUSED))
    kept = connection.execute(query).mappings().one()
    return min(most - int(kept[name]) for name, most in MOST.items())
