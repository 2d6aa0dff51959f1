"""A look at a router: what it has, what it lacks, what it answers badly."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from collectors import discovery, oids
from collectors.discovery import Found, FoundInterface
from collectors.easy import EasyTransport
from collectors.figures import InterfaceCounters, figures
from collectors.qos import ClassCounters
from collectors.snmp import Answer, Failed, Job, Kind, Outcome, Varbind
from collectors.tests.agents import Mib, Snmpd
from collectors.tests.recorded import router

Ask = Callable[[Job], Answer]


def asking(transport: Mib | EasyTransport) -> Ask:
    def ask(job: Job) -> Answer:
        box: list[Answer] = []
        transport.poll([job], box.append, time.monotonic() + 20)
        return box[0]

    return ask


def looked(values: dict[str, Varbind]) -> Found:
    return discovery.look(asking(Mib(values)), 1)


def without(values: dict[str, Varbind], *prefixes: str) -> dict[str, Varbind]:
    return {oid: value for oid, value in values.items() if not oid.startswith(prefixes)}


IF_X_TABLE = ".1.3.6.1.2.1.31."
CISCO = ".1.3.6.1.4.1.9."


def test_a_router_tells_who_it_is_and_what_it_has() -> None:
    found = looked(router("c1921"))
    assert found.description.startswith("Cisco IOS Software, C1900")
    assert found.name == "rodez-ce1.exemple.net"
    assert found.uptime == 312_345_678
    assert len(found.classes) == 14
    assert [probe.number for probe in found.probes] == [10, 20, 40, 50]
    assert found.problems == []


def test_an_interface_is_found_with_its_names_its_state_and_the_width_of_its_counters() -> None:
    found = looked(router("c1921"))
    assert found.interfaces[1] == FoundInterface(
        2, "Gi0/0", "WAN FTTO C7278-00006-001 RODEZ", "GigabitEthernet0/0", 1, 1, 100_000_000, 64
    )
    assert found.interfaces[4] == FoundInterface(
        5, "Et0/0/0", "SECOURS SDSL C7278-00006-002", "Ethernet0/0/0", 1, 1, 2_300_000, 32
    )
    assert (found.interfaces[0].admin, found.interfaces[0].oper) == (2, 2)


def test_a_router_without_ifxtable_qos_or_probes_is_fine() -> None:
    found = looked(without(router("c1921"), IF_X_TABLE, CISCO))
    assert found.problems == []
    assert [i.descr for i in found.interfaces][1] == "GigabitEthernet0/0"
    assert {(i.name, i.alias, i.bits) for i in found.interfaces} == {(None, "", 32)}
    assert (found.classes, found.probes) == ([], [])


def test_a_silent_router_is_said_to_be_silent_after_one_question() -> None:
    mib = Mib({})
    mib.failure = Outcome.TIMEOUT
    with pytest.raises(Failed) as failure:
        discovery.look(asking(mib), 1)
    assert failure.value.outcome is Outcome.TIMEOUT
    assert len(mib.asked) == 1


@pytest.mark.parametrize(
    ("column", "subject"),
    [
        (oids.CB_QOS_CM_NAME, "QoS"),
        (oids.CB_QOS_IF_INDEX, "QoS"),
        (oids.RTT_MON_CTRL_ADMIN_RTT_TYPE, "IP SLA"),
        (oids.IF_ALIAS, "interfaces"),
    ],
)
@pytest.mark.parametrize("raised", [False, True])
def test_a_table_that_fails_is_reported_and_costs_no_other(
    column: str, subject: str, raised: bool
) -> None:
    good = asking(Mib(router("c1921")))

    def ask(job: Job) -> Answer:
        if job.oids == (column,):
            if raised:
                raise Failed(Outcome.BAD_ANSWER, "OIDs do not increase")
            return Answer(job, Outcome.BAD_ANSWER, detail="OIDs do not increase")
        return good(job)

    found = discovery.look(ask, 1)
    assert found.problems == [f"{subject} : bad_answer (OIDs do not increase)"]
    assert len(found.interfaces) == 5
    assert bool(found.classes) == (subject != "QoS")
    assert bool(found.probes) == (subject != "IP SLA")


@pytest.mark.parametrize("fails", [True, False])
def test_a_missing_or_failed_ifname_costs_neither_ifalias_nor_64_bits(fails: bool) -> None:
    good = asking(Mib(without(router("c1921"), f"{oids.IF_NAME}.")))

    def ask(job: Job) -> Answer:
        if fails and job.oids == (oids.IF_NAME,):
            return Answer(job, Outcome.BAD_ANSWER, detail="OIDs do not increase")
        return good(job)

    found = discovery.look(ask, 1)
    wan = found.interfaces[1]
    assert (wan.name, wan.alias, wan.bits) == (None, "WAN FTTO C7278-00006-001 RODEZ", 64)
    assert len(found.problems) == fails


def test_nonsense_in_a_table_is_reported_and_costs_no_other() -> None:
    values = router("c1921")
    values[f"{oids.CB_QOS_IF_INDEX}.18"] = Varbind(Kind.STRING, "Gi0/0")
    found = looked(values)
    assert found.classes == []
    assert found.problems[0].startswith("QoS : ")
    assert len(found.probes) == 4


def test_a_failed_interface_table_is_the_failure_of_the_look() -> None:
    good = asking(Mib(router("c1921")))

    def ask(job: Job) -> Answer:
        if job.oids == (oids.IF_OPER_STATUS,):
            return Answer(job, Outcome.TIMEOUT)
        return good(job)

    with pytest.raises(Failed):
        discovery.look(ask, 1)


def test_an_agent_without_interfaces_is_reported() -> None:
    found = looked({oids.SYS_DESCR: Varbind(Kind.STRING, "imprimante")})
    assert found.description == "imprimante"
    assert found.problems == ["interfaces : cet agent n'a pas d'ifTable"]


def test_what_a_router_says_is_made_fit_to_be_shown() -> None:
    values = router("c1921")
    values[oids.SYS_DESCR] = Varbind(Kind.STRING, "Cisco\r\n\x1b[31mIOS\0 " + "x" * 9_000)
    values[f"{oids.IF_ALIAS}.2"] = Varbind(Kind.STRING, "WAN \udcff\nC7278")
    found = looked(values)
    assert found.description.startswith("Cisco [31mIOS xxx")
    assert len(found.description) == 255
    assert found.interfaces[1].alias == "WAN C7278"


def test_the_figures_are_those_the_router_counts() -> None:
    ask = asking(Mib(router("c1921")))
    found = discovery.look(ask, 1)
    read = figures(ask, 1, found)
    assert read.interfaces[2] == InterfaceCounters(
        8_123_457_789_012, 912_346_678_901, 0, 0, 12, 456
    )
    assert read.interfaces[5] == InterfaceCounters(3_457_789_012, 1_235_567_890, 3, 0, 0, 0)
    voice = next(c for c in read.classes if c.if_index == 5 and c.name == "VOIX")
    assert read.classes[voice] == ClassCounters(90_000_000, 90_000_000, 0, 0)
    assert {probe.number: run.lost for probe, run in read.probes.items()} == {
        10: 0, 20: 3, 40: 1, 50: 1,
    }  # fmt: skip
    assert found.problems == []


def test_a_class_whose_counters_make_no_sense_costs_itself_alone() -> None:
    values = router("c1921")
    wrong = next(oid for oid in values if oid.startswith(f"{oids.CB_QOS_CM_DROP_PKT64}."))
    values[wrong] = Varbind(Kind.GAUGE, "1")
    ask = asking(Mib(values))
    found = discovery.look(ask, 1)
    assert len(figures(ask, 1, found).classes) == 13
    assert len(found.problems) == 1


def test_a_real_agent_is_looked_at(snmpd: Snmpd, transport: EasyTransport) -> None:
    """Debian's snmpd on this machine: its loopback interface, neither policies nor probes."""
    transport.open([snmpd.target()])
    ask = asking(transport)
    found = discovery.look(ask, 1)
    (lo,) = [interface for interface in found.interfaces if interface.name == "lo"]
    assert (lo.oper, lo.admin, lo.bits) == (1, 1, 64)
    assert found.description.startswith("Linux")
    assert (found.classes, found.probes, found.problems) == ([], [], [])
    before = figures(ask, 1, found).interfaces[lo.index].in_octets
    after = figures(ask, 1, found).interfaces[lo.index].in_octets
    assert before is not None
    assert after is not None
    assert after >= before


@pytest.mark.parametrize("version", ["1", "3"])
def test_a_look_is_the_same_in_every_version(
    snmpd: Snmpd, transport: EasyTransport, version: str
) -> None:
    user = {"user": "carole", "auth_protocol": "SHA", "auth_password": "motdepasse3"}
    transport.open([snmpd.target(1, version, user if version == "3" else None)])
    found = discovery.look(asking(transport), 1)
    (lo,) = [interface for interface in found.interfaces if interface.name == "lo"]
    assert lo.bits == (32 if version == "1" else 64)
