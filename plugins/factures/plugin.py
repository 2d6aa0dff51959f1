"""Factures: invoices found, checked and filed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.api import N_, Card, Pages, Rubric, _, hookimpl
from plugins.factures.address import LIST
from plugins.factures.callbacks import callbacks
from plugins.factures.consolidation import jobs
from plugins.factures.demo import rows
from plugins.factures.downloads import downloads
from plugins.factures.home import home_body
from plugins.factures.importer import DETAILS, INVOICES, STATES
from plugins.factures.invoice_pages import pages as invoice_pages
from plugins.factures.notices import tell
from plugins.factures.pages import pages
from plugins.factures.permissions import READ

if TYPE_CHECKING:
    from core.api import Context


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="factures",
        label=N_("Factures"),
        icon="invoice",
        read=READ,
        migrations=str(Path(__file__).parent / "migrations"),
        locale=str(Path(__file__).parent / "locale"),
        help=str(Path(__file__).parent / "help"),
        pages=Pages([*pages, *invoice_pages]),
        callbacks=callbacks,
        downloads=downloads,
        jobs=jobs,
        demo=rows,
        notices=tell,
        datasets=(INVOICES, STATES, DETAILS),
    )


@hookimpl
def home_cards(ctx: Context) -> list[Card]:
    return [Card(_("Dernières factures"), LIST, home_body(ctx), width=5, order=60)]
