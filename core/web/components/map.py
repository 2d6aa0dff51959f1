"""The status map: every site at its place with its LED, and the table of the same content.

The server gives the frame, the data and every word (``map_data.py``); ``assets/61-map*.js`` draw
them. dash-leaflet holds the map itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import N_, _
from core.network.places import LiveSites
from core.rubric import Context
from core.web.components.attributes import attributes
from core.web.components.frames import icon, search_form
from core.web.components.map_data import map_start, map_words
from core.web.templates import asset

MAINLAND = ((41.3, -5.2), (51.1, 9.6))
"""Where a map without sites looks: (south, west), (north, east) of mainland France."""
ZONES = (
    (N_("Métropole"), 41.2, -5.6, 51.4, 9.8),
    (N_("Guadeloupe et Îles du Nord"), 15.7, -63.3, 18.2, -60.9),
    (N_("Martinique"), 14.3, -61.3, 15.0, -60.7),
    (N_("Guyane"), 2.0, -54.7, 6.0, -51.5),
    (N_("La Réunion"), -21.5, 55.1, -20.8, 55.9),
    (N_("Mayotte"), -13.1, 44.9, -12.5, 45.4),
    (N_("Saint-Pierre-et-Miquelon"), 46.7, -56.5, 47.2, -56.1),
    (N_("Nouvelle-Calédonie"), -23.0, 163.5, -19.4, 168.2),
    (N_("Polynésie"), -28.0, -155.0, -7.5, -134.0),
    (N_("Wallis-et-Futuna"), -14.5, -178.3, -13.1, -176.0),
)
"""Where sites of a French operator gather: name, south, west, north, east, in degrees."""
NEARLY_ALL = 0.8
"""Share of the sites in one zone from which the map begins with that zone."""
DEFAULT_EVERY = 30
"""Seconds between two refreshes before the user has chosen."""
CLOSEST, CLOSEST_TILES = 13, 18
"""Zoom past which there is nothing more to see: of the outlines, of a tile server."""


def status_map(
    ctx: Context, seen: LiveSites, address: str, links: Mapping[str, str | None]
) -> Component:
    """Return the map and its table of ``seen``, for the page at ``address``.

    ``links`` are addresses to which the reference of a service, or for ``place`` the id of a site,
    is added: ``detail``, ``ticket``, ``place``; None leaves the link out. One map a page: the page
    answers ``map-tick`` with ``map_news()`` in the store ``map-news``, from the store
    ``map-version``, and ``site`` of the address with what is said of that site in ``map-said``.
    """
    kept = {f"link-{name}": href for name, href in links.items() if href}
    texts = {**_texts(), **kept, "address": address}
    words = map_words(str(ctx.zone), ctx.stale_after, texts)
    words["zones"] = [[_(name), *box] for name, *box in ZONES]
    return html.Div(
        [
            _bar(ctx),
            html.Div(
                [_map(ctx, seen), _list(ctx)],
                className="map-layout",
                id="map-layout",
            ),
            dcc.Interval(id="map-tick", interval=DEFAULT_EVERY * 1000, disabled=True),
            dcc.Store(id="map-words", data=words),
            dcc.Store(id="map-start", data=map_start(ctx, seen)),
            dcc.Store(id="map-news"),
            dcc.Store(id="map-version"),
        ],
        id="map",
        **attributes(data_stale_after=max(ctx.stale_after, 2 * DEFAULT_EVERY)),
    )


def map_fresh() -> Component:
    """Return what says how old the measures of the map are, for the head of its page."""
    return html.Span(id="map-fresh", className="fresh")


def _bar(ctx: Context) -> Component:
    every = [
        {"value": str(seconds), "label": label}
        for seconds, label in (
            (10, _("toutes les 10 s")),
            (30, _("toutes les 30 s")),
            (60, _("toutes les minutes")),
            (300, _("toutes les 5 min")),
            (900, _("toutes les 15 min")),
            (0, _("jamais")),
        )
    ]
    full = html.Button(
        [icon("eye"), _("Plein écran")],
        type="button",
        id="map-full",
        className="btn btn-secondary hide-phone",
    )
    return html.Div(
        [
            html.Div(
                id="map-chips",
                className="chips by-2",
                role="group",
                **attributes(aria_label=_("Filtrer par état")),
            ),
            html.Div(
                [
                    html.Label(_("Rafraîchir"), htmlFor="map-every", className="soft"),
                    dbc.Select(
                        id="map-every", options=every, value=str(DEFAULT_EVERY), name="every"
                    ),
                    full,
                ],
                className="end",
            ),
        ],
        className="bar map-bar",
    )


def _map(ctx: Context, seen: LiveSites) -> Component:
    tiles, credit = ctx.tiles
    farthest = CLOSEST_TILES if tiles else CLOSEST
    layers: list[Any] = [
        dl.GeoJSON(
            id="map-land",
            url=asset("lazy/carte.json"),
            style={"variable": "baliseMap.land"},
            interactive=False,
        ),
        dl.GeoJSON(
            id="map-sites",
            data={"type": "FeatureCollection", "features": []},
            cluster=True,
            zoomToBoundsOnClick=True,
            spiderfyOnMaxZoom=True,
            disableDefaultEventHandlers=True,
            superClusterOptions={"radius": 72, "maxZoom": farthest - 1},
            pointToLayer={"variable": "baliseMap.point"},
            clusterToLayer={"variable": "baliseMap.cluster"},
        ),
        dl.GeoJSON(  # the site that the address names stands alone: never in a cluster
            id="map-chosen",
            data={"type": "FeatureCollection", "features": []},
            disableDefaultEventHandlers=True,
            pointToLayer={"variable": "baliseMap.point"},
        ),
        dl.ZoomControl(position="topleft"),
    ]
    if tiles:  # over the outlines: a server that does not answer leaves them
        layers.insert(1, dl.TileLayer(url=tiles, maxZoom=farthest))
    view = dl.Map(
        layers,
        id="map-view",
        bounds=_bounds(seen),
        boundsOptions={"padding": [24, 24], "maxZoom": 11},
        zoomSnap=0.5,
        minZoom=2,
        maxZoom=farthest,
        zoomControl=False,
        attributionControl=False,
        trackViewport=False,
        worldCopyJump=True,
        className="map-canvas",
    )
    ours = _("Contours : Natural Earth")
    return html.Section(
        [
            html.Div(view, className="map-hold"),
            html.Div(id="map-zones", className="map-zones"),
            html.Div(id="map-none", className="map-none", hidden=True),
            html.Div(id="map-popup", className="popup", hidden=True),
            html.Div(id="map-said", hidden=True),
            html.Span(f"{credit} · {ours}" if tiles and credit else ours, className="map-credit"),
        ],
        className="card map",
        **attributes(aria_label=_("Carte des sites par état")),
    )


def _list(ctx: Context) -> Component:
    form = search_form(
        ctx.query.get("q", "")[:80],
        _("Site, commune, référence"),
        _("Chercher un site"),
        id="map-search",
    )
    return html.Section(
        [
            html.Div(form, className="pad"),
            html.Div(id="map-table"),
            html.Div(id="map-unplaced"),
        ],
        className="card card-flush map-list",
        **attributes(aria_label=_("Table des sites")),
    )


def _bounds(seen: LiveSites) -> list[list[float]]:
    """Return the corners that hold the sites: all, or those of the zone where nearly all stand.

    One site overseas does not make a map of the world of four hundred in France: the buttons of
    the zones lead to it.
    """
    placed: list[tuple[Any, Any]] = [
        (s.latitude, s.longitude) for s in seen.sites if s.latitude is not None
    ]
    if not placed:
        return [list(corner) for corner in MAINLAND]
    for _name, south, west, north, east in ZONES:
        inside = [(y, x) for y, x in placed if south <= y <= north and west <= x <= east]
        if len(inside) >= NEARLY_ALL * len(placed):
            placed = inside
    norths, easts = [place[0] for place in placed], [place[1] for place in placed]
    return [[min(norths), min(easts)], [max(norths), max(easts)]]


def _texts() -> dict[str, str]:
    """Return the sentences of the browser's side, in the user's language."""
    return {
        "state": _("État"),
        "site": _("Site"),
        "commune": _("Commune"),
        "duration": _("Durée"),
        "since": _("depuis"),
        "since-when": _("depuis le {moment}"),
        "detail": _("Voir le détail"),
        "ticket": _("Ouvrir un ticket"),
        "place": _("Placer sur la carte"),
        "move": _("Corriger la position"),
        "close": _("Fermer"),
        "zoom-in": _("Zoom avant"),
        "zoom-out": _("Zoom arrière"),
        "worst": _("Service le plus touché sur {n}"),
        "cluster": _("{n} sites, pire état : {state}"),
        "all": _("Tous"),
        "elsewhere": _("Ailleurs"),
        "zones": _("Cadrer la carte"),
        "count": _("{first} – {last} sur {total}"),
        "pages": _("Pages"),
        "page": _("Page {n}"),
        "unplaced": _("Sites sans position ({n})"),
        "unplaced-why": _("Ils sont dans la table, pas sur la carte."),
        "empty": _("Aucun site en production"),
        "empty-text": _("Vos sites seront affichés ici dès la mise en service de leurs liaisons."),
        "nothing": _("Aucun site ne correspond"),
        "nothing-text": _("Filtres actifs : {filters}."),
        "filter-text": _("le texte « {text} »"),
        "filter-state": _("l’état « {state} »"),
        "clear": _("Effacer les filtres"),
        "no-place": _("Aucun de ces sites n’a de position : voyez la table."),
        "fresh": _("Mesures à {clock}"),
        "late": _("Dernières mesures il y a {age}"),
        "never": _("Aucune mesure reçue"),
        "table": _("Sites et leur état"),
        "unknown-site": _("Ce site est introuvable."),
    }
