"""What is to be polled, read from the inventory of the host."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from collectors.snmp import Target
from core.config import Collector
from core.network.inventory import Device, Link, LinkRole
from core.secrets import SecretError


@dataclass(frozen=True, slots=True)
class Watch:
    """A link to read on a device; ``if_name`` wins over ``if_index``, which may have moved.

    ``standby``: the link is a backup, which may be dormant and well.
    """

    link_id: int
    if_name: str | None
    if_index: int | None
    standby: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A device to poll and its links; ``problem`` says why its settings cannot be used."""

    name: str
    target: Target
    watches: tuple[Watch, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Shard:
    """The part of the fleet of one process: devices whose id is ``number`` modulo ``of``."""

    number: int = 0
    of: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard written ``0/2``. Raises ``ValueError``."""
        number, _, of = text.partition("/")
        shard = cls(int(number), int(of))
        if not 0 <= shard.number < shard.of:
            raise ValueError(f"{text}: the first number is below the second")
        return shard


class Inventory:
    """Reads plans; sealed credentials are opened once, as opening is what costs."""

    def __init__(
        self, engine: sa.Engine, unseal: Callable[[str], str], settings: Collector, shard: Shard
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._shard = shard
        self._credentials = lru_cache(maxsize=None)(lambda sealed: _credentials(unseal, sealed))

    def plans(self) -> dict[int, Plan]:
        """Return the plan of each polled device of the shard that has links, by device id."""
        links = (
            sa.select(Link.device_id, Link.id, Link.if_name, Link.if_index, Link.role)
            .where(Link.device_id.is_not(None))
            .order_by(Link.id)
        )
        devices = sa.select(
            Device.id, Device.name, Device.host, Device.port, Device.snmp_version,
            Device.credentials,
        ).where(Device.polled, Device.id % self._shard.of == self._shard.number)  # fmt: skip
        with self._engine.connect() as connection:
            watches: dict[int, list[Watch]] = {}
            for device, link, name, index, role in connection.execute(links):
                watch = Watch(link, name or None, index, role is LinkRole.BACKUP)
                watches.setdefault(int(device or 0), []).append(watch)
            return {
                row.id: self._plan(row, tuple(watches[row.id]))
                for row in connection.execute(devices)
                if row.id in watches
            }

    def _plan(self, row: Any, watches: tuple[Watch, ...]) -> Plan:
        credentials, problem = self._credentials(row.credentials)
        target = Target(
            row.id,
            row.host,
            row.port,
            row.snmp_version.value,
            credentials,
            self._settings.timeout,
            self._settings.retries,
        )
        return Plan(row.name, target, watches, problem)


def _credentials(unseal: Callable[[str], str], sealed: str) -> tuple[Mapping[str, str], str]:
    try:
        found = json.loads(unseal(sealed))
    except SecretError:
        return {}, "the credentials were sealed with another secret key"
    except ValueError:
        return {}, "the credentials are not JSON"
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        return {}, "the credentials are not an object of texts"
    return found, ""
