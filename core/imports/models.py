"""What is kept of imports: each of them, and how the columns of a source were mapped."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Internal


class RunState(StrEnum):
    """Where an import is in its life; nothing is written to the data before ``DONE``."""

    RECEIVED = "received"
    """Its file is there; its columns are to be mapped."""
    CHECKING = "checking"
    READY = "ready"
    """Checked: what it would change can be looked at."""
    APPLYING = "applying"
    DONE = "done"
    REFUSED = "refused"
    """Its file cannot be taken, or would close too much."""
    ABANDONED = "abandoned"
    """Given up, or interrupted: nothing was changed."""


OVER = (RunState.DONE, RunState.REFUSED, RunState.ABANDONED)


class ImportRun(Internal):
    """An import: of which file, by whom, what it found, what became of it.

    ``actor`` is an address or « system »; ``counts`` has ``rows``, ``new``, ``changed``,
    ``reopened``, ``gone``, ``same`` and ``rejected``; ``mark`` tells one difference from another.
    """

    __tablename__ = "import_run"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(index=True)
    source: Mapped[str]
    file: Mapped[str]
    octets: Mapped[int] = mapped_column(sa.BigInteger)
    actor: Mapped[str]
    customer_id: Mapped[int | None]
    partial: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RunState] = mapped_column(sa.Enum(RunState, native_enum=False, length=12))
    created: Mapped[datetime]
    ended: Mapped[datetime | None]
    dialect: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    mapping: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    mark: Mapped[str | None]
    error: Mapped[str | None]


class ImportMapping(Internal):
    """How the heads of a source were mapped to the columns of a dataset, once it was imported."""

    __tablename__ = "import_mapping"
    __table_args__ = (sa.UniqueConstraint("dataset", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str]
    source: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
