"""Planned works beside the states they touch: in lists, in the history, on a day of the ribbon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from core.api import (
    Badge,
    Context,
    Day,
    Explanation,
    Link,
    PlannedWork,
    State,
    _,
    during,
    formats,
    works_between,
)
from plugins.supervision.periods import Period

MOMENT = timedelta(seconds=1)


def badges(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    """Return the badge of the links on which the operator works now."""
    works = works_between(ctx.db, ctx.now, ctx.now + MOMENT) if links else []
    found = []
    for link in links:
        work = during(works, ctx.now, ctx.now + MOMENT, [link])
        if work is not None:
            found.append(Badge(link.id, _("travaux"), said(ctx, work), tone="accent"))
    return found


def explained(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    """Return the works on a link between two moments."""
    return [
        Explanation(_("Travaux planifiés"), said(ctx, work), max(work.starts, start))
        for work in works_between(ctx.db, start, end)
        if during([work], start, end, [link])
    ]


def marks(
    ctx: Context, periods: Sequence[Period], links: Sequence[Link]
) -> list[PlannedWork | None]:
    """Return for each period (newest first) the works it began under, None for a good state."""
    if not periods:
        return []
    works = works_between(ctx.db, periods[-1].start, periods[0].start + MOMENT)
    return [
        None if one.state is State.UP else during(works, one.start, one.start + MOMENT, links)
        for one in periods
    ]


def by_day(
    ctx: Context, days: Sequence[Day], lines: Mapping[str, Sequence[Link]]
) -> dict[str, dict[date, PlannedWork]]:
    """Return for each line, which is some links, the first works of each of these days that has
    any: asked once for all lines.
    """
    works = works_between(ctx.db, days[0].start, days[-1].end)
    found: dict[str, dict[date, PlannedWork]] = {key: {} for key in lines}
    for key, links in lines.items():
        for day in days if works else ():
            work = during(works, day.start, day.end, links)
            if work is not None:
                found[key][day.day] = work
    return found


def said(ctx: Context, work: PlannedWork) -> str:
    """Return « Fibre, du 01/12/2026 22:00:00 au 02/12/2026 02:00:00 »."""
    return _(
        "%(title)s, du %(start)s au %(end)s",
        title=work.title,
        start=formats.moment(work.starts, ctx.zone),
        end=formats.moment(work.ends, ctx.zone),
    )
