"""Classes of service and probes of a simulated router, read as a manager would."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from collectors.simulator import ber
from collectors.simulator.agent import Agent
from collectors.simulator.control import Control
from collectors.simulator.model import ClassSpec, DeviceSpec, Interface, PolicySpec, ProbeSpec
from collectors.simulator.simulation import Simulation

Name = tuple[int, ...]
MONDAY = 1_750_669_200.0
"""Monday 2025-06-23, 09:00 UTC: a busy hour."""
QOS: Name = (1, 3, 6, 1, 4, 1, 9, 9, 166, 1)
RTT: Name = (1, 3, 6, 1, 4, 1, 9, 9, 42, 1)
X: Name = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
COS = PolicySpec(
    "COS", (ClassSpec("VOIX", 0.2), ClassSpec("DATA", 0.5, 0.1), ClassSpec("class-default", 0.3))
)
POLICIES = (
    PolicySpec("WAN-OUT", (ClassSpec("class-default", policy=COS),)),
    PolicySpec("WAN-IN", COS.classes, "in"),
)
FIBRE = Interface("L1", 3, "Gi0/0", "Gi0/0", 100_000_000, seed=5, in_octets=10**12,
                  out_octets=10**11, policies=POLICIES)  # fmt: skip
SDSL = Interface("L2", 4, "Gi0/1", "Gi0/1", 8_000_000, seed=6, policies=POLICIES[1:])
PROBES = (
    ProbeSpec(11, "L1", "jitter", "L1 voix", 60, 20, 12.0, 1.0),
    ProbeSpec(12, "L2", "echo", "", 30),
)
ROUTER = DeviceSpec("r1", "127.0.0.1", 1, "c", (FIBRE, SDSL), boot=MONDAY - 86_400, origin=MONDAY,
                    probes=PROBES)  # fmt: skip


class Network:
    """A router in memory, at a moment that the test chooses."""

    def __init__(self, folder: Path) -> None:
        self.control = Control(folder / "control.json")
        self.now = MONDAY
        self.saved = folder / "counters.json"
        self.start()

    def start(self) -> None:
        self.simulation = Simulation([ROUTER], self.control, self.saved)
        self.agent: Agent = self.simulation.agents[0]
        self.go(0)

    def go(self, seconds: float) -> None:
        self.now += seconds
        self.simulation.tick(self.now)

    def rows(self, column: Name) -> dict[Name, bytes]:
        """Return a column by index, values encoded."""
        found: dict[Name, bytes] = {}
        at: Name | None = column
        while (at := self.agent.after(at or column)) and at[: len(column)] == column:
            value = self.agent._views[1][at]
            found[at[len(column) :]] = value if isinstance(value, bytes) else value(self.now)
        return found

    def numbers(self, column: Name) -> dict[Name, int]:
        return {index: ber.read_number(value) for index, value in self.rows(column).items()}

    def texts(self, column: Name) -> dict[Name, str]:
        return {i: v[2:].decode() for i, v in self.rows(column).items()}

    def classes(self) -> dict[tuple[int, int, str], Name]:
        """Return where the counters of classes are: {(ifIndex, direction, path): index}."""
        types = self.numbers((*QOS, 5, 1, 1, 3))
        parents = self.numbers((*QOS, 5, 1, 1, 4))
        configs = self.numbers((*QOS, 5, 1, 1, 2))
        names = {1: self.texts((*QOS, 6, 1, 1, 1)), 2: self.texts((*QOS, 7, 1, 1, 1))}
        way, place = self.numbers((*QOS, 1, 1, 1, 3)), self.numbers((*QOS, 1, 1, 1, 4))
        found = {}
        for index, kind in types.items():
            if kind != 2:
                continue
            path, at = [], index
            while at[1]:
                path.append(names[types[at]][(configs[at],)])
                at = (at[0], parents[at])
            key = (place[index[:1]], way[index[:1]], "/".join(reversed(path)))
            found[key] = index
        return found

    def offered(self) -> dict[tuple[int, int, str], int]:
        counters = self.numbers((*QOS, 15, 1, 1, 6))
        return {key: counters[index] for key, index in self.classes().items()}


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr("collectors.simulator.simulation.time.time", lambda: MONDAY)
    return Network(tmp_path)


def test_policies_and_classes_have_their_names_and_their_place(network: Network) -> None:
    nested = {(3, 2, f"WAN-OUT/class-default/COS/{c.name}") for c in COS.classes}
    flat = {(i, 1, f"WAN-IN/{c.name}") for i in (3, 4) for c in COS.classes}
    assert set(network.classes()) == {(3, 2, "WAN-OUT/class-default")} | nested | flat


def test_what_classes_are_offered_sums_to_the_octets_of_the_interface(network: Network) -> None:
    for _ in range(3):
        offered = network.offered()
        for column, way in ((6, 1), (10, 2)):
            (octets,) = (network.numbers((*X, column))[(3,)],)
            top = [
                n for (i, d, p), n in offered.items() if (i, d) == (3, way) and p.count("/") == 1
            ]
            assert abs(sum(top) - octets) <= 4
        network.go(47)
    assert octets > 10**11


def test_the_total_of_a_class_contains_those_nested_in_it(network: Network) -> None:
    network.go(100)
    offered = network.offered()
    parent = offered[3, 2, "WAN-OUT/class-default"]
    assert parent == sum(offered[3, 2, f"WAN-OUT/class-default/COS/{c.name}"] for c in COS.classes)


def test_what_is_offered_is_sent_or_dropped_and_nothing_goes_back(network: Network) -> None:
    network.control.behave("drops", ["L1"], MONDAY, amount=0.9)
    before: dict[int, dict[Name, int]] = {}
    for _ in range(40):
        network.go(0.37)
        now = {column: network.numbers((*QOS, 15, 1, 1, column)) for column in (6, 10, 14, 17)}
        for index, offered in now[6].items():
            assert offered == now[10][index] + now[17][index]
        for column, counters in before.items():
            assert all(now[column][index] >= count for index, count in counters.items())
        before = now
    data = network.classes()[3, 2, "WAN-OUT/class-default/COS/DATA"]
    assert before[17][data] > 0
    assert before[14][data] > 0


def test_a_class_counts_the_same_in_32_bits_and_an_overflow(network: Network) -> None:
    over, low, wide = (network.numbers((*QOS, 15, 1, 1, column)) for column in (4, 5, 6))
    assert max(wide.values()) > 2**32
    assert {i: over[i] * 2**32 + low[i] for i in wide} == wide


def test_a_configuration_number_is_shared_by_every_attachment(network: Network) -> None:
    configs = network.numbers((*QOS, 5, 1, 1, 2))
    voice = {configs[i] for (_, _, path), i in network.classes().items() if path.endswith("VOIX")}
    assert len(voice) == 1


def test_a_reboot_gives_every_number_anew_and_the_names_stay(network: Network) -> None:
    before = network.classes()
    network.control.reboot(["r1"], MONDAY + 1)
    network.go(1)
    network.go(30)
    after = network.classes()
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    assert network.offered()[3, 1, "WAN-IN/VOIX"] < 10**9


def test_classes_go_on_where_they_stood_when_the_simulator_starts_again(network: Network) -> None:
    network.go(60)
    before = network.offered()
    network.simulation.save(network.now)
    network.start()
    assert all(abs(count - before[key]) <= 2 for key, count in network.offered().items())


def run(network: Network, number: int, *columns: Name) -> list[int]:
    return [network.numbers((*RTT, *column))[(number,)] for column in columns]


TIME, SENSE, DELAY = (2, 10, 1, 5), (2, 10, 1, 2), (2, 10, 1, 1)
COUNT, SUM, JITTER = (5, 2, 1, 1), (5, 2, 1, 2), (5, 2, 1, 46)
LOST_OUT, LOST_BACK = (5, 2, 1, 26), (5, 2, 1, 27)


def test_a_probe_runs_at_its_interval_and_says_when(network: Network) -> None:
    uptime = network.agent.uptime(network.now)
    times = []
    for _ in range(8):
        times.append(run(network, 11, TIME)[0])
        network.go(30)
    assert times[0] <= uptime
    assert {b - a for a, b in itertools.pairwise(times)} <= {0, 6_000}
    assert times[-1] - times[0] >= 3 * 6_000


def test_the_same_run_is_the_same_sample(network: Network) -> None:
    columns = (TIME, SENSE, COUNT, SUM, JITTER)
    first = run(network, 11, *columns)
    assert run(network, 11, *columns) == first
    assert first[1:3] == [1, 20]
    assert 8 <= first[3] / first[2] <= 30


def test_delay_and_loss_of_probes_can_be_set(network: Network) -> None:
    network.control.behave("delay", ["L1"], MONDAY, amount=200.0)
    network.control.behave("probe-loss", ["L1"], MONDAY, amount=0.5)
    network.go(61)
    count, total, out, back = run(network, 11, COUNT, SUM, LOST_OUT, LOST_BACK)
    assert 0 < count < 20
    assert count + out + back == 20
    assert total / count > 180


def test_a_probe_over_a_link_that_is_down_gets_no_answer(network: Network) -> None:
    network.control.down(["L1", "L2"])
    network.go(61)
    assert run(network, 11, SENSE, COUNT) == [4, 0]
    assert run(network, 12, SENSE, DELAY) == [4, 0]


def test_a_probe_bears_its_tag_and_its_kind(network: Network) -> None:
    assert network.texts((*RTT, 2, 1, 1, 3)) == {(11,): "L1 voix", (12,): "L2"}
    assert network.numbers((*RTT, 2, 1, 1, 4)) == {(11,): 9, (12,): 1}
    assert (12,) not in network.rows((*RTT, *COUNT))


def test_a_description_holds_the_reference_of_the_link(network: Network) -> None:
    assert network.texts((*X, 18)) == {(3,): "L1", (4,): "L2"}


def test_a_fleet_comes_back_from_its_file_as_it_was() -> None:
    assert DeviceSpec.from_json(ROUTER.to_json()) == ROUTER
