"""« Status map »: the map, the table beside it, and the form that places a site on it."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    UNPLACED,
    Context,
    LiveSites,
    Pages,
    Site,
    _,
    attributes,
    check_place,
    formats,
    icon,
    map_fresh,
    ngettext,
    not_found,
    note,
    page_head,
    push,
    site_views,
    status_map,
)
from plugins.supervision.permissions import PLACE, READ
from plugins.supervision.places import Town, search_towns
from plugins.supervision.queries import ADDRESS

MAP = "/supervision/carte"
TICKET = "/incidents/nouveau"

pages = Pages()


@pages.page(MAP, N_("Status map"), permission=READ, menu=N_("Status map"))
def status_map_page(ctx: Context) -> Component:
    seen = site_views(ctx)
    links = {
        "detail": f"{ADDRESS}?service=",
        "ticket": f"{TICKET}?link=" if ctx.leads(TICKET) else None,
        "place": f"{MAP}?placer=" if ctx.may(PLACE) else None,
    }
    place: list[Component] = []
    if ctx.may(PLACE):
        asked = ctx.query.get("placer", "")
        place = [
            html.Div(place_form(ctx, asked), id="map-place"),
            dcc.Store(id="supervision-placing", data=asked),
        ]
    return html.Div(
        [
            page_head(_("Status map"), size(seen), [map_fresh()]),
            status_map(ctx, seen, MAP, links),
            *place,
            dcc.Store(id="supervision-placed"),
            html.Div(
                note(
                    _(
                        "Les états sont donnés à titre indicatif et n’ont pas de valeur "
                        "contractuelle : seuls les tickets comptent pour la GTR."
                    )
                ),
                className="map-note",
            ),
        ]
    )


def size(seen: LiveSites) -> str:
    """Return « 400 sites »."""
    known = formats.number(len(seen.sites))
    return ngettext("%(count)s site", "%(count)s sites", len(seen.sites), count=known)


def find_site(ctx: Context, asked: object) -> Site | None:
    """Return the site that the address names, None when the user has no such site."""
    if not isinstance(asked, str) or not asked.isascii() or not asked.isdigit() or len(asked) > 12:
        return None
    return ctx.db.get(Site, int(asked))


def place_form(ctx: Context, asked: str) -> list[Component]:
    """Return the form that gives a site its place; nothing when the address asks for none."""
    if not asked:
        return []
    site = find_site(ctx, asked)
    if site is None:
        return [html.Section(not_found(), className="card map-place")]
    start = " ".join(part for part in (site.commune, site.postal_code) if part)
    close = push(
        icon("close"),
        MAP,
        className="icon-btn",
        **attributes(aria_label=_("Fermer")),
    )
    head = html.Div(
        [html.H2(_("Placer « %(site)s »", site=site.name)), html.Div(close, className="end")],
        className="panel-head",
    )
    field = [
        html.Label(_("Commune, code postal ou coordonnées"), htmlFor="supervision-town"),
        dbc.Input(
            id="supervision-town",
            value=start,
            type="search",
            maxlength=80,
            debounce=0.3,
            autocomplete="off",
        ),
        html.Div(
            _("Par exemple « St-Étienne 42 », « 97410 » ou « 45,8336 1,2611 »."),
            className="small soft",
        ),
    ]
    address = ", ".join(part for part in (site.address, site.postal_code, site.commune) if part)
    facts = html.Div(
        [html.Div(address or _("Adresse non renseignée")), _now(site)], className="soft"
    )
    return [
        html.Section(
            [
                head,
                html.Div(
                    [
                        facts,
                        html.Div(field),
                        html.Div(towns(start), id="supervision-towns"),
                        html.Button(
                            _("Placer le site"),
                            id="supervision-place",
                            type="button",
                            className="btn btn-primary",
                        ),
                        html.Div(id="supervision-place-said", role="status"),
                    ],
                    className="pad map-form",
                ),
            ],
            className="card card-flush map-place",
        )
    ]


def _now(site: Site) -> Component:
    why = check_place(site.latitude, site.longitude)
    if why:
        return html.Div(_(UNPLACED[why]))
    where = position(site.latitude, site.longitude)
    return html.Div(_("Position actuelle : %(where)s", where=where))


def position(latitude: float | None, longitude: float | None) -> str:
    """Return « 45,8336 · 1,2611 », or « N/A » for what is missing."""
    parts = (
        _("N/A") if part is None else formats.number(part, 4) for part in (latitude, longitude)
    )
    return " · ".join(parts)


def towns(text: object) -> Component:
    """Return the towns that a text may mean, to choose one of."""
    said = text if isinstance(text, str) else ""
    found = search_towns(said)
    if not found:
        hint = _("Aucune commune de ce nom.") if said.strip() else _("Écrivez un nom de commune.")
        return html.Div([note(hint), dbc.RadioItems(id="supervision-choice", options=[])])
    options = [{"label": label(town), "value": key(town)} for town in found]
    return html.Div(
        [
            html.Div(_("Communes trouvées"), className="sr-only", id="supervision-choice-name"),
            dbc.RadioItems(
                id="supervision-choice",
                options=options,
                value=key(found[0]) if len(found) == 1 else None,
                className="choices",
            ),
        ],
        role="group",
        **attributes(aria_labelledby="supervision-choice-name"),
    )


def label(town: Town) -> str:
    """Return « Saint-Pierre (974) · 97410, 97432 · position approchée »."""
    if not town.name:
        return _("Coordonnées %(where)s", where=position(town.latitude, town.longitude))
    shown = ", ".join(town.postal_codes[:3]) + (" …" if len(town.postal_codes) > 3 else "")
    about = _("position approchée") if town.approximate else ""
    return " · ".join(part for part in (f"{town.name} ({town.area})", shown, about) if part)


def key(town: Town) -> str:
    """Return what the browser sends back for a town: its place."""
    return f"{town.latitude:.4f} {town.longitude:.4f}"
