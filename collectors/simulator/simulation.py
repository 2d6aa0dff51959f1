"""The state of the simulated network: which links are up, how fast their counters move."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from collectors.simulator.agent import Agent
from collectors.simulator.control import Conditions, Control
from collectors.simulator.model import DeviceSpec, Traffic

SAVE_EVERY = 10.0
REBOOT_SECONDS = 3.0
_JUST_UNDER = 2**32 - 20_000
_DAY = 86_400


class Simulation:
    """The state of the network: which links are up, how fast their counters move."""

    def __init__(self, devices: Sequence[DeviceSpec], control: Control, saved: Path) -> None:
        now = time.time()
        self.agents = [Agent(device) for device in devices]
        self._by_name = {agent.spec.name: agent for agent in self.agents}
        self._control, self._saved = control, saved
        pairs = [(agent, port) for agent in self.agents for port in agent.ports]
        self._agents = [agent for agent, _ in pairs]
        self._ports = [port for _, port in pairs]
        self._place = {port.spec.reference: i for i, port in enumerate(self._ports)}
        backups: dict[str, int] = {}
        for i, port in enumerate(self._ports):
            if port.spec.backup_of:
                backups[port.spec.backup_of] = i
        self._backup = {self._place[main]: i for main, i in backups.items() if main in self._place}
        self._main = {backup: main for main, backup in self._backup.items()}
        self._traffic = Traffic([port.spec for port in self._ports])
        self._into = self._out = [0.0] * len(self._ports)
        self._minute, self._next_save = -1, now + SAVE_EVERY
        self._stamp: tuple[int, int] | None = None
        self._conditions = Conditions()
        self._since = now
        self._done: dict[str, float] = {}
        """When each reboot and wrap that was done had been asked for."""
        self._resume(now)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Bring the network to ``now``: conditions, flapping, the traffic of the minute."""
        stamp = self._control.stamp()
        if stamp != self._stamp:
            self._stamp, self._conditions = stamp, self._control.read()
        conditions = self._conditions
        self._once(now)
        for agent in self.agents:
            agent.silent = conditions.is_silent(agent.spec.name, now)
            acting = conditions.acting_on(agent.spec.name, now)
            if acting != agent.acting:
                agent.obey(acting, now)
        minute = int(now // 60)
        if minute != self._minute:
            self._minute = minute
            rates = self._traffic.minutes(np.array([minute * 60]))
            self._into, self._out = (way[:, 0].tolist() for way in rates)
            touched = set(range(len(self._ports)))
        else:
            touched = set()
        for i, port in enumerate(self._ports):
            acting = conditions.acting_on(port.spec.reference, now)
            if acting != port.acting:
                port.settle(now)
                port.acting = acting
                touched.add(i)
            up = conditions.link_is_up(port.spec.reference, now)
            if up != port.up:
                port.settle(now)
                port.up, port.changed = up, self._agents[i].uptime(now)
                touched |= {i} | ({self._backup[i]} if i in self._backup else set())
        for i in touched:
            self._drive(i, now)
        if now >= self._next_save:
            self.save(now)

    def _drive(self, i: int, now: float) -> None:
        """Set how fast the counters of one link move from now on."""
        port = self._ports[i]
        into, out = self._into[i], self._out[i]
        main = self._main.get(i)
        if main is not None and not self._ports[main].up:  # the backup carries the site
            top = port.spec.speed * 0.96
            into, out = min(into + self._into[main], top), min(out + self._out[main], top)
        port.drive(*((into, out) if port.up else (0.0, 0.0)), now)

    def _once(self, now: float) -> None:
        """Do the reboots and wraps whose time has come and that were not done yet."""
        for name, at in self._conditions.reboots.items():
            if self._is_due(f"reboot {name}", at, now) and name in self._by_name:
                self._by_name[name].reboot(now, REBOOT_SECONDS)
        for reference, at in self._conditions.wraps.items():
            if self._is_due(f"wrap {reference}", at, now) and reference in self._place:
                i = self._place[reference]
                port = self._ports[i]
                port.settle(now)
                port.in_octets = port.out_octets = float(_JUST_UNDER)
                port.discontinuity = self._agents[i].uptime(now)

    def _is_due(self, what: str, at: float, now: float) -> bool:
        due = self._done.get(what, self._since) < at <= now
        if due:
            self._done[what] = at
        return due

    def _resume(self, now: float) -> None:
        """Take the counters where they stood, and let the time since then pass over them."""
        saved = json.loads(self._saved.read_text()) if self._saved.exists() else {}
        self._since = saved.get("at", self._since)
        for agent in self.agents:
            agent.boot = saved.get("boots", {}).get(agent.spec.name, agent.boot or now - 3_600)
            agent.show(now)
        for port in self._ports:
            if port.spec.reference in saved.get("ports", {}):
                port.resume(saved["ports"][port.spec.reference], saved["at"])
            elif not port.at:
                port.at = now
        conditions = self._control.read()
        since = min((port.at for port in self._ports), default=now)
        for start in np.arange(since // 60 * 60, now, _DAY):
            minutes = np.arange(start, min(start + _DAY, now), 60).astype(np.int64)
            into, out = self._traffic.minutes(minutes)
            for i, port in enumerate(self._ports):
                if conditions.link_is_up(port.spec.reference, now):
                    spans = np.minimum(minutes + 60, now) - np.maximum(minutes, port.at)
                    spans = np.maximum(spans, 0)
                    port.add(float(into[i] @ spans) / 8, float(out[i] @ spans) / 8)
        for port in self._ports:
            port.at = max(port.at, now)

    def save(self, now: float) -> None:
        """Keep counters and boot times, for the next run."""
        self._next_save = now + SAVE_EVERY
        for port in self._ports:
            port.settle(now)
        state = {
            "at": now,
            "boots": {agent.spec.name: agent.boot for agent in self.agents},
            "ports": {port.spec.reference: port.state() for port in self._ports},
        }
        fresh = self._saved.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(state, file)
        fresh.replace(self._saved)
