"""Administration: who may sign in, what each may open, on which sites."""

from __future__ import annotations

from pathlib import Path

from core.api import N_, Callbacks, Downloads, Pages, Rubric, hookimpl
from plugins.administration.callbacks import callbacks
from plugins.administration.customers_callbacks import callbacks as customers_callbacks
from plugins.administration.customers_pages import pages as customers_pages
from plugins.administration.downloads import downloads
from plugins.administration.journal_downloads import downloads as journal_downloads
from plugins.administration.journal_pages import callbacks as journal_callbacks
from plugins.administration.journal_pages import pages as journal_pages
from plugins.administration.pages import pages
from plugins.administration.permissions import CUSTOMERS, JOURNAL, USERS


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="administration",
        label=N_("Administration"),
        icon="admin",
        read=USERS,
        locale=str(Path(__file__).parent / "locale"),
        help=str(Path(__file__).parent / "help"),
        permissions=(JOURNAL, CUSTOMERS),
        pages=Pages([*pages, *journal_pages, *customers_pages]),
        callbacks=Callbacks([*callbacks, *journal_callbacks, *customers_callbacks]),
        downloads=Downloads([*downloads, *journal_downloads]),
    )
