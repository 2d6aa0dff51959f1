"""Files of measures from other tools, read into rows that were checked. Pure: no store, no clock.

A row is a time, octets in, octets out: of an interval, or as a counter showed them.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.network.metrics.cells import (
    BadValueError,
    counter,
    direction,
    octets,
    parse_time,
    unit_fault,
)

MOST_ROWS = 2_000_000
"""Rows of one file: nineteen years of five minutes."""
LONGEST_LINE = 4_096
TOLD = 20
"""Bad rows that are told one by one; the others are counted."""
UNKNOWN = {"nan", "-nan", "+nan", "u"}
"""How rrdtool and its kin write what was not measured."""
GROWING = 100
"""Rows in a row that grow, both ways, before octets of intervals are taken for a counter's."""
_UPTIME = 3


class FileError(Exception):
    """A file that cannot be read at all; the message says why, to a person."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be taken: where it is, what it says and what is wrong with that."""

    line: int
    column: str
    value: str
    reason: str

    def as_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in ("line", "column", "value", "reason")}


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written. ``bits`` is 0 for octets of intervals, 32 or 64 for counters.

    ``zone`` is that of the times that name none; nothing may be later than ``now`` (epoch
    seconds).
    """

    zone: ZoneInfo
    now: float
    bits: int = 0


@dataclass(slots=True)
class Table:
    """The rows of a file, by time, each time once.

    ``times`` are UTC epoch seconds. Rows that are not ``known`` only tell that there was a
    moment: nothing was measured, or what the row says cannot be. ``uptimes`` (1/100 s) is None
    where the file gives none.
    """

    times: NDArray[np.float64]
    ins: NDArray[np.uint64]
    outs: NDArray[np.uint64]
    known: NDArray[np.bool_]
    uptimes: NDArray[np.uint64] | None
    lines: NDArray[np.int64]
    rows: int = 0
    duplicates: int = 0
    bad: int = 0
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, problem: Problem) -> None:
        """Count a bad row; the first ones are kept to be told."""
        self.bad += 1
        self.problems.append(problem)
        self.problems.sort(key=lambda p: p.line)
        del self.problems[TOLD:]


def read(lines: Iterable[str], form: Format) -> Table:
    """Return the rows of a CSV file: « , », « ; » or tabs, with or without a line of titles.

    Raises ``FileError`` for what is no such file, or too large a one.
    """
    reader = _Reader(form)
    for number, cells in _split(lines):
        reader.take(number, cells)
    return reader.table()


def _split(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that says something."""
    separator = ""
    for number, text in enumerate(lines, 1):
        line = text.strip("\ufeff\r\n ")
        if len(line) > LONGEST_LINE or "\0" in line:
            raise FileError(f"Ligne {number} : ce n'est pas un fichier CSV.")
        separator = separator or next((s for s in (";", "\t", ",") if s in line), "")
        if not line or (line.startswith("#") and line.count(separator or ",") < 2):
            continue
        cells = [cell.strip() for cell in _cells(line, separator or ",")]
        if separator == ";":  # then a comma is the decimal one
            cells[1:] = [cell.replace(",", ".") for cell in cells[1:]]
        yield number, cells


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator)) if '"' in line else line.split(separator)


def _is_title(cells: list[str]) -> bool:
    """Tell a line of titles: its first cell starts no time, and the next is no number."""
    return not any(cell[:1].isdigit() for cell in cells[:2])


class _Reader:
    """Takes the lines of a file one by one; columns grow, 33 octets a row."""

    def __init__(self, form: Format) -> None:
        self.form = form
        self.times, self.ins, self.outs = array("d"), array("Q"), array("Q")
        self.uptimes, self.lines, self.known = array("Q"), array("q"), bytearray()
        self.names = ["heure", "octets entrants", "octets sortants"]
        self.with_uptime = False
        self.rows = 0
        self.bad: list[Problem] = []
        self.bad_count = 0

    def take(self, number: int, cells: list[str]) -> None:
        """Take one line."""
        if self.rows == 0 and self.names[0] == "heure" and _is_title(cells):
            self._title(cells)
            return
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise FileError(
                f"Plus de {MOST_ROWS} lignes : coupez le fichier en plusieurs, "
                "par année par exemple."
            )
        column, value = 0, cells[0]
        try:
            at = parse_time(value, self.form.zone, self.form.now)
        except BadValueError as error:
            self._refuse(Problem(number, self.names[0], value[:60], str(error)))
            return
        values = [0, 0, 0]
        known = True
        try:
            for column in range(1, 4 if self.with_uptime else 3):
                value = cells[column] if column < len(cells) else ""
                parsed = self._value(value, column)
                known &= parsed is not None
                values[column - 1] = parsed or 0
        except BadValueError as error:
            self._refuse(Problem(number, self.names[column], value[:60], str(error)))
            known = False
            values = [0, 0, 0]
        self.times.append(at)
        self.ins.append(values[0])
        self.outs.append(values[1])
        if self.with_uptime:
            self.uptimes.append(values[2])
        self.lines.append(number)
        self.known.append(known)

    def _title(self, cells: list[str]) -> None:
        if len(cells) < 3:
            raise FileError(
                "Trois colonnes sont attendues : heure, octets entrants, octets sortants. "
                f"La première ligne n'en a que {len(cells)}."
            )
        for cell in cells[1:3]:
            if fault := unit_fault(cell):
                raise FileError(
                    f"D'après son titre, la colonne « {cell} » {fault} : il faut des octets par "
                    "intervalle, ou des compteurs d'octets."
                )
        if (direction(cells[1]), direction(cells[2])) == ("out", "in"):
            raise FileError(
                f"D'après leurs titres, les colonnes « {cells[1]} » et « {cells[2]} » sont "
                "inversées : l'entrant vient avant le sortant."
            )
        self.names = [cell or "?" for cell in cells]
        self.with_uptime = len(cells) > _UPTIME and "uptime" in cells[_UPTIME].lower()

    def _refuse(self, problem: Problem) -> None:
        self.bad_count += 1
        if len(self.bad) < TOLD:
            self.bad.append(problem)

    def _value(self, text: str, column: int) -> int | None:
        if text.lower() in UNKNOWN:
            return None
        if self.form.bits or column == _UPTIME:
            return counter(text, 64 if column == _UPTIME else self.form.bits)
        return octets(text)

    def table(self) -> Table:
        """Return what was taken, sorted; a time given twice with other values is refused."""
        times = np.array(self.times)
        order = np.argsort(times, kind="stable")
        ins, outs = (np.array(column)[order] for column in (self.ins, self.outs))
        uptimes = np.array(self.uptimes)[order] if self.with_uptime else None
        known = np.frombuffer(bytes(self.known), dtype=np.bool_)[order].copy()
        found = Table(times[order], ins, outs, known, uptimes, np.array(self.lines)[order],
                      self.rows, 0, self.bad_count, self.bad)  # fmt: skip
        _drop_repeated(found, self.names)
        return found


def looks_counted(table: Table) -> bool:
    """Tell whether both columns only ever grow, over a hundred rows and more, as counters do."""
    columns = (table.ins[table.known], table.outs[table.known])
    return len(columns[0]) > GROWING and all(bool((c[1:] > c[:-1]).all()) for c in columns)


def _drop_repeated(table: Table, names: list[str]) -> None:
    """Keep each time once. Where two rows contradict one another nobody knows: neither counts."""
    if len(table.times) < 2:
        return
    repeated = np.zeros(len(table.times), dtype=np.bool_)
    repeated[1:] = table.times[1:] == table.times[:-1]
    given = [table.ins, table.outs, *([] if table.uptimes is None else [table.uptimes])]
    first = 0
    for row in np.flatnonzero(repeated).tolist():
        first = row - 1 if not repeated[row - 1] else first
        if not (table.known[row] and table.known[first]):
            table.known[first] = False
            continue
        other = next((n for n, c in enumerate(given) if c[row] != c[first]), None)
        if other is None:
            table.duplicates += 1
            continue
        table.known[first] = False
        reason = f"la ligne {table.lines[first]} dit {given[other][first]} pour la même heure"
        line, value = int(table.lines[row]), str(given[other][row])
        table.refuse(Problem(line, names[other + 1], value, reason))
    kept = ~repeated
    table.times, table.known, table.lines = table.times[kept], table.known[kept], table.lines[kept]
    table.ins, table.outs = table.ins[kept], table.outs[kept]
    if table.uptimes is not None:
        table.uptimes = table.uptimes[kept]
