"""The sheet of a customer: what it is called, its administrators, its rubrics, acting for it."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import CustomerLine, Customers, _, attributes, card, empty_state, icon, note, press
from plugins.administration.journal_address import Asked as Journal

ID, CHANGE, CHANGED = "customers-id", "customers-change", "customers-changed"
SAID, WHOLE, RUBRICS = "customers-said", "customers-whole", "customers-rubrics"
NAMES = {"name": "customer-name", "number": "customer-number", "timezone": "customer-zone"}
INVITED = {"email": "customer-email", "name": "customer-person"}


def sheet(desk: Customers, one: CustomerLine) -> Component:
    """Return all that is known of a customer, and may be done about it."""
    return html.Div(
        [
            html.Div([_administrators(one), _rubrics(desk, one)], className="stack"),
            html.Div([_acting(one), _names(one), _state(one)], className="stack"),
        ],
        className="cols",
    )


def _field(id: str, label: str, control: Component) -> Component:
    return html.Div([html.Label(label, htmlFor=id, className="form-label"), control])


def _administrators(one: CustomerLine) -> Component:
    rows: list[Any] = []
    for admin in one.administrators:
        state = html.Span(_("Désactivé"), className="tag")
        if admin.active:
            state = html.Span(_("Actif"), className="tag tag-up")
        if admin.active and admin.invited:
            state = html.Span(_("Invité"), className="tag tag-accent")
        who = html.Div([html.Strong(admin.name), html.Div(admin.email, className="soft small cut")])
        rows.append(html.Li([icon("user"), who, html.Div(state, className="end")]))
    listed: Any = html.Ul(rows, className="rows people")
    if not rows:
        text = _("Invitez la personne qui donnera leurs accès aux autres.")
        listed = empty_state("user", _("Aucun administrateur"), text)
    fields = [
        _field(INVITED["name"], _("Prénom et nom"), dbc.Input(id=INVITED["name"], maxlength=80)),
        _field(
            INVITED["email"], _("Adresse e-mail"),
            dbc.Input(id=INVITED["email"], type="email", maxlength=254, autocomplete="off"),
        ),
    ]  # fmt: skip
    hint = _("Il aura toutes les rubriques, tous les sites, et gérera les utilisateurs du compte.")
    button = press(
        _("Inviter"), CHANGE, {"do": "invite"}, fields=INVITED, className="btn btn-secondary"
    )
    form = html.Div(
        [html.H3(_("Inviter un administrateur")), html.Div(fields, className="fields"),
         html.Div([html.Div(note(hint)), button], className="form-end")],
        className="pad stack write",
    )  # fmt: skip
    return card([listed, form], title=_("Administrateurs"))


def _rubrics(desk: Customers, one: CustomerLine) -> Component:
    known = desk.rubrics()
    choice = dbc.Checklist(
        options=[{"label": _(label), "value": id_} for id_, label in known.items()],
        value=[id_ for id_ in known if id_ not in one.off],
        id=RUBRICS,
        switch=True,
        className="switches",
    )
    hint = _(
        "Une rubrique retirée disparaît pour tous ses utilisateurs : menu, pages, fichiers, murs, "
        "travaux et mails. Leurs droits sont gardés : ils reviennent avec elle."
    )
    button = press(_("Enregistrer"), CHANGE, {"do": "rubrics"}, className="btn btn-secondary")
    head = html.Fieldset([html.Legend(_("Rubriques du compte"), className="sr-only"), choice])
    body = [head, html.Div([html.Div(note(hint)), button], className="form-end")]
    return card(html.Div(body, className="pad stack"), title=_("Rubriques"))


def _acting(one: CustomerLine) -> Component:
    text = _(
        "Pendant une heure, vous voyez et faites ce que voit et fait un administrateur de ce "
        "compte, rien d’autre. Un bandeau le rappelle ; le journal garde vos deux noms."
    )
    button = html.Button(
        [icon("user"), _("Agir pour ce client")], type="submit", className="btn btn-primary"
    )
    journal = dcc.Link(
        [icon("clock"), _("Son journal")],
        href=Journal(customer=one.id).with_(),
        className="btn btn-secondary",
    )
    form = html.Form(button, action=f"/agir/{one.id}", method="POST")
    body = [html.P(text, className="soft small"), html.Div([form, journal], className="bar")]
    return card(html.Div(body, className="pad stack"), title=_("Aider ce client"))


def _names(one: CustomerLine) -> Component:
    def text(name: str, most: int) -> Component:
        return dbc.Input(id=NAMES[name], value=getattr(one, name), maxlength=most)

    fields = [
        _field(NAMES["name"], _("Nom"), text("name", 120)),
        _field(NAMES["number"], _("Numéro de compte"), text("number", 40)),
        _field(NAMES["timezone"], _("Fuseau horaire"), text("timezone", 60)),
    ]
    button = press(
        _("Enregistrer"), CHANGE, {"do": "change"}, fields=NAMES, className="btn btn-secondary"
    )
    body = [html.Div(fields, className="stack-tight"), html.Div(button, className="form-end")]
    return card(html.Div(body, className="pad stack"), title=_("Compte client"))


def _state(one: CustomerLine) -> Component:
    if one.disabled is None:
        text = _("Suspendre ferme les sessions de tous ses utilisateurs. Plus personne n’entre.")
        button = press(
            _("Suspendre le compte"), CHANGE, {"do": "disable"}, className="btn btn-secondary"
        )
    else:
        text = _("Ce compte est suspendu : aucun de ses utilisateurs ne peut se connecter.")
        button = press(
            _("Remettre en service"), CHANGE, {"do": "enable"}, className="btn btn-primary"
        )
    second = _("La double authentification n’est pas exigée.")
    ask = press(
        _("Exiger la double authentification"), CHANGE, {"do": "strict"},
        className="btn btn-secondary",
    )  # fmt: skip
    if one.two_factor:
        second = _("La double authentification est exigée de tous ses utilisateurs.")
        ask = press(_("Ne plus l’exiger"), CHANGE, {"do": "lenient"}, className="btn btn-secondary")
    body = [
        html.P(text, className="soft small"), html.Div(button, className="form-end"),
        html.P(second, className="soft small"), html.Div(ask, className="form-end"),
    ]  # fmt: skip
    return card(html.Div(body, className="pad stack"), title=_("Accès"))


def invitation(email: str, link: str | None) -> Component:
    """Return what is said once somebody is invited: the link itself, where no mail is sent."""
    if link is None:
        return note(_("L’invitation est partie à %(email)s.", email=email), "check")
    said = _(
        "Ce portail n’envoie pas de mails : transmettez vous-même ce lien à %(email)s. Il sert une "
        "fois, pendant 7 jours, et n’est affiché que maintenant.",
        email=email,
    )
    label = html.Label(_("Lien d’invitation"), htmlFor="customer-link", className="sr-only")
    field = dbc.Input(id="customer-link", value=link, readonly=True)
    copy = html.Button(
        _("Copier"),
        type="button",
        className="btn btn-secondary",
        **attributes(data_copy="customer-link", data_done=_("Copié")),
    )
    parts = [html.P(said), html.Div([label, field, copy], className="wall-address")]
    return html.Div(parts, className="alert alert-success wall-result")
