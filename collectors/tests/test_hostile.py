"""Routers that lie, all at once, beside an honest one: each costs its own links, and « Collecte »
names it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

import pytest

from collectors.lines import Lines
from collectors.simulator.fleet import Fleet
from collectors.snmp import Outcome
from collectors.tests.agents import free_port, until
from collectors.tests.fleet_scenes import FleetScene, add, router
from core.host import Host
from core.web.collection_words import OUTCOMES, why

OK, BAD, SILENT = {Outcome.OK}, {Outcome.BAD_ANSWER}, {Outcome.TIMEOUT}
LIES: dict[str, set[Outcome]] = {
    "slow": SILENT,
    "elsewhere": SILENT,
    "stale": SILENT,
    "truncated": BAD | SILENT,
    "garbage": BAD | SILENT,
    "stranger": BAD,
    "mistyped": BAD,
    "toobig": BAD,
    "huge": BAD,
    "silence": SILENT,
}
"""How a visit to a known router ends that behaves so. The engines differ where two are given."""
TABLES = {"endless": BAD, "backwards": BAD | {Outcome.NO_SUCH}}
UNKNOWN = {
    **LIES,
    **TABLES,
    "stranger": BAD | {Outcome.NO_SUCH},
    "toobig": BAD | {Outcome.NO_SUCH},
    "huge": BAD | {Outcome.NO_SUCH},
}
"""The same of one that was never read: its interfaces are looked for in a table, which may seem
empty.
"""
HARMLESS = ("twice", "falling", "excess")
"""Both engines cut a number of 2**40 to the 32 bits of its type, without a word."""
HONEST = "honest"
OURS = "a fault of the collector"
OF_GUFO = ("what came does not decode", "an error in place of a value")
"""What « Collecte » tells as it is, without words of its own."""
PORT = free_port()


ROUTERS = [router(n, name, PORT) for n, name in enumerate((HONEST, *HARMLESS, *UNKNOWN), 1)]


@pytest.fixture
def scene(host: Host, engine: Lines) -> Iterator[FleetScene]:
    made = FleetScene(host, engine, add(host, ROUTERS), Fleet(ROUTERS))
    yield made
    assert made.poller.stop(10)
    host.metrics.close()


def lie(fleet: Fleet, names: Iterable[str]) -> None:
    """Make routers behave as they are called, the silent one last."""
    for name in sorted(names, key=lambda name: name == "silence"):
        fleet.control.behave(name, [name], time.time())


def check(scene: FleetScene, lies: Mapping[str, set[Outcome]]) -> None:
    outcomes = scene.visit()
    assert {name: how for name, how in outcomes.items() if how not in lies.get(name, OK)} == {}
    troubles = scene.troubles()
    assert {n: t.outcome for n, t in troubles.items()} == {n: str(outcomes[n]) for n in lies}
    details = {name: trouble.detail for name, trouble in troubles.items()}
    assert [name for name, said in details.items() if said in ("", OURS)] == []
    unsaid = [trouble.detail for trouble in troubles.values() if why(trouble) == trouble.detail]
    assert [said for said in unsaid if not said.startswith(OF_GUFO)] == []


def test_each_liar_costs_itself_alone_and_is_named_with_its_fault(scene: FleetScene) -> None:
    with scene.fleet as fleet:
        assert set(scene.visit().values()) == OK
        assert scene.troubles() == {}
        lie(fleet, (*LIES, *HARMLESS))
        until(lambda: scene.visit()["silence"] is Outcome.TIMEOUT)
        before = {name: scene.octets(name) for name in LIES}
        check(scene, LIES)
        assert {name: scene.octets(name) for name in LIES} == before
        fleet.control.restore(devices=[*LIES, *HARMLESS])
        until(lambda: set(scene.visit().values()) == OK)
    assert scene.troubles() == {}


def test_a_liar_that_was_never_read_is_named_too(scene: FleetScene) -> None:
    lie(scene.fleet, (*UNKNOWN, *HARMLESS))
    with scene.fleet:
        check(scene, UNKNOWN)
        scene.visit()
    assert [name for name in UNKNOWN if scene.octets(name)] == []
    assert scene.octets(HONEST) > 0
    assert scene.octets("twice") > 0
    assert scene.octets("falling") == 0, "what goes back is no traffic"


def test_every_way_a_visit_can_end_has_its_words_on_the_page() -> None:
    assert {str(outcome) for outcome in Outcome} - {"ok"} <= OUTCOMES.keys()
