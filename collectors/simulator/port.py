"""The moving state of a simulated interface: octets, errors, discards, classes of service."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collectors.simulator.model import ClassSpec, Interface

FAULTS = ("in_errors", "out_errors", "in_discards", "out_discards")
_OCTETS_A_FAULT = (900_000_000, 1_500_000_000, 70_000_000, 35_000_000)
"""Octets for which a sound line has one fault of each kind."""
DROPPED_PACKET = 500
"""Octets of the packets that a class drops."""


class ClassCount:
    """What a class of service counted: ``offered`` and ``dropped`` octets since ``Port.at``.

    One with children counts what they do; its own counters stay at zero.
    """

    __slots__ = ("children", "drop_bps", "dropped", "offered", "offered_bps", "path", "port",
                 "spec")  # fmt: skip

    def __init__(self, spec: ClassSpec, port: Port, path: str) -> None:
        self.spec, self.port, self.path = spec, port, f"{path}/{spec.name}"
        self.offered = self.dropped = self.offered_bps = self.drop_bps = 0.0
        nested = spec.policy
        self.children: list[ClassCount] = []
        if nested is not None:
            below = f"{self.path}/{nested.name}"
            self.children = [ClassCount(child, port, below) for child in nested.classes]

    def leaves(self) -> Iterator[ClassCount]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def offered_at(self, now: float) -> int:
        """Return the octets offered to the class: exactly the sum of its children's."""
        return self.sent_at(now) + self.dropped_at(now)

    def sent_at(self, now: float) -> int:
        if self.children:
            return sum(child.sent_at(now) for child in self.children)
        seconds = max(now - self.port.at, 0.0)
        return int(self.offered - self.dropped + (self.offered_bps - self.drop_bps) * seconds / 8)

    def dropped_at(self, now: float) -> int:
        if self.children:
            return sum(child.dropped_at(now) for child in self.children)
        return int(self.dropped + self.drop_bps * max(now - self.port.at, 0.0) / 8)

    def rate(self, _: float = 0.0) -> float:
        """Return the rate offered now, bit/s."""
        return sum(leaf.offered_bps for leaf in self.leaves())

    def drop_rate(self, _: float = 0.0) -> float:
        return sum(leaf.drop_bps for leaf in self.leaves())


class Port:
    """A simulated interface: its counters move with ``in_bps`` and ``out_bps`` since ``at``.

    ``acting`` are the behaviours in force on it, with their amounts.
    """

    __slots__ = ("acting", "at", "changed", "classes", "discontinuity", "fault_rates", "faults",
                 "in_bps", "in_octets", "out_bps", "out_octets", "spec", "up")  # fmt: skip

    def __init__(self, spec: Interface, at: float) -> None:
        self.spec = spec
        self.at = at
        self.in_octets, self.out_octets = float(spec.in_octets), float(spec.out_octets)
        self.in_bps = self.out_bps = 0.0
        self.up = True
        self.changed = self.discontinuity = 0
        self.acting: Mapping[str, float] = {}
        self.fault_rates = [0.0] * len(FAULTS)
        self.faults = [
            (self.out_octets if i % 2 else self.in_octets) / each
            for i, each in enumerate(_OCTETS_A_FAULT)
        ]
        self.classes = [
            [ClassCount(one, self, policy.name) for one in policy.classes]
            for policy in spec.policies
        ]
        self._share_out(self.in_octets, self.out_octets)

    def settle(self, now: float) -> None:
        """Bring the counters to ``now``; to be called before the rates change."""
        if now > self.at:
            seconds = now - self.at
            self.in_octets += self.in_bps * seconds / 8
            self.out_octets += self.out_bps * seconds / 8
            self.faults = [
                n + rate * seconds for n, rate in zip(self.faults, self.fault_rates, strict=True)
            ]
            for leaf in self.leaves():
                leaf.offered += leaf.offered_bps * seconds / 8
                leaf.dropped += leaf.drop_bps * seconds / 8
            self.at = now

    def add(self, in_octets: float, out_octets: float) -> None:
        """Let octets pass that nobody counted one by one: while the simulator was stopped."""
        self.in_octets += in_octets
        self.out_octets += out_octets
        self._share_out(in_octets, out_octets)

    def drive(self, in_bps: float, out_bps: float, now: float) -> None:
        """Set how fast the counters move from ``now`` on."""
        self.settle(now)
        self.in_bps, self.out_bps = in_bps, out_bps
        for i, each in enumerate(_OCTETS_A_FAULT):
            kind = FAULTS[i].split("_")[1]
            wanted = self.acting.get(kind, 0.0) if self.up else 0.0
            self.fault_rates[i] = (out_bps if i % 2 else in_bps) / 8 / each + wanted
        minute, load = int(now // 60), self.load()
        for policy, classes in zip(self.spec.policies, self.classes, strict=True):
            rate = out_bps if policy.direction == "out" else in_bps
            for leaf, share in _shares(classes, minute):
                drop = min(leaf.spec.drop * load**2 + self.acting.get("drops", 0.0), 1.0)
                leaf.offered_bps = rate * share
                leaf.drop_bps = leaf.offered_bps * drop

    def load(self) -> float:
        """Return how full the line is, 0 to 1."""
        return min(max(self.in_bps, self.out_bps) / self.spec.speed, 1.0)

    def restart(self, at: float) -> None:
        """Put every counter at zero, to move from ``at`` on."""
        self.settle(at)
        self.at = at
        self.in_octets = self.out_octets = 0.0
        self.changed = self.discontinuity = 0
        self.faults = [0.0] * len(FAULTS)
        for leaf in self.leaves():
            leaf.offered = leaf.dropped = 0.0

    def leaves(self) -> Iterator[ClassCount]:
        for classes in self.classes:
            for one in classes:
                yield from one.leaves()

    def octets_in(self, now: float) -> int:
        return int(self.in_octets + self.in_bps * max(now - self.at, 0.0) / 8)

    def octets_out(self, now: float) -> int:
        return int(self.out_octets + self.out_bps * max(now - self.at, 0.0) / 8)

    def fault(self, which: int, now: float) -> float:
        return self.faults[which] + self.fault_rates[which] * max(now - self.at, 0.0)

    def state(self) -> list[Any]:
        """Return what the next run starts from."""
        leaves = [[leaf.offered, leaf.dropped] for leaf in self.leaves()]
        return [self.in_octets, self.out_octets, self.changed, self.discontinuity, self.up,
                self.faults, leaves]  # fmt: skip

    def resume(self, state: list[Any], at: float) -> None:
        """Take what ``state`` gave; what a former version did not keep stays."""
        self.in_octets, self.out_octets, self.changed, self.discontinuity, self.up = state[:5]
        self.at = at
        if len(state) > 5:
            self.faults = state[5]
            for leaf, (offered, dropped) in zip(self.leaves(), state[6], strict=False):
                leaf.offered, leaf.dropped = offered, dropped

    def _share_out(self, in_octets: float, out_octets: float) -> None:
        for policy, classes in zip(self.spec.policies, self.classes, strict=True):
            octets = out_octets if policy.direction == "out" else in_octets
            for leaf, share in _shares(classes, None):
                leaf.offered += octets * share
                leaf.dropped += octets * share * leaf.spec.drop * 0.01


def _shares(
    classes: Iterable[ClassCount], minute: int | None, of: float = 1.0
) -> Iterator[tuple[ClassCount, float]]:
    """Yield the leaves with their share of the traffic of a minute (None: as they are meant).

    They sum to ``of``: what no class takes goes to the last one.
    """
    listed = list(classes)
    weights = [one.spec.share * _wobble(one, minute) for one in listed]
    total = sum(weights) or 1.0
    for one, weight in zip(listed, weights, strict=True):
        if one.children:
            yield from _shares(one.children, minute, of * weight / total)
        else:
            yield one, of * weight / total


def _wobble(one: ClassCount, minute: int | None) -> float:
    if minute is None:
        return 1.0
    seed = f"{one.port.spec.reference} {one.path} {minute // 5}"
    return 0.7 + 0.6 * zlib.crc32(seed.encode()) / 2**32
