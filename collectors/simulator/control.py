"""What befalls the simulated network, in one small file that the simulator watches.

Times are UTC epoch seconds; ``None`` means « until restored ». The file survives the simulator,
so that an outage outlives a restart as a real one does.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from collectors.simulator.behaviours import BEHAVIOURS

FLAP_PERIOD = 40.0
"""Seconds that a flapping link spends up, then down."""


@dataclass(slots=True)
class Conditions:
    """Troubles in force: links by reference, routers by name.

    ``acting`` has the behaviours without a field of their own: {target: {behaviour: (amount,
    until)}}. Reboots and wraps happen once, at the time given.
    """

    down: dict[str, float | None] = field(default_factory=dict)
    flapping: dict[str, float | None] = field(default_factory=dict)
    silent: dict[str, float | None] = field(default_factory=dict)
    reboots: dict[str, float] = field(default_factory=dict)
    wraps: dict[str, float] = field(default_factory=dict)
    acting: dict[str, dict[str, tuple[float, float | None]]] = field(default_factory=dict)

    def link_is_up(self, reference: str, now: float) -> bool:
        """Tell whether nothing keeps the link down at ``now``."""
        if _holds(self.down, reference, now):
            return False
        return not (_holds(self.flapping, reference, now) and int(now / FLAP_PERIOD) % 2)

    def is_silent(self, device: str, now: float) -> bool:
        return _holds(self.silent, device, now)

    def acting_on(self, target: str, now: float) -> dict[str, float]:
        """Return the behaviours of a router or a link at ``now``, with their amounts."""
        found = self.acting.get(target)
        if not found:
            return {}
        return {n: amount for n, (amount, until) in found.items() if until is None or now < until}


def _holds(troubles: dict[str, float | None], name: str, now: float) -> bool:
    if name not in troubles:
        return False
    until = troubles[name]
    return until is None or now < until


class Control:
    """Reads and changes the file of conditions; safe between processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Conditions:
        """Return the conditions; none when the file does not exist yet."""
        try:
            found = json.loads(self.path.read_text())
        except FileNotFoundError:
            return Conditions()
        known = {field.name for field in fields(Conditions)}
        return Conditions(**{name: value for name, value in found.items() if name in known})

    def stamp(self) -> tuple[int, int]:
        """Return what changes whenever the file does."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)

    def write(self, conditions: Conditions) -> None:
        """Replace the file in one go; its owner alone reads it."""
        fresh = self.path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(conditions), file)
        fresh.replace(self.path)

    @contextmanager
    def _changing(self) -> Iterator[Conditions]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            conditions = self.read()
            yield conditions
            self.write(conditions)

    def down(self, links: Iterable[str], until: float | None = None) -> None:
        """Cut links: their interface goes down and their counters stop."""
        with self._changing() as conditions:
            conditions.down.update(dict.fromkeys(links, until))

    def flap(self, links: Iterable[str], until: float | None = None) -> None:
        """Cut links and bring them back every ``FLAP_PERIOD``."""
        with self._changing() as conditions:
            conditions.flapping.update(dict.fromkeys(links, until))

    def silence(self, devices: Iterable[str], until: float | None = None) -> None:
        """Let routers answer no more."""
        with self._changing() as conditions:
            conditions.silent.update(dict.fromkeys(devices, until))

    def garble(self, devices: Iterable[str], until: float | None = None) -> None:
        """Let routers answer nonsense."""
        self.behave("garbage", devices, 0.0, until)

    def behave(
        self,
        name: str,
        targets: Iterable[str],
        now: float,
        until: float | None = None,
        amount: float | None = None,
    ) -> None:
        """Give links or routers a behaviour, whatever its kind; without ``amount``, its default.

        Raises ``KeyError`` for a name that is not in ``behaviours.BEHAVIOURS``.
        """
        behaviour = BEHAVIOURS[name]
        if behaviour.method in ("reboot", "wrap"):
            once = {"reboot": self.reboot, "wrap": self.wrap}
            once[behaviour.method](targets, now)
        elif behaviour.method:
            lasting = {"down": self.down, "flap": self.flap, "silence": self.silence}
            lasting[behaviour.method](targets, until)
        else:
            given = behaviour.amount if amount is None else amount
            with self._changing() as conditions:
                for target in targets:
                    conditions.acting.setdefault(target, {})[name] = (given or 0.0, until)

    def reboot(self, devices: Iterable[str], now: float) -> None:
        """Let routers restart now: silence for a few seconds, counters and sysUpTime at zero."""
        with self._changing() as conditions:
            conditions.reboots.update(dict.fromkeys(devices, now))

    def wrap(self, links: Iterable[str], now: float) -> None:
        """Move counters to just under 2³², so that 32-bit ones start again from zero."""
        with self._changing() as conditions:
            conditions.wraps.update(dict.fromkeys(links, now))

    def restore(self, links: Iterable[str] = (), devices: Iterable[str] = ()) -> None:
        """End the troubles of links and routers."""
        links, devices = tuple(links), tuple(devices)
        with self._changing() as conditions:
            for link in links:
                conditions.down.pop(link, None)
                conditions.flapping.pop(link, None)
            for device in devices:
                conditions.silent.pop(device, None)
            for target in (*links, *devices):
                conditions.acting.pop(target, None)
