"""The traffic chart: gaps stay gaps, times are the customer's, colours are the tokens'."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from plotly.offline import get_plotlyjs_version

from core.network.metrics import Percentile, Series, Volume
from core.testing.context import words
from core.web.components import chart_template, spark, tokens, traffic_chart, traffic_legend
from core.web.components.chart import gaps
from core.web.components.figures import traffic_strip

PARIS = ZoneInfo("Europe/Paris")
ROOT = Path(__file__).parents[4]


def series(start: datetime, values: list[float], step: int = 300) -> Series:
    rates = np.array(values, dtype=np.float64)
    return Series(start, step, rates, rates / 2)


DAY = series(datetime(2026, 11, 23, 11, 0, tzinfo=UTC), [40e6, 60e6, np.nan, np.nan, 20e6, 10e6])
P95 = Percentile(61.7e6, 20e6, 4, 2)


def figure(of: Series = DAY, **more: Any) -> dict[str, Any]:
    plot = traffic_chart(of, zone=PARIS, label="Trafic", id="t", **more)
    found: dict[str, Any] = plot.children[1].figure
    return found


def unpacked(values: dict[str, str]) -> Any:
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


def test_the_area_stops_upright_where_a_gap_starts_and_ends() -> None:
    entering, *_, area = figure()["data"]
    assert (entering["fill"], area["fill"]) == ("none", "tozeroy")
    assert unpacked(area["y"]).tolist() == [0, 40, 60, 0, 0, 20, 10, 0]
    x = unpacked(area["x"]) / 60_000 % 60
    assert x.tolist() == [0, 0, 5, 5, 20, 20, 25, 25], "minutes after noon"
    whole = figure(series(DAY.start, [1e6, 2e6]))["data"]
    assert (len(whole), whole[0]["fill"]) == (4, "tozeroy")


def test_a_gap_is_a_grey_band_and_never_a_line_through_it() -> None:
    shown = figure()
    (band,) = shown["layout"]["shapes"]
    assert (band["x0"], band["x1"]) == ("2026-11-23T12:05:00", "2026-11-23T12:20:00")
    entering = shown["data"][0]
    assert entering["connectgaps"] is False
    assert np.isnan(unpacked(entering["y"])).tolist() == [False, False, True, True, False, False]
    assert gaps(np.array([np.nan, 1, np.nan])) == [(0, 1), (2, 3)]


def test_points_travel_as_a_start_a_step_and_small_floats() -> None:
    entering = figure()["data"][0]
    assert entering["x0"] == "2026-11-23T12:00:00", "local time of the customer"
    assert entering["dx"] == 300_000
    assert entering["y"]["dtype"] == "f4"
    assert "x" not in entering
    assert "text" not in entering or entering["text"] is None


def test_rates_are_shown_in_one_unit_from_zero() -> None:
    axis = figure()["layout"]["yaxis"]
    assert axis["ticksuffix"].endswith("Mbit/s")
    assert axis["rangemode"] == "tozero"
    assert unpacked(figure()["data"][0]["y"])[1] == pytest.approx(60)


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), ["00:00", "06:00", "12:00", "18:00"]),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), ["00:00", "06:00", "12:00", "18:00"]),
    ],
)
def test_the_day_the_clock_changes_keeps_true_hours(start: datetime, hours: list[str]) -> None:
    changing = series(start, [1e6] * 276)
    shown = figure(changing)
    assert shown["layout"]["xaxis"]["ticktext"][:4] == hours
    spring = start.month == 3
    after = shown["data"][0]["text"][12 * 5]
    assert after.endswith("06:00" if spring else "04:00"), "five hours after midnight"


def test_the_95th_percentile_is_that_of_the_fuller_direction() -> None:
    shown = figure(percentile=P95)
    assert shown["data"][2]["visible"]
    assert shown["data"][2]["y"] == pytest.approx([61.7, 61.7])
    (label,) = shown["layout"]["annotations"]
    assert "entrant 61,7" in label["text"]


def test_the_contracted_rate_is_drawn_unless_it_flattens_the_traffic() -> None:
    assert figure(contract_bps=100_000_000)["data"][3]["visible"]
    assert not figure(contract_bps=1_000_000_000)["data"][3]["visible"]
    assert "Débit souscrit" in words(traffic_legend(DAY, 100_000_000))
    above = words(traffic_legend(DAY, 1_000_000_000)).replace("\u202f", " ")
    assert "Débit souscrit 1 Gbit/s, hors échelle" in above


def test_the_moment_a_link_went_down_is_marked_if_it_is_on_the_chart() -> None:
    at = DAY.start + timedelta(minutes=25)
    shown = figure(outage=at)["layout"]
    assert shown["shapes"][-1]["x0"] == "2026-11-23T12:25:00"
    assert shown["annotations"][-1]["text"] == "Interrompu 12:25"
    assert shown["annotations"][-1]["xanchor"] == "right", "the label stays inside"
    for theme in ("light", "dark"):
        names = [part["name"] for part in chart_template(theme)["layout"]["shapes"]]
        assert names == [shown["shapes"][-1]["templateitemname"]]
    before = figure(outage=DAY.start - timedelta(hours=1))["layout"]
    assert not before["annotations"]


def test_a_chart_without_traffic_is_drawn_flat_at_zero() -> None:
    shown = figure(series(DAY.start, [0.0, 0.0]))
    assert shown["layout"]["yaxis"]["range"] == [0, 1]


def test_the_strip_says_what_the_chart_shows() -> None:
    volume = Volume(3_080_000_000_000, 1_300_000_000_000, 82_800, 86_400)
    said = words(traffic_strip(DAY, volume, P95, 100_000_000)).replace("\u202f", " ")
    for figure_ in ("298 Mbit/s", "60,0 Mbit/s", "61,7 Mbit/s", "3,08 To", "95,8 %", "1 h 00"):
        assert figure_ in said, figure_
    assert "dont 62 %" in said


def test_the_strip_of_a_link_never_measured_says_so() -> None:
    nothing = series(DAY.start, [np.nan])
    said = words(traffic_strip(nothing, Volume(0, 0, 0, 86_400), None, None))
    assert said.count("N/A") == 8
    assert "0,0" in said, "no measure is present"


def test_charts_take_their_colours_from_the_tokens() -> None:
    css = (ROOT / "core/web/assets/20-tokens.css").read_text()
    for theme in ("light", "dark"):
        scatter = chart_template(theme)["data"]["scatter"]
        assert scatter[0]["line"]["color"] == tokens(theme)["--ui-in"]
        assert scatter[0]["line"]["color"] in css
    assert tokens("dark")["--ui-surface"] != tokens("light")["--ui-surface"]
    assert tokens("light")["--ui-p95"].startswith("#"), "references are followed"
    assert not any("var(" in value for value in chart_template("dark")["layout"]["font"].values()
                   if isinstance(value, str))  # fmt: skip


def test_a_spark_is_broken_by_a_gap() -> None:
    mask = spark(np.array([1.0, 2.0, np.nan, 1.0])).style["maskImage"]
    assert mask.count("M") == 2


def test_the_vendored_plotly_is_the_one_plotly_expects() -> None:
    """A chart drawn by another plotly.js than plotly.py's may be refused or drawn wrong."""
    version = get_plotlyjs_version()
    bundle = ROOT / "core/web/assets/lazy/plotly-basic.min.js"
    with bundle.open() as file:
        assert f"v{version}" in file.read(200)
    script = (ROOT / "scripts/vendor-assets.sh").read_text()
    assert f"PLOTLY={version}\n" in script
    assert re.search(
        rf"v={re.escape(version)}\b", (ROOT / "core/web/assets/60-charts.js").read_text()
    )
