"""What tickets add to a link that another rubric shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.api import Action, Badge, Context, Explanation, Link, _
from plugins.incidents.address import new_ticket, ticket_page
from plugins.incidents.backend import tickets
from plugins.incidents.models import Ticket
from plugins.incidents.permissions import WRITE
from plugins.incidents.words import STATUSES


def badges(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    """Return « ticket E100001 » for the links that have one under way."""
    found: dict[int | None, Badge] = {}
    for ticket in tickets(ctx).open_on(ctx, [link.id for link in links]) if links else ():
        hint = f"{ticket.number} · {ticket.title} · {_(STATUSES[ticket.status][0])}"
        found.setdefault(
            ticket.link_id, Badge(ticket.link_id or 0, _("ticket ouvert"), hint, tone="accent")
        )
    return list(found.values())


def actions(ctx: Context, link: Link) -> list[Action]:
    """Return the way to the ticket under way on a service, or to open one, filled in."""
    lines = [link, *(one for one in link.service.links if one.id != link.id)]
    others = tickets(ctx).open_on(ctx, [one.id for one in lines])
    if others:
        words = _("Voir le ticket %(n)s", n=others[0].number)
        return [Action(words, ticket_page(others[0].number), icon="life", primary=True, order=10)]
    if not ctx.may(WRITE):
        return []
    worst = next((one for one in lines if one.state.value == "down"), link)
    words = _("Ouvrir un ticket")
    return [Action(words, new_ticket(worst.reference), icon="plus", primary=True, order=10)]


def causes(
    ctx: Context, links: Sequence[Link], start: datetime, end: datetime
) -> list[Explanation]:
    """Return the tickets on some links, each from when its incident began to when it was over."""
    return [
        Explanation(
            _("Ticket %(n)s", n=ticket.number),
            f"{ticket.title} · {_(STATUSES[ticket.status][0])}",
            began(ticket),
            ticket_page(ticket.number),
            ticket.resolved or ctx.now,
        )
        for ticket in tickets(ctx).lasting(ctx, start, end, [link.id for link in links])
    ]


def began(ticket: Ticket) -> datetime:
    """Return when the incident of a ticket began, as its customer said, or as it was opened."""
    return min(ticket.since or ticket.opened, ticket.opened)


def explanations(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    """Return the tickets whose incident lasts at some moment between two."""
    return [
        Explanation(
            _("Ticket %(n)s", n=ticket.number),
            f"{ticket.title} · {_(STATUSES[ticket.status][0])}",
            max(ticket.opened, start),
            ticket_page(ticket.number),
        )
        for ticket in tickets(ctx).lasting(ctx, start, end, [link.id])
    ]
