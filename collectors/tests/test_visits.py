"""A visit to a device: interfaces that move, vanish, narrow; failures, and what they tell."""

from __future__ import annotations

import time

import pytest

from collectors import oids
from collectors.inventory import Plan, Watch
from collectors.snmp import MISSING, Kind, Outcome, Target, Varbind
from collectors.tests.agents import Mib
from collectors.tests.routers import interface, mib
from collectors.visits import MAX_VARBINDS, Device, Moment, Visit
from core.network.status import UP, Reason, State, Status

T0 = 1_750_000_000.0
DOWN = Status(State.DOWN, Reason.INTERFACE_DOWN)
NO_INTERFACE = Status(State.UNKNOWN, Reason.NO_INTERFACE)


def device(*watches: Watch, version: str = "2c") -> Device:
    return Device(Plan("r1", Target(1, "127.0.0.1", 161, version, {}), watches))


def visit(of: Device, agent: Mib, traffic: bool = True, at: float = T0) -> Visit:
    return of.visit(agent, traffic, lambda: Moment(at), time.monotonic() + 5)


def of_interfaces(agent: Mib) -> list[bool]:
    """What was asked of IF-MIB: whether each job was a table."""
    return [job.column for job in agent.asked if ".9.9." not in job.oids[0]]


def states(of: Visit) -> dict[int, Status]:
    return {link: status for link, status, _ in of.statuses}


GI1 = Watch(1, "Gi0/1", None)
GI2 = Watch(2, "Gi0/2", None)


def test_an_interface_is_found_by_its_name_then_read_where_it_is() -> None:
    router = device(GI1, GI2)
    agent = mib(interface(7, "Gi0/1"), interface(3, "Gi0/2", oper=2))
    first = visit(router, agent)
    assert first.outcome is Outcome.OK
    assert states(first) == {1: UP, 2: DOWN}
    assert first.found == {1: 7, 2: 3}
    assert first.read == {1: T0, 2: T0}
    agent.asked.clear()
    assert states(visit(router, agent)) == {1: UP, 2: DOWN}
    assert [job.column for job in agent.asked] == [False], "one GET, no walk"


def test_an_index_already_known_is_checked_by_its_name_and_costs_no_walk() -> None:
    agent = mib(interface(7, "Gi0/1"))
    told = visit(device(Watch(1, "Gi0/1", 7)), agent)
    assert states(told) == {1: UP}
    assert of_interfaces(agent) == [False]


def test_a_renumbered_interface_is_followed_in_the_same_visit() -> None:
    """Gi0/1 moved from 7 to 8, and 7 is another now: never the other's state under its name."""
    router = device(GI1)
    visit(router, mib(interface(7, "Gi0/1")))
    told = visit(router, mib(interface(7, "Gi0/9", oper=2), interface(8, "Gi0/1", octets=5)))
    assert states(told) == {1: UP}
    assert told.found == {1: 8}
    assert [t.counters.in_octets for t in told.traffic] == [5]


def test_an_interface_the_router_does_not_know_is_unknown_and_the_others_are_read() -> None:
    router = device(GI1, GI2)
    agent = mib(interface(3, "Gi0/2"))
    assert states(visit(router, agent)) == {1: NO_INTERFACE, 2: UP}
    assert visit(router, agent).read == {2: T0}


def test_an_interface_that_was_not_found_is_not_looked_for_at_each_visit() -> None:
    router = device(GI1)
    agent = mib()
    for _ in range(5):
        assert states(visit(router, agent)) == {1: NO_INTERFACE}
    assert sum(of_interfaces(agent)) == 2, "ifName, ifDescr, once"


def test_a_restart_of_the_router_makes_it_looked_for_again() -> None:
    router = device(GI1, GI2)
    visit(router, mib(interface(3, "Gi0/2")))
    rebooted = mib(interface(3, "Gi0/2"), interface(9, "Gi0/1"), uptime=100)
    visit(router, rebooted)
    assert states(visit(router, rebooted)) == {1: UP, 2: UP}


def test_a_router_without_ifxtable_is_found_by_description_with_32_bit_counters() -> None:
    told = visit(device(GI1), mib(interface(4, "Gi0/1", bits=32, named=False)))
    assert states(told) == {1: UP}
    assert [(t.counters.bits, t.counters.in_octets) for t in told.traffic] == [(32, 1_000)]


def test_a_declared_index_is_enough() -> None:
    assert states(visit(device(Watch(1, None, 4)), mib(interface(4, "whatever")))) == {1: UP}


def test_a_link_without_name_or_index_is_unknown() -> None:
    assert states(visit(device(Watch(1, None, None)), mib())) == {1: NO_INTERFACE}


def test_a_router_without_64_bit_counters_is_asked_for_32_at_once_then_always() -> None:
    router = device(GI1)
    agent = mib(interface(4, "Gi0/1", bits=32))
    assert [t.counters.bits for t in visit(router, agent).traffic] == [32]
    assert of_interfaces(agent) == [True, False, False]
    agent.asked.clear()
    assert [t.counters.bits for t in visit(router, agent).traffic] == [32]
    assert len(agent.asked) == 1


def test_snmpv1_is_never_asked_for_64_bit_counters() -> None:
    agent = mib(interface(4, "Gi0/1"))
    assert [t.counters.bits for t in visit(device(GI1, version="1"), agent).traffic] == [32]
    assert not any(oids.IF_HC_IN_OCTETS in oid for job in agent.asked for oid in job.oids)


def test_an_interface_without_counters_still_has_a_state() -> None:
    bare = {k: v for k, v in interface(4, "Gi0/1").items() if v.kind[:7] != "COUNTER"}
    told = visit(device(GI1), mib(bare))
    assert (states(told), told.traffic) == ({1: UP}, [])


def test_a_status_visit_reads_no_counters() -> None:
    told = visit(device(GI1), mib(interface(4, "Gi0/1")), traffic=False)
    assert (states(told), told.traffic) == ({1: UP}, [])


def test_many_links_are_asked_in_questions_of_bounded_size() -> None:
    watches = [Watch(i, f"Gi{i}", i) for i in range(1, 41)]
    agent = mib(*(interface(i, f"Gi{i}") for i in range(1, 41)))
    told = visit(device(*watches), agent)
    assert states(told) == dict.fromkeys(range(1, 41), UP)
    assert max(len(job.oids) for job in agent.asked) <= MAX_VARBINDS


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.TIMEOUT, Reason.UNREACHABLE),
        (Outcome.REFUSED, Reason.UNREACHABLE),
        (Outcome.AUTH, Reason.UNREACHABLE),
        (Outcome.BAD_ANSWER, Reason.BAD_ANSWER),
    ],
)
def test_a_failure_says_nothing_at_first_and_unknown_once_confirmed(
    outcome: Outcome, reason: Reason
) -> None:
    router = device(GI1)
    agent = mib(interface(4, "Gi0/1"))
    visit(router, agent)
    agent.failure = outcome
    first = visit(router, agent)
    assert (first.outcome, first.statuses, first.read, first.traffic) == (outcome, [], {}, [])
    assert states(visit(router, agent)) == {1: Status(State.UNKNOWN, reason)}
    agent.failure = None
    assert states(visit(router, agent)) == {1: UP}
    assert router.failures == 0


def test_a_down_that_was_read_is_believed_at_once() -> None:
    router = device(GI1)
    visit(router, mib(interface(4, "Gi0/1")))
    assert states(visit(router, mib(interface(4, "Gi0/1", oper=2)))) == {1: DOWN}


@pytest.mark.parametrize(
    "nonsense",
    [
        {f"{oids.IF_OPER_STATUS}.4": Varbind(Kind.STRING, "up")},
        {oids.SYS_UPTIME: MISSING},
        {oids.SYS_UPTIME: Varbind(Kind.COUNTER64, "99")},
        {f"{oids.IF_HC_IN_OCTETS}.4": Varbind(Kind.TICKS, "1")},
        {f"{oids.IF_NAME}.4": Varbind(Kind.INTEGER, "4")},
    ],
)
def test_nonsense_is_a_bad_answer_and_no_measure(nonsense: dict[str, Varbind]) -> None:
    agent = mib(interface(4, "Gi0/1"), nonsense)
    told = visit(device(Watch(1, "Gi0/1", 4)), agent)
    assert (told.outcome, told.traffic) == (Outcome.BAD_ANSWER, [])


@pytest.mark.parametrize("index", [0, 2**31, 2**32 - 1, 2**64])
def test_an_index_that_no_interface_has_is_a_bad_answer(index: int) -> None:
    """ifIndex is 1 to 2**31 - 1 (RFC 2863): another fits neither a question nor a database."""
    told = visit(device(GI1), mib(interface(index, "Gi0/1")))
    assert (told.outcome, told.found, told.read) == (Outcome.BAD_ANSWER, {}, {})


def test_a_strange_index_of_an_interface_that_is_not_ours_costs_nothing() -> None:
    agent = mib(interface(2**31, "Gi9/9"), interface(2**31 - 1, "Gi0/1"))
    assert states(visit(device(GI1), agent)) == {1: UP}


def test_settings_that_cannot_be_used_are_told_without_a_question() -> None:
    agent = mib(interface(4, "Gi0/1"))
    broken = Device(Plan("r", Target(1, "h", 161, "2c", {}), (GI1,), "not JSON"))
    told = visit(broken, agent)
    assert (told.outcome, told.detail, agent.asked) == (Outcome.BAD_TARGET, "not JSON", [])


def test_a_change_is_dated_by_the_router_when_it_came_since_the_last_reading() -> None:
    """ifLastChange 12 s before the reading: the outage began then, not when it was seen."""
    router = device(GI1)
    visit(router, mib(interface(4, "Gi0/1")), at=T0)
    agent = mib(interface(4, "Gi0/1", oper=2, changed=5_003_000 - 1_200), uptime=5_003_000)
    assert visit(router, agent, at=T0 + 30).statuses == [(1, DOWN, T0 + 18)]


def test_a_change_that_the_router_dates_before_the_last_reading_is_dated_by_us() -> None:
    router = device(GI1)
    visit(router, mib(interface(4, "Gi0/1")), at=T0)
    told = visit(router, mib(interface(4, "Gi0/1", oper=2, changed=5)), at=T0 + 30)
    assert told.statuses == [(1, DOWN, T0 + 30)]


def test_a_changed_plan_keeps_what_is_known_of_the_links_that_stay() -> None:
    router = device(GI1)
    agent = mib(interface(7, "Gi0/1"), interface(3, "Gi0/2"))
    visit(router, agent)
    router.follow(Plan("r1", router.plan.target, (Watch(1, "Gi0/1", 7), GI2)))
    agent.asked.clear()
    told = visit(router, agent)
    assert states(told) == {1: UP, 2: UP}
    assert told.found == {2: 3}


def test_a_corrected_index_of_a_link_without_name_is_taken_up() -> None:
    router = device(Watch(1, None, 4))
    agent = mib(interface(4, "a", octets=1), interface(5, "b", octets=2, oper=2))
    assert [t.interface for t in visit(router, agent).traffic] == ["4"]
    router.follow(Plan("r1", router.plan.target, (Watch(1, None, 5),)))
    told = visit(router, agent)
    assert states(told) == {1: DOWN}
    assert [(t.interface, t.counters.in_octets) for t in told.traffic] == [("5", 2)]
    router.follow(Plan("r1", router.plan.target, (Watch(1, None, None),)))
    assert states(visit(router, agent)) == {1: NO_INTERFACE}


def test_a_backup_that_waits_to_be_called_is_up() -> None:
    agent = mib(interface(4, "Gi0/1", oper=5))
    assert states(visit(device(Watch(1, "Gi0/1", 4, standby=True)), agent)) == {1: UP}
    assert states(visit(device(Watch(1, "Gi0/1", 4)), agent)) == {1: DOWN}
