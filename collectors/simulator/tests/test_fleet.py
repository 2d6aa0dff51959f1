"""Simulated routers, asked by Debian's net-snmp commands as any router would be."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from collectors.simulator import ber
from collectors.simulator.fleet import Fleet, FleetError
from collectors.simulator.model import DeviceSpec, Interface

pytestmark = pytest.mark.skipif(not shutil.which("snmpget"), reason="needs Debian's package snmp")

PORT = 16_163
X, T = "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.2.1.2.2.1"
UPTIME = "1.3.6.1.2.1.1.3.0"
FIBRE = Interface("C1-001", 1, "Gi0/0", "GigabitEthernet0/0", 200_000_000, seed=1, in_octets=2**40)
SDSL = Interface(
    "C1-002", 2, "ATM0/1", "ATM0/1", 8_000_000, "backup", seed=2, bits=32, backup_of="C1-001"
)
ROUTER = DeviceSpec("rodez", "127.21.0.1", PORT, "secret-1", (FIBRE, SDSL), "Siège social")
OTHER = DeviceSpec(
    "mende", "127.21.0.2", PORT, "secret-2",
    (Interface("C2-001", 10, "Gi1", "Gig1", 5_000_000, bits=32, in_octets=2**32 - 50),),
)  # fmt: skip


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet([ROUTER, OTHER]) as running:
        yield running


def snmp(command: str, *oids: str, device: DeviceSpec = ROUTER, version: str = "2c",
         community: str | None = None, options: tuple[str, ...] = ()) -> list[str]:  # fmt: skip
    """Return the lines of a net-snmp command: ``.1.3.6… = TYPE: value`` with numeric OIDs."""
    done = subprocess.run(
        [command, f"-v{version}", "-c", community or device.community, "-On", "-Oe", "-r0", "-t1",
         *options, f"{device.host}:{PORT}", *oids],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return (done.stdout + done.stderr).strip().splitlines()


def value(line: str) -> int:
    return int(line.rsplit(":", 1)[1].strip().strip("()").split(")")[0].split("(")[-1])


def ticks(device: DeviceSpec = ROUTER) -> int | None:
    (line, *_) = snmp("snmpget", UPTIME, device=device)
    return int(line.split("(")[1].split(")")[0]) if "Timeticks" in line else None


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came"


def test_snmpget_reads_what_the_router_is(fleet: Fleet) -> None:
    lines = snmp(
        "snmpget",
        f"{X}.1.1",
        f"{X}.18.1",
        f"{X}.15.1",
        f"{T}.5.1",
        f"{T}.8.1",
        f"{X}.6.1",
        f"{T}.99.1",
    )
    assert [line.split(" = ")[1].split(": ")[0] for line in lines[:6]] == [
        "STRING", "STRING", "Gauge32", "Gauge32", "INTEGER", "Counter64",
    ]  # fmt: skip
    assert '"C1-001"' in lines[1]
    assert (value(lines[2]), value(lines[3]), value(lines[4])) == (200, 200_000_000, 1)
    assert value(lines[5]) >= 2**40
    assert "No Such Object" in lines[6]


def test_a_slow_line_has_no_64_bit_counter_as_on_ios(fleet: Fleet) -> None:
    (missing, present) = snmp("snmpget", f"{X}.6.2", f"{T}.10.2")
    assert "No Such Instance" in missing
    assert "Counter32" in present


def test_a_walk_gives_the_same_with_getnext_and_getbulk(fleet: Fleet) -> None:
    def names(lines: list[str]) -> list[str]:
        return [line.split(" = ")[0] for line in lines if " = " in line]

    one = names(snmp("snmpwalk", "1.3.6.1"))
    bulk = names(snmp("snmpbulkwalk", "1.3.6.1", options=("-Cr25",)))
    assert one == bulk
    assert len(one) > 40
    column = snmp("snmpbulkwalk", f"{X}.18")
    assert [line.split(": ")[1] for line in column] == ['"C1-001"', '"C1-002"']


def test_version_1_answers_without_64_bit_counters(fleet: Fleet) -> None:
    assert "Counter32" in snmp("snmpget", f"{T}.10.1", version="1")[0]
    assert any("noSuchName" in line for line in snmp("snmpget", f"{X}.6.1", version="1"))
    walked = snmp("snmpwalk", X, version="1")
    assert walked
    assert not any("Counter64" in line for line in walked)


def test_a_wrong_community_gets_no_answer(fleet: Fleet) -> None:
    assert any("Timeout" in line for line in snmp("snmpget", UPTIME, community="public"))


def test_garbage_datagrams_do_not_stop_the_others(fleet: Fleet) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
        for size in range(0, 400, 7):
            noise.sendto(bytes((size * 31 + i * 7) % 256 for i in range(size)), (ROUTER.host, PORT))
    assert ticks() is not None


def test_an_outage_shows_in_the_state_of_the_interface_and_ends(fleet: Fleet) -> None:
    def state() -> int:
        return value(snmp("snmpget", f"{T}.8.1")[0])

    fleet.control.down(["C1-001"])
    until(lambda: state() == 2)
    assert int(snmp("snmpget", f"{T}.9.1")[0].split("(")[1].split(")")[0]) > 0
    first = value(snmp("snmpget", f"{X}.6.1")[0])
    assert value(snmp("snmpget", f"{X}.6.1")[0]) == first
    fleet.control.restore(["C1-001"])
    until(lambda: state() == 1)


def test_a_32_bit_counter_starts_again_from_zero(fleet: Fleet) -> None:
    """It starts fifty octets under 2³² and is soon a small number; none is ever above."""

    def read() -> int:
        return value(snmp("snmpget", f"{T}.10.10", device=OTHER)[0])

    until(lambda: read() < 1_000_000)


def test_a_wrap_can_be_asked_for(fleet: Fleet) -> None:
    """Put just under 2³², both widths count on from there; the narrow one begins again at zero."""

    def wide() -> int:
        return value(snmp("snmpget", f"{X}.6.1")[0])

    assert wide() > 2**38
    fleet.control.wrap(["C1-001"], time.time())
    until(lambda: 2**32 - 20_001 < wide() < 2**34)
    until(lambda: 2**32 <= wide() < 2**34)
    assert value(snmp("snmpget", f"{T}.10.1")[0]) < 2**31


def test_a_reboot_puts_counters_and_uptime_at_zero_after_a_silence(fleet: Fleet) -> None:
    before = ticks()
    assert before is not None
    fleet.control.reboot(["rodez"], time.time())
    until(lambda: ticks() is None)
    until(lambda: ticks() is not None)
    after = ticks()
    assert after is not None
    assert after < min(before, 2_000)
    assert value(snmp("snmpget", f"{X}.6.1")[0]) < 2**38


def test_a_silent_router_and_one_that_answers_nonsense_leave_the_others_alone(fleet: Fleet) -> None:
    fleet.control.silence(["rodez"])
    until(lambda: ticks() is None)
    assert ticks(OTHER) is not None
    fleet.control.restore(devices=["rodez"])
    until(lambda: ticks() is not None)
    fleet.control.behave("garbage", ["rodez"], time.time())
    until(lambda: ticks() is None)
    assert ticks(OTHER) is not None


def test_an_address_in_use_is_told(fleet: Fleet) -> None:
    with pytest.raises(FleetError, match=r"127\.21\.0\.1:16163"):
        Fleet([ROUTER]).__enter__()


def test_an_answer_too_big_for_a_datagram_is_refused_or_cut(fleet: Fleet) -> None:
    """RFC 3416: GET says tooBig; GETBULK gives what fits."""
    name = (1, 3, 6, 1, 2, 1, 1, 1, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(5)
        for pdu, times in ((ber.GET, 0), (ber.GETBULK, 200)):
            names = [name] * (200 if pdu == ber.GET else 20)
            asker.sendto(ber.request(b"secret-1", names, pdu, second=times), (ROUTER.host, PORT))
            answer = asker.recv(65_535)
            message = ber.read_message(answer)
            assert len(answer) < 8_200
            assert message.first == (1 if pdu == ber.GET else 0)
