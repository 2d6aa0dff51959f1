"""The address changes the page in place; every tick brings what changed since, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context, panel_state, service_views
from plugins.supervision import deltas
from plugins.supervision.listing import Listing, Version, chosen
from plugins.supervision.pages import (
    PANEL,
    detail,
    exports,
    freshness,
    late,
    legend,
    panel_version,
    size,
)
from plugins.supervision.permissions import READ
from plugins.supervision.queries import Asked, get_service

callbacks = Callbacks()

SEARCH = ("host-url", "search")


@callbacks.on(
    Output("supervision-table", "children"),
    Output("supervision-legend", "children"),
    Output("supervision-fresh", "children"),
    Output("supervision-size", "children"),
    Output("supervision-export", "children"),
    Output("supervision-rows", "data"),
    Output("supervision-version", "data"),
    Input(*SEARCH),
    Input("supervision-tick", "n_intervals"),
    State("supervision-version", "data"),
    State("supervision-rows", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_list(
    ctx: Context, search: object, _tick: object, version: object, held: object = None
) -> tuple[Any, ...]:
    """Return the table as the address asks for it; what changed alone, if it can be.

    ``version`` and ``held`` are the browser's word of what it holds. Nothing at all when nothing
    is new.
    """
    shown = Listing.of(ctx, Asked.of_search(search))
    new = shown.version()
    old, now = Version.read_back(version), Version.read_back(new)
    tells = late(ctx, shown.seen)  # how old the measures are, which changes by itself
    if old and now and replace(old, number=now.number) == now and not tells:
        raise PreventUpdate
    fresh = freshness(ctx, shown.seen)
    changed = deltas.table(shown, old, now, held) if old and now else None
    if old is None or now is None or changed is None:
        whole = shown.table(), legend(shown), fresh, size(shown.seen), exports(shown.asked)
        return *whole, shown.row_ids(), new
    counters = no_update if old.counts == now.counts else deltas.counters(shown)
    same = old.read == now.read and not tells
    table, ids = changed
    return table, counters, no_update if same else fresh, no_update, no_update, ids, new


@callbacks.on(
    Output("supervision-detail", "children"),
    Output("supervision-chosen", "data"),
    Input(*SEARCH),
    Input("supervision-gone", "data"),
    State("supervision-chosen", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def open_detail(ctx: Context, search: object, gone: object, before: object) -> tuple[Any, Any]:
    """Return the panel of the service that the address names, unless it stands there already.

    ``gone`` names the service that a tick did not find any more: its panel is drawn again.
    """
    asked = Asked.of_search(search)
    seen = service_views(ctx)
    now = chosen(seen, asked)
    if now == before and gone != now[0]:
        return no_update, no_update
    return detail(ctx, seen, asked), now


@callbacks.on(
    Output(f"{PANEL}-state", "children"),
    Output("supervision-panel-version", "data"),
    Output("supervision-gone", "data"),
    Input("supervision-tick", "n_intervals"),
    State(*SEARCH),
    State("supervision-panel-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_panel(ctx: Context, _tick: object, search: object, version: object) -> tuple[Any, ...]:
    """Return the state part of the panel when it changed: the tabs and the chart stay.

    A service that is not there any more, or not this user's, takes its whole panel away.
    """
    asked = Asked.of_search(search)
    seen = service_views(ctx)
    new = panel_version(seen, asked)
    if new == version:
        raise PreventUpdate
    wanted = chosen(seen, asked)[0]
    service = get_service(ctx, seen.find(wanted))
    if service is None:
        return no_update, new, wanted
    return panel_state(ctx, service, id=PANEL), new, None
