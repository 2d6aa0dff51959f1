"""From the rows of a file to what a link carried between two moments, by the rules of polls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.network.metrics import Counters
from core.network.metrics.levels import MOST_OCTETS
from core.network.metrics.readings import FileError, Table
from core.network.rates import CEILING_BPS, TOLERANCE, Gap, delta

APART = 1.5
"""Rows further apart than so many usual steps leave a gap, as polls do."""
MANY_ALIKE = 12
"""Steps in a row, all of the same length and longer than usual, that are no gaps: another step."""
MISSING, NO_VALUE, UNFINISHED = "missing", "no_value", "unfinished"
"""Why nothing is known, beside ``rates.Gap``: no row, a row that measured nothing, or not yet."""

Stamp = Literal["start", "end"]


@dataclass(slots=True)
class Course:
    """What a link carried: octets between ``starts`` and ``ends`` (UTC epoch seconds), by time.

    No two intervals overlap. ``gaps`` counts the stretches that are not known, by cause.
    """

    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    ins: NDArray[np.int64]
    outs: NDArray[np.int64]
    gaps: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def volume(self) -> tuple[int, int]:
        """Octets in and out, as whole numbers of any size."""
        return sum(self.ins.tolist()), sum(self.outs.tolist())

    def only(self, which: NDArray[np.bool_]) -> Course:
        """Return the intervals chosen."""
        return Course(
            self.starts[which], self.ends[which], self.ins[which], self.outs[which], self.gaps
        )

    def __iter__(self) -> Iterator[tuple[float, float, int, int]]:
        columns = (self.starts, self.ends, self.ins, self.outs)
        return zip(*(column.tolist() for column in columns), strict=True)


def course_of(found: Sequence[tuple[float, float, int, int]], gaps: Counter[str]) -> Course:
    """Return the course of intervals given as (start, end, octets in, octets out), by time."""
    starts, ends, ins, outs = zip(*found, strict=True) if found else ((), (), (), ())
    times = np.array(starts, np.float64), np.array(ends, np.float64)
    return Course(*times, np.array(ins, np.int64), np.array(outs, np.int64), gaps)


def usual_step(table: Table, given: float | None) -> float:
    """Return the seconds between two rows: those given, or the median of the file.

    Raises ``FileError`` where that says nothing.
    """
    steps = np.diff(table.times)
    if not len(steps):
        if given is None:
            raise FileError("Une seule ligne : donnez la durée de l'intervalle (--interval S).")
        return given
    middle = float(np.sort(steps)[(len(steps) - 1) // 2])
    if middle < 1:
        raise FileError("Les lignes se suivent à moins d'une seconde : ce pas est trop fin.")
    if given is not None:
        return given
    far = steps > APART * middle
    if (len(steps) > 100 and np.count_nonzero(far) > len(steps) / 4) or _alike(steps, far):
        raise FileError(
            f"Le pas du fichier n'est pas régulier (souvent {middle:g} s, souvent bien plus) : "
            "donnez --interval S, ou un fichier par pas."
        )
    return middle


def _alike(steps: NDArray[np.float64], far: NDArray[np.bool_]) -> bool:
    """Return whether long steps follow one another as rows of a slower tool do."""
    same = far[1:] & (np.abs(np.diff(steps)) <= steps[1:] / 20)
    others = np.flatnonzero(np.concatenate(([True], ~same, [True])))
    return bool(np.diff(others).max() >= MANY_ALIKE)


def of_octets(
    table: Table, stamp: Stamp, interval: float | None, speed_bps: int | None, now: float
) -> Course:
    """Return the course told by octets per interval, of which rows give the start or the end.

    An interval goes to the next row (from the row before), but no longer than the usual step
    when that is further than 1.5 steps away. More than 1.05 times ``speed_bps`` is a gap.
    """
    if not len(table.times):
        return course_of([], Counter())
    usual = usual_step(table, interval)
    steps = np.diff(table.times)
    if interval is not None and len(steps):
        middle = float(np.sort(steps)[(len(steps) - 1) // 2])
        if middle < interval / 1.05:
            raise FileError(
                f"L'intervalle donné ({interval:g} s) est plus long que le pas du fichier "
                f"({middle:g} s)."
            )
    far = steps > APART * usual
    lengths = np.minimum(steps, interval) if interval else np.where(far, usual, steps)
    if stamp == "start":
        starts, ends = table.times, table.times + np.append(lengths, usual)
    else:
        starts, ends = table.times - np.append(usual, lengths), table.times
    course = Course(starts, ends, table.ins.astype(np.int64), table.outs.astype(np.int64))
    most = min(speed_bps or CEILING_BPS, CEILING_BPS) * TOLERANCE / 8 * (ends - starts)
    sound = np.maximum(course.ins, course.outs) <= most
    over = ends <= now
    course.gaps[MISSING] = int(np.count_nonzero(far))
    course.gaps[NO_VALUE] = int(np.count_nonzero(~table.known))
    course.gaps[Gap.TOO_FAST.value] = int(np.count_nonzero(table.known & ~sound))
    course.gaps[UNFINISHED] = int(np.count_nonzero(table.known & sound & ~over))
    return course.only(table.known & sound & over)


def of_counters(table: Table, bits: int, interval: float | None, speed_bps: int | None) -> Course:
    """Return the course told by counter readings: ``rates.delta``, the very rules of polls.

    Where the file gives no sysUpTime the router is taken as running on; a counter that goes
    down tells of a restart then.
    """
    if len(table.times) < 2:
        return course_of([], Counter())
    longest = APART * usual_step(table, interval)
    gaps: Counter[str] = Counter()
    gaps[NO_VALUE] = int(np.count_nonzero(~table.known))
    found: list[tuple[float, float, int, int]] = []
    before: Counters | None = None
    for after in _counters(table, bits):
        change = None if before is None else delta(before, after, speed_bps, longest)
        if before is not None and change is not None:
            if change.gap is not None:
                gaps[change.gap.value] += 1
            elif max(change.in_octets, change.out_octets) >= MOST_OCTETS:
                gaps[Gap.TOO_FAST.value] += 1
            else:
                found.append((before.at, after.at, change.in_octets, change.out_octets))
        before = after
    return course_of(found, gaps)


def _counters(table: Table, bits: int) -> Iterator[Counters]:
    first = float(table.times[0])
    uptimes = table.uptimes
    if uptimes is None:
        uptimes = np.round((table.times - first) * 100).astype(np.uint64)
    columns = (table.times, uptimes, table.ins, table.outs, table.known)
    for at, uptime, octets_in, octets_out, known in zip(
        *(c.tolist() for c in columns), strict=True
    ):
        if known:
            yield Counters(at, uptime, bits, octets_in, octets_out)
