"""The page « Comptes clients », for the operator: the list, and a form for a new one."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Column,
    Context,
    CustomerLine,
    Pages,
    Table,
    _,
    card,
    empty_state,
    formats,
    icon,
    ngettext,
    page_count,
    page_head,
    press,
    push,
    search_form,
    table_foot,
)
from plugins.administration.customers_address import CUSTOMERS, Asked, sheet_of
from plugins.administration.customers_sheet import CHANGE, CHANGED, ID, SAID, WHOLE, sheet
from plugins.administration.permissions import CUSTOMERS as MANAGE

PER_PAGE = 25
NEW, NEW_SAID = "customers-new", "customers-new-said"
FORM = {"number": "customers-number", "name": "customers-name", "timezone": "customers-zone"}
ZONE = "Europe/Paris"

pages = Pages()


@pages.page(CUSTOMERS, N_("Comptes clients"), permission=MANAGE, menu=N_("Comptes clients"))
def customers(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    found = _found(ctx, asked)
    return html.Div(
        [
            page_head(_("Comptes clients"), html.Span(size(len(found)), id="customers-size")),
            html.Div(
                [
                    html.Section(
                        [
                            html.Div(
                                search_form(asked.text, _("Nom ou numéro"),
                                            _("Chercher un compte client"), id="customers-search"),
                                className="bar pad",
                            ),
                            html.Div(table(ctx, asked, found), id="customers-table"),
                        ],
                        className="card card-flush",
                    ),
                    _new(),
                ],
                className="cols",
            ),
        ]
    )  # fmt: skip


@pages.page(f"{CUSTOMERS}/<int:number>", N_("Compte client"), permission=MANAGE, menu=None)
def customer(ctx: Context, number: int) -> Component:
    found = ctx.customers.find(number) if ctx.customers else None
    words = [icon("left"), _("Comptes clients")]
    back = dcc.Link(words, href=CUSTOMERS, className="btn btn-secondary")
    if found is None or ctx.customers is None:
        text = _("Vérifiez l’adresse, ou cherchez ce compte dans la liste.")
        nothing = empty_state("search", _("Ce compte client est introuvable"), text, back)
        return html.Div([page_head(_("Compte client")), html.Section(nothing, className="card")])
    return html.Div(
        [
            page_head(found.name, _("Compte n° %(number)s", number=found.number), [back]),
            html.Div(id=SAID, role="status", className="said"),
            html.Div(sheet(ctx.customers, found), id=WHOLE),
            dcc.Store(id=ID, data=found.id),
            dcc.Store(id=CHANGE),
            dcc.Store(id=CHANGED),
        ]
    )


def _found(ctx: Context, asked: Asked) -> list[CustomerLine]:
    return list(ctx.customers.all(asked.text)) if ctx.customers else []


def listed(ctx: Context, asked: Asked) -> tuple[list[Any], str]:
    """Return the table and the count of what the address asks for."""
    found = _found(ctx, asked)
    return table(ctx, asked, found), size(len(found))


def size(count: int) -> str:
    """Return « 12 comptes »."""
    said = formats.number(count)
    return ngettext("%(count)s compte", "%(count)s comptes", count, count=said)


def table(ctx: Context, asked: Asked, found: list[CustomerLine]) -> list[Any]:
    """Return one page of the customers and its foot, or what stands in their place."""
    if not found:
        return [_nothing(asked)]
    page = min(asked.page, page_count(len(found), PER_PAGE))
    rubrics = len(ctx.customers.rubrics()) if ctx.customers else 0

    def has(one: CustomerLine) -> str:
        left = rubrics - len(one.off)
        return _("toutes") if not one.off else _("%(n)s sur %(all)s", n=left, all=rubrics)

    def folded(one: CustomerLine) -> tuple[Any, str, list[str]]:
        users = ngettext("%(n)s utilisateur", "%(n)s utilisateurs", one.users)
        sites = ngettext("%(n)s site", "%(n)s sites", one.sites)
        return state_tag(one), one.name, [one.number, f"{sites} · {users}"]

    shown = Table(
        label=_("Comptes clients"),
        columns=[
            Column(_("Nom"), _named, link=True),
            Column(_("Sites"), lambda one: formats.number(one.sites), "76px", numeric=True),
            Column(_("Utilisateurs"), lambda one: formats.number(one.users), "104px", numeric=True),
            Column(_("Administrateurs"), _administrators),
            Column(_("Rubriques"), has, "100px"),
            Column(_("État"), state_tag, "112px"),
        ],
        href=lambda one: sheet_of(one.id),
        phone=folded,
        tall=True,
    )
    rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    noun = ngettext("compte", "comptes", len(found))
    return [shown.render(rows), table_foot(len(found), page, PER_PAGE, asked.with_, noun)]


def _named(one: CustomerLine) -> Component:
    number = html.Span(one.number, className="two soft small")
    return html.Span([html.Span(one.name, className="two"), number], title=one.name)


def _administrators(one: CustomerLine) -> str:
    return ", ".join(admin.name for admin in one.administrators if admin.active)


def state_tag(one: CustomerLine) -> Component:
    """Return whether a customer's accounts may be used."""
    if one.disabled is not None:
        return html.Span(_("Suspendu"), className="tag tag-degraded")
    if one.closed is not None:
        return html.Span(_("Fermé"), className="tag")
    return html.Span(_("En service"), className="tag tag-up")


def _nothing(asked: Asked) -> Component:
    if asked.text:
        clear = push(_("Effacer la recherche"), CUSTOMERS, className="btn btn-secondary")
        text = _("Aucun nom, aucun numéro ne contient ces mots.")
        return empty_state("filter", _("Aucun compte ne correspond"), text, clear)
    text = _("Créez le premier ici, ou importez-les.")
    return empty_state("admin", _("Aucun compte client"), text)


def _new() -> Component:
    zone = dbc.Input(id=FORM["timezone"], value=ZONE, maxlength=60)
    fields = [
        field(FORM["name"], _("Nom"), dbc.Input(id=FORM["name"], maxlength=120)),
        field(FORM["number"], _("Numéro de compte"), dbc.Input(id=FORM["number"], maxlength=40)),
        field(FORM["timezone"], _("Fuseau horaire"), zone),
    ]
    button = press(_("Créer le compte"), NEW, {}, fields=FORM, className="btn btn-primary")
    body = [
        html.Div(fields, className="stack-tight"),
        html.Div(id=NEW_SAID, role="status"),
        html.Div(button, className="form-end"),
        dcc.Store(id=NEW),
    ]
    return card(html.Div(body, className="pad stack"), title=_("Nouveau compte client"))


def field(id: str, label: str, control: Component) -> Component:
    """Return a field under its label."""
    return html.Div([html.Label(label, htmlFor=id, className="form-label"), control])
