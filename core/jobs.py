"""Long work with an owner: ordered on a page, done by ``balise work``, kept for a week, fetched.

A job is a row: whose it is, what is to be made, how far it is, and where the file stands. Who does
it is ``core.job_runner``; what can be made is declared by rubrics (``core.rubric.Jobs``). Nobody
but its owner sees a job, and what its owner may no longer read is made and given no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import acting, i18n
from core.access import IMPORTS, Reach, opened
from core.accounts import GRANTED, Account, RubricOff
from core.db import Customer, Internal
from core.i18n import _
from core.registry import Registry

MOST_WAITING = 5
"""Jobs that an owner may have waiting or running at once."""
MOST_KEPT = 30
"""Jobs that are over which an owner keeps: the oldest make room."""
KEPT = timedelta(days=7)
"""How long a job that is over is kept, with its file."""


class JobError(ValueError):
    """A job cannot be ordered or done; the message says why, to a person."""


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


class Job(Internal):
    """A job. ``kind`` is « rubric.name », ``arguments`` what its function is given by name.

    ``progress`` is 0 to 100; ``stopping`` says that its owner gave up one that runs; ``attempts``
    counts its starts; ``reach`` is the scope of its owner when it ran, as (reach, id) pairs.
    """

    __tablename__ = "job"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    name: Mapped[str]
    """The name of the file, as it is saved."""
    language: Mapped[str]
    state: Mapped[JobState] = mapped_column(
        sa.Enum(JobState, native_enum=False, length=12), index=True
    )
    progress: Mapped[int] = mapped_column(default=0)
    stopping: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime]
    ended: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    error: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    reach: Mapped[list[Any] | None] = mapped_column(sa.JSON)
    acting_for: Mapped[int | None]
    """The customer in whose place the operator's staff ordered it."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its owner sees it; ``facts`` are what its function told of the file.

    ``href`` is where the file is fetched, None while there is none.
    """

    id: int
    kind: str
    arguments: Mapping[str, Any]
    name: str
    state: JobState
    progress: int
    stopping: bool
    created: datetime
    ended: datetime | None
    expires: datetime | None
    error: str | None
    facts: Mapping[str, Any]
    size: int | None

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def href(self) -> str | None:
        return f"/travaux/{self.id}/fichier" if self.state is JobState.DONE else None


@dataclass(frozen=True, slots=True)
class Rights:
    """What an account may do at a moment: permissions, and its scope as (reach, id) pairs."""

    email: str
    name: str
    customer_id: int | None
    timezone: str | None
    granted: frozenset[str]
    reach: frozenset[tuple[str, int | None]]

    def still_cover(self, reach: Sequence[Sequence[Any]] | None) -> bool:
        """Tell whether all that was in a scope is in this one; all of the operator's covers all."""
        mine = {name for name, _target in self.reach}
        return "OPERATOR" in mine or {(one[0], one[1]) for one in reach or ()} <= self.reach


def rights_of(
    session: Session, registry: Registry, account_id: int, now: datetime,
    acting_for: int | None = None,
) -> Rights | None:  # fmt: skip
    """Return what an account may do now, in the place of a customer where it is the operator's;
    None when it may not be used.
    """
    account = session.get(Account, account_id)
    if account is None or not account.active(now):
        return None
    known = registry.permissions()
    if acting_for is not None and (account.customer_id is not None or not account.admin):
        return None
    customer_id = account.customer_id if acting_for is None else acting_for
    customer = session.get(Customer, customer_id) if customer_id else None
    staff = customer_id is None
    if acting_for is None:
        keys = frozenset(session.scalars(GRANTED, {"account": account_id}))
        reach = frozenset((one.reach.name, one.target_id) for one in account.scope)
    else:
        off = sa.select(RubricOff.rubric).where(RubricOff.customer_id == acting_for)
        keys = acting.rights(known, frozenset(session.scalars(off)))
        reach = frozenset({(Reach.CUSTOMER.name, acting_for)})
    granted = opened(keys, known.values(), admin=account.admin, staff=staff)
    if staff and account.admin:
        granted |= {IMPORTS.key}
    return Rights(
        account.email,
        account.name,
        customer_id,
        customer.timezone if customer else None,
        granted,
        reach,
    )


class Desk:
    """The jobs of one account: where it orders them, and finds them again.

    What an account has no permission for it cannot order; a job of another is as absent.
    """

    def __init__(
        self, engine: sa.Engine, folder: Path, registry: Registry, account_id: int,
        granted: frozenset[str], now: datetime, acting_for: int | None = None,
    ) -> None:  # fmt: skip
        self._engine, self._folder, self._registry = engine, folder, registry
        self._account_id, self._granted, self._now = account_id, granted, now
        self._acting_for = acting_for

    def order(self, kind: str, name: str, **arguments: Any) -> JobView:
        """Have a job done, and return it; the same that is waiting or running is not made twice.

        ``kind`` is « rubric.name », ``name`` that of the file, ``arguments`` are plain JSON.
        Raises ``JobError`` when too many wait already.
        """
        declared = self._registry.job_kinds()[kind]
        if declared.permission.key not in self._granted:
            raise JobError(_("Vous n’avez pas le droit de demander ce travail."))
        with Session(self._engine) as session:
            made = Job(
                account_id=self._account_id, kind=kind, arguments=arguments, name=name,
                language=i18n.language(), state=JobState.QUEUED, created=self._now, facts={},
                acting_for=self._acting_for,
            )  # fmt: skip
            session.add(made)
            session.flush()  # the write lock is ours from here: what is counted stays true
            waiting = session.scalars(
                self._mine().where(Job.state.in_(UNDER_WAY), Job.id != made.id).order_by(Job.id)
            ).all()
            for one in waiting:
                if (one.kind, one.arguments, one.stopping) == (kind, arguments, False):
                    session.rollback()
                    return self._view(session.get_one(Job, one.id))
            if len(waiting) >= MOST_WAITING:
                raise JobError(
                    _(
                        "Vous avez déjà %(n)s travaux en attente : attendez la fin de l’un d’eux, "
                        "ou annulez-le.",
                        n=len(waiting),
                    )
                )
            session.commit()
            view = self._view(made)
        make_room(self._engine, self._folder, self._account_id)
        return view

    def mine(self, kind: str | None = None) -> Sequence[JobView]:
        """Return the jobs of the account that are kept, of one kind or of all, newest first."""
        query = self._mine().order_by(Job.id.desc())
        if kind is not None:
            query = query.where(Job.kind == kind)
        with Session(self._engine) as session:
            found = [self._view(job) for job in session.scalars(query)]
        return [job for job in found if job.expires is None or job.expires > self._now]

    def find(self, id: int) -> JobView | None:
        """Return a job of the account, None when it has no such one."""
        return next((job for job in self.mine() if job.id == id), None)

    def cancel(self, id: int) -> bool:
        """Give up a job: at once when it waits, at its next step when it runs."""
        own = (Job.id == id, *self._own())
        over = {"ended": self._now, "expires": self._now + KEPT}
        waiting = sa.update(Job).where(*own, Job.state == JobState.QUEUED)
        running = sa.update(Job).where(*own, Job.state == JobState.RUNNING)
        with self._engine.begin() as connection:
            done = connection.execute(waiting.values(state=JobState.CANCELLED, **over))
            asked = connection.execute(running.values(stopping=True))
        return bool(done.rowcount or asked.rowcount)

    def delete(self, id: int) -> bool:
        """Forget a job that is over, and its file."""
        gone = sa.delete(Job).where(Job.id == id, *self._own(), Job.state.not_in(UNDER_WAY))
        with self._engine.begin() as connection:
            found = bool(connection.execute(gone).rowcount)
        if found:
            file_of(self._folder, id).unlink(missing_ok=True)
        return found

    def file(self, id: int) -> Path | None:
        """Return where the file of a job stands, None when there is none any more.

        Raises ``PermissionError`` when its owner may no longer read all that is in it.
        """
        with Session(self._engine) as session:
            job = session.scalar(self._mine().where(Job.id == id, Job.state == JobState.DONE))
            kind = self._registry.job_kinds().get(job.kind) if job else None
            if job is None or kind is None or (job.expires and job.expires <= self._now):
                return None
            rights = rights_of(
                session, self._registry, self._account_id, self._now, self._acting_for
            )
            allowed = rights is not None and rights.still_cover(job.reach)
            if not allowed or kind.permission.key not in self._granted:
                raise PermissionError("a right was withdrawn")
        path = file_of(self._folder, id)
        return path if path.is_file() else None

    def _own(self) -> tuple[sa.ColumnElement[bool], ...]:
        """Return the criteria of the account's jobs: those of its own scope, or of the customer in
        whose place it acts.
        """
        return Job.account_id == self._account_id, Job.acting_for.is_(self._acting_for)

    def _mine(self) -> sa.Select[Any]:
        return sa.select(Job).where(*self._own())

    @staticmethod
    def _view(job: Job) -> JobView:
        return JobView(
            job.id, job.kind, job.arguments, job.name, job.state, job.progress, job.stopping,
            job.created, job.ended, job.expires, job.error, job.facts, job.size,
        )  # fmt: skip


def file_of(folder: Path, id: int) -> Path:
    """Return where the file of a job stands: its name is its number, never anybody's word."""
    return folder / str(id)


def make_room(engine: sa.Engine, folder: Path, account_id: int) -> None:
    """Forget the oldest jobs that are over, past what an owner may keep."""
    over = sa.select(Job.id).where(Job.account_id == account_id, Job.state.not_in(UNDER_WAY))
    with engine.begin() as connection:
        oldest = over.order_by(Job.id.desc()).offset(MOST_KEPT).limit(1000)
        gone = connection.scalars(oldest).all()
        connection.execute(sa.delete(Job).where(Job.id.in_(gone)))
    for id in gone:
        file_of(folder, id).unlink(missing_ok=True)
