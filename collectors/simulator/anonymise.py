"""Taking names and addresses out of a recording: what is not known to be harmless is dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.simulator import ber
from collectors.simulator.answering import Name, text
from collectors.simulator.mib_if import IF_TABLE, IF_X
from collectors.simulator.mib_qos import QOS
from collectors.simulator.mib_rttmon import RTTMON
from collectors.simulator.snmprec import IP_ADDRESS

_SYSTEM: Name = (1, 3, 6, 1, 2, 1, 1)
_KEPT = (_SYSTEM, (1, 3, 6, 1, 2, 1, 2), (1, 3, 6, 1, 2, 1, 31, 1, 1), QOS, RTTMON)
"""Subtrees whose indexes hold no address and whose texts are few."""
_NAME, _ALIAS = (*_SYSTEM, 5, 0), (*IF_X, 18)
_TEXTS: Mapping[Name, str] = {
    (*_SYSTEM, 4): "contact",
    (*_SYSTEM, 6): "lieu",
    _ALIAS: "liaison",
    (*RTTMON, 2, 1, 1, 2): "exploitant",
    (*RTTMON, 2, 1, 1, 3): "sonde",
    (*RTTMON, 2, 1, 1, 12): "sonde",
}
_ADDRESSES = ((*IF_TABLE, 6), (*RTTMON, 2, 2, 1, 2), (*RTTMON, 2, 10, 1, 6))
"""ifPhysAddress; the target of a probe; who answered it."""


@dataclass(slots=True)
class Anonymised:
    """What is left of a recording; ``replaced`` and ``dropped`` count values."""

    values: dict[Name, bytes] = field(default_factory=dict)
    replaced: int = 0
    dropped: int = 0


def anonymise(values: Mapping[Name, bytes]) -> Anonymised:
    """Replace the router's name wherever it is written, descriptions, contacts and addresses."""
    result = Anonymised()
    named = _pattern(_body(values.get(_NAME, b"")).strip())
    for oid, value in values.items():
        if not any(oid[: len(kept)] == kept for kept in _KEPT):
            result.dropped += 1
            continue
        changed = _changed(oid, value, named)
        result.replaced += changed != value
        result.values[oid] = changed
    return result


def _pattern(name: bytes) -> re.Pattern[bytes]:
    """Return what finds a name or its first label: a short one only where it is a word."""
    labels = sorted({name, name.split(b".")[0]} - {b""}, key=len, reverse=True)
    found = [
        re.escape(label) if len(label) > 3 else rb"(?<![\w-])" + re.escape(label) + rb"(?![\w-])"
        for label in labels
    ]
    return re.compile(b"|".join(found) or rb"(?!)", re.IGNORECASE)


def _changed(oid: Name, value: bytes, named: re.Pattern[bytes]) -> bytes:
    body = _body(value)
    if value[0] == IP_ADDRESS:
        return ber.tlv(IP_ADDRESS, b"\xc0\x00\x02\x01")  # 192.0.2.1, kept for documents (RFC 5737)
    if value[0] != ber.OCTETS or not body:
        return value
    if oid == _NAME:
        return text("routeur")
    if any(oid[: len(column)] == column for column in _ADDRESSES):
        return ber.tlv(ber.OCTETS, (b"\x02" + bytes(19))[: len(body)])
    for column, word in _TEXTS.items():
        if oid[: len(column)] == column:
            return text(f"{word} {oid[-1]}")
    return ber.tlv(ber.OCTETS, named.sub(b"routeur", body))


def _body(value: bytes) -> bytes:
    if not value:
        return b""
    _, start, end = ber.read_tlv(value, 0)
    return value[start:end]
