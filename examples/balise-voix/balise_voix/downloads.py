"""The lines as a file that « balise import lignes-voix » reads again."""

from __future__ import annotations

from typing import Any

from balise_voix.importer import LINES
from balise_voix.permissions import EXPORT as MAY_EXPORT
from balise_voix.queries import EXPORT, Asked, every
from core.api import Context, Downloads, Sheet

downloads = Downloads()


@downloads.table(EXPORT, permission=MAY_EXPORT)
def export(ctx: Context) -> Sheet[Any]:
    """Return every line that the address asks for."""
    columns = [
        LINES.field("number", lambda line: line.number),
        LINES.field("name", lambda line: line.name, 30),
        LINES.field("site", lambda line: line.site.name, 34),
        LINES.field("kind", lambda line: line.kind.value),
        LINES.field("channels", lambda line: line.channels),
    ]
    return Sheet("Lignes", columns, every(ctx, Asked.of(ctx.query)), ctx.zone)
