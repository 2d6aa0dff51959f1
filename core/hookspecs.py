"""The questions the host asks its rubrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pluggy

from core.answers import Action, Badge, Card, Explanation, Tab
from core.network.inventory import Link
from core.rubric import Context, Rubric
from core.scenes import Scene

hookspec = pluggy.HookspecMarker("balise")
hookimpl = pluggy.HookimplMarker("balise")


@hookspec
def rubric() -> Rubric:
    """Return the rubric this plugin adds. Asked once, at start-up."""


@hookspec
def home_cards(ctx: Context) -> Sequence[Card]:
    """Return the cards of the home page. Asked at each visit and at each refresh of it."""


@hookspec
def link_tabs(ctx: Context, link: Link) -> Sequence[Tab]:
    """Return the tabs to show under « Informations administratives » of a service.

    ``link`` is the main link of the service and comes from ``ctx.db``. Asked once per panel.
    """


@hookspec
def link_badges(ctx: Context, links: Sequence[Link]) -> Sequence[Badge]:
    """Return the words to show beside links in a list.

    ``links`` are those of the page shown and come from ``ctx.db``. Asked once per list, never
    once per row: read for all of them at once.
    """


@hookspec
def link_actions(ctx: Context, link: Link) -> Sequence[Action]:
    """Return what can be done about a service, for the head of its panel.

    ``link`` is its main link and comes from ``ctx.db``. Asked once per panel.
    """


@hookspec
def explanations(ctx: Context, link: Link, start: datetime, end: datetime) -> Sequence[Explanation]:
    """Return what explains the state of a link between two moments (aware, a day as a rule).

    ``link`` comes from ``ctx.db``. Asked once for a day of the ribbon that is opened.
    """


@hookspec
def causes(
    ctx: Context, links: Sequence[Link], start: datetime, end: datetime
) -> Sequence[Explanation]:
    """Return what accounts for states of these links between two moments, and lasts: tickets.

    ``links`` are of one service and come from ``ctx.db``; each answer has its ``until``. Asked
    once for a page of the history of a service.
    """


@hookspec
def wall_scenes(ctx: Context) -> Sequence[Scene]:
    """Return the scenes for walls. Asked at each request of a wall, for its labels: their
    ``data()`` is called for the one that is shown.
    """
