"""IP SLA: which operations measure a line, and what their latest run says."""

from __future__ import annotations

import pytest

from collectors import oids, probes
from collectors.interfaces import NonsenseError
from collectors.probes import FoundProbe, Run
from collectors.snmp import MISSING, Kind, Varbind
from collectors.tests.recorded import router, tables
from core.network.measured import ProbeKind

ECHO = FoundProbe(1, ProbeKind.ECHO, "")
JITTER = FoundProbe(1, ProbeKind.JITTER, "", packets=10)
ICMP = FoundProbe(1, ProbeKind.JITTER, "", icmp=True, packets=10)
OK, OVER_THRESHOLD, TIMEOUT, BUSY = 1, 3, 4, 5
NO_TABLE = [MISSING] * 6


def latest(sense: int, rtt: int = 0, at: int = 5_000) -> list[Varbind]:
    return [Varbind(Kind.TICKS, str(at)), Varbind(Kind.INTEGER, str(sense)), *gauges(rtt)]


def gauges(*values: int) -> list[Varbind]:
    return [Varbind(Kind.GAUGE, str(value)) for value in values]


def recorded(name: str = "c1921") -> dict[int, FoundProbe]:
    return {p.number: p for p in probes.probes(tables(router(name), probes.COLUMNS))}


def latest_run(number: int) -> Run | None:
    values = router("c1921")
    found = recorded()[number]
    return probes.reading(found, [values.get(oid, MISSING) for oid in probes.questions(found)])


def test_echo_and_jitter_operations_are_probes_and_a_page_fetched_is_not() -> None:
    kinds = {number: probe.kind for number, probe in recorded().items()}
    assert kinds == {
        10: ProbeKind.ECHO,
        20: ProbeKind.JITTER,
        40: ProbeKind.JITTER,
        50: ProbeKind.ECHO,
    }


def test_the_tag_is_read_whole_where_the_router_tells_it_whole() -> None:
    assert recorded()[20].tag == "VOIX C7278-00006-001 vers le siège"


def test_the_tag_of_an_older_router_is_the_short_one() -> None:
    rows = tables(router("c1921"), probes.COLUMNS)
    rows[oids.RTT_MON_CTRL_ADMIN_LONG_TAG] = {}
    assert {p.number: p.tag for p in probes.probes(rows)}[20] == "VOIX C7278-00006"


def test_the_latest_echo_gives_its_round_trip() -> None:
    assert latest_run(10) == Run(312_340_000, 1, 0, 23.0, None)


def test_an_echo_that_timed_out_is_lost_and_has_no_round_trip() -> None:
    assert latest_run(50) == Run(312_336_000, 1, 1, None, None)


def test_a_jitter_run_gives_means_and_losses_both_ways_and_unplaced() -> None:
    assert latest_run(20) == Run(312_339_000, 100, 3, 30.0, 4.0)


def test_an_icmp_jitter_run_is_read_in_its_own_table() -> None:
    assert latest_run(40) == Run(312_337_000, 10, 1, 45.0, 6.0)


def test_an_icmp_jitter_run_may_also_stand_in_the_common_table() -> None:
    values = [*latest(OK), *gauges(8, 80, 2, 1, 1, 0), *[MISSING] * 4]
    assert probes.reading(ICMP, values) == Run(5_000, 10, 2, 10.0, 2.0)


def test_an_answer_over_its_threshold_is_an_answer() -> None:
    assert probes.reading(ECHO, latest(OVER_THRESHOLD, 900)) == Run(5_000, 1, 0, 900.0, None)


def test_a_run_that_did_not_take_place_measures_nothing() -> None:
    """rttMonLatestRttOperSense busy: the run before it was still under way."""
    assert probes.reading(ECHO, latest(BUSY)) is None
    assert probes.reading(JITTER, [*latest(0), *NO_TABLE]) is None


def test_a_probe_that_is_gone_has_no_run() -> None:
    assert probes.reading(ECHO, [MISSING] * 3) is None
    assert probes.reading(JITTER, [*latest(OK), *NO_TABLE]) is None


def test_a_jitter_run_without_any_answer_lost_all_its_packets() -> None:
    lost = Run(5_000, 10, 10, None, None)
    assert probes.reading(JITTER, [*latest(TIMEOUT), *gauges(0, 0, 0, 0, 0, 0)]) == lost
    assert probes.reading(JITTER, [*latest(TIMEOUT), *NO_TABLE]) == lost
    assert probes.reading(JITTER, [*latest(OK), *gauges(0, 0, 0, 10, 0, 0)]) == lost


def test_packets_counted_before_a_timeout_are_not_those_of_the_run() -> None:
    values = [*latest(TIMEOUT), *gauges(10, 300, 2, 0, 0, 0)]
    assert probes.reading(JITTER, values) == Run(5_000, 10, 10, None, None)


def test_a_router_that_counts_in_microseconds_is_understood() -> None:
    rows = tables(router("c1921"), probes.COLUMNS)
    rows[oids.RTT_MON_ECHO_ADMIN_PRECISION]["20"] = Varbind(Kind.INTEGER, "2")
    (fine,) = [p for p in probes.probes(rows) if p.number == 20]
    values = [*latest(OK), *gauges(10, 125_000, 750, 0, 0, 0)]
    assert probes.reading(fine, values) == Run(5_000, 10, 0, 12.5, 0.75)


def test_the_same_run_read_twice_has_the_same_completion_time() -> None:
    twice = [probes.reading(ECHO, latest(OK, 12, at=777)) for _ in range(2)]
    assert {run.completed for run in twice if run} == {777}


def test_a_router_that_does_not_say_when_the_run_ended_says_zero() -> None:
    run = probes.reading(ECHO, [MISSING, *latest(OK, 12)[1:]])
    assert run == Run(0, 1, 0, 12.0, None)


def test_a_router_without_ip_sla_has_no_probes() -> None:
    assert probes.probes({}) == []


@pytest.mark.parametrize("number", ["0", "10.1", "x", "-3", "99999999999"])
def test_an_operation_at_an_index_that_is_none_is_left_out(number: str) -> None:
    rows = {oids.RTT_MON_CTRL_ADMIN_RTT_TYPE: {number: Varbind(Kind.INTEGER, "1")}}
    assert probes.probes(rows) == []


def test_a_value_of_another_type_is_said_to_be_nonsense() -> None:
    word = Varbind(Kind.STRING, "1")
    with pytest.raises(NonsenseError):
        probes.probes({oids.RTT_MON_CTRL_ADMIN_RTT_TYPE: {"1": word}})
    with pytest.raises(NonsenseError):
        probes.reading(ECHO, [*latest(OK)[:2], word])
    with pytest.raises(NonsenseError):
        probes.reading(JITTER, [*latest(OK), word, *gauges(1, 1, 1, 1, 1)])
