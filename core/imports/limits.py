"""What a file may be at most: what is refused before it can cost memory, time or the disk."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from core.i18n import _

MIB = 1024 * 1024
LARGEST = 256 * MIB
"""Octets of a file."""
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767
"""Characters of a cell, as in Excel."""
LONGEST_LINE = MIB
"""Characters of a line of a text file."""
LONGEST = 15 * 60.0
"""Seconds that reading a file may last."""
MOST_MEMBERS = 500
MOST_INFLATED = 1024 * MIB
MOST_RATIO = 200
"""Of what stands in a workbook to what it takes there: a real sheet is under 50."""
MOST_SHARED = 48 * MIB
"""Octets of the texts that a workbook shares between its cells: all stand in memory."""


class FileError(Exception):
    """A file that cannot be taken at all; the message says why and what to do, to a person."""


@dataclass
class Deadline:
    """A moment after which reading is given up."""

    seconds: float = LONGEST
    began: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raise ``FileError`` when it is past."""
        if time.monotonic() - self.began > self.seconds:
            raise FileError(
                _(
                    "Ce fichier demande trop de temps à lire : coupez-le en plusieurs, ou "
                    "enregistrez-le en CSV."
                )
            )
