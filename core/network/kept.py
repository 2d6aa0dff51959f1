"""What a process keeps of the database between requests: only what can be read again, by scope."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.access import Scope
    from core.network.live import Snapshot

MOST_SERVICES = 60_000
"""Services kept for all scopes together: some 60 MB."""


class Kept:
    """The services of each scope as they were last read, the least used forgotten first.

    No truth is here: each use asks the journal of changes what is no longer so (``changes.py``).
    Safe to share between threads; a snapshot is never altered.
    """

    def __init__(self, most: int = MOST_SERVICES) -> None:
        self.counted: bool | None = None
        """Whether the database keeps its journal; None until it was looked at."""
        self._most = most
        self._lock = Lock()
        self._snapshots: OrderedDict[Scope, Snapshot] = OrderedDict()

    def get(self, scope: Scope) -> Snapshot | None:
        with self._lock:
            found = self._snapshots.get(scope)
            if found is not None:
                self._snapshots.move_to_end(scope)
            return found

    def put(self, scope: Scope, snapshot: Snapshot) -> None:
        with self._lock:
            self._snapshots[scope] = snapshot
            self._snapshots.move_to_end(scope)
            held = sum(len(one.services) for one in self._snapshots.values())
            while held > self._most and len(self._snapshots) > 1:
                _scope, gone = self._snapshots.popitem(last=False)
                held -= len(gone.services)
