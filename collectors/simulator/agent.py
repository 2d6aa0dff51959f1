"""One simulated router: its MIB (SNMPv2-MIB, IF-MIB) and its answers to v1 and v2c requests."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from collectors.simulator import ber
from collectors.simulator.model import DeviceSpec, Interface

Name = tuple[int, ...]
Value = bytes | Callable[[float], bytes]
"""A value already encoded, or what encodes it at a moment (UTC epoch seconds)."""

SYSTEM: Name = (1, 3, 6, 1, 2, 1, 1)
IF_TABLE: Name = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X: Name = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
MAX_ANSWER = 8_000
"""Octets of a datagram that this agent will not exceed."""
MAX_CACHED = 512
_TOO_BIG, _NO_SUCH_NAME, _NO_ACCESS, _READ_ONLY = 1, 2, 6, 4
_MANY = 2_000


class Port:
    """A simulated interface: its counters move with ``in_bps`` and ``out_bps`` since ``at``."""

    __slots__ = ("at", "changed", "discontinuity", "in_bps", "in_octets", "out_bps", "out_octets",
                 "spec", "up")  # fmt: skip

    def __init__(self, spec: Interface, at: float) -> None:
        self.spec = spec
        self.at = at
        self.in_octets, self.out_octets = float(spec.in_octets), float(spec.out_octets)
        self.in_bps = self.out_bps = 0.0
        self.up = True
        self.changed = self.discontinuity = 0

    def settle(self, now: float) -> None:
        """Bring the counters to ``now``; to be called before the rates change."""
        if now > self.at:
            self.in_octets += self.in_bps * (now - self.at) / 8
            self.out_octets += self.out_bps * (now - self.at) / 8
            self.at = now

    def octets_in(self, now: float) -> int:
        return int(self.in_octets + self.in_bps * max(now - self.at, 0.0) / 8)

    def octets_out(self, now: float) -> int:
        return int(self.out_octets + self.out_bps * max(now - self.at, 0.0) / 8)


class Agent:
    """Answers for one device. ``reply`` is all the network sees of it."""

    def __init__(self, spec: DeviceSpec) -> None:
        self.spec = spec
        self.boot = spec.boot
        self.silent_until = 0.0
        self.silent = self.garbage = False
        self.ports = [Port(interface, spec.origin) for interface in spec.interfaces]
        self._community = spec.community.encode()
        values = self._mib()
        self._views = {
            0: {n: v for n, v in values.items() if not _is_64(n)},  # v1 has no Counter64
            1: values,
        }
        self._names = {version: sorted(view) for version, view in self._views.items()}
        self._plans: dict[tuple[int, int, int, int, bytes], _Plan] = {}

    def uptime(self, now: float) -> int:
        """Return sysUpTime in 1/100 s; it wraps at 497 days."""
        return int((now - self.boot) * 100) % 2**32

    def reboot(self, now: float, absent: float) -> None:
        """Start again: counters and sysUpTime at zero, no answer for ``absent`` seconds."""
        self.boot = now + absent
        self.silent_until = now + absent
        for port in self.ports:
            port.settle(now)
            port.at = now + absent
            port.in_octets = port.out_octets = 0.0
            port.changed = port.discontinuity = 0

    def reply(self, data: bytes, now: float) -> bytes | None:
        """Return the answer to a datagram, or None: as real agents, silent on a wrong community."""
        if self.silent or now < self.silent_until:
            return None
        try:
            message = ber.read_message(data)
            if message.community != self._community or message.version not in self._views:
                return None
            if self.garbage:
                return data[:7] + bytes(reversed(data[7:])) + b"\xff" * 5
            plan = self._plan_of(message)
        except ber.BerError:
            return None
        if plan.error:
            return _answer(message, message.varbinds, plan.error, plan.index)
        parts, size = [], 0
        for name, value in plan.items:
            part = name + (value if type(value) is bytes else value(now))  # type: ignore[operator]  # what is not bytes is a function of the time
            part = bytes((0x30, len(part))) + part if len(part) < 128 else ber.tlv(0x30, part)
            size += len(part)
            if size > MAX_ANSWER:
                if message.pdu == ber.GETBULK:
                    break
                return _answer(message, b"", _TOO_BIG)
            parts.append(part)
        return _answer(message, b"".join(parts))

    def _plan_of(self, message: ber.Message) -> _Plan:
        """Return how to answer, remembered: a manager asks the same again and again."""
        version, _, pdu, _, first, second, varbinds = message
        key = (version, pdu, first, second, varbinds)
        plan = self._plans.get(key)
        if plan is None:
            names = ber.read_names(varbinds)
            if pdu == ber.SET:
                plan = _Plan([], _READ_ONLY if version == 0 else _NO_ACCESS, 1)
            elif pdu not in (ber.GET, ber.GETNEXT) and (pdu, version) != (ber.GETBULK, 1):
                raise ber.BerError("not a question")
            else:
                plan = self._plan(version, pdu, names, first, second)
            if len(self._plans) >= MAX_CACHED:
                self._plans.clear()
            self._plans[key] = plan
        return plan

    def _plan(self, version: int, pdu: int, names: list[Name], first: int, second: int) -> _Plan:
        view = self._views[version]
        if pdu == ber.GETBULK:
            return _Plan(list(self._bulk(names, max(first, 0), max(second, 0))))
        items: list[tuple[bytes, Value]] = []
        for position, name in enumerate(names, 1):
            found: Name | None = name
            if pdu == ber.GETNEXT:
                found = self._after(name, version)
            if found is None or found not in view:
                if version == 0:
                    return _Plan([], _NO_SUCH_NAME, position)
                missing = ber.END_OF_MIB_VIEW if pdu == ber.GETNEXT else self._missing(name)
                items.append((ber.oid(name), missing))
            else:
                items.append((ber.oid(found), view[found]))
        return _Plan(items)

    def _bulk(self, names: list[Name], single: int, times: int) -> list[tuple[bytes, Value]]:
        """RFC 3416 4.2.3: one successor of the first names, ``times`` of each of the others."""
        items: list[tuple[bytes, Value]] = []
        view = self._views[1]

        def step(name: Name) -> Name:
            found = self._after(name, 1)
            items.append((ber.oid(found or name), view[found] if found else ber.END_OF_MIB_VIEW))
            return found or name

        for name in names[:single]:
            step(name)
        at = names[single:]
        for _ in range(times):
            if not at or len(items) > _MANY:
                break
            before, at = at, [step(name) for name in at]
            if at == before:
                break
        return items

    def _after(self, name: Name, version: int) -> Name | None:
        names = self._names[version]
        where = bisect_right(names, name)
        return names[where] if where < len(names) else None

    def _missing(self, name: Name) -> bytes:
        """An object this agent has, in a row it has not, is noSuchInstance."""
        known = any(name[: len(n) - 1] == n[:-1] for n in self._views[1])
        return ber.NO_SUCH_INSTANCE if known else ber.NO_SUCH_OBJECT

    def _mib(self) -> dict[Name, Value]:
        spec = self.spec
        text = _text
        values: dict[Name, Value] = {
            (*SYSTEM, 1, 0): text(spec.descr),
            (*SYSTEM, 2, 0): ber.oid((1, 3, 6, 1, 4, 1, 9, 1, 1047)),
            (*SYSTEM, 3, 0): lambda now: ber.unsigned(self.uptime(now), ber.TIMETICKS),
            (*SYSTEM, 4, 0): text("supervision"),
            (*SYSTEM, 5, 0): text(spec.name),
            (*SYSTEM, 6, 0): text(spec.site),
            (*SYSTEM, 7, 0): ber.integer(78),
            (1, 3, 6, 1, 2, 1, 2, 1, 0): ber.integer(len(self.ports)),
        }
        for port in self.ports:
            values.update(_interface(port))
        return values


class _Plan:
    """What answers a request, worked out once: names and values, or an error and its place."""

    __slots__ = ("error", "index", "items")

    def __init__(self, items: list[tuple[bytes, Value]], error: int = 0, index: int = 0) -> None:
        self.items, self.error, self.index = items, error, index


def _answer(message: ber.Message, varbinds: bytes, error: int = 0, index: int = 0) -> bytes:
    version, community, _, request_id, _, _, _ = message
    return ber.message(version, community, ber.RESPONSE, request_id, error, index, varbinds)


def _text(value: str) -> bytes:
    return ber.tlv(ber.OCTETS, value.encode()[:255])


def _is_64(name: Name) -> bool:
    return name[: len(IF_X)] == IF_X and name[len(IF_X)] in (6, 7, 10, 11)


def _interface(port: Port) -> dict[Name, Value]:
    """Return the rows of IF-MIB of one interface; packets are taken to be of 700 octets."""
    spec = port.spec

    def low(read: Callable[[float], int], divisor: int = 1) -> Value:
        return lambda now: ber.unsigned(read(now) // divisor % 2**32, ber.COUNTER32)

    def high(read: Callable[[float], int], divisor: int = 1) -> Value:
        return lambda now: ber.unsigned(read(now) // divisor % 2**64, ber.COUNTER64)

    table: dict[int, Value] = {
        1: ber.integer(spec.index),
        2: _text(spec.descr),
        3: ber.integer(6),
        4: ber.integer(1500),
        5: ber.unsigned(min(spec.speed, 2**32 - 1), ber.GAUGE32),
        6: ber.tlv(ber.OCTETS, b"\x02" + spec.reference.encode()[-5:].rjust(5, b"\0")),
        7: ber.integer(1),
        8: lambda _: b"\x02\x01\x01" if port.up else b"\x02\x01\x02",
        9: lambda _: ber.unsigned(port.changed, ber.TIMETICKS),
        10: low(port.octets_in),
        11: low(port.octets_in, 700),
        13: low(port.octets_in, 70_000_000),
        14: low(port.octets_in, 900_000_000),
        16: low(port.octets_out),
        17: low(port.octets_out, 700),
        19: low(port.octets_out, 35_000_000),
        20: low(port.octets_out, 1_500_000_000),
    }
    extra: dict[int, Value] = {
        1: _text(spec.name),
        15: ber.unsigned(spec.speed // 1_000_000, ber.GAUGE32),
        18: _text(spec.reference),
        19: lambda _: ber.unsigned(port.discontinuity, ber.TIMETICKS),
    }
    if spec.bits == 64:
        extra[6], extra[10] = high(port.octets_in), high(port.octets_out)
        extra[7], extra[11] = high(port.octets_in, 700), high(port.octets_out, 700)
    rows = {(*IF_TABLE, column, spec.index): value for column, value in table.items()}
    rows |= {(*IF_X, column, spec.index): value for column, value in extra.items()}
    return rows
