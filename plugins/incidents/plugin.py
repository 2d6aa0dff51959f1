"""Support / Incidents: tickets, planned works, what the operator commits itself to."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.api import (
    N_,
    Action,
    Badge,
    Card,
    Explanation,
    Pages,
    Rubric,
    Scene,
    _,
    hookimpl,
)
from plugins.incidents import links as on_links
from plugins.incidents.address import TICKETS
from plugins.incidents.backend import wrong_backend
from plugins.incidents.callbacks import callbacks
from plugins.incidents.demo import rows
from plugins.incidents.downloads import downloads
from plugins.incidents.files import uploads
from plugins.incidents.home import home_body, open_tickets
from plugins.incidents.importer import INCIDENTS
from plugins.incidents.importer_contracts import CONTRACTS
from plugins.incidents.outages_pages import pages as outages_pages
from plugins.incidents.pages import pages
from plugins.incidents.permissions import MANAGE, READ, TERMS, WRITE
from plugins.incidents.sla_jobs import jobs
from plugins.incidents.sla_pages import pages as sla_pages
from plugins.incidents.terms_pages import pages as terms_pages
from plugins.incidents.ticket_pages import pages as ticket_pages
from plugins.incidents.words import DEEDS
from plugins.incidents.works_pages import pages as works_pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.api import Context, Link


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="incidents",
        label=N_("Support / Incidents"),
        icon="life",
        read=READ,
        migrations=str(Path(__file__).parent / "migrations"),
        locale=str(Path(__file__).parent / "locale"),
        help=str(Path(__file__).parent / "help"),
        permissions=(WRITE, MANAGE, TERMS),
        pages=Pages(
            [*pages, *works_pages, *sla_pages, *outages_pages, *terms_pages, *ticket_pages]
        ),
        callbacks=callbacks,
        downloads=downloads,
        uploads=uploads,
        jobs=jobs,
        datasets=(INCIDENTS, CONTRACTS),
        demo=rows,
        deeds=DEEDS,
        settings={"backend": wrong_backend},
    )


@hookimpl
def home_cards(ctx: Context) -> list[Card]:
    return [Card(_("Incidents"), TICKETS, home_body(ctx), width=5, order=20)]


@hookimpl
def link_actions(ctx: Context, link: Link) -> list[Action]:
    return on_links.actions(ctx, link)


@hookimpl
def link_badges(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    return on_links.badges(ctx, links)


@hookimpl
def explanations(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    return on_links.explanations(ctx, link, start, end)


@hookimpl
def causes(
    ctx: Context, links: Sequence[Link], start: datetime, end: datetime
) -> list[Explanation]:
    return on_links.causes(ctx, links, start, end)


@hookimpl
def wall_scenes(ctx: Context) -> list[Scene]:
    return [Scene("tickets", _("Tickets ouverts"), partial(open_tickets, ctx), order=30)]
