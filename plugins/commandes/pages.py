"""The page « Suivi des commandes »: counters, criteria, table."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import N_, Context, Pages, _, formats, icon, live, ngettext, page_head, sort_form
from plugins.commandes.address import EXPORT_ORDERS, NEWEST, ORDERS, SORTS, Asked
from plugins.commandes.listing import Listing
from plugins.commandes.permissions import READ
from plugins.commandes.searching import search

REFRESH = 60  # seconds

pages = Pages()


@pages.page(ORDERS, N_("Suivi des commandes"), permission=READ, menu=N_("Suivi des commandes"))
def orders(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    shown = Listing.of(ctx, asked)
    return html.Div(
        [
            page_head(
                _("Suivi des commandes"),
                html.Span(size(shown), id="commandes-size"),
                [html.Div(exports(asked), id="commandes-exports", className="actions")],
            ),
            html.Div(
                [
                    html.Section(
                        html.Div(shown.cards(), id="commandes-counters"),
                        className="card card-flush",
                    ),
                    html.Section(
                        [
                            html.Div(
                                [
                                    sort_form(orders_by(), asked.order, _("Trier par"),
                                              id="commandes-sort"),
                                    search(ctx, asked),
                                ],
                                className="bar pad",
                            ),
                            html.Div(shown.table(), id="commandes-table"),
                        ],
                        className="card card-flush",
                    ),
                ],
                className="stack",
            ),
            live("commandes-tick", REFRESH),
            dcc.Store(id="commandes-version", data=shown.version()),
        ]
    )  # fmt: skip


def size(shown: Listing) -> str:
    """Return « 43 lignes de commande »."""
    said = formats.number(shown.total)
    return ngettext(
        "%(count)s ligne de commande", "%(count)s lignes de commande", shown.total, count=said
    )


def exports(asked: Asked) -> list[Component]:
    """Return the two files of what is filtered, in its order."""
    return [
        html.A([icon("download"), label], href=asked.with_(f"{EXPORT_ORDERS}.{kind}", page=1),
               className="btn btn-secondary")
        for kind, label in (("csv", _("Export détaillé (CSV)")), ("xlsx", _("Export Excel")))
    ]  # fmt: skip


def orders_by() -> dict[str, str]:
    """Return every order that the heads of the table give, by its word in the address."""
    names: dict[str, Any] = dict(
        zip(
            SORTS,
            (
                _("Type BC"), _("Client / Site"), _("Libellé article"), _("Date contractuelle"),
                _("Date souhaitée"), _("RDV routeur"), _("RDV lien"), _("État commande"),
                _("Code production"),
            ),
            strict=True,
        )
    )  # fmt: skip
    found = {"": _("Date contractuelle, la plus récente d’abord")}
    for key, name in names.items():
        found[key] = _("%(name)s, croissant", name=name)
        if key != NEWEST:
            found[f"-{key}"] = _("%(name)s, décroissant", name=name)
    return found
