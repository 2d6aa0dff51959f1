"""The sites a user sees, each with its place and the state of its worst service."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from core.network.inventory import Site
from core.network.live import ServiceView, natural, service_views
from core.network.status import Status

if TYPE_CHECKING:
    from core.rubric import Context


class Unplaced(StrEnum):
    """Why a site has no place on a map; the words are in ``core/web/words.py``."""

    ABSENT = "absent"
    """No coordinates."""
    HALF = "half"
    """A latitude without its longitude, or the other way round."""
    IMPOSSIBLE = "impossible"
    """Coordinates that are nowhere on Earth, or both zero: a field left at its default."""


class SiteView(NamedTuple):
    """A site as maps show it: ``services`` has its worst first, ``status`` is that one's.

    Coordinates are degrees (WGS 84), both None with the reason in ``unplaced``.
    """

    id: int
    name: str
    company: str
    commune: str | None
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    unplaced: Unplaced | None
    services: Sequence[ServiceView]

    @property
    def status(self) -> Status:
        return self.services[0].status

    @property
    def since(self) -> datetime | None:
        return self.services[0].since


@dataclass(frozen=True, slots=True)
class LiveSites:
    """The sites with a service in a user's scope, by name; ``read_at`` is the newest reading."""

    sites: Sequence[SiteView]
    read_at: datetime | None

    def key(self) -> str:
        """Return what changes when a site comes, goes, moves or gets another name."""
        names = 0
        for site in self.sites:
            known = repr((*site[:8], [(s.id, s.reference) for s in _in_order(site.services)]))
            names = zlib.crc32(known.encode(), names)
        return f"{names:x}"


def site_views(ctx: Context) -> LiveSites:
    """Return the sites in the user's scope that have a service, as they may be shown now."""
    seen = service_views(ctx)
    query: Any = sa.select(Site.id, Site.latitude, Site.longitude)
    places: Any = ctx.db.rows(query)
    where = {id_: (latitude, longitude) for id_, latitude, longitude in places}
    found: dict[int, list[ServiceView]] = {}
    for service in seen.services:  # the worst first
        found.setdefault(service.site_id, []).append(service)
    sites = [_view(services, *where.get(id_, (None, None))) for id_, services in found.items()]
    sites.sort(key=lambda site: (natural(site.name), site.id))
    return LiveSites(sites, seen.read_at)


def check_place(latitude: float | None, longitude: float | None) -> Unplaced | None:
    """Return why a pair of coordinates is no place, None when it is one."""
    if latitude is None and longitude is None:
        return Unplaced.ABSENT
    if latitude is None or longitude is None:
        return Unplaced.HALF
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return Unplaced.IMPOSSIBLE
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        return Unplaced.IMPOSSIBLE
    return None


def _view(
    services: Sequence[ServiceView], latitude: float | None, longitude: float | None
) -> SiteView:
    first, why = services[0], check_place(latitude, longitude)
    if why:
        latitude = longitude = None
    return SiteView(
        first.site_id, first.site, first.company, first.commune, first.postal_code,
        latitude, longitude, why, services,
    )  # fmt: skip


def _in_order(services: Sequence[ServiceView]) -> list[ServiceView]:
    """Return the services of a site in an order that their states do not change."""
    return sorted(services, key=lambda service: service.id)
