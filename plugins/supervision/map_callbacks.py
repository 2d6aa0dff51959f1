"""The map asks what changed; the operator's staff places a site."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa
from dash import Input, Output, State, html, no_update

from core.api import (
    Callbacks,
    Context,
    Link,
    _,
    attributes,
    badge_tag,
    badges_of,
    check_place,
    map_news,
    note,
    push,
    site_views,
)
from plugins.supervision.map_page import MAP, find_site, place_form, position, towns
from plugins.supervision.permissions import PLACE, READ
from plugins.supervision.places import coordinates

callbacks = Callbacks()


@callbacks.on(
    Output("map-news", "data"),
    Input("map-tick", "n_intervals"),
    Input("supervision-placed", "data"),
    State("map-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_map(ctx: Context, _tick: object, _placed: object, version: object) -> Any:
    """Return what changed since the version that the browser shows."""
    return map_news(ctx, site_views(ctx), version)


@callbacks.on(
    Output("map-said", "children"),
    Input("host-url", "search"),
    Input("map-tick", "n_intervals"),
    permission=READ,
)
def say_of_site(ctx: Context, search: object, _tick: object) -> Any:
    """Return the badges of the links of the site that the address opens: tickets, works…"""
    site = find_site(ctx, asked_site(search, "site"))
    if site is None:
        return []
    links = ctx.db.all(sa.select(Link).where(Link.site_id == site.id).order_by(Link.id))
    told = badges_of(ctx, [link.id for link in links])
    once = {badge.label: badge for several in told.values() for badge in several}
    tags = [badge_tag(badge) for badge in once.values()]
    return html.Div(tags, className="d-flex flex-wrap gap-1 mt-1", **attributes(data_of=site.id))


@callbacks.on(
    Output("map-place", "children"),
    Output("supervision-placing", "data"),
    Input("host-url", "search"),
    State("supervision-placing", "data"),
    permission=PLACE,
    prevent_initial_call=True,
)
def open_form(ctx: Context, search: object, before: object) -> tuple[Any, Any]:
    """Return the form for the site that the address asks to place, unless it stands there."""
    now = asked_site(search)
    if now == before:
        return no_update, no_update
    return place_form(ctx, now), now


@callbacks.on(
    Output("supervision-towns", "children"),
    Input("supervision-town", "value"),
    permission=PLACE,
    prevent_initial_call=True,
)
def find_towns(_ctx: Context, text: object) -> Any:
    """Return the towns that what is written may mean."""
    return towns(text)


@callbacks.on(
    Output("supervision-place-said", "children"),
    Output("supervision-placed", "data"),
    Input("supervision-place", "n_clicks"),
    State("host-url", "search"),
    State("supervision-choice", "value"),
    permission=PLACE,
    prevent_initial_call=True,
)
def place_site(ctx: Context, clicks: object, search: object, choice: object) -> tuple[Any, Any]:
    """Give the site of the address the place that was chosen, and keep what it was before."""
    if not clicks:
        return no_update, no_update
    site = find_site(ctx, asked_site(search))
    if site is None:
        return note(_("Ce site est introuvable.")), no_update
    place = coordinates(choice) if isinstance(choice, str) else None
    if place is None or check_place(*place):
        return note(_("Choisissez une commune dans la liste."), "warn"), no_update
    before = [site.latitude, site.longitude]
    site.latitude, site.longitude = place
    ctx.db.add(site)
    ctx.audit("site.placed", f"site {site.id} {site.name}", before=before, after=list(place))
    ctx.db.commit()
    said = _("« %(site)s » est placé : %(where)s.", site=site.name, where=position(*place))
    show = push(_("Voir sur la carte"), f"{MAP}?site={site.id}", scroll_to="map")
    return note([said, " ", show], "check"), clicks


def asked_site(search: object, name: str = "placer") -> str:
    """Return what « placer= » of the address says, whatever the browser sent."""
    text = search.removeprefix("?")[:2000] if isinstance(search, str) else ""
    return dict(parse_qsl(text)).get(name, "")[:12]
