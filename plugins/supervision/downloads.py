"""« État de vos services » as a file: what is filtered, in the order it is sorted in."""

from __future__ import annotations

from core.api import (
    N_,
    Context,
    Downloads,
    Field,
    ServiceView,
    Sheet,
    capital,
    reason_words,
    service_views,
    state_word,
)
from plugins.supervision.permissions import READ
from plugins.supervision.queries import EXPORT, FIELDS, Asked

downloads = Downloads()

COLUMNS: tuple[Field[ServiceView], ...] = (
    Field(N_("État"), lambda s: state_word(s.state), 14),
    Field(N_("Motif"), lambda s: capital(reason_words(s.reason)) or None, 28),
    Field(N_("Depuis"), lambda s: s.since, 17),
    Field(N_("Société"), FIELDS["societe"], 30),
    Field(N_("Site"), FIELDS["site"], 34),
    Field(N_("Commune"), FIELDS["commune"], 24),
    Field(N_("Désignation\nprincipale"), FIELDS["designation"], 26),
    Field(N_("N° de référence\nprincipale"), FIELDS["reference"], 22),
    Field(N_("Désignation\nsecondaire"), FIELDS["designation2"], 26),
    Field(N_("N° de référence\nsecondaire"), FIELDS["reference2"], 22),
)


@downloads.table(EXPORT, permission=READ)
def services(ctx: Context) -> Sheet[ServiceView]:
    """Return every service that the address asks for, whatever the page."""
    day = ctx.now.astimezone(ctx.zone).strftime("%Y-%m-%d")
    found = Asked.of(ctx.query).found(service_views(ctx))
    return Sheet(f"État de vos services {day}", COLUMNS, found, ctx.zone)
