"""« Comptes clients » follows its address; the sheet of a customer takes what is done to it."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context, CustomerError, Customers, _, go_to, note
from plugins.administration.customers_address import Asked, sheet_of
from plugins.administration.customers_pages import NEW, NEW_SAID, listed
from plugins.administration.customers_sheet import (
    CHANGE,
    CHANGED,
    ID,
    RUBRICS,
    SAID,
    WHOLE,
    invitation,
    sheet,
)
from plugins.administration.permissions import CUSTOMERS as MANAGE

callbacks = Callbacks()


@callbacks.on(
    Output("customers-table", "children"),
    Output("customers-size", "children"),
    Input("host-url", "search"),
    permission=MANAGE,
    prevent_initial_call=True,
)
def refresh(ctx: Context, search: object) -> tuple[Any, ...]:
    """Return the customers that the address asks for."""
    return listed(ctx, Asked.of_search(search))


@callbacks.on(
    Output(NEW_SAID, "children"),
    Input(NEW, "data"),
    permission=MANAGE,
    prevent_initial_call=True,
)
def create(ctx: Context, data: object) -> Any:
    """Make a customer, and go to its sheet."""
    desk = _desk(ctx)
    said = _said(data, "number", "name", "timezone")
    try:
        made = desk.create(said["number"], said["name"], said["timezone"])
    except CustomerError as error:
        return note(str(error), "warn")
    return go_to(sheet_of(made.id))


@callbacks.on(
    Output(WHOLE, "children"),
    Output(SAID, "children"),
    Output(CHANGED, "data"),
    Input(CHANGE, "data"),
    State(RUBRICS, "value"),
    State(ID, "data"),
    permission=MANAGE,
    prevent_initial_call=True,
)
def change(ctx: Context, data: object, rubrics: object, id: object) -> tuple[Any, Any, Any]:
    """Do to a customer what the press asks; return its sheet, and what became of it."""
    desk = _desk(ctx)
    if not isinstance(data, dict) or not isinstance(id, int) or isinstance(id, bool):
        raise PreventUpdate
    told: Any = note(_("C’est enregistré."), "check")
    try:
        match data.get("do"):
            case "change":
                said = _said(data, "number", "name", "timezone")
                one = desk.change(id, said["number"], said["name"], said["timezone"])
            case "invite":
                said = _said(data, "email", "name")
                one, link = desk.invite(id, said["email"], said["name"])
                told = invitation(said["email"].strip(), link)
            case "rubrics":
                ticked = rubrics if isinstance(rubrics, list) else []
                one = desk.choose_rubrics(id, [r for r in ticked if isinstance(r, str)])
            case "disable" | "enable" as what:
                one = desk.put_in_service(id, on=what == "enable")
            case "strict" | "lenient" as what:
                one = desk.require_two_factor(id, on=what == "strict")
            case _other:
                raise PreventUpdate
    except CustomerError as error:
        return no_update, note(str(error), "warn"), no_update
    return sheet(desk, one), told, data.get("press")


def _desk(ctx: Context) -> Customers:
    if ctx.customers is None:  # the permission says so already
        raise PreventUpdate
    return ctx.customers


def _said(data: object, *names: str) -> dict[str, str]:
    """Return the fields of a press, whatever the browser sent."""
    if not isinstance(data, dict):
        raise PreventUpdate
    return {name: str(data.get(name) or "")[:500].replace("\x00", "") for name in names}
