"""The sheet of commitments of a month or a year: every link of the scope, from its tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from core.api import (
    Change,
    Company,
    Context,
    Link,
    PlannedWork,
    Site,
    State,
    StateChange,
    civil_month,
    periods,
)
from plugins.incidents.clock import incident
from plugins.incidents.hours import Span, lasting
from plugins.incidents.models import Ticket, TicketPause
from plugins.incidents.profiles import Profile
from plugins.incidents.sla import Figures, Incident, Pause, figures
from plugins.incidents.terms import terms_of

BATCH = 1000
"""Links whose states are read at once: a statement of SQLite takes 32,766 parameters."""


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """What a period comes to on one link."""

    id: int
    reference: str
    designation: str
    site: str
    company: str
    profile: Profile
    figures: Figures

    @property
    def met(self) -> bool:
        """Whether both commitments are held: time to restore and availability."""
        held = self.figures.availability >= self.profile.target
        return held and not self.figures.late


def month_span(ctx: Context, year: int, month: int) -> Span:
    """Return a civil month of the customer's zone."""
    start, end = civil_month(year, month, ctx.civil)
    return Span(start, end)


def year_span(ctx: Context, year: int) -> Span:
    return Span(month_span(ctx, year, 1).start, month_span(ctx, year, 12).end)


def sheet_of(ctx: Context, period: Span) -> list[LinkFigures]:
    """Return the figures of every link, those that miss a commitment first, then those with
    incidents, then by site. A link counts though it was closed since.
    """
    query: Any = (
        sa.select(Link.id, Link.reference, Link.designation, Site.id, Site.name, Company.name)
        .join(Site, Site.id == Link.site_id)
        .join(Company, Company.id == Link.company_id)
        .where(sa.or_(Link.closed.is_(None), Link.closed > period.start))
    )
    links: Sequence[Any] = ctx.db.rows(query)
    incidents = _incidents(ctx, period)
    works = _works(ctx, period, incidents)
    terms = terms_of(ctx)
    until = min(period.end, max(ctx.now, period.start))
    known: dict[tuple[Profile, Span], timedelta] = {}

    def service(profile: Profile, span: Span) -> timedelta:
        """Return the service hours of a stretch, worked out once for all links of a profile."""
        if (profile, span) not in known:
            end = min(span.end, until)
            known[profile, span] = lasting(profile.hours.within(span.start, end, ctx.civil))
        return known[profile, span]

    found = []
    for id_, reference, designation, site_id, site, company in links:
        stretches = terms.stretches(id_, period)
        profile = stretches[-1][1]
        open_for = sum((service(one, span) for span, one in stretches), timedelta())
        under = partial(terms.on, id_) if terms.change(id_) else None
        on = [
            Span(work.starts, work.ends)
            for work in works.get(site_id, ())
            if work.concerns(site_id, [id_])
        ]
        told = figures(
            incidents.get(id_, ()), profile, ctx.civil, on, period, ctx.now, open_for, under
        )
        found.append(LinkFigures(id_, reference, designation, site, company, profile, told))
    return sorted(found, key=lambda x: (x.met, not x.figures.incidents, x.site, x.reference))


def _incidents(ctx: Context, period: Span) -> dict[int, list[Incident]]:
    """Return the incidents that last at some moment of a period, by link: read as plain columns,
    since a year of them may be tens of thousands.
    """
    lasts = (
        Ticket.opened < period.end,
        sa.or_(Ticket.resolved.is_(None), Ticket.resolved > period.start),
        Ticket.link_id.is_not(None),
    )
    pauses: dict[int, list[Pause]] = defaultdict(list)
    query: Any = (
        sa.select(TicketPause.ticket_id, TicketPause.start, TicketPause.end, TicketPause.reason)
        .join(Ticket, Ticket.id == TicketPause.ticket_id)
        .where(*lasts)
        .order_by(TicketPause.start)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    for id_, *pause in rows:
        pauses[id_].append(Pause(*pause))
    columns = (
        Ticket.id, Ticket.link_id, Ticket.number, Ticket.opened, Ticket.resolved, Ticket.impact,
        Ticket.cause,
    )  # fmt: skip
    query = sa.select(*columns).where(*lasts).order_by(Ticket.opened, Ticket.id)
    found = defaultdict(list)
    lines: Sequence[Any] = ctx.db.rows(query)
    for id_, link_id, number, opened, resolved, impact, cause in lines:
        told = incident(number, opened, resolved, pauses.get(id_, ()), impact, cause)
        found[link_id].append(told)
    return found


def _works(
    ctx: Context, period: Span, incidents: dict[int, list[Incident]]
) -> dict[int | None, list[PlannedWork]]:
    """Return the works that may matter, by site: those since the first of the incidents."""
    if not incidents:
        return {}
    first = min(incident.start for some in incidents.values() for incident in some)
    query = sa.select(PlannedWork).where(
        PlannedWork.starts < period.end, PlannedWork.ends > first, PlannedWork.cancelled.is_(None)
    )
    found: dict[int | None, list[PlannedWork]] = defaultdict(list)
    for work in ctx.db.all(query):
        found[work.site_id].append(work)
    return found


def measured(ctx: Context, link_ids: Sequence[int], period: Span) -> dict[int, float | None]:
    """Return the share of the known time that some links were not down, as it was measured: a
    technical figure, which commitments do not use. None where nothing is known.
    """
    found: dict[int, float | None] = {}
    for start in range(0, len(link_ids), BATCH):
        found |= _measured(ctx, link_ids[start : start + BATCH], period)
    return found


def _measured(ctx: Context, link_ids: Sequence[int], period: Span) -> dict[int, float | None]:
    until = min(period.end, ctx.now)
    latest = (
        sa.select(sa.func.max(StateChange.at))
        .where(StateChange.link_id.in_(link_ids), StateChange.at <= period.start)
        .group_by(StateChange.link_id)
    )
    query: Any = (
        sa.select(StateChange.link_id, StateChange.at, StateChange.state)
        .where(
            StateChange.link_id.in_(link_ids),
            sa.or_(
                sa.and_(StateChange.at > period.start, StateChange.at < until),
                sa.and_(StateChange.at <= period.start, StateChange.at.in_(latest)),
            ),
        )
        .order_by(StateChange.at, StateChange.id)
    )
    changes: dict[int, list[Change]] = defaultdict(list)
    rows: Sequence[Any] = ctx.db.rows(query)
    for id_, at, state in rows:
        changes[id_].append(Change(at, state))
    return {id_: _share(changes[id_], period.start, until) for id_ in link_ids}


def _share(changes: Sequence[Change], start: Any, end: Any) -> float | None:
    known = down = timedelta()
    for change, begun, ended in periods(changes, start, end):
        if change is None or change.state is State.UNKNOWN:
            continue
        known += ended - begun
        down += ended - begun if change.state is State.DOWN else timedelta()
    return 1 - down / known if known else None
