"""Orders and subscriptions as files: what is filtered, in the order it is sorted in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from core.api import N_, Context, Document, Downloads, Field, Sheet, _
from plugins.commandes.address import EXPORT_ORDERS, EXPORT_SUBSCRIPTIONS, Asked, Tree
from plugins.commandes.calendar import Event, calendar
from plugins.commandes.importer import ORDERS
from plugins.commandes.importer_park import OF_OFFER, OWN, SUBSCRIPTIONS
from plugins.commandes.models import OrderLine, Subscription
from plugins.commandes.order_pages import CALENDAR, changes_of
from plugins.commandes.permissions import READ
from plugins.commandes.queries import every_line, line_of
from plugins.commandes.subscriptions import every_one, every_request
from plugins.commandes.words import DECISIONS

downloads = Downloads()

Row = Sequence[Any]

WIDTHS = {"reference": 22, "company": 30, "site": 34, "article": 30, "state": 24}
ORDER_FIELDS: tuple[Field[Row], ...] = tuple(
    ORDERS.field(name, itemgetter(place), WIDTHS.get(name, 16))
    for place, name in enumerate(
        (
            "reference", "kind", "company", "site", "article", "contract", "wanted", "router",
            "link", "state", "code", "production_label",
        )
    )
)  # fmt: skip
"""The twelve fields of « Export détaillé », under the heads that the import of orders reads."""


@downloads.table(EXPORT_ORDERS, permission=READ)
def orders(ctx: Context) -> Sheet[Row]:
    """Return every order line that the address asks for, whatever the page."""
    found = every_line(ctx, Asked.of(ctx.query))
    return Sheet(f"Suivi des commandes {_today(ctx)}", ORDER_FIELDS, found, ctx.zone)


def _today(ctx: Context) -> str:
    return ctx.now.astimezone(ctx.zone).strftime("%Y-%m-%d")


def _subscription_field(name: str) -> Field[Subscription]:
    if name in ("company", "site"):
        return SUBSCRIPTIONS.field(name, attrgetter(f"{name}.name"), 30)
    return SUBSCRIPTIONS.field(name, attrgetter(name), 20)


SUBSCRIPTION_FIELDS = tuple(
    _subscription_field(name)
    for name in ("company", "site", *(name for name in OWN if name != "radius_secret"))
)
"""The fields of every subscription; the RADIUS password is never written."""


@downloads.table(EXPORT_SUBSCRIPTIONS, permission=READ)
def subscriptions(ctx: Context) -> Sheet[Subscription]:
    """Return every subscription that the tree asks for, with the requests to cancel."""
    ends = _Endings(ctx)
    fields = (
        *SUBSCRIPTION_FIELDS,
        *(SUBSCRIPTIONS.field(name, _fact(key)) for name, key in OF_OFFER.items()),
        SUBSCRIPTIONS.field("ends", ends.day),
        SUBSCRIPTIONS.field("ending", ends.decision, 22),
    )
    found = every_one(ctx, Tree.of(ctx.query))
    return Sheet(f"Suivi des abonnements {_today(ctx)}", fields, found, ctx.zone)


def _fact(key: str) -> Callable[[Subscription], Any]:
    return lambda one: one.facts.get(key)


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
