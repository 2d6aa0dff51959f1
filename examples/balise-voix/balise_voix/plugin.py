"""Voix: phone lines and their calls."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from balise_voix.callbacks import callbacks
from balise_voix.demo import rows
from balise_voix.downloads import downloads
from balise_voix.home import home_body
from balise_voix.importer import DAYS, LINES
from balise_voix.links import site_tab
from balise_voix.pages import pages
from balise_voix.permissions import EXPORT, READ
from balise_voix.queries import LIST
from balise_voix.scenes import scenes
from core.api import N_, Card, Rubric, Tab, _, hookimpl

if TYPE_CHECKING:
    from core.api import Context, Link, Scene

HERE = Path(__file__).parent


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="voix",
        label=N_("Voix"),
        icon="phone",
        read=READ,
        permissions=(EXPORT,),
        pages=pages,
        callbacks=callbacks,
        downloads=downloads,
        datasets=(LINES, DAYS),
        demo=rows,
        migrations=str(HERE / "migrations"),
        locale=str(HERE / "locale"),
        help=str(HERE / "help"),
    )


@hookimpl
def home_cards(ctx: Context) -> list[Card]:
    return [Card(_("Appels"), LIST, home_body(ctx), width=4, order=70)]


@hookimpl
def link_tabs(ctx: Context, link: Link) -> list[Tab]:
    return [Tab("voix", _("Téléphonie"), partial(site_tab, ctx, link), order=60)]


@hookimpl
def wall_scenes(ctx: Context) -> list[Scene]:
    return scenes(ctx)
