"""« Suivi des commandes » follows its address and its minutes."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context
from plugins.commandes.address import Asked
from plugins.commandes.listing import Listing
from plugins.commandes.pages import exports, size
from plugins.commandes.permissions import READ

callbacks = Callbacks()

SEARCH = ("host-url", "search")


@callbacks.on(
    Output("commandes-table", "children"),
    Output("commandes-counters", "children"),
    Output("commandes-size", "children"),
    Output("commandes-exports", "children"),
    Output("commandes-version", "data"),
    Input(*SEARCH),
    Input("commandes-tick", "n_intervals"),
    State("commandes-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_orders(ctx: Context, search: object, _tick: object, before: object) -> tuple[Any, ...]:
    """Return the list as the address asks for it, unless it stands there as it is."""
    asked = Asked.of_search(search)
    shown = Listing.of(ctx, asked)
    if shown.version() == before:
        raise PreventUpdate
    return shown.table(), shown.cards(), size(shown), exports(asked), shown.version()
