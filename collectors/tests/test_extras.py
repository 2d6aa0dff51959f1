"""Classes and probes in a visit: what a look costs, and what a bad table does not."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from collectors import extras, oids
from collectors.extras import Ration
from collectors.inventory import ClassWatch, Plan, ProbeWatch, Watch
from collectors.qos import FoundClass
from collectors.readings import Moment, Visit
from collectors.snmp import Answer, Job, Kind, Outcome, Sink, Target, Varbind
from collectors.tests.agents import Mib
from collectors.tests.routers import Rows, echo, interface, mib, policy
from collectors.visits import MAX_VARBINDS, Device
from core.network.measured import Direction

T0 = 1_750_000_000.0
GI1 = Watch(1, "Gi0/1", 4)


class Broken(Mib):
    """An agent that fails some tables and answers the rest."""

    def __init__(self, values: Rows, failing: str, outcome: Outcome) -> None:
        super().__init__(values)
        self.failing, self.outcome = failing, outcome

    def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
        for job in jobs:
            if job.oids[-1].startswith(self.failing):
                self.asked.append(job)
                sink(Answer(job, self.outcome, detail="said so"))
            else:
                super().poll([job], sink, deadline)


def plan(*classes: str, probes: Sequence[int] = (), version: str = "2c") -> Plan:
    """One link with these classes (ids from 100) and probes (their number is their id)."""
    return Plan(
        "r1", Target(1, "127.0.0.1", 161, version, {}), (GI1,), "",
        tuple(ClassWatch(100 + n, 1, Direction.OUT, path) for n, path in enumerate(classes)),
        tuple(ProbeWatch(number, 1, number) for number in probes),
    )  # fmt: skip


def visit(of: Device, agent: Mib, traffic: bool = True) -> Visit:
    return of.visit(agent, traffic, lambda: Moment(T0), time.monotonic() + 5)


def looks(agent: Mib) -> list[str]:
    """The tables that were asked for, but for those of IF-MIB."""
    return [job.oids[0] for job in agent.asked if job.column and ".9.9." in job.oids[0]]


def router(*rows: Rows) -> Mib:
    return mib(interface(4, "Gi0/1"), *rows)


def test_a_router_without_classes_or_probes_costs_two_exchanges_in_six_hours() -> None:
    device, agent = Device(plan()), router()
    for _ in range(3):
        assert visit(device, agent).problems == []
    assert looks(agent) == [oids.CB_QOS_POLICY_DIRECTION, oids.RTT_MON_CTRL_ADMIN_RTT_TYPE]
    assert len(agent.asked) == 2 + 3


def test_what_a_router_did_not_have_is_asked_again_every_six_hours() -> None:
    """A card put back in its slot, a release that counts errors, 64-bit counters at last."""
    device = Device(plan())
    visit(device, mib(interface(4, "Gi0/1", bits=32)))
    better = mib(interface(4, "Gi0/1", faults=(1, 2, 3, 4)))
    assert [t.counters.bits for t in visit(device, better).traffic] == [32]
    device.extras.look_at = 0.0
    visit(device, better)
    told = visit(device, better).traffic
    assert [(t.counters.bits, t.faults) for t in told] == [(64, (1, 2, 3, 4))]


def test_a_status_visit_looks_at_nothing() -> None:
    agent = router(policy(4, {"VOIX": 1}))
    visit(Device(plan()), agent, traffic=False)
    assert looks(agent) == []


def test_what_is_found_and_not_in_the_plan_is_told_with_its_interface() -> None:
    told = visit(Device(plan()), router(policy(4, {"VOIX": 1}), echo(7, "L1", 1, 1)))
    assert told.discovered is not None
    assert [c.path for c in told.discovered.classes] == ["COS/VOIX"]
    assert [p.number for p in told.discovered.probes] == [7]
    assert [(i.index, i.name) for i in told.discovered.interfaces] == [(4, "Gi0/1")]


def test_what_is_known_is_told_again_at_later_looks_alone() -> None:
    """So that « seen » moves on, and a restart of the collector writes nothing of a whole fleet."""
    device, agent = Device(plan("COS/VOIX")), router(policy(4, {"VOIX": 1}))
    assert visit(device, agent).discovered is None
    device.extras.look_at = 0.0
    again = visit(device, agent)
    assert again.discovered is not None
    assert visit(device, agent).discovered is None


def test_a_class_is_read_by_its_known_number_without_a_table() -> None:
    device = Device(plan("COS/VOIX", "COS/DATA"))
    agent = router(policy(4, {"VOIX": 5, "DATA": 6}))
    visit(device, agent)
    agent.asked.clear()
    told = visit(device, agent)
    assert [(c.class_id, c.counters.sent, c.speed_bps) for c in told.classes] == [
        (100, 5, 20_000_000), (101, 6, 20_000_000),
    ]  # fmt: skip
    assert [job.column for job in agent.asked] == [False, False]


def test_a_class_of_another_interface_is_not_taken_for_ours() -> None:
    told = visit(Device(plan("COS/VOIX")), router(policy(5, {"VOIX": 5})))
    assert (told.classes, told.discovered) == ([], None)


def test_many_classes_are_asked_in_questions_of_bounded_size() -> None:
    names = [f"C{n}" for n in range(25)]
    agent = router(policy(4, dict.fromkeys(names, 7)))
    told = visit(Device(plan(*(f"COS/{name}" for name in names))), agent)
    assert len(told.classes) == 25
    assert max(len(job.oids) for job in agent.asked) <= MAX_VARBINDS


def test_snmpv1_is_not_asked_for_classes_and_is_for_probes() -> None:
    """It has no Counter64, and classes have no others worth reading."""
    agent = router(policy(4, {"VOIX": 5}), echo(7, "L1", 1, 1))
    told = visit(Device(plan(version="1")), agent)
    assert looks(agent)[0] == oids.RTT_MON_CTRL_ADMIN_RTT_TYPE
    assert told.discovered is not None
    assert told.discovered.classes == []


@pytest.mark.parametrize("outcome", [Outcome.BAD_ANSWER, Outcome.TIMEOUT, Outcome.LATE])
def test_a_device_with_broken_tables_keeps_the_measures_of_its_links(outcome: Outcome) -> None:
    agent = Broken(router(echo(7, "L1", 1, 1)).values, ".1.3.6.1.4.1.9.9.166", outcome)
    device = Device(plan(probes=[7]))
    told = visit(device, agent)
    assert (told.outcome, len(told.traffic), len(told.probes)) == (Outcome.OK, 1, 1)
    assert len(told.problems) == 1
    assert "QoS" in told.problems[0]
    assert visit(device, agent).problems == told.problems, "told until it is looked at again"
    assert looks(agent).count(oids.CB_QOS_POLICY_DIRECTION) == 1, "not at each visit"


def test_a_class_that_answers_nonsense_costs_itself_alone() -> None:
    rows = policy(4, {"VOIX": 5, "DATA": 6})
    odd = next(k for k, v in rows.items() if v == Varbind(Kind.COUNTER64, "5"))
    told = visit(Device(plan("COS/VOIX", "COS/DATA")), router(rows | {odd: Varbind("IPADDR", "")}))
    assert [c.class_id for c in told.classes] == [101]
    assert [p[:12] for p in told.problems] == ["QoS COS/VOIX"]
    assert len(told.traffic) == 1


def test_a_router_that_gives_up_its_counters_midway_keeps_its_links() -> None:
    rows = router(policy(4, {"VOIX": 5})).values
    told = visit(Device(plan("COS/VOIX")), Broken(rows, oids.CB_QOS_CM_DROP_PKT64, Outcome.TIMEOUT))
    assert (told.outcome, len(told.traffic), told.classes) == (Outcome.OK, 1, [])
    assert len(told.problems) == 1


def test_a_failed_look_keeps_what_the_last_one_found() -> None:
    rows = router(policy(4, {"VOIX": 5})).values
    device = Device(plan("COS/VOIX"))
    visit(device, Mib(rows))
    device.extras.look_at = 0.0
    told = visit(device, Broken(rows, oids.CB_QOS_CM_NAME, Outcome.TIMEOUT))
    assert len(told.classes) == 1


def test_a_class_that_left_is_looked_for_once_and_not_at_each_visit() -> None:
    device = Device(plan("COS/VOIX"))
    visit(device, router(policy(4, {"VOIX": 5})))
    device.extras.look_at = 0.0
    gone = {k: v for k, v in policy(4, {"VOIX": 5}).items() if v.kind != Kind.COUNTER64}
    agent = router(gone)
    for _ in range(4):
        assert visit(device, agent).classes == []
    assert looks(agent).count(oids.CB_QOS_POLICY_DIRECTION) == 1
    assert device.extras.look_at <= time.monotonic() + extras.LOOK_AGAIN


def test_a_fleet_is_not_looked_at_in_one_go() -> None:
    ration, agent = Ration(2), router(policy(4, {"VOIX": 5}))
    told = [visit(Device(plan(), ration), agent) for _ in range(20)]
    assert 2 <= sum(one.discovered is not None for one in told) < 20
    assert all(len(one.traffic) == 1 for one in told)


def test_the_same_classes_on_two_links_of_one_router_are_told_apart() -> None:
    both = Plan(
        "r1", Target(1, "h", 161, "2c", {}), (GI1, Watch(2, "Gi0/2", 5)), "",
        (ClassWatch(8, 1, Direction.OUT, "COS/VOIX"), ClassWatch(9, 2, Direction.OUT, "COS/VOIX")),
    )  # fmt: skip
    agent = mib(interface(4, "Gi0/1"), interface(5, "Gi0/2"),
                policy(5, {"VOIX": 55}, base=16), policy(4, {"VOIX": 44}, base=60))  # fmt: skip
    told = visit(Device(both), agent)
    assert [(c.class_id, c.counters.sent, c.interface) for c in told.classes] == [
        (8, 44, "Gi0/1"), (9, 55, "Gi0/2"),
    ]  # fmt: skip


def test_the_classes_of_a_link_that_is_new_to_a_router_are_looked_for_at_once() -> None:
    device = Device(plan())
    agent = router(interface(5, "Gi0/2"), policy(5, {"VOIX": 1}))
    assert visit(device, agent).discovered is None
    target = device.plan.target
    device.follow(Plan("r1", target, (GI1, Watch(2, "Gi0/2", 5))))
    told = visit(device, agent).discovered
    assert told is not None
    assert [c.path for c in told.classes] == ["COS/VOIX"]


def test_the_classes_of_an_interface_that_appears_are_looked_for_at_once() -> None:
    device = Device(plan())
    assert visit(device, mib(policy(4, {"VOIX": 1}))).discovered is None
    device.known.clear()
    device.lost.clear()
    assert visit(device, router(policy(4, {"VOIX": 1}))).discovered is not None


def test_a_run_is_dated_by_the_router() -> None:
    """It ended 42 s before it was read; sysUpTime wrapped since, after 497 days."""
    device = Device(plan(probes=[7]))
    for uptime, completed in ((5_004_200, 5_000_000), (4_000, 2**32 - 200)):
        agent = mib(interface(4, "Gi0/1"), echo(7, "L1", completed, 9), uptime=uptime)
        assert [p.at for p in visit(device, agent).probes] == [T0 - 42]


def test_places_are_by_link_direction_and_path() -> None:
    device = Device(plan())
    visit(device, router(policy(4, {"VOIX": 1}, direction=1), policy(4, {"VOIX": 2}, base=60)))
    assert {key: found.policy_index for key, found in device.extras.classes.items()} == {
        (1, Direction.IN, "COS/VOIX"): 16, (1, Direction.OUT, "COS/VOIX"): 60,
    }  # fmt: skip
    assert all(isinstance(found, FoundClass) for found in device.extras.classes.values())
