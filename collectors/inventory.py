"""What is to be polled, read from the inventory of the host."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from collectors.snmp import Target
from core.config import Collector
from core.network.inventory import Device, Link, LinkRole
from core.network.measured import Direction, Probe, TrafficClass
from core.secrets import SecretError

T = TypeVar("T", "ClassWatch", "ProbeWatch")


@dataclass(frozen=True, slots=True)
class Watch:
    """A link to read on a device; ``if_name`` wins over ``if_index``, which may have moved.

    ``standby``: the link is a backup, which may be dormant and well.
    """

    link_id: int
    if_name: str | None
    if_index: int | None
    standby: bool = False

    @property
    def place(self) -> str:
        """Which interface it is, as the inventory says: by name, by index without one."""
        return self.if_name or str(self.if_index)


@dataclass(frozen=True, slots=True)
class ClassWatch:
    """A class of service of a link to read; its path is the same after each reboot."""

    class_id: int
    link_id: int
    direction: Direction
    path: str


@dataclass(frozen=True, slots=True)
class ProbeWatch:
    """An IP SLA operation over a link to read, by its number on the device."""

    probe_id: int
    link_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A device to poll, its links and what is measured of them; ``problem`` says why its settings
    cannot be used.
    """

    name: str
    target: Target
    watches: tuple[Watch, ...]
    problem: str = ""
    classes: tuple[ClassWatch, ...] = ()
    probes: tuple[ProbeWatch, ...] = ()


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
        self._credentials = lru_cache(maxsize=None)(lambda sealed: credentials(unseal, sealed))
        self._classes: _Kept[ClassWatch] = _Kept(TrafficClass, self._read_classes)
        self._probes: _Kept[ProbeWatch] = _Kept(Probe, self._read_probes)

    def plans(self) -> dict[int, Plan]:
        """Return the plan of each polled device of the shard that has links, by device id."""
        links = (
            sa.select(Link.device_id, Link.id, Link.if_name, Link.if_index, Link.role)
            .where(Link.device_id.is_not(None), Link.closed.is_(None))
            .order_by(Link.id)
        )
        mine = Device.id % self._shard.of == self._shard.number
        devices = sa.select(
            Device.id, Device.name, Device.host, Device.port, Device.snmp_version,
            Device.credentials,
        ).where(Device.polled, Device.closed.is_(None), mine)  # fmt: skip
        with self._engine.connect() as connection:
            watches: dict[int, list[Watch]] = {}
            for device, link, name, index, role in connection.execute(links):
                watch = Watch(link, name or None, index, role is LinkRole.BACKUP)
                watches.setdefault(int(device or 0), []).append(watch)
            classes = self._classes.of(connection)
            probes = self._probes.of(connection)
            return {
                row.id: self._plan(row, tuple(watches[row.id]), classes, probes)
                for row in connection.execute(devices)
                if row.id in watches
            }

    def _plan(
        self,
        row: Any,
        watches: tuple[Watch, ...],
        classes: Mapping[int, tuple[ClassWatch, ...]],
        probes: Mapping[int, tuple[ProbeWatch, ...]],
    ) -> Plan:
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
        return Plan(
            row.name, target, watches, problem,
            _joined(classes, watches), _joined(probes, watches),
        )  # fmt: skip

    def _read_classes(self, connection: sa.Connection) -> Iterator[ClassWatch]:
        model = TrafficClass
        query: Any = sa.select(model.id, model.link_id, model.direction, model.path)
        for class_id, link, direction, path in connection.execute(self._of_shard(query, model)):
            yield ClassWatch(class_id, link, direction, path)

    def _read_probes(self, connection: sa.Connection) -> Iterator[ProbeWatch]:
        query: Any = sa.select(Probe.id, Probe.link_id, Probe.number)
        for probe_id, link, number in connection.execute(self._of_shard(query, Probe)):
            yield ProbeWatch(probe_id, link, number)

    def _of_shard(self, query: Any, model: Any) -> Any:
        mine = Link.device_id % self._shard.of == self._shard.number
        return query.join(Link, Link.id == model.link_id).where(mine).order_by(model.id)


class _Kept(Generic[T]):
    """What is measured of links, by link: read again only when rows came, went or were seen.

    A fleet may have a million classes, and the inventory is looked at every minute.
    """

    def __init__(self, model: Any, read: Callable[[sa.Connection], Iterable[T]]) -> None:
        self._model = model
        self._read: Callable[[sa.Connection], Iterable[T]] = read
        self._mark: Any = None
        self._kept: dict[int, tuple[T, ...]] = {}

    def of(self, connection: sa.Connection) -> Mapping[int, tuple[T, ...]]:
        m = self._model
        mark = connection.execute(
            sa.select(sa.func.count(), sa.func.max(m.id), sa.func.max(m.seen)).select_from(m)
        ).one()
        moved = connection.execute(
            sa.select(sa.func.count(), sa.func.sum(Link.id * Link.device_id)).select_from(Link)
        ).one()
        if self._mark != (mark, moved):
            by_link: dict[int, list[T]] = {}
            for one in self._read(connection):
                by_link.setdefault(one.link_id, []).append(one)
            self._kept = {link: tuple(some) for link, some in by_link.items()}
            self._mark = (mark, moved)
        return self._kept


def _joined(kept: Mapping[int, tuple[T, ...]], watches: tuple[Watch, ...]) -> tuple[T, ...]:
    if not kept:
        return ()
    return tuple(one for watch in watches for one in kept.get(watch.link_id, ()))


def credentials(unseal: Callable[[str], str], sealed: str) -> tuple[Mapping[str, str], str]:
    """Return the credentials of a device, opened, or why they cannot be used."""
    try:
        found = json.loads(unseal(sealed))
    except SecretError:
        return {}, "the credentials were sealed with another secret key"
    except ValueError:
        return {}, "the credentials are not JSON"
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        return {}, "the credentials are not an object of texts"
    return found, ""
