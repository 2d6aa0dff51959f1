"""Commandes: what was ordered, what is subscribed."""

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
    Tab,
    _,
    hookimpl,
)
from plugins.commandes import links as on_links
from plugins.commandes.address import ORDERS as ORDERS_PAGE
from plugins.commandes.callbacks import callbacks
from plugins.commandes.demo import rows
from plugins.commandes.downloads import downloads
from plugins.commandes.home import home_body
from plugins.commandes.importer import ORDERS, PRODUCTION_CODES
from plugins.commandes.importer_park import SUBSCRIPTIONS
from plugins.commandes.order_callbacks import callbacks as order_callbacks
from plugins.commandes.order_pages import pages as order_pages
from plugins.commandes.pages import pages
from plugins.commandes.permissions import CANCEL, MANAGE, RADIUS, READ, WRITE
from plugins.commandes.tree_callbacks import callbacks as tree_callbacks
from plugins.commandes.tree_pages import pages as tree_pages
from plugins.commandes.words import DEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.api import Context, Link


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="commandes",
        label=N_("Commandes"),
        icon="cart",
        read=READ,
        migrations=str(Path(__file__).parent / "migrations"),
        locale=str(Path(__file__).parent / "locale"),
        help=str(Path(__file__).parent / "help"),
        permissions=(WRITE, CANCEL, RADIUS, MANAGE),
        pages=Pages([*tree_pages, *pages, *order_pages]),
        callbacks=Callbacks([*callbacks, *tree_callbacks, *order_callbacks]),
        downloads=downloads,
        datasets=(PRODUCTION_CODES, ORDERS, SUBSCRIPTIONS),
        demo=rows,
        deeds=DEEDS,
    )


@hookimpl
def home_cards(ctx: Context) -> list[Card]:
    return [Card(_("Commandes en cours"), ORDERS_PAGE, home_body(ctx), width=5, order=30)]


@hookimpl
def link_tabs(ctx: Context, link: Link) -> list[Tab]:
    return [
        Tab("abonnement", _("Abonnement"), partial(on_links.subscription_tab, ctx, link), order=40)
    ]


@hookimpl
def link_actions(ctx: Context, link: Link) -> list[Action]:
    return on_links.actions(ctx, link)


@hookimpl
def link_badges(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    return on_links.badges(ctx, links)


@hookimpl
def explanations(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    return on_links.explanations(ctx, link, start, end)
