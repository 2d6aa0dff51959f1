"""One process of the collector: polls its shard of the fleet until it is told to stop.

Started by ``balise collect``, one a core: ``python -m collectors.worker --shard 0/2 --config F``.
"""

from __future__ import annotations

import gc
import math
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import structlog
from sqlalchemy.exc import SQLAlchemyError

from collectors import lines, transports
from collectors.alone import PREDECESSOR, NotAloneError, alone
from collectors.flights import Flights
from collectors.inventory import Inventory, Plan, Shard
from collectors.poller import Poller, traffic_every
from collectors.telling import EVERY as TELL_EVERY
from collectors.telling import Teller
from collectors.writer import STORE_ERRORS, Writer
from core import clock, config, logs
from core.host import Host
from core.wake import Wake

log = structlog.get_logger("balise.collector")

LOOK_EVERY = 60.0
"""Seconds between two looks at the inventory."""
PATIENCE = 5.0
"""Seconds that requests under way, then writing, may take when the process stops."""
PAUSE = 20.0
"""Seconds for which a device is left in peace when a process died asking it."""
RUBBISH = (20_000, 50, 20)
"""When Python looks for cycles of garbage: a reading is a few dozen objects that make none."""
TURN = 0.1
"""Seconds after which a thread must let others run (5 ms in Python, asked by each that waits): a
poll takes 0.2 ms and lets them when it asks and when it writes."""
QUARANTINE = 3600.0
"""Seconds for which a device that two processes died asking is left in peace."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What one cycle of every device gave."""

    devices: int
    links: int
    read: int
    outcomes: dict[str, int]
    samples: int
    changes: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class Worker:
    """Inventory, transport, poller and writer of one shard, put together."""

    def __init__(self, host: Host, shard: Shard) -> None:
        settings = host.config.collector
        self.shard = shard
        self.writer = Writer(
            host.metrics, host.engine, traffic_every(settings), host.config.quality
        )
        self._inventory = Inventory(host.engine, host.vault.open, settings, shard)
        self._plans: Mapping[int, Plan] = {}
        self._transport = transports.make(settings)
        folder = host.config.data / "collector"
        self._flights = Flights(folder / f"flights-{shard.number}-{shard.of}", settings.threads)
        self.poller = Poller(self._transport, self.writer.put, settings, self._flights.note)
        speaks = transports.name_of(self._transport)
        self._teller = Teller(host.engine, str(shard), speaks, clock.now())
        self._apart: dict[int, float] = {}
        """Devices set aside after a crash, and when (monotonic) they may come back."""

    def run(self, stop: Callable[[], bool]) -> None:
        """Poll until ``stop()``. Raises ``SQLAlchemyError`` when the inventory cannot be read."""
        self._set_apart()
        self.look()
        self.writer.start()
        log.info("collector started", shard=str(self.shard), devices=len(self._plans))
        look_at = tell_at = 0.0
        while not stop():
            now = time.monotonic()
            if now >= tell_at:
                tell_at = now + TELL_EVERY
                self._teller.tell(self.poller, self.writer, self._links, clock.now())
            if now >= look_at:
                if look_at:
                    self._look_again()
                look_at = min(now + LOOK_EVERY, *self._apart.values(), math.inf)
            self.poller.run(partial(self._over, stop, min(look_at, tell_at)))
            if not self.writer.alive:
                raise RuntimeError("the writer ended: see the log above")
        self.end()

    def once(self, patience: float) -> Summary:
        """Visit every device one time, write what it told, and return the counts."""
        begin = time.monotonic()
        self.look()
        visits = self.poller.once(begin + patience)
        for _ in range(3):  # a store that is busy is given its chance
            trouble = self.writer.write()
            if trouble is None:
                break
        else:
            log.error("a store refuses", error=trouble)
        self.poller.stop(PATIENCE)
        self._flights.land()
        outcomes = Counter(str(visit.outcome) for visit in visits)
        return Summary(
            len(self._plans),
            self._links,
            sum(len(visit.read) for visit in visits),
            dict(sorted(outcomes.items())),
            self.writer.counts["samples"],
            self.writer.counts["changes"],
            round(time.monotonic() - begin, 3),
        )

    def look(self) -> None:
        """Take the inventory as it is now."""
        now = time.monotonic()
        self._apart = {key: until for key, until in self._apart.items() if until > now}
        plans = {k: p for k, p in self._inventory.plans().items() if k not in self._apart}
        if plans != self._plans:
            # The writer first: if a store refuses, all of this is done at the next look.
            self.writer.follow(w.link_id for plan in plans.values() for w in plan.watches)
            self.poller.follow(plans)
            _raise_descriptors(plans, self._transport)
            self._plans = plans
            # What is known of a fleet stays: no need to look through it for rubbish ever again.
            gc.collect()
            gc.freeze()

    @property
    def _links(self) -> int:
        return sum(len(plan.watches) for plan in self._plans.values())

    def end(self) -> None:
        """Stop asking, write what is left, close."""
        quiet = self.poller.stop(PATIENCE)
        written = self.writer.stop(PATIENCE)
        self._flights.land()
        if quiet:
            self._transport.close()
        log.info("collector stopped", shard=str(self.shard), written=written)

    def _over(self, stop: Callable[[], bool], moment: float) -> bool:
        return stop() or time.monotonic() >= moment or not self.writer.alive

    def _look_again(self) -> None:
        try:
            self.look()
        except STORE_ERRORS as error:
            log.warning("the inventory does not read", error=type(error).__name__)

    def _set_apart(self) -> None:
        """Leave alone, for a while, the devices that the process before this one died asking.

        After one death they come back soon, when all others were read; the one that is there at
        two waits an hour.
        """
        deaths = self._flights.suspects
        now = time.monotonic()
        self._apart = dict.fromkeys(self._flights.fresh, now + PAUSE)
        self._apart |= {key: now + QUARANTINE for key, count in deaths.items() if count > 1}
        if self._apart:
            log.warning("devices set aside after a crash", devices=sorted(self._apart)[:20])


def _raise_descriptors(plans: Mapping[int, Plan], engine: lines.Lines) -> None:
    """Allow a descriptor for each line that is kept open; say so when the system does not.

    A line of SNMPv3 is kept always, and takes three with gufo.
    """
    v3 = sum(plan.target.version == "3" for plan in plans.values())
    wanted = 3 * v3 + min(len(plans), engine.keep) + engine.lanes + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        log.warning("too few file descriptors", wanted=wanted, allowed=allowed)


def silent_for(host: Host) -> float:
    """Return the longest time (seconds) one cycle of a shard may take, every device silent."""
    settings = host.config.collector
    return 60.0 + settings.timeout * (settings.retries + 1) * 20


def tune() -> None:
    """Set this Python for many short polls in many threads."""
    gc.set_threshold(*RUBBISH)
    sys.setswitchinterval(TURN)


@click.command()
@click.option("--shard", default="0/1", show_default=True)
@click.option("--config", "path", type=click.Path(path_type=Path), default="config.yaml")
def main(shard: str, path: Path) -> None:
    """Poll one shard of the fleet until SIGTERM."""
    logs.setup()
    tune()
    wake = Wake()
    try:
        host, part = Host(config.load(path)), Shard.parse(shard)
        lock = host.config.data / "collector" / f"lock-{part.number}-{part.of}"
        with wake.listening(), alone(lock, PREDECESSOR):
            Worker(host, part).run(lambda: wake.stopping)
    except (config.ConfigError, NotAloneError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise click.ClickException(f"La base ne se lit pas : {cause}") from error
    finally:
        sys.stderr.flush()
    # Threads that still wait for a silent device would hold the interpreter: their work is over.
    os._exit(0)


if __name__ == "__main__":
    main()
