"""Scenes as the wall's script reads them: JSON of a few kinds, bounded, without times that run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core import formats
from core.i18n import _
from core.network.status import State
from core.scenes import Bars, Board, Content, Line, Lines, Places, Point, Tile
from core.web.words import STATES, WORST_FIRST, state_word

TILES, LINES, BARS, MARKS = 32, 6, 8, 160
"""What one screen holds: the page has that many places, filled and never added to."""
PAGES = 10
"""How many screens of tiles or lines a scene turns through, at most."""

_SCALE, _LEFT, _TOP = 46.45, 245.4, 2782.6
"""The Mercator of ``templates/france_land.svg``: units a degree, and where zero stands. Fitted on
nine capes and borders of the outline, to 3 units (7 km)."""
WIDTH = 720
"""Of the drawing, from -10 to 710."""
CELL = 17
"""Units within which places are drawn as one mark."""


def drawn(content: Content) -> dict[str, Any]:
    """Return a scene's content as JSON. Raises ``TypeError`` for what is none."""
    if isinstance(content, Board):
        tiles = shown(content.tiles)
        return {
            "kind": "board",
            "title": content.title,
            "tiles": [[STATES[tile.state].css, tile.name] for tile in tiles],
            "total": len(content.tiles),
            "list": _lines(content.beside),
        }
    if isinstance(content, Places):
        marks, outside = marks_of(content.points)
        title = content.title
        if outside:
            more = _("%(n)s hors de la carte", n=formats.number(outside))
            title = " · ".join(part for part in (title, more) if part)
        return {
            "kind": "places",
            "title": title,
            "marks": marks,
            "list": _lines(content.beside),
        }
    if isinstance(content, Bars):
        return {
            "kind": "bars",
            "title": content.title,
            "aside": content.aside,
            "bars": [
                [bar.title, bar.note, round(min(1.0, max(0.0, bar.ratio)), 3), bar.value]
                for bar in content.bars[:BARS]
            ],
        }
    if isinstance(content, Lines):
        return {"kind": "lines", "list": _lines(content)}
    raise TypeError(f"{type(content).__name__} is no content of a scene")


def shown(tiles: Sequence[Tile]) -> Sequence[Tile]:
    """Return the tiles to show: every trouble, up to ``PAGES`` screens, the last one filled up."""
    troubles = sum(tile.state is not State.UP for tile in tiles)
    screens = min(PAGES, max(1, math.ceil(troubles / TILES)))
    return tiles[: screens * TILES]


def _lines(lines: Lines) -> dict[str, Any]:
    return {
        "title": lines.title,
        "aside": lines.aside,
        "lines": [_line(line) for line in lines.lines[: LINES * PAGES]],
    }


def _line(line: Line) -> list[Any]:
    css = STATES[line.state].css if line.state else ""
    since = int(line.since.timestamp()) if line.since else None
    return [css, line.title, line.note, since]


def project(latitude: float, longitude: float) -> tuple[float, float] | None:
    """Return where a place (degrees) is on the outline of France; None if it is not on it."""
    if not -85 < latitude < 85:
        return None
    north = math.degrees(math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)))
    x, y = _LEFT + _SCALE * longitude, _TOP - _SCALE * north
    return (x, y) if -10 <= x <= WIDTH - 10 and -10 <= y <= WIDTH - 10 else None


def marks_of(points: Sequence[Point]) -> tuple[list[list[Any]], int]:
    """Return marks [x, y, state, how many], the worst drawn last, and how many are not on it.

    Places within one cell make one mark, in the middle of its worst ones, with the worst state.
    """
    cells: dict[tuple[int, int], list[tuple[float, float, State]]] = {}
    outside = 0
    for point in points:
        at = project(point.latitude, point.longitude)
        if at is None:
            outside += 1
        else:
            cell = (math.floor(at[0] / CELL), math.floor(at[1] / CELL))
            cells.setdefault(cell, []).append((*at, point.state))
    rank = {state: n for n, state in enumerate(WORST_FIRST)}
    found = []
    for places in cells.values():
        worst = min((state for _x, _y, state in places), key=rank.__getitem__)
        there = [(x, y) for x, y, state in places if state is worst]
        x, y = (round(sum(part) / len(there)) for part in zip(*there, strict=True))
        found.append((rank[worst], -len(places), x, y, worst, len(places)))
    found.sort()
    kept = [[x, y, STATES[worst].css, n] for _r, _n, x, y, worst, n in found[:MARKS]]
    return kept[::-1], outside


def counters(counts: Mapping[State, int]) -> list[list[str]]:
    """Return [state, number, word] of each state, the worst first."""
    return [
        [STATES[state].css, formats.number(counts[state]), state_word(state, counts[state])]
        for state in WORST_FIRST
    ]
