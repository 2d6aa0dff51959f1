"""What is simulated: routers, their interfaces, and the traffic of a link as a function of time.

The same ``Traffic`` makes the year of history and moves the counters that are polled, so that a
chart does not show where one ends and the other begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

SLOT = 300
PROFILES = ("office", "plant", "shop", "care", "backup")
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class ClassSpec:
    """A class of service: its ``share`` of what its policy carries, against the others' shares.

    ``drop`` is the share of its octets that it drops when the line is full; ``policy`` the one
    nested in it.
    """

    name: str
    share: float = 1.0
    drop: float = 0.0
    policy: PolicySpec | None = None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ClassSpec:
        nested = values["policy"] and PolicySpec.from_json(values["policy"])
        return cls(**{**values, "policy": nested})


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """A policy of classes; ``direction`` is « in » or « out », as the router sees it."""

    name: str
    classes: tuple[ClassSpec, ...]
    direction: str = "out"

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> PolicySpec:
        classes = tuple(ClassSpec.from_json(one) for one in values["classes"])
        return cls(**{**values, "classes": classes})


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """An IP SLA operation over the link ``reference``, run every ``every`` seconds.

    ``kind`` is « echo » (one packet) or « jitter » (``packets``); delays in ms on an idle line,
    ``loss`` from 0 to 1.
    """

    number: int
    reference: str
    kind: str = "echo"
    tag: str = ""
    every: int = 60
    packets: int = 10
    rtt_ms: float = 12.0
    jitter_ms: float = 2.0
    loss: float = 0.0
    target: str = "192.0.2.1"


@dataclass(frozen=True, slots=True)
class Interface:
    """One WAN interface. Rates in bit/s; ``load`` is the share of ``speed`` at busy hours.

    ``bits`` is 32 where the router has no ifHCInOctets; ``in_octets`` and ``out_octets`` are the
    counters at ``DeviceSpec.origin``. ``backup_of`` names the link it replaces when that is down.
    ``alias`` is ifAlias, the reference alone without one.
    """

    reference: str
    index: int
    name: str
    descr: str
    speed: int
    profile: str = "office"
    load: float = 0.35
    out_ratio: float = 0.3
    seed: int = 0
    bits: int = 64
    in_octets: int = 0
    out_octets: int = 0
    backup_of: str | None = None
    zone: str = "Europe/Paris"
    alias: str = ""
    policies: tuple[PolicySpec, ...] = ()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Interface:
        policies = tuple(PolicySpec.from_json(policy) for policy in values.get("policies", ()))
        return cls(**{**values, "policies": policies})


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """One router: where it answers, since when it runs (UTC epoch seconds), what it has.

    ``origin`` is the moment at which its counters have the values of its interfaces.
    """

    name: str
    host: str
    port: int
    community: str
    interfaces: tuple[Interface, ...]
    site: str = ""
    descr: str = "Cisco IOS Software, C1900 Software (C1900-UNIVERSALK9-M), Version 15.7(3)M8"
    boot: float = 0.0
    origin: float = 0.0
    probes: tuple[ProbeSpec, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> DeviceSpec:
        interfaces = tuple(Interface.from_json(one) for one in values["interfaces"])
        probes = tuple(ProbeSpec(**probe) for probe in values.get("probes", ()))
        return cls(**{**values, "interfaces": interfaces, "probes": probes})


def _curve(*bumps: tuple[float, float, float]) -> Floats:
    """Return a day in 288 slots: (hour, width in hours, height) bumps added up."""
    hours = np.arange(288) / 12
    return np.asarray(sum(h * np.exp(-(((hours - at) / w) ** 2)) for at, w, h in bumps))


def _days(week: Floats, saturday: float, sunday: float, floor: float) -> Floats:
    """Return working day, Saturday, Sunday as one array of 3 × 288, never under ``floor``."""
    return np.stack([floor + (1 - floor) * week * factor for factor in (1.0, saturday, sunday)])


SHAPES = np.stack(
    [
        _days(_curve((10.2, 2.0, 0.95), (15.3, 2.3, 1.0), (12.8, 0.5, -0.25)), 0.12, 0.05, 0.03),
        _days(
            _curve((9.5, 3.5, 0.7), (15.5, 4.0, 0.8), (22, 3, 0.35), (3, 3, 0.3)), 0.55, 0.3, 0.1
        ),
        _days(_curve((11.3, 1.5, 0.7), (15.0, 1.8, 0.75), (17.8, 1.4, 0.8)), 1.1, 0.08, 0.02),
        _days(_curve((10, 2.6, 0.9), (15, 2.6, 0.8), (20, 2.2, 0.4)), 0.7, 0.6, 0.12),
        np.zeros((3, 288)),
    ]
)
"""Profiles × kinds of day × five-minute slots of local time, 1 at the busiest."""
_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}


@lru_cache(maxsize=200_000)
def _local_hour(hour: int, zone: str) -> tuple[int, int, float]:
    """Return, for an hour of UTC: local second of the day, kind of day, season's factor."""
    local = datetime.fromtimestamp(hour * 3600, UTC).astimezone(ZoneInfo(zone))
    kind = 2 if local.weekday() == 6 or (local.month, local.day) in _HOLIDAYS else 0
    if kind == 0 and local.weekday() == 5:
        kind = 1
    week = local.timetuple().tm_yday / 7
    season = (
        1 - 0.3 * np.exp(-(((week - 32.5) / 2.2) ** 2)) - 0.35 * np.exp(-(((week - 52) / 0.9) ** 2))
    )
    return local.hour * 3600 + local.minute * 60, kind, float(season)


def _noise(seeds: NDArray[np.uint64], moments: Whole) -> Floats:
    """Return numbers in [0, 1[ drawn by (seed, moment): splitmix64, the same in every process."""
    x = seeds[:, None] + moments.astype(np.uint64)[None, :] * _GOLDEN
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((x >> np.uint64(11)).astype(np.float64) * 2.0**-53)


class Traffic:
    """The traffic of some interfaces, all computed together."""

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        self._speed = np.array([i.speed for i in interfaces], dtype=np.float64)
        self._load = np.array([i.load for i in interfaces])
        self._out = np.array([i.out_ratio for i in interfaces])
        self._profile = np.array([PROFILES.index(i.profile) for i in interfaces], dtype=np.intp)
        base = np.array([i.seed for i in interfaces], dtype=np.uint64)
        self._seed = base * np.uint64(0xD1342543DE82EF95) + np.uint64(11)
        self._night = (base % np.uint64(5)) == 0
        zones = sorted({i.zone for i in interfaces})
        self._zones = [
            (zone, np.array([n for n, i in enumerate(interfaces) if i.zone == zone], dtype=np.intp))
            for zone in zones
        ]

    def rates(self, starts: Whole, size: int = SLOT) -> tuple[Floats, Floats]:
        """Return mean rates in and out (bit/s), interfaces × slots, of slots of ``size`` seconds.

        Slots of an hour leave out what five minutes have of their own.
        """
        middle = starts + (size // 2 if size > SLOT else 0)
        shape = np.empty((len(self._speed), len(starts)))
        night = np.zeros_like(shape)
        for zone, rows in self._zones:
            hours, where = np.unique(middle // 3600, return_inverse=True)
            local = np.array([_local_hour(int(hour), zone) for hour in hours])[where]
            of_day = ((local[:, 0] + middle % 3600) // SLOT).astype(np.intp) % 288
            kind = local[:, 1].astype(np.intp)
            shape[rows] = SHAPES[self._profile[rows][:, None], kind[None, :], of_day[None, :]]
            shape[rows] *= local[:, 2][None, :]
            night[rows] = ((of_day >= 26) & (of_day < 38))[None, :]
        hour = middle // 3600
        part = (middle % 3600) / 3600
        drift = _noise(self._seed, hour) * (1 - part) + _noise(self._seed, hour + 1) * part
        shape *= 0.7 + 0.55 * drift
        if size == SLOT:
            shape *= 0.82 + 0.36 * _noise(self._seed + np.uint64(7), starts // SLOT)
        year = (middle - 1_767_225_600) / 31_557_600
        growth = np.clip(1 + 0.15 * year, 0.6, 1.6)
        busy = (self._speed * self._load)[:, None] * shape * growth
        idle = 1_200 + self._speed[:, None] * 2e-5 * (1 + drift)
        top = self._speed[:, None] * 0.97
        saved = np.where(self._night[:, None] & (self._profile != 4)[:, None], night, 0.0)
        saved *= 0.5 + 0.5 * drift
        outward = busy * self._out[:, None] + saved * (self._speed * 0.45)[:, None]
        return np.minimum(busy + idle, top), np.minimum(outward + idle * 0.8, top)

    def minutes(self, starts: Whole) -> tuple[Floats, Floats]:
        """Return rates of slots of one minute, whose mean over five is that of ``rates``."""
        slots, where = np.unique(starts // SLOT, return_inverse=True)
        into, out = self.rates(slots * SLOT)
        of_slot = slots[:, None] * 5 + np.arange(5)
        draws = _noise(self._seed + np.uint64(3), of_slot.ravel()).reshape(len(into), -1, 5)
        factors = 1 + 0.3 * (draws - draws.mean(axis=2, keepdims=True))
        factor = factors[:, where, (starts // 60) % 5]
        return into[:, where] * factor, out[:, where] * factor
