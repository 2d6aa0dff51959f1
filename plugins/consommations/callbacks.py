"""The switch between the main link and its backup."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, no_update

from core.api import Callbacks, Context
from plugins.consommations.permissions import READ
from plugins.consommations.queries import link_by_reference
from plugins.consommations.tabs import CHART, CHOICE, chart

callbacks = Callbacks()


@callbacks.on(
    Output(CHART, "children"),
    Input(CHOICE, "value"),
    permission=READ,
    prevent_initial_call=True,
)
def show_link(ctx: Context, reference: object) -> Any:
    """Return the chart of the link of that reference; another tenant's is as absent."""
    link = link_by_reference(ctx, reference)
    return no_update if link is None else chart(ctx, link)
