"""Which devices were being asked when a process died: its suspects, for the next process.

A file of one number per thread, mapped in memory, so that noting costs nothing and what was
noted survives the process (not the machine, and need not).
"""

from __future__ import annotations

import json
import mmap
import struct
from pathlib import Path

_NUMBER = struct.Struct("<q")


class Flights:
    """The devices in flight of one process; 0 is none.

    ``suspects`` counts, by device, the deaths of processes that were asking it: many devices
    are in flight at one death by chance, hardly one of them at the next.
    """

    def __init__(self, path: Path, lanes: int) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._history = path.with_name(path.name + ".json")
        self.suspects = _counted(self._history)
        self.fresh = _in_flight(path)
        """The devices in flight when the process before this one died, none if it ended well."""
        for key in self.fresh:
            self.suspects[key] = self.suspects.get(key, 0) + 1
        self._history.write_text(json.dumps(self.suspects))
        size = max(lanes, 1) * _NUMBER.size
        # A new file each time: cutting one that another process has mapped would kill that one.
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        new.write_bytes(bytes(size))
        with new.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)
        new.replace(path)

    def note(self, lane: int, device_id: int) -> None:
        """Note that a thread is asking a device, or with 0 that it asks none."""
        _NUMBER.pack_into(self._map, lane * _NUMBER.size, device_id)

    def land(self) -> None:
        """Note that no device is being asked: this process ends in good order."""
        self._map[:] = bytes(len(self._map))
        self._history.unlink(missing_ok=True)


def _in_flight(path: Path) -> list[int]:
    before = path.read_bytes() if path.exists() else b""
    whole = before[: len(before) // _NUMBER.size * _NUMBER.size]
    return sorted({key for (key,) in _NUMBER.iter_unpack(whole)} - {0})


def _counted(path: Path) -> dict[int, int]:
    try:
        return {int(key): int(count) for key, count in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}  # none yet, or cut short by the death it tells of
