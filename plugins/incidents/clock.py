"""The clock of tickets: what commitments say of them now, worked out for a list at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.api import Context, PlannedWork
from plugins.incidents.hours import Span, lasting
from plugins.incidents.life import Cause, Impact, Status
from plugins.incidents.models import Ticket
from plugins.incidents.profiles import Profile
from plugins.incidents.sla import Counted, Incident, Part, Pause, ahead, due, parts
from plugins.incidents.terms import terms_of


@dataclass(frozen=True, slots=True)
class Clock:
    """What the commitment of a ticket is, how much of it is spent, until when.

    ``due`` is None while the clock stands still, for a ticket that is resolved or does not count;
    ``stops`` is when the clock that runs now stands next: its service hours end, works begin. None
    while it does not run.
    """

    profile: Profile
    parts: Sequence[Part]
    due: datetime | None
    stops: datetime | None = None

    @property
    def left(self) -> timedelta:
        """What is left of the time to restore; below zero once it is passed."""
        return self.profile.restore - self.spent

    @property
    def spent(self) -> timedelta:
        return self._of(Counted.RUNNING)

    @property
    def stopped(self) -> timedelta:
        return self._of(Counted.STOPPED)

    @property
    def late(self) -> bool:
        return self.spent > self.profile.restore

    def _of(self, what: Counted) -> timedelta:
        return lasting(Span(part.start, part.end) for part in self.parts if part.what is what)


def incident(
    number: str | None, opened: datetime, resolved: datetime | None, pauses: Iterable[Pause],
    impact: Impact, cause: Cause,
) -> Incident:  # fmt: skip
    """Return what a ticket tells as commitments see it."""
    return Incident(
        number or "",
        opened,
        resolved,
        tuple(pauses),
        cuts=impact is Impact.CUT,
        excluded=cause is not Cause.OPERATOR or impact is Impact.QUESTION,
    )


def incident_of(ticket: Ticket) -> Incident:
    """Return a ticket as commitments see it."""
    pauses = (Pause(pause.start, pause.end, pause.reason) for pause in ticket.pauses)
    return incident(
        ticket.number, ticket.opened, ticket.resolved, pauses, ticket.impact, ticket.cause
    )


def works_of(ctx: Context, tickets: Sequence[Ticket]) -> Mapping[int, list[Span]]:
    """Return the planned works that touch each ticket's link or site, by the ticket's id."""
    if not tickets:
        return {}
    query = sa.select(PlannedWork).where(
        PlannedWork.site_id.in_({ticket.site_id for ticket in tickets}),
        PlannedWork.ends > min(ticket.opened for ticket in tickets),
        PlannedWork.cancelled.is_(None),
    )
    works: Sequence[PlannedWork] = ctx.db.all(query)
    return {
        ticket.id: [
            Span(work.starts, work.ends)
            for work in works
            if work.concerns(ticket.site_id, [ticket.link_id] if ticket.link_id else [])
        ]
        for ticket in tickets
    }


def clocks(ctx: Context, tickets: Sequence[Ticket]) -> dict[int, Clock]:
    """Return the clock of each ticket, by its id."""
    terms = terms_of(ctx, [ticket.link_id for ticket in tickets if ticket.link_id])
    works = works_of(ctx, tickets)
    found = {}
    for ticket in tickets:
        profile = terms.on(ticket.link_id, ticket.opened)
        told, on = incident_of(ticket), works[ticket.id]
        until = stops = None
        if ticket.status in (Status.OPEN, Status.TAKEN):
            until = due(told, profile, ctx.civil, on, ctx.now)
            runs = ahead(told, profile, ctx.civil, on, ctx.now)
            stops = next((span.end for span in runs if span.start <= ctx.now < span.end), None)
        so_far = parts(told, profile, ctx.civil, on, ctx.now)
        found[ticket.id] = Clock(profile, so_far, until, stops)
    return found
