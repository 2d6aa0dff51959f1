"""The address changes the page in place; every tick brings what changed since, and no more."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, Patch, State, no_update

from core.api import Callbacks, Context, panel_state, service_views
from plugins.supervision.listing import Listing, chosen
from plugins.supervision.pages import (
    PANEL,
    detail,
    freshness,
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
    Output("supervision-version", "data"),
    Input(*SEARCH),
    Input("supervision-tick", "n_intervals"),
    State("supervision-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_list(ctx: Context, search: object, _tick: object, version: object) -> tuple[Any, ...]:
    """Return the table as the address asks for it; the rows alone that changed, if it can be."""
    asked = Asked.of_search(search)
    seen = service_views(ctx)
    shown = Listing.of(ctx, seen, asked)
    new = shown.version()
    fresh = freshness(ctx, seen)
    if new == version:
        return no_update, no_update, fresh, no_update, no_update
    same = isinstance(version, dict) and version.get("counts") == new["counts"]
    counters = no_update if same else legend(seen, asked)
    return changes(shown, version), counters, fresh, size(seen), new


def changes(shown: Listing, version: object) -> Any:
    """Return a ``Patch`` of the rows that differ from ``version`` (the browser's word), or all."""
    new = shown.version()
    if not isinstance(version, dict) or version.get("filters") != new["filters"]:
        return shown.table()
    before, after = version.get("rows"), new["rows"]
    if not isinstance(before, list) or _ids(before) != _ids(after):
        return shown.table()
    patch, table = Patch(), shown.rows()
    for index, (old, now, service) in enumerate(zip(before, after, shown.services, strict=True)):
        if old != now:
            table.place(patch[0], index, table.row(service, selected=shown.is_chosen(service)))
    return patch


def _ids(rows: list[Any]) -> list[Any]:
    return [row[0] if isinstance(row, list) and row else None for row in rows]


@callbacks.on(
    Output("supervision-detail", "children"),
    Output("supervision-chosen", "data"),
    Input(*SEARCH),
    State("supervision-chosen", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def open_detail(ctx: Context, search: object, before: object) -> tuple[Any, Any]:
    """Return the panel of the service that the address names, unless it stands there already."""
    asked = Asked.of_search(search)
    seen = service_views(ctx)
    now = chosen(seen, asked)
    if now == before:
        return no_update, no_update
    return detail(ctx, seen, asked), now


@callbacks.on(
    Output(f"{PANEL}-state", "children"),
    Output("supervision-panel-version", "data"),
    Input("supervision-tick", "n_intervals"),
    State(*SEARCH),
    State("supervision-panel-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_panel(ctx: Context, _tick: object, search: object, version: object) -> tuple[Any, Any]:
    """Return the state part of the panel when it changed: the tabs and the chart stay."""
    asked = Asked.of_search(search)
    seen = service_views(ctx)
    new = panel_version(seen, asked)
    if new == version:
        return no_update, no_update
    service = get_service(ctx, seen.find(chosen(seen, asked)[0]))
    if service is None:
        return no_update, new
    return panel_state(ctx, service, id=PANEL), new
