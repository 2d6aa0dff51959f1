"""Consommations: what the links carry."""

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
from plugins.consommations.actions import actions
from plugins.consommations.address import ADDRESS
from plugins.consommations.callbacks import callbacks
from plugins.consommations.downloads import downloads
from plugins.consommations.facts import explained, full_links
from plugins.consommations.home import home_body
from plugins.consommations.pages import pages
from plugins.consommations.permissions import READ
from plugins.consommations.qos import has_classes, qos
from plugins.consommations.report_callbacks import report_callbacks
from plugins.consommations.report_jobs import jobs
from plugins.consommations.report_pages import report_pages
from plugins.consommations.scenes import scenes
from plugins.consommations.tabs import traffic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.api import Context, Link


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="consommations",
        label=N_("Consommations"),
        icon="chart",
        read=READ,
        locale=str(Path(__file__).parent / "locale"),
        help=str(Path(__file__).parent / "help"),
        pages=Pages([*pages, *report_pages]),
        callbacks=Callbacks([*callbacks, *report_callbacks]),
        downloads=downloads,
        jobs=jobs,
    )


@hookimpl
def home_cards(ctx: Context) -> list[Card]:
    title = _("Consommations : liens les plus chargés")
    body = home_body(ctx)
    return [Card(title, ADDRESS, body, width=5, order=60, more=N_("Tous les accès"))]


@hookimpl
def link_tabs(ctx: Context, link: Link) -> list[Tab]:
    tabs = [Tab("trafic", _("Trafic"), partial(traffic, ctx, link), order=10)]
    if has_classes(ctx, link):
        tabs.append(Tab("qos", _("Services QoS"), partial(qos, ctx, link), order=20))
    return tabs


@hookimpl
def link_actions(ctx: Context, link: Link) -> list[Action]:
    return actions(ctx, link)


@hookimpl
def link_badges(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    return full_links(ctx, links)


@hookimpl
def explanations(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    return explained(ctx, link, start, end)


@hookimpl
def wall_scenes(ctx: Context) -> list[Scene]:
    return scenes(ctx)
