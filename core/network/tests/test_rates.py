"""Octets between two readings: what counts, and what is a gap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.network.metrics import Counters
from core.network.rates import (
    CEILING_BPS,
    DRIFT,
    TOLERANCE,
    WRAP,
    ClassCounters,
    ClassDelta,
    Delta,
    Gap,
    class_delta,
    delta,
    packets,
    same_agent,
)

ADSL = 8_000_000
ETHERNET = 100_000_000
GIGABIT = 1_000_000_000
MAX_GAP = 90.0


def read(
    at: float, octets: int, *, bits: int = 64, uptime: int | None = None, out: int | None = None
) -> Counters:
    """A reading at ``at`` seconds, of an agent started 1,000 s before 0."""
    ticks = round(at * 100) + 100_000 if uptime is None else uptime
    return Counters(at, ticks, bits, octets, octets if out is None else out)


def test_a_delta_is_octets_and_the_seconds_they_took() -> None:
    before, after = read(0, 1_000, out=50), read(60, 61_000, out=80)
    assert delta(before, after, ADSL, MAX_GAP) == Delta(60, 60_000, 30)


def test_an_idle_link_carries_nothing_and_that_is_no_gap() -> None:
    assert delta(read(0, 5), read(60, 5), ADSL, MAX_GAP) == Delta(60, 0, 0)


@pytest.mark.parametrize("at", [0.0, -60.0], ids=["repeated", "late"])
def test_a_repeated_or_late_reading_changes_nothing(at: float) -> None:
    assert delta(read(0, 1_000), read(at, 2_000), ADSL, MAX_GAP) is None


def test_a_failed_poll_is_a_gap() -> None:
    change = delta(read(0, 0), read(120, 1_000), ADSL, MAX_GAP)
    assert change == Delta(120, gap=Gap.TOO_LONG)


def test_a_32_bit_counter_that_wraps_once_keeps_counting() -> None:
    before, after = read(0, WRAP - 1_000, bits=32), read(60, 2_000, bits=32)
    assert delta(before, after, ADSL, MAX_GAP) == Delta(60, 3_000, 3_000)


def test_a_fall_that_the_line_is_too_slow_to_explain_is_a_reset() -> None:
    """8 Mbit/s carries 60 MB in a minute: from 1,000 to 0 it would have had to carry 4.29 GB."""
    change = delta(read(0, 1_000, bits=32), read(60, 0, bits=32), ADSL, MAX_GAP)
    assert change == Delta(60, gap=Gap.RESET)


def test_without_a_known_speed_a_fall_is_always_a_reset() -> None:
    before, after = read(0, WRAP - 1, bits=32), read(60, 5, bits=32)
    assert delta(before, after, None, MAX_GAP) == Delta(60, gap=Gap.RESET)
    assert delta(before, after, 0, MAX_GAP) == Delta(60, gap=Gap.RESET)


def test_a_64_bit_counter_never_wraps() -> None:
    """At 100 Gbit/s it takes 46 years: a fall, even from the very top, is a reset."""
    change = delta(read(0, 2**64 - 10), read(60, 10), 100 * GIGABIT, MAX_GAP)
    assert change == Delta(60, gap=Gap.RESET)


def test_one_direction_that_resets_makes_a_gap_of_both() -> None:
    change = delta(read(0, 1_000, out=1_000), read(60, 2_000, out=0), ADSL, MAX_GAP)
    assert change == Delta(60, gap=Gap.RESET)


def test_a_32_bit_counter_on_a_line_that_may_wrap_it_twice_tells_nothing() -> None:
    """A gigabit line fills 32 bits in 34 s: at 60 s, 1,000 octets may be 4.29 GB and 1,000."""
    change = delta(read(0, 0, bits=32), read(60, 1_000, bits=32), GIGABIT, MAX_GAP)
    assert change == Delta(60, gap=Gap.AMBIGUOUS)


def test_a_reboot_is_a_gap_even_when_the_counters_look_right() -> None:
    before, after = read(0, 1_000, uptime=9_000_000), read(60, 1_500, uptime=2_000)
    assert delta(before, after, ADSL, MAX_GAP) == Delta(60, gap=Gap.REBOOT)


def test_a_reboot_is_seen_when_sysuptime_has_already_overtaken_its_former_value() -> None:
    """Up for 50 s, silent for 300 s, up for 80 s: it was not up all the time between."""
    before, after = read(0, 1_000, uptime=5_000), read(300, 1_500, uptime=8_000)
    assert delta(before, after, ADSL, 600) == Delta(300, gap=Gap.REBOOT)


def test_a_reboot_with_a_32_bit_fall_is_not_taken_for_a_wrap() -> None:
    before = read(0, WRAP - 10, bits=32, uptime=9_000_000)
    assert delta(before, read(60, 10, bits=32, uptime=1_000), ETHERNET, MAX_GAP) == Delta(
        60, gap=Gap.REBOOT
    )


def test_sysuptime_that_wraps_after_497_days_is_no_reboot() -> None:
    before, after = read(0, 1_000, uptime=WRAP - 3_000), read(60, 2_000, uptime=3_000)
    assert delta(before, after, ADSL, MAX_GAP) == Delta(60, 1_000, 1_000)


def test_a_reboot_near_497_days_is_still_a_reboot() -> None:
    """Ten minutes before its wrap the agent restarts: sysUpTime is not where a wrap puts it."""
    before, after = read(0, 1_000, uptime=WRAP - 60_000), read(60, 2_000, uptime=500)
    assert delta(before, after, ADSL, MAX_GAP) == Delta(60, gap=Gap.REBOOT)


def test_a_rate_above_the_speed_is_kept_aside() -> None:
    most = round(ADSL * TOLERANCE * 60 / 8)
    assert delta(read(0, 0), read(60, most), ADSL, MAX_GAP) == Delta(60, most, most)
    beyond = delta(read(0, 0), read(60, most + 1), ADSL, MAX_GAP)
    assert beyond == Delta(60, most + 1, most + 1, Gap.TOO_FAST)


def test_a_rate_without_a_known_speed_is_believed() -> None:
    assert delta(read(0, 0), read(60, 10**12), None, MAX_GAP) == Delta(60, 10**12, 10**12)


@pytest.mark.parametrize("speed", [None, 0, 2**32 * 1_000_000], ids=["none", "0", "absurd"])
def test_no_speed_and_an_absurd_one_leave_the_ceiling_of_any_line(speed: int | None) -> None:
    """A terabit per second: a Counter64 that jumps to its top is a fault, not 2**64 octets."""
    most = round(CEILING_BPS * TOLERANCE * 60 / 8)
    assert delta(read(0, 0), read(60, most), speed, MAX_GAP) == Delta(60, most, most)
    jump = delta(read(0, 0), read(60, 2**64 - 1), speed, MAX_GAP)
    assert jump == Delta(60, 2**64 - 1, 2**64 - 1, Gap.TOO_FAST)


@pytest.mark.parametrize(("before", "after"), [(64, 32), (32, 64)])
def test_counters_that_change_their_width_in_mid_series_make_a_gap(before: int, after: int) -> None:
    change = delta(read(0, 10, bits=before), read(60, 20, bits=after), ADSL, MAX_GAP)
    assert change == Delta(60, gap=Gap.WIDTH)


@given(
    start=st.integers(0, WRAP - 1),
    rates=st.lists(st.integers(0, round(ETHERNET * TOLERANCE / 8)), min_size=1, max_size=20),
    uptime=st.integers(0, WRAP - 1),
)
def test_however_a_32_bit_counter_and_sysuptime_wrap_nothing_is_lost_or_invented(
    start: int, rates: list[int], uptime: int
) -> None:
    """A true counter polled each minute: the deltas add up to what the line carried."""
    true, total = start, 0
    before = read(0, start % WRAP, bits=32, uptime=uptime)
    for minute, rate in enumerate(rates, 1):
        true += rate * 60
        ticks = (uptime + minute * 6_000) % WRAP
        after = read(minute * 60, true % WRAP, bits=32, uptime=ticks)
        change = delta(before, after, ETHERNET, MAX_GAP)
        assert change is not None
        assert change.gap is None
        total += change.in_octets
        before = after
    assert total == true - start


@given(
    before=st.builds(
        Counters, st.floats(0, 1e6), st.integers(0, WRAP - 1), st.sampled_from([32, 64]),
        st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1),
    ),
    after=st.builds(
        Counters, st.floats(0, 1e6), st.integers(0, WRAP - 1), st.sampled_from([32, 64]),
        st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1),
    ),
    speed=st.none() | st.integers(1, 10**11),
)  # fmt: skip
def test_what_counts_is_never_negative_nor_faster_than_the_line(
    before: Counters, after: Counters, speed: int | None
) -> None:
    change = delta(before, after, speed, 1e7)
    if change is None or change.gap is not None:
        return
    assert change.seconds > 0
    assert min(change.in_octets, change.out_octets) >= 0
    if speed is not None:
        most = speed * TOLERANCE * change.seconds / 8
        assert max(change.in_octets, change.out_octets) <= most


def test_a_clock_that_drifts_within_a_minute_is_no_reboot() -> None:
    before = read(0, 0, uptime=10_000)
    assert delta(before, read(80, 10, uptime=10_000 + 8_000 - DRIFT), ADSL, MAX_GAP) == Delta(
        80, 10, 10
    )


@pytest.mark.parametrize(
    ("uptime", "same"),
    [
        (6_000, True),
        (6_000 + DRIFT, True),
        (6_001 + DRIFT, False),
        (5_999 - DRIFT, False),
        (900_000, False),
    ],
)
def test_an_agent_is_the_same_when_its_sysuptime_went_on_as_our_clock(
    uptime: int, same: bool
) -> None:
    """60 s later, across its wrap too."""
    for start in (0, WRAP - 3_000):
        after = read(60, 0, uptime=(start + uptime) % WRAP)
        assert same_agent(read(0, 0, uptime=start), after) is same


def counted(at: float, octets: int, *, offered: int | None = None, uptime: int | None = None,
            dropped: int = 0) -> ClassCounters:  # fmt: skip
    """A reading of a class at ``at`` seconds: as much is offered as is sent, unless said."""
    ticks = round(at * 100) + 100_000 if uptime is None else uptime
    return ClassCounters(at, ticks, octets if offered is None else offered, octets, dropped, 0)


def test_a_class_is_what_was_offered_sent_and_dropped() -> None:
    before = ClassCounters(0, 100_000, 1_000, 900, 100, 1)
    after = ClassCounters(60, 106_000, 9_000, 7_900, 1_100, 11)
    assert class_delta(before, after, ADSL, MAX_GAP) == ClassDelta(60, 8_000, 7_000, 1_000, 10)


@pytest.mark.parametrize(
    ("after", "gap"),
    [
        (counted(120, 2_000), Gap.TOO_LONG),
        (counted(60, 2_000, uptime=50), Gap.REBOOT),
        (counted(60, 999), Gap.RESET),
        (counted(60, 2_000, dropped=-1), Gap.RESET),
        (counted(60, 1_000 + round(ADSL * TOLERANCE * 60 / 8) + 1), Gap.TOO_FAST),
        (counted(60, 2_000, offered=2**63), Gap.TOO_FAST),
    ],
)
def test_what_a_class_carried_is_a_gap_where_it_is_for_a_link(
    after: ClassCounters, gap: Gap
) -> None:
    change = class_delta(counted(0, 1_000), after, ADSL, MAX_GAP)
    assert change is not None
    assert change.gap is gap


def test_more_may_be_offered_to_a_class_than_the_line_carries() -> None:
    """That is what its drops are made of."""
    change = class_delta(counted(0, 0), counted(60, 5, offered=10**9), ADSL, MAX_GAP)
    assert change == ClassDelta(60, 10**9, 5)


@pytest.mark.parametrize("at", [0.0, -60.0])
def test_a_class_read_again_or_late_changes_nothing(at: float) -> None:
    assert class_delta(counted(0, 1_000), counted(at, 2_000), ADSL, MAX_GAP) is None


@pytest.mark.parametrize(
    ("before", "after", "passed"),
    [
        (5, 9, 4),
        (5, 5, 0),
        (WRAP - 1, 1, 2),
        (1_000, 0, None),
        (0, WRAP // 2, None),
        (0, WRAP // 2 - 1, WRAP // 2 - 1),
        (None, 3, None),
        (3, None, None),
    ],
)
def test_packets_in_error_wrap_once_and_a_counter_set_back_is_unknown(
    before: int | None, after: int | None, passed: int | None
) -> None:
    assert packets(before, after) == passed
