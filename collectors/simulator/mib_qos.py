"""CISCO-CLASS-BASED-QOS-MIB of a simulated router: policies, classes and what they count.

Every index is drawn anew when the router starts, as IOS may. cbQosConfigIndex belongs to the
configuration: a class or a policy has one, however often it is attached.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

from collectors.simulator import ber
from collectors.simulator.answering import Mib, Name, Value, counter32, counter64, gauge, text
from collectors.simulator.model import PolicySpec
from collectors.simulator.port import DROPPED_PACKET, ClassCount, Port

QOS: Name = (1, 3, 6, 1, 4, 1, 9, 9, 166, 1)
_POLICYMAP, _CLASSMAP, _QUEUEING, _SHAPING = 1, 2, 4, 6
_MAIN_INTERFACE = 1
_PACKET = 700


def rows(ports: Iterable[Port], boot: float) -> Mib:
    """Return the rows of all policies of a router that started at ``boot``."""
    made = _Rows(int(boot))
    for port in ports:
        for policy, classes in zip(port.spec.policies, port.classes, strict=True):
            made.attach(port, policy, classes)
    return made.values


class _Rows:
    def __init__(self, boot: int) -> None:
        self.values: Mib = {}
        self._boot = boot
        self._taken: set[int] = set()
        self._configs: dict[str, int] = {}

    def attach(self, port: Port, policy: PolicySpec, classes: Iterable[ClassCount]) -> None:
        """Add a policy on an interface (cbQosServicePolicy) and all that it holds."""
        place = f"{port.spec.reference} {policy.direction}"
        at = self._draw(place)
        service: dict[int, Value] = {
            2: ber.integer(_MAIN_INTERFACE),
            3: ber.integer(2 if policy.direction == "out" else 1),
            4: ber.integer(port.spec.index),
        }
        self.values |= {(*QOS, 1, 1, 1, column, at): v for column, v in service.items()}
        self._policy(at, policy, classes, 0, place)

    def _policy(
        self, at: int, policy: PolicySpec, classes: Iterable[ClassCount], parent: int, place: str
    ) -> None:
        config = self._config("policy", policy.name, (*QOS, 6, 1, 1, 1))
        where = self._object(at, f"{place}/{policy.name}", _POLICYMAP, config, parent)
        for one in classes:
            path = f"{place} {one.path}"
            config = self._config("class", one.spec.name, (*QOS, 7, 1, 1, 1))
            found = self._object(at, path, _CLASSMAP, config, where)
            for column, value in _counters(one).items():
                self.values[*QOS, 15, 1, 1, column, at, found] = value
            kind = _SHAPING if one.children else _QUEUEING
            self._object(at, f"{path} {kind}", kind, self._draw(f"{path} set"), found)
            if one.spec.policy:
                self._policy(at, one.spec.policy, one.children, found, path)

    def _object(self, at: int, path: str, kind: int, config: int, parent: int) -> int:
        found = self._draw(path)
        objects: dict[int, Value] = {
            2: ber.unsigned(config, ber.GAUGE32),
            3: ber.integer(kind),
            4: ber.unsigned(parent, ber.GAUGE32),
        }
        self.values |= {(*QOS, 5, 1, 1, column, at, found): v for column, v in objects.items()}
        return found

    def _config(self, kind: str, name: str, column: Name) -> int:
        key = f"{kind} {name}"
        if key not in self._configs:
            self._configs[key] = self._draw(key)
            self.values[*column, self._configs[key]] = text(name)
        return self._configs[key]

    def _draw(self, seed: str) -> int:
        number = zlib.crc32(f"{self._boot} {seed}".encode()) & 0x7FFF_FFFF | 1
        while number in self._taken:
            number += 2
        self._taken.add(number)
        return number


def _counters(one: ClassCount) -> dict[int, Value]:
    """Return cbQosCMStats of a class: before the policy, after it, dropped; octets and packets."""

    def sent_rate(now: float) -> float:
        return one.rate(now) - one.drop_rate(now)

    def both(read: Callable[[float], int], low: int, divisor: int = 1) -> dict[int, Value]:
        over: Value = lambda now: ber.unsigned(  # noqa: E731 - a value, as the two others
            read(now) // divisor >> 32, ber.COUNTER32
        )
        values = {low: counter32(read, divisor), low + 1: counter64(read, divisor)}
        return values | {low - 1: over}

    return {
        **both(one.offered_at, 2, _PACKET),
        **both(one.offered_at, 5),
        7: gauge(one.rate),
        **both(one.sent_at, 9),
        11: gauge(sent_rate),
        **both(one.dropped_at, 13, DROPPED_PACKET),
        **both(one.dropped_at, 16),
        18: gauge(one.drop_rate),
    }
