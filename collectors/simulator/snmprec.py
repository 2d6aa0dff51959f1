"""Recordings of agents: snmpsim's .snmprec text, a line « OID|tag|value » each.

The tag is the type's BER number in decimal; with an « x » after it the value is in hexadecimal.
snmpsim's variation modules (« 65:numeric|rate=10,initial=5 ») are read for « initial », « value »
and « rate », the rest of them is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collectors.simulator import ber
from collectors.simulator.answering import Name

IP_ADDRESS, OPAQUE = 0x40, 0x44
_NUMBERS = (ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64)
_BYTES = (ber.OCTETS, IP_ADDRESS, OPAQUE)
_UINTEGER32 = 0x47
"""RFC 1442's, long obsolete and still in some files: a Gauge32 since."""
_MOST = {ber.COUNTER64: 2**64}
MAX_OCTETS = 64_000_000
MAX_ROWS = 500_000


class RecordingError(ValueError):
    """This file is no recording; the message says where, to a person."""


@dataclass(slots=True)
class Recording:
    """Values by OID, still encoded; ``rates`` are a second's growth where the file says it.

    ``skipped`` tells the lines that were left out, by number.
    """

    values: dict[Name, bytes] = field(default_factory=dict)
    rates: dict[Name, float] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)


def read(path: Path) -> Recording:
    """Return what a file holds. Raises ``RecordingError``, ``OSError``."""
    if path.stat().st_size > MAX_OCTETS:
        raise RecordingError(f"Plus de {MAX_OCTETS // 1_000_000} Mo : ce fichier n'est pas lu.")
    recording = Recording()
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\r\n")  # noqa: PLW2901 - the same line without its end
            if not line.strip() or line.startswith("#"):
                continue
            try:
                _take(recording, line)
            except ValueError as error:
                recording.skipped[number] = str(error)
            if len(recording.values) > MAX_ROWS:
                raise RecordingError(f"Plus de {MAX_ROWS} lignes : ce fichier n'est pas lu.")
    if not recording.values:
        raise RecordingError("Aucune ligne « OID|type|valeur » dans ce fichier.")
    return recording


def _take(recording: Recording, line: str) -> None:
    parts = line.split("|", 2)
    if len(parts) != 3:
        raise ValueError("three fields are expected")
    name = tuple(int(part) for part in parts[0].strip().strip(".").split("."))
    if len(name) < 2 or name[0] > 2 or not all(0 <= part < 2**32 for part in name):
        raise ValueError("not an OID")
    tag, _, module = parts[1].strip().partition(":")
    value = parts[2]
    if module:
        options = dict(option.partition("=")[::2] for option in value.split(","))
        value = options.get("initial") or options.get("value") or options.get("min") or "0"
        if "rate" in options:
            recording.rates[name] = float(options["rate"])
    recording.values[name] = _encoded(tag, value)


def _encoded(tag: str, value: str) -> bytes:
    in_hex = tag.endswith("x")
    kind = int(tag.rstrip("xe"))
    raw = bytes.fromhex(value) if in_hex else b""
    if kind == _UINTEGER32:
        kind = ber.GAUGE32
    if kind in _BYTES:
        if kind == IP_ADDRESS and not in_hex:
            raw = bytes(int(part) for part in value.strip().split("."))
        elif not in_hex:
            raw = value.encode("utf-8", "surrogateescape")
        if (kind == IP_ADDRESS and len(raw) != 4) or len(raw) > 60_000:
            raise ValueError("an address of 4 octets, or a text of 60,000 at most, is expected")
        return ber.tlv(kind, raw)
    if kind == ber.NULL:
        return ber.EMPTY
    if kind == ber.OID:
        return ber.oid(tuple(int(part) for part in value.strip().strip(".").split(".")))
    if kind != ber.INTEGER and kind not in _NUMBERS:
        raise ValueError(f"no such type: {tag}")
    number = int.from_bytes(raw, "big") if in_hex else int(float(value) if "." in value else value)
    if kind == ber.INTEGER:
        return ber.integer((number + 2**31) % 2**32 - 2**31)
    return ber.unsigned(number % _MOST.get(kind, 2**32), kind)


def line(name: Name, value: bytes) -> str:
    """Return a value as a line of a recording, without its end. Raises ``BerError``."""
    tag, start, end = ber.read_tlv(value, 0)
    body = value[start:end]
    oid = ".".join(map(str, name))
    if tag == ber.OCTETS:
        printable = body.isascii() and body.decode("ascii").isprintable()
        if printable and body.strip() == body:
            return f"{oid}|{tag}|{body.decode('ascii')}"
        return f"{oid}|{tag}x|{body.hex()}"
    if tag == IP_ADDRESS:
        return f"{oid}|{tag}|{'.'.join(map(str, body))}"
    if tag == ber.OID:
        return f"{oid}|{tag}|{'.'.join(map(str, ber.read_oid(body)))}"
    if tag == ber.NULL:
        return f"{oid}|{tag}|"
    if tag == ber.INTEGER:
        return f"{oid}|{tag}|{ber.read_integer(value, 0)[0]}"
    if tag in _NUMBERS:
        return f"{oid}|{tag}|{ber.read_number(value)}"
    return f"{oid}|{tag}x|{body.hex()}"


def write(path: Path, values: Iterable[tuple[Name, bytes]]) -> None:
    """Write a recording, in the order of OIDs; its owner alone reads it."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)  # one that a former run left may be open to all
    with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
        file.writelines(f"{text}\n" for text in _lines(values))
    fresh.replace(path)


def _lines(values: Iterable[tuple[Name, bytes]]) -> Iterator[str]:
    for name, value in sorted(values):
        yield line(name, value)
