"""All simulated routers in one process: a UDP socket each, one loop, one clock.

In a test::

    with Fleet(devices) as fleet:
        fleet.control.down(["C7278-00006-001"])
        fleet.control.behave("slow", ["R1"], now, amount=2.0)

In the foreground: ``Fleet(devices, folder).run(stopping)``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from collectors.simulator.control import Control
from collectors.simulator.model import DeviceSpec
from collectors.simulator.serving import PortTaken, Server
from collectors.simulator.simulation import Simulation


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
        try:
            server = Server([(a.spec.host, a.spec.port, a.spec.name, a) for a in simulation.agents])
        except PortTaken as error:
            raise FleetError(str(error)) from error
        try:
            server.run(stopping, simulation.tick, ready)
        finally:
            simulation.save(time.time())
            server.close()


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
