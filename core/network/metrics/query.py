"""Reading one family's measures: totals of a period, columns on regular slots, five minutes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.network.metrics import sheets
from core.network.metrics.families import Family
from core.network.metrics.levels import (
    DAY,
    FIVE,
    RAW,
    SIZES,
    WHOLE_DAY,
    Level,
    Piece,
    ceil,
    cover,
    floor,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

STEPS = (60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, DAY, 2 * DAY, 7 * DAY, 30 * DAY)
"""Seconds between two points of a chart; slots start on multiples of them (UTC)."""
LONGEST = 600
"""Seconds before its end that a raw row may start, and still be shared between minutes."""
_MANY = 200
"""So many things' days are read from sheets at once."""


def step_for(span: float, points: int) -> int:
    """Return the smallest step (seconds) that shows ``span`` seconds in ``points`` at most."""
    return next((step for step in STEPS if step * points >= span), STEPS[-1])


def five(
    connection: sqlite3.Connection,
    family: Family,
    ids: Sequence[int],
    columns: Sequence[str],
    start: int,
    end: int,
) -> Whole:
    """Return the five-minute rows that start in ``[start, end[``, (ids, columns, slots).

    -1 where nothing was measured, or nothing known of a column that may be NULL.
    """
    return sheets.read(connection, family, ids, columns, ceil(start, 300), ceil(end, 300))


# -- totals


def totals(
    connection: sqlite3.Connection,
    levels: Sequence[Level],
    family: Family,
    ids: Sequence[int],
    columns: Sequence[str],
    start: int,
    end: int,
) -> Mapping[int, dict[str, int | None]]:
    """Return sums (and highest values of peaks) of a period for the things that have rows in it.

    Reads the fewest rows: days and hours where they are whole, five minutes and samples at the
    ends; one statement, however many things. The ids go as one JSON array, so that their number
    has no limit.
    """
    pieces = list(cover(levels, WHOLE_DAY, start, end))
    if not pieces or not ids:
        return {}
    peaks = {peak.name for peak in family.peaks}
    sums = ", ".join(f"{'max' if c in peaks else 'sum'}({c})" for c in columns)
    parts = " union all ".join(_part(family, piece, columns) for piece in pieces)
    rows = connection.execute(
        f"select id, {sums} from ({parts}) group by id", {"ids": json.dumps(list(ids))}
    )
    found = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}
    (upto,) = connection.execute("select upto from folded").fetchone()
    for piece in pieces:
        if piece.level == FIVE and piece.start < upto:
            _add_five(connection, family, ids, columns, piece, found)
    return found


def _part(family: Family, piece: Piece, columns: Sequence[str]) -> str:
    """Return the select of one piece. Five-minute rows of a day on a sheet are left to it."""
    names = ", ".join(f"{family.total(column, piece.level)} as {column}" for column in columns)
    more = " and f.at >= (select upto from folded)" if piece.level == FIVE else ""
    return (
        f"select f.{family.key} as id, {names} from {family.tables[piece.level]} f "
        f"where f.{family.key} in (select value from json_each(:ids)) "
        f"and {family.within(piece)}{more} group by f.{family.key}"
    )


def _add_five(
    connection: sqlite3.Connection,
    family: Family,
    ids: Sequence[int],
    columns: Sequence[str],
    piece: Piece,
    found: dict[int, dict[str, int | None]],
) -> None:
    """Add the slots of a piece that are on sheets, or were written since for such a day."""
    (upto,) = connection.execute("select upto from folded").fetchone()
    peaks = {peak.name for peak in family.peaks}
    wanted = sorted({*family.sums, *columns})
    for first in range(0, len(ids), _MANY):
        some = ids[first : first + _MANY]
        grid = five(connection, family, some, wanted, piece.start, min(piece.end, upto))
        measured = grid[:, wanted.index(family.sums[0])] >= 0
        for place in np.flatnonzero(measured.any(axis=1)).tolist():
            of = dict(zip(wanted, grid[place][:, measured[place]], strict=True))
            mine = found.setdefault(some[place], dict.fromkeys(columns))
            for column in columns:
                if column in peaks:
                    best = np.where(
                        of[column] < 0, np.round(quotient(family, column, of)), of[column]
                    )
                    values = best[~np.isnan(best)]
                    if len(values):
                        mine[column] = max(mine[column] or 0, int(values.max()))
                    continue
                values = of[column][of[column] >= 0]
                if len(values):
                    mine[column] = (mine[column] or 0) + int(values.sum())


def quotient(family: Family, column: str, of: Mapping[str, NDArray[np.generic]]) -> Floats:
    """Return what a peak is the highest of: rates, or delays, of rows; NaN where not known."""
    peak = next(peak for peak in family.peaks if peak.name == column)
    over, by = np.asarray(of[peak.over], float), np.asarray(of[peak.by], float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(by > 0, over * peak.factor / by, np.nan)


# -- on regular slots


@dataclass(frozen=True, slots=True)
class Grid:
    """Regular slots: ``first + i * step`` (UTC epoch seconds), ``count`` of them."""

    first: int
    step: int
    count: int

    @property
    def last(self) -> int:
        return self.first + self.step * self.count

    @property
    def level(self) -> int:
        """The coarsest level whose rows are no wider than a slot."""
        return max(level for level, size in enumerate(SIZES) if size <= self.step)


def grid_for(start: float, end: float, points: int) -> Grid:
    """Return at most ``points`` slots that hold a period (two more when its ends are ragged)."""
    step = step_for(end - start, points)
    first = floor(start, step)
    return Grid(first, step, max((ceil(end, step) - first) // step, 0))


def on_slots(
    connection: sqlite3.Connection,
    levels: Sequence[Level],
    family: Family,
    thing: int,
    columns: Sequence[str],
    grid: Grid,
) -> Floats:
    """Return sums of columns, and the highest values of peaks, (columns, slots of the grid).

    A row wider than a slot, and a raw row on slots of less than five minutes, is shared out by
    overlap; any other goes whole to the slot that a roll-up would give it. A slot without rows
    has 0 in sums and NaN in peaks.
    """
    peaks = {peak.name for peak in family.peaks}
    made = np.array([np.full(grid.count, np.nan if c in peaks else 0.0) for c in columns])
    margin = LONGEST if grid.level == RAW else 0  # a raw sample ends after the slot it covers
    for piece in cover(levels, grid.level, grid.first, grid.last + margin):
        at, values = _rows(connection, family, thing, columns, piece)
        if not len(at):
            continue
        row, slot, share = _spread(
            at, values[columns.index("ms")] if family.timed else None, piece, grid
        )
        for place, column in enumerate(columns):
            if column in peaks:
                np.fmax.at(made[place], slot, values[place][row])
            else:
                made[place] += np.bincount(
                    slot, weights=values[place][row] * share, minlength=grid.count
                )
    return made


def _rows(
    connection: sqlite3.Connection,
    family: Family,
    thing: int,
    columns: Sequence[str],
    piece: Piece,
) -> tuple[Floats, Floats]:
    """Return the rows of a piece: times, and (columns, rows)."""
    if piece.level == FIVE:
        wanted = sorted({*family.sums, *columns})
        block = five(connection, family, [thing], wanted, piece.start, piece.end)[0]
        kept = np.flatnonzero(block[wanted.index(family.sums[0])] >= 0)
        of = dict(zip(wanted, block[:, kept].astype(np.float64), strict=True))
        for peak in family.peaks:
            if peak.name in columns:
                best = of[peak.name]
                of[peak.name] = np.where(best < 0, quotient(family, peak.name, of), best)
        at: Floats = ceil(piece.start, 300) + 300.0 * kept.astype(np.float64)
        return at, np.array([of[column] for column in columns])
    peaks = {p.name: p.of_row if piece.level == RAW else p.of_rolled for p in family.peaks}
    names = ", ".join(f"{peaks.get(column, 'f.' + column)}" for column in columns)
    rows = connection.execute(
        f"select f.at, {names} from {family.tables[piece.level]} f "
        f"where f.{family.key} = ? and {family.within(piece)}",
        (thing,),
    ).fetchall()
    block = np.array(rows, dtype=np.float64).reshape(-1, 1 + len(columns)).T
    return block[0], block[1:]


def _spread(at: Floats, ms: Floats | None, piece: Piece, grid: Grid) -> tuple[Whole, Whole, Floats]:
    """Return which rows fall in which slots, and the share of each: three arrays as long."""
    size = SIZES[piece.level]
    if piece.level == RAW and grid.step < SIZES[FIVE] and ms is not None:
        begin, end = at - ms / 1000, at
    elif size > grid.step:
        begin, end = at, at + size
    else:
        slot = ((at - (piece.level == RAW) - grid.first) // grid.step).astype(np.int64)
        row = np.flatnonzero((slot >= 0) & (slot < grid.count))
        return row, slot[row], np.ones(len(row))
    low = np.floor((begin - grid.first) / grid.step).astype(np.int64)
    high = np.ceil((end - grid.first) / grid.step).astype(np.int64)
    spans = high - low
    row = np.repeat(np.arange(len(at)), spans)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(spans) - spans, spans) + np.repeat(low, spans)
    edge = grid.first + slot * grid.step
    overlap = np.minimum(end[row], edge + grid.step) - np.maximum(begin[row], edge)
    share = np.maximum(overlap, 0) / (end - begin)[row]
    inside = (slot >= 0) & (slot < grid.count)
    return row[inside], slot[inside], share[inside]
