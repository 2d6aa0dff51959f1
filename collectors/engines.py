"""SNMPv3 engine discovery (RFC 3414, section 4): who an agent is, before a session is opened.

net-snmp would discover inside the first request, where a dead agent holds up every other SNMPv3
request of the process; here it costs a thread its own wait.
"""

from __future__ import annotations

import secrets
import socket
from typing import NamedTuple

_REPORTABLE = 4
_USM = 3
_MAX_SIZE = 65507


def discover(host: str, port: int, timeout: float, retries: int) -> bytes | None:
    """Return the engine id of the SNMPv3 agent at an IPv4 address, None when it gives none in time.

    ``timeout`` in seconds for each of ``retries + 1`` tries. Raises ``OSError`` when there is no
    way to the address, ``ConnectionRefusedError`` when nothing listens there.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.connect((host, port))
        for _ in range(retries + 1):
            number = secrets.randbelow(2**31 - 1) + 1
            sock.send(question(number))
            try:
                engine = engine_of(sock.recv(_MAX_SIZE), number)
            except TimeoutError:
                continue
            if engine:
                return engine
    return None


def question(number: int) -> bytes:
    """Return the discovery message: an empty GET to an unknown engine, which must report itself."""
    header = _sequence(
        _integer(number) + _integer(_MAX_SIZE) + _octets(bytes([_REPORTABLE])) + _integer(_USM)
    )
    security = _sequence(_octets(b"") + _integer(0) + _integer(0) + _octets(b"") * 3)
    get = _element(0xA0, _integer(number) + _integer(0) + _integer(0) + _sequence(b""))
    scoped = _sequence(_octets(b"") + _octets(b"") + get)
    return _sequence(_integer(3) + header + _octets(security) + scoped)


def engine_of(message: bytes, number: int) -> bytes | None:
    """Return msgAuthoritativeEngineID of the answer to ``number``, None if it is no such answer."""
    try:
        found = header(message)
    except ValueError:
        return None
    if found.number != number:
        return None
    return found.engine if 5 <= len(found.engine) <= 32 else None


class Header(NamedTuple):
    """What an SNMPv3 message says before its data; ``digest`` is where its digest stands in it."""

    number: int
    flags: int
    engine: bytes
    digest: tuple[int, int]


def header(message: bytes) -> Header:
    """Return the header of an SNMPv3 message (RFC 3412, 6; RFC 3414, 2.4). Raises ``ValueError``.

    ``flags``: 1 authenticated, 2 private, 4 reportable.
    """
    outer, trailing = _open(message, 0x30)
    version, rest = _open(outer, 0x02)
    globals_, rest = _open(rest, 0x30)
    number, more = _open(globals_, 0x02)
    _, more = _open(more, 0x02)
    flags, _ = _open(more, 0x04)
    security, data = _open(rest, 0x04)
    end = len(message) - len(trailing) - len(data)
    fields, trailing = _open(security, 0x30)
    end -= len(trailing)
    engine, more = _open(fields, 0x04)
    for tag in (0x02, 0x02, 0x04):
        _, more = _open(more, tag)
    digest, more = _open(more, 0x04)
    end -= len(more)
    if version != b"\x03" or len(flags) != 1:
        raise ValueError("no SNMPv3")
    return Header(int.from_bytes(number), flags[0], engine, (end - len(digest), end))


def _element(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body  # all of it is shorter than 128 bytes


def _sequence(body: bytes) -> bytes:
    return _element(0x30, body)


def _octets(body: bytes) -> bytes:
    return _element(0x04, body)


def _integer(value: int) -> bytes:
    return _element(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def _open(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the body of the first BER element, and what follows it. Raises ``ValueError``."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("unexpected element")
    length, start = data[1], 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 3 or len(data) < 2 + size:
            raise ValueError("unexpected length")
        length, start = int.from_bytes(data[2 : 2 + size]), 2 + size
    if len(data) < start + length:
        raise ValueError("cut short")
    return data[start : start + length], data[start + length :]
