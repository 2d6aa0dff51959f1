"""What is measured, family by family: the one description that tables, roll-ups, retention,
reading and verification are made from.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.network.metrics.levels import FIVE, MOST_OCTETS, RAW, SIZES, Piece

SUFFIXES = ("raw", "5m", "hour", "day")


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest, over readings, of a quotient of two sums times a factor, rounded.

    A rolled row keeps NULL where the peak is the quotient of the row itself.
    """

    name: str
    over: str
    factor: float
    by: str

    @property
    def of_row(self) -> str:
        """The quotient of one row, in SQL; NULL where nothing is known."""
        return f"f.{self.over} * {self.factor} / f.{self.by}"

    @property
    def of_rolled(self) -> str:
        """The peak of one rolled row, in SQL."""
        return f"coalesce(f.{self.name}, {self.of_row})"

    @property
    def of_rows(self) -> str:
        """The quotient of the sums of rows, in SQL."""
        return f"sum(f.{self.over}) * {self.factor} / sum(f.{self.by})"


@dataclass(frozen=True, slots=True)
class Family:
    """Measures of one kind of thing: ``key`` names the thing, ``sums`` add up, ``optional`` ones
    too but may be NULL (nobody counted), ``peaks`` are highest values.

    The first of ``sums`` is never 0 in a row.
    """

    name: str
    key: str
    sums: tuple[str, ...]
    optional: tuple[str, ...] = ()
    peaks: tuple[Peak, ...] = ()
    timed: bool = True
    """The first sum is the milliseconds covered: a raw row spans them."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of each level, raw first."""
        return tuple(f"{self.name}_{suffix}" for suffix in SUFFIXES)

    @property
    def sheet(self) -> str:
        """The table of the five-minute rows of past days, folded."""
        return f"{self.name}_sheet"

    @property
    def raw(self) -> tuple[str, ...]:
        """The columns of a raw row after its key and time."""
        return self.sums + self.optional

    @property
    def rolled(self) -> tuple[str, ...]:
        """The columns of a rolled row after its key and time."""
        return (*self.raw, "samples", *(peak.name for peak in self.peaks))

    def columns(self, level: int) -> tuple[str, ...]:
        """Return the columns of a row of a level after its key and time."""
        return self.raw if level == RAW else self.rolled

    def nullable(self, column: str) -> bool:
        """Tell whether a column of a rolled row may be NULL."""
        return column in self.optional or any(column == peak.name for peak in self.peaks)

    @property
    def sound(self) -> str:
        """The condition, in SQL, that rows which cannot be do not meet: no sum of those that
        do leaves SQLite's 64 bits.
        """
        return " and ".join(f"f.{column} < {MOST_OCTETS}" for column in self.sums)

    def schema(self) -> tuple[str, ...]:
        """Return the statements that make the tables of the family."""
        return (
            *(self._table(level) for level in range(len(SIZES))),
            # key: the id times KEYS plus the day since 1970; slots: see sheets.py.
            f"create table {self.sheet} (key integer primary key, slots blob not null)",
        )

    def _table(self, level: int) -> str:
        columns = "".join(
            f"{column} integer{'' if self.nullable(column) else ' not null'}, "
            for column in self.columns(level)
        )
        return (
            f"create table {self.tables[level]} ({self.key} integer not null, "
            f"at integer not null, {columns}primary key ({self.key}, at)) without rowid"
        )

    def within(self, piece: Piece) -> str:
        """Return the condition, in SQL, of the sound rows of a piece; its bounds are numbers."""
        if piece.level == RAW:
            return f"f.at > {piece.start} and f.at <= {piece.end} and {self.sound}"
        return f"f.at >= {piece.start} and f.at < {piece.end}"

    def total(self, column: str, level: int) -> str:
        """Return the sum of a column, or the highest value of a peak, over rows of a level."""
        for peak in self.peaks:
            if column == peak.name:
                best = peak.of_row if level == RAW else peak.of_rolled
                return f"cast(round(max({best})) as integer)"
        if column == "samples" and level == RAW:
            return "count(*)"
        return f"sum(f.{column})"

    def roll_up(self, level: int, source: str) -> str:
        """Return the statement that makes rows of a level from those of the finer one.

        ``source`` is a select of ``id``, ``start`` and ``end``. Rows that cannot be are left out:
        their sum may not fit, and one thing's would then stop the roll-up of all.
        """
        finer, size = level - 1, SIZES[level]
        ends = "f.at > s.start and f.at <= s.end", "f.at >= s.start and f.at < s.end"
        return (
            f"insert or replace into {self.tables[level]} "
            f"({self.key}, at, {', '.join(self.rolled)}) "
            f"select f.{self.key}, {slot_of(finer, size)} as slot, {self.values(finer)} "
            f"from ({source}) s cross join {self.tables[finer]} f "
            f"on f.{self.key} = s.id and {ends[finer > RAW]} and {self.sound} "
            f"group by f.{self.key}, slot"
        )

    def values(self, finer: int) -> str:
        """Return the columns of a rolled row as made from rows of the finer level, in SQL."""
        sums = [self.total(column, finer) for column in (*self.raw, "samples")]
        peaks = [
            f"nullif({self.total(peak.name, finer)}, cast(round({peak.of_rows}) as integer))"
            for peak in self.peaks
        ]
        return ", ".join((*sums, *peaks))


def slot_of(level: int, size: int) -> str:
    """Return the start of the slot of a row, in SQL: a raw row is named by the second it ends."""
    return f"((f.at - 1) / {size}) * {size}" if level == RAW else f"(f.at / {size}) * {size}"


TRAFFIC = Family(
    "traffic",
    "link_id",
    sums=("ms", "in_octets", "out_octets"),
    optional=("in_errors", "out_errors", "in_discards", "out_discards"),
    peaks=(
        Peak("in_peak", "in_octets", 8000.0, "ms"),
        Peak("out_peak", "out_octets", 8000.0, "ms"),
    ),
)
"""Octets and faults of a link during ``ms`` milliseconds; peaks in bit/s."""

CLASSES = Family(
    "class",
    "class_id",
    sums=("ms", "offered_octets", "sent_octets", "dropped_octets", "dropped_packets"),
)
"""What a class of service was offered, sent and dropped."""

PROBES = Family(
    "probe",
    "probe_id",
    sums=("sent", "lost", "answered", "rtt_us", "jittered", "jitter_us"),
    peaks=(Peak("rtt_max_us", "rtt_us", 1.0, "answered"),),
    timed=False,
)
"""Packets of a probe: those whose round trip is known and the sum of these trips (µs), those whose
jitter is known and the sum of it. So the mean of any period is a quotient of two sums.
"""

FAMILIES = (TRAFFIC, CLASSES, PROBES)
ROLLED = (FIVE, FIVE + 1, FIVE + 2)
"""The levels made from a finer one, in the order they are made."""
