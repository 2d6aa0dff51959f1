"""What a rubric shows on a wall: scenes, of the few kinds that the host's script can draw.

Plain values without any markup: the shapes, colours and words of states are the host's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.network.status import State


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list: a title, a remark under it, how long it has lasted (counted live)."""

    title: str
    note: str = ""
    state: State | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """A list, the most urgent first; ``aside`` stands opposite its title."""

    title: str
    lines: Sequence[Line]
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A LED of a board, with its name."""

    state: State
    name: str


@dataclass(frozen=True, slots=True)
class Board:
    """LEDs side by side, the worst first, and a list beside them. The wall turns its pages."""

    title: str
    tiles: Sequence[Tile]
    beside: Lines


@dataclass(frozen=True, slots=True)
class Bar:
    """A measure as a bar: ``ratio`` is 1.0 when full, ``value`` says it in words."""

    title: str
    note: str
    ratio: float
    value: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars under one another, the greatest first."""

    title: str
    bars: Sequence[Bar]
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A place of the map and its state; degrees (WGS 84)."""

    latitude: float
    longitude: float
    state: State


@dataclass(frozen=True, slots=True)
class Places:
    """Places on the map of France, and a list beside it. Near ones are drawn as one, the worst
    state of them showing; those that the map does not reach are counted beside it.
    """

    title: str
    points: Sequence[Point]
    beside: Lines


Content = Board | Lines | Bars | Places


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene that a rubric gives to walls; ``data()`` is called when a wall shows it.

    ``id`` is unique within the rubric; ``order`` sorts, lowest first. Durations are told as the
    time they began (``Line.since``), so that what ``data()`` gives does not change with time.
    """

    id: str
    label: str
    data: Callable[[], Content]
    order: int = 100
