"""Writing what waits: together and in short transactions, item by item when one cannot be."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

T = TypeVar("T")
log = structlog.get_logger("balise.collector")

CHUNK = 20_000
"""Rows of one transaction: other processes write into the same files."""
STORE_ERRORS = (sqlite3.Error, SQLAlchemyError, OSError)
BAD_DATA = (
    sqlite3.IntegrityError, sqlite3.DataError, sa.exc.IntegrityError, sa.exc.DataError,
)  # fmt: skip
"""The store is well and what it was given is not: the same again would be refused for ever."""


def pour(
    write: Callable[[Sequence[T]], object], waiting: deque[T], chunk: int | None = None
) -> list[T]:
    """Write what waits, ``chunk`` (``CHUNK``) a call; return what was let go of.

    Raises what a store says when it refuses; what it took by then is no longer in
    ``waiting``.
    """
    lost = []
    while waiting:
        some = list(islice(waiting, chunk or CHUNK))
        lost += each(write, some)
        for _ in some:
            waiting.popleft()
    return lost


def each(write: Callable[[Sequence[T]], object], items: Sequence[T]) -> list[T]:
    """Write items together, in halves when one of them cannot be; return those let go of.

    Raises what a store says when it refuses whatever the items are.
    """
    try:
        write(items)
    except Exception as error:  # whatever it is: an item that cannot be, if not the store
        if isinstance(error, STORE_ERRORS) and not isinstance(error, BAD_DATA):
            raise
        if len(items) == 1:
            log.exception("not written, let go of", item=str(items[0])[:200])
            return [items[0]]
        half = len(items) // 2
        return each(write, items[:half]) + each(write, items[half:])
    return []


def why(error: Exception) -> str:
    """Return what a store says, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {cause}"[:200]
