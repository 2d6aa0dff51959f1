"""IF-MIB (RFC 2863) of a simulated interface: ifTable and ifXTable."""

from __future__ import annotations

from functools import partial

from collectors.simulator import ber
from collectors.simulator.answering import Mib, Name, Value, counter32, counter64, text
from collectors.simulator.port import Port

IF_TABLE: Name = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X: Name = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_PACKET = 700
"""Octets that packets are taken to have."""


def rows(port: Port) -> Mib:
    """Return the rows of one interface."""
    spec = port.spec
    faults = [counter32(partial(port.fault, which)) for which in range(4)]
    table: dict[int, Value] = {
        1: ber.integer(spec.index),
        2: text(spec.descr),
        3: ber.integer(6),
        4: ber.integer(1500),
        5: ber.unsigned(min(spec.speed, 2**32 - 1), ber.GAUGE32),
        6: ber.tlv(ber.OCTETS, b"\x02" + spec.reference.encode()[-5:].rjust(5, b"\0")),
        7: ber.integer(1),
        8: lambda _: b"\x02\x01\x01" if port.up else b"\x02\x01\x02",
        9: lambda _: ber.unsigned(port.changed, ber.TIMETICKS),
        10: counter32(port.octets_in),
        11: counter32(port.octets_in, _PACKET),
        13: faults[2],
        14: faults[0],
        16: counter32(port.octets_out),
        17: counter32(port.octets_out, _PACKET),
        19: faults[3],
        20: faults[1],
    }
    extra: dict[int, Value] = {
        1: text(spec.name),
        15: ber.unsigned(spec.speed // 1_000_000, ber.GAUGE32),
        18: text(spec.alias or spec.reference),
        19: lambda _: ber.unsigned(port.discontinuity, ber.TIMETICKS),
    }
    if spec.bits == 64:
        extra[6], extra[10] = counter64(port.octets_in), counter64(port.octets_out)
        extra[7] = counter64(port.octets_in, _PACKET)
        extra[11] = counter64(port.octets_out, _PACKET)
    found = {(*IF_TABLE, column, spec.index): value for column, value in table.items()}
    return found | {(*IF_X, column, spec.index): value for column, value in extra.items()}
