"""A rubric that fails again and again is left out for a while, so that it stops costing others.

Doors of a rubric (a hook, a page, a callback) are counted apart, and each account apart: what
somebody sends from a browser can close a door for that account alone. When a rubric fails several
accounts at once, or its work hangs, it is left out for everybody.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

FAILURES = 5
"""Failures in a row that close a door."""
LATE = 3
"""What a failure by lateness counts for: two of them close a door."""
ACCOUNTS = 3
"""Accounts with a closed door at once, from which the whole rubric is left out."""
HANGING = 4
"""Threads of a rubric that still hang, from which it is not asked any more."""
PAUSE, LONGEST = 30.0, 900.0
"""Seconds for which a door stays closed; each time it fails again twice as long, up to this."""
MOST = 2000
"""Doors that are remembered; the oldest ones are forgotten."""


class LeftOut(Exception):
    """A rubric is left out for now; ``seconds`` until it is tried again."""

    def __init__(self, rubric: str, seconds: float) -> None:
        super().__init__(f"{rubric} is left out for {seconds:.0f} s")
        self.rubric, self.seconds = rubric, seconds


@dataclass(slots=True)
class _Door:
    failures: int = 0
    closed: int = 0
    """How often it closed since it last worked."""
    until: float = 0.0


class Breaker:
    """The doors of one rubric, in one process. ``clock`` gives steady seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._doors: OrderedDict[tuple[int, str], _Door] = OrderedDict()
        self._lock = Lock()
        self.hanging = 0
        """Threads that were left behind and have not ended."""

    def closed_for(self, account: int, place: str) -> float:
        """Return the seconds for which a door is closed to an account, 0 when it may be tried.

        After its pause a door is tried again: one failure closes it anew, a success opens it.
        """
        if not self._doors and not self.hanging:
            return 0.0  # nearly always
        with self._lock:
            now = self._clock()
            if self.hanging >= HANGING:
                return PAUSE
            door = self._doors.get((account, place))
            return max(door.until - now if door else 0.0, self._whole(now), 0.0)

    def _whole(self, now: float) -> float:
        """Return the seconds for which the whole rubric is left out."""
        waits: dict[int, float] = {}
        for (account, _place), door in self._doors.items():
            if door.until > now:
                waits[account] = max(waits.get(account, 0.0), door.until - now)
        return sorted(waits.values())[-ACCOUNTS] if len(waits) >= ACCOUNTS else 0.0

    def failed(self, account: int, place: str, *, late: bool = False) -> float:
        """Count a failure; return the seconds for which it closed the door, 0 if it did not."""
        with self._lock:
            door: _Door = self._doors.setdefault((account, place), _Door())
            self._doors.move_to_end((account, place))
            if len(self._doors) > MOST:
                self._doors.popitem(last=False)
            door.failures += LATE if late else 1
            if door.failures < FAILURES and not door.closed:
                return 0.0
            pause: float = min(LONGEST, PAUSE * 2**door.closed)
            door.failures, door.closed = 0, min(door.closed + 1, 10)
            door.until = self._clock() + pause
            return pause

    def worked(self, account: int, place: str) -> None:
        """Forget the failures of a door that works."""
        if self._doors:
            with self._lock:
                self._doors.pop((account, place), None)

    def left_behind(self, more: int) -> None:
        """Count a thread that hangs (1), or that ended after all (-1)."""
        with self._lock:
            self.hanging += more

    def waits(self) -> float:
        """Return the seconds for which the whole rubric is left out, 0 when it is not."""
        with self._lock:
            return PAUSE if self.hanging >= HANGING else self._whole(self._clock())
