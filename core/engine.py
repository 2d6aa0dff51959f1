"""The engine of the business database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from core.network.views import folded

BUSY_MS = 10_000
"""How long SQLite waits for another's write, in milliseconds."""


def create_engine(url: str, *, read_only: bool = False) -> sa.Engine:
    """Return an engine for the business database, with SQLite's foreign keys and WAL on.

    The connections of one that is ``read_only`` refuse every write (``OperationalError``).
    """
    # Parameters of statements stay out of errors, and so out of logs. Threads are few: the pool
    # lends as many connections as they ask for.
    engine = sa.create_engine(url, hide_parameters=True, pool_size=10, max_overflow=-1)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def tune(connection: Any, _: object) -> None:
            wait = f"busy_timeout = {BUSY_MS}"
            for pragma in ("foreign_keys = on", "journal_mode = wal", wait, "synchronous = normal"):
                connection.execute(f"pragma {pragma}")
            if read_only:
                connection.execute("pragma query_only = on")
            connection.create_function("fold", 1, folded, deterministic=True)

    if read_only and engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def refuse_writes(connection: Any, _: object) -> None:
            connection.read_only = True

    return engine
