"""CISCO-RTTMON-MIB of a simulated router: IP SLA operations and their latest run."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from collectors.simulator import ber
from collectors.simulator.answering import Mib, Name, Value, gauge, text
from collectors.simulator.model import ProbeSpec
from collectors.simulator.port import Port

RTTMON: Name = (1, 3, 6, 1, 4, 1, 9, 9, 42, 1)
_TYPES = {"echo": 1, "jitter": 9}
_OK, _TIMEOUT = 1, 4
_INTERVAL_MS = 20
_ACTIVE = 1


@dataclass(frozen=True, slots=True)
class Run:
    """What one run measured: ``at`` is sysUpTime (1/100 s) at its end, ``rtts`` in ms."""

    at: int
    rtts: tuple[int, ...] = ()
    lost_out: int = 0
    lost_back: int = 0
    jitter: int = 0

    @property
    def sense(self) -> int:
        """RttResponseSense of CISCO-RTTMON-TC-MIB; 0 before the first run."""
        return (_OK if self.rtts else _TIMEOUT) if self.at else 0


class Probing:
    """An operation at work: a run every ``every`` seconds of the router's life."""

    def __init__(self, spec: ProbeSpec, port: Port | None, boot: float) -> None:
        self.spec, self.port, self.boot = spec, port, boot
        self._offset = zlib.crc32(spec.reference.encode()) % spec.every + 1
        self._number, self._run = 0, Run(0)

    def at(self, now: float) -> Run:
        """Return the latest run that ended by ``now``, drawn once, as the line is when asked."""
        number = int((now - self.boot - self._offset) // self.spec.every) + 1
        if number >= 1 and number != self._number:
            self._number, self._run = number, self._draw(number)
        return self._run

    def _draw(self, number: int) -> Run:
        spec, port = self.spec, self.port
        end = int((self._offset + (number - 1) * spec.every) * 100) % 2**32
        sent = spec.packets if spec.kind == "jitter" else 1
        draw = random.Random(f"{spec.reference} {spec.number} {number}")  # noqa: S311 - a repeatable drawing, no secret
        acting, load = (port.acting, port.load()) if port else ({}, 0.0)
        loss = spec.loss + acting.get("probe-loss", 0.0)
        if port is not None and not port.up:
            loss = 1.0
        middle = (spec.rtt_ms + acting.get("delay", 0.0)) * (1 + load**3)
        jitter = spec.jitter_ms * (1 + 2 * load**2)
        alive = sum(draw.random() >= loss for _ in range(sent))
        rtts = tuple(max(round(draw.gauss(middle, jitter)), 1) for _ in range(alive))
        out = (sent - alive + 1) // 2
        heard = round(jitter * draw.uniform(0.8, 1.2)) if alive > 1 else 0
        return Run(end, rtts, out, sent - alive - out, heard)


def rows(probes: Iterable[Probing]) -> Mib:
    """Return the rows of a router's operations."""
    values: Mib = {}
    for probing in probes:
        for column, value in _columns(probing).items():
            values[*RTTMON, *column, probing.spec.number] = value
    return values


def _columns(probing: Probing) -> dict[Name, Value]:
    spec = probing.spec

    def of(read: Callable[[Run], int]) -> Value:
        return gauge(lambda now: read(probing.at(now)))

    def number(read: Callable[[Run], int]) -> Value:
        return lambda now: ber.integer(read(probing.at(now)))

    def mean(run: Run) -> int:
        return round(sum(run.rtts) / len(run.rtts)) if run.rtts else 0

    columns: dict[Name, Value] = {
        (2, 1, 1, 2): text("supervision"),
        (2, 1, 1, 3): text((spec.tag or spec.reference)[:16]),
        (2, 1, 1, 4): ber.integer(_TYPES[spec.kind]),
        (2, 1, 1, 5): ber.integer(5_000),
        (2, 1, 1, 6): ber.integer(spec.every),
        (2, 1, 1, 7): ber.integer(5_000),
        (2, 1, 1, 9): ber.integer(_ACTIVE),
        (2, 1, 1, 12): text(spec.tag or spec.reference),
        (2, 2, 1, 2): ber.tlv(ber.OCTETS, bytes(int(part) for part in spec.target.split("."))),
        (2, 10, 1, 1): of(mean),
        (2, 10, 1, 2): number(lambda run: run.sense),
        (2, 10, 1, 5): lambda now: ber.unsigned(probing.at(now).at, ber.TIMETICKS),
    }
    if spec.kind != "jitter":
        return columns
    return columns | {
        (2, 2, 1, 17): ber.integer(_INTERVAL_MS),
        (2, 2, 1, 18): ber.integer(spec.packets),
        (5, 2, 1, 1): of(lambda run: len(run.rtts)),
        (5, 2, 1, 2): of(lambda run: sum(run.rtts)),
        (5, 2, 1, 3): of(lambda run: sum(rtt * rtt for rtt in run.rtts)),
        (5, 2, 1, 4): of(lambda run: min(run.rtts, default=0)),
        (5, 2, 1, 5): of(lambda run: max(run.rtts, default=0)),
        (5, 2, 1, 26): of(lambda run: run.lost_out),
        (5, 2, 1, 27): of(lambda run: run.lost_back),
        (5, 2, 1, 28): of(lambda _: 0),
        (5, 2, 1, 29): of(lambda _: 0),
        (5, 2, 1, 30): of(lambda _: 0),
        (5, 2, 1, 31): number(lambda run: run.sense),
        (5, 2, 1, 46): of(lambda run: run.jitter),
        (5, 2, 1, 47): of(lambda run: run.jitter),
        (5, 2, 1, 48): of(lambda run: run.jitter),
    }
