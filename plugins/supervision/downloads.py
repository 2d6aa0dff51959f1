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
from plugins.supervision.periods import Passed, every_period, links_of
from plugins.supervision.permissions import READ
from plugins.supervision.queries import EXPORT, FIELDS, HISTORY, Asked

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


PERIODS: tuple[Field[Passed], ...] = (
    Field(N_("N° de référence"), lambda p: p.reference, 22),
    Field(N_("Liaison"), lambda p: p.name, 14),
    Field(N_("Début"), lambda p: p.start, 17),
    Field(N_("Fin"), lambda p: p.end, 17),
    Field(N_("Durée"), lambda p: p.length, 14),
    Field(N_("État"), lambda p: state_word(p.state), 14),
    Field(N_("Motif"), lambda p: capital(reason_words(p.reason)) or None, 28),
)


@downloads.table(HISTORY, permission=READ)
def history(ctx: Context) -> Sheet[Passed] | None:
    """Return the states of a service and of its links over 90 days; None for no such service."""
    found = service_views(ctx).find(ctx.query.get("service", "")[:64])
    links = links_of(ctx, found.id) if found else []
    if not links:
        return None
    name = f"Historique {links[0].reference}"
    return Sheet(name, PERIODS, every_period(ctx, links), ctx.zone)
