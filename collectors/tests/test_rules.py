"""The rules that make figures one can bill on: each from the router's answer to what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from collectors.tests.routers import Rows, interface
from collectors.tests.scenes import T0, Scene
from core.host import Host

WRAP = 2**32
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def scene(host: Host) -> Iterator[Scene]:
    yield Scene(host)
    host.metrics.close()


def line(octets: int, **more: int) -> Rows:
    """The interface of the link, a line of 20 Mbit/s unless ``speed`` says otherwise."""
    return interface(4, "Gi0/1", octets=octets, **more)  # type: ignore[arg-type]  # numbers all


# -- octets


def test_a_failed_poll_is_a_gap_and_never_a_zero(scene: Scene) -> None:
    scene.poll(0, line(1_000))
    scene.poll(1, line(61_000))
    scene.fail(2)
    scene.poll(3, line(181_000))
    scene.poll(4, line(181_500))
    assert scene.octets() == [(1, 60_000), (4, 500)]
    assert scene.gaps == {"too_long": 1}


def test_one_wrap_of_a_32_bit_counter_keeps_counting(scene: Scene) -> None:
    scene.poll(0, line(WRAP - 1_000, bits=32))
    scene.poll(1, line(2_000, bits=32))
    assert scene.octets() == [(1, 3_000)]
    assert scene.gaps == {}


def test_a_fall_that_the_line_is_too_slow_to_explain_is_a_reset(scene: Scene) -> None:
    """2 Mbit/s carries 15 MB in a minute: from 2 GB to 0 it would have had to carry 2.3 GB."""
    scene.poll(0, line(2 * 10**9, bits=32, speed=2_000_000))
    scene.poll(1, line(5, bits=32, speed=2_000_000))
    scene.poll(2, line(905, bits=32, speed=2_000_000))
    assert scene.octets() == [(2, 900)]
    assert scene.gaps == {"reset": 1}


def test_a_64_bit_counter_never_wraps(scene: Scene) -> None:
    scene.poll(0, line(2**64 - 10))
    scene.poll(1, line(10))
    assert (scene.octets(), scene.gaps) == ([], {"reset": 1})


def test_sysuptime_wraps_after_497_days_and_that_is_no_reboot(scene: Scene) -> None:
    scene.poll(0, line(1_000), uptime=WRAP - 3_000)
    scene.poll(1, line(2_000), uptime=WRAP + 3_000)
    scene.poll(2, line(3_000), uptime=WRAP + 9_000)
    assert scene.octets() == [(1, 1_000), (2, 1_000)]
    assert scene.gaps == {}


def test_a_reboot_is_one_gap(scene: Scene) -> None:
    scene.poll(0, line(10**9))
    scene.poll(1, line(10**9 + 5), uptime=2_000)
    scene.poll(2, line(10**9 + 7), uptime=8_000)
    assert scene.octets() == [(2, 2)]
    assert scene.gaps == {"reboot": 1}


def test_a_rate_above_the_speed_is_kept_aside(scene: Scene) -> None:
    """20 Mbit/s carries 157.5 MB in a minute and 5 %."""
    scene.poll(0, line(0))
    scene.poll(1, line(157_500_000))
    scene.poll(2, line(157_500_000 * 2 + 1))
    scene.poll(3, line(157_500_000 * 2 + 9))
    assert scene.octets() == [(1, 157_500_000), (3, 8)]
    assert scene.gaps == {"too_fast": 1}


def test_counters_that_change_their_width_make_one_gap(scene: Scene) -> None:
    scene.poll(0, line(1_000))
    scene.poll(1, line(2_000, bits=32))
    scene.poll(2, line(3_000, bits=32))
    assert scene.octets() == [(2, 1_000)]
    assert scene.gaps == {"width": 1}


def test_an_sdsl_link_without_64_bit_counters_is_measured(scene: Scene) -> None:
    """Cisco IOS has no 64-bit counters below 20 Mbit/s."""
    for minute in range(3):
        scene.poll(minute, line(minute * 60_000, bits=32, speed=2_300_000))
    assert scene.octets() == [(1, 60_000), (2, 60_000)]


def test_a_renumbered_interface_keeps_its_series(scene: Scene) -> None:
    """Between two polls Gi0/1 went from 4 to 9, without a reboot: not an octet is lost."""
    scene.poll(0, line(1_000))
    scene.poll(1, interface(9, "Gi0/1", octets=61_000), interface(4, "Gi0/7", octets=5))
    assert scene.octets() == [(1, 60_000)]


def test_counters_that_the_router_says_were_broken_off_are_a_gap(scene: Scene) -> None:
    broken = {".1.3.6.1.2.1.31.1.1.1.19.4": line(0)[".1.3.6.1.2.1.2.2.1.9.4"]._replace(text="77")}
    scene.poll(0, line(1_000), {k: v._replace(text="0") for k, v in broken.items()})
    scene.poll(1, line(61_000), broken)
    scene.poll(2, line(62_000), broken)
    assert scene.octets() == [(2, 1_000)]
    assert scene.gaps == {"discontinuity": 1}


# -- clocks


def test_a_clock_set_back_an_hour_is_one_gap_and_no_negative_or_double_sample(
    scene: Scene,
) -> None:
    scene.poll(0, line(0))
    scene.poll(1, line(600))
    for minute in (2, 3, 4):
        scene.poll(minute, line(600 * minute), run=1, clock=-3_600)
    assert scene.octets() == [(-57, 600), (-56, 600), (1, 600)]
    assert scene.gaps == {"clock": 1}
    assert all(sample.seconds == 60 for sample in scene.samples())


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_a_day_of_changed_hours_changes_nothing(scene: Scene, month: int, day: int) -> None:
    """The clocks of Paris jump from 2 to 3, or from 3 to 2: ours is UTC, and does not."""
    midnight = datetime(2026, month, day, tzinfo=PARIS).astimezone(UTC)
    start = (midnight.timestamp() - T0) / 60
    for n in range(8):
        scene.poll(start + n, line(600 * n))
    turn = (datetime(2026, month, day, 1, tzinfo=UTC).timestamp() - T0) / 60
    for n in range(-3, 4):
        scene.poll(turn + n, line(100_000 + 600 * n))
    assert [octets for _, octets in scene.octets()] == [600] * 13
    assert scene.gaps == {"too_long": 1}, "between the two times that were polled"


# -- errors and discards


def test_errors_and_discards_are_counted_beside_the_octets(scene: Scene) -> None:
    scene.poll(0, interface(4, "Gi0/1", octets=0, faults=(10, 20, 30, 40)))
    scene.poll(1, interface(4, "Gi0/1", octets=600, faults=(11, 22, 33, 44)))
    (sample,) = scene.samples()
    assert sample.in_octets == 600
    assert (sample.in_errors, sample.out_errors) == (1, 2)
    assert (sample.in_discards, sample.out_discards) == (3, 4)


def test_what_a_router_does_not_count_is_unknown_and_not_0(scene: Scene) -> None:
    scene.poll(0, line(0))
    scene.poll(1, line(600))
    (sample,) = scene.samples()
    assert (sample.in_octets, sample.in_errors, sample.out_discards) == (600, None, None)


def test_a_counter_of_errors_wraps_once_and_one_set_back_is_unknown(scene: Scene) -> None:
    """2**32 - 5 to 3 is 8 errors; 1,000 to 0 was cleared by somebody. The octets stand."""
    scene.poll(0, interface(4, "Gi0/1", octets=0, faults=(WRAP - 5, 1_000, 0, 0)))
    scene.poll(1, interface(4, "Gi0/1", octets=600, faults=(3, 0, 0, 0)))
    (sample,) = scene.samples()
    assert (sample.in_octets, sample.in_errors, sample.out_errors) == (600, 8, None)


def test_errors_over_a_reboot_are_unknown_with_the_octets(scene: Scene) -> None:
    scene.poll(0, interface(4, "Gi0/1", octets=0, faults=(9, 9, 9, 9)))
    scene.poll(1, interface(4, "Gi0/1", octets=600, faults=(10, 10, 10, 10)), uptime=100)
    assert scene.samples() == []


def test_a_line_in_error_is_degraded_and_recovers(scene: Scene) -> None:
    for minute in range(4):
        scene.poll(minute, interface(4, "Gi0/1", octets=0, faults=(500 * minute, 0, 0, 0)))
    assert scene.state() == ("degraded", "errors", 2)
    for minute in range(4, 8):
        scene.poll(minute, interface(4, "Gi0/1", octets=0, faults=(1_500, 0, 0, 0)))
    assert scene.state() == ("up", "", 6)
