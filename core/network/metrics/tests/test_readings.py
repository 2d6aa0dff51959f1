"""Files of measures as other tools write them, and those that must not be believed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.metrics import intervals, readings, rrd
from core.network.metrics.intervals import Course
from core.network.metrics.readings import FileError, Format, Table, read

T0 = 1_750_000_000 // 86_400 * 86_400
PARIS = ZoneInfo("Europe/Paris")
NOW = T0 + 30 * 86_400.0


def rows(text: str, bits: int = 0, now: float = NOW) -> Table:
    return read(text.splitlines(keepends=True), Format(PARIS, now, bits))


def octets(text: str, stamp: intervals.Stamp = "start", interval: float | None = None,
           speed: int | None = None, now: float = NOW) -> Course:  # fmt: skip
    return intervals.of_octets(rows(text, now=now), stamp, interval, speed, now)


def counted(text: str, bits: int = 64, speed: int | None = None) -> Course:
    return intervals.of_counters(rows(text, bits), bits, None, speed)


def told(course: Course) -> list[tuple[float, float, int, int]]:
    return [(start - T0, end - T0, i, o) for start, end, i, o in course]


def gaps(course: Course) -> dict[str, int]:
    return dict(+course.gaps)


def line(seconds: float, *values: object, separator: str = ",") -> str:
    return separator.join(str(value) for value in (T0 + seconds, *values)) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{T0},10,20\n{T0 + 300},30,40\n",
        f"\ufefftime;in;out\r\n{T0};10;20\r\n{T0 + 300};30;40\r\n",
        f"time\tin\tout\n\n{T0}.0\t10\t20\n{T0 + 300}\t30.4\t39.6\n",
        f'# made elsewhere\n"{T0}","10","20"\n{T0 + 300},3e1,40\n',
        f"date;entrant;sortant\n{T0};10,4;19,6\n{T0 + 300};30;40\n",
        "2025-06-15T00:00:00Z,10,20\n2025-06-15 02:05:00,30,40\n",
        "2025-06-15T02:00:00+02:00,10,20\n2025-06-15T00:05:00+00:00,30,40\n",
    ],
    ids=["plain", "BOM, semicolons", "tabs", "quotes", "French decimals", "ISO", "offsets"],
)
def test_the_files_of_other_tools_are_read_whatever_their_dialect(text: str) -> None:
    table = rows(text)
    assert (table.times - T0).tolist() == [0, 300]
    assert (table.ins.tolist(), table.outs.tolist()) == ([10, 30], [20, 40])
    assert (table.rows, table.bad) == (2, 0)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("{t},-1,2", "octets entrants", "négatif"),
        ("{t},1,beaucoup", "octets sortants", "nombre d'octets"),
        ("{t},1", "octets sortants", "manque"),
        ("{t},1_000,2", "octets entrants", "nombre d'octets"),
        ("{t},inf,2", "octets entrants", "plus grand"),
        ("hier,1,2", "heure", "ISO 8601"),
        ("4102444800,1,2", "heure", "futur"),
        ("20250615,1,2", "heure", "avant l'an 2000"),
    ],
)
def test_a_false_row_is_named_with_its_line_column_and_reason(
    cells: str, column: str, reason: str
) -> None:
    table = rows(line(0, 1, 2) + cells.format(t=T0 + 300) + "\n" + line(600, 1, 2))
    (problem,) = table.problems
    assert (table.bad, problem.line, problem.column) == (1, 2, column)
    assert reason in problem.reason


def test_the_hour_that_comes_twice_and_the_one_that_never_comes_are_refused() -> None:
    table = rows("2024-10-27 02:30:00,1,2\n2025-03-30 02:30:00,1,2\n2025-03-30 03:30:00,1,2\n")
    twice, never = (problem.reason for problem in table.problems)
    assert "ambiguë" in twice
    assert "décalage" in twice
    assert "n'existe pas" in never
    assert rows("2024-10-27T02:30:00+02:00,1,2\n").bad == 0


def test_only_the_first_bad_rows_are_told_and_all_are_counted() -> None:
    table = rows("".join(line(300 * n, "x", 1) for n in range(50)))
    assert (table.bad, len(table.problems), table.problems[0].line) == (50, readings.TOLD, 1)


def test_rows_in_any_order_come_sorted_and_repeated_ones_count_once() -> None:
    table = rows(line(600, 3, 3) + line(0, 1, 1) + line(300, 2, 2) + line(0, 1, 1))
    assert table.ins.tolist() == [1, 2, 3]
    assert (table.duplicates, table.bad) == (1, 0)


def test_two_rows_that_contradict_one_another_are_refused_and_neither_counts() -> None:
    table = rows(line(0, 1, 1) + line(300, 2, 2) + line(300, 2, 9) + line(600, 3, 3))
    (problem,) = table.problems
    assert (problem.line, problem.column, problem.value) == (3, "octets sortants", "9")
    assert "ligne 2" in problem.reason
    course = intervals.of_octets(table, "start", None, None, NOW)
    assert told(course) == [(0, 300, 1, 1), (600, 900, 3, 3)]


@pytest.mark.parametrize("text", ["\0\1\2\3\n", "x" * 5_000])
def test_what_is_no_csv_file_is_refused(text: str) -> None:
    with pytest.raises(FileError, match="CSV"):
        rows(text)


def test_a_file_too_large_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "MOST_ROWS", 10)
    with pytest.raises(FileError, match="Plus de 10 lignes"):
        rows("".join(line(300 * n, 1, 1) for n in range(11)))


def test_the_time_of_a_row_is_the_start_of_its_interval_or_its_end() -> None:
    text = line(0, 1, 1) + line(300, 2, 2) + line(600, 3, 3)
    assert told(octets(text)) == [(0, 300, 1, 1), (300, 600, 2, 2), (600, 900, 3, 3)]
    assert told(octets(text, "end")) == [(-300, 0, 1, 1), (0, 300, 2, 2), (300, 600, 3, 3)]


@pytest.mark.parametrize(("stamp", "third"), [("start", (900, 1200)), ("end", (600, 900))])
def test_a_missing_row_is_a_gap_and_stretches_no_neighbour(
    stamp: intervals.Stamp, third: tuple[float, float]
) -> None:
    course = octets("".join(line(s, 1, 1) for s in (0, 300, 900, 1200)), stamp)
    assert told(course)[2][:2] == third
    assert set(course.ends - course.starts) == {300.0}
    assert gaps(course) == {"missing": 1}


def test_nan_is_a_gap_and_no_zero() -> None:
    course = octets(line(0, 1, 1) + line(300, "NaN", "-nan") + line(600, 3, 3))
    assert [row[:2] for row in told(course)] == [(0, 300), (600, 900)]
    assert gaps(course) == {"no_value": 1}


def test_the_interval_given_is_the_one_used() -> None:
    text = line(0, 1, 1) + line(3_600, 1, 1)
    assert told(octets(text, interval=300)) == [(0, 300, 1, 1), (3_600, 3_900, 1, 1)]
    assert told(octets(line(0, 1, 1), interval=300)) == [(0, 300, 1, 1)]
    with pytest.raises(FileError, match="--interval"):
        octets(line(0, 1, 1))
    with pytest.raises(FileError, match="plus long que le pas"):
        octets(text, interval=86_400)


def test_hours_behind_five_minutes_are_another_step_and_no_gaps() -> None:
    fine = [line(300 * n, 1, 1) for n in range(200)]
    with pytest.raises(FileError, match="un fichier par pas"):
        octets("".join(fine + [line(60_000 + 3_600 * n, 12, 12) for n in range(13)]))
    outages = [line(60_000 + 3_600 * n + 300 * (n % 2), 1, 1) for n in range(13)]
    assert gaps(octets("".join(fine + outages))) == {"missing": 12}


def test_an_interval_that_is_not_over_is_left_out() -> None:
    course = octets(line(0, 1, 1) + line(300, 2, 2), now=T0 + 400)
    assert told(course) == [(0, 300, 1, 1)]
    assert gaps(course) == {"unfinished": 1}


def test_more_than_the_speed_or_any_line_carries_is_out_of_the_totals() -> None:
    text = line(0, 1, 1) + line(300, 10**9, 1) + line(600, 10**15, 1)
    assert gaps(octets(text)) == {"too_fast": 1}
    assert gaps(octets(text, speed=20_000_000)) == {"too_fast": 2}


def test_counters_go_through_the_rules_of_polls() -> None:
    """A wrap only where the speed allows it, a fall of 64 bits never; too far apart is a gap."""
    top = 2**32
    text = line(0, top - 1_000, 0) + line(60, 500, 700) + line(120, 600, 800)
    assert told(counted(text, 32, 20_000_000)) == [(0, 60, 1_500, 700), (60, 120, 100, 100)]
    assert gaps(counted(text, 32)) == {"reset": 1}
    assert gaps(counted(text, 64, 20_000_000)) == {"reset": 1}
    apart = "".join(line(s, s, s) for s in (0, 60, 120, 180, 300, 360))
    assert gaps(counted(apart)) == {"too_long": 1}
    assert gaps(counted(text, 32, 10**10)) == {"ambiguous": 2}


def test_a_counter_must_be_a_whole_number_that_fits() -> None:
    table = rows(line(0, 2**32, 1) + line(60, 1.5, 1) + line(120, -1, 1), 32)
    said = [problem.reason for problem in table.problems]
    assert "32 bits" in said[0]
    assert all("entier" in reason for reason in said[1:])
    assert rows(line(0, 2**64 - 1, 1), 64).bad == 0


def test_sysuptime_in_a_column_of_its_name_tells_of_restarts() -> None:
    body = line(0, 100, 100, 9_000_000) + line(60, 500, 500, 3_000) + line(120, 600, 600, 9_000)
    assert gaps(counted("time,in,out,uptime\n" + body)) == {"reboot": 1}
    assert gaps(counted("time,in,out,note\n" + body)) == {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rrd")


def make_rrd(path: Path, names: tuple[str, str], kind: str = "COUNTER") -> Path:
    """An hour of rows of five minutes, then half-hours: 100 and 200 octets/s, one poll missed."""
    sources = [f"DS:{name}:{kind}:600:0:U" for name in names]
    made = ["rrdtool", "create", str(path), "--start", str(T0 - 300), "--step", "300", *sources,
            "RRA:AVERAGE:0.5:1:12", "RRA:AVERAGE:0.5:6:40", "RRA:MAX:0.5:1:50"]  # fmt: skip
    subprocess.run(made, check=True)
    polls = [
        f"{T0 + s}:U:U" if s == 13_200 else f"{T0 + s}:{100 * s}:{200 * s}"
        for s in range(0, 14_401, 300)
    ]
    subprocess.run(["rrdtool", "update", str(path), *polls], check=True)
    return path


@pytest.mark.parametrize(
    "names", [("traffic_in", "traffic_out"), ("INOCTETS", "OUTOCTETS"), ("a", "b")]
)
def test_an_rrd_file_tells_its_rates_the_finest_first(folder: Path, names: tuple[str, str]) -> None:
    course = rrd.read(make_rrd(folder / f"{names[0]}.rrd", names), None)
    fine = course.ends - course.starts == 300
    assert course.starts[fine].min() == T0 + 10_800
    assert set((course.ends - course.starts)[~fine].tolist()) == {1_800.0}
    assert np.array_equal(course.ins, 100 * (course.ends - course.starts))
    assert np.array_equal(course.outs, 2 * course.ins)
    assert course.ends.max() == T0 + 14_400
    # The counter has no value at 13,200: neither side of that poll is known.
    assert gaps(course) == {"no_value": 2}
    assert (np.diff(np.sort(course.starts)) >= 300).all()


def test_an_rrd_file_with_its_columns_the_other_way_round_is_read_by_name(folder: Path) -> None:
    course = rrd.read(make_rrd(folder / "other.rrd", ("traffic_out", "traffic_in")), None)
    assert np.array_equal(course.ins, 2 * course.outs)


def test_what_is_no_rrd_file_is_told(folder: Path) -> None:
    path = folder / "false.rrd"
    path.write_text("time,in,out\n")
    with pytest.raises(FileError, match="ne lit pas"):
        rrd.read(path, None)


def test_without_rrdtool_the_package_to_install_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_rrd(folder / "here.rrd", ("a", "b"))
    assert shutil.which("rrdtool")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(FileError, match="apt-get install rrdtool"):
        rrd.read(path, None)


cells = st.one_of(
    st.sampled_from([
        "", "nan", "U", "-1", "1e3", "1e400", "٣", "²", '"', '"1"', "\r", "0001-01-01",
        "9999-12-31T23:59:59+00:00", "2025-06-15T00:00:00", "2025-06-15", "1_0", "#", "0x10",
    ]),
    st.integers(T0 - 10**9, T0 + 10**7).map(str),
    st.floats().map(str),
    st.text(max_size=5),
)  # fmt: skip
junk = st.lists(
    st.tuples(st.sampled_from([",", ";", "\t"]), st.lists(cells, max_size=5)), max_size=12
)


@settings(max_examples=300)
@given(junk, st.sampled_from([0, 32, 64]))
def test_whatever_a_file_holds_it_is_taken_or_refused_in_words(
    lines: list[tuple[str, list[str]]], bits: int
) -> None:
    text = "\n".join(separator.join(some) for separator, some in lines)
    try:
        table = rows(text, bits)
        assert len(table.times) <= table.rows
        assert (np.diff(table.times) > 0).all()
        if bits:
            course = intervals.of_counters(table, bits, None, None)
        else:
            course = intervals.of_octets(table, "start", None, None, NOW)
    except FileError:
        return
    assert (course.starts < course.ends).all()
    assert (course.starts[1:] >= course.ends[:-1]).all()
    assert (course.ins >= 0).all()
