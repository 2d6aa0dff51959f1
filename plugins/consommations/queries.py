"""What consommations asks for: the links, and their last 24 hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.api import (
    Context,
    Link,
    LinkRole,
    Percentile,
    Series,
    Site,
    State,
    Volume,
    _,
    service_views,
)

DAY = timedelta(hours=24)
SLOT = 300


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a link carried over a period."""

    series: Series
    volume: Volume
    percentile: Percentile

    @property
    def measured(self) -> bool:
        return self.volume.covered > 0


def last_day(ctx: Context) -> tuple[datetime, datetime]:
    """Return the last 24 hours, up to the last whole five minutes."""
    seconds = int(ctx.now.timestamp()) // SLOT * SLOT
    end = datetime.fromtimestamp(seconds, ctx.now.tzinfo)
    return end - DAY, end


def traffic_of(ctx: Context, link: Link) -> Traffic:
    """Return the last 24 hours of a link."""
    start, end = last_day(ctx)
    return Traffic(
        ctx.metrics.series(link, start, end, points=288),
        ctx.metrics.volume(link, start, end),
        ctx.metrics.percentile(link, start, end),
    )


def link_by_reference(ctx: Context, reference: object) -> Link | None:
    """Return the visible link of that reference, the browser's word; None without any."""
    if not isinstance(reference, str):
        return None
    link: Link | None = ctx.db.first(select(Link).where(Link.reference == reference[:64]))
    return link


def down_since(ctx: Context, link: Link) -> datetime | None:
    """Return when a link went down, None unless it is known to be down now."""
    for service in service_views(ctx, link.service_id).services:
        for view in (service.main, service.backup):
            if view and view.id == link.id and view.status.state is State.DOWN:
                return view.since
    return None


def links_of_service(ctx: Context, link: Link) -> Sequence[Link]:
    """Return the links of the service of ``link``, the main one first."""
    query = select(Link).where(Link.service_id == link.service_id).order_by(Link.role.desc())
    found: Sequence[Link] = ctx.db.all(query)
    return found


def role_name(link: Link) -> str:
    return _("Principale") if link.role is LinkRole.MAIN else _("Secondaire")


@dataclass(frozen=True, slots=True)
class Load:
    """How full a link is: the 95th percentile of its fuller direction over what was sold."""

    link: Link
    site: str
    ratio: float
    p95: float
    way: str


def busiest(ctx: Context, count: int = 5, candidates: int = 8) -> Sequence[Load]:
    """Return the links most loaded over the last 24 hours, the fullest first.

    Percentiles cost a read each: they are asked of the ``candidates`` links alone whose mean rate
    over the day, read for all links at once, fills most of what was sold.
    """
    start, end = last_day(ctx)
    query: Any = (
        select(Link, Site.name).join(Site, Site.id == Link.site_id).where(Link.contract_in_bps > 0)
    )
    guesses = []
    rows: Sequence[Any] = ctx.db.rows(query)
    volumes = ctx.metrics.volumes([link for link, _site in rows], start, end)
    for link, site in rows:
        volume = volumes.get(link.id)
        if volume and volume.covered:
            octets = max(
                volume.in_octets / link.contract_in_bps,
                volume.out_octets / (link.contract_out_bps or link.contract_in_bps),
            )
            guesses.append((octets / volume.covered, link, site))
    guesses.sort(key=lambda guess: guess[0], reverse=True)
    loads = [_load(ctx, link, site, start, end) for _mean, link, site in guesses[:candidates]]
    return sorted(loads, key=lambda load: load.ratio, reverse=True)[:count]


def _load(ctx: Context, link: Link, site: str, start: datetime, end: datetime) -> Load:
    percentile = ctx.metrics.percentile(link, start, end)
    sold_in = link.contract_in_bps or 1
    ways = [
        ((percentile.in_bps or 0) / sold_in, percentile.in_bps or 0.0, "in"),
        (
            (percentile.out_bps or 0) / (link.contract_out_bps or sold_in),
            percentile.out_bps or 0.0,
            "out",
        ),
    ]
    ratio, p95, way = max(ways)
    return Load(link, site, ratio, p95, way)
