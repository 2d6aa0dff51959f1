"""The agent of the benchmarks, asked with Debian's own tools: what it is to be trusted for."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from collectors.easy import EasyTransport
from collectors.simulator import ber
from collectors.snmp import Answer, Job, Outcome, Target
from collectors.tests import fast_agent

SYSTEM, IF, IF_X = "1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
DEAD = 30.0


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("agent")
    with fast_agent.fast_agent(folder, dead=DEAD) as port:
        yield port


LIVE, SILENT = (
    next(n for n in range(1000) if fast_agent.is_dead(n, DEAD) is dead) for dead in (False, True)
)


def ask(tool: str, number: int, port: int, *oids: str, version: str = "2c") -> list[str]:
    """Return what a tool of net-snmp prints about a router, values without their OIDs."""
    done = subprocess.run(
        [tool, f"-v{version}", "-c", "any", "-On", "-OQ", "-Ot", "-t", "2", "-r", "1",
         f"{fast_agent.address(number)}:{port}", *oids],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return (done.stdout or done.stderr).splitlines()


def test_each_address_of_the_loopback_is_a_router_of_its_own(port: int) -> None:
    (one,) = ask("snmpget", LIVE, port, f"{SYSTEM}.5.0")
    (other,) = ask("snmpget", 70_000, port, f"{SYSTEM}.5.0")
    assert one.endswith(f'"r-{fast_agent.address(LIVE)}"')
    assert other.endswith('"r-127.65.17.112"')


def test_the_interface_has_its_name_its_state_and_its_speed(port: int) -> None:
    names = [f"{IF_X}.1.1", f"{IF}.7.1", f"{IF}.8.1", f"{IF}.5.1", f"{IF_X}.15.1", f"{IF_X}.19.1"]
    said = ask("snmpget", LIVE, port, *names)
    assert [line.split(" = ")[1] for line in said] == ['"Gi0/0"', "1", "1", "20000000", "20", "0"]


def test_narrow_counters_are_the_low_half_of_the_wide_ones(port: int) -> None:
    narrow, wide = (
        int(line.split(" = ")[1])
        for line in ask("snmpget", LIVE, port, f"{IF}.10.1", f"{IF_X}.6.1")
    )
    assert wide > 2**32
    second = fast_agent.octets_per_second(LIVE)
    assert (wide - narrow) % 2**32 < second  # both were read in one answer, hardly apart


def test_counters_grow_at_the_rate_that_the_benchmark_expects(port: int) -> None:
    def read() -> tuple[int, int]:
        said = ask("snmpget", LIVE, port, f"{SYSTEM}.3.0", f"{IF_X}.6.1")
        ticks, octets = (int(line.split(" = ")[1]) for line in said)
        return ticks, octets

    first, octets = read()
    last = first
    for _ in range(2000):  # each question takes some time: a few hundred make the second
        last, after = read()
        if last >= first + 100:
            break
    expected = fast_agent.octets_per_second(LIVE) * (last - first) / 100
    assert last >= first + 100
    assert abs(after - octets - expected) <= expected * 0.03


def test_a_walk_goes_through_both_interfaces_and_ends(port: int) -> None:
    said = ask("snmpbulkwalk", LIVE, port, IF_X)
    assert [line.split(" = ")[0] for line in said] == [
        f".{IF_X}.{column}.{row}" for column in (1, 6, 10, 15, 18, 19) for row in (1, 2)
    ] + [said[-1].split(" = ")[0]]
    assert "No more variables left" in said[-1]


def test_v1_gets_the_same_but_for_the_counters_it_cannot_have(port: int) -> None:
    wide = ask("snmpbulkwalk", LIVE, port, "1.3.6.1.2.1")[:-1]
    narrow = ask("snmpwalk", LIVE, port, "1.3.6.1.2.1", version="1")[:-1]
    hidden = {f".{IF_X}.{column}.{row}" for column in (6, 10) for row in (1, 2)}
    names = [[line.split(" = ")[0] for line in said] for said in (wide, narrow)]
    assert names[1] == [name for name in names[0] if name not in hidden]
    said = ask("snmpget", LIVE, port, f"{IF_X}.6.1", version="1")
    assert any("noSuchName" in line for line in said)


def test_what_is_not_there_is_no_such_instance(port: int) -> None:
    (said,) = ask("snmpget", LIVE, port, f"{IF_X}.6.9")
    assert "No Such Instance" in said


def test_an_address_chosen_to_be_dead_does_not_answer(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.3)
        request = ber.request(b"any", [(1, 3, 6, 1, 2, 1, 1, 3, 0)])
        sock.sendto(request, (fast_agent.address(LIVE), port))
        answer, source = sock.recvfrom(2_000)
        assert source == (fast_agent.address(LIVE), port)
        assert ber.read_message(answer).request_id == ber.read_message(request).request_id
        sock.sendto(request, (fast_agent.address(SILENT), port))
        with pytest.raises(TimeoutError):
            sock.recv(2_000)


def test_garbage_does_no_harm(port: int) -> None:
    request = ber.request(b"any", [(1, 3, 6, 1, 2, 1, 1, 3, 0)])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2.0)
        sock.connect((fast_agent.address(LIVE), port))
        for end in range(len(request)):
            sock.send(request[:end])
        for at in range(len(request)):
            sock.send(request[:at] + b"\xff" + request[at + 1 :])
        sock.send(request)
        assert sock.recv(2_000)
    assert len(ask("snmpget", LIVE, port, f"{SYSTEM}.3.0")) == 1


def test_the_collector_keeps_routers_apart_that_share_its_sessions(port: int) -> None:
    """Sessions of one community go from agent to agent: an answer belongs to who was asked."""
    engine = EasyTransport(lanes=1, keep=0)
    live = [n for n in range(0, 70_000, 700) if not fast_agent.is_dead(n, DEAD)]
    silent = [n for n in range(0, 70_000, 700) if fast_agent.is_dead(n, DEAD)][:5]
    credentials = {"community": fast_agent.COMMUNITY}
    engine.open(
        Target(n + 1, fast_agent.address(n), port, "2c", credentials, 0.05, 0)
        for n in (*live, *silent)
    )
    told: dict[int, Answer] = {}
    try:
        for n in [*live[:10], *silent, *live[10:]]:
            job = Job(n + 1, (f".{SYSTEM}.5.0",), tries=3)
            box: list[Answer] = []
            engine.poll([job], box.append, time.monotonic() + 10)
            told[n] = box[0]
    finally:
        engine.close()
    assert {n: told[n].values[0].text for n in live} == {
        n: f"r-{fast_agent.address(n)}" for n in live
    }
    assert {told[n].outcome for n in silent} == {Outcome.TIMEOUT}
