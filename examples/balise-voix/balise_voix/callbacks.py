"""The table follows the address: what is typed or chosen above it stands there."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from dash import Input, Output

from balise_voix.listing import listing
from balise_voix.pages import exports
from balise_voix.permissions import READ
from balise_voix.queries import Asked
from core.api import Callbacks, Context

callbacks = Callbacks()


@callbacks.on(
    Output("voix-table", "children"),
    Output("voix-exports", "children"),
    Input("host-url", "search"),
    permission=READ,
    prevent_initial_call=True,
)
def follow(ctx: Context, search: object) -> tuple[Any, Any]:
    """Return the lines that the address asks for, the browser's word."""
    text = search.removeprefix("?") if isinstance(search, str) else ""
    asked = Asked.of(dict(parse_qsl(text[:2000])))
    return listing(ctx, asked), exports(ctx, asked)
