"""Tickets of the two tenants that must not meet: a canary in every text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.api import Link, PlannedWork
from core.testing.world import NOW
from plugins.incidents.life import Cause, Impact, Side, Status, Stop, Users
from plugins.incidents.models import (
    Kind,
    LinkContract,
    Ticket,
    TicketAction,
    TicketFile,
    TicketPause,
    ticket_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from core.host import Host
    from core.testing.world import Tenant

DAYS = timedelta(days=700)
LONG_AGO = NOW - timedelta(days=702)
STATUSES = (Status.TAKEN, Status.RESOLVED, Status.OPEN)


def fill(host: Host, session: Session, tenants: Sequence[Tenant]) -> None:
    """Give each link of the tenants a ticket, whose number is the reference of the link, with all
    that belongs to it, and a contract.
    """
    for tenant in tenants:
        query = sa.select(Link).where(Link.company_id.in_(tenant.company_ids)).order_by(Link.id)
        for n, link in enumerate(session.scalars(query).all()):
            _ticket(host, session, tenant.canary, link, STATUSES[n % len(STATUSES)])
    session.flush()


def _ticket(host: Host, session: Session, canary: str, link: Link, status: Status) -> None:
    of = {"company_id": link.company_id, "site_id": link.site_id}
    opened = NOW - timedelta(hours=3)
    resolved = NOW - timedelta(hours=1) if status is Status.RESOLVED else None
    ticket = Ticket(
        **of, number=link.reference, link_id=link.id, title=f"{canary} coupure",
        description=f"{canary} plus rien", solution=f"{canary} réparé" if resolved else "",
        customer_reference=f"{canary} réf", status=status, impact=Impact.CUT,
        users=Users.EVERYONE, severity=1, cause=Cause.OPERATOR, since=opened, opened=opened,
        opened_by=f"{canary}@client", opened_name=f"{canary} client", resolved=resolved,
        taken=opened + timedelta(minutes=9), assignee=f"{canary} agent", contact=canary,
        words=ticket_words(link.reference, canary),
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    of["ticket_id"] = ticket.id
    said = {"at": opened, "author": f"{canary}@client", "name": f"{canary} nom"}
    body = f"{canary} relevé".encode()
    session.add_all(
        [
            TicketAction(**of, **said, kind=Kind.MOVE, side=Side.CUSTOMER, text=f"{canary} dit",
                         status=Status.OPEN),
            TicketAction(**of, **said, kind=Kind.NOTE, side=Side.OPERATOR, status=None,
                         text=f"{canary} SECRET"),
            PlannedWork(company_id=link.company_id, site_id=link.site_id, link_id=link.id,
                        title=f"{canary} travaux", starts=LONG_AGO, ends=opened - DAYS),
            TicketPause(**of, start=opened + timedelta(minutes=20),
                        end=opened + timedelta(minutes=50), reason=Stop.CUSTOMER),
            TicketFile(**of, at=opened, name=f"{canary} relevé.txt", author=canary, kind="texte",
                       size=len(body), digest=host.files.keep(body)),
            LinkContract(company_id=link.company_id, site_id=link.site_id, link_id=link.id,
                         profile="gtr4-24x7"),
        ]
    )  # fmt: skip
