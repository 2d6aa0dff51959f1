"""« État de vos services »: legend, table, and the panel of the service one chose."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    STATES,
    Chip,
    Context,
    LiveServices,
    Pages,
    State,
    _,
    attributes,
    chips,
    export_menu,
    formats,
    link_panel,
    live,
    mark,
    ngettext,
    not_found,
    note,
    page_head,
    search_form,
    service_views,
    sort_form,
)
from plugins.supervision.listing import Listing, chosen
from plugins.supervision.permissions import READ
from plugins.supervision.queries import ADDRESS, EXPORT, WORST, Asked, get_service

PANEL = "supervision-panel"

pages = Pages()


@pages.page(ADDRESS, N_("État de vos services"), permission=READ, menu=N_("État de vos services"))
def services(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    seen = service_views(ctx)
    shown = Listing.of(ctx, asked, seen)
    fresh = html.Span(freshness(ctx, seen), id="supervision-fresh", className="fresh")
    return html.Div(
        [
            page_head(
                _("État de vos services"),
                html.Span(size(seen), id="supervision-size"),
                [fresh, html.Div(exports(asked), id="supervision-export")],
            ),
            html.Div(
                [
                    html.Section(
                        [_bar(shown), html.Div(shown.table(), id="supervision-table")],
                        className="card card-flush",
                    ),
                    html.Div(detail(ctx, seen, asked), id="supervision-detail"),
                ],
                className="stack",
            ),
            live("supervision-tick", ctx.refresh_seconds, ctx.stale_after),
            dcc.Store(id="supervision-version", data=shown.version()),
            dcc.Store(id="supervision-rows", data=shown.row_ids()),
            dcc.Store(id="supervision-chosen", data=chosen(seen, asked)),
            dcc.Store(id="supervision-gone"),
            dcc.Store(id="supervision-panel-version", data=panel_version(seen, asked)),
        ]
    )


def exports(asked: Asked) -> Component:
    """Return « Exporter » for what the address filters and sorts."""
    plain = {"service": "", "tab": "", "view": (), "page": 1}
    return export_menu(lambda kind: asked.with_(f"{EXPORT}.{kind}", **plain))


def size(seen: LiveServices) -> str:
    """Return « 24 services sur 23 sites »."""
    count, places = len(seen.services), seen.sites()
    said, known = formats.number(count), formats.number(places)
    services = ngettext("%(count)s service", "%(count)s services", count, count=said)
    sites = ngettext("%(count)s site", "%(count)s sites", places, count=known)
    return _("%(services)s sur %(sites)s", services=services, sites=sites)


def freshness(ctx: Context, seen: LiveServices) -> list[Any]:
    """Return « Mesures à 10:42:06 »; the LED is grey when that is too long ago."""
    if seen.read_at is None:
        return [mark(State.UNKNOWN), _("Aucune mesure reçue")]
    if late(ctx, seen):
        age = formats.age(ctx.now - seen.read_at)
        return [mark(State.UNKNOWN), _("Dernières mesures il y a %(age)s", age=age)]
    clock = _("Mesures à %(clock)s", clock=formats.clock(seen.read_at, ctx.zone))
    # The browser writes their age when the server answers no more (50-stale.js).
    read = attributes(data_read=str(int(seen.read_at.timestamp())))
    return [
        mark(State.UP),
        html.Span(clock, className="fresh-now"),
        html.Span(className="fresh-old", **read),
    ]


def late(ctx: Context, seen: LiveServices) -> bool:
    """Tell whether the newest reading of all is too old to tell a state."""
    read_at = seen.read_at
    return read_at is not None and (ctx.now - read_at).total_seconds() > ctx.stale_after


def _bar(shown: Listing) -> Component:
    return html.Div(
        [
            html.Span(_("Légende :"), className="soft small hide-phone"),
            html.Div(legend(shown), id="supervision-legend"),
            html.Div(
                [
                    sort_form(orders(), shown.asked.order, _("Trier par"), id="supervision-sort"),
                    search_form(
                        shown.asked.text,
                        _("Société, site, commune, référence"),
                        _("Chercher un service"),
                        id="supervision-search",
                    ),
                ],
                className="end",
            ),
        ],
        className="bar pad",
    )


def orders() -> dict[str, str]:
    """Return every order that the heads of the table give, by its word in the address."""
    names = {
        "societe": _("Société"),
        "site": _("Site"),
        "commune": _("Commune"),
        "designation": _("Désignation\nprincipale"),
        "reference": _("N° de référence\nprincipale"),
        "designation2": _("Désignation\nsecondaire"),
        "reference2": _("N° de référence\nsecondaire"),
    }
    found = {"": _("État, le pire d’abord"), f"-{WORST}": _("État, le meilleur d’abord")}
    for key, head in names.items():
        name = head.replace("\n", " ")
        found[key] = _("%(name)s, de A à Z", name=name)
        found[f"-{key}"] = _("%(name)s, de Z à A", name=name)
    return found


def legend(shown: Listing) -> Component:
    """Return the states with their counters; each one filters, and filters no more."""
    items, asked = [], shown.asked
    for state, count in shown.counts.items():
        current = asked.state is state
        items.append(
            Chip(
                label=_(STATES[state].legend),
                short=_(STATES[state].one),
                count=count,
                href=asked.with_(state=None if current else state, page=1),
                current=current,
                mark=mark(state),
            )
        )
    return chips(items, _("Filtrer par état"))


def detail(ctx: Context, seen: LiveServices, asked: Asked) -> Any:
    """Return the panel of the chosen service."""
    wanted, tab, *_view = chosen(seen, asked)
    # The tick writes the panel's state part: it stands on the page even without a panel.
    nowhere = html.Div(id=f"{PANEL}-state", hidden=True)
    if not wanted:
        if not seen.services:
            return nowhere
        hint = _("Choisissez un service dans la table pour voir ses liaisons et son trafic.")
        return [html.Div(note(hint), className="pad"), nowhere]
    service = get_service(ctx, seen.find(wanted))
    if service is None:
        return [not_found(), nowhere]
    query = {"service": wanted, **dict(asked.view)}
    return link_panel(ctx, service, tab, query, id=PANEL)


def panel_version(seen: LiveServices, asked: Asked) -> str:
    """Return what changes when the state part of the panel must be drawn again."""
    view = seen.find(chosen(seen, asked)[0])
    if view is None:
        return ""
    parts: list[Any] = [view.status, view.since]
    for link in (view.main, view.backup):
        parts += [link.status, link.since] if link else []
    return repr(parts)
