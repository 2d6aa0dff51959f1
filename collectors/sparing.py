"""Lines of log that may come by the thousand: so many a minute are written, the rest is counted."""

from __future__ import annotations

import threading

import structlog

log = structlog.get_logger("balise.collector")

MOST = 50
"""Lines of a minute: an outage of a region is seen in fifty as well as in five thousand."""
MINUTE = 60.0


class Sparing:
    """Says of each line whether it may be written; used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = float("-inf")
        self._written = 0
        self._kept = 0

    def allows(self, now: float) -> bool:
        """Return whether a line may be written at ``now`` (monotonic).

        The first line after a full minute is preceded by one that says how many were not.
        """
        with self._lock:
            if now >= self._until:
                kept, self._kept, self._written, self._until = self._kept, 0, 0, now + MINUTE
            else:
                kept = 0
            self._written += 1
            allowed = self._written <= MOST
            self._kept += not allowed
        if kept:
            log.warning("lines about devices were not written", count=kept)
        return allowed
