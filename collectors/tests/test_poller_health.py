"""Devices that fall silent are probed, and what the poller tells of itself."""

from __future__ import annotations

import threading
import time

import pytest
import structlog

from collectors import oids
from collectors.poller import Poller
from collectors.snmp import Job, Outcome
from collectors.sparing import Sparing
from collectors.tests.polled import SETTINGS, Make, Watched, plans
from collectors.visits import Visit
from core.network.status import State


def silent_then_probed(make: Make, agent: Watched) -> tuple[Poller, list[Job]]:
    """A poller whose only device failed three times; what was asked before is forgotten."""
    one = make(agent)
    one.follow(plans(1))
    agent.failure = Outcome.TIMEOUT
    for _ in range(3):
        one.once(time.monotonic() + 10)
    agent.asked.clear()
    return one, agent.asked


def test_a_silent_device_is_probed_by_one_question_tried_once(make: Make) -> None:
    one, asked = silent_then_probed(make, Watched())
    (visit,) = one.once(time.monotonic() + 10)
    assert asked == [Job(1, (oids.SYS_UPTIME,), tries=1)]
    assert visit.outcome is Outcome.TIMEOUT
    assert [(link, status.state) for link, status, _ in visit.statuses] == [(1, State.UNKNOWN)]


def test_a_device_that_answers_its_probe_is_visited_whole_at_once(make: Make) -> None:
    agent = Watched()
    one, asked = silent_then_probed(make, agent)
    agent.failure = None
    (visit,) = one.once(time.monotonic() + 10)
    assert asked[0] == Job(1, (oids.SYS_UPTIME,), tries=1)
    assert len(asked) > 1
    assert visit.outcome is Outcome.OK
    assert visit.read.keys() == {1}
    assert one.backed_off == 0


def test_visits_are_counted_by_their_outcome_and_requests_with_them(make: Make) -> None:
    agent = Watched()
    one = make(agent)
    one.follow(plans(4))
    one.once(time.monotonic() + 10)
    agent.failure = Outcome.REFUSED
    one.once(time.monotonic() + 10)
    one.run(lambda: one.counts["requests"] == agent.requests)
    counts = dict(one.counts)
    assert counts.pop("requests") >= 8
    assert counts == {Outcome.OK: 4, Outcome.REFUSED: 4}


def test_the_devices_that_are_only_probed_are_told_until_they_answer_or_leave(make: Make) -> None:
    agent = Watched()
    one = make(agent)
    one.follow(plans(3))
    agent.failure = Outcome.TIMEOUT
    seen = []
    for _ in range(3):
        one.once(time.monotonic() + 10)
        seen.append(one.backed_off)
    assert seen == [0, 0, 3]
    one.follow(plans(2))
    assert (one.backed_off, one.devices) == (2, 2)
    agent.failure = None
    one.once(time.monotonic() + 10)
    assert one.backed_off == 0


def test_devices_that_wait_for_a_lane_and_their_lag_are_told(make: Make) -> None:
    """Four lanes are held by four devices; the others wait, and are later and later."""
    hold = threading.Event()
    one = make(Watched(hold))
    assert (one.waiting, one.lag) == (0, 0.0)
    one.follow(plans(10))
    deadline = time.monotonic() + 4
    one.run(lambda: one.waiting == 6 or time.monotonic() > deadline)
    assert one.waiting == 6
    first = one.lag
    assert 0 < first < one.lag
    hold.set()
    one.run(lambda: one.waiting == 0)
    assert one.lag == 0.0


@pytest.mark.parametrize("gone", [Outcome.TIMEOUT, Outcome.REFUSED, Outcome.AUTH])
def test_the_failure_of_a_probe_is_the_failure_of_the_visit(make: Make, gone: Outcome) -> None:
    agent = Watched()
    one, _ = silent_then_probed(make, agent)
    agent.failure = gone
    (visit,) = one.once(time.monotonic() + 10)
    assert visit.outcome is gone
    assert one._slots[1].device.failures == 4


@pytest.mark.parametrize(("rate", "expected"), [(0, 1), (50, 0)])
def test_a_device_that_holds_a_lane_for_whole_intervals_is_backed_off_unless_we_made_it_wait(
    visits: list[Visit], rate: int, expected: int
) -> None:
    agent = Watched()
    agent.failure = Outcome.LATE
    one = Poller(agent, visits.append, SETTINGS.model_copy(update={"rate": rate}))
    one.follow(plans(1))
    for _ in range(3):
        one.once(time.monotonic() + 10)
    assert one.stop(5)
    assert one.backed_off == expected
    assert [visit.failures for visit in visits] == ([1, 2, 3] if expected else [0, 0, 0])


def test_an_outage_of_thousands_of_devices_does_not_fill_the_log() -> None:
    sparing = Sparing()
    with structlog.testing.capture_logs() as lines:
        first = [sparing.allows(100.0 + n / 1_000) for n in range(3_000)]
        assert not lines
        later = [sparing.allows(170.0), sparing.allows(171.0)]
    assert (sum(first), later) == (50, [True, True])
    assert [line["count"] for line in lines] == [2_950]
