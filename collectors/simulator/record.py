"""Recording a real device: a walk with SNMP v1 or v2c that believes nothing and always ends."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from collectors.simulator import ber
from collectors.simulator.answering import Name

ROOTS: tuple[Name, ...] = ((1, 3, 6, 1, 2, 1), (1, 3, 6, 1, 4, 1))
"""Standard MIBs, then the makers' own."""
REPETITIONS = 25
_NO_SUCH_NAME, _TOO_BIG = 2, 1
_ENDS = (0x80, 0x81, 0x82)


class Unreachable(Exception):
    """The device does not answer, or nonsense; the message says what happened, to a person."""


@dataclass(slots=True)
class Walked:
    """What a device told, value still encoded; ``problems`` say where it had to be left."""

    values: dict[Name, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Device:
    """Where a device answers and how to speak to it; ``timeout`` in seconds for each try."""

    host: str
    port: int
    community: str = field(repr=False)
    version: int = 1
    """As on the wire: 0 for SNMPv1, 1 for v2c."""
    timeout: float = 2.0
    tries: int = 3


def walk(
    device: Device,
    roots: Sequence[Name] = ROOTS,
    limit: int = 100_000,
    seconds: float = 300.0,
    progress: Callable[[int], None] = lambda _: None,
) -> Walked:
    """Return all that stands below the roots, ``limit`` values and ``seconds`` at most.

    A root is left when the device repeats itself or falls silent. Raises ``Unreachable`` when it
    never answered.
    """
    walked = Walked()
    deadline = time.monotonic() + seconds
    with _connected(device) as opened:
        asker = _Asker(device, opened, deadline)
        for root in roots:
            try:
                _below(asker, root, walked, limit, progress)
            except _Left as reason:
                walked.problems.append(f"{'.'.join(map(str, root))} : {reason}")
                if asker.answers == 0:
                    raise Unreachable(str(reason)) from None
                if reason.final:
                    break
    return walked


class _Left(Exception):
    """A root is left; ``final`` when the others would end the same."""

    def __init__(self, why: str, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


def _connected(device: Device) -> socket.socket:
    """Return a socket that hears this device alone. Raises ``Unreachable``."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            device.host, device.port, type=socket.SOCK_DGRAM
        )[0]
        opened = socket.socket(family, kind)
        opened.connect(address)
    except OSError as error:
        raise Unreachable(f"{device.host} : {error.strerror}") from None
    return opened


class _Asker:
    """Asks one question at a time; only the answer to it is listened to."""

    def __init__(self, device: Device, opened: socket.socket, deadline: float) -> None:
        self._device, self._socket, self.deadline = device, opened, deadline
        self._times = REPETITIONS if device.version else 1
        self.answers = 0

    def after(self, name: Name) -> list[tuple[Name, bytes]]:
        """Return what follows an OID; nothing at the end of the MIB. Raises ``_Left``."""
        while True:
            found = self._ask(name)
            if found is None:  # no answer, or too big a one: ask for less
                if self._times == 1:
                    raise _Left("plus de réponse")
                self._times = 5 if self._times > 5 else 1
                continue
            return found

    def _ask(self, name: Name) -> list[tuple[Name, bytes]] | None:
        pdu = ber.GETBULK if self._times > 1 else ber.GETNEXT
        community = self._device.community.encode()
        for _ in range(self._device.tries):
            number = secrets.randbelow(2**30) + 1
            question = ber.request(
                community, [name], pdu, self._device.version, number, 0,
                self._times if pdu == ber.GETBULK else 0,
            )  # fmt: skip
            message = self._exchange(question, ber.integer(number))
            if message is None:
                continue
            self.answers += 1
            if message.first == _TOO_BIG:
                if self._times == 1:
                    raise _Left("une valeur seule y est de trop (tooBig)")
                return None
            if message.first == _NO_SUCH_NAME:
                return []
            if message.first:
                raise _Left(f"le routeur répond une erreur ({message.first})")
            try:
                pairs = ber.read_varbinds(message.varbinds)
            except ber.BerError:
                raise _Left("réponse illisible") from None
            ends = (i for i, (_, value) in enumerate(pairs) if value[0] in _ENDS)
            return pairs[: next(ends, len(pairs))]
        return None

    def _exchange(self, question: bytes, request_id: bytes) -> ber.Message | None:
        """Send a question; return its answer, None when none comes in time."""
        until = time.monotonic() + self._device.timeout
        if until > self.deadline:
            raise _Left("le temps donné est passé", final=True)
        try:
            self._socket.send(question)
            while (left := until - time.monotonic()) > 0:
                self._socket.settimeout(left)
                message = _read(self._socket.recv(65_535))
                if message is None or message.request_id != request_id:
                    continue
                if message.community == self._device.community.encode():
                    return message
        except TimeoutError:
            return None
        except OSError as error:  # refused
            raise _Left(error.strerror or str(error), final=True) from None
        return None


def _read(data: bytes) -> ber.Message | None:
    try:
        message = ber.read_message(data)
    except ber.BerError:
        return None
    return message if message.pdu == ber.RESPONSE else None


def _below(
    asker: _Asker, root: Name, walked: Walked, limit: int, progress: Callable[[int], None]
) -> None:
    at = root
    while True:
        batch = asker.after(at)
        if not batch:
            return
        for name, value in batch:
            if name <= at:
                raise _Left("les OID reculent")
            if name[: len(root)] != root:
                return
            if len(walked.values) >= limit:
                raise _Left(f"plus de {limit} valeurs", final=True)
            walked.values[name] = value
            at = name
        progress(len(walked.values))
