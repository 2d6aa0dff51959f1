"""The SNMP engine that comes with Balise: easysnmp, with the guards that its hazards ask for."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from easysnmp import Session, interface
from easysnmp.exceptions import EasySNMPError, EasySNMPNoSuchNameError, EasySNMPTimeoutError

from collectors import asking, engines, netsnmp
from collectors.snmp import (
    Answer,
    Failed,
    Job,
    NoSuchName,
    Outcome,
    Sink,
    Target,
    TooBig,
    Varbind,
)

REPETITIONS = 24
"""Rows of one GETBULK: ifName answers of that many rows stay below an Ethernet frame."""
_AUTH = ("Authentication failure", "Unknown user name", "Unsupported security level")


class _Light:
    """A varbind without the regular expressions and conversions of easysnmp's own."""

    __slots__ = ("oid", "oid_index", "snmp_type", "value")

    def __init__(self, oid: str = "") -> None:
        self.oid = oid
        self.oid_index = ""
        self.snmp_type: str | None = None
        self.value: str | None = None


class _LightList(list[Any]):
    """What easysnmp's ``getbulk`` wants around its varbinds: itself under another name."""

    @property
    def varbinds(self) -> _LightList:
        return self


@dataclass(slots=True)
class _Line:
    """A target and, once opened, its session: used by one thread at a time."""

    target: Target
    owner: threading.Lock
    session: Session | None = None


class EasyTransport:
    """SNMP v1, v2c and v3 by easysnmp; the parallelism is that of the threads that call ``poll``.

    A session belongs to one caller at a time and is kept. SNMPv3 sessions are opened one by
    one, while no other SNMPv3 request is under way: their users are a list of the whole process.
    """

    def __init__(self, lanes: int = 64) -> None:
        self.lanes = lanes
        self._lines: dict[int, _Line] = {}
        self._users = _Turnstile()
        _silence()

    def open(self, targets: Iterable[Target]) -> None:
        """Learn targets; sessions open at their first job."""
        for target in targets:
            known = self._lines.get(target.key)
            if known is None or known.target != target:
                self.forget([target.key])
                self._lines[target.key] = _Line(target, threading.Lock())

    def forget(self, keys: Iterable[int]) -> None:
        """Close the sessions of targets, after the requests under way on them."""
        for key in keys:
            line = self._lines.pop(key, None)
            if line is not None:
                with line.owner:
                    self._drop(line)

    def close(self) -> None:
        """Close every session."""
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
                return self._ask(line, job, deadline)
            except Failed as failure:
                if line.target.version == "3":
                    self._drop(line)  # its engine, its boots or its user may have changed
                return Answer(job, failure.outcome, detail=failure.detail)

    def _ask(self, line: _Line, job: Job, deadline: float) -> Answer:
        session = line.session or self._opened(line)
        # One exchange at a time: an agent that is slow over many holds up no session to open.
        passing = self._users.reading if line.target.version == "3" else contextlib.nullcontext

        def get(names: Sequence[str]) -> list[Varbind]:
            with passing():
                return _get(session, names)

        def following(name: str) -> list[tuple[str, Varbind]]:
            with passing():
                return _following(session, name)

        if job.column:
            found = asking.rows(following, job.oids[0], deadline)
            return Answer(job, Outcome.OK if found else Outcome.NO_SUCH, rows=found)
        return Answer(job, Outcome.OK, asking.fetch(get, job.oids))

    def _opened(self, line: _Line) -> Session:
        target = line.target
        try:
            address = _resolved(target)
            if target.version == "3":
                line.session = self._opened_v3(target, address)
            else:
                line.session = netsnmp.open_session(
                    address,
                    target.port,
                    version=2 if target.version == "2c" else 1,
                    community=target.credentials.get("community", ""),
                    timeout=target.timeout,
                    retries=target.retries,
                )
        except ConnectionRefusedError:
            raise Failed(Outcome.REFUSED, "nothing listens on this port") from None
        except socket.gaierror as error:
            raise Failed(Outcome.BAD_TARGET, f"{target.host}: {error.strerror}") from None
        except OSError as error:
            raise Failed(Outcome.TIMEOUT, error.strerror or "no way there") from None
        except (EasySNMPError, ValueError, KeyError, TypeError) as error:
            raise Failed(Outcome.BAD_TARGET, _why(error)) from None
        return line.session

    def _opened_v3(self, target: Target, address: str) -> Session:
        settings = v3_settings(target)
        engine = engines.discover(address, target.port, target.timeout, target.retries)
        if engine is None:
            raise Failed(Outcome.TIMEOUT, "no SNMPv3 engine answers")
        with self._users.alone():
            netsnmp.forget_user(engine, str(settings["security_username"]))
            session = netsnmp.open_session(
                address,
                target.port,
                version=3,
                timeout=target.timeout,
                retries=target.retries,
                **settings,
            )
            try:
                _get(session, [_UPTIME])  # makes net-snmp's own discovery, here and now
            except Failed:
                netsnmp.close_session(session)
                raise
            except (NoSuchName, TooBig):
                pass  # it answered: that is all that was asked
        return session

    def _drop(self, line: _Line) -> None:
        if line.session is None:
            return
        with self._users.alone() if line.target.version == "3" else contextlib.nullcontext():
            netsnmp.close_session(line.session)
        line.session = None


_UPTIME = ".1.3.6.1.2.1.1.3.0"


def _resolved(target: Target) -> str:
    """Return the IPv4 address of a target.

    easysnmp would look it up with the whole process held, and take a name that begins with
    « ssh » or « tls » for another transport.
    """
    found = socket.getaddrinfo(target.host, target.port, socket.AF_INET, socket.SOCK_DGRAM)
    return str(found[0][4][0])


def v3_settings(target: Target) -> dict[str, str]:
    """Return easysnmp's words for SNMPv3 credentials. Raises ``Failed`` when one is missing."""
    given = target.credentials
    user, auth, priv = (given.get(k) or "" for k in ("user", "auth_password", "priv_password"))
    if not user:
        raise Failed(Outcome.BAD_TARGET, "SNMPv3 needs a user")
    if priv and not auth:
        raise Failed(Outcome.BAD_TARGET, "SNMPv3 privacy needs an authentication password")
    if any(0 < len(password) < 8 for password in (auth, priv)):
        raise Failed(Outcome.BAD_TARGET, "SNMPv3 passwords have 8 characters at least (RFC 3414)")
    level = "auth_with_privacy" if priv else "auth_without_privacy" if auth else None
    return {
        "security_username": user,
        "security_level": level or "no_auth_or_privacy",
        "auth_protocol": (given.get("auth_protocol") or "SHA").upper(),
        "auth_password": auth,
        "privacy_protocol": (given.get("priv_protocol") or "AES").upper(),
        "privacy_password": priv,
    }


def _get(session: Session, oids: Sequence[str]) -> list[Varbind]:
    asked = [_Light(oid) for oid in oids]
    _exchange(session, interface.get, session, asked)
    values = []
    for oid, light in zip(oids, asked, strict=True):
        if light.snmp_type is None:
            raise Failed(Outcome.BAD_ANSWER, "fewer values than asked")
        if f"{light.oid}.{light.oid_index}" != oid:
            raise Failed(Outcome.BAD_ANSWER, "the answer is about another OID")
        values.append(Varbind(light.snmp_type, light.value or ""))
    return values


def _following(session: Session, oid: str) -> list[tuple[str, Varbind]]:
    found = _LightList([_Light(oid)])
    if session.version == 1:
        _exchange(session, interface.getnext, session, found)
    else:
        _exchange(session, interface.getbulk, session, 0, REPETITIONS, found)
    return [(f"{v.oid}.{v.oid_index}", Varbind(v.snmp_type or "", v.value or "")) for v in found]


def _exchange(session: Session, request: Any, *arguments: Any) -> None:
    try:
        request(*arguments)
    except EasySNMPTimeoutError:
        if session.error_number == errno.ECONNREFUSED:
            raise Failed(Outcome.REFUSED, "nothing listens on this port") from None
        raise Failed(Outcome.TIMEOUT, "no answer") from None
    except EasySNMPNoSuchNameError:
        raise NoSuchName from None
    except EasySNMPError as error:
        said = str(error)
        if "tooBig" in said:
            raise TooBig from None
        if said.startswith(_AUTH):
            raise Failed(Outcome.AUTH, said) from None
        raise Failed(Outcome.BAD_ANSWER, _why(error)) from None
    except (SystemError, TypeError, ValueError, UnicodeError) as error:
        # What easysnmp's C code says when it fails without a word, or reads nonsense.
        raise Failed(Outcome.BAD_ANSWER, _why(error)) from None


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:120]


def _silence() -> None:
    """Stop easysnmp from building a log line for each varbind: a tenth of the CPU of a poll."""
    logger = logging.getLogger("easysnmp.interface")
    logger.propagate = False
    for level in ("debug", "error"):
        setattr(logger, level, bool)


class _Turnstile:
    """Many readers, or one alone; who waits to be alone goes before new readers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0
        self._alone = False
        self._waiting = 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._waiting)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: not self._alone and not self._readers)
            self._waiting -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
