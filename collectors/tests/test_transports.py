"""Which engine speaks, how fast it may ask, and how many of its connections stay open."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import structlog

from collectors import lines, oids, transports
from collectors.lines import Gate, Lines
from collectors.simulator import ber
from collectors.snmp import Answer, Failed, Job, Outcome
from collectors.tests.agents import answer, at, responder
from core.config import Collector, ConfigError


@pytest.mark.parametrize("name", transports.ENGINES)
def test_the_engine_of_the_configuration_speaks(name: str) -> None:
    module, cls = transports.ENGINES[name]
    pytest.importorskip(module, exc_type=ImportError)
    made = transports.make(Collector(engine=name, threads=7))
    assert (type(made).__name__, made.lanes) == (cls, 7)


@pytest.mark.parametrize("name", transports.ENGINES)
def test_the_other_engine_speaks_when_the_chosen_one_does_not_load_and_the_log_says_so(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (other,) = transports.ENGINES.keys() - {name}
    pytest.importorskip(transports.ENGINES[other][0], exc_type=ImportError)
    monkeypatch.setitem(sys.modules, transports.ENGINES[name][0], None)
    with structlog.testing.capture_logs() as said:
        made = transports.make(Collector(engine=name))
    assert type(made).__name__ == transports.ENGINES[other][1]
    assert [(line["engine"], line["instead_of"]) for line in said] == [(other, name)]


def test_without_any_engine_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, _ in transports.ENGINES.values():
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match="make setup"):
        transports.make(Collector())


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_rate_spaces_the_requests_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty a second: after a lull a tenth of a second of them at once, then one every 20 ms."""
    clock = Time()
    monkeypatch.setattr(lines, "time", clock)
    gate = Gate(50)
    begun = []
    for _ in range(30):
        gate.enter(1_000)
        begun.append(clock.now)
    gaps = [round(b - a, 6) for a, b in pairwise(begun)]
    assert set(gaps[:5]) == {0.0}
    assert set(gaps[5:]) == {0.02}
    assert gate.passed == 30


def test_a_request_that_the_rate_holds_back_beyond_its_deadline_is_not_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Time()
    monkeypatch.setattr(lines, "time", clock)
    gate = Gate(1)
    gate.enter(1_000)
    with pytest.raises(Failed) as failed:
        gate.enter(clock.now + 0.5)
    assert (failed.value.outcome, gate.passed) == (Outcome.LATE, 1)


def test_without_a_rate_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Time()
    monkeypatch.setattr(lines, "time", clock)
    gate = Gate()
    for _ in range(1_000):
        gate.enter(clock.now)
    assert (clock.now, gate.passed) == (100.0, 1_000)


def sockets() -> int:
    """Return how many sockets this process holds."""
    return sum(
        str(place.readlink()).startswith("socket:")
        for place in Path("/proc/self/fd").iterdir()
        if place.is_symlink()
    )


@pytest.mark.parametrize("communities", [1, 5])
def test_the_connections_of_a_large_fleet_do_not_all_stay_open(
    engine: Lines, communities: int
) -> None:
    """Each takes a local port, and a machine has 28,000: beyond some, they open for one job.

    Nor do they when routers answer to communities of their own.
    """
    few = type(engine)(2, 0, keep=2)
    box: list[Answer] = []
    with responder(lambda request: [answer(request, value=ber.unsigned(1, ber.TIMETICKS))]) as port:
        few.open(
            replace(at(port, key=key), credentials={"community": f"c{key % communities}"})
            for key in range(5)
        )
        before = sockets()
        for _ in range(2):
            few.poll(
                [Job(key, (oids.SYS_UPTIME,)) for key in range(5)], box.append, time.monotonic() + 9
            )
        assert sockets() - before <= 2
    assert [one.outcome for one in box] == [Outcome.OK] * 10
    few.close()
    assert sockets() <= before - 1
