"""The rules of « État de vos services »: which LED, and why."""

from __future__ import annotations

import itertools

import pytest

from core.network.status import (
    CONFIRMATIONS,
    QUALITY,
    UP,
    Reason,
    State,
    Status,
    aged,
    link_status,
    service_status,
    unread_status,
)

DOWN = Status(State.DOWN, Reason.INTERFACE_DOWN)
ADMIN_DOWN = Status(State.DOWN, Reason.ADMIN_DOWN)
LOSSY = Status(State.DEGRADED, Reason.LOSS)
UNSTABLE = Status(State.DEGRADED, Reason.UNSTABLE)
STALE = Status(State.UNKNOWN, Reason.STALE)
SILENT = Status(State.UNKNOWN, Reason.UNREACHABLE)
ON_BACKUP = Status(State.DEGRADED, Reason.BACKUP_ACTIVE)
UNPROTECTED = Status(State.DEGRADED, Reason.UNPROTECTED)


@pytest.mark.parametrize(
    ("admin", "oper", "standby", "expected"),
    [
        (1, 1, False, UP),
        (1, 2, False, DOWN),
        (2, 2, False, ADMIN_DOWN),
        (2, 1, False, ADMIN_DOWN),
        (3, 3, False, ADMIN_DOWN),  # testing
        (1, 3, False, DOWN),  # testing
        (1, 4, False, Status(State.UNKNOWN, Reason.BAD_ANSWER)),  # unknown
        (1, 5, False, DOWN),  # a dormant main link carries nothing
        (1, 5, True, UP),  # a dormant backup is ready
        (1, 6, False, DOWN),  # notPresent
        (1, 7, False, DOWN),  # lowerLayerDown
        (1, 99, False, DOWN),
    ],
)
def test_a_link_is_what_if_mib_says(admin: int, oper: int, standby: bool, expected: Status) -> None:
    assert link_status(admin, oper, standby) == expected


@pytest.mark.parametrize(
    ("main", "backup", "expected"),
    [
        (UP, None, UP),
        (DOWN, None, DOWN),
        (ADMIN_DOWN, None, ADMIN_DOWN),
        (LOSSY, None, LOSSY),
        (STALE, None, STALE),
        (UP, UP, UP),
        (UP, DOWN, UNPROTECTED),
        (UP, ADMIN_DOWN, UNPROTECTED),
        (UP, LOSSY, LOSSY),
        (DOWN, UP, ON_BACKUP),
        (ADMIN_DOWN, UP, ON_BACKUP),
        (DOWN, LOSSY, ON_BACKUP),
        (DOWN, DOWN, DOWN),
        (ADMIN_DOWN, DOWN, ADMIN_DOWN),
        (LOSSY, UP, LOSSY),
        (LOSSY, DOWN, UNPROTECTED),
        (UNSTABLE, None, UNSTABLE),
        (UNSTABLE, UP, UNSTABLE),
        (UP, UNSTABLE, UNSTABLE),
        (DOWN, UNSTABLE, ON_BACKUP),  # a backup that flaps carries the service, badly
        (UNSTABLE, DOWN, UNPROTECTED),
        (UNSTABLE, LOSSY, UNSTABLE),  # the main link is what the service is on
        (LOSSY, UNSTABLE, LOSSY),
        # A link is unknown: the service is told only if that changes nothing.
        (STALE, UP, STALE),  # green or orange?
        (STALE, DOWN, STALE),  # orange or red?
        (UP, STALE, STALE),  # green or orange?
        (DOWN, STALE, STALE),  # orange or red?
        (STALE, LOSSY, LOSSY),  # orange in any case
        (LOSSY, STALE, LOSSY),  # orange in any case
        (UNSTABLE, SILENT, UNSTABLE),
        (STALE, SILENT, STALE),
        (SILENT, STALE, SILENT),
    ],
)
def test_a_service_is_what_its_links_make(
    main: Status, backup: Status | None, expected: Status
) -> None:
    assert service_status(main, backup) == expected


@pytest.mark.parametrize("reason", [Reason.UNSTABLE, *QUALITY])
def test_a_service_is_orange_when_a_link_is_degraded_and_says_why(reason: Reason) -> None:
    degraded = Status(State.DEGRADED, reason)
    for pair in ((degraded, None), (degraded, UP), (UP, degraded)):
        assert service_status(*pair) == degraded


def test_a_service_is_green_only_when_every_link_is_known_to_be_up() -> None:
    every = [UP, DOWN, ADMIN_DOWN, LOSSY, UNSTABLE, STALE, SILENT]
    green = [
        pair for pair in itertools.product(every, every) if service_status(*pair).state is State.UP
    ]
    assert green == [(UP, UP)]


def test_an_unknown_link_never_hides_a_state_that_is_certain() -> None:
    """With every state the unknown link can really have, the service stays what it was told."""
    for known in (UP, DOWN, LOSSY):
        told = service_status(known, STALE)
        possible = {service_status(known, real).state for real in (UP, DOWN, LOSSY)}
        assert told.state is (possible.pop() if len(possible) == 1 else State.UNKNOWN)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_fits_its_column(reason: Reason) -> None:
    assert len(reason) <= 24


def test_one_lost_datagram_changes_no_state() -> None:
    assert unread_status(1, Reason.UNREACHABLE) is None


def test_a_router_silent_twice_in_a_row_makes_its_links_unknown_not_down() -> None:
    assert unread_status(CONFIRMATIONS, Reason.UNREACHABLE) == SILENT
    assert unread_status(50, Reason.BAD_ANSWER) == Status(State.UNKNOWN, Reason.BAD_ANSWER)


@pytest.mark.parametrize(
    ("status", "read_at", "now", "expected"),
    [
        (UP, 1_000, 1_030, UP),
        (UP, 1_000, 1_090, UP),
        (UP, 1_000, 1_090.1, STALE),
        (DOWN, 1_000, 5_000, STALE),
        (UNSTABLE, 1_000, 5_000, STALE),
        (UP, None, 1_000, Status(State.UNKNOWN, Reason.NEVER)),
        (SILENT, 1_000, 5_000, SILENT),
        (Status(State.UNKNOWN, Reason.NEVER), None, 0, Status(State.UNKNOWN, Reason.NEVER)),
        (UP, 1_005, 1_000, UP),  # a clock a little ahead
    ],
)
def test_a_reading_older_than_three_intervals_tells_nothing(
    status: Status, read_at: float | None, now: float, expected: Status
) -> None:
    assert aged(status, read_at, now, stale_after=90) == expected
