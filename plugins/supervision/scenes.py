"""What walls show of supervision: the board of LEDs, the map, the last changes of state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from core.api import (
    Board,
    Context,
    Line,
    Lines,
    LiveServices,
    Places,
    Point,
    Scene,
    Service,
    ServiceView,
    Site,
    State,
    StateChange,
    Tile,
    _,
    capital,
    formats,
    ngettext,
    reason_words,
    service_views,
    state_word,
)

CHANGES = 24


def scenes(ctx: Context) -> list[Scene]:
    """Return the scenes of supervision."""
    return [
        Scene("voyants", _("Voyants"), partial(board, ctx), order=10),
        Scene("carte", _("Carte"), partial(places, ctx), order=20),
        Scene("changements", _("Derniers changements"), partial(changes, ctx), order=40),
    ]


def board(ctx: Context) -> Board:
    """Return every service as a LED, the worst first, and those to deal with.

    A LED has room for a short name: the commune, where no other site is in it.
    """
    seen = service_views(ctx)
    there = Counter(service.commune for service in seen.services)
    tiles = [
        Tile(s.state, s.commune if s.commune and there[s.commune] == 1 else s.site)
        for s in seen.services
    ]
    return Board(_("Sites, les plus atteints d’abord"), tiles, to_do(ctx, seen))


def places(ctx: Context) -> Places:
    """Return every service where its site is; one whose site has no coordinates is not on it."""
    seen = service_views(ctx)
    query: Any = select(Site.id, Site.latitude, Site.longitude).where(
        Site.latitude.is_not(None), Site.longitude.is_not(None)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    at = {id_: (latitude, longitude) for id_, latitude, longitude in rows}
    points = [
        Point(*at[service.site_id], service.state)
        for service in seen.services
        if service.site_id in at
    ]
    return Places(_("Carte des services"), points, to_do(ctx, seen))


def to_do(ctx: Context, seen: LiveServices) -> Lines:
    """Return the services that do not work as they should: the worst, then the latest, first."""
    troubles = [service for service in seen.services if service.state is not State.UP]
    rank = [State.DOWN, State.DEGRADED, State.UNKNOWN]
    troubles.sort(key=lambda s: (rank.index(s.state), -(s.since or ctx.now).timestamp()))
    several = len({service.company for service in seen.services}) > 1
    count = formats.number(len(troubles))
    said = ngettext("%(count)s service", "%(count)s services", len(troubles), count=count)
    aside = said if troubles else ""
    lines = [
        Line(service.site, _why(service, several=several), service.state, service.since)
        for service in troubles
    ]
    return Lines(_("À traiter"), lines, aside)


def _why(service: ServiceView, *, several: bool) -> str:
    """Return « Secours actif · Limoges », with its company where there are several."""
    why = capital(reason_words(service.reason)) or state_word(service.state)
    where = [service.company] if several else []
    return " · ".join(part for part in (why, *where, service.commune) if part)


def changes(ctx: Context) -> Lines:
    """Return the last changes of state of services, newest first, with the time of each."""
    query: Any = (
        select(StateChange.state, StateChange.reason, StateChange.at, Site.name, Site.commune)
        .join(Service, Service.id == StateChange.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(StateChange.link_id.is_(None))
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .limit(CHANGES)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    lines = [
        Line(
            site,
            " · ".join(
                part
                for part in (
                    _moment(ctx, at),
                    state_word(state),
                    reason_words(reason),
                    commune,
                )
                if part
            ),
            state,
            at,
        )
        for state, reason, at, site, commune in rows
    ]
    return Lines(_("Derniers changements d’état"), lines)


def _moment(ctx: Context, at: datetime) -> str:
    """Return « 10:42 », with its day when that is not today."""
    same = at.astimezone(ctx.zone).date() == ctx.now.astimezone(ctx.zone).date()
    clock = formats.clock(at, ctx.zone)
    return clock if same else f"{formats.date(at, ctx.zone)} {clock}"
