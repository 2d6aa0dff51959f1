"""Scenes as the wall draws them: in bounds, the worst first and on top."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.network.status import State
from core.scenes import Bar, Bars, Board, Line, Lines, Places, Point, Tile
from core.testing.world import NOW
from core.web import wall_drawing
from core.web.wall_drawing import LINES, MARKS, PAGES, TILES, drawn, marks_of, project

CITIES = {
    "Brest": (48.39, -4.49, 37, 206),
    "Lille": (50.63, 3.06, 388, 50),
    "Strasbourg": (48.58, 7.75, 605, 193),
    "Nice": (43.70, 7.26, 583, 523),
    "Ajaccio": (41.92, 8.74, 651, 635),
    "Bordeaux": (44.84, -0.58, 218, 450),
}


@pytest.mark.parametrize("city", CITIES)
def test_a_city_stands_where_it_is_on_the_outline(city):
    latitude, longitude, x, y = CITIES[city]
    at = project(latitude, longitude)
    assert at is not None
    assert at == (pytest.approx(x, abs=4), pytest.approx(y, abs=4))


@pytest.mark.parametrize("place", [(-20.88, 55.45), (14.6, -61.07), (90.0, 2.0), (52.52, 13.4)])
def test_what_the_map_does_not_reach_is_counted_beside_it(place):
    marks, outside = marks_of([Point(*place, State.DOWN), Point(48.85, 2.35, State.UP)])
    assert (len(marks), outside) == (1, 1)


def test_sites_of_one_town_are_one_mark_with_the_worst_state():
    near = [Point(48.85, 2.35 + n / 1000, State.UP) for n in range(9)]
    ((x, y, css, many),), _outside = marks_of([*near, Point(48.85, 2.36, State.DOWN)])
    assert (css, many) == ("down", 10)
    assert (x, y) == tuple(round(part) for part in project(48.85, 2.36) or ())


def test_the_worst_is_drawn_last_and_never_left_out():
    grid = [Point(43.0 + n // 40 / 6, -1.0 + n % 40 / 5, State.UP) for n in range(40 * 36)]
    marks, _outside = marks_of([*grid, Point(47.0, 2.0, State.DOWN)])
    assert len(marks) == MARKS
    assert [mark[2] for mark in marks].count("down") == 1
    assert marks[-1][2] == "down"


def test_every_trouble_is_on_the_board_and_the_rest_fills_one_screen():
    def shown(down: int, up: int) -> int:
        tiles = [Tile(State.DOWN, "x")] * down + [Tile(State.UP, "y")] * up
        return len(drawn(Board("t", tiles, Lines("l", [])))["tiles"])

    assert shown(3, 500) == TILES
    assert shown(TILES + 1, 500) == 2 * TILES
    assert shown(0, 5) == 5
    assert shown(5000, 0) == PAGES * TILES


def test_a_list_is_bounded_and_tells_when_and_not_how_long():
    line = Line("Limoges", "non secouru", State.DEGRADED, NOW - timedelta(hours=1))
    told = drawn(Lines("À traiter", [line] * 1000))["list"]["lines"]
    assert len(told) == LINES * PAGES
    assert told[0] == ["degraded", "Limoges", "non secouru", int(NOW.timestamp()) - 3600]


def test_a_bar_stays_within_its_box():
    bars = [Bar("a", "", ratio, "") for ratio in (-1.0, 0.5, 3.0)]
    assert [bar[2] for bar in drawn(Bars("t", bars))["bars"]] == [0.0, 0.5, 1.0]


def test_places_without_any_point_still_have_their_list():
    told = drawn(Places("Carte", [], Lines("À traiter", [])))
    assert (told["marks"], told["list"]["lines"]) == ([], [])


def test_something_else_than_a_content_is_refused():
    with pytest.raises(TypeError, match="dict"):
        drawn({"kind": "board"})  # what a careless rubric might return


def test_every_state_has_a_shape_of_its_own_in_the_script():
    from core.web.templates import ASSETS
    from core.web.words import STATES

    script = (ASSETS / "lazy" / "wall-draw.js").read_text()
    for words in STATES.values():
        assert f"    {words.css}: " in script
    assert wall_drawing.counters(dict.fromkeys(State, 1))[0][0] == "down"
