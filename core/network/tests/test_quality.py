"""Quality: when a link that is up is said to lose packets, to make errors, to be slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.network.stability import LAPSE, Quality
from core.network.status import UP, Reason, State, Status
from core.network.tests.courses import (
    ADMIN_DOWN,
    DOWN,
    LINK,
    LOSS,
    SILENT,
    T0,
    UNSTABLE,
    WINDOW,
    fresh,
    measure,
    read,
)


def test_one_bad_measure_says_nothing_and_two_of_three_degrade() -> None:
    assert measure(fresh(), [0, 0.9, 0, 0, 0.9, 0]) == [UP] * 6
    assert measure(fresh(), [0, 0.9, 0, 0.9]) == [UP, UP, UP, LOSS]
    assert measure(fresh(), [0.03, 0.03]) == [UP, LOSS]


def test_a_measure_at_its_threshold_is_not_beyond_it() -> None:
    assert measure(fresh(), [0.02] * 5) == [UP] * 5
    assert measure(fresh(), [0.03, 0.02, 0.02]) == [UP] * 3


def test_a_degraded_link_is_well_after_three_good_measures_in_a_row() -> None:
    bad = [0.05, 0.05]
    assert measure(fresh(), [*bad, 0, 0, 0])[2:] == [LOSS, LOSS, UP]
    assert measure(fresh(), [*bad, 0, 0, 0.05, 0, 0, 0])[2:] == [LOSS] * 5 + [UP]


def test_a_link_just_under_its_threshold_does_not_go_to_and_fro() -> None:
    """1.9 % of loss is below 2 % and not below 80 % of it."""
    assert measure(fresh(), [0.05, 0.05] + [0.019, 0.021] * 20)[1:] == [LOSS] * 41


@pytest.mark.parametrize(
    ("quality", "reason"),
    [
        (Quality(loss=0.021), Reason.LOSS),
        (Quality(errors_per_minute=61), Reason.ERRORS),
        (Quality(rtt_ms=301), Reason.DELAY),
        (Quality(jitter_ms=51), Reason.JITTER),
        (Quality(61, 0.021, 301, 51), Reason.LOSS),
        (Quality(61, 0.0, 301, 51), Reason.ERRORS),
        (Quality(0, 0.0, 301, 51), Reason.DELAY),
    ],
)
def test_a_degraded_link_says_its_gravest_reason(quality: Quality, reason: Reason) -> None:
    stability = fresh()
    stability.settle(LINK, UP, T0, quality)
    assert stability.settle(LINK, UP, T0 + 60, quality) == Status(State.DEGRADED, reason)


def test_readings_between_two_measures_vote_for_nothing() -> None:
    stability = fresh()
    measure(stability, [0.9])
    assert read(stability, "uuuu", T0 + 1) == [UP] * 4
    assert stability.settle(LINK, UP, T0 + 200, Quality(rtt_ms=20)) == UP, "no loss was measured"
    assert stability.settle(LINK, UP, T0 + 260, Quality(loss=0.9)) == LOSS


def test_quality_degrades_a_link_that_is_up_and_no_other() -> None:
    for seen in (DOWN, ADMIN_DOWN, SILENT):
        assert measure(fresh(), [1.0] * 5, seen=seen) == [seen] * 5


def test_what_a_probe_loses_during_a_cut_is_not_held_against_the_link() -> None:
    stability = fresh()
    measure(stability, [1.0] * 10, seen=DOWN)
    assert measure(stability, [0.0] * 3, T0 + 600) == [UP] * 3


def test_a_lossy_link_that_was_cut_comes_back_lossy() -> None:
    stability = fresh()
    measure(stability, [0.05, 0.05])
    assert read(stability, "ddu", T0 + 90) == [DOWN, DOWN, LOSS]


def test_that_a_link_is_unstable_comes_before_its_quality() -> None:
    stability = fresh()
    assert measure(stability, [0.05, 0.05])[-1] == LOSS
    assert read(stability, "dududu", T0 + 90)[-1] == UNSTABLE
    assert read(stability, "u", T0 + 240 + WINDOW) == [LOSS]


def test_a_verdict_is_dropped_when_its_probe_measures_no_more() -> None:
    stability = fresh()
    measure(stability, [0.05, 0.05])
    assert stability.settle(LINK, UP, T0 + 60 + LAPSE) == LOSS
    assert stability.settle(LINK, UP, T0 + 61 + LAPSE) == UP
    assert len(stability) == 0


@given(st.lists(st.sampled_from([0.0, 0.015, 0.018, 0.05]), max_size=40))
def test_quality_follows_two_of_three_in_and_three_in_a_row_out(losses: list[float]) -> None:
    told = measure(fresh(), losses)
    bad = False
    for n, status in enumerate(told):
        last = losses[max(0, n - 2) : n + 1]
        if bad:
            bad = not (len(last) == 3 and all(loss < 0.016 for loss in last))
        else:
            bad = sum(loss > 0.02 for loss in last) >= 2
        assert status == (LOSS if bad else UP)
