"""Curves over any period: gaps stay gaps, marks tell civil time, a stack adds up once."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core import formats
from core.web.components import Axis, Band, Curve, Level, curves_figure, gap_bands
from core.web.components.ticks import MOST, time_marks

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def axis(count: int, step: int = 300, start: datetime = START) -> Axis:
    return Axis(start, step, count, start + timedelta(seconds=count * step), PARIS)


def figure(of: Axis, curves: list[Curve], **more):
    return curves_figure(of, curves, **more)


def unpacked(values: dict[str, str]) -> list[float]:
    data = np.frombuffer(base64.b64decode(values["bdata"]), dtype=f"<{values['dtype']}")
    return [float(value) for value in data]


def curve(values: list[float], look: str = "in", *, filled: bool = False) -> Curve:
    return Curve(look, np.array(values) * 1e6, look, filled=filled)


NAN = float("nan")


def test_a_gap_is_cut_out_of_the_line_and_of_the_area_below_it() -> None:
    made = figure(axis(5), [curve([1, 2, NAN, 4, 5], filled=True)])
    line, area = made["data"]
    assert line["connectgaps"] is False
    assert line["fill"] == "none"
    assert np.isnan(unpacked(line["y"])[2])
    assert unpacked(area["y"]) == [0, 1, 2, 0, 0, 4, 5, 0]


def test_a_measure_without_neighbour_has_a_mark() -> None:
    (line, *_) = figure(axis(4), [curve([NAN, 3, NAN, NAN])])["data"]
    assert unpacked(line["marker"]["size"]) == [0, 5, 0, 0]


def test_a_stack_puts_each_curve_on_those_before_it_and_tells_its_own_value() -> None:
    of = [curve([1, 2], "cos-1", filled=True), curve([10, 20], "cos-2", filled=True)]
    first, second = figure(axis(2), of, stacked=True)["data"]
    assert unpacked(second["y"]) == [11, 22]
    assert unpacked(second["customdata"]) == [10, 20]
    assert first["zorder"] > second["zorder"], "the lower layer is painted over the other"


def test_the_looks_of_traces_are_those_of_the_theme_in_their_order() -> None:
    both = [curve([1, NAN], filled=True), curve([1, 1], "out")]
    made = figure(axis(2), both, levels=[Level(1e6, "p", "p95")])
    assert len(made["data"]) == 4
    for theme in ("light", "dark"):
        looks = made["layout"]["meta"][theme]["data"]["scatter"]
        assert [look["line"].get("dash") for look in looks] == [None, None, None, "6px,4px"]
        assert looks[0]["line"]["color"] == looks[1]["line"]["color"] != looks[2]["line"]["color"]


def test_octets_have_an_axis_of_their_own() -> None:
    made = figure(axis(2), [curve([8, 16])], unit=formats.octet_rate_unit)
    assert unpacked(made["data"][0]["y"]) == [1, 2]
    assert made["layout"]["yaxis"]["ticksuffix"].endswith("Mo/s")


def test_no_band_goes_past_the_end_of_the_period() -> None:
    of = Axis(START, 300, 4, START + timedelta(minutes=17), PARIS)
    (band,) = gap_bands(of, np.array([False, False, True, True]))
    assert (band.start, band.end) == (START + timedelta(minutes=10), of.end)
    work = Band(START - timedelta(days=1), START + timedelta(days=1), "work", "Travaux")
    shape, gap, edge = figure(of, [curve([1, 1, 1, 1])], bands=[band, work])["layout"]["shapes"]
    assert (shape["x0"], shape["x1"]) == ("2026-11-24T00:00:00", "2026-11-24T00:17:00")
    assert shape["templateitemname"] == edge["templateitemname"] == "work"
    assert "templateitemname" not in gap, "a gap is seen as one, works or not"
    assert edge["y0"] > shape["y0"] == 0


@pytest.mark.parametrize(
    ("hours", "first", "last"),
    [(4, "24/11", "04:00"), (24, "24/11", "25/11"), (7 * 24, "24/11", "01/12"),
     (30 * 24, "30/11", "21/12"), (182 * 24, "déc.", "mai"), (365 * 24, "janv. 2027", "nov.")],
)  # fmt: skip
def test_marks_are_round_by_the_clocks_and_few(hours: int, first: str, last: str) -> None:
    marks = time_marks(START, START + timedelta(hours=hours), PARIS)
    assert 3 < len(marks) <= MOST
    assert (marks[0][1], marks[-1][1]) == (first, last)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_marks_stay_round_when_the_clocks_change(day: str) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=PARIS).astimezone(UTC)
    end = start + timedelta(hours=24)
    words = [text for _at, text in time_marks(start, end, PARIS)]
    assert {"06:00", "09:00", "12:00", "15:00", "18:00", "21:00"} <= set(words)
    made = figure(axis(288, start=start), [curve([1.0] * 288)])
    times = made["data"][0]["text"]
    assert times[144].endswith("13:00" if day.startswith("2026-03") else "11:00")


def test_a_zoom_is_told_where_the_chart_begins() -> None:
    layout = figure(axis(2), [curve([1, 1])])["layout"]
    zoom = layout["meta"]["zoom"]
    assert zoom == {
        "epoch": int(START.timestamp()),
        "at": int(START.timestamp()) + 3_600,
        "zone": "Europe/Paris",
    }
    assert "zoom" not in figure(axis(2), [curve([1, 1])], zoom=False)["layout"]["meta"]
