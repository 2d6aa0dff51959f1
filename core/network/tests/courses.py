"""Courses of readings, in letters, and what is told of them: for the tests of stability."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from core import config
from core.network.stability import Quality, Stability
from core.network.status import UP, Reason, State, Status

RULES = config.Quality()
"""5 changes in 15 minutes; 2 % of loss, 300 ms, 50 ms of jitter, 60 errors a minute."""
WINDOW = 60.0 * RULES.flap_minutes
EVERY = 30.0
LINK = 7
T0 = 1_800_000_000.0
DOWN = Status(State.DOWN, Reason.INTERFACE_DOWN)
ADMIN_DOWN = Status(State.DOWN, Reason.ADMIN_DOWN)
SILENT = Status(State.UNKNOWN, Reason.UNREACHABLE)
UNSTABLE = Status(State.DEGRADED, Reason.UNSTABLE)
LOSS = Status(State.DEGRADED, Reason.LOSS)
SPELL = {"u": UP, "d": DOWN, "a": ADMIN_DOWN, "?": SILENT}


def fresh() -> Stability:
    return Stability(RULES)


def read(
    stability: Stability, seen: Iterable[Status] | str, start: float = T0, every: float = EVERY
) -> list[Status]:
    """Settle one reading each ``every`` seconds: « u » is up, « d » down, « ? » unread."""
    statuses = [SPELL[letter] for letter in seen] if isinstance(seen, str) else seen
    return [stability.settle(LINK, status, start + n * every) for n, status in enumerate(statuses)]


def changes(statuses: Sequence[Status]) -> list[Status]:
    """Return the lines of history that statuses make, the first one left out."""
    return [after for before, after in pairwise(statuses) if before != after]


def measure(
    stability: Stability, losses: Iterable[float], start: float = T0, seen: Status = UP
) -> list[Status]:
    """Settle one measure of loss a minute."""
    return [
        stability.settle(LINK, seen, start + 60 * n, Quality(loss=loss))
        for n, loss in enumerate(losses)
    ]
