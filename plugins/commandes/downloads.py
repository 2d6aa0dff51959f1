"""Orders and subscriptions as files: what is filtered, in the order it is sorted in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.api import N_, Context, Document, Downloads, Field, Sheet, _
from plugins.commandes.address import EXPORT_ORDERS, EXPORT_SUBSCRIPTIONS, Asked, Tree
from plugins.commandes.calendar import Event, calendar
from plugins.commandes.models import OrderLine, Subscription
from plugins.commandes.offers import EVERY_FIELD, offer_of
from plugins.commandes.order_pages import CALENDAR, changes_of
from plugins.commandes.permissions import READ
from plugins.commandes.queries import every_line, line_of
from plugins.commandes.subscriptions import every_one, every_request
from plugins.commandes.words import DECISIONS, KINDS

downloads = Downloads()

Row = Sequence[Any]

ORDER_FIELDS: tuple[Field[Row], ...] = (
    Field(N_("N° de référence (CLS)"), lambda r: r[0], 22),
    Field(N_("Type BC"), lambda r: KINDS[r[1]], 14),
    Field(N_("Client"), lambda r: r[2], 30),
    Field(N_("Site"), lambda r: r[3], 34),
    Field(N_("Libellé article"), lambda r: r[4], 30),
    Field(N_("Date contractuelle"), lambda r: r[5], 14),
    Field(N_("Date souhaitée"), lambda r: r[6], 14),
    Field(N_("Date RDV routeur"), lambda r: r[7], 14),
    Field(N_("Date RDV lien"), lambda r: r[8], 14),
    Field(N_("État commande"), lambda r: r[9], 24),
    Field(N_("Code production"), lambda r: r[10], 14),
    Field(N_("Libellé code production"), lambda r: r[11], 36),
)
"""The twelve fields of « Export détaillé », each what the import of orders reads."""


@downloads.table(EXPORT_ORDERS, permission=READ)
def orders(ctx: Context) -> Sheet[Row]:
    """Return every order line that the address asks for, whatever the page."""
    found = every_line(ctx, Asked.of(ctx.query))
    return Sheet(f"Suivi des commandes {_today(ctx)}", ORDER_FIELDS, found, ctx.zone)


def _today(ctx: Context) -> str:
    return ctx.now.astimezone(ctx.zone).strftime("%Y-%m-%d")


SUBSCRIPTION_FIELDS: tuple[Field[Subscription], ...] = (
    Field(N_("Client"), lambda s: s.company.name, 30),
    Field(N_("Site"), lambda s: s.site.name, 34),
    Field(N_("Désignation"), lambda s: s.designation, 30),
    Field(N_("N° de référence (CLS)"), lambda s: s.reference, 22),
    Field(N_("Référence client"), lambda s: s.customer_reference, 18),
    Field(N_("Type d’offre"), lambda s: offer_of(s).label, 16),
    Field(N_("Technologie"), lambda s: s.technology, 14),
    Field(N_("Catégorie"), lambda s: s.category, 40),
    Field(N_("Quantité"), lambda s: s.quantity, 10),
    Field(N_("Adresse IP LAN"), lambda s: s.lan_address, 16),
    Field(N_("Masque LAN"), lambda s: s.lan_mask, 16),
    Field(N_("Adresse IP WAN"), lambda s: s.wan_address, 16),
    Field(N_("Masque WAN"), lambda s: s.wan_mask, 16),
    Field(N_("Login Radius"), lambda s: s.radius_login, 30),
    Field(N_("Commercial"), lambda s: s.sales_name, 24),
    Field(N_("E-mail commercial"), lambda s: s.sales_email, 30),
    Field(N_("Chef de projet"), lambda s: s.manager_name, 24),
    Field(N_("E-mail chef de projet"), lambda s: s.manager_email, 30),
    Field(N_("Date de mise en service"), lambda s: s.started, 14),
)
"""The fields of every subscription; the RADIUS password is never written."""


@downloads.table(EXPORT_SUBSCRIPTIONS, permission=READ)
def subscriptions(ctx: Context) -> Sheet[Subscription]:
    """Return every subscription that the tree asks for, with the requests to cancel."""
    ends = _Endings(ctx)
    fields = (
        *SUBSCRIPTION_FIELDS,
        *(_own(one.key, one.label) for one in EVERY_FIELD),
        Field(N_("Résiliation demandée pour le"), ends.day, 14),
        Field(N_("Résiliation"), ends.decision, 22),
    )
    found = every_one(ctx, Tree.of(ctx.query))
    return Sheet(f"Suivi des abonnements {_today(ctx)}", fields, found, ctx.zone)


def _own(key: str, label: str) -> Field[Subscription]:
    return Field(label, lambda s: s.facts.get(key), 18)


class _Endings:
    """The requests to cancel that stand: few, read at once."""

    def __init__(self, ctx: Context) -> None:
        self._found = every_request(ctx)

    def day(self, one: Subscription) -> Any:
        request = self._found.get(one.id)
        return request.wanted if request else None

    def decision(self, one: Subscription) -> str | None:
        request = self._found.get(one.id)
        return DECISIONS[request.decision][0] if request else None


APPOINTMENTS = {"link": N_("RDV lien"), "router": N_("RDV routeur")}


@downloads.file(CALENDAR, "ics", permission=READ)
def appointments(ctx: Context, reference: str) -> Document | None:
    """Return the appointments of an order line as a calendar; None for no such line."""
    line = line_of(ctx, reference, ctx.query.get("type", ""))
    if line is None:
        return None
    events = [_event(ctx, line, field) for field in APPOINTMENTS if getattr(line, field)]
    name = f"Rendez-vous {line.reference}.ics"
    return Document(name, "text/calendar; charset=utf-8", calendar(events, "Balise", ctx.now))


def _event(ctx: Context, line: OrderLine, field: str) -> Event:
    site = line.site
    where = ", ".join(part for part in (site.address, site.postal_code, site.commune) if part)
    moves = sum(change.field == field for change in changes_of(ctx, line))
    return Event(
        uid=f"{line.reference}.{line.kind.value}.{field}@balise",
        day=getattr(line, field),
        summary=f"{_(APPOINTMENTS[field])} {line.reference} · {site.name}",
        description=f"{line.company.name} · {line.article}\n{line.production_label or ''}".strip(),
        location=where,
        sequence=moves,
    )
