"""What is shaded behind a curve: gaps, planned works, outages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from core.api import (
    Axis,
    Band,
    Change,
    Context,
    Link,
    State,
    StateChange,
    _,
    formats,
    gap_bands,
    periods,
    works_between,
)
from plugins.consommations.measures import Measures

MOST = 60
"""Outages and works that a chart shades; the longest ones."""
FEW = 4
"""Links of which outages are shaded: of a sum of many, some are always down."""


def bands(ctx: Context, links: Sequence[Link], shown: Measures) -> list[Band]:
    """Return what is shaded behind the curve of links, the gaps first."""
    axis = shown.axis(ctx)
    found = gap_bands(axis, shown.absent)
    found += gap_bands(axis, shown.partial, "part")
    events = list(works(ctx, links, axis))
    if len(links) <= FEW:
        events += [band for link in links for band in outages(ctx, link, axis)]
    events.sort(key=lambda band: band.start - band.end)
    return [*found, *events[:MOST]]


def works(ctx: Context, links: Sequence[Link], axis: Axis) -> Iterator[Band]:
    """Yield the planned works on some of these links."""
    ids, sites = {link.id for link in links}, {link.site_id for link in links}
    for work in works_between(ctx.db, axis.start, axis.end):
        if any(work.concerns(site, ids) for site in sites):
            yield Band(work.starts, work.ends, "work", work.title)


def outages(ctx: Context, link: Link, axis: Axis) -> Iterator[Band]:
    """Yield the times at which a link was down."""
    of_it = (StateChange.service_id == link.service_id, StateChange.link_id == link.id)
    columns = (StateChange.at, StateChange.state, StateChange.reason)
    past: Any = (
        select(*columns)
        .where(*of_it, StateChange.at <= axis.start)
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .limit(1)
    )
    since: Any = (
        select(*columns)
        .where(*of_it, StateChange.at > axis.start, StateChange.at < axis.end)
        .order_by(StateChange.at, StateChange.id)
    )
    rows: Sequence[Any] = [*ctx.db.rows(past), *ctx.db.rows(since)]
    changes = [Change(row.at, row.state, row.reason) for row in rows]
    for change, begun, ended in periods(changes, axis.start, axis.end):
        if change is not None and change.state is State.DOWN:
            yield Band(begun, ended, "down", link.reference)


def told(ctx: Context, found: Sequence[Band]) -> list[str]:
    """Return works and outages in words, the newest first: a shade alone says too little."""
    names = {"work": _("Travaux planifiés"), "down": _("Interrompu")}
    events = sorted(
        (band for band in found if band.look in names), key=lambda b: b.start, reverse=True
    )
    return [
        _(
            "%(what)s : %(text)s, du %(start)s au %(end)s (%(length)s)",
            what=names[band.look],
            text=band.text,
            start=formats.moment(band.start, ctx.zone)[:16],
            end=formats.moment(band.end, ctx.zone)[:16],
            length=formats.age(band.end - band.start),
        )
        for band in events[:MOST]
    ]
