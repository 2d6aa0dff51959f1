"""The history of a service: its periods by pages, and its changes of the last 90 days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from core.api import (
    Change,
    Context,
    Day,
    Explanation,
    Link,
    LinkRole,
    Reason,
    State,
    StateChange,
    _,
    first_day,
    midnight,
    page_count,
    periods,
    service_views,
)

SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Period:
    """A state that a service, or a link of it, had; ``end`` is None for the one that lasts."""

    state: State
    reason: Reason
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """One page of the periods of a service or of one of its links, newest first, of ``total``."""

    periods: Sequence[Period]
    page: int
    total: int


def history_of(
    ctx: Context, service_id: int, link_id: int | None, page: int = 1, per_page: int = 20
) -> History:
    """Return a page of the periods of a service (``link_id`` None) or of that link of it.

    A page past the end is the last one.
    """
    of_it = _of(service_id, link_id)
    ((total,),) = ctx.db.rows(select(func.count(StateChange.id)).where(*of_it))
    page = min(max(1, page), page_count(total, per_page))
    skipped = (page - 1) * per_page
    # The change before the page, in time the one after it, ends its first period.
    query: Any = (
        select(StateChange.state, StateChange.reason, StateChange.at)
        .where(*of_it)
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .offset(max(0, skipped - 1))
        .limit(per_page + (1 if skipped else 0))
    )
    end: datetime | None = None
    found = []
    rows: Sequence[Any] = ctx.db.rows(query)
    for row in rows:
        found.append(Period(row.state, row.reason, row.at, end))
        end = row.at
    return History(found[1 if skipped else 0 :], page, total)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ribbon: a service, or one of its links, and its changes in their order.

    ``key`` is its word in the address; the first change may be older than the 90 days.
    """

    key: str
    name: str
    reference: str
    link_id: int | None
    changes: Sequence[Change]

    def among(self, links: Sequence[Link]) -> list[Link]:
        """Return those of these links that it tells of: all for a service."""
        return [link for link in links if self.link_id in (None, link.id)]


def lines_of(ctx: Context, links: Sequence[Link]) -> list[Line]:
    """Return the line of a service and those of its ``links``, over the last 90 days."""
    service_id = links[0].service_id
    start = midnight(first_day(ctx.now, ctx.zone), ctx.zone)
    changes = _changes(ctx, service_id, [None, *(link.id for link in links)], start)
    lines = [Line(SERVICE, _("Service"), "", None, changes[None])]
    for link in links:
        name = _("Principale") if link.role is LinkRole.MAIN else _("Secondaire")
        lines.append(Line(link.role.value, name, link.reference, link.id, changes[link.id]))
    return lines


def _changes(
    ctx: Context, service_id: int, keys: Sequence[int | None], start: datetime
) -> Mapping[int | None, list[Change]]:
    """Return the changes of a service (None) and of its links since ``start``, and the one before.

    What was read too long ago is not known since: the history has no line for that.
    """
    columns = (StateChange.link_id, StateChange.at, StateChange.state, StateChange.reason)
    since = StateChange.service_id == service_id, StateChange.at >= start
    query: Any = select(*columns).where(*since).order_by(StateChange.at, StateChange.id)
    rows: Sequence[Any] = ctx.db.rows(query)
    found: dict[int | None, list[Change]] = {
        key: _before(ctx, service_id, key, start) for key in keys
    }
    for link_id, at, state, reason in rows:
        if link_id in found:
            found[link_id].append(Change(at, state, reason))
    for service in service_views(ctx, service_id).services:
        seen: list[Any] = [(None, service.status, service.since)]
        seen += [
            (link.id, link.status, link.since) for link in (service.main, service.backup) if link
        ]
        for key, status, began in seen:
            if status.reason is Reason.STALE and began and key in found:
                found[key].append(Change(began, State.UNKNOWN, Reason.STALE))
    return found


def _before(ctx: Context, service_id: int, link_id: int | None, start: datetime) -> list[Change]:
    query: Any = (
        select(StateChange.at, StateChange.state, StateChange.reason)
        .where(*_of(service_id, link_id), StateChange.at < start)
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .limit(1)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    return [Change(row.at, row.state, row.reason) for row in rows]


def _of(service_id: int, link_id: int | None) -> tuple[Any, Any]:
    """Return the conditions of the changes of a service itself (None) or of a link of it."""
    link = StateChange.link_id.is_(None) if link_id is None else StateChange.link_id == link_id
    return StateChange.service_id == service_id, link


def periods_of(line: Line, day: Day) -> list[tuple[Change | None, datetime, datetime]]:
    """Return the states of a line on a day: (change, begin, end), None before any change."""
    return list(periods(line.changes, day.start, day.end))


def explanations_of(ctx: Context, links: Sequence[Link], day: Day) -> list[Explanation]:
    """Return what the rubrics this user may read know of these links on a day, by time: once what
    is told of several links, as works on their site are.
    """
    found = {
        one: None
        for link in links
        for _id, one in ctx.ask("explanations", link=link, start=day.start, end=day.end)
    }
    return sorted(found, key=lambda one: one.at)


@dataclass(frozen=True, slots=True)
class Passed:
    """A period as its file has it; one that lasts has no ``end``, and its ``length`` until now."""

    name: str
    reference: str
    state: State
    reason: Reason
    start: datetime
    end: datetime | None
    length: timedelta


def links_of(ctx: Context, service_id: int) -> Sequence[Link]:
    """Return the links of a service, the main one first."""
    query = select(Link).where(Link.service_id == service_id).order_by(Link.role.desc())
    found: Sequence[Link] = ctx.db.all(query)
    return found


def every_period(ctx: Context, links: Sequence[Link]) -> Iterator[Passed]:
    """Yield the periods of a service and of its links over 90 days, in the order of time."""
    start = midnight(first_day(ctx.now, ctx.zone), ctx.zone)
    for line in lines_of(ctx, links):
        for change, begun, ended in periods(line.changes, start, ctx.now):
            state = change.state if change else State.UNKNOWN
            reason = change.reason if change else Reason.NONE
            end = None if ended == ctx.now else ended
            yield Passed(line.name, line.reference, state, reason, begun, end, ended - begun)
