"""A chart that stays open gets its new points."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from dash import Input, Output, State, no_update

from core.api import Callbacks, Context
from plugins.consommations.permissions import READ
from plugins.consommations.queries import link_by_reference
from plugins.consommations.tabs import CHART, TICK, VERSION, drawn, place

callbacks = Callbacks()


@callbacks.on(
    Output(CHART, "children"),
    Output(VERSION, "data"),
    Input(TICK, "n_intervals"),
    Input("host-url", "search"),
    State(VERSION, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_chart(ctx: Context, _tick: object, search: object, version: object) -> tuple[Any, Any]:
    """Return the chart when there is something new to draw: a slot, an outage or its end.

    Nothing when the address asks for another panel by now: that one comes with its own chart.
    The link named by the browser is looked for in the user's scope, another's is as absent.
    """
    nothing = (no_update, no_update)
    query = dict(parse_qsl(search.removeprefix("?")[:2000])) if isinstance(search, str) else {}
    if not isinstance(version, list) or len(version) != 3 or version[0] != place(query):
        return nothing
    link = link_by_reference(ctx, version[1])
    if link is None:
        return nothing
    chart, new = drawn(ctx, link, query)
    return nothing if new == version else (chart, new)
