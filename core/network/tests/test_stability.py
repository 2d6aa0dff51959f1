"""Flapping: what a customer sees of a link that goes up and down again and again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import config
from core.network.stability import HOLD, Quality, Stability
from core.network.status import UP, Reason, State, Status
from core.network.tests.courses import (
    ADMIN_DOWN,
    DOWN,
    EVERY,
    LINK,
    LOSS,
    RULES,
    SILENT,
    T0,
    UNSTABLE,
    WINDOW,
    changes,
    fresh,
    measure,
    read,
)

# Up and down


def test_a_cut_is_red_at_once_and_its_end_green_at_once() -> None:
    assert read(fresh(), "uddu") == [UP, DOWN, DOWN, UP]


def test_trust_18_a_link_that_flaps_makes_one_line_of_history_and_one_when_it_ends() -> None:
    """One notification and a summary: five changes in, an hour of flapping adds none."""
    seen = "u" + "du" * 60 + "u" * 40
    told = changes(read(fresh(), seen))
    assert told == [DOWN, UP, DOWN, UP, UNSTABLE, UP]


def test_trust_18_an_unstable_link_is_green_again_after_a_quarter_of_an_hour_of_calm() -> None:
    stability = fresh()
    read(stability, "dudud")
    assert stability.settle(LINK, UP, T0 + 150) == UNSTABLE
    assert stability.settle(LINK, UP, T0 + 150 + WINDOW - 1) == UNSTABLE
    assert stability.settle(LINK, UP, T0 + 150 + WINDOW) == UP


def test_a_link_that_was_calm_must_flap_anew_to_be_unstable() -> None:
    stability = fresh()
    read(stability, "dudud" + "u" * 40)
    assert read(stability, "dudu", T0 + 10_000) == [DOWN, UP, DOWN, UP]


def test_four_cuts_in_a_day_are_four_cuts() -> None:
    stability = fresh()
    for n in range(4):
        assert read(stability, "ddu", T0 + 21_600 * n) == [DOWN, DOWN, UP]


def test_changes_are_counted_up_to_the_very_end_of_the_period() -> None:
    """Five changes, the last 15 minutes after the first; one second later would not count."""
    for late, expected in ((0, UNSTABLE), (1, DOWN)):
        stability = fresh()
        for n, status in enumerate((DOWN, UP, DOWN, UP)):
            stability.settle(LINK, status, T0 + 200 * n)
        assert stability.settle(LINK, DOWN, T0 + WINDOW + late) == expected


def test_the_last_changes_count_whatever_came_before_them() -> None:
    stability = fresh()
    for n, at in enumerate((0, 880, 910, 940, 970)):
        assert stability.settle(LINK, (DOWN, UP)[n % 2], T0 + at) == (DOWN, UP)[n % 2]
    assert stability.settle(LINK, UP, T0 + 1_000) == UNSTABLE


def test_an_unstable_link_that_stays_down_is_down_and_not_orange() -> None:
    stability = fresh()
    read(stability, "dudud")  # down since the fifth reading
    since = T0 + 4 * EVERY
    assert stability.settle(LINK, DOWN, since + HOLD - 1) == UNSTABLE
    assert stability.settle(LINK, DOWN, since + HOLD) == DOWN
    assert stability.settle(LINK, UP, since + HOLD + 30) == UNSTABLE, "not calm since"
    assert stability.settle(LINK, UP, since + HOLD + 30 + WINDOW) == UP


def test_a_link_that_comes_back_after_a_long_cut_is_green_at_once() -> None:
    stability = fresh()
    told = changes(read(stability, "u" + "dudud" + "d" * 100 + "u"))
    assert told == [DOWN, UP, DOWN, UP, UNSTABLE, DOWN, UP]


def test_a_link_switched_off_by_the_operator_is_said_so_at_once_and_is_no_flap() -> None:
    assert set(read(fresh(), "uaua" * 20)) == {UP, ADMIN_DOWN}
    stability = fresh()
    assert read(stability, "dudud" + "aa" + "u")[-3:] == [ADMIN_DOWN, ADMIN_DOWN, UNSTABLE]


def test_a_silent_router_is_no_flap() -> None:
    assert set(read(fresh(), "u??" * 40)) == {UP, SILENT}


def test_an_hour_of_silence_proves_no_calm() -> None:
    stability = fresh()
    read(stability, "dududu" + "?" * 120)
    back = T0 + 126 * EVERY
    assert stability.settle(LINK, UP, back) == UNSTABLE
    assert stability.settle(LINK, UP, back + WINDOW - EVERY) == UNSTABLE
    assert stability.settle(LINK, UP, back + WINDOW) == UP


def test_a_cut_during_a_silence_counts_once() -> None:
    assert read(fresh(), "?d?d??u?u")[-1] == UP
    assert read(fresh(), "d?u?d?u?d")[-1] == UNSTABLE


def test_the_thresholds_are_those_of_the_configuration() -> None:
    nervous = Stability(config.Quality(flaps=3, flap_minutes=2, loss_percent=50))
    assert read(nervous, "uduu" + "duuuu", every=20) == [UP, DOWN, UP, UP, *[UNSTABLE] * 5]
    assert read(nervous, "u", T0 + 220) == [UP]
    assert set(measure(nervous, [0.5] * 5, T0 + 600)) == {UP}
    assert measure(nervous, [0.51] * 2, T0 + 6_000) == [UP, LOSS]


def test_a_clock_set_back_begins_the_periods_anew_and_nothing_is_stuck() -> None:
    stability = fresh()
    read(stability, "dududu")
    earlier = T0 - 3_600
    assert stability.settle(LINK, UP, earlier) == UNSTABLE
    assert stability.settle(LINK, UP, earlier + WINDOW) == UP


def test_a_clock_set_back_does_not_put_old_cuts_and_new_ones_together() -> None:
    stability = fresh()
    assert read(stability, "dudu")[-1] == UP
    assert stability.settle(LINK, DOWN, T0 - 3_600) == DOWN


# After a restart


def test_a_restart_does_not_make_an_unstable_link_green_at_once() -> None:
    stability = fresh()
    stability.resume(LINK, UNSTABLE, T0)
    assert stability.settle(LINK, UP, T0 + 30) == UNSTABLE
    assert stability.settle(LINK, UP, T0 + 30 + WINDOW) == UP


def test_a_restart_long_after_proves_no_calm() -> None:
    """Whatever moment the restart gives, calm begins with the first reading."""
    stability = fresh()
    stability.resume(LINK, UNSTABLE, T0 - 86_400)
    assert stability.settle(LINK, UP, T0) == UNSTABLE


def test_an_unstable_link_that_is_down_after_a_restart_is_red_after_the_hold() -> None:
    stability = fresh()
    stability.resume(LINK, UNSTABLE, T0)
    assert stability.settle(LINK, DOWN, T0 + 30) == UNSTABLE
    assert stability.settle(LINK, DOWN, T0 + 30 + HOLD) == DOWN


def test_a_degraded_link_is_degraded_after_a_restart_until_it_measures_well() -> None:
    stability = fresh()
    stability.resume(LINK, LOSS, T0)
    assert read(stability, "u", T0 + 1) == [LOSS]
    assert measure(stability, [0.0, 0.0, 0.0], T0 + 60) == [LOSS, LOSS, UP]


def test_a_link_that_was_down_before_a_restart_did_not_change() -> None:
    stability = fresh()
    stability.resume(LINK, DOWN, T0)
    assert read(stability, "dudud", T0 + 30)[-1] == DOWN, "four changes"


@pytest.mark.parametrize(
    "status", [UP, SILENT, ADMIN_DOWN, Status(State.UNKNOWN, Reason.NEVER)], ids=str
)
def test_nothing_is_remembered_of_other_links_at_a_restart(status: Status) -> None:
    stability = fresh()
    stability.resume(LINK, status, T0)
    assert len(stability) == 0


def test_a_link_that_is_followed_already_is_not_taken_up_again() -> None:
    stability = fresh()
    read(stability, "d")
    stability.resume(LINK, UNSTABLE, T0 + 1)
    assert read(stability, "du", T0 + 30) == [DOWN, UP]


# What it costs


def test_nothing_is_remembered_of_links_that_are_up() -> None:
    stability = fresh()
    fine = Quality(errors_per_minute=3, loss=0.0, rtt_ms=40, jitter_ms=4)
    for link in range(1_000):
        assert stability.settle(link, UP, T0, fine) == UP
        assert stability.settle(link, SILENT, T0 + 30) == SILENT
        assert stability.settle(link, ADMIN_DOWN, T0 + 60) == ADMIN_DOWN
    assert len(stability) == 0


def test_a_link_is_let_go_of_once_it_is_well() -> None:
    stability = fresh()
    read(stability, "dududud" + "u" * 40)
    measure(stability, [0.9, 0.9, 0, 0, 0], T0 + 6_000)
    assert len(stability) == 0


def test_a_link_no_longer_followed_is_forgotten() -> None:
    stability = fresh()
    read(stability, "dududu")
    stability.forget([LINK, 99])
    assert len(stability) == 0
    assert read(stability, "u", T0 + 300) == [UP]


def test_links_do_not_disturb_each_other() -> None:
    stability = fresh()
    for n in range(20):
        at = T0 + n * EVERY
        assert stability.settle(1, UP, at) == UP
        stability.settle(2, (UP, DOWN)[n % 2], at)
    assert stability.settle(2, UP, T0 + 600) == UNSTABLE


# Whatever is read

RAW = st.sampled_from([UP, DOWN])
ANY = st.sampled_from([UP, DOWN, ADMIN_DOWN, SILENT])
GAPS = st.floats(1, 1_200)


@given(st.lists(st.tuples(RAW, GAPS), max_size=60))
def test_no_link_is_said_to_fall_or_to_rise_more_often_than_it_did(
    course: list[tuple[Status, float]],
) -> None:
    stability, at, raw, told = fresh(), T0, [UP], [UP]
    for seen, gap in course:
        at += gap
        raw.append(seen)
        told.append(stability.settle(LINK, seen, at))
    for state in (UP, DOWN):
        assert changes(told).count(state) <= changes(raw).count(state)


@given(st.lists(st.tuples(ANY, GAPS), max_size=60), ANY)
def test_what_lasts_is_said(course: list[tuple[Status, float]], last: Status) -> None:
    stability, at = fresh(), T0
    for seen, gap in course:
        at += gap
        stability.settle(LINK, seen, at)
    told = read(stability, [last] * 33, at + EVERY)  # the window, and the reading before it
    assert told[-1] == last
    assert read(stability, [last] * 50, at + 40 * EVERY) == [last] * 50


@given(st.lists(st.floats(1, HOLD - 1), min_size=5, max_size=300))
def test_however_long_a_link_flaps_its_history_is_short(spans: list[float]) -> None:
    stability, at, told = fresh(), T0, [UP]
    for n, span in enumerate(spans):
        told.append(stability.settle(LINK, (DOWN, UP)[n % 2], at))
        at += span
    assert len(changes(told)) == RULES.flaps


@given(st.lists(st.tuples(ANY, GAPS), max_size=60))
def test_a_link_that_is_not_up_is_never_green(course: list[tuple[Status, float]]) -> None:
    stability, at = fresh(), T0
    for seen, gap in course:
        at += gap
        status = stability.settle(LINK, seen, at)
        assert status.state is not State.UP or seen == UP
        assert status in (seen, UNSTABLE)
        if seen.state is State.UNKNOWN or seen == ADMIN_DOWN:
            assert status == seen


@given(st.lists(st.tuples(RAW, st.integers(0, 3), GAPS), max_size=60))
def test_readings_that_fail_never_make_a_link_unstable(
    course: list[tuple[Status, int, float]],
) -> None:
    """A link becomes unstable at the same reading, however many failed before it."""
    plain, holed, at = fresh(), fresh(), T0
    for seen, failed, gap in course:
        for n in range(failed):
            assert holed.settle(LINK, SILENT, at + gap * (n + 1) / 5) == SILENT
        at += gap
        status = plain.settle(LINK, seen, at)
        assert holed.settle(LINK, seen, at) == status
        if status == UNSTABLE:
            break


@given(
    st.lists(
        st.tuples(
            ANY, GAPS, st.none() | st.builds(Quality, loss=st.none() | st.floats(0, 0.05)),
            st.integers(1, 3),
        ),
        max_size=40,
    )
)  # fmt: skip
def test_a_reading_that_comes_twice_changes_nothing(
    course: list[tuple[Status, float, Quality | None, int]],
) -> None:
    once, often, at = fresh(), fresh(), T0
    for seen, gap, quality, times in course:
        at += gap
        expected = once.settle(LINK, seen, at, quality)
        for _ in range(times):
            assert often.settle(LINK, seen, at, quality) == expected


@given(st.lists(st.tuples(ANY, st.floats(0, 1e9)), max_size=40), st.floats(0, 1e9))
def test_no_clock_leaves_a_link_stuck(course: list[tuple[Status, float]], then: float) -> None:
    stability = fresh()
    for seen, at in course:
        stability.settle(LINK, seen, at, Quality(loss=0.5))
    read(stability, [UP] * 40, then)
    assert measure(stability, [0.0] * 4, then + 2_000)[-1] == UP
    assert len(stability) == 0
