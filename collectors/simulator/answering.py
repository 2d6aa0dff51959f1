"""An agent over a MIB in memory: its answers to SNMP v1 and v2c requests, and how it misbehaves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from collectors.simulator import ber

Name = tuple[int, ...]
Value = bytes | Callable[[float], bytes]
"""A value already encoded, or what encodes it at a moment (UTC epoch seconds)."""
Mib = dict[Name, Value]
Pair = tuple[bytes, bytes]
"""A name and its value, both encoded."""

MAX_ANSWER = 8_000
"""Octets of a datagram that this agent will not exceed."""
MAX_CACHED = 512
_TOO_BIG, _NO_SUCH_NAME, _NO_ACCESS, _READ_ONLY = 1, 2, 6, 4
_MANY = 2_000


class Packet(NamedTuple):
    """A datagram to send after ``delay`` seconds, from a port nobody asked with ``elsewhere``."""

    data: bytes
    delay: float = 0.0
    elsewhere: bool = False


Act = Callable[["Exchange", list[Packet]], list[Packet]]
"""What a behaviour makes of the packets that would have answered."""


class Answering:
    """An agent. ``reply`` is all the network sees of it; ``offer`` gives it its values."""

    def __init__(self, community: str) -> None:
        self.silent = False
        self.silent_until = 0.0
        self.acts: Sequence[Act] = ()
        self.asked = 0
        """Requests met while misbehaving."""
        self._community = community.encode()
        self._views: dict[int, Mib] = {}
        self._names: dict[int, list[Name]] = {}
        self._plans: dict[tuple[int, int, int, int, bytes], _Plan] = {}

    def offer(self, values: Mib, now: float = 0.0) -> None:
        """Take a MIB in place of the former."""
        narrow = {n: v for n, v in values.items() if not _is_64(v, now)}  # v1 has no Counter64
        self._views = {0: narrow, 1: values}
        self._names = {version: sorted(view) for version, view in self._views.items()}
        self._plans.clear()

    def reply(self, data: bytes, now: float) -> bytes | list[Packet] | None:
        """Return the answer to a datagram, or None: as real agents, silent on a wrong community.

        A list of packets where the agent misbehaves.
        """
        if self.silent or now < self.silent_until:
            return None
        try:
            message = ber.read_message(data)
            if message.community != self._community or message.version not in self._views:
                return None
            if not self.acts:
                return self.honest(message, now)
            self.asked += 1
            exchange = Exchange(self, data, message, now)
            packets = [Packet(self.honest(message, now))]
            for act in self.acts:
                packets = act(exchange, packets)
        except ber.BerError:
            return None
        return packets

    def honest(self, message: ber.Message, now: float) -> bytes:
        """Return the right answer. Raises ``BerError`` for what is no question."""
        plan = self._plan_of(message)
        if plan.error:
            return answer(message, message.varbinds, plan.error, plan.index)
        parts, size = [], 0
        for name, value in plan.items:
            part = name + (value if type(value) is bytes else value(now))  # type: ignore[operator]  # what is not bytes is a function of the time
            part = bytes((0x30, len(part))) + part if len(part) < 128 else ber.tlv(0x30, part)
            size += len(part)
            if size > MAX_ANSWER:
                if message.pdu == ber.GETBULK:
                    break
                return answer(message, b"", _TOO_BIG)
            parts.append(part)
        return answer(message, b"".join(parts))

    def pairs(self, message: ber.Message, now: float) -> list[Pair]:
        """Return the names and values of the right answer; none when it is an error."""
        items = self._plan_of(message).items
        return [(name, v if isinstance(v, bytes) else v(now)) for name, v in items]

    def after(self, name: Name, version: int = 1) -> Name | None:
        """Return the OID that follows in the MIB."""
        names = self._names[version]
        where = bisect_right(names, name)
        return names[where] if where < len(names) else None

    def below(self, prefix: Name) -> bool:
        """Tell whether the MIB has anything below an OID."""
        names = self._names[1]
        where = bisect_left(names, prefix)
        return where < len(names) and names[where][: len(prefix)] == prefix

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
                found = self.after(name, version)
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
            found = self.after(name)
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

    def _missing(self, name: Name) -> bytes:
        """An object this agent has, in a row it has not, is noSuchInstance."""
        known = any(name[: len(n) - 1] == n[:-1] for n in self._views[1])
        return ber.NO_SUCH_INSTANCE if known else ber.NO_SUCH_OBJECT


class Exchange:
    """A request that a misbehaving agent is answering."""

    def __init__(self, agent: Answering, data: bytes, message: ber.Message, now: float) -> None:
        self.agent, self.data, self.message, self.now = agent, data, message, now

    @property
    def walking(self) -> bool:
        """Whether the question is for what follows."""
        return self.message.pdu in (ber.GETNEXT, ber.GETBULK)

    def names(self) -> list[Name]:
        return ber.read_names(self.message.varbinds)

    def pairs(self) -> list[Pair]:
        return self.agent.pairs(self.message, self.now)

    def answer(self, pairs: Sequence[Pair]) -> list[Packet]:
        """Return an answer with these names and values."""
        body = b"".join(ber.tlv(ber.SEQUENCE, name + value) for name, value in pairs)
        return [Packet(answer(self.message, body))]


class _Plan:
    """What answers a request, worked out once: names and values, or an error and its place."""

    __slots__ = ("error", "index", "items")

    def __init__(self, items: list[tuple[bytes, Value]], error: int = 0, index: int = 0) -> None:
        self.items, self.error, self.index = items, error, index


def answer(message: ber.Message, varbinds: bytes, error: int = 0, index: int = 0) -> bytes:
    """Return the datagram that answers a message."""
    version, community, _, request_id, _, _, _ = message
    return ber.message(version, community, ber.RESPONSE, request_id, error, index, varbinds)


def text(value: str) -> bytes:
    """Return an OCTET STRING of at most 255 octets."""
    return ber.tlv(ber.OCTETS, value.encode()[:255])


def counter32(read: Callable[[float], float], divisor: int = 1) -> Value:
    """Return the low 32 bits of what ``read`` gives at a moment."""
    return _counter(read, divisor, 0xFFFF_FFFF, ber.COUNTER32)


def counter64(read: Callable[[float], float], divisor: int = 1) -> Value:
    return _counter(read, divisor, 0xFFFF_FFFF_FFFF_FFFF, ber.COUNTER64)


def _counter(read: Callable[[float], float], divisor: int, mask: int, tag: int) -> Value:
    if divisor == 1:  # what is asked most
        return lambda now: ber.unsigned(int(read(now)) & mask, tag)
    return lambda now: ber.unsigned(int(read(now)) // divisor & mask, tag)


def gauge(read: Callable[[float], float]) -> Value:
    return lambda now: ber.unsigned(min(int(read(now)), 2**32 - 1), ber.GAUGE32)


def changed(values: Mapping[Name, Value], change: Callable[[bytes], bytes]) -> Mib:
    """Return a MIB whose values go through ``change`` when read."""

    def later(value: Callable[[float], bytes]) -> Value:
        return lambda now: change(value(now))

    return {n: change(v) if isinstance(v, bytes) else later(v) for n, v in values.items()}


def _is_64(value: Value, now: float) -> bool:
    return (value if isinstance(value, bytes) else value(now))[0] == ber.COUNTER64
