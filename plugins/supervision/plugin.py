"""Supervision: the state of the services, live."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.api import (
    N_,
    Action,
    Badge,
    Callbacks,
    Card,
    Explanation,
    Pages,
    Rubric,
    Scene,
    Tab,
    _,
    hookimpl,
)
from plugins.supervision import works
from plugins.supervision.actions import actions
from plugins.supervision.callbacks import callbacks
from plugins.supervision.downloads import downloads
from plugins.supervision.home import home_body
from plugins.supervision.map_callbacks import callbacks as map_callbacks
from plugins.supervision.map_page import pages as map_pages
from plugins.supervision.pages import pages
from plugins.supervision.permissions import PLACE, READ
from plugins.supervision.queries import ADDRESS
from plugins.supervision.scenes import scenes
from plugins.supervision.tabs import history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.api import Context, Link


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="supervision",
        label=N_("Supervision"),
        icon="pulse",
        read=READ,
        deeds={"site.placed": N_("A placé un site sur la carte")},
        locale=str(Path(__file__).parent / "locale"),
        help=str(Path(__file__).parent / "help"),
        permissions=(PLACE,),
        pages=Pages([*pages, *map_pages]),
        callbacks=Callbacks([*callbacks, *map_callbacks]),
        downloads=downloads,
    )


@hookimpl
def home_cards(ctx: Context) -> list[Card]:
    return [Card(_("État de vos services"), ADDRESS, home_body(ctx), width=7, order=10)]


@hookimpl
def link_actions(ctx: Context, link: Link) -> list[Action]:
    return actions(link, [page.path for page in rubric().pages])


@hookimpl
def link_tabs(ctx: Context, link: Link) -> list[Tab]:
    return [Tab("historique", _("Historique des statuts"), partial(history, ctx, link), order=30)]


@hookimpl
def link_badges(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    return works.badges(ctx, links)


@hookimpl
def explanations(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    return works.explained(ctx, link, start, end)


@hookimpl
def wall_scenes(ctx: Context) -> list[Scene]:
    return scenes(ctx)
