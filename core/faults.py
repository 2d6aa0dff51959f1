"""What went wrong in rubrics, counted: each process writes it down, « Santé » tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Internal
from core.engine import BUSY_MS

log = structlog.get_logger("balise.faults")

EVERY = timedelta(seconds=2)
"""How often a process writes down what it counted, at most."""
KEPT = timedelta(days=7)
"""How long a rubric that works again still shows what went wrong."""


class RubricFault(Internal):
    """The failures of a rubric: how many since ``since``, and what the last one was.

    ``place`` is a hook, an address or the output of a callback; ``until`` is when the last of the
    doors that were closed is tried again; ``reference`` names the request in the logs.
    """

    __tablename__ = "rubric_fault"

    rubric: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]
    last: Mapped[datetime]
    place: Mapped[str]
    error: Mapped[str]
    reference: Mapped[str]
    until: Mapped[datetime | None]


@dataclass(slots=True)
class _Counted:
    failures: int
    last: datetime
    place: str
    error: str
    reference: str
    until: datetime | None


class Faults:
    """The failures that this process counted and has not written down yet."""

    def __init__(self) -> None:
        self._counted: dict[str, _Counted] = {}
        self._lock = Lock()
        self._next: datetime | None = None

    def count(
        self, rubric: str, now: datetime, place: str, error: BaseException, reference: str,
        paused: float = 0.0,
    ) -> None:  # fmt: skip
        """Count a failure at ``now`` (aware), which closed a door for ``paused`` seconds."""
        said = f"{type(error).__name__}: {error}"[:300].removesuffix(": ")
        until = now + timedelta(seconds=paused) if paused else None
        with self._lock:
            known = self._counted.get(rubric)
            if known is not None and known.until is not None:
                until = max(known.until, until or known.until)
            many = known.failures + 1 if known else 1
            self._counted[rubric] = _Counted(many, now, place[:200], said, reference, until)

    def keep(self, engine: sa.Engine, now: datetime, *, at_once: bool = False) -> None:
        """Write down what was counted; whoever holds the database's lock is not waited for."""
        if not self._counted or (self._next and now < self._next and not at_once):
            return
        with self._lock:
            counted, self._counted = self._counted, {}
            self._next = now + EVERY
        try:
            with engine.connect() as connection:
                _write(connection, counted)
        except sa.exc.SQLAlchemyError as error:
            log.warning("faults not written", rubrics=sorted(counted), error=str(error))
            with self._lock:
                self._counted = counted | self._counted


def _write(connection: sa.Connection, counted: Mapping[str, _Counted]) -> None:
    t = RubricFault
    lite = connection.dialect.name == "sqlite"
    if lite:
        connection.exec_driver_sql("pragma busy_timeout = 0")
    try:
        for rubric, one in counted.items():
            last = {"last": one.last, "place": one.place, "error": one.error}
            last |= {"reference": one.reference}
            new = sa.update(t).where(t.rubric == rubric).values(
                **last, failures=t.failures + one.failures, until=one.until or t.until
            )  # fmt: skip
            if not connection.execute(new).rowcount:
                first = {"rubric": rubric, "failures": one.failures, "since": one.last}
                connection.execute(sa.insert(t).values(**first, **last, until=one.until))
        connection.commit()
    finally:
        if lite:
            connection.exec_driver_sql(f"pragma busy_timeout = {BUSY_MS}")


def faults(engine: sa.Engine, now: datetime) -> dict[str, RubricFault]:
    """Return what went wrong of late, by rubric."""
    with sa.orm.Session(engine, expire_on_commit=False) as session:
        query = sa.select(RubricFault).where(RubricFault.last > now - KEPT)
        return {row.rubric: row for row in session.scalars(query)}


def forget_old(session: sa.orm.Session, now: datetime) -> None:
    """Delete what went wrong too long ago."""
    session.execute(sa.delete(RubricFault).where(RubricFault.last <= now - KEPT))
