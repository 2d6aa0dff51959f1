"""The agent of the benchmarks, compiled here: an SNMP agent at every address of 127.0.0.0/8."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from core import config, migrate, secrets
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Device, Link, LinkRole, Service, Site, SnmpVersion
from core.network.status import Reason, State

SOURCE = Path(__file__).parents[2] / "tests" / "performance" / "agent.c"
COMMUNITY = "bench"


@contextmanager
def fast_agent(
    folder: Path, port: int = 0, delay: float = 0.0, dead: float = 0.0, seconds: float = 60.0
) -> Iterator[int]:
    """Run the agent, compiled into ``folder``, and give its port.

    ``delay`` in milliseconds, ``dead`` in percent of the addresses; it ends by itself after
    ``seconds``, however this process ends.
    """
    program = folder / "agent"
    if not program.exists():
        subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-o", program, SOURCE], check=True)
    options = {"port": port, "delay": delay, "dead": dead, "seconds": seconds}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with subprocess.Popen([program, *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def address(number: int) -> str:
    """Return the address of a router: 127.64.0.0 and what follows."""
    return f"127.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def octets_per_second(number: int) -> int:
    """Return what the agent counts in at an address; it counts half of it out."""
    return 10_000 + _hash(number, 2) % 1_000_000


def is_dead(number: int, percent: float) -> bool:
    return _hash(number, 3) % 10_000 < percent * 100


def _hash(number: int, salt: int) -> int:
    """Return the hash of the agent, over the address as a number."""
    word = (((127 << 24) + (64 << 16) + number) * 2654435761 + salt) % 2**32
    word = (word ^ word >> 15) * 2246822519 % 2**32
    return word ^ word >> 13


def installation(folder: Path, links: int, port: int, **settings: object) -> Host:
    """Return an installation with so many links, each on a router, site and service of its own.

    ``settings`` are those of the section ``collector``. Link n + 1 is at ``address(n)``.
    """
    secrets.make_key(folder)
    path = folder / "config.yaml"
    values = {"storage": {"data": str(folder)}, "collector": settings}
    path.write_text(json.dumps(values))  # JSON is YAML
    host = Host(config.load(path))
    migrate.upgrade(host.engine)
    credentials = host.vault.seal(json.dumps({"community": COMMUNITY}))
    with host.engine.begin() as connection:
        connection.execute(sa.insert(Customer).values(id=1, number="1", name="C"))
        connection.execute(sa.insert(Company).values(id=1, customer_id=1, name="Co"))
        for first in range(0, links, 5_000):
            _add(connection, range(first, min(first + 5_000, links)), port, credentials)
    return host


def _add(connection: sa.Connection, some: range, port: int, credentials: str) -> None:
    place = {"company_id": 1}
    never = {"state": State.UNKNOWN, "reason": Reason.NEVER}
    connection.execute(
        sa.insert(Site), [{"id": n + 1, "name": f"S{n}", "country": "FR", **place} for n in some]
    )
    connection.execute(
        sa.insert(Device),
        [
            {"id": n + 1, "name": f"r{n}", "host": address(n), "port": port, "polled": True,
             "snmp_version": SnmpVersion.V2C, "credentials": credentials, "site_id": n + 1, **place}
            for n in some
        ],
    )  # fmt: skip
    connection.execute(
        sa.insert(Service), [{"id": n + 1, "site_id": n + 1, **never, **place} for n in some]
    )
    connection.execute(
        sa.insert(Link),
        [
            {"id": n + 1, "reference": f"L{n}", "designation": "", "role": LinkRole.MAIN,
             "service_id": n + 1, "device_id": n + 1, "if_name": "Gi0/0", "if_index": 1,
             "site_id": n + 1, **never, **place}
            for n in some
        ],
    )  # fmt: skip
