"""Acting for a customer: the operator's administrators see and do what that customer's would.

It stands in the row of the session: begun on purpose, for an hour, ended by a button, the sign-out
or the time. The scope is that of the customer, every line of the audit log holds both names.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Acting
from core.db import Customer
from core.sessions import LoginSession

LASTS = timedelta(hours=1)


def rights(permissions: Iterable[str], off: frozenset[str]) -> frozenset[str]:
    """Return the permissions of a customer for whom these rubrics are off; those that are for the
    operator's staff are taken out at the door, as of any customer.
    """
    return frozenset(key for key in permissions if key.partition(":")[0] not in off)


def begin(session: Session, session_id: str, customer_id: int, now: datetime) -> Acting | None:
    """Let a session act for a customer, None when there is no such one. The caller commits, and
    has checked that it is one of the operator's administrators (``sessions.who`` does again).
    """
    customer = session.get(Customer, customer_id)
    if customer is None:
        return None
    until = now + LASTS
    _write(session, session_id, customer_id, until)
    return Acting(customer_id, customer.name, until)


def end(session: Session, session_id: str) -> None:
    """Give a session back its own scope. The caller commits."""
    _write(session, session_id, None, None)


def _write(
    session: Session, session_id: str, customer_id: int | None, until: datetime | None
) -> None:
    session.execute(
        sa.update(LoginSession)
        .where(LoginSession.id == session_id)
        .values(acting_for=customer_id, acting_until=until)
    )
