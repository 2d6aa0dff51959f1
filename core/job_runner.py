"""Doing jobs: one after the other, the oldest first, in a thread of ``balise work``.

Whoever holds the lock of the folder does them, so that a job found « running » by the one that has
just taken it belongs to a process that died: it is done again from the start. A file is written
under another name and renamed when it is whole; what is not whole is removed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from core import audit, clock, i18n
from core.access import Scope
from core.host import Host
from core.i18n import _
from core.job_run import Run, brand_of, context_for, is_full
from core.jobs import (
    KEPT,
    UNDER_WAY,
    Job,
    JobError,
    JobState,
    Rights,
    file_of,
    make_room,
    rights_of,
)
from core.rubric import Context, JobKind, Person

log = structlog.get_logger("balise.jobs")

MOST_ATTEMPTS = 3
"""Starts of a job before it is given up: one that kills the worker must not do so for ever."""
LONGEST = timedelta(hours=1)
RESERVE = 64 * 1024 * 1024
"""Octets that jobs leave free on the disk: the database and the measures stand on it too."""
PAUSE = 1.0
_STEP = 0.4
"""Seconds between two looks at whether a job should go on."""
_SWEEP = 3600.0


class _Cancelled(BaseException):
    """The owner gave up; no rubric catches it by accident."""


class _Interrupted(BaseException):
    """The worker ends: the job is done again by the next one."""


class Runner:
    """Does the jobs of an installation, as long as it is the only one to do so."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._folder = host.config.jobs_path
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self, patience: float = 5.0) -> None:
        """End; a job that runs goes back to those that wait."""
        self._ending.set()
        self._thread.join(patience)

    def _loop(self) -> None:
        while not self._ending.is_set():
            try:
                with self.alone() as mine:
                    if mine:
                        self._work()
            except Exception:  # a store that is silent: the jobs wait for it
                log.exception("jobs stopped for a while")
            self._ending.wait(PAUSE)

    def _work(self) -> None:
        self.recover()
        swept = None
        while not self._ending.is_set():
            if swept is None or time.monotonic() - swept > _SWEEP:
                self.sweep(clock.now())
                swept = time.monotonic()
            if not self.step():
                self._ending.wait(PAUSE)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Tell whether no other process does the jobs, and keep it so."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True

    def recover(self) -> None:
        """Put back what a process that is gone was doing; give up what never came to an end."""
        running = sa.update(Job).where(Job.state == JobState.RUNNING)
        over = {"ended": clock.now(), "expires": clock.now() + KEPT}
        with self._host.engine.begin() as connection:
            connection.execute(
                running.where(Job.stopping).values(state=JobState.CANCELLED, stopping=False, **over)
            )
            tired = running.where(Job.attempts >= MOST_ATTEMPTS)
            error = i18n.N_("Ce travail a été interrompu plusieurs fois.")
            connection.execute(tired.values(state=JobState.FAILED, error=error, **over))
            connection.execute(running.values(state=JobState.QUEUED, progress=0))

    def sweep(self, now: datetime) -> None:
        """Forget jobs past their time, and every file that is no job's."""
        old = sa.delete(Job).where(Job.state.not_in(UNDER_WAY), Job.expires <= now)
        with self._host.engine.begin() as connection:
            connection.execute(old)
            done = sa.select(Job.id).where(Job.state == JobState.DONE)
            known = {str(id) for id in connection.scalars(done)}
        for path in self._folder.iterdir():
            if path.name not in known and path.name != "lock":
                path.unlink(missing_ok=True)

    def step(self) -> bool:
        """Do the oldest job that waits; tell whether there was one."""
        with Session(self._host.engine, expire_on_commit=False) as session:
            waiting = sa.select(Job).where(Job.state == JobState.QUEUED).order_by(Job.id)
            job = session.scalar(waiting.limit(1))
            if job is None:
                return False
            session.expunge(job)
        if self._to(job, JobState.QUEUED, state=JobState.RUNNING, attempts=job.attempts + 1):
            with i18n.speaking(job.language):
                self._do(job)
        return True

    def _do(self, job: Job) -> None:
        part = self._folder / f"{job.id}.part"
        try:
            rights, kind = self._allowed(job)
            self._to(job, JobState.RUNNING, reach=sorted(rights.reach, key=str))
            job.reach = list(rights.reach)
            with open(part, "wb", opener=_private) as file:
                run = Run(file, brand_of(self._host.config), self._watch(job))
                with self._context(job, rights) as ctx:
                    run.progress(0)
                    kind.function(ctx, run, **job.arguments)
                self._check(job, 100)  # the last moment at which somebody may have given up
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            part.replace(file_of(self._folder, job.id))
            self._done(job, rights, run, size)
        except _Cancelled:
            self._over(job, JobState.CANCELLED)
        except _Interrupted:
            back = {"state": JobState.QUEUED, "progress": 0, "attempts": job.attempts}
            self._to(job, JobState.RUNNING, **back)
        except JobError as error:
            self._over(job, JobState.FAILED, str(error), part)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a rubric raised
            self._over(job, JobState.FAILED, self._words(job, error), part)
        finally:
            part.unlink(missing_ok=True)

    def _words(self, job: Job, error: BaseException) -> str:
        if is_full(error):
            log.error("disk full", job=job.id, kind=job.kind)
            return _(
                "Il n’y a plus de place sur le disque du serveur : rien n’est gardé. Prévenez "
                "l’opérateur, puis recommencez."
            )
        reference = secrets.token_hex(4)
        log.error("job failed", job=job.id, kind=job.kind, reference=reference, exc_info=error)
        return _("Ce travail a échoué. Référence à donner au support : %(r)s", r=reference)

    def _done(self, job: Job, rights: Rights, run: Run, size: int) -> None:
        now = clock.now()
        still = {"ended": now, "expires": now + KEPT, "facts": run.facts, "size": size}
        if not self._to(job, JobState.RUNNING, state=JobState.DONE, progress=100, **still):
            file_of(self._folder, job.id).unlink(missing_ok=True)
            self._over(job, JobState.CANCELLED)
            return
        audit.write(
            self._host.engine, now=now, actor=rights.email, action="job done", target=job.name,
            job=job.id, kind=job.kind, arguments=job.arguments, octets=size,
            customer_id=rights.customer_id, acting=job.acting_for is not None,
        )  # fmt: skip
        make_room(self._host.engine, self._folder, job.account_id)

    def _over(self, job: Job, state: JobState, error: str | None = None, part: Any = None) -> None:
        """End a job without a file. The half of it goes first: on a full disk, the database needs
        the room.
        """
        if part is not None:
            part.unlink(missing_ok=True)
        now = clock.now()
        ended = {"state": state, "ended": now, "expires": now + KEPT, "stopping": False}
        with self._host.engine.begin() as connection:
            connection.execute(sa.update(Job).where(Job.id == job.id).values(error=error, **ended))

    def _to(self, job: Job, before: JobState, **values: Any) -> bool:
        """Write a job that is still in a state, and that nobody gave up; tell whether it was."""
        query = sa.update(Job).where(Job.id == job.id, Job.state == before, ~Job.stopping)
        with self._host.engine.begin() as connection:
            return bool(connection.execute(query.values(**values)).rowcount)

    def _allowed(self, job: Job) -> tuple[Rights, JobKind]:
        """Return what the owner may do now, and the kind. Raises ``JobError`` when it may not."""
        registry = self._host.registry
        kind = registry.job_kinds().get(job.kind)
        with Session(self._host.engine) as session:
            rights = rights_of(session, registry, job.account_id, clock.now(), job.acting_for)
        if kind is None:
            raise JobError(_("La rubrique qui fait ce travail n’est plus en service."))
        if (
            rights is None
            or kind.permission.key not in rights.granted
            or not rights.still_cover(job.reach if job.reach is not None else [])
        ):
            raise JobError(_("Vos droits ont changé depuis la demande : recommencez."))
        return rights, kind

    def _watch(self, job: Job) -> Callable[[float], None]:
        """Return what a job calls with how far it is: from time to time, it looks around."""
        began, looked = time.monotonic(), -1.0

        def tell(share: float) -> None:
            nonlocal looked
            now = time.monotonic()
            if looked >= 0 and now - looked < _STEP:
                return
            looked = now
            if now - began > LONGEST.total_seconds():
                raise JobError(_("Ce travail dure trop longtemps : demandez-en moins à la fois."))
            self._check(job, min(99, int(share * 100)))

        return tell

    def _check(self, job: Job, percent: int) -> None:
        if self._ending.is_set():
            raise _Interrupted
        if shutil.disk_usage(self._folder).free < RESERVE:
            raise OSError(errno.ENOSPC, "what is left is for the database")
        if not self._to(job, JobState.RUNNING, progress=percent):
            raise _Cancelled
        self._allowed(job)

    @contextmanager
    def _context(self, job: Job, rights: Rights) -> Iterator[Context]:
        user = Person(job.account_id, rights.email, rights.name)
        scope = Scope(user.id, job.acting_for)
        with context_for(self._host, user, rights.granted, scope, rights.timezone) as ctx:
            yield ctx


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
