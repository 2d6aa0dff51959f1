"""Routers of the simulator that restart, lose their 64-bit counters or are renumbered, as read by a
real engine: each has the gap it must have, and no other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from collectors.lines import Lines
from collectors.simulator.fleet import Fleet
from collectors.snmp import Outcome
from collectors.tests.agents import free_port, until
from collectors.tests.fleet_scenes import FleetScene, add, router
from core.host import Host
from core.network.inventory import Link

PORT = free_port()
NAMES = ("calm", "narrow", "renumber", "reboot")
ROUTERS = [router(n, name, PORT) for n, name in enumerate(NAMES, 100)]


@pytest.fixture
def scene(host: Host, engine: Lines) -> Iterator[FleetScene]:
    made = FleetScene(host, engine, add(host, ROUTERS), Fleet(ROUTERS))
    yield made
    assert made.poller.stop(10)
    host.metrics.close()


def if_index(scene: FleetScene, name: str) -> int | None:
    with Session(scene.host.engine) as session:
        return session.get_one(Link, scene.links[name]).if_index


def test_each_trouble_has_its_own_gap_and_the_series_goes_on_after_it(scene: FleetScene) -> None:
    with scene.fleet as fleet:
        scene.visit()
        for name in ("narrow", "renumber", "reboot"):
            fleet.control.behave(name, [name], time.time())
        until(lambda: scene.visit()["reboot"] is not Outcome.OK)
        until(lambda: set(scene.visit().values()) == {Outcome.OK})
        assert dict(scene.writer.gaps) == {"reboot": 1, "width": 1}
        before = {name: scene.octets(name) for name in NAMES}
        until(lambda: scene.visit() and all(scene.octets(n) > before[n] for n in NAMES))
    assert dict(scene.writer.gaps) == {"reboot": 1, "width": 1}
    assert {name: if_index(scene, name) for name in NAMES} == {
        "calm": 1, "narrow": 1, "renumber": 11, "reboot": 1,
    }  # fmt: skip
    assert scene.troubles() == {}
    assert scene.host.metrics.verify() == []
