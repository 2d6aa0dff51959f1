"""Tickets of the demonstration: they belong to the outages that its links had, and have now.

Drawn from the references, always the same for a day. People are fictitious, as all of the demo.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from core.api import Demo, Link, State, StateChange
from plugins.incidents.demo_words import AGENTS, CONTACTS, SOLUTIONS, SYMPTOMS, WAITS
from plugins.incidents.life import Cause, Impact, Side, Status, Stop, Users, severity_of
from plugins.incidents.models import (
    Kind,
    LinkContract,
    Ticket,
    TicketAction,
    TicketPause,
    ticket_words,
)

FIRST = 269_001
LONG = timedelta(minutes=25)
"""Outages this long get a ticket, one in so many of the past ones."""
ONE_IN = 2
SUPPORT = "support@operateur.example"


def rows(demo: Demo) -> Iterator[Any]:
    """Yield the contract of each link, and tickets numbered in the order they were opened."""
    for link in demo.links:
        yield LinkContract(**_owner(link), link_id=link.id, profile=_profile(link))
    links = {link.id: link for link in demo.links}
    made = [
        (links[id_], start, end)
        for id_, start, end in _outages(demo)
        if id_ in links and _has_ticket(links[id_], start, end, demo.now)
    ]
    made.sort(key=lambda one: one[1])
    for n, (link, start, end) in enumerate(made):
        yield _ticket(link, start, end, demo.now, str(FIRST + n))


def _below(link: Link, what: object, most: int) -> int:
    return zlib.crc32(f"{link.reference}/{what}".encode()) % most


def _owner(link: Link) -> dict[str, Any]:
    return {"company_id": link.company_id, "site_id": link.site_id}


def _profile(link: Link) -> str:
    if "FTTO" in link.designation:
        return "gtr4-24x7"
    return "gtr4-ho" if "SDSL" in link.designation else "gtr8-ho"


def _outages(demo: Demo) -> Iterator[tuple[int, datetime, datetime | None]]:
    """Yield (link, start, end) of the outages of links; end is None for those that last."""
    by_link: dict[int, list[StateChange]] = defaultdict(list)
    for change in demo.changes:
        if change.link_id is not None:
            by_link[change.link_id].append(change)
    for id_, changes in by_link.items():
        for change, after in zip(changes, [*changes[1:], None], strict=True):
            if change.state is State.DOWN:
                yield id_, change.at, after.at if after else None


def _has_ticket(link: Link, start: datetime, end: datetime | None, now: datetime) -> bool:
    if end is None:
        return now - start > timedelta(minutes=8)
    return end - start >= LONG and _below(link, start.isoformat(), ONE_IN) == 0


def _ticket(
    link: Link, start: datetime, end: datetime | None, now: datetime, number: str
) -> Ticket:
    """Return the ticket of an outage, with all that was done about it."""
    draw = _below(link, start.isoformat(), 1000)
    opened = min(start + timedelta(minutes=3 + draw % 15), (end or now) - timedelta(minutes=2))
    backup = any(x.id != link.id and x.state is State.UP for x in link.service.links)
    symptom, description = SYMPTOMS[draw % len(SYMPTOMS)]
    who, phone = CONTACTS[draw % len(CONTACTS)]
    ticket = Ticket(
        **_owner(link), number=number, link_id=link.id, title=f"{symptom} · {link.site.name}",
        description=description, solution="", status=Status.OPEN, impact=Impact.CUT,
        users=Users.EVERYONE, cause=Cause.OPERATOR, since=start, opened=opened,
        severity=int(severity_of(Impact.CUT, Users.EVERYONE, carried=backup)),
        opened_by="le client", opened_name=who, contact=who, phone=phone,
        access="8 h – 18 h, badge à l’accueil" if draw % 2 else None,
        customer_reference=f"INC-{1000 + draw}" if draw % 4 == 0 else None,
    )  # fmt: skip
    ticket.words = ticket_words(
        number, ticket.title, ticket.customer_reference, link.reference, link.site.name,
        link.company.name,
    )  # fmt: skip
    ticket.actions, ticket.pauses = [], []
    _live(ticket, link, end, now, draw)
    return ticket


def _live(ticket: Ticket, link: Link, end: datetime | None, now: datetime, draw: int) -> None:
    """Give a ticket its life up to now."""
    of, agent = _owner(link), AGENTS[draw % len(AGENTS)]

    def act(at: datetime, text: str, status: Status | None = None, *, ours: bool = True) -> None:
        name = agent if ours else ticket.opened_name
        ticket.actions.append(
            TicketAction(
                **of, at=at, kind=Kind.MOVE if status else Kind.COMMENT, status=status, text=text,
                side=Side.OPERATOR if ours else Side.CUSTOMER, name=name,
                author=SUPPORT if ours else "le client",
            )
        )  # fmt: skip
        ticket.status = status or ticket.status

    act(ticket.opened, ticket.description, Status.OPEN, ours=False)
    until = end or now
    taken = ticket.opened + timedelta(minutes=2 + draw % 9)
    if taken >= until:
        if end is not None:
            _over(ticket, act, end, now, draw)
        return
    ticket.taken, ticket.assignee = taken, agent
    act(taken, "Ticket pris en charge. Diagnostic de la liaison en cours.", Status.TAKEN)
    ask, answer = WAITS[draw % len(WAITS)]
    begun = taken + timedelta(minutes=6)
    ended = begun + timedelta(minutes=8 + draw % 40)
    if draw % 3 == 0 and begun < until:
        act(begun, ask, Status.WAITING)
        waits = end is None and (ended >= until or draw % 2 == 0)
        if waits:
            ended = until
        if ended < until:
            act(ended, answer, Status.TAKEN, ours=False)
        elif end is not None:
            ended = end
        ticket.pauses.append(
            TicketPause(**of, start=begun, end=None if waits else ended, reason=Stop.CUSTOMER)
        )
    elif taken + timedelta(minutes=14) < until:
        act(taken + timedelta(minutes=14), "Un technicien est mandaté, il part vers le site.")
    if end is not None:
        _over(ticket, act, end, now, draw)


def _over(ticket: Ticket, act: Any, end: datetime, now: datetime, draw: int) -> None:
    """Resolve a ticket, and close it after two days."""
    cause, solution = SOLUTIONS[draw % len(SOLUTIONS)]
    ticket.cause, ticket.solution, ticket.resolved = cause, solution, max(end, ticket.opened)
    act(ticket.resolved, solution, Status.RESOLVED)
    if now - end > timedelta(days=2):
        ticket.closed = end + timedelta(days=2)
        act(ticket.closed, "Sans retour de votre part, le ticket est clos.", Status.CLOSED)
