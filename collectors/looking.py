"""Looks at many routers at once, each at its own pace, one failing none of the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import sqlalchemy as sa

from collectors import discovery
from collectors.discovery import Found
from collectors.figures import Figures, figures
from collectors.inventory import credentials
from collectors.snmp import Answer, Failed, Job, Outcome, Target, Transport
from core.config import Collector
from core.network.inventory import Device

PATIENCE = 120.0
"""Seconds that a look at one router may take."""
AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Subject:
    """A router of the inventory to look at; ``problem`` says why it cannot be asked."""

    device_id: int
    name: str
    target: Target
    problem: str = ""


def roll(engine: sa.Engine) -> list[tuple[int, str, str]]:
    """Return every router of the inventory: its id, name and host."""
    query = sa.select(Device.id, Device.name, Device.host).order_by(Device.name, Device.id)
    with engine.connect() as connection:
        return [(row.id, row.name, row.host) for row in connection.execute(query)]


def subjects(
    engine: sa.Engine, unseal: Callable[[str], str], settings: Collector, only: int | None = None
) -> list[Subject]:
    """Return the routers that are polled, by name, or the one whose id is ``only``."""
    query = sa.select(
        Device.id, Device.name, Device.host, Device.port, Device.snmp_version, Device.credentials
    ).order_by(Device.name, Device.id)
    query = query.where(Device.polled) if only is None else query.where(Device.id == only)
    found = []
    with engine.connect() as connection:
        for key, name, host, port, version, sealed in connection.execute(query):
            opened, problem = credentials(unseal, sealed)
            target = Target(
                key, host, port, version.value, opened, settings.timeout, settings.retries
            )
            found.append(Subject(key, name, target, problem))
    return found


def look_at(transport: Transport, key: int, read: bool = False) -> tuple[Found, Figures]:
    """Look at a target that the engine has open; with ``read``, at its counters too.

    Raises ``Failed``.
    """
    deadline = time.monotonic() + PATIENCE

    def ask(job: Job) -> Answer:
        box: list[Answer] = []
        transport.poll([job], box.append, deadline)
        return box[0]

    found = discovery.look(ask, key)
    return found, figures(ask, key, found) if read else Figures()


def look_at_all(
    transport: Transport, routers: Sequence[Subject]
) -> Iterator[tuple[Subject, Found | Failed]]:
    """Look at routers, several at once; give each with what it gave, in the order they end."""
    waiting = [router for router in routers if not router.problem]
    transport.open(router.target for router in waiting)
    for router in routers:
        if router.problem:
            yield router, Failed(Outcome.BAD_TARGET, router.problem)
    lanes = max(1, min(transport.lanes, AT_ONCE, len(waiting)))
    with ThreadPoolExecutor(lanes, thread_name_prefix="look") as pool:
        under_way = {pool.submit(_looked, transport, router): router for router in waiting}
        for future in as_completed(under_way):
            router = under_way.pop(future)
            yield router, future.result()


def _looked(transport: Transport, router: Subject) -> Found | Failed:
    try:
        return look_at(transport, router.device_id)[0]
    except Failed as failure:
        return failure
    finally:
        transport.forget([router.device_id])
