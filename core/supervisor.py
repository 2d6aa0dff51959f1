"""Starting processes, and starting them again when they die."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy import orm

from core import clock
from core.network.inventory import ProcessState
from core.wake import Wake

log = structlog.get_logger("balise.supervisor")

LONGEST_WAIT = 30.0
"""Seconds before a process that dies again and again is started once more."""
STEADY = 60.0
"""A process that lived that long (seconds) is started again after the shortest wait."""
GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL."""
REPORT_EVERY = 10.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive; ``env`` is added to our own environment."""

    name: str
    argv: list[str]
    env: Mapping[str, str] = field(default_factory=dict)


class Report(Protocol):
    """Who is told how a child fares: at each change, and every ten seconds at least."""

    def __call__(
        self,
        name: str,
        pid: int | None,
        started: datetime | None,
        restarts: int,
        last_exit: str | None,
    ) -> None: ...


@dataclass(slots=True)
class _Life:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: datetime | None = None
    born: float = 0.0
    due: float = 0.0
    deaths: int = 0
    """In a row, each soon after birth."""
    restarts: int = -1
    last_exit: str | None = None


class Supervisor:
    """Keeps children alive until it is told to stop by SIGTERM, SIGINT or ``stop``.

    Children have a session of their own, so that Ctrl+C reaches this process alone and stops
    them in good order; the kernel sends them SIGTERM if this process dies without a word (Linux).
    """

    def __init__(self, children: Iterable[Child], report: Report | None = None) -> None:
        self._lives = [_Life(child) for child in children]
        self._report = report
        self._wake = Wake()

    def stop(self) -> None:
        """Ask ``run`` to stop the children and return."""
        self._wake.stop()

    def run(self) -> None:
        """Start the children and look after them. Call it in the main thread."""
        told = 0.0
        with self._wake.listening(signal.SIGCHLD):
            try:
                while not self._wake.stopping:
                    now = time.monotonic()
                    for life in self._lives:
                        self._tend(life, now)
                    if now - told >= REPORT_EVERY:
                        told = now
                        for life in self._lives:
                            self._tell(life)
                    self._wake.pause(self._pause(told))
            finally:
                self._end()

    def _pause(self, told: float) -> float:
        now = time.monotonic()
        moments = [told + REPORT_EVERY, *(x.due for x in self._lives if x.process is None)]
        return min(max(0.05, min(moments) - now), 1.0)

    def _tend(self, life: _Life, now: float) -> None:
        if life.process is not None:
            status = life.process.poll()
            if status is None:
                return
            self._mourn(life, status, now)
        if now >= life.due:
            self._start(life, now)

    def _mourn(self, life: _Life, status: int, now: float) -> None:
        life.process = None
        life.last_exit = _said(status)
        life.deaths = 1 if now - life.born >= STEADY else life.deaths + 1
        wait = min(2.0 ** (life.deaths - 1), LONGEST_WAIT)
        life.due = now + wait
        log.warning("child died", child=life.child.name, exit=life.last_exit, again_in=wait)
        self._tell(life)

    def _start(self, life: _Life, now: float) -> None:
        life.restarts += 1
        life.born = now
        try:
            life.process = subprocess.Popen(
                life.child.argv,
                env={**os.environ, **life.child.env},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_follow_parent(os.getpid()),  # noqa: PLW1509 - no other thread runs here
            )
        except OSError as error:
            life.last_exit = f"cannot start: {error.strerror}"
            life.deaths += 1
            life.due = now + min(2.0 ** (life.deaths - 1), LONGEST_WAIT)
            log.error("child cannot start", child=life.child.name, error=error.strerror)
        else:
            life.started = clock.now()
            log.info("child started", child=life.child.name, pid=life.process.pid)
        self._tell(life)

    def _end(self) -> None:
        alive = [(life, life.process) for life in self._lives if life.process is not None]
        for _, process in alive:
            process.terminate()
        deadline = time.monotonic() + GRACE
        for life, process in alive:
            try:
                status = process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("child did not stop, killed", child=life.child.name)
                _kill(process)
                status = process.wait()
            life.process = None
            life.last_exit = _said(status)
            self._tell(life)

    def _tell(self, life: _Life) -> None:
        if self._report is None:
            return
        pid = life.process.pid if life.process else None
        try:
            self._report(life.child.name, pid, life.started, max(0, life.restarts), life.last_exit)
        except Exception as error:  # noqa: BLE001 - children matter more than telling of them
            log.warning("report failed", error=type(error).__name__)


def database_report(engine: sa.Engine) -> Report:
    """Return a report that keeps the row of each child in ``process_state``."""

    def report(
        name: str,
        pid: int | None,
        started: datetime | None,
        restarts: int,
        last_exit: str | None,
    ) -> None:
        with orm.Session(engine) as session, session.begin():
            row = session.get(ProcessState, name)
            if row is None:
                row = ProcessState(name=name)
                session.add(row)
            row.pid, row.started, row.restarts = pid, started, restarts
            row.last_exit, row.seen = last_exit, clock.now()

    return report


def forget_former(engine: sa.Engine, children: Iterable[Child]) -> None:
    """Remove the rows of children that a former run had and this one has not.

    Only those of the same family: after « collector 1/2 » and « collector 2/2 », the one child
    « collector 1/1 » is all there is. A database that refuses is told in the log.
    """
    names = {child.name for child in children}
    families = {_family(name) for name in names} - {None}
    try:
        with orm.Session(engine) as session, session.begin():
            for row in session.scalars(sa.select(ProcessState)):
                if row.name not in names and _family(row.name) in families:
                    session.delete(row)
    except sa.exc.SQLAlchemyError as error:
        log.warning("former children not forgotten", error=type(error).__name__)


def _family(name: str) -> str | None:
    """Return the « collector » of « collector 1/2 », None for a child that is alone of its kind."""
    found = re.fullmatch(r"(.+) \d+/\d+", name)
    return found[1] if found else None


def _follow_parent(parent: int) -> Callable[[], None]:
    """Return what a new process does to be told of its parent's death. See prctl(2)."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None)

    def follow() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died meanwhile
            os._exit(1)

    return follow


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and all of its session."""
    with contextlib.suppress(ProcessLookupError):  # it has just ended
        os.killpg(process.pid, signal.SIGKILL)


def _said(status: int) -> str:
    if status >= 0:
        return f"exit {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
