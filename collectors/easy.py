"""The SNMP engine that comes with Balise: easysnmp, with the guards that its hazards ask for."""

from __future__ import annotations

import contextlib
import errno
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from easysnmp import interface
from easysnmp.exceptions import EasySNMPError, EasySNMPNoSuchNameError, EasySNMPTimeoutError

from collectors import engines, netsnmp
from collectors.lines import KEEP, Connection, Lines, resolved, v3_passwords
from collectors.snmp import Failed, NoSuchName, Outcome, Target, TooBig, Varbind

REPETITIONS = 24
"""Rows of one GETBULK: ifName answers of that many rows stay below an Ethernet frame."""
_Kind: TypeAlias = tuple[int, str, float]
_new = tuple.__new__  # of a named tuple, a dozen times a poll: twice as fast as its own
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


class EasyTransport(Lines):
    """SNMP v1, v2c and v3 by easysnmp; the parallelism is that of the threads that call ``poll``.

    Those of v1 and v2c go from one agent to the next, so that none is kept whatever ``keep`` is.
    SNMPv3 sessions are opened one by one, while no other SNMPv3 request is under way: their users
    are a list of the whole process.
    """

    def __init__(self, lanes: int = 64, rate: float = 0, keep: int = KEEP) -> None:
        super().__init__(lanes, rate, keep=0)
        self._users = _Turnstile()
        self._spares = _Spares(lanes)
        _silence()

    def close(self) -> None:
        """Close every session."""
        super().close()
        self._spares.close()

    def connect(self, target: Target) -> Connection:
        """Return a session. Raises ``Failed``, ``OSError``."""
        address = resolved(target)
        try:
            if target.version == "3":
                return self._connected_v3(target, address)
            version = 2 if target.version == "2c" else 1
            kind = version, target.credentials.get("community", ""), target.timeout
            session = self._spares.take(kind)
            if session is None or not netsnmp.point_at(session, address, target.port):
                if session is not None:
                    netsnmp.close_session(session)
                session = netsnmp.open_session(address, target.port, *kind)
        except (EasySNMPError, ValueError, KeyError, TypeError) as error:
            raise Failed(Outcome.BAD_TARGET, _why(error)) from None
        return _Shared(session, self._spares, kind)

    def _connected_v3(self, target: Target, address: str) -> _Easy:
        settings = v3_settings(target)
        engine = engines.discover(address, target.port, target.timeout, 0)
        if engine is None:
            raise Failed(Outcome.TIMEOUT, "no SNMPv3 engine answers")
        with self._users.alone():
            netsnmp.forget_user(engine, str(settings["security_username"]))
            session = netsnmp.open_session_v3(
                address, target.port, timeout=target.timeout, retries=0, **settings
            )
            try:
                _get(session, [_UPTIME])  # makes net-snmp's own discovery, here and now
            except Failed:
                netsnmp.close_session(session)
                raise
            except (NoSuchName, TooBig):
                pass  # it answered: that is all that was asked
        return _Easy(session, self._users)


@dataclass(slots=True)
class _Easy:
    """A session of SNMPv3, kept for its agent."""

    session: netsnmp.AnySession
    users: _Turnstile

    def get(self, oids: Sequence[str]) -> list[Varbind]:
        with self.users.reading():
            return _get(self.session, oids)

    def following(self, oid: str) -> list[tuple[str, Varbind]]:
        # One exchange at a time: an agent that is slow over many holds up no session to open.
        with self.users.reading():
            return _following(self.session, oid)

    def close(self) -> None:
        with self.users.alone():
            netsnmp.close_session(self.session)


@dataclass(slots=True)
class _Shared:
    """A session of SNMP v1 or v2c, pointed at an agent for one job and spared for the next."""

    session: netsnmp.LightSession
    spares: _Spares
    kind: _Kind
    fit: bool = True
    """No exchange failed: nothing is left of one that could trouble the next."""

    def get(self, oids: Sequence[str]) -> list[Varbind]:
        self.fit = False
        values = _get(self.session, oids)
        self.fit = True
        return values

    def following(self, oid: str) -> list[tuple[str, Varbind]]:
        self.fit = False
        rows = _following(self.session, oid)
        self.fit = True
        return rows

    def close(self) -> None:
        if self.fit:
            self.spares.give(self.kind, self.session)
        else:
            netsnmp.close_session(self.session)


class _Spares:
    """Sessions that nobody uses now, by what they share: version, community, timeout."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free: dict[_Kind, list[netsnmp.LightSession]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def take(self, kind: _Kind) -> netsnmp.LightSession | None:
        """Return a session of a kind, None when there is none to spare."""
        with self._lock:
            free = self._free.get(kind)
            if not free:
                return None
            self._count -= 1
            return free.pop()

    def give(self, kind: _Kind, session: netsnmp.LightSession) -> None:
        """Keep a session for the next job; with many, one of the kind that came first goes."""
        with self._lock:
            self._free.setdefault(kind, []).append(session)
            self._count += 1
            while self._count > self._most:
                oldest = next(iter(self._free))
                free = self._free[oldest]
                if free:
                    netsnmp.close_session(free.pop())
                    self._count -= 1
                if not free:
                    del self._free[oldest]

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            for free in self._free.values():
                for session in free:
                    netsnmp.close_session(session)
            self._free.clear()
            self._count = 0


_UPTIME = ".1.3.6.1.2.1.1.3.0"


def v3_settings(target: Target) -> dict[str, str]:
    """Return easysnmp's words for SNMPv3 credentials. Raises ``Failed`` when one is missing."""
    given = target.credentials
    user, auth, priv = v3_passwords(target)
    level = "auth_with_privacy" if priv else "auth_without_privacy" if auth else None
    return {
        "security_username": user,
        "security_level": level or "no_auth_or_privacy",
        "auth_protocol": (given.get("auth_protocol") or "SHA").upper(),
        "auth_password": auth,
        "privacy_protocol": (given.get("priv_protocol") or "AES").upper(),
        "privacy_password": priv,
    }


def _get(session: netsnmp.AnySession, oids: Sequence[str]) -> list[Varbind]:
    asked = [_Light(oid) for oid in oids]
    _exchange(session, interface.get, session, asked)
    values = []
    for oid, light in zip(oids, asked, strict=True):
        if light.snmp_type is None:
            raise Failed(Outcome.BAD_ANSWER, "fewer values than asked")
        if f"{light.oid}.{light.oid_index}" != oid:
            raise Failed(Outcome.BAD_ANSWER, "the answer is about another OID")
        values.append(_new(Varbind, (light.snmp_type, light.value or "")))
    return values


def _following(session: netsnmp.AnySession, oid: str) -> list[tuple[str, Varbind]]:
    found = _LightList([_Light(oid)])
    if session.version == 1:
        _exchange(session, interface.getnext, session, found)
    else:
        _exchange(session, interface.getbulk, session, 0, REPETITIONS, found)
    return [(f"{v.oid}.{v.oid_index}", Varbind(v.snmp_type or "", v.value or "")) for v in found]


def _exchange(session: netsnmp.AnySession, request: Any, *arguments: Any) -> None:
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
