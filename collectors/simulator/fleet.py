"""All simulated routers in one process: a UDP socket each, one loop, one clock.

In a test::

    with Fleet(devices) as fleet:
        fleet.control.down(["C7278-00006-001"])

In the foreground: ``Fleet(devices, folder).run(stopping)``.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from collectors.simulator.agent import Agent, Port
from collectors.simulator.control import Conditions, Control
from collectors.simulator.model import DeviceSpec, Traffic

TICK = 0.1
"""Seconds between two looks at the file of conditions."""
SAVE_EVERY = 10.0
REBOOT_SECONDS = 3.0
_BURST = 64
_JUST_UNDER = 2**32 - 20_000
_DAY = 86_400


class FleetError(Exception):
    """The simulator cannot start; the message says why."""


class Fleet:
    """Simulated routers. ``folder`` keeps conditions and counters between runs (None: nothing)."""

    def __init__(self, devices: Sequence[DeviceSpec], folder: Path | None = None) -> None:
        self.devices = list(devices)
        self._temporary = None
        if folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="balise-fleet-")
            folder = Path(self._temporary.name)
        self.folder = folder
        self.control = Control(self.folder / "control.json")
        self._process: subprocess.Popen[str] | None = None

    # -- in a process of its own

    def start(self) -> None:
        """Start a process that answers, and return once it does. Raises ``FleetError``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        definition = self.folder / "fleet.json"
        save_fleet(definition, self.devices)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "collectors.simulator.fleet", str(definition)],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline().strip() if self._process.stdout else ""
        if line != "ready":
            self.stop()
            raise FleetError(line or "the simulator ended at once")

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(timeout=10)
            if process.stdout is not None:
                process.stdout.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        try:
            self.start()
        except FleetError:
            self._forget()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._forget()

    def _forget(self) -> None:
        if self._temporary:
            self._temporary.cleanup()

    # -- in this process

    def run(self, stopping: Callable[[], bool], ready: Callable[[], None] = lambda: None) -> None:
        """Answer until ``stopping()`` is true. Raises ``FleetError`` when a port is taken."""
        simulation = Simulation(self.devices, self.control, self.folder / "counters.json")
        sockets = _bind(simulation.agents)
        poller = select.epoll()
        try:
            serving = {}
            for opened, agent in zip(sockets, simulation.agents, strict=True):
                poller.register(opened.fileno(), select.EPOLLIN)
                serving[opened.fileno()] = (opened.recvfrom, opened.sendto, agent.reply)
            ready()
            due = 0.0
            while not stopping():
                events = poller.poll(TICK)
                now = time.time()
                if now >= due or due - now > 2 * TICK:  # the second: the clock was set back
                    simulation.tick(now)
                    due = now + TICK
                for descriptor, _ in events:
                    _serve(*serving[descriptor], now)
        finally:
            simulation.save(time.time())
            poller.close()
            for opened in sockets:
                opened.close()


def _serve(
    receive: Callable[[int], tuple[bytes, tuple[str, int]]],
    send: Callable[[bytes, tuple[str, int]], int],
    reply: Callable[[bytes, float], bytes | None],
    now: float,
) -> None:
    """Answer what one socket holds, at most a burst of it: the others wait."""
    for _ in range(_BURST):
        try:
            data, source = receive(65_535)
        except OSError:  # nothing more to read, or the asker is gone
            return
        answer = reply(data, now)
        if answer is not None:
            try:
                send(answer, source)
            except OSError:  # its port is closed, or its queue full: as on a real network, lost
                continue


def _bind(agents: Sequence[Agent]) -> list[socket.socket]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = len(agents) + 64
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    sockets: list[socket.socket] = []
    try:
        for agent in agents:
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets.append(opened)
            opened.setblocking(False)
            opened.bind((agent.spec.host, agent.spec.port))
    except OSError as error:
        for opened in sockets:
            opened.close()
        address = f"{agent.spec.host}:{agent.spec.port}"
        raise FleetError(
            f"{agent.spec.name} cannot answer on {address}: {error.strerror}"
        ) from error
    return sockets


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
        self._seen_until = now
        self._resume(now)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Bring the network to ``now``: conditions, flapping, the traffic of the minute."""
        stamp = self._control.stamp()
        if stamp != self._stamp:
            self._stamp, self._conditions = stamp, self._control.read()
            self._once(now)
        conditions = self._conditions
        for agent in self.agents:
            agent.silent = conditions.is_silent(agent.spec.name, now)
            agent.garbage = conditions.is_garbage(agent.spec.name, now)
        minute = int(now // 60)
        if minute != self._minute:
            self._minute = minute
            rates = self._traffic.minutes(np.array([minute * 60]))
            self._into, self._out = (way[:, 0].tolist() for way in rates)
            touched = set(range(len(self._ports)))
        else:
            touched = set()
        for i, port in enumerate(self._ports):
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
        port.settle(now)
        into, out = self._into[i], self._out[i]
        main = self._main.get(i)
        if main is not None and not self._ports[main].up:  # the backup carries the site
            top = port.spec.speed * 0.96
            into, out = min(into + self._into[main], top), min(out + self._out[main], top)
        port.in_bps, port.out_bps = (into, out) if port.up else (0.0, 0.0)

    def _once(self, now: float) -> None:
        """Do the reboots and wraps asked since the last look."""
        for name, at in self._conditions.reboots.items():
            if at > self._seen_until and name in self._by_name:
                self._by_name[name].reboot(now, REBOOT_SECONDS)
        for reference, at in self._conditions.wraps.items():
            if at > self._seen_until and reference in self._place:
                i = self._place[reference]
                port = self._ports[i]
                port.settle(now)
                port.in_octets = port.out_octets = float(_JUST_UNDER)
                port.discontinuity = self._agents[i].uptime(now)
        asked = [*self._conditions.reboots.values(), *self._conditions.wraps.values()]
        self._seen_until = max([self._seen_until, *asked])

    def _resume(self, now: float) -> None:
        """Take the counters where they stood, and let the time since then pass over them."""
        saved = json.loads(self._saved.read_text()) if self._saved.exists() else {}
        self._seen_until = saved.get("at", self._seen_until)
        for agent in self.agents:
            agent.boot = saved.get("boots", {}).get(agent.spec.name, agent.boot or now - 3_600)
        for port in self._ports:
            if port.spec.reference in saved.get("ports", {}):
                port.in_octets, port.out_octets, port.changed, port.discontinuity, port.up = saved[
                    "ports"
                ][port.spec.reference]
                port.at = saved["at"]
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
                    port.in_octets += float(into[i] @ spans) / 8
                    port.out_octets += float(out[i] @ spans) / 8
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
            "ports": {port.spec.reference: _state(port) for port in self._ports},
        }
        fresh = self._saved.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(state, file)
        fresh.replace(self._saved)


def _state(port: Port) -> tuple[float, float, int, int, bool]:
    return port.in_octets, port.out_octets, port.changed, port.discontinuity, port.up


def save_fleet(path: Path, devices: Sequence[DeviceSpec]) -> None:
    """Write the definition of a fleet, communities included: its owner alone reads it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump([device.to_json() for device in devices], file)


def load_fleet(path: Path) -> list[DeviceSpec]:
    """Return the fleet that ``save_fleet`` wrote."""
    return [DeviceSpec.from_json(values) for values in json.loads(path.read_text())]


def main(definition: Path) -> int:
    """Run a fleet until SIGTERM or SIGINT; say « ready » on the standard output."""
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopped.append(received))
    fleet = Fleet(load_fleet(definition), definition.parent)

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    try:
        fleet.run(lambda: bool(stopped), lambda: say("ready"))
    except FleetError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
