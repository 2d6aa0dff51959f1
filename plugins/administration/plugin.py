"""Administration: who may sign in, what each may open, on which sites."""

from __future__ import annotations

from pathlib import Path

from core.api import N_, Rubric, hookimpl
from plugins.administration.callbacks import callbacks
from plugins.administration.downloads import downloads
from plugins.administration.pages import pages
from plugins.administration.permissions import USERS


@hookimpl
def rubric() -> Rubric:
    return Rubric(
        id="administration",
        label=N_("Administration"),
        icon="admin",
        read=USERS,
        locale=str(Path(__file__).parent / "locale"),
        help=str(Path(__file__).parent / "help"),
        pages=pages,
        callbacks=callbacks,
        downloads=downloads,
    )
