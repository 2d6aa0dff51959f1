"""Which terms applied when: the contract profiles of links, as their rows tell them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.api import Context, midnight
from plugins.incidents.hours import ALWAYS, ServiceHours, Span
from plugins.incidents.models import LinkContract, SlaProfile
from plugins.incidents.profiles import DEFAULT, Profile


@dataclass(frozen=True, slots=True)
class Terms:
    """The versions of each profile and the contracts of each link, by the day they apply from.

    A day is civil, in ``zone``: terms change at its midnight.
    """

    zone: ZoneInfo
    profiles: Mapping[str, Sequence[tuple[date, Profile]]]
    links: Mapping[int, Sequence[tuple[date, str]]]

    def on(self, link_id: int | None, moment: datetime) -> Profile:
        """Return the terms of a link at a moment; those by default where none is told."""
        day = moment.astimezone(self.zone).date()
        code = _at(self.links.get(link_id or 0, ()), day) or DEFAULT.code
        return _at(self.profiles.get(code, ()), day) or _first(self.profiles, code)

    def stretches(self, link_id: int, period: Span) -> list[tuple[Span, Profile]]:
        """Return a period cut where the terms of a link change; one that is not cut, as a rule."""
        own = self.links.get(link_id, ())
        codes = {code for _day, code in own} or {DEFAULT.code}
        days = {day for day, _code in own}
        days |= {day for code in codes for day, _profile in self.profiles.get(code, ())}
        inside = sorted(
            at for day in days if period.start < (at := midnight(day, self.zone)) < period.end
        )
        edges = [period.start, *inside, period.end]
        return [(Span(start, end), self.on(link_id, start)) for start, end in pairwise(edges)]

    def change(self, link_id: int) -> bool:
        """Tell whether the terms of a link were ever others."""
        own = self.links.get(link_id, ())
        codes = {code for _day, code in own} or {DEFAULT.code}
        return len(own) > 1 or any(len(self.profiles.get(code, ())) > 1 for code in codes)


def _at(known: Sequence[tuple[date, Any]], day: date) -> Any:
    """Return what applies on a day, of what is in order; None before the first."""
    place = bisect_right(known, day, key=lambda one: one[0])
    return known[place - 1][1] if place else None


def _first(profiles: Mapping[str, Sequence[tuple[date, Profile]]], code: str) -> Profile:
    """Return the first terms of a profile, for a day before them; those by default for none."""
    for some in (profiles.get(code), profiles.get(DEFAULT.code)):
        if some:
            return some[0][1]
    return DEFAULT


def terms_of(ctx: Context, link_ids: Sequence[int] | None = None) -> Terms:
    """Return the terms of links, of all those of the scope unless some are named."""
    query: Any = sa.select(LinkContract.link_id, LinkContract.since, LinkContract.profile)
    if link_ids is not None:
        query = query.where(LinkContract.link_id.in_(link_ids))
    links: dict[int, list[tuple[date, str]]] = defaultdict(list)
    rows: Sequence[Any] = ctx.db.rows(query.order_by(LinkContract.since))
    for id_, since, code in rows:
        links[id_].append((since, code))
    profiles: dict[str, list[tuple[date, Profile]]] = defaultdict(list)
    for row in versions(ctx):
        profiles[row.code].append((row.since, profile_of(row)))
    return Terms(ctx.civil, profiles, links)


def versions(ctx: Context) -> Sequence[SlaProfile]:
    """Return every version of every profile, in the order they apply from."""
    return ctx.db.all(sa.select(SlaProfile).order_by(SlaProfile.since, SlaProfile.id))


def profile_of(row: SlaProfile) -> Profile:
    """Return the terms that a row holds."""
    hours = ALWAYS
    if row.opens is not None and row.closes is not None:
        hours = ServiceHours(frozenset(map(int, row.days)), _clock(row.opens), _clock(row.closes))
    return Profile(
        row.code, row.label, hours, timedelta(minutes=row.restore), row.target,
        tuple((float(below), float(share)) for below, share in row.bands),
        tuple((timedelta(minutes=after), float(share)) for after, share in row.late),
    )  # fmt: skip


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
