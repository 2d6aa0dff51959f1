"""Lines to agents, used by one thread at a time: what every engine that speaks in threads needs."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from collectors import asking
from collectors.snmp import Answer, Failed, Job, Outcome, Sink, Target, Varbind

KEEP = 4000
"""Connections that a process keeps open where each serves one agent (gufo-snmp, and SNMPv3 in any
number): each takes a descriptor and one of the 28,000 local ports of a machine."""
BURST = 0.1
"""Seconds of ``collector.rate`` that may be asked at once after a lull."""


class Connection(asking.Exchanges, Protocol):
    """A session with one agent: exchanges tried once, by one thread at a time."""

    def close(self) -> None:
        """End the session."""


class Gate:
    """Counts the exchanges of a process and, with a rate, spaces them (a token bucket)."""

    def __init__(self, rate: float = 0) -> None:
        self.passed = 0
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def enter(self, deadline: float) -> None:
        """Return when an exchange may begin. Raises ``Failed`` when ``deadline`` comes before."""
        now = time.monotonic()
        with self._lock:
            at = max(self._next, now - BURST)
            if self._gap and at > deadline:
                raise Failed(Outcome.LATE, "held back by collector.rate")
            self._next = at + self._gap
            self.passed += 1
        if self._gap and at > now:
            time.sleep(at - now)


@dataclass(slots=True)
class Line:
    """A target and, once opened, its connection: used by one thread at a time."""

    target: Target
    owner: threading.Lock
    connection: Connection | None = None


class Lines(ABC):
    """An engine whose parallelism is that of the threads that call ``poll``.

    A connection belongs to one caller at a time. ``keep`` of them, and all of SNMPv3, whose opening
    is long, are kept from one job to the next. An engine says how to ``connect``; opening, caps,
    retries and tables are the same for all.
    """

    def __init__(self, lanes: int = 64, rate: float = 0, keep: int = KEEP) -> None:
        self.lanes = lanes
        self.keep = keep
        self._gate = Gate(rate)
        self._lines: dict[int, Line] = {}
        self._kept: set[int] = set()

    @abstractmethod
    def connect(self, target: Target) -> Connection:
        """Return a connection, opened with one try. Raises ``Failed``, ``OSError``."""

    @property
    def requests(self) -> int:
        """Exchanges begun since the start; what opens an SNMPv3 session is not counted apart."""
        return self._gate.passed

    def open(self, targets: Iterable[Target]) -> None:
        """Learn targets; connections open at their first job."""
        for target in targets:
            known = self._lines.get(target.key)
            if known is None or known.target != target:
                self.forget([target.key])
                self._lines[target.key] = Line(target, threading.Lock())

    def forget(self, keys: Iterable[int]) -> None:
        """Close the connections of targets, after the requests under way on them."""
        for key in keys:
            line = self._lines.pop(key, None)
            if line is not None:
                with line.owner:
                    self._drop(line)

    def close(self) -> None:
        """Close every connection."""
        self.forget(list(self._lines))

    def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
        """Answer the jobs one after the other in the thread of the caller."""
        for job in jobs:
            sink(self._answer(job, deadline))

    def _answer(self, job: Job, deadline: float) -> Answer:
        line = self._lines.get(job.target)
        if line is None:
            return Answer(job, Outcome.BAD_TARGET, detail="the target was not opened")
        if time.monotonic() > deadline:
            return Answer(job, Outcome.LATE)
        with line.owner:
            try:
                tries = job.tries or line.target.retries + 1
                return asking.settle(job, tries, _Once(self, line, self._gate, deadline), deadline)
            except Failed as failure:
                self._drop(line)  # its address, its engine, its boots or its user may have changed
                return Answer(job, failure.outcome, detail=failure.detail)
            finally:
                if line.connection is not None and line.target.key not in self._kept:
                    self._drop(line)

    def connected(self, line: Line) -> Connection:
        """Return the connection of a line, opened now. Raises ``Failed``."""
        target = line.target
        try:
            line.connection = self.connect(target)
        except ConnectionRefusedError:
            raise Failed(Outcome.REFUSED, "nothing listens on this port") from None
        except socket.gaierror as error:
            raise Failed(Outcome.BAD_TARGET, f"{target.host}: {error.strerror}") from None
        except OSError as error:
            raise Failed(Outcome.TIMEOUT, error.strerror or str(error)) from None
        if target.version == "3" or len(self._kept) < self.keep:
            self._kept.add(target.key)
        return line.connection

    def _drop(self, line: Line) -> None:
        if line.connection is not None:
            self._kept.discard(line.target.key)
            line.connection.close()
            line.connection = None


@dataclass(frozen=True, slots=True)
class _Once:
    """The exchanges of one job, let through the gate one by one; the first one connects."""

    engine: Lines
    line: Line
    gate: Gate
    deadline: float

    def get(self, oids: Sequence[str]) -> list[Varbind]:
        self.gate.enter(self.deadline)
        return (self.line.connection or self.engine.connected(self.line)).get(oids)

    def following(self, oid: str) -> Sequence[tuple[str, Varbind]]:
        self.gate.enter(self.deadline)
        return (self.line.connection or self.engine.connected(self.line)).following(oid)


def resolved(target: Target) -> str:
    """Return the IPv4 address of a target. Raises ``OSError``.

    easysnmp would look it up with the whole process held, and take a name that begins with
    « ssh » or « tls » for another transport; gufo-snmp takes addresses alone.
    """
    with contextlib.suppress(OSError):
        socket.inet_pton(socket.AF_INET, target.host)
        return target.host  # an address in its usual form: nothing to look up
    found = socket.getaddrinfo(target.host, target.port, socket.AF_INET, socket.SOCK_DGRAM)
    return str(found[0][4][0])


def v3_passwords(target: Target) -> tuple[str, str, str]:
    """Return the user, authentication and privacy passwords of SNMPv3 credentials, "" for none.

    Raises ``Failed`` when they cannot make a session.
    """
    given = target.credentials
    user, auth, priv = (given.get(k) or "" for k in ("user", "auth_password", "priv_password"))
    if not user:
        raise Failed(Outcome.BAD_TARGET, "SNMPv3 needs a user")
    if priv and not auth:
        raise Failed(Outcome.BAD_TARGET, "SNMPv3 privacy needs an authentication password")
    if any(0 < len(password) < 8 for password in (auth, priv)):
        raise Failed(Outcome.BAD_TARGET, "SNMPv3 passwords have 8 characters at least (RFC 3414)")
    return user, auth, priv
