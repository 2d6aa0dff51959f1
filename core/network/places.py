"""The sites a user sees, each with its place and the state of its worst service."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from core.network.live import service_views
from core.network.status import Reason, Status
from core.network.views import RANK, ServiceView, by_worst, natural

if TYPE_CHECKING:
    from core.rubric import Context

CODES = 64
"""Status codes of one state: more than there are reasons."""
_REASONS = list(Reason)
_MODULUS = 2_147_483_647


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

    Coordinates are degrees (WGS 84), both None with the reason in ``unplaced``. ``live`` is what
    changes of it, in numbers: (``status_code``, since in epoch seconds or 0, the place of its worst
    service among its services by id).
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
    live: tuple[int, int, int]

    @property
    def status(self) -> Status:
        return self.services[0].status

    @property
    def since(self) -> datetime | None:
        return self.services[0].since

    def is_same(self, other: SiteView) -> bool:
        """Tell whether all is the same but the states."""
        mine, its = in_order(self.services), in_order(other.services)
        return self[:8] == other[:8] and [(s.id, s.reference) for s in mine] == [
            (s.id, s.reference) for s in its
        ]


@dataclass(frozen=True, slots=True)
class LiveSites:
    """The sites with a service in a user's scope, by name; ``read_at`` is the newest reading.

    ``key`` changes when a site comes, goes, moves or gets another name.
    """

    sites: Sequence[SiteView]
    read_at: datetime | None = None
    key: str = "0"
    places: Mapping[int, int] = field(default_factory=dict, repr=False)
    """Where a site stands in ``sites``, by its id."""
    sums: list[int] = field(default_factory=list, repr=False)
    """The sum of ``live``, once it was asked for."""

    def sum(self) -> int:
        """Return a number that tells the ``live`` of all from others; see ``61-map.js``."""
        if not self.sums:
            total = 0
            for code, since, worst in (site.live for site in self.sites):
                total = (total * 31 + code * 7 + since + worst * 3) % _MODULUS
            self.sums.append(total)
        return self.sums[0]

    def with_(self, gone: Sequence[ServiceView], found: Sequence[ServiceView]) -> LiveSites:
        """Return the sites once some services have become those found, or are no more."""
        ids = {service.id for service in gone} | {service.id for service in found}
        touched: dict[int, list[ServiceView]] = {service.site_id: [] for service in gone}
        for service in found:
            touched.setdefault(service.site_id, []).append(service)
        made = dict[int, SiteView]()
        for id_, new in touched.items():
            at = self.places.get(id_)
            stay = () if at is None else self.sites[at].services
            services = [*(s for s in stay if s.id not in ids), *new]
            if services:
                made[id_] = _view(sorted(services, key=by_worst))
        if len(made) == len(touched) and all(self._knows(site) for site in made.values()):
            sites = list(self.sites)
            for site_id, site in made.items():
                sites[self.places[site_id]] = site
            return replace(self, sites=sites, sums=[])
        stay_ = [site for site in self.sites if site.id not in touched]
        return LiveSites.of([*stay_, *made.values()])

    def _knows(self, site: SiteView) -> bool:
        at = self.places.get(site.id)
        return at is not None and self.sites[at].is_same(site)

    @classmethod
    def of(cls, sites: Iterable[SiteView]) -> LiveSites:
        """Return sites in their order, with their key."""
        made = sorted(sites, key=lambda site: (natural(site.name), site.id))
        names = 0
        for site in made:
            known = repr((*site[:8], [(s.id, s.reference) for s in in_order(site.services)]))
            names = zlib.crc32(known.encode(), names)
        return cls(made, key=f"{names:x}", places={site.id: at for at, site in enumerate(made)})


def site_views(ctx: Context) -> LiveSites:
    """Return the sites in the user's scope that have a service, as they may be shown now."""
    seen = service_views(ctx)
    return replace(seen.derive("sites", LiveSites([])), read_at=seen.read_at)


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


def in_order(services: Sequence[ServiceView]) -> Sequence[ServiceView]:
    """Return the services of a site in an order that their states do not change."""
    return services if len(services) == 1 else sorted(services, key=lambda service: service.id)


def _view(services: Sequence[ServiceView]) -> SiteView:
    first = services[0]
    latitude, longitude = first.latitude, first.longitude
    why = check_place(latitude, longitude)
    if why:
        latitude = longitude = None
    since = int(first.since.timestamp()) if first.since else 0
    live = status_code(first.status), since, in_order(services).index(first)
    return SiteView(
        first.site_id, first.site, first.company, first.commune, first.postal_code,
        latitude, longitude, why, services, live,
    )  # fmt: skip


def status_code(status: Status) -> int:
    """Return a status as one number, the rank of its state × ``CODES`` + its reason; the lowest
    is the worst.
    """
    return RANK[status.state] * CODES + _REASONS.index(status.reason)
