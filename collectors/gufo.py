"""The SNMP engine for the largest fleets: gufo-snmp, a wheel without a C library below it.

Measured on gufo-snmp 0.13.0: it waits without the GIL, so threads serve it as they serve easysnmp;
its sockets are connected, and take an answer by its request id alone. What it does otherwise:

* the type of a number is lost: INTEGER, Gauge32, Counter32, Counter64 and TimeTicks all come as
  ``Kind.NUMBER``. A decoder can still refuse a text or a number out of range, no longer a Gauge
  where a Counter is expected, nor tell a Counter32 from a Counter64 that is still small. A
  Counter32 longer than 32 bits is cut to them without a word. An Opaque comes as a text.
* the error status is lost, and so is the reason of a missing value. A value that the answer leaves
  out or gives as null counts as absent; an answer without any value is asked again in halves,
  down to one name, which tells « no such » from an error (tooBig, genErr) except in SNMPv1, where
  every error of one name reads as « no such ».
* what does not decode is let by, as easysnmp does, but the end is ``BAD_ANSWER``, not ``TIMEOUT``.
  A message over 4,080 octets does not decode (easysnmp takes 64 kB). Some make its Rust panic,
  which is caught, harms no other socket (120,000 mutilated answers), and writes to stderr.
* the columns of a table end at the last row of the column: what comes after it is not seen.
* of an SNMPv3 answer it checks user, engine and numbers, not the digest: ``gufo_v3`` does, before
  gufo-snmp sees the message. After a restart of the agent one try is lost: a message out of its
  time gets no answer, and the next try asks for its clock first.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from gufo.snmp import _fast

from collectors.lines import Lines, resolved
from collectors.snmp import MISSING, Failed, Kind, NoSuchName, Outcome, Target, TooBig, Varbind

REPETITIONS = 24
"""Rows of one GETBULK: ifName answers of that many rows stay below an Ethernet frame."""
_END = [("", Varbind(Kind.END_OF_VIEW, ""))]
_Socket = _fast.SnmpV1ClientSocket | _fast.SnmpV2cClientSocket | _fast.SnmpV3ClientSocket
_Asked = TypeVar("_Asked")
_Given = TypeVar("_Given")


class GufoTransport(Lines):
    """SNMP v1, v2c and v3 by gufo-snmp; the parallelism is that of the threads that poll."""

    def connect(self, target: Target) -> GufoConnection:
        """Return a connection. Raises ``Failed``, ``OSError``."""
        address = resolved(target)
        if target.version == "3":
            from collectors import gufo_v3

            return gufo_v3.connected(target, address)
        make = _fast.SnmpV1ClientSocket if target.version == "1" else _fast.SnmpV2cClientSocket
        place = f"{address}:{target.port}"
        sock = make(place, target.credentials.get("community", ""), 0, 0, 0, 0)
        return GufoConnection(sock, target.timeout, target.version)


class GufoConnection:
    """A gufo-snmp socket that never waits, and our own waiting: one end for all that may come."""

    def __init__(self, sock: _Socket, timeout: float, version: str) -> None:
        self._sock = sock
        self._timeout = timeout
        self._version = version
        self._arrivals = select.poll()
        self._column = _fast.GetIter("1.3", REPETITIONS)
        self._at = ""
        self._arrivals.register(self._descriptor(), select.POLLIN)

    def get(self, oids: Sequence[str]) -> list[Varbind]:
        names = [oid[1:] for oid in oids]
        found = self._exchange(self._sock.send_get_many, names, self._sock.recv_get_many)
        if not found:
            return self._why_nothing(names)
        values = [found.get(name) for name in names]
        if None in values and not found.keys() <= set(names):
            raise Failed(Outcome.BAD_ANSWER, "the answer is about another OID")
        return [_varbind(value) for value in values]

    def following(self, oid: str) -> list[tuple[str, Varbind]]:
        if oid != self._at:
            self._column = _fast.GetIter(oid[1:], REPETITIONS)
        column = self._column  # it knows by itself which row came last
        if self._version == "1":
            found = [self._exchange(self._sock.send_get_next, column, self._next)]
        else:
            found = self._exchange(self._sock.send_get_bulk, column, self._bulk)
        rows = [("." + row[0], _varbind(row[1])) for row in found if row]
        if rows:
            self._at = rows[-1][0]
        return rows if None not in found else rows + _END

    def close(self) -> None:
        """Do nothing: the socket closes with the last reference to it."""

    def _next(self) -> tuple[str, Any] | None:
        try:
            return self._sock.recv_get_next(self._column)
        except StopAsyncIteration:
            return None

    def _bulk(self) -> list[tuple[str, Any] | None]:
        try:
            return self._sock.recv_get_bulk(self._column)
        except StopAsyncIteration:
            return []

    def _why_nothing(self, names: Sequence[str]) -> list[Varbind]:
        if self._version == "1":
            raise NoSuchName
        if len(names) > 1:
            raise TooBig
        try:
            self._exchange(self._sock.send_get, names[0], self._sock.recv_get)
        except _fast.NoSuchInstance:
            return [MISSING]
        raise Failed(Outcome.BAD_ANSWER, "an error in place of a value")

    def _exchange(
        self, send: Callable[[_Asked], None], asked: _Asked, take: Callable[[], _Given]
    ) -> _Given:
        """Send, and return the first answer to it that comes in time; pass over all else."""
        self._say(send, asked)
        self._pass_on()
        end = time.monotonic() + self._timeout
        nonsense = ""
        while (left := end - time.monotonic()) > 0 and self._arrivals.poll(left * 1000):
            try:
                if self._admits():
                    return take()
            except BlockingIOError:
                continue
            except (TimeoutError, ConnectionRefusedError):  # how gufo-snmp names it, how Python
                raise Failed(Outcome.REFUSED, "nothing listens on this port") from None
            except _fast.SnmpAuthError:
                raise Failed(Outcome.AUTH, "the agent refuses the user or its password") from None
            except (_fast.SnmpDecodeError, RuntimeError) as error:
                nonsense = str(error)
            except _fast.NoSuchInstance:
                raise
            except BaseException as error:  # a panic of Rust is no Exception
                if type(error).__name__ != "PanicException":
                    raise
                nonsense = "it makes gufo-snmp panic"
        if nonsense:
            raise Failed(Outcome.BAD_ANSWER, f"what came does not decode: {nonsense}"[:120])
        raise Failed(Outcome.TIMEOUT, "no answer")

    def _say(self, send: Callable[[_Asked], None], asked: _Asked) -> None:
        try:
            send(asked)
        except OSError:  # the kernel tells here that the former question was refused, once
            try:
                send(asked)
            except OSError as error:
                raise Failed(Outcome.TIMEOUT, str(error)[:120]) from None
        except _fast.SnmpEncodeError:
            raise TooBig from None

    def _descriptor(self) -> int:
        """Return the socket where answers arrive."""
        return self._sock.get_fd()

    def _pass_on(self) -> None:
        """Send what gufo-snmp wrote, when it does not do so itself."""

    def _admits(self) -> bool:
        """Return whether what arrived may be looked at."""
        return True


def _varbind(value: object) -> Varbind:
    kind = type(value)
    if kind is int:
        return Varbind(Kind.NUMBER, str(value))
    if isinstance(value, bytes):
        return Varbind(Kind.STRING, value.decode("latin-1"))
    if value is None:
        return MISSING
    if isinstance(value, str):
        address = value.count(".") == 3
        return Varbind(Kind.ADDRESS, value) if address else Varbind(Kind.OBJECT_ID, "." + value)
    return Varbind(kind.__name__, str(value))
