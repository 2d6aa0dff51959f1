"""« Abonnements » follows its address, and does what its forms ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Contact, Context, _, go_to, note
from plugins.commandes import contacts, endings, radius
from plugins.commandes.address import Tree
from plugins.commandes.models import CancellationRequest, Decision, Subscription
from plugins.commandes.permissions import CANCEL, MANAGE, RADIUS, READ, WRITE
from plugins.commandes.sheets import sheet
from plugins.commandes.subscriptions import find, find_site
from plugins.commandes.tree import SHEET, switches, tree
from plugins.commandes.tree_pages import actions, listed_of, parts_of

callbacks = Callbacks()

SEARCH = ("host-url", "search")
DONE = ("abonnements-kept", "abonnements-ended", "abonnements-settled")
"""What a form that did something writes: the tree and the sheet are drawn anew."""


@callbacks.on(
    Output("abonnements-tree", "children"),
    Output("abonnements-switches", "children"),
    Output("abonnements-actions", "children"),
    Output("abonnements-listed", "data"),
    Input(*SEARCH),
    *(Input(name, "data") for name in DONE),
    State("abonnements-listed", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_tree(ctx: Context, search: object, *states: object) -> tuple[Any, ...]:
    """Return the tree as the address asks for it, unless it stands there as it is."""
    asked = Tree.of_search(search)
    now = [listed_of(asked), *states[:-1]]
    if states[-1] == now:
        raise PreventUpdate
    return tree(ctx, asked), switches(asked), actions(ctx, asked), now


@callbacks.on(
    Output(SHEET, "children"),
    Output("abonnements-shown", "data"),
    Input(*SEARCH),
    *(Input(name, "data") for name in DONE),
    State("abonnements-shown", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_sheet(ctx: Context, search: object, *states: object) -> tuple[Any, Any]:
    """Return the sheet that the address asks for, unless it stands there already.

    Once a form has done what it was for, the sheet comes without it, and so does the address.
    """
    asked, done = Tree.of_search(search), list(states[:-1])
    before = states[-1] if isinstance(states[-1], list) else []
    if before == [*parts_of(asked), *done]:
        raise PreventUpdate
    if asked.form and before[3:] != done:
        asked = replace(asked, form="")
        return [sheet(ctx, asked), go_to(asked.with_())], [*parts_of(asked), *done]
    return sheet(ctx, asked), [*parts_of(asked), *done]


def pressed(data: object) -> Mapping[str, Any]:
    """Return what a press put into a store; nothing of it is to be trusted."""
    if not isinstance(data, dict):
        raise PreventUpdate
    return data


@callbacks.on(
    Output(contacts.SAID, "children"),
    Output("abonnements-kept", "data"),
    Input(contacts.STORE, "data"),
    permission=WRITE,
    prevent_initial_call=True,
)
def keep_contact(ctx: Context, data: object) -> tuple[Any, Any]:
    """Keep the contact of a site as the form says it."""
    asked = pressed(data)
    site = find_site(ctx, str(asked.get("site")))
    if site is None:
        return note(_("Ce site est introuvable."), "warn"), no_update
    said, wrong = contacts.clean(asked)
    if wrong:
        return note(wrong, "warn"), no_update
    id_ = asked.get("contact")
    person = ctx.db.get(Contact, id_) if isinstance(id_, int) else None
    if isinstance(id_, int) and (person is None or person.site_id != site.id):
        return note(_("Ce contact est introuvable."), "warn"), no_update
    contacts.change(ctx, site, person, said)
    return None, asked.get("press")


@callbacks.on(
    Output(endings.ASKED, "children"),
    Output("abonnements-ended", "data"),
    Input(endings.ASK, "data"),
    permission=CANCEL,
    prevent_initial_call=True,
)
def ask_to_cancel(ctx: Context, data: object) -> tuple[Any, Any]:
    """Keep a request to cancel, or take one back."""
    asked = pressed(data)
    if "withdraw" in asked:
        request, one = _request(ctx, asked["withdraw"])
        if request is None or one is None:
            return note(_("Cette demande est introuvable."), "warn"), no_update
        wrong = endings.withdraw(ctx, request, one)
    else:
        reference = asked.get("subscription")
        one = find(ctx, reference[:64]) if isinstance(reference, str) else None
        if one is None:
            return note(_("Cet abonnement est introuvable."), "warn"), no_update
        wrong = endings.ask(ctx, one, asked)
    if wrong:
        return note(wrong, "warn"), no_update
    return None, asked.get("press")


@callbacks.on(
    Output(endings.DECIDED, "children"),
    Output("abonnements-settled", "data"),
    Input(endings.DECIDE, "data"),
    permission=MANAGE,
    prevent_initial_call=True,
)
def decide(ctx: Context, data: object) -> tuple[Any, Any]:
    """Keep what the operator decided of a request."""
    asked = pressed(data)
    decision = {x.value: x for x in (Decision.CONFIRMED, Decision.REFUSED)}.get(
        str(asked.get("decision"))
    )
    request, one = _request(ctx, asked.get("request"))
    if request is None or one is None or decision is None:
        return note(_("Cette demande est introuvable."), "warn"), no_update
    answer = asked.get("answer")
    text = " ".join(answer.split())[: endings.LONGEST] if isinstance(answer, str) else ""
    wrong = endings.decide(ctx, request, one, decision, text)
    if wrong:
        return note(wrong, "warn"), no_update
    return None, asked.get("press")


def _request(ctx: Context, id: object) -> tuple[CancellationRequest | None, Subscription | None]:
    """Return a request of the user's scope and its subscription."""
    plain = isinstance(id, int) and not isinstance(id, bool) and 0 < id < 2**53
    request = ctx.db.get(CancellationRequest, id) if plain else None
    one = ctx.db.get(Subscription, request.subscription_id) if request else None
    return request, one


@callbacks.on(
    Output(radius.SHOWN, "children"),
    Input(radius.STORE, "data"),
    permission=RADIUS,
    prevent_initial_call=True,
)
def show_secret(ctx: Context, data: object) -> Any:
    """Return a RADIUS password for a minute."""
    asked = pressed(data)
    reference = asked.get("subscription")
    one = find(ctx, reference[:64]) if isinstance(reference, str) else None
    return radius.reveal(ctx, one)
