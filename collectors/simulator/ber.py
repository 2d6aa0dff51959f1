"""The little of BER (X.690) that an SNMP agent needs: read a request, write values.

Our own, because the simulator must answer ten thousand GETs a second in one process: pysnmp was
measured at 250, and the other libraries are managers only. RFC 3416 gives the messages, RFC 2578
the types. Everything read here comes from the network: whatever is wrong raises ``BerError``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
COUNTER32, GAUGE32, TIMETICKS, COUNTER64 = 0x41, 0x42, 0x43, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = b"\x80\x00", b"\x81\x00", b"\x82\x00"
GET, GETNEXT, RESPONSE, SET, GETBULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
EMPTY = b"\x05\x00"
"""A NULL, as requests carry for values."""


class BerError(ValueError):
    """These octets are not what they should be."""


class Message(NamedTuple):
    """An SNMP v1 or v2c message; ``varbinds`` is still encoded, without its SEQUENCE.

    ``first`` and ``second`` are error-status and error-index, or for GETBULK non-repeaters and
    max-repetitions. ``request_id`` is the whole field, as it must come back.
    """

    version: int
    community: bytes
    pdu: int
    request_id: bytes
    first: int
    second: int
    varbinds: bytes


def tlv(tag: int, body: bytes) -> bytes:
    """Return a tag, the length of ``body`` and ``body``."""
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    if size < 256:
        return bytes((tag, 0x81, size)) + body
    return bytes((tag, 0x82, size >> 8, size & 255)) + body


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Return a signed integer in the fewest octets."""
    bits = (value if value >= 0 else ~value).bit_length()
    return tlv(tag, value.to_bytes(bits // 8 + 1, "big", signed=True))


def unsigned(value: int, tag: int) -> bytes:
    """Return a Counter32, Gauge32, TimeTicks or Counter64: never negative, so never a sign bit."""
    body = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes((tag, len(body))) + body


def oid(numbers: tuple[int, ...]) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    body = bytearray(_base128(numbers[0] * 40 + numbers[1]))
    for number in numbers[2:]:
        body += _base128(number)
    return tlv(OID, bytes(body))


def _base128(number: int) -> bytes:
    if number < 0:
        raise BerError("a part of an OID is negative")
    parts = [number & 127]
    while number := number >> 7:
        parts.append(number & 127 | 128)
    return bytes(reversed(parts))


def read_oid(body: bytes) -> tuple[int, ...]:
    """Return the numbers of the body of an OBJECT IDENTIFIER."""
    if not body or body[-1] & 128:
        raise BerError("an OID is cut")
    numbers, number = [], 0
    for octet in body:
        number = number << 7 | octet & 127
        if number > 0xFFFF_FFFF + 80:
            raise BerError("a part of an OID is too large")
        if not octet & 128:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - 40 * first, *numbers[1:])


def read_tlv(data: bytes, at: int, tag: int | None = None) -> tuple[int, int, int]:
    """Return tag, start and end of the body of what stands at ``at``."""
    try:
        found, size = data[at], data[at + 1]
        at += 2
        if size & 128:
            octets = size & 127
            if not 1 <= octets <= 4:
                raise BerError("a length in a form that SNMP does not use")
            size = int.from_bytes(data[at : at + octets], "big")
            at += octets
    except IndexError:
        raise BerError("cut") from None
    end = at + size
    if end > len(data):
        raise BerError("cut")
    if tag is not None and found != tag:
        raise BerError(f"tag {found:#x} where {tag:#x} was expected")
    return found, at, end


def read_integer(data: bytes, at: int) -> tuple[int, int]:
    """Return the integer at ``at`` (at most 64 bits), and where it ends."""
    _, start, end = read_tlv(data, at, INTEGER)
    if not 1 <= end - start <= 8:
        raise BerError("an integer of no or too many octets")
    return int.from_bytes(data[start:end], "big", signed=True), end


def read_message(data: bytes) -> Message:
    """Return a datagram's message. Raises ``BerError``."""
    _, at, _ = read_tlv(data, 0, SEQUENCE)
    version, at = read_integer(data, at)
    _, start, at = read_tlv(data, at, OCTETS)
    community = data[start:at]
    pdu, at, _ = read_tlv(data, at)
    _, after = read_integer(data, at)
    request_id, at = data[at:after], after
    first, at = read_integer(data, at)
    second, at = read_integer(data, at)
    _, start, end = read_tlv(data, at, SEQUENCE)
    return Message(version, community, pdu, request_id, first, second, data[start:end])


def read_names(varbinds: bytes) -> list[tuple[int, ...]]:
    """Return the OIDs of a list of varbinds, whatever their values."""
    names, at = [], 0
    while at < len(varbinds):
        _, start, end = read_tlv(varbinds, at, SEQUENCE)
        _, name, after = read_tlv(varbinds, start, OID)
        read_tlv(varbinds, after)
        if after > end:
            raise BerError("a varbind is longer than its frame")
        names.append(read_oid(varbinds[name:after]))
        at = end
    return names


def request(
    community: bytes,
    names: Sequence[tuple[int, ...]],
    pdu: int = GET,
    version: int = 1,
    request_id: int = 1,
    first: int = 0,
    second: int = 0,
) -> bytes:
    """Return a request datagram; for measuring agents without a manager's own cost."""
    varbinds = b"".join(tlv(SEQUENCE, oid(name) + EMPTY) for name in names)
    return message(version, community, pdu, integer(request_id), first, second, varbinds)


def message(
    version: int,
    community: bytes,
    pdu: int,
    request_id: bytes,
    first: int,
    second: int,
    varbinds: bytes,
) -> bytes:
    """Return a datagram: ``request_id`` and ``varbinds`` are given encoded."""
    body = request_id + integer(first) + integer(second) + tlv(SEQUENCE, varbinds)
    return tlv(SEQUENCE, integer(version) + tlv(OCTETS, community) + tlv(pdu, body))


def read_varbinds(varbinds: bytes) -> list[tuple[tuple[int, ...], bytes]]:
    """Return names and values of a list of varbinds; a value stays encoded, tag and length too."""
    pairs, at = [], 0
    while at < len(varbinds):
        _, start, end = read_tlv(varbinds, at, SEQUENCE)
        _, name, after = read_tlv(varbinds, start, OID)
        _, _, last = read_tlv(varbinds, after)
        if last != end:
            raise BerError("a varbind is not a name and a value")
        pairs.append((read_oid(varbinds[name:after]), varbinds[after:end]))
        at = end
    return pairs


def read_number(value: bytes) -> int:
    """Return the number of an encoded Counter32, Gauge32, TimeTicks or Counter64."""
    _, start, end = read_tlv(value, 0)
    if not 1 <= end - start <= 9:
        raise BerError("a number of no or too many octets")
    return int.from_bytes(value[start:end], "big")
