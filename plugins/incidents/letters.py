"""The mails of a ticket: one at each step, to the side that did not take it."""

from __future__ import annotations

import sqlalchemy as sa

from core.api import Context, _, formats
from plugins.incidents.address import ticket_page
from plugins.incidents.models import Ticket, TicketAction
from plugins.incidents.permissions import MANAGE, READ
from plugins.incidents.words import SEVERITIES


def tell(ctx: Context, ticket: Ticket, step: str, text: str, *, both: bool = False) -> None:
    """Write to the other side of what happened to a ticket that is kept; to ``both`` when it is
    opened. Customers who took part are written to, and the administrators of their company.
    """
    number, title, link = ticket.number or "", ticket.title, ticket.link
    place = ticket.site.name if ticket.site else ticket.company.name
    opened = formats.moment(ticket.opened, ctx.zone)[:-3]
    who, severity = ctx.user.name, ticket.severity

    def letter() -> tuple[str, str]:
        subject = _(
            "Ticket N°%(n)s · %(step)s · %(site)s", n=number, step=step, site=place
        )  # fmt: skip
        body = _(
            "%(step)s, par %(who)s.\n\nTicket N°%(n)s : %(title)s\nSite : %(site)s\n"
            "N° de référence : %(reference)s\nGravité : %(severity)s\nOuvert le : %(opened)s\n\n"
            "%(text)s\n\nSuivre ce ticket : %(address)s\n",
            step=step,
            who=who,
            n=number,
            title=title,
            site=place,
            reference=link.reference if link else "–",
            severity=_(SEVERITIES[severity][0]),
            opened=opened,
            text=text or "–",
            address=ctx.post.address(ticket_page(number)),
        )
        return " ".join(subject.split()), body

    if both or not ctx.may(MANAGE):
        ctx.post.to_operator(letter, incidents=True)
    if both or ctx.may(MANAGE):
        ctx.post.to_customer(ticket, READ, letter, also=_concerned(ctx, ticket))


def _concerned(ctx: Context, ticket: Ticket) -> set[str]:
    """Return the addresses of those who opened a ticket or wrote on it."""
    query = sa.select(TicketAction.author).where(TicketAction.ticket_id == ticket.id).distinct()
    return {ticket.opened_by, *(row[0] for row in ctx.db.rows(query))}
