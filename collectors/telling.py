"""What a process of the collector tells of itself, every few seconds, for « Collecte »."""

from __future__ import annotations

import os
import time
from collections import deque
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from collectors.poller import Poller
from collectors.snmp import Outcome
from collectors.writer import Writer
from core.network.collection import CollectorState

log = structlog.get_logger("balise.collector")

EVERY = 10.0
"""Seconds between two accounts."""
WINDOW = 6
"""Accounts over which rates are taken: a minute."""


class Teller:
    """Writes the row of ``collector_state`` of one process; a database that refuses is let be."""

    def __init__(self, engine: sa.Engine, name: str, transport: str, started: datetime) -> None:
        self._engine = engine
        self._name = name
        self._transport = transport
        self._started = started
        self._seen: deque[tuple[float, int, int]] = deque(maxlen=WINDOW + 1)

    def tell(self, poller: Poller, writer: Writer, links: int, now: datetime) -> None:
        """Write what ``poller`` and ``writer`` count."""
        numbers = self._rates(poller) | {
            "visits": {str(k): n for k, n in poller.counts.items() if k != "requests"},
            "requests": poller.counts["requests"],
            "devices": poller.devices,
            "links": links,
            "waiting": poller.waiting,
            "lag": round(poller.lag, 2),
            "backed_off": poller.backed_off,
            "samples": writer.counts["samples"],
            "changes": writer.counts["changes"],
            "gaps": {str(cause): n for cause, n in writer.gaps.items()},
            "unwritten": writer.waiting,
            "refused_since": writer.refused_since,
        }
        state = CollectorState(
            name=self._name,
            pid=os.getpid(),
            engine=self._transport,
            started=self._started,
            at=now,
            numbers=numbers,
        )
        try:
            with Session(self._engine) as session, session.begin():
                session.merge(state)
        except sa.exc.SQLAlchemyError as error:
            log.warning("the account of the collector is not kept", error=type(error).__name__)

    def _rates(self, poller: Poller) -> dict[str, Any]:
        """Return visits a second and timeouts a minute, over the last minute."""
        counts = poller.counts
        visits = sum(n for k, n in counts.items() if k in set(Outcome))
        self._seen.append((time.monotonic(), visits, counts[Outcome.TIMEOUT]))
        (then, visits_then, timeouts_then), (at, visits, timeouts) = self._seen[0], self._seen[-1]
        passed = at - then
        if not passed:
            return {"visits_per_second": 0, "timeouts_per_minute": 0}
        return {
            "visits_per_second": round((visits - visits_then) / passed, 1),
            "timeouts_per_minute": round(60 * (timeouts - timeouts_then) / passed),
        }


def forget_accounts(engine: sa.Engine, processes: int) -> None:
    """Delete the accounts of processes there are no more, now that there are ``processes``."""
    names = [f"{number}/{processes}" for number in range(processes)]
    try:
        with engine.begin() as connection:
            connection.execute(sa.delete(CollectorState).where(CollectorState.name.not_in(names)))
    except sa.exc.SQLAlchemyError as error:
        log.warning("former accounts are not deleted", error=type(error).__name__)
