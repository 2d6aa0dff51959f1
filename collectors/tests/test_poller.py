"""The timetable: spread, monotonic, one visit at a time, rarer when a device stays silent."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
import structlog
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from collectors.poller import (
    Clock,
    Poller,
    _Slot,
    next_slot,
    phase,
    probe_after,
    traffic_every,
    traffic_phase,
)  # fmt: skip
from collectors.snmp import Job, Outcome, Sink
from collectors.tests.polled import SETTINGS, Make, Watched, plan, plans
from collectors.visits import Device, Visit
from core.config import Collector


@given(st.floats(0, 1e9), st.floats(0, 1, exclude_max=True), st.integers(5, 3600))
def test_the_next_moment_is_at_its_place_soon_but_not_at_once(
    now: float, place: float, interval: int
) -> None:
    due = next_slot(now, place, interval)
    assert now + interval / 4 <= due <= now + interval * 1.25 + 1e-6
    off = (due - place * interval) % interval
    assert min(off, interval - off) < 1e-3


def test_devices_are_spread_over_the_interval() -> None:
    """A thousand devices, thirty seconds: each second gets its share."""
    seconds = Counter(int(phase(key) * 30) for key in range(1, 1_001))
    assert len(seconds) == 30
    assert max(seconds.values()) < 3 * statistics.mean(seconds.values())


def test_the_place_of_a_device_is_the_same_in_every_process() -> None:
    code = "from collectors.poller import phase; print(phase(7))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert float(other.stdout) == phase(7)


def timetable(key: int, settings: Collector, seconds: float) -> list[tuple[float, bool]]:
    """The visits of a device that answers in 50 ms: when, and whether counters were read."""
    one = Poller(Watched(), lambda visit: None, settings)
    slot = _Slot(Device(plan(key)), plan(key), phase(key), 1_000.0, 1_000.0)
    made = []
    while slot.due < 1_000 + seconds:
        now = slot.due
        made.append((now, slot.traffic_due <= now + 1))
        one._plan_next(slot, made[-1][1], now + 0.05)
    return made


@pytest.mark.parametrize(
    ("status", "traffic", "every"),
    [(30, 60, 60), (30, 30, 30), (60, 300, 300), (5, 10, 10), (30, 50, 60), (30, 80, 90),
     (60, 10, 60), (40, 60, 80)],
)  # fmt: skip
def test_a_device_is_asked_once_an_interval_and_its_counters_at_every_nth(
    status: int, traffic: int, every: int
) -> None:
    settings = Collector(status_interval=status, traffic_interval=traffic)
    assert traffic_every(settings) == every
    for key in range(1, 60):
        made = timetable(key, settings, 3_600)
        assert len(made) == pytest.approx(3_600 / status, abs=1.01)
        counters = [at for at, both in made if both]
        gaps = {round(b - a, 3) for a, b in pairwise(counters[1:])}
        assert gaps == {every}, "and evenly"
        assert counters[1] - counters[0] <= 1.25 * every


def test_a_visit_so_slow_that_the_moment_of_counters_passes_reads_them_at_the_next() -> None:
    one = Poller(Watched(), lambda visit: None, Collector())
    slot = _Slot(Device(plan(1)), plan(1), phase(1), 1_000.0, 1_010.0)
    one._plan_next(slot, False, 1_025.0)
    assert slot.traffic_due == slot.status_due > 1_025


def test_counters_are_not_all_read_in_the_same_interval() -> None:
    """A thousand devices, a minute: each ten seconds get their share."""
    tens = Counter(int(traffic_phase(key, Collector()) * 6) for key in range(1, 1_001))
    assert len(tens) == 6
    assert max(tens.values()) < 1.4 * statistics.mean(tens.values())


def test_a_silent_device_is_probed_less_and_less_up_to_two_minutes() -> None:
    assert [probe_after(n, 30) for n in (3, 4, 5, 50)] == [60, 120, 120, 120]
    assert probe_after(9, 900) == 900, "never more often than it was polled"


def test_every_device_is_visited_soon_after_the_start(make: Make, visits: list[Visit]) -> None:
    one = make(Watched())
    one.follow(plans(50))
    deadline = time.monotonic() + 10
    one.run(lambda: len(visits) >= 50 or time.monotonic() > deadline)
    assert {visit.device_id for visit in visits} == set(range(1, 51))


def test_a_device_has_one_visit_at_a_time(make: Make, visits: list[Visit]) -> None:
    """However late its answer is, and however often its moment passes."""
    hold = threading.Event()
    agent = Watched(hold)
    one = make(agent)
    one.follow(plans(1))
    begin = time.monotonic()
    slot = one._slots[1]

    def impatient() -> bool:
        slot.status_due = 0.0
        one._timetable.append((0.0, 1))
        if time.monotonic() > begin + 0.5:
            hold.set()
        return bool(visits)

    one.run(impatient)
    assert agent.at_once == 1


def test_a_visit_may_last_as_long_as_an_interval_and_no_longer(make: Make) -> None:
    """Then its lane is another's: what is left of it ends as « late »."""
    left: list[float] = []

    class Timed(Watched):
        def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
            left.append(deadline - time.monotonic())
            super().poll(jobs, sink, deadline)

    one = make(Timed())
    one.follow(plans(3))
    one.once(time.monotonic() + 10)
    assert left
    assert max(left) <= SETTINGS.status_interval


def test_devices_that_leave_the_inventory_are_polled_no_more(
    make: Make, visits: list[Visit]
) -> None:
    agent = Watched()
    one = make(agent)
    assert one.follow(plans(3)) == 3
    assert one.follow({1: plan(1), 2: plan(2, "127.0.0.9")}) == 2
    assert one.follow({1: plan(1), 2: plan(2, "127.0.0.9")}) == 0
    assert agent.forgotten == [3]
    assert [t.host for t in agent.opened if t.key == 2] == ["127.0.0.1", "127.0.0.9"]
    deadline = time.monotonic() + 10
    one.run(lambda: len(visits) >= 2 or time.monotonic() > deadline)
    assert {visit.device_id for visit in visits} == {1, 2}


def test_once_visits_every_device_one_time(make: Make) -> None:
    one = make(Watched())
    one.follow(plans(20))
    made = one.once(time.monotonic() + 10)
    assert sorted(visit.device_id for visit in made) == list(range(1, 21))


def test_a_fault_of_ours_on_one_device_costs_no_other(make: Make) -> None:
    class Faulty(Watched):
        def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
            if jobs[0].target == 2:
                raise ZeroDivisionError
            super().poll(jobs, sink, deadline)

    one = make(Faulty())
    one.follow(plans(3))
    with structlog.testing.capture_logs() as lines:
        made = {visit.device_id: visit.outcome for visit in one.once(time.monotonic() + 10)}
    assert [line["event"] for line in lines] == ["visit failed"]
    assert made == {1: Outcome.OK, 2: Outcome.BAD_ANSWER, 3: Outcome.OK}


def test_a_device_that_fails_is_told_once_and_once_when_it_recovers(make: Make) -> None:
    agent = Watched()
    one = make(agent)
    one.follow(plans(1))
    with structlog.testing.capture_logs() as lines:
        for failure in (Outcome.TIMEOUT,) * 5 + (None,) * 3:
            agent.failure = failure
            one.once(time.monotonic() + 10)
    assert [line["event"] for line in lines] == ["device fails", "device answers again"]
    assert lines[0]["device"] == "r1"


def test_a_clock_that_is_set_is_noticed_and_moves_no_timetable() -> None:
    with time_machine.travel(1_750_000_000, tick=True) as traveller:
        clock = Clock()
        before = clock()
        traveller.shift(3_600)
        after = clock()
    assert after.run == before.run + 1
    assert after.at - before.at == pytest.approx(3_600, abs=5)


def test_a_clock_that_drifts_was_not_set() -> None:
    with time_machine.travel(1_750_000_000, tick=True) as traveller:
        clock = Clock()
        runs = set()
        for _ in range(20):
            traveller.shift(0.5)
            runs.add(clock().run)
    assert runs == {0}


def test_the_breaker_opens_at_the_third_failure_and_closes_at_the_first_answer(
    make: Make,
) -> None:
    agent = Watched()
    one = make(agent)
    one.follow(plans(1))
    waits = []
    for failure in (Outcome.TIMEOUT,) * 4 + (None,):
        agent.failure = failure
        one.once(time.monotonic() + 10)
        waits.append(one._slots[1].due - time.monotonic())
    assert waits[0] <= 6.25
    assert waits[1] <= 6.25
    assert waits[2] == pytest.approx(10, abs=1)
    assert waits[3] == pytest.approx(20, abs=1)
    assert waits[4] <= 6.25


def test_a_device_waits_for_the_clock_of_its_interval_not_for_its_own_slowness() -> None:
    assert next_slot(95.0, 0.5, 30) == pytest.approx(105.0)
    assert next_slot(106.0, 0.5, 30) == pytest.approx(135.0)
