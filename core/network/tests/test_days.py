"""Ninety civil days: how long each state lasted, over changes of hour, and how available it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.network.days import Change, availability, civil_days, periods
from core.network.status import State

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 11, tzinfo=UTC)
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN
LONG_AGO = NOW - timedelta(days=400)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


def test_a_day_that_is_an_hour_short_or_long_has_all_its_seconds() -> None:
    autumn = civil_days([Change(LONG_AGO, UP)], PARIS, datetime(2026, 10, 26, 12, tzinfo=UTC), 2)
    assert autumn[0].seconds[UP] == 25 * 3600
    spring = civil_days([Change(LONG_AGO, UP)], PARIS, datetime(2026, 3, 30, 12, tzinfo=UTC), 2)
    assert spring[0].seconds[UP] == 23 * 3600


def test_days_are_those_of_the_customer_and_today_lasts_until_now() -> None:
    days = civil_days([Change(LONG_AGO, UP)], PARIS, NOW)
    assert len(days) == 90
    assert (days[0].day, days[-1].day) == (date(2026, 8, 28), date(2026, 11, 25))
    assert days[-1].seconds[UP] == 12 * 3600
    late = civil_days([], PARIS, datetime(2026, 11, 25, 23, 30, tzinfo=UTC), 1)
    assert late[0].day == date(2026, 11, 26), "it is tomorrow in Paris already"


def test_an_outage_over_midnight_counts_in_both_days() -> None:
    days = civil_days(
        [Change(LONG_AGO, UP), Change(at(23, 22), DOWN), Change(at(24, 1), UP)], PARIS, NOW, 3
    )
    assert [day.seconds[DOWN] for day in days] == [7200, 3600, 0]
    assert [day.state for day in days] == [DOWN, DOWN, UP]
    assert [day.changes for day in days] == [1, 1, 0]


def test_before_the_first_change_nothing_is_known() -> None:
    days = civil_days([Change(at(24, 18), UP)], PARIS, NOW, 3)
    assert [day.state for day in days] == [UNKNOWN, UNKNOWN, UP]
    assert civil_days([], PARIS, NOW, 1)[0].state is UNKNOWN


def test_a_short_outage_stands_for_its_day_and_a_short_gap_does_not() -> None:
    def state(what: State) -> State:
        changes = [Change(LONG_AGO, UP), Change(at(24, 9), what), Change(at(24, 9, 1), UP)]
        return civil_days(changes, PARIS, NOW, 2)[0].state

    assert [state(what) for what in (DOWN, DEGRADED, UNKNOWN)] == [DOWN, DEGRADED, UP]


def test_availability_leaves_out_what_is_not_known_and_says_how_much() -> None:
    changes = [
        Change(LONG_AGO, UP), Change(at(24, 0), DOWN), Change(at(24, 6), DEGRADED),
        Change(at(24, 12), UNKNOWN), Change(at(25, 0), UP),
    ]  # fmt: skip
    found = availability(civil_days(changes, PARIS, NOW, 2))
    assert found.ratio == pytest.approx(18 / 24), "degraded counts as available"
    assert found.unknown == pytest.approx(12 / 36)
    assert availability(civil_days([], PARIS, NOW, 2)).ratio is None


moments = st.lists(
    st.tuples(st.integers(-100 * 86_400, 86_400), st.sampled_from(State)), max_size=30
)


@given(moments)
def test_every_second_of_ninety_days_is_in_one_state(changes: list[tuple[int, State]]) -> None:
    line = [Change(NOW + timedelta(seconds=s), state) for s, state in sorted(changes)]
    days = civil_days(line, PARIS, NOW)
    total = sum(sum(day.seconds.values()) for day in days)
    assert total == pytest.approx((NOW - days[0].start).total_seconds())
    of = dict.fromkeys(State, 0.0)
    for change, begun, ended in periods(line, days[0].start, NOW):
        of[change.state if change else UNKNOWN] += (ended - begun).total_seconds()
    for state in State:
        assert sum(day.seconds[state] for day in days) == pytest.approx(of[state])
