"""Files of measures from other tools, read into rows that were checked. Pure: no store, no clock.

A row is a time, octets in, octets out: of an interval, or as a counter showed them.
"""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.network.metrics.levels import MOST_OCTETS

MOST_ROWS = 2_000_000
"""Rows of one file: nineteen years of five minutes."""
LONGEST_LINE = 4_096
TOLD = 20
"""Bad rows that are told one by one; the others are counted."""
EPOCH_2000 = 946_684_800
UNKNOWN = {"nan", "-nan", "+nan", "u"}
"""How rrdtool and its kin write what was not measured."""
_UPTIME = 3
_OUT = re.compile(r"(^|[^a-z])(out|tx|sort)", re.IGNORECASE)
_IN = re.compile(r"(^|[^a-z])(in|rx|entr)", re.IGNORECASE)


class FileError(Exception):
    """A file that cannot be read at all; the message says why, to a person."""


class _BadValue(ValueError):
    """A cell that cannot be; the message says why."""


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
            at = parse_time(value, self.form)
        except _BadValue as error:
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
        except _BadValue as error:
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
        if _OUT.search(cells[1]) and _IN.search(cells[2]) and not _IN.search(cells[1]):
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
            return _counter(text, 64 if column == _UPTIME else self.form.bits)
        return _octets(text)

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


def parse_time(text: str, form: Format) -> float:
    """Return a time in UTC epoch seconds: so many seconds, or an ISO 8601 date."""
    try:
        at = _number(text)
    except ValueError:
        at = _iso(text, form.zone)
    if not math.isfinite(at) or at < EPOCH_2000:
        raise _BadValue("avant l'an 2000 : ce n'est pas une heure en secondes depuis 1970")
    if at > form.now:
        raise _BadValue("dans le futur")
    return at


def _iso(text: str, zone: ZoneInfo) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        said = "ni des secondes depuis 1970 ni une date ISO 8601 (2026-03-01T00:05:00+01:00)"
        raise _BadValue(said) from None
    if at.tzinfo is not None:
        return at.timestamp()
    first, second = (at.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if back == at:
            raise _BadValue(
                f"heure ambiguë : au passage à l'heure d'hiver elle existe deux fois ({zone}) ; "
                "donnez le décalage (+02:00) ou des secondes depuis 1970"
            )
        raise _BadValue(f"cette heure n'existe pas : l'heure d'été commence ({zone})")
    return first.timestamp()


def _number(text: str) -> float:
    if "_" in text:
        raise ValueError(text)
    return float(text)


def _octets(text: str) -> int:
    """Return whole octets, rounded where the other tool kept decimals."""
    try:
        value = int(text) if text.isdigit() else _number(text)
    except ValueError:
        raise _BadValue("n'est pas un nombre d'octets" if text else "il manque") from None
    if value < 0:
        raise _BadValue("est négatif")
    if not value < MOST_OCTETS:
        raise _BadValue("est plus grand que tout ce qu'une ligne peut porter")
    return round(value)


def _counter(text: str, bits: int) -> int:
    if not (text.isdigit() and text.isascii()):
        raise _BadValue("n'est pas un compteur (un entier positif)" if text else "il manque")
    value = int(text)
    if value >= 2**bits:
        raise _BadValue(f"ne tient pas sur {bits} bits")
    return value
