"""What fails in a row is left out, longer each time, tried again, and forgiven when it works."""

from __future__ import annotations

from core.breaker import FAILURES, HANGING, LONGEST, PAUSE, Breaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(breaker: Breaker, account: int = 1, place: str = "page") -> float:
    """Fail until the door closes; return for how long it does."""
    pauses = [breaker.failed(account, place) for _ in range(FAILURES)]
    assert pauses[:-1] == [0.0] * (FAILURES - 1)
    return pauses[-1]


def test_failures_in_a_row_close_a_door_for_a_while() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    assert broken(breaker) == PAUSE
    assert breaker.closed_for(1, "page") == PAUSE
    assert breaker.closed_for(1, "callback") == 0
    assert breaker.closed_for(2, "page") == 0
    clock.now = PAUSE
    assert breaker.closed_for(1, "page") == 0


def test_a_success_in_between_forgives() -> None:
    breaker = Breaker(Clock())
    for _ in range(20):
        for _ in range(FAILURES - 1):
            breaker.failed(1, "page")
        breaker.worked(1, "page")
    assert breaker.closed_for(1, "page") == 0


def test_a_door_that_fails_when_it_is_tried_again_closes_for_twice_as_long() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    pause, pauses = broken(breaker), []
    for _ in range(8):
        clock.now += pause
        pause = breaker.failed(1, "page")
        pauses.append(pause)
    assert pauses[:3] == [2 * PAUSE, 4 * PAUSE, 8 * PAUSE]
    assert pauses[-1] == LONGEST
    breaker.worked(1, "page")
    assert broken(breaker) == PAUSE


def test_two_answers_that_are_late_close_a_door() -> None:
    breaker = Breaker(Clock())
    assert breaker.failed(1, "cards", late=True) == 0
    assert breaker.failed(1, "cards", late=True) == PAUSE


def test_a_rubric_that_fails_three_accounts_is_left_out_for_everybody() -> None:
    breaker = Breaker(Clock())
    for account in (1, 2):
        broken(breaker, account)
        broken(breaker, account, "callback")
    assert breaker.waits() == 0, "one account, or two, cannot take it from the others"
    broken(breaker, 3)
    assert breaker.closed_for(99, "another page") > 0
    assert breaker.waits() > 0


def test_a_rubric_of_which_several_threads_hang_is_asked_no_more() -> None:
    breaker = Breaker(Clock())
    for _ in range(HANGING):
        breaker.left_behind(1)
    assert breaker.closed_for(1, "cards") > 0
    breaker.left_behind(-1)
    assert breaker.closed_for(1, "cards") == 0
