"""The metric store that comes with Balise: one SQLite file, read and written by all processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import structlog

from core.network.metrics import (
    ClassSample,
    ClassSeries,
    ClassVolume,
    Counters,
    Faults,
    Percentile,
    ProbeFigures,
    ProbeSample,
    ProbeSeries,
    Report,
    Sample,
    Series,
    Slots,
    Volume,
    history,
    of_period,
    reports,
    rollup,
    rows,
    standing,
)
from core.network.metrics.families import CLASSES, PROBES, TRAFFIC, Family
from core.network.metrics.history import Resolution, Rolled
from core.network.metrics.levels import (
    DAY,
    FIVE,
    KEPT,
    RAW,
    SIZES,
    floor,
    read_levels,
)
from core.network.metrics.open_file import OpenFile
from core.network.metrics.query import STEPS, Floats, Grid, grid_for, on_slots, step_for, totals
from core.network.metrics.verify import Mismatch, things, verify

if TYPE_CHECKING:
    from core.network.inventory import Link
    from core.network.measured import Probe, TrafficClass

log = structlog.get_logger("balise.measures")

S = TypeVar("S")
TABLES = TRAFFIC.tables


class SqliteMetricStore(OpenFile):
    """The measures in one SQLite file (WAL). Safe to share between threads and after a fork.

    Raises ``StoreError`` when the file was made by a newer Balise, ``sqlite3.OperationalError``
    when the disk is full or the file stays locked for ten seconds: nothing of the call is kept.
    """

    def __init__(self, path: Path, raw_days: int = 10) -> None:
        self._kept = (raw_days * DAY, *KEPT[1:])
        self._known: set[tuple[str, int]] = set()
        super().__init__(path)

    # -- writing

    def record(self, samples: Iterable[Sample]) -> None:
        """Keep samples, all or none. The same link and second twice changes nothing.

        A sample older than the raw rows kept (10 days) is left out, and so is, with a line in
        the log, one of no time or of impossible octets (negative, or ``MOST_OCTETS`` and more).
        """
        self._record(TRAFFIC, rows.of_link, samples)

    def record_classes(self, samples: Iterable[ClassSample]) -> None:
        """Keep what classes of service carried, on the terms of ``record``."""
        self._record(CLASSES, rows.of_class, samples)

    def record_probes(self, samples: Iterable[ProbeSample]) -> None:
        """Keep what probes measured, on the terms of ``record``."""
        self._record(PROBES, rows.of_probe, samples)

    def _record(
        self, family: Family, row_of: Callable[[S], rows.Row | None], samples: Iterable[S]
    ) -> None:
        given = list(samples)
        made = [row_of(sample) for sample in given]
        batch = [row for row in made if row is not None]
        if len(batch) < len(given):
            odd = given[made.index(None)]
            log.warning("impossible samples left out", count=len(given) - len(batch), one=str(odd))
        new = {(family.name, int(row[0] or 0)) for row in batch} - self._known
        marks = ", ".join("?" * (2 + len(family.raw)))
        with self._writing() as connection:
            levels = read_levels(connection)
            kept, rolled = levels[RAW].kept_from, levels[FIVE].rolled_to
            taken = [row for row in batch if int(row[1] or 0) > kept]
            connection.executemany(
                f"insert or ignore into {family.tables[RAW]} values ({marks})", taken
            )
            late = [
                (family.name, FIVE, row[0], floor(int(row[1] or 0) - 1, SIZES[FIVE]))
                for row in taken
                if int(row[1] or 0) <= rolled
            ]
            connection.executemany("insert or ignore into dirty values (?, ?, ?, ?)", late)
            connection.executemany("insert or ignore into measured values (?, ?)", new)
        self._known |= new

    def load(
        self, resolution: Resolution, rows: Iterable[Rolled], fold_before: int | None = None
    ) -> None:
        """Write rolled rows as they are, in one transaction: history from elsewhere.

        A peak that is the mean of its row is kept as None, as roll-ups do.

        Fastest when sorted by link, then time. Call ``loaded`` when all is in. ``fold_before``
        starts a day, no later than the one before the end of all that is loaded (UTC epoch
        seconds): five-minute rows before it go to sheets at once, if their hours and days come too.
        """
        with self._writing() as connection:
            history.load(connection, resolution, rows, fold_before)

    def loaded(
        self, links: Iterable[int], fine_from: int | None, upto: int, rolled: bool = True
    ) -> None:
        """Tell what ``load`` brought: five-minute rows of ``links`` in ``[fine_from, upto[``.

        ``fine_from`` starts a day (None: where they already start) and ``upto`` a five-minute
        slot (UTC epoch seconds); samples before ``upto`` are no longer taken. ``rolled`` says
        that hours up to ``upto`` came too, and any days before these: the days of the hours are
        made here. Otherwise ``roll_up`` makes both.
        """
        with self._writing() as connection:
            history.loaded(connection, links, fine_from, upto, rolled)

    def rolled_to(self) -> datetime:
        """Return the end of what is rolled into five-minute rows (1970 when nothing is)."""
        with self._reading() as (_, levels):
            return _utc(levels[FIVE].rolled_to)

    def roll_up(self, now: datetime) -> None:
        """Bring five minutes, hours and days up to ``now``; to be called every minute."""
        rollup.roll_up(self._connection(), now.timestamp())

    def apply_retention(self, now: datetime) -> None:
        """Delete what is older than 10 days (raw), 400 days (5 minutes), 5 years (the rest)."""
        rollup.apply_retention(self._connection(), now.timestamp(), self._kept)

    # -- reading

    def series(self, link: Link, start: datetime, end: datetime, points: int = 500) -> Series:
        """Return mean rates on at most ``points`` slots (two more when the ends are ragged).

        Slots are whole ones of a step of ``STEPS``: 24 hours come in five minutes.
        """
        columns = ("ms", "in_octets", "out_octets")
        ((grid, sums),) = self._on_slots(TRAFFIC, [link.id], columns, start, end, points)
        return Series(_utc(grid.first), grid.step, *_divided(sums[1:] * 8000.0, sums[0]))

    def slots(
        self, links: Sequence[Link], start: datetime, end: datetime, points: int = 500
    ) -> Slots:
        """Return octets and seconds of links on the slots of ``series``, in the order given."""
        columns = ("ms", "in_octets", "out_octets")
        found = self._on_slots(TRAFFIC, [one.id for one in links], columns, start, end, points)
        grid = grid_for(start.timestamp(), end.timestamp(), points)
        sums = np.array([sums for _grid, sums in found]).reshape(len(links), 3, grid.count)
        return Slots(_utc(grid.first), grid.step, sums[:, 0] / 1000, sums[:, 1], sums[:, 2])

    def class_series(
        self, classes: Sequence[TrafficClass], start: datetime, end: datetime, points: int = 500
    ) -> Mapping[int, ClassSeries]:
        """Return the series of classes of service, by class id, on the slots of ``series``."""
        columns = ("ms", "offered_octets", "sent_octets", "dropped_octets")
        ids = [one.id for one in classes]
        found = self._on_slots(CLASSES, ids, columns, start, end, points)
        return {
            thing: ClassSeries(_utc(grid.first), grid.step, *_divided(sums[1:] * 8000.0, sums[0]))
            for thing, (grid, sums) in zip(ids, found, strict=True)
        }

    def probe_series(
        self, probe: Probe, start: datetime, end: datetime, points: int = 500
    ) -> ProbeSeries:
        """Return delays, jitter and loss of a probe on the slots of ``series``."""
        columns = ("sent", "lost", "answered", "rtt_us", "jittered", "jitter_us", "rtt_max_us")
        ((grid, sums),) = self._on_slots(PROBES, [probe.id], columns, start, end, points)
        sent, lost, answered, rtt, jittered, jitter, highest = sums
        return ProbeSeries(
            _utc(grid.first),
            grid.step,
            rtt_ms=_divided(rtt / 1000, answered),
            rtt_max_ms=highest / 1000,
            jitter_ms=_divided(jitter / 1000, jittered),
            loss=_divided(lost, sent),
        )

    def _on_slots(
        self,
        family: Family,
        ids: Sequence[int],
        columns: Sequence[str],
        start: datetime,
        end: datetime,
        points: int,
    ) -> list[tuple[Grid, Floats]]:
        grid = grid_for(start.timestamp(), end.timestamp(), points)
        with self._reading() as (connection, levels):
            return [
                (grid, on_slots(connection, levels, family, thing, columns, grid)) for thing in ids
            ]

    def volume(self, link: Link, start: datetime, end: datetime) -> Volume:
        """Return the exact octets of the samples that end in ``]start, end]``.

        Where raw rows are gone, whole slots count by their start: adjoining periods add up.
        """
        a, b = _whole(start, end)
        nothing = Volume(0, 0, 0.0, float(max(b - a, 0)))
        return self.volumes([link], start, end).get(link.id, nothing)

    def volumes(
        self, links: Sequence[Link], start: datetime, end: datetime
    ) -> Mapping[int, Volume]:
        """Return ``volume`` of many links by their id, without those that have no measure."""
        a, b = _whole(start, end)
        found = self._totals(TRAFFIC, links, ("ms", "in_octets", "out_octets"), a, b)
        return {
            link: Volume(of["in_octets"] or 0, of["out_octets"] or 0, (of["ms"] or 0) / 1000, b - a)
            for link, of in found.items()
        }

    def faults(self, links: Sequence[Link], start: datetime, end: datetime) -> Mapping[int, Faults]:
        """Return errors and discards of the links that have measures in the period, by id."""
        found = self._totals(TRAFFIC, links, TRAFFIC.optional, *_whole(start, end))
        return {link: Faults(**of) for link, of in found.items()}

    def class_volumes(
        self, classes: Sequence[TrafficClass], start: datetime, end: datetime
    ) -> Mapping[int, ClassVolume]:
        """Return exact octets of classes of service, on the terms of ``volume``."""
        found = self._totals(CLASSES, classes, of_period.CLASS_COLUMNS, *_whole(start, end))
        return {thing: of_period.class_volume(of) for thing, of in found.items()}

    def probe_figures(
        self, probes: Sequence[Probe], start: datetime, end: datetime
    ) -> Mapping[int, ProbeFigures]:
        """Return the figures of probes, on the terms of ``volume``."""
        found = self._totals(PROBES, probes, of_period.PROBE_COLUMNS, *_whole(start, end))
        return {thing: of_period.probe_figures(of) for thing, of in found.items()}

    def _totals(
        self, family: Family, some: Sequence[Any], columns: Sequence[str], start: int, end: int
    ) -> Mapping[int, dict[str, int | None]]:
        ids = [one.id for one in some]
        with self._reading() as (connection, levels):
            return totals(connection, levels, family, ids, columns, start, end)

    def reports(
        self, links: Sequence[Link], start: datetime, end: datetime
    ) -> Mapping[int, Report]:
        """Return the report of each link over ``[start, end[``, by link id.

        The bounds are multiples of five minutes, as those of ``months.month`` are.
        """
        ids = [link.id for link in links]
        with self._reading() as (connection, levels):
            return dict(reports.reports(connection, levels, ids, *_whole(start, end)))

    def combined(self, links: Sequence[Link], start: datetime, end: datetime) -> Report:
        """Return the report of links taken together: see ``reports.combined``."""
        ids = [link.id for link in links]
        with self._reading() as (connection, levels):
            return reports.combined(connection, levels, ids, *_whole(start, end))

    def percentile(self, link: Link, start: datetime, end: datetime, q: float = 95) -> Percentile:
        """Return the q-th percentile of the five-minute means over ``[start, end[``.

        Whole slots; those older than 400 days count as missing.
        """
        if not 0 < q <= 100:
            raise ValueError("a percentile is in ]0, 100]")
        grid = reports.slots_of(start.timestamp(), end.timestamp())
        with self._reading() as (connection, levels):
            return reports.percentile(reports.rates(connection, levels, [link.id], grid)[0], q)

    def verify(self) -> list[Mismatch]:
        """Return the rolled rows that are not what the finer rows, where they are left, make.

        One view a link, class or probe, so that the file's log does not grow meanwhile.
        """
        rollup.again(self._connection())
        found: list[Mismatch] = []
        for family, thing in things(self._connection()):
            with self._reading() as (connection, levels):
                found += verify(connection, levels, family, thing)
        return found

    # -- where the collector stands

    def freshness(self) -> Mapping[int, int]:
        """Return when each link was last read with success: {link id: UTC epoch seconds}."""
        return standing.freshness(self._connection())

    def read_before(
        self, links: Sequence[int], limit: float
    ) -> tuple[int | None, Mapping[int, int | None]]:
        """Return the newest reading of these links, and those read before ``limit``, by link id."""
        return standing.read_before(self._connection(), links, limit)

    def mark_read(self, seen: Mapping[int, int]) -> None:
        """Note that links were read with success at these times; an older time changes nothing."""
        with self._writing() as connection:
            standing.mark_read(connection, seen)

    def counters(self, links: Sequence[int]) -> Mapping[int, Counters]:
        """Return the last counters kept of links, for those that have any."""
        return standing.counters(self._connection(), links)

    def keep_counters(self, counters: Mapping[int, Counters]) -> None:
        """Keep the last counters of links, in place of those they had."""
        with self._writing() as connection:
            standing.keep_counters(connection, counters)


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _whole(start: datetime, end: datetime) -> tuple[int, int]:
    return floor(start.timestamp(), 1), floor(end.timestamp(), 1)


def _divided(values: Floats, by: Floats) -> Floats:
    """Return quotients, NaN where nothing was measured."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return values / np.where(by > 0, by, np.nan)


__all__ = ["STEPS", "TABLES", "Rolled", "SqliteMetricStore", "step_for"]
