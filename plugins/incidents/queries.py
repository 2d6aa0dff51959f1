"""Tickets, through ``ctx.db``: what an address asks for, counted, a page of it, all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from core.api import Company, Context, Link, Site, fold, midnight, page_count
from plugins.incidents.address import EVERY, OVER, UNDER_WAY, Asked
from plugins.incidents.life import OVER as OVER_STATES
from plugins.incidents.life import UNDER_WAY as OPEN_STATES
from plugins.incidents.life import Status
from plugins.incidents.models import Ticket, TicketPause

PER_PAGE = 15
FEW = 500
"""So many tickets are found first and sorted then."""
BATCH = 500
"""Rows of an export read at once."""

COLUMNS: dict[str, Any] = {
    "numero": Ticket.number,
    "etat": Ticket.status,
    "gravite": Ticket.severity,
    "site": Site.name,
    "reference": Link.reference,
    "ouvert": Ticket.opened,
    "resolu": Ticket.resolved,
}
GROUPS = {UNDER_WAY: OPEN_STATES, OVER: OVER_STATES, EVERY: tuple(Status)}


def _like(text: str) -> str:
    """Return the pattern of what holds a text, whose own signs mean nothing."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def criteria(ctx: Context, asked: Asked) -> list[Any]:
    """Return what the tickets of a list satisfy."""
    found: list[Any] = []
    if asked.state != EVERY:
        wanted = GROUPS.get(asked.state) or (Status(asked.state),)
        if wanted == OPEN_STATES or Status(wanted[0]) in OPEN_STATES:
            found.append(Ticket.status.in_(wanted))
        else:  # most tickets are: they are read in order, not looked up by their state
            found.append(Ticket.status.not_in([one for one in Status if one not in wanted]))
    if asked.severity:
        found.append(Ticket.severity == asked.severity)
    # Words are looked for one after the other: the one that few tickets have comes first.
    words = sorted(fold(asked.text).split(), key=lambda w: (w.isalpha(), -len(w)))
    found += [Ticket.words.like(_like(w), escape="\\") for w in words]
    if asked.site:
        named = [
            sa.func.fold(Site.name).like(_like(w), escape="\\") for w in fold(asked.site).split()
        ]
        found.append(Ticket.site_id.in_(sa.select(Site.id).where(*named)))
    if asked.link:
        found.append(Ticket.link_id.in_(sa.select(Link.id).where(Link.reference == asked.link)))
    if asked.start:
        found.append(Ticket.opened >= midnight(asked.start, ctx.zone))
    if asked.end:
        found.append(Ticket.opened < midnight(asked.end + timedelta(days=1), ctx.zone))
    return found


def counts(ctx: Context, asked: Asked) -> dict[Status, int]:
    """Return how many tickets are in each state of what is asked, whatever the state asked."""
    where = criteria(ctx, replace(asked, state=EVERY))
    if where:  # one pass over the rows: groups would be looked up one ticket after the other
        each = [sa.func.sum(sa.case((Ticket.status == status, 1), else_=0)) for status in Status]
        found: Sequence[Any] = ctx.db.rows(sa.select(*each).where(*where))
        return dict(zip(Status, (count or 0 for count in found[0]), strict=True))
    query: Any = sa.select(Ticket.status, sa.func.count()).group_by(Ticket.status)
    rows: Sequence[Any] = ctx.db.rows(query)
    return dict.fromkeys(Status, 0) | {row[0]: row[1] for row in rows}


def counted(found: dict[Status, int], state: str) -> int:
    """Return how many of the counted tickets a state of the address shows."""
    wanted = GROUPS.get(state) or (Status(state),)
    return sum(found[status] for status in wanted)


def _ids(ctx: Context, asked: Asked, *, few: bool = False) -> Any:
    query: Any = sa.select(Ticket.id).where(*criteria(ctx, asked))
    if asked.sort == "site":
        query = query.outerjoin(Site, Site.id == Ticket.site_id)
    if asked.sort == "reference":
        query = query.outerjoin(Link, Link.id == Ticket.link_id)
    column = COLUMNS[asked.sort]
    if few:  # sorted once found: to follow the order of an index would look up every ticket
        column = sa.func.coalesce(column, column)
    way = column.desc() if asked.descending else column.asc()
    if asked.sort != "ouvert":
        way = way.nulls_last()
    return query.order_by(way, Ticket.id.desc() if asked.descending else Ticket.id)


class Listed(NamedTuple):
    """One page of tickets, with their places and pauses; ``counts`` is by state, whatever the one
    asked, and ``total`` how many there are on all pages.
    """

    counts: dict[Status, int]
    total: int
    page: int
    tickets: Sequence[Ticket]


def listed(ctx: Context, asked: Asked) -> Listed:
    """Return the page that is asked, the last one when it is past the end."""
    few = _few(ctx, asked) if asked.text else None
    found = counts(ctx, asked) if few is None else _counts_of(few)
    total = counted(found, asked.state)
    page = min(max(1, asked.page), page_count(total, PER_PAGE))
    if not total:
        return Listed(found, 0, page, [])
    query = _ids(ctx, asked, few=total <= FEW)
    if few is not None:  # they were found by their words already
        wanted = GROUPS.get(asked.state) or (Status(asked.state),)
        known = replace(asked, text="", site="", link="", severity=0, start=None, end=None,
                        state=EVERY)  # fmt: skip
        ids = [id_ for id_, status in few if status in wanted]
        query = _ids(ctx, known, few=True).where(Ticket.id.in_(ids))
    rows = ctx.db.rows(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return Listed(found, total, page, tickets_of(ctx, [row[0] for row in rows]))


def _few(ctx: Context, asked: Asked) -> Sequence[tuple[int, Status]] | None:
    """Return all that words find, of every state, when that is not much; None otherwise. Looking
    into the words of every ticket is what takes time: it is done once.
    """
    where = criteria(ctx, replace(asked, state=EVERY))
    query: Any = sa.select(Ticket.id, Ticket.status).where(*where).limit(FEW + 1)
    rows: Sequence[Any] = ctx.db.rows(query)
    return [(row[0], row[1]) for row in rows] if len(rows) <= FEW else None


def _counts_of(few: Sequence[tuple[int, Status]]) -> dict[Status, int]:
    found = dict.fromkeys(Status, 0)
    for _id, status in few:
        found[status] += 1
    return found


def tickets_of(ctx: Context, ids: Sequence[int]) -> Sequence[Ticket]:
    """Return the tickets of these ids, in their order."""
    found = {ticket.id: ticket for ticket in ctx.db.all(_whole().where(Ticket.id.in_(ids)))}
    return [found[id_] for id_ in ids if id_ in found]


def _whole() -> Any:
    """Return the query of tickets with all that a line of a list shows."""
    return (
        sa.select(Ticket)
        .join(Company, Company.id == Ticket.company_id)
        .outerjoin(Site, Site.id == Ticket.site_id)
        .outerjoin(Link, Link.id == Ticket.link_id)
        .outerjoin(TicketPause, TicketPause.ticket_id == Ticket.id)
        .options(
            contains_eager(Ticket.company), contains_eager(Ticket.site),
            contains_eager(Ticket.link), contains_eager(Ticket.pauses),
        )
    )  # fmt: skip


def every_ticket(ctx: Context, asked: Asked) -> Iterator[Ticket]:
    """Yield all that is asked, a few hundred read at a time."""
    ids = [row[0] for row in ctx.db.rows(_ids(ctx, asked))]
    for start in range(0, len(ids), BATCH):
        yield from tickets_of(ctx, ids[start : start + BATCH])


def worst_open(ctx: Context, most: int) -> Sequence[Ticket]:
    """Return the tickets under way, the gravest first, the oldest of them first."""
    query = (
        sa.select(Ticket.id)
        .where(Ticket.status.in_(OPEN_STATES))
        .order_by(Ticket.severity, Ticket.opened, Ticket.id)
        .limit(most)
    )
    return tickets_of(ctx, [row[0] for row in ctx.db.rows(query)])


def find(ctx: Context, number: object) -> Ticket | None:
    """Return the ticket of a number that the browser gave, None when it is not there."""
    if not isinstance(number, str) or not 0 < len(number) <= 64:
        return None
    found = ctx.db.all(_whole().where(Ticket.number == number))
    return found[0] if found else None


def link_of(ctx: Context, reference: object) -> Link | None:
    """Return the link of a reference that the browser gave, None when it is not there."""
    if not isinstance(reference, str) or not 0 < len(reference) <= 64:
        return None
    query = sa.select(Link).where(Link.reference == reference, Link.closed.is_(None))
    found: Link | None = ctx.db.first(query)
    return found


def open_on(ctx: Context, link_ids: Sequence[int]) -> Sequence[Ticket]:
    """Return the tickets under way on some links, the latest first."""
    query = sa.select(Ticket).where(Ticket.link_id.in_(link_ids), Ticket.status.in_(OPEN_STATES))
    return ctx.db.all(query.order_by(Ticket.opened.desc(), Ticket.id.desc()))


def lasting_in(
    ctx: Context, start: datetime, end: datetime, link_ids: Sequence[int] | None = None
) -> Sequence[Ticket]:
    """Return the tickets whose incident lasts at some moment of ``[start, end[``."""
    query = _whole().where(
        Ticket.opened < end, sa.or_(Ticket.resolved.is_(None), Ticket.resolved > start)
    )
    if link_ids is not None:
        query = query.where(Ticket.link_id.in_(link_ids))
    return ctx.db.all(query.order_by(Ticket.opened, Ticket.id))
