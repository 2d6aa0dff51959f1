"""Recording a real agent, Debian's snmpd, and answering as it did."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from collectors.simulator import ber, snmprec
from collectors.simulator.cli_snmp import snmp
from collectors.simulator.control import Control
from collectors.simulator.replay import DEVICE, Recorded
from collectors.simulator.tests.recordings import replayed, walk
from collectors.tests.agents import COMMUNITY, SNMPD, Snmpd, until

pytestmark = pytest.mark.skipif(
    not (shutil.which("snmpbulkwalk") and Path(SNMPD).exists()), reason="needs snmp and snmpd"
)

X, T = "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.2.1.2.2.1"
UPTIME = "1.3.6.1.2.1.1.3.0"
ROOTS = ("1.3.6.1.2.1.1", "1.3.6.1.2.1.2", "1.3.6.1.2.1.31")
NOW = 1_750_636_800.0


def test_a_recorded_agent_answers_with_the_same_oids_and_types(
    snmpd: Snmpd, recording: Path
) -> None:
    with replayed(recording) as port:
        for root in ROOTS:
            live, again = walk(snmpd.port, root, COMMUNITY), walk(port, root)
            assert len(live) > 5
            assert {o: kind for o, (kind, _) in live.items()} == {
                o: kind for o, (kind, _) in again.items()
            }
        kept = {".".join(map(str, name)) for name in snmprec.read(recording).values}
        every = {oid[1:] for oid in walk(port, "1.3.6.1")}
        assert every == kept
        assert len(every) > 500


def test_names_and_descriptions_are_said_again(snmpd: Snmpd, recording: Path) -> None:
    with replayed(recording) as port:
        for column in (f"{T}.2", f"{T}.6", f"{X}.1", "1.3.6.1.2.1.1.1", "1.3.6.1.2.1.1.2"):
            assert walk(port, column) == walk(snmpd.port, column, COMMUNITY)


def test_replayed_counters_and_uptime_move(recording: Path) -> None:
    def octets(port: int) -> dict[str, int]:
        found = walk(port, f"{X}.6") | walk(port, f"{X}.10")
        return {oid: int(text) for oid, (kind, text) in found.items() if kind == "Counter64"}

    def ticks(port: int) -> int:
        ((_, text),) = walk(port, UPTIME).values()
        return int(text.split(")")[0].strip("("))

    with replayed(recording) as port:
        first, start = octets(port), ticks(port)
        busy = {oid for oid, count in first.items() if count > 100_000}
        assert busy
        until(lambda: all(octets(port)[oid] > first[oid] for oid in busy))
        assert all(octets(port)[oid] == 0 for oid, count in first.items() if count == 0)
        assert ticks(port) > start


class Device:
    """A replayed device in memory, at a moment that the test chooses."""

    def __init__(self, recording: snmprec.Recording, folder: Path) -> None:
        self.control, self.now = Control(folder / "control.json"), NOW
        self.agent = Recorded(recording, "c", NOW)

    def go(self, seconds: float) -> None:
        self.now += seconds
        self.agent.tick(self.control.read(), self.now)

    def read(self, oid: str) -> int | None:
        """Return a number, None when the device has none there or does not answer."""
        name = tuple(map(int, oid.split(".")))
        answer = self.agent.reply(ber.request(b"c", [name]), self.now)
        if answer is None:
            return None
        data = answer if isinstance(answer, bytes) else answer[0].data
        ((_, value),) = ber.read_varbinds(ber.read_message(data).varbinds)
        return ber.read_number(value) if len(value) > 2 else None


@pytest.fixture
def device(foreign: snmprec.Recording, tmp_path: Path) -> Device:
    return Device(foreign, tmp_path)


def test_a_counter_goes_on_at_its_mean_rate_or_as_the_file_says(device: Device) -> None:
    device.go(100)
    assert device.read(f"{X}.6.7") == 86_400_000_000 + 100 * 1_000_000
    assert device.read(f"{T}.10.7") == 641_734 + 337_400
    assert device.read(UPTIME) == 8_640_000 + 10_000


def test_an_interface_is_never_above_half_of_its_speed(foreign: snmprec.Recording) -> None:
    foreign.values[1, 3, 6, 1, 2, 1, 1, 3, 0] = ber.unsigned(100, ber.TIMETICKS)
    agent = Recorded(foreign, "c", NOW)
    assert agent._counters[1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 7].rate == 100_000_000 / 2 / 8


def test_an_outage_of_a_replayed_interface_stops_its_counters(device: Device) -> None:
    device.control.down(["7"])
    device.go(10)
    before = device.read(f"{X}.6.7")
    device.go(50)
    assert device.read(f"{T}.8.7") == 2
    assert device.read(f"{T}.9.7") == 8_640_000 + 1_000
    assert device.read(f"{X}.6.7") == before
    device.control.restore(["7"])
    device.go(0)
    device.go(10)
    assert device.read(f"{T}.8.7") == 1
    assert before is not None
    assert device.read(f"{X}.6.7") == before + 10_000_000


def test_a_replayed_device_reboots_wraps_and_errs(device: Device) -> None:
    device.control.behave("errors", ["7"], NOW, amount=3)
    device.control.behave("wrap", ["7"], NOW)
    device.go(0)
    device.go(10)
    assert device.read(f"{T}.14.7") == 30
    assert device.read(f"{T}.10.7") == (2**32 - 20_000 + 33_740) % 2**32
    device.control.reboot([DEVICE], device.now + 1)
    device.go(1)
    assert device.read(UPTIME) is None
    device.go(5)
    assert device.read(UPTIME) == 200
    assert device.read(f"{X}.6.7") == 2_000_000


def test_a_replayed_device_loses_its_64_bit_counters_and_its_numbers(device: Device) -> None:
    device.control.behave("narrow", [DEVICE], NOW)
    device.go(1)
    assert device.read(f"{X}.6.7") is None
    device.control.behave("renumber", [DEVICE], NOW, amount=3)
    device.go(1)
    assert device.read(f"{T}.8.7") is None
    assert device.read(f"{T}.8.10") == 1


def test_a_replay_misbehaves_as_it_is_told(recording: Path) -> None:
    with replayed(recording, "--behave", "mistyped") as port:
        assert set(walk(port, UPTIME).values()) == {("STRING", '"beaucoup"')}
    with replayed(recording, "--behave", "outage@lo") as port:
        states = walk(port, f"{T}.8")
        assert states[f".{T}.8.1"] == ("INTEGER", "2")


@pytest.mark.parametrize(
    ("behave", "why"),
    [("drops", "balise snmp behaviours"), ("slow=x", "pas un nombre"), ("outage@Gi9", "Gi9")],
)
def test_a_behaviour_that_cannot_be_is_refused(recording: Path, behave: str, why: str) -> None:
    done = CliRunner().invoke(snmp, ["replay", str(recording), "--behave", behave])
    assert done.exit_code == 2
    assert why in done.output


def test_a_replay_stops_by_itself(recording: Path) -> None:
    done = CliRunner().invoke(snmp, ["replay", str(recording), "--seconds", "0.2"])
    assert done.exit_code == 0
    assert "répond sur 127.0.0.1:" in done.output


def test_a_file_that_is_no_recording_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.snmprec"
    path.write_bytes(b"\xff\x00 nothing\n" * 40)
    done = CliRunner().invoke(snmp, ["replay", str(path)])
    assert done.exit_code == 1
    assert "Aucune ligne" in done.output


def test_a_probe_of_a_recording_runs_on() -> None:
    rtt = (1, 3, 6, 1, 4, 1, 9, 9, 42, 1, 2)
    recording = snmprec.Recording(
        {
            (1, 3, 6, 1, 2, 1, 1, 3, 0): ber.unsigned(100_000, ber.TIMETICKS),
            (*rtt, 1, 1, 6, 4): ber.integer(60),
            (*rtt, 10, 1, 5, 4): ber.unsigned(98_000, ber.TIMETICKS),
        }
    )
    agent = Recorded(recording, "c", NOW)
    times = [
        ber.read_number(value(NOW + after))
        for after in (0, 30, 41, 101)
        if callable(value := agent._views[1][*rtt, 10, 1, 5, 4])
    ]
    assert times == [98_000, 98_000, 104_000, 110_000]
