"""The list and the matrix follow their address; the form is read, shown as its user, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context, Invited, UserError, _, attributes, card, go_to, note
from plugins.administration.address import USERS as ADDRESS
from plugins.administration.address import Asked, number, user_page
from plugins.administration.fields import id_of
from plugins.administration.form import ACT, DRAFT, SAID, WRONG, frame
from plugins.administration.matrix import matrix
from plugins.administration.pages import listed
from plugins.administration.permissions import USERS
from plugins.administration.reading import read_draft
from plugins.administration.sites import rows

callbacks = Callbacks()

SEARCH = Input("host-url", "search")


@callbacks.on(Output("users-list", "children"), SEARCH, permission=USERS, prevent_initial_call=True)
def refresh_users(ctx: Context, search: object) -> Any:
    """Return the list as the address asks for it."""
    return listed(ctx, Asked.of_search(search))


@callbacks.on(
    Output("users-matrix", "children"), SEARCH, permission=USERS, prevent_initial_call=True
)
def refresh_matrix(ctx: Context, search: object) -> Any:
    """Return the matrix as the address asks for it."""
    return matrix(ctx, Asked.of_search(search))


@callbacks.on(
    Output("users-sites", "children"),
    Input("users-find", "value"),
    Input("users-sites-page", "data"),
    State("users-whose", "data"),
    permission=USERS,
    prevent_initial_call=True,
)
def refresh_sites(ctx: Context, text: object, page: object, customer: object) -> Any:
    """Return a page of the sites that answer to what is typed, the first one of a new search."""
    said = text if isinstance(text, str) else ""
    asked = page if isinstance(page, Mapping) and page.get("q") == said else {}
    whose = ctx.people.customer(number(customer))
    whole = ctx.people.holding(whose).companies if whose is not None else frozenset()
    return rows(ctx, whose, whole, said, number(asked.get("page")) or 1)


@callbacks.on(
    Output("users-whole", "children"),
    Output("users-preview", "children"),
    Output("users-said", "children"),
    *(Output(f"{id_of(field)}-wrong", "children") for field in WRONG),
    Input(DRAFT, "data"),
    permission=USERS,
    prevent_initial_call=True,
)
def take_form(ctx: Context, data: object) -> tuple[Any, ...]:
    """Keep what the form says, or show the portal as its user would see it."""
    if not isinstance(data, Mapping):
        raise PreventUpdate
    fine = [""] * len(WRONG)
    id_, customer = number(data.get("id")), number(data.get("customer"))
    try:
        draft = read_draft(ctx, data)
        if data.get("do") == "see":
            address = ctx.people.preview(draft, id_, customer)
            name = f"{draft.given_name} {draft.family_name}".strip()
            return no_update, frame(address, name), "", *fine
        if data.get("do") != "save":
            raise PreventUpdate
        if id_ is not None:
            ctx.people.change(id_, draft, number(data.get("version")) or 0)
            return _leave(ctx, customer, "change"), no_update, no_update, *fine
        made = ctx.people.create(draft, customer)
    except UserError as error:
        below = [str(error) if field == error.field else "" for field in WRONG]
        said = _("Corrigez ce qui est marqué.") if error.field in WRONG else str(error)
        return no_update, no_update, html.Span(said, className="t-down"), *below
    if made.link:
        return handed(made), "", "", *fine
    return _leave(ctx, customer, "invite" if made.mailed else "cree"), no_update, no_update, *fine


@callbacks.on(
    Output(SAID, "children"), Input(ACT, "data"), permission=USERS, prevent_initial_call=True
)
def act_on_account(ctx: Context, data: object) -> Any:
    """Disable, enable, delete or invite again, as a press asks."""
    if not isinstance(data, Mapping):
        raise PreventUpdate
    id_, version = number(data.get("id")) or 0, number(data.get("version")) or 0
    try:
        match data.get("do"):
            case "invite":
                made = ctx.people.invite(id_)
                sent = _("L’invitation est repartie ; la précédente ne vaut plus.")
                return handed(made) if made.link else note(sent, "check")
            case "disable" | "enable" as do:
                ctx.people.disable(id_, version, again=do == "enable")
                return go_to(f"{user_page(id_)}?fait=change")
            case "reset":
                ctx.people.reset_second_step(id_)
                return note(
                    _("La double authentification est retirée, ses sessions sont terminées."),
                    "check",
                )
            case "delete":
                user = ctx.people.find(id_)
                ctx.people.delete(id_, version)
                return _leave(ctx, user.customer_id if user else None, "supprime")
    except UserError as error:
        return note(str(error), "warn")
    raise PreventUpdate


def _leave(ctx: Context, customer: int | None, done: str) -> Any:
    """Return what leads to the list, which says what was done."""
    of = Asked(customer=customer if ctx.people.staff else None)
    return go_to(of.with_(done=done))


def handed(made: Invited) -> Any:
    """Return the link of an invitation that no mail takes: told this once."""
    said = _(
        "Aucun serveur de courriel n’est réglé : remettez vous-même ce lien à %(email)s. Il vaut 7 "
        "jours, une seule fois, et n’est gardé nulle part.",
        email=made.email,
    )
    label = html.Label(_("Lien d’invitation"), htmlFor="users-link", className="form-label")
    link = dbc.Input(id="users-link", value=made.link, readonly=True)
    copy = html.Button(
        _("Copier"), type="button", className="btn btn-secondary",
        **attributes(data_copy="users-link", data_done=_("Copié")),
    )  # fmt: skip
    back = dcc.Link(_("Retour à la liste"), href=ADDRESS, className="btn btn-secondary")
    body = [
        note(said, "check"),
        html.Div([label, link]),
        html.Div([back, copy], className="form-end"),
    ]
    return card(html.Div(body, className="pad stack"), title=_("L’utilisateur est créé"))
