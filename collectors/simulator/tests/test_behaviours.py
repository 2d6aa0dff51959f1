"""What a simulated router can be told to do wrong, seen by Debian's net-snmp and raw sockets."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from collectors.simulator import ber
from collectors.simulator.agent import Agent
from collectors.simulator.behaviours import BEHAVIOURS, listing
from collectors.simulator.control import FLAP_PERIOD, Control
from collectors.simulator.fleet import Fleet
from collectors.simulator.model import DeviceSpec, Interface
from collectors.tests.agents import free_port, numbers, until

pytestmark = pytest.mark.skipif(not shutil.which("snmpget"), reason="needs Debian's package snmp")

X, T = "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.2.1.2.2.1"
UPTIME = "1.3.6.1.2.1.1.3.0"
PORT = free_port()
LINE = Interface("L1", 1, "Gi0/0", "GigabitEthernet0/0", 200_000_000, seed=1, in_octets=2**40)
ROUTER = DeviceSpec("r1", "127.21.7.1", PORT, "lire", (LINE,), origin=time.time())
SOUND = DeviceSpec("r2", "127.21.7.2", PORT, "lire", ())


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with Fleet([ROUTER, SOUND]) as running:
        yield running


@pytest.fixture(autouse=True)
def ends(fleet: Fleet) -> Iterator[None]:
    """Each behaviour ends with its test, and the router next to it never noticed."""
    yield
    fleet.control.restore(["L1"], ["r1"])
    until(is_sound)
    assert "Timeticks" in snmp("snmpget", UPTIME, host=SOUND.host)


def is_sound() -> bool:
    """Tell whether the router answers once, from its port, that its interface is where it was."""
    said = snmp("snmpget", UPTIME, f"{X}.1.1", f"{X}.6.1")
    right = all(word in said for word in ("Timeticks", '"Gi0/0"', "Counter64"))
    return right and [port for _, port in ask(UPTIME)] == [PORT]


def snmp(command: str, *oids: str, host: str = ROUTER.host, wait: str = "0.5") -> str:
    """Return what a net-snmp command says."""
    done = subprocess.run(
        [command, "-v2c", "-c", "lire", "-On", "-Oe", "-r0", f"-t{wait}", f"{host}:{PORT}", *oids],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    return done.stdout + done.stderr


def ask(*oids: str) -> list[tuple[bytes, int]]:
    """Return the datagrams that answer one GET, whoever sends them, and the ports they are from.

    A second is given to the first, less to those that may follow.
    """
    found: list[tuple[bytes, int]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.sendto(ber.request(b"lire", [numbers(o) for o in oids]), (ROUTER.host, PORT))
        asker.settimeout(1.0)
        try:
            while len(found) < 3:
                data, (_, port) = asker.recvfrom(65_535)
                found.append((data, port))
                asker.settimeout(0.1)
        except TimeoutError:
            return found
    return found


def values(*oids: str) -> list[bytes]:
    """Return the encoded values of one answer."""
    answers = ask(*oids)
    assert answers, "no answer"
    return [v for _, v in ber.read_varbinds(ber.read_message(answers[0][0]).varbinds)]


def read(oid: str) -> int:
    return ber.read_number(values(oid)[0])


def behave(fleet: Fleet, name: str, amount: float | None = None) -> None:
    target = "L1" if BEHAVIOURS[name].on == "link" else "r1"
    fleet.control.behave(name, [target], time.time(), amount=amount)


def test_a_slow_router_answers_those_who_wait(fleet: Fleet) -> None:
    behave(fleet, "slow", 1.5)
    until(lambda: "Timeout" in snmp("snmpget", UPTIME))
    assert "Timeticks" in snmp("snmpget", UPTIME, wait="10")


@pytest.mark.parametrize("name", ["truncated", "garbage", "stale"])
def test_what_is_no_answer_to_a_question_is_a_timeout(fleet: Fleet, name: str) -> None:
    """And yet a datagram came."""
    behave(fleet, name)
    until(lambda: "Timeout" in snmp("snmpget", UPTIME))
    assert ask(UPTIME)


def test_a_silent_router_sends_nothing(fleet: Fleet) -> None:
    behave(fleet, "silence")
    until(lambda: "Timeout" in snmp("snmpget", UPTIME))
    assert not ask(UPTIME)


def test_a_share_of_the_answers_is_lost(fleet: Fleet) -> None:
    behave(fleet, "loss", 1.0)
    until(lambda: not ask(UPTIME))
    agent, question = Agent(ROUTER), ber.request(b"lire", [numbers(UPTIME)])
    agent.obey({"loss": 0.3}, 0.0)
    assert sum(bool(agent.reply(question, 0.0)) for _ in range(100)) == 70


def test_an_answer_comes_twice(fleet: Fleet) -> None:
    behave(fleet, "twice")
    until(lambda: len(ask(UPTIME)) == 2)
    first, second = (data for data, _ in ask(UPTIME))
    assert first == second


def test_an_answer_comes_from_another_port(fleet: Fleet) -> None:
    assert [port for _, port in ask(UPTIME)] == [PORT]
    behave(fleet, "elsewhere")
    until(lambda: [port for _, port in ask(UPTIME)] not in ([PORT], []))


def test_a_table_has_no_end(fleet: Fleet) -> None:
    """snmpbulkwalk of a column of one row is still writing after ten thousand."""
    behave(fleet, "endless")
    until(lambda: f".{X}.1.2 " in snmp("snmpgetnext", f"{X}.1.1"))
    walk = subprocess.Popen(
        ["snmpbulkwalk", "-v2c", "-c", "lire", "-On", f"{ROUTER.host}:{PORT}", f"{X}.1"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with walk:
        assert walk.stdout is not None
        lines = [walk.stdout.readline() for _ in range(10_000)]
        walk.kill()
    assert lines[-1].startswith(f".{X}.1.10000 ")


def test_oids_go_back(fleet: Fleet) -> None:
    behave(fleet, "backwards")
    until(lambda: "OID not increasing" in snmp("snmpbulkwalk", T))
    assert "OID not increasing" in snmp("snmpwalk", T)


def test_an_answer_is_about_another_oid(fleet: Fleet) -> None:
    behave(fleet, "stranger")
    until(lambda: ".1.3.6.1.4.1.99999.1 = Timeticks" in snmp("snmpget", UPTIME))


def test_a_value_is_of_another_type(fleet: Fleet) -> None:
    behave(fleet, "mistyped")
    until(lambda: 'STRING: "beaucoup"' in snmp("snmpget", UPTIME))
    assert "INTEGER: 7" in snmp("snmpget", f"{X}.1.1")


def test_a_value_is_too_large_for_its_type(fleet: Fleet) -> None:
    behave(fleet, "excess")
    until(lambda: read(f"{T}.10.1") == 2**40)
    assert values(f"{T}.10.1")[0][0] == ber.COUNTER32


def test_an_answer_is_enormous(fleet: Fleet) -> None:
    behave(fleet, "huge")
    until(lambda: len(ask(UPTIME)[0][0]) > 60_000)


def test_a_router_finds_every_question_too_big(fleet: Fleet) -> None:
    behave(fleet, "toobig")
    until(lambda: "tooBig" in snmp("snmpget", UPTIME))


def test_an_answer_bears_another_community(fleet: Fleet) -> None:
    behave(fleet, "impostor")
    until(lambda: ber.read_message(ask(UPTIME)[0][0]).community == b"autre")


def test_64_bit_counters_are_missing_while_the_others_count(fleet: Fleet) -> None:
    assert "Counter64" in snmp("snmpget", f"{X}.6.1")
    behave(fleet, "narrow")
    until(lambda: "No Such" in snmp("snmpget", f"{X}.6.1"))
    said = snmp("snmpget", f"{X}.1.1", f"{T}.10.1")
    assert "Gi0/0" in said
    assert "Counter32" in said


def test_ifindexes_are_renumbered(fleet: Fleet) -> None:
    behave(fleet, "renumber", 5)
    until(lambda: '.6 = STRING: "Gi0/0"' in snmp("snmpbulkwalk", f"{X}.1"))
    said = snmp("snmpget", f"{T}.1.6", f"{X}.6.6", f"{X}.6.1")
    assert f".{T}.1.6 = INTEGER: 6" in said
    assert f".{X}.6.6 = Counter64" in said
    assert "No Such" in said


def test_counters_go_back(fleet: Fleet) -> None:
    first = read(f"{X}.6.1")
    behave(fleet, "falling")
    until(lambda: read(f"{X}.6.1") < first)
    second = read(f"{X}.6.1")
    until(lambda: read(f"{X}.6.1") < second)


@pytest.mark.parametrize(("name", "columns"), [("errors", (14, 20)), ("discards", (13, 19))])
def test_a_line_has_errors_and_discards(fleet: Fleet, name: str, columns: tuple[int, int]) -> None:
    before = [read(f"{T}.{column}.1") for column in columns]
    behave(fleet, name, 5_000)
    until(lambda: all(read(f"{T}.{c}.1") > b + 500 for c, b in zip(columns, before, strict=True)))


def test_several_behaviours_go_together(fleet: Fleet) -> None:
    behave(fleet, "mistyped")
    behave(fleet, "twice")
    until(lambda: len(ask(UPTIME)) == 2)
    until(lambda: values(UPTIME)[0][0] == ber.OCTETS)


def test_a_behaviour_ends_by_itself(fleet: Fleet) -> None:
    now = time.time()
    fleet.control.behave("mistyped", ["r1"], now, until=now + 1.5)
    until(lambda: values(UPTIME)[0][0] == ber.OCTETS)
    until(lambda: values(UPTIME)[0][0] == ber.TIMETICKS)


def test_every_behaviour_has_its_line_of_french() -> None:
    lines = listing().splitlines()
    assert [line.split()[0] for line in lines] == list(BEHAVIOURS)
    assert all(line.split("  ")[-1].rstrip().endswith((".", "]")) for line in lines)


def test_a_flapping_link_is_up_half_of_the_time(fleet: Fleet) -> None:
    control = Control(fleet.folder / "other.json")
    control.behave("flap", ["L9"], 0.0)
    seen = [control.read().link_is_up("L9", FLAP_PERIOD * n) for n in range(4)]
    assert seen == [True, False, True, False]


def test_a_control_file_of_a_former_version_is_read(fleet: Fleet) -> None:
    control = Control(fleet.folder / "former.json")
    control.path.write_text('{"down": {"L1": null}, "garbage": {"r1": null}}')
    assert not control.read().link_is_up("L1", 0.0)
