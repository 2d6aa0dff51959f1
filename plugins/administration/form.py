"""The form of a user in its three parts, and what else can be done about an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Context,
    User,
    UserState,
    _,
    attributes,
    card,
    formats,
    icon,
    note,
    press,
)
from plugins.administration.address import Asked
from plugins.administration.fields import field, id_of, part, select, wrong
from plugins.administration.rights import dual
from plugins.administration.sites import picker
from plugins.administration.words import state_tag

DRAFT, ACT, SAID = "users-draft", "users-account", "users-account-said"
TYPED = ("family_name", "given_name", "email", "password", "kind", "expires", "profile")
FIELDS = (*TYPED, "permissions", "scope")
"""Fields as the desk names them; the last two hold values of their own (assets)."""
WRONG = ("family_name", "given_name", "email", "password", "expires", "permissions", "scope")
"""Those that an error may stand below."""


def form(ctx: Context, user: User | None, customer: int, of: Asked) -> list[Any]:
    """Return the form of a user, of a new one when there is none, with what stands below it."""
    if user is not None and (user.myself or user.state is UserState.DELETED):
        return [_closed(ctx, user)]
    value = {
        "id": user.id if user else None,
        "version": user.version if user else None,
        "customer": customer,
    }
    key = f"{user.id}.{user.version}" if user else "new"
    fields = {name: id_of(name) for name in FIELDS}
    see = press([icon("eye"), _("Voir comme")], DRAFT, {**value, "do": "see"}, fields=fields,
                className="btn btn-secondary")  # fmt: skip
    save = press(_("Enregistrer"), DRAFT, {**value, "do": "save"}, fields=fields,
                 className="btn btn-primary", id="users-save")  # fmt: skip
    cancel = dcc.Link(_("Annuler"), href=of.with_(), className="btn btn-secondary")
    bar = html.Div(
        [html.Span(_("Non enregistré"), className="muted small user-unsaved"),
         html.Span(id="users-said", className="small", role="status"),
         html.Span(className="push"), see, cancel, save],
        className="save-bar",
    )  # fmt: skip
    parts = html.Div(
        [_identity(ctx, user), dual(ctx, user), picker(ctx, user, customer), bar],
        className="card", key=key,
    )  # fmt: skip
    below = [_account(ctx, user)] if user is not None else []
    return [parts, html.Div(id="users-preview"), *below, dcc.Store(id=DRAFT)]


def _identity(ctx: Context, user: User | None) -> Component:
    def typed(name: str, value: str, **more: Any) -> Component:
        return dbc.Input(id=id_of(name), value=value, autocomplete="off", **more)

    end = ""
    if user is not None and user.expires is not None:
        last = user.expires.astimezone(ctx.zone) - timedelta(seconds=1)
        end = last.date().isoformat()
    kinds = {"user": _("Utilisateur"), "guest": _("Invité : un seul site, pour un temps")}
    chosen = "guest" if user and user.guest else "user"
    optional = html.Span(_("(facultatif)"), className="req")
    email = typed("email", user.email if user else "", type="email", maxlength=254,
                  disabled=user is not None)  # fmt: skip
    fields = [
        field("family_name", _("Nom"),
              typed("family_name", user.family_name if user else "", maxlength=60)),
        field("given_name", _("Prénom"),
              typed("given_name", user.given_name if user else "", maxlength=60)),
        field("email", _("Identifiant (e-mail)"), email, full=True),
        field("kind", _("Type de compte"), select("kind", kinds, chosen)),
        field("expires", [_("Fin de l’accès"), " ", optional],
              typed("expires", end, type="date"), _("Dernier jour. Vide : sans fin.")),
    ]  # fmt: skip
    if user is None and ctx.people.direct_passwords:
        hint = _("12 caractères au moins. Vide : un lien d’invitation part par courriel.")
        password = dbc.Input(id=id_of("password"), type="password", autocomplete="new-password",
                             maxlength=128, value="")  # fmt: skip
        label = [_("Mot de passe"), " ", optional]
        fields.insert(3, field("password", label, password, hint, full=True))
    else:
        fields.append(html.Div(wrong("password"), hidden=True))
    text = [_("L’identifiant est une adresse e-mail valide. Il ne pourra plus être modifié.")]
    if user is None and not ctx.people.direct_passwords:
        text.append(_("L’utilisateur choisit son mot de passe par un lien d’invitation."))
    return part(_("Informations utilisateur"), text, html.Div(fields, className="fields"))


def _facts(ctx: Context, user: User) -> Component:
    seen = formats.moment(user.last_sign_in, ctx.zone) if user.last_sign_in else _("Jamais")
    facts = [
        (_("État"), state_tag(user.state)),
        (_("Dernière connexion"), seen),
        (_("Double authentification"), _("oui") if user.second_step else _("non")),
        (_("Créé le"), formats.moment(user.created, ctx.zone)),
        (_("Créé par"), user.made_by or _("l’opérateur")),
        (_("Modifié par"), user.changed_by or "–"),
    ]
    rows = [part for name, value in facts for part in (html.Dt(name), html.Dd(value))]
    return html.Dl(rows, className="user-facts")


def _closed(ctx: Context, user: User) -> Component:
    """Return what stands in place of the form of one's own account, or of a deleted one."""
    said = _("Cet utilisateur a été supprimé. Pour le rétablir, ajoutez un utilisateur de même "
             "identifiant.")  # fmt: skip
    if user.myself:
        said = _(
            "C’est votre propre compte : un autre administrateur, ou l’opérateur, en change les "
            "droits."
        )
    return card(html.Div([note(said), _facts(ctx, user)], className="pad stack"), title=user.email)


def _account(ctx: Context, user: User) -> Component:
    """Return the state of an account, and what can be done about it at once."""
    value = {"id": user.id, "version": user.version}
    actions = []
    if user.state is UserState.INVITED:
        actions.append((_("Renvoyer l’invitation"), "invite", "btn btn-secondary"))
    if user.second_step:
        actions.append((_("Retirer la double authentification"), "reset", "btn btn-secondary"))
    if user.state is UserState.DISABLED:
        actions.append((_("Réactiver le compte"), "enable", "btn btn-secondary"))
    else:
        actions.append((_("Désactiver le compte"), "disable", "btn btn-secondary"))
    buttons: list[Any] = [
        press(words, ACT, {**value, "do": do}, className=css) for words, do, css in actions
    ]
    if not user.admin:
        buttons.append(
            html.Details(
                [
                    html.Summary(_("Supprimer…"), className="btn btn-secondary"),
                    html.Div(
                        [html.Span(_("Ses sessions se terminent ; son historique est conservé.")),
                         press(_("Supprimer l’utilisateur"), ACT, {**value, "do": "delete"},
                               className="btn btn-danger")],
                        className="drop-confirm",
                    ),
                ],
                className="confirm",
            )
        )  # fmt: skip
    return card(
        html.Div(
            [_facts(ctx, user), html.Div(buttons, className="bar"),
             html.Div(id=SAID, role="alert")],
            className="pad stack",
        ),
        title=_("Le compte"),
    )  # fmt: skip


def frame(address: str, name: str) -> Component:
    """Return the portal as a user would see it, read-only."""
    title = _("Ce que verra %(name)s", name=name)
    said = _("Menu, accueil et données de cet utilisateur. Rien ne s’enregistre dans ce cadre.")
    return html.Section(
        [
            html.Div([html.H2([icon("eye"), " ", title]), html.Span(said, className="soft small")],
                     className="panel-head preview-head"),
            html.Iframe(src=address, title=title, className="preview-frame"),
        ],
        className="card card-flush", id="users-seen", **attributes(data_shown=""),
    )  # fmt: skip
