"""RRD files (Cacti, LibreNMS, MRTG…) as courses, read through ``rrdtool dump``."""

from __future__ import annotations

import math
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.network.metrics.intervals import NO_VALUE, Course, course_of
from core.network.metrics.readings import FileError
from core.network.rates import CEILING_BPS, TOLERANCE, Gap

PAIRS = (
    ("traffic_in", "traffic_out"),  # Cacti
    ("INOCTETS", "OUTOCTETS"),  # LibreNMS, Observium
    ("ds0", "ds1"),  # MRTG
)
KINDS = {"COUNTER", "DERIVE", "GAUGE", "DCOUNTER", "DDERIVE"}
PATIENCE = 120.0
"""Seconds given to rrdtool."""
LARGEST = 32_000_000
"""Octets of a file: two million rows of two sources."""

_STEP = re.compile(r"<step>\s*(\d+)\s*</step>")
_NAME = re.compile(r"<name>\s*([^<\s]+)\s*</name>")
_KIND = re.compile(r"<type>\s*([^<\s]+)\s*</type>")
_CF = re.compile(r"<cf>\s*(\w+)\s*</cf>")
_PER_ROW = re.compile(r"<pdp_per_row>\s*(\d+)\s*</pdp_per_row>")
_ROW = re.compile(r"/\s*(\d+)\s*-->\s*<row>(.*?)</row>")
_VALUE = re.compile(r"<v>\s*([^<\s]+)\s*</v>")


@dataclass(slots=True)
class _Archive:
    """One archive of means: rates in and out (octets/s) of the ``step`` seconds before a time."""

    step: int
    rows: list[tuple[int, float, float]] = field(default_factory=list)


def read(path: Path, speed_bps: int | None) -> Course:
    """Return the course that an RRD file tells: the finest archive that covers each stretch.

    Only archives of means count. NaN is a gap, and so is more than 1.05 times ``speed_bps``.
    Raises ``FileError``.
    """
    if path.stat().st_size > LARGEST:
        raise FileError(f"Plus de {LARGEST // 10**6} Mo : ce fichier RRD est trop grand.")
    try:
        done = subprocess.run(
            ["rrdtool", "dump", str(path.resolve())],
            capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except FileNotFoundError:
        raise FileError(
            "rrdtool n'est pas installé : apt-get install rrdtool, puis recommencez."
        ) from None
    except subprocess.TimeoutExpired:
        raise FileError(f"rrdtool n'a pas fini en {PATIENCE:g} s.") from None
    if done.returncode:
        why = done.stderr.strip().removeprefix("ERROR: ") or f"statut {done.returncode}"
        raise FileError(f"rrdtool ne lit pas ce fichier : {why}")
    return course(done.stdout.splitlines(), speed_bps)


def course(dump: Iterable[str], speed_bps: int | None) -> Course:
    """Return the course told by what ``rrdtool dump`` prints. Raises ``FileError``."""
    gaps: Counter[str] = Counter()
    found: list[tuple[float, float, int, int]] = []
    most = min(speed_bps or CEILING_BPS, CEILING_BPS) * TOLERANCE / 8
    for start, end, in_rate, out_rate in _stretches(_archives(dump)):
        if math.isnan(in_rate) or math.isnan(out_rate):
            gaps[NO_VALUE] += bool(found)  # what comes before the first measure is no gap
        elif min(in_rate, out_rate) < 0:  # a DERIVE that went down
            gaps[Gap.RESET.value] += 1
        elif max(in_rate, out_rate) > most:
            gaps[Gap.TOO_FAST.value] += 1
        else:
            seconds = end - start
            found.append((start, end, round(in_rate * seconds), round(out_rate * seconds)))
    return course_of(found, +gaps)


def _stretches(archives: list[_Archive]) -> list[tuple[int, int, float, float]]:
    """Return (start, end, rates in and out) by time: coarser rows before finer ones begin."""
    merged: list[tuple[int, int, float, float]] = []
    finer_from: int | None = None
    for archive in sorted(archives, key=lambda a: a.step):
        rows = [
            (
                at - archive.step,
                at if finer_from is None else min(at, finer_from),
                rate_in,
                rate_out,
            )
            for at, rate_in, rate_out in archive.rows
            if finer_from is None or at - archive.step < finer_from
        ]
        merged = [*rows, *merged]
        finer_from = merged[0][0] if merged else None
    return merged


def _archives(dump: Iterable[str]) -> list[_Archive]:
    """Return the archives of means in a dump, with the two sources that are traffic."""
    step = 0
    names: list[str] = []
    kinds: list[str] = []
    means = False
    columns: tuple[int, int] | None = None
    archives: list[_Archive] = []
    for line in dump:
        if "<row>" in line:
            if means and (row := _ROW.search(line)):
                columns = columns or _columns(names, kinds)
                values = _VALUE.findall(row[2])
                rate_in, rate_out = (float(values[column]) for column in columns)
                archives[-1].rows.append((int(row[1]), rate_in, rate_out))
        elif found := _CF.search(line):
            means = found[1] == "AVERAGE"
        elif found := _PER_ROW.search(line):
            if means:
                archives.append(_Archive(step * int(found[1])))
        elif not archives and (found := _NAME.search(line)):
            names.append(found[1])
        elif not archives and (found := _KIND.search(line)):
            kinds.append(found[1])
        elif not step and (found := _STEP.search(line)):
            step = int(found[1])
    if not any(archive.rows for archive in archives):
        raise FileError("Ce fichier RRD n'a pas d'archive de moyennes (AVERAGE).")
    return archives


def _columns(names: list[str], kinds: list[str]) -> tuple[int, int]:
    """Return where traffic in and out are among the sources, by name or as the first two."""
    for inward, outward in PAIRS:
        if inward in names and outward in names:
            return names.index(inward), names.index(outward)
    usable = [number for number, kind in enumerate(kinds) if kind in KINDS]
    if len(usable) < 2:
        raise FileError(
            f"Ce fichier RRD n'a pas deux sources de trafic ; il a : {', '.join(names) or 'rien'}."
        )
    return usable[0], usable[1]
