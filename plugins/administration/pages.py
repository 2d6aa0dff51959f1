"""The pages of the users: the list, the form, the matrix."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Pages,
    UserError,
    UserState,
    _,
    attributes,
    card,
    choice_filter,
    empty_state,
    export_menu,
    filters,
    formats,
    icon,
    ngettext,
    note,
    page_head,
    press,
    push,
    sort_form,
)
from plugins.administration.address import EXPORT, MATRIX, NEW, Asked
from plugins.administration.address import USERS as ADDRESS
from plugins.administration.form import form
from plugins.administration.listing import Listing, search
from plugins.administration.matrix import matrix
from plugins.administration.permissions import USERS

ACT, SAID = "users-account", "users-account-said"

pages = Pages()


@pages.page(
    ADDRESS, N_("Gestion des utilisateurs"), permission=USERS, menu=N_("Gestion des utilisateurs")
)
def users(ctx: Context) -> Component:
    return html.Div(
        [
            html.Div(listed(ctx, Asked.of(ctx.query)), id="users-list"),
            dcc.Store(id=ACT),
            html.Div(id=SAID, role="status"),
        ]
    )


def listed(ctx: Context, asked: Asked) -> list[Any]:
    """Return all that the address asks for: head, what is to be confirmed, filters, table."""
    try:
        customers = ctx.people.customers()
    except UserError as error:  # a preview of an administrator: its desk is nobody's
        return [page_head(_("Gestion des utilisateurs")), note(str(error))]
    if ctx.people.customer(asked.customer) is None:
        return [page_head(_("Gestion des utilisateurs")), _choice(customers, asked)]
    shown = Listing.of(ctx, asked)
    size = formats.number(shown.found.total)
    said: list[Any] = [
        ngettext("%(count)s utilisateur", "%(count)s utilisateurs", shown.found.total, count=size)
    ]
    if ctx.people.staff:
        name = dict(customers).get(asked.customer or 0, "")
        other = push(_("Changer de compte client"), ADDRESS)
        said += [" · ", name, " · ", other]
    actions = [
        dcc.Link([icon("check"), _("Matrice des droits")], href=asked.with_(MATRIX, page=1),
                 className="btn btn-secondary"),
        export_menu(lambda kind: asked.with_(f"{EXPORT}.{kind}", page=1)),
        dcc.Link([icon("plus"), _("Ajouter un utilisateur")], href=Asked(
            customer=asked.customer).with_(NEW), className="btn btn-primary"),
    ]  # fmt: skip
    return [
        page_head(_("Gestion des utilisateurs"), html.Span(said), actions),
        html.Div(
            [
                html.Div([*_done(asked), *_confirmation(ctx, asked)], id="users-asked"),
                html.Section(
                    [
                        html.Div(shown.states(), className="bar pad"),
                        html.Div(
                            [sort_form(_orders(), asked.order, _("Trier par"), id="users-sort"),
                             search(ctx, asked)],
                            className="bar pad ruled",
                        ),
                        html.Div(shown.table(), id="users-table"),
                    ],
                    className="card card-flush",
                ),
            ],
            className="stack",
        ),
    ]  # fmt: skip


def _choice(customers: Any, asked: Asked) -> Component:
    """Return the choice of a customer, which the operator's staff makes first."""
    if asked.customer is not None or not customers:
        gone = _("Ce compte client est introuvable.")
        return html.Section(empty_state("user", gone, _("Choisissez-en un autre."), push(
            _("Choisir un compte client"), ADDRESS, className="btn btn-secondary")),
            className="card")  # fmt: skip
    options = {"": _("Choisir un compte client"), **{str(id_): name for id_, name in customers}}
    choice = choice_filter("client", options, "", _("Compte client"), id="users-customer")
    text = _("Les utilisateurs se gèrent compte client par compte client.")
    return card(html.Div([html.P(text, className="soft"), filters([choice], text)],
                         className="pad"), title=_("De quel compte client ?"))  # fmt: skip


def _orders() -> dict[str, str]:
    return {
        "": _("Nom"),
        "-nom": _("Nom, de Z à A"),
        "-connexion": _("Dernière connexion, la plus récente d’abord"),
        "connexion": _("Dernière connexion, la plus ancienne d’abord"),
        "etat": _("État"),
    }


def _done(asked: Asked) -> list[Component]:
    said = {
        "invite": _("L’utilisateur est créé. Il reçoit par courriel un lien, valable 7 jours, pour "
                    "choisir son mot de passe."),
        "cree": _("L’utilisateur est créé."),
        "change": _("Les changements sont enregistrés : ils valent dès sa prochaine action."),
        "supprime": _("L’utilisateur est supprimé. Son historique est conservé."),
    }  # fmt: skip
    return [html.Div(note(said[asked.done], "check"), role="status")] if asked.done else []


def _confirmation(ctx: Context, asked: Asked) -> list[Component]:
    """Return the question whether a user is to be deleted, when the address names one."""
    user = ctx.people.find(asked.delete) if asked.delete else None
    if user is None or user.admin or user.myself or user.state is UserState.DELETED:
        return []
    text = _(
        "« %(email)s » ne pourra plus se connecter, ses sessions se terminent aussitôt. Son "
        "historique est conservé.",
        email=user.email,
    )
    value = {"do": "delete", "id": user.id, "version": user.version, "back": asked.with_()}
    buttons = [
        push(_("Annuler"), asked.with_(), className="btn btn-secondary"),
        press(_("Supprimer l’utilisateur"), ACT, value, className="btn btn-danger"),
    ]
    title = _("Supprimer %(name)s ?", name=user.name)
    head = html.Div(html.H2(title, id="users-delete"), className="panel-head")
    body = [html.P(text, className="mb-0"), html.Div(buttons, className="form-end")]
    return [
        html.Section(
            [head, html.Div(body, className="pad stack")],
            className="card card-flush", role="alertdialog",
            **attributes(aria_labelledby="users-delete"),
        )
    ]  # fmt: skip


@pages.page(NEW, N_("Ajouter un utilisateur"), permission=USERS)
def new_user(ctx: Context) -> Component:
    return _framed(ctx, None)


@pages.page(f"{ADDRESS}/<int:number>", N_("Modifier un utilisateur"), permission=USERS)
def one_user(ctx: Context, number: int) -> Component:
    return _framed(ctx, number)


def _framed(ctx: Context, id_: int | None) -> Component:
    asked = Asked.of(ctx.query)
    user = ctx.people.find(id_) if id_ is not None else None
    customer = user.customer_id if user else ctx.people.customer(asked.customer)
    if customer is None or (id_ is not None and user is None):
        gone = _("Cet utilisateur est introuvable.") if id_ else _("Choisissez un compte client.")
        back = dcc.Link(_("Gestion des utilisateurs"), href=ADDRESS, className="btn btn-secondary")
        text = _("Il a pu être supprimé, ou n’est pas de votre compte client.")
        return html.Section(empty_state("user", gone, text, back), className="card")
    name = dict(ctx.people.customers()).get(customer, "")
    of = Asked(customer=customer if ctx.people.staff else None)
    title = user.name if user else _("Ajouter un utilisateur")
    sub = html.Span([dcc.Link(_("Gestion des utilisateurs"), href=of.with_()), f" · {name}"])
    return html.Div(
        [
            page_head(title, sub),
            html.Div(form(ctx, user, customer, of), id="users-whole", className="stack user-form"),
            dcc.Store(id=ACT),
        ]
    )  # fmt: skip


@pages.page(MATRIX, N_("Matrice des droits"), permission=USERS)
def rights_matrix(ctx: Context) -> Component:
    return html.Div(matrix(ctx, Asked.of(ctx.query)), id="users-matrix")
