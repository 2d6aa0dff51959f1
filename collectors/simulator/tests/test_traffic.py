"""The traffic of a simulated link: a function of time, the same for history and for counters."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from collectors.simulator.control import Control
from collectors.simulator.model import DeviceSpec, Interface, Traffic
from collectors.simulator.simulation import Simulation

MONDAY = 1_750_636_800
"""Monday 2025-06-23, midnight UTC (02:00 in Paris)."""
OFFICE = Interface("A", 1, "Gi0", "GigabitEthernet0", 100_000_000, seed=5)
BACKUP = Interface("B", 2, "Di0", "Dialer0", 8_000_000, "backup", seed=6, backup_of="A")


def device(*interfaces: Interface, at: float = MONDAY) -> DeviceSpec:
    return DeviceSpec("r", "127.0.0.1", 16161, "c", interfaces, boot=at - 60, origin=at)


def simulation(folder: Path, spec: DeviceSpec, now: float) -> Simulation:
    made = Simulation([spec], Control(folder / "control.json"), folder / "counters.json")
    made.tick(now)
    return made


def test_the_same_moment_has_the_same_traffic_whoever_asks() -> None:
    week = MONDAY + np.arange(2_016) * 300
    together = Traffic([OFFICE, BACKUP]).rates(week)
    alone = Traffic([OFFICE]).rates(week[100:200])
    assert np.array_equal(together[0][0, 100:200], alone[0][0])
    assert np.array_equal(together[1][0, 100:200], alone[1][0])


def test_an_office_is_busy_on_working_days_and_quiet_at_night_and_on_sundays() -> None:
    into = Traffic([OFFICE]).rates(MONDAY + np.arange(2_016) * 300)[0][0].reshape(7, 288)
    morning, night, lunch = into[0, 96:108].mean(), into[0, 0:24].mean(), into[0, 126:132].mean()
    assert morning > 5 * night
    assert lunch < morning
    assert into[6].mean() < into[0].mean() / 3
    assert 0 < into.min() < into.max() <= OFFICE.speed


def test_a_backup_is_near_idle() -> None:
    into, out = Traffic([BACKUP]).rates(MONDAY + np.arange(2_016) * 300)
    assert into.max() < 0.01 * BACKUP.speed
    assert out.max() < 0.01 * BACKUP.speed


def test_the_minutes_of_a_slot_have_the_mean_of_the_slot() -> None:
    traffic = Traffic([OFFICE, BACKUP])
    slots = traffic.rates(MONDAY + np.arange(288) * 300)
    minutes = traffic.minutes(MONDAY + np.arange(1_440) * 60)
    for slot, minute in zip(slots, minutes, strict=True):
        assert np.allclose(minute.reshape(2, 288, 5).mean(axis=2), slot, rtol=1e-9)


def test_history_joins_the_counters_that_are_polled(tmp_path: Path) -> None:
    """The counters of an hour grow by what the history of that hour would have held, within 1 %."""
    spec = device(OFFICE)
    live = simulation(tmp_path, spec, MONDAY)
    port = live.agents[0].ports[0]
    port.at = MONDAY
    port.in_octets = 0.0
    live.tick(MONDAY)
    for second in range(1, 3_601, 5):
        live.tick(MONDAY + second)
    counted = port.octets_in(MONDAY + 3_600)
    history = Traffic([OFFICE]).rates(MONDAY + np.arange(12) * 300)[0].sum() * 300 / 8
    assert abs(counted / history - 1) < 0.01


def test_when_the_main_link_falls_the_backup_carries_the_site(tmp_path: Path) -> None:
    now = MONDAY + 9 * 3_600.0
    live = simulation(tmp_path, device(OFFICE, BACKUP), now)
    main, backup = live.agents[0].ports
    idle = backup.in_bps
    Control(tmp_path / "control.json").down(["A"], now + 600)
    live.tick(now + 1)
    assert (main.up, main.in_bps) == (False, 0.0)
    assert backup.in_bps > 20 * idle
    assert backup.in_bps <= BACKUP.speed
    live.tick(now + 601)
    assert main.up
    assert main.in_bps > 0
    assert backup.in_bps < 0.01 * BACKUP.speed


def test_a_flapping_link_goes_down_and_up_by_itself(tmp_path: Path) -> None:
    live = simulation(tmp_path, device(OFFICE), MONDAY)
    Control(tmp_path / "control.json").flap(["A"])
    seen = []
    for second in range(0, 400, 5):
        live.tick(MONDAY + second)
        seen.append(live.agents[0].ports[0].up)
    changes = sum(a != b for a, b in itertools.pairwise(seen))
    assert changes >= 8


def test_counters_go_on_after_the_simulator_was_restarted(tmp_path: Path) -> None:
    """They never step back, and no more is added than the link could carry meanwhile."""
    first = Simulation(
        [device(OFFICE, at=0)], Control(tmp_path / "control.json"), tmp_path / "counters.json"
    )
    port = first.agents[0].ports[0]
    before = port.octets_in(port.at)
    saved_at = port.at
    first.save(saved_at)
    second = Simulation(
        [device(OFFICE, at=0)], Control(tmp_path / "control.json"), tmp_path / "counters.json"
    )
    again = second.agents[0].ports[0]
    assert before <= again.octets_in(again.at)
    assert again.octets_in(again.at) - before <= OFFICE.speed / 8 * (again.at - saved_at + 1)
    assert second.agents[0].boot == first.agents[0].boot
