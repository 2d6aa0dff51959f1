"""An order's page takes messages, and shows those that come."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context, _, note
from plugins.commandes.models import OrderLine
from plugins.commandes.permissions import READ, WRITE
from plugins.commandes.queries import line_of
from plugins.commandes.thread import SAID, SAY, SENT, TEXT, messages_of, say, thread
from plugins.commandes.unread import mark_read

callbacks = Callbacks()


@callbacks.on(
    Output(SAID, "children"),
    Output(SENT, "data"),
    Output(TEXT, "value"),
    Input(SAY, "data"),
    permission=WRITE,
    prevent_initial_call=True,
)
def send_message(ctx: Context, data: object) -> tuple[Any, Any, Any]:
    """Keep a message about the order line that the press names."""
    if not isinstance(data, dict):
        raise PreventUpdate
    line = named(ctx, data.get("reference"), data.get("kind"))
    if line is None:
        return note(_("Cette commande est introuvable."), "warn"), no_update, no_update
    wrong = say(ctx, line, data.get("text"))
    if wrong:
        return note(wrong, "warn"), no_update, no_update
    return note(_("Message envoyé."), "check"), data.get("press"), ""


@callbacks.on(
    Output("commande-thread", "children"),
    Output("commande-newest", "data"),
    Input("commande-tick", "n_intervals"),
    Input(SENT, "data"),
    State("commande-line", "data"),
    State("commande-newest", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_thread(
    ctx: Context, _tick: object, _sent: object, place: object, newest: object
) -> tuple[Any, Any]:
    """Return the messages when one has come; nothing otherwise."""
    line = placed(ctx, place)
    messages = messages_of(ctx, line) if line else []
    if not messages or not isinstance(place, list) or messages[-1].id == newest:
        raise PreventUpdate
    upto = place[2] if isinstance(place[2], int) else 0
    return thread(ctx, messages, upto), messages[-1].id


@callbacks.on(
    Output("commande-read", "data"),
    Input("commande-newest", "data"),
    State("commande-line", "data"),
    permission=READ,
)
def note_read(ctx: Context, newest: object, place: object) -> Any:
    """Note that the messages on the page have been read: once it is shown, and at each new one."""
    line = placed(ctx, place)
    messages = messages_of(ctx, line) if line and isinstance(newest, int) else []
    shown = [one.id for one in messages if one.id <= int(str(newest))]
    if line is not None and shown:
        mark_read(ctx, line, shown[-1])
    raise PreventUpdate


def placed(ctx: Context, place: object) -> OrderLine | None:
    """Return the order line of the page, as the browser says it: reference, type, what was read."""
    whole = isinstance(place, list) and len(place) == 3
    return named(ctx, place[0], place[1]) if isinstance(place, list) and whole else None


def named(ctx: Context, reference: object, kind: object) -> OrderLine | None:
    """Return the order line that the browser names, None when it is not there."""
    if not isinstance(reference, str) or not isinstance(kind, str):
        return None
    line = line_of(ctx, reference[:64], kind)
    return line if line is not None and line.kind.value == kind else None
