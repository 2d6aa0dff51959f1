"""« Consommations datas » follows its address and its minutes; the chart of the tab does too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context, panel_state
from plugins.consommations.address import Asked, PeriodError, period_of
from plugins.consommations.chosen import chosen, completed
from plugins.consommations.curve import CHART as PICTURE
from plugins.consommations.curve import (
    HEAD,
    PLOT,
    REMARKS,
    STRIP,
    curve,
    newest,
    plot_class,
)
from plugins.consommations.listing import SHEET, table
from plugins.consommations.measures import measured
from plugins.consommations.pages import CHOICE, LIST, LISTED, SHOWN, views
from plugins.consommations.pages import TICK as SHEET_TICK
from plugins.consommations.permissions import READ
from plugins.consommations.queries import link_by_reference
from plugins.consommations.sheet import (
    NEWEST,
    PANEL,
    STATE,
    STATE_VERSION,
    parts_of,
    sheet,
    state_version,
)
from plugins.consommations.tabs import CHART, TICK, VERSION, drawn, place

callbacks = Callbacks()

SEARCH = ("host-url", "search")
LONG = timedelta(days=8)


@callbacks.on(
    Output(LIST, "children"),
    Output(CHOICE, "children"),
    Output(LISTED, "data"),
    Input(*SEARCH),
    Input(SHEET_TICK, "n_intervals"),
    State(LISTED, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_list(
    ctx: Context, search: object, _tick: object, before: object
) -> tuple[Any, Any, Any]:
    """Return the accesses as the address asks for them, unless they stand there as they are."""
    asked = completed(ctx, Asked.of_search(search))
    rows, version = table(ctx, asked)
    if version == before:
        raise PreventUpdate
    return rows, views(asked), version


@callbacks.on(
    Output(SHEET, "children"),
    Output(SHOWN, "data"),
    Input(*SEARCH),
    State(SHOWN, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def open_sheet(ctx: Context, search: object, before: object) -> tuple[Any, Any]:
    """Return the sheet that the address asks for, unless it stands there already."""
    asked = completed(ctx, Asked.of_search(search))
    now = [list(part) for part in parts_of(asked)]
    if now == before:
        raise PreventUpdate
    return sheet(ctx, asked), now


@callbacks.on(
    Output(HEAD, "children"),
    Output(PICTURE, "figure"),
    Output(PLOT, "className"),
    Output(STRIP, "children"),
    Output(REMARKS, "children"),
    Output(NEWEST, "data"),
    Input(SHEET_TICK, "n_intervals"),
    State(*SEARCH),
    State(NEWEST, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_curve(ctx: Context, _tick: object, search: object, before: object) -> tuple[Any, ...]:
    """Return the parts of the curve when something was measured since; nothing otherwise.

    Each is written where it stands: the chart is not made anew under what points at it.
    """
    asked = completed(ctx, Asked.of_search(search))
    found = chosen(ctx, asked) if asked.chosen else None
    if found is None:
        raise PreventUpdate
    try:
        period = period_of(ctx, asked)
    except PeriodError:
        raise PreventUpdate from None
    # The percentile of a long sum is the dearest figure there is: no page asks it each minute.
    if not period.live or (len(found.links) > 1 and period.end - period.start > LONG):
        raise PreventUpdate
    shown = measured(ctx, found.links, period)
    known = before if isinstance(before, list) else []
    if newest(shown) == known[:-1]:
        raise PreventUpdate
    drawn = curve(ctx, found, asked, shown)
    remarks = no_update if known[-1:] == [drawn.words] else drawn.remarks
    now = [*newest(shown), drawn.words]
    return drawn.head, drawn.figure, plot_class(drawn), drawn.strip, remarks, now


@callbacks.on(
    Output(STATE, "children"),
    Output(STATE_VERSION, "data"),
    Input(SHEET_TICK, "n_intervals"),
    State(*SEARCH),
    State(STATE_VERSION, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_state(ctx: Context, _tick: object, search: object, before: object) -> tuple[Any, Any]:
    """Return « Informations administratives » when a state changed; nothing otherwise."""
    asked = completed(ctx, Asked.of_search(search))
    found = chosen(ctx, asked) if asked.chosen else None
    if found is None or found.service is None or state_version(ctx, found) == before:
        raise PreventUpdate
    ctx = replace(ctx, query={"liaison": asked.link})
    return panel_state(ctx, found.service, id=PANEL), state_version(ctx, found)


@callbacks.on(
    Output(CHART, "children"),
    Output(VERSION, "data"),
    Input(TICK, "n_intervals"),
    Input(*SEARCH),
    State(VERSION, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_chart(ctx: Context, _tick: object, search: object, version: object) -> tuple[Any, Any]:
    """Return the chart of the tab when there is something new to draw: a slot, an outage or its
    end.

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
