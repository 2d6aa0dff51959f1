"""The journal as a file: what is filtered, the newest line first."""

from __future__ import annotations

import json
from operator import attrgetter

from core.api import N_, Context, Downloads, Field, JournalLine, Sheet, _
from plugins.administration.journal_address import EXPORT, Asked
from plugins.administration.journal_listing import actor
from plugins.administration.permissions import JOURNAL

downloads = Downloads()


def _detail(line: JournalLine) -> str | None:
    return json.dumps(line.facts, ensure_ascii=False) if line.facts else None


@downloads.table(EXPORT, permission=JOURNAL)
def lines(ctx: Context) -> Sheet[JournalLine]:
    """Return every line that the address asks for, whatever the page."""
    deed = ctx.journal.deed
    fields: tuple[Field[JournalLine], ...] = (
        Field(N_("Ligne"), attrgetter("number"), 10),
        Field(N_("Date"), attrgetter("at"), 20),
        Field(N_("Qui"), actor, 34),
        Field(N_("Compte client"), attrgetter("customer"), 30),
        Field(N_("Au nom du client"), lambda line: _("Oui") if line.acting else None, 16),
        Field(N_("Action"), lambda line: deed(line.action), 40),
        Field(N_("Objet"), attrgetter("target"), 40),
        Field(N_("Détail"), _detail, 60),
        Field(N_("Adresse réseau"), attrgetter("address"), 18),
        Field(N_("Référence"), attrgetter("reference"), 14),
    )
    found = ctx.journal.stream(Asked.of(ctx.query).sought(ctx.zone))
    today = ctx.now.astimezone(ctx.zone).strftime("%Y-%m-%d")
    return Sheet(f"Journal {today}", fields, found, ctx.zone)
