"""The questions the host asks its rubrics."""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from core.network.inventory import Link
from core.rubric import Card, Context, Rubric, Tab

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
