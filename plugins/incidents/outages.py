"""Outages of the state history, and what accounts for them: a ticket, planned works, or nothing.

An outage is the time over which a link was down, whatever the reason told meanwhile. It is a
measure and no commitment: those come from tickets alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Self

import sqlalchemy as sa

from core.api import (
    Company,
    Context,
    Link,
    PlannedWork,
    Site,
    State,
    StateChange,
    fold,
    midnight,
    works_between,
)
from plugins.incidents.address import OUTAGES, address, day_of, ticket_page
from plugins.incidents.backend import tickets
from plugins.incidents.links import began
from plugins.incidents.models import Ticket

LENGTHS = (5, 15, 60, 240)
"""Minutes that an outage lasts at least, to choose among."""
USUAL = 15
DAYS = 30
LONGEST = timedelta(days=366)
BATCH = 500
"""Services whose tickets are read at once."""
UNEXPLAINED, EXPLAINED, EVERY = "inexpliquees", "expliquees", "toutes"
VIEWS = (UNEXPLAINED, EXPLAINED, EVERY)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked: outages that begin from ``start`` to ``end``, civil days, and last
    ``minutes`` at least; ``view`` is one of ``VIEWS``.
    """

    start: date
    end: date
    minutes: int = USUAL
    view: str = UNEXPLAINED
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, ctx: Context, query: Mapping[str, str]) -> Self:
        """Read an address; the last ``DAYS`` days unless it names others, a year at most."""
        today = ctx.now.astimezone(ctx.zone).date()
        end = min(day_of(query.get("au", "")) or today, today)
        start = day_of(query.get("du", "")) or end - timedelta(days=DAYS - 1)
        least, page = query.get("duree", ""), query.get("page", "")
        view = query.get("vue", "")
        return cls(
            max(min(start, end), end - LONGEST),
            end,
            int(least) if least in {str(n) for n in LENGTHS} else USUAL,
            view if view in VIEWS else UNEXPLAINED,
            query.get("q", "").strip()[:80],
            int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
        )

    def with_(self, path: str = OUTAGES, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        other = replace(self, **changes)
        return address(
            path,
            {
                "du": other.start.isoformat(),
                "au": other.end.isoformat(),
                "duree": str(other.minutes) if other.minutes != USUAL else "",
                "vue": other.view if other.view != UNEXPLAINED else "",
                "q": other.text,
                "page": str(other.page) if other.page > 1 else "",
            },
        )


@dataclass(frozen=True, slots=True)
class Outage:
    """The time over which a link was down; ``end`` is None while it is, ``why`` what accounts for
    it, in words, and ``href`` its page, None for nothing.
    """

    start: datetime
    end: datetime | None
    link_id: int
    service_id: int
    site_id: int
    reference: str
    designation: str
    site: str
    company: str
    why: str | None = None
    href: str | None = None

    def lasted(self, now: datetime) -> timedelta:
        return (self.end or now) - self.start


def outages(ctx: Context, asked: Asked) -> list[Outage]:
    """Return the outages that are asked, whatever the view, the latest first."""
    start = midnight(asked.start, ctx.zone)
    end = min(midnight(asked.end + timedelta(days=1), ctx.zone), ctx.now)
    least = timedelta(minutes=asked.minutes)
    words = fold(asked.text).split()
    found = []
    for one in _every(ctx, start):
        if one.start >= end or one.lasted(ctx.now) < least:
            continue
        said = fold(f"{one.reference} {one.designation} {one.site} {one.company}")
        if all(word in said for word in words):
            found.append(one)
    found.sort(key=lambda one: (one.start, one.reference), reverse=True)
    return _explained(ctx, found, start)


def _every(ctx: Context, start: datetime, *only: Any) -> Iterator[Outage]:
    """Yield the outages that began since a moment, link by link, of all links or of those ``only``.
    One that goes on over a change of reason is one.
    """
    went_down = sa.select(StateChange.link_id).where(
        StateChange.link_id.is_not(None),
        StateChange.at >= start,
        StateChange.state == State.DOWN,
        *only,
    )
    query: Any = (
        sa.select(
            StateChange.link_id, StateChange.at, StateChange.state, Link.service_id, Site.id,
            Link.reference, Link.designation, Site.name, Company.name,
        )
        .join(Link, Link.id == StateChange.link_id)
        .join(Site, Site.id == Link.site_id)
        .join(Company, Company.id == Link.company_id)
        .where(StateChange.at >= start, StateChange.link_id.in_(went_down))
        .order_by(StateChange.link_id, StateChange.at, StateChange.id)
    )  # fmt: skip
    rows: Sequence[Any] = ctx.db.rows(query)
    for link_id, some in groupby(rows, key=lambda row: int(row[0])):
        since: datetime | None = None
        facts: Any = ()
        for row in some:
            facts = row[3:]
            if row[2] is State.DOWN:
                since = since or row[1]
            elif since is not None:
                yield Outage(since, row[1], link_id, *facts)
                since = None
        if since is not None:
            yield Outage(since, None, link_id, *facts)


def _explained(ctx: Context, found: Sequence[Outage], start: datetime) -> list[Outage]:
    """Return outages with what accounts for them: a ticket on their service, else works there."""
    if not found:
        return []
    on_service = _tickets(ctx, sorted({one.service_id for one in found}), start)
    works: dict[int | None, list[PlannedWork]] = defaultdict(list)
    for work in works_between(ctx.db, start, ctx.now):
        works[work.site_id].append(work)
    told = []
    for one in found:
        end = one.end or ctx.now
        ticket = next(
            (t for t in on_service.get(one.service_id, ())
             if began(t) < end and (t.resolved or ctx.now) > one.start), None,
        )  # fmt: skip
        if ticket is not None:
            told.append(replace(one, why=ticket.number, href=ticket_page(ticket.number)))
            continue
        titles = (
            w.title for w in works[one.site_id]
            if w.starts < end and w.ends > one.start and w.concerns(one.site_id, [one.link_id])
        )  # fmt: skip
        told.append(replace(one, why=next(titles, None)))
    return told


def _tickets(
    ctx: Context, services: Sequence[int], start: datetime
) -> Mapping[int, Sequence[Ticket]]:
    """Return the tickets of some services that last since a moment, by service."""
    found: dict[int, list[Ticket]] = defaultdict(list)
    for place in range(0, len(services), BATCH):
        query: Any = sa.select(Link.id, Link.service_id).where(
            Link.service_id.in_(services[place : place + BATCH])
        )
        rows: Sequence[Any] = ctx.db.rows(query)
        service_of = {row[0]: row[1] for row in rows}
        for ticket in tickets(ctx).lasting(ctx, start, ctx.now, list(service_of)):
            found[service_of[ticket.link_id or 0]].append(ticket)
    return found


def outage_at(ctx: Context, link: Link, text: str) -> tuple[datetime, datetime | None] | None:
    """Return the outage of a link that began at the second that an address names, else None."""
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return None
    second = datetime.fromtimestamp(int(text), UTC)
    first = next(_every(ctx, second, StateChange.link_id == link.id), None)
    if first is None or first.start - second >= timedelta(seconds=1):
        return None
    return first.start, first.end
