"""The page « Incidents »: counters, criteria, table."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Pages,
    _,
    export_menu,
    formats,
    icon,
    live,
    ngettext,
    page_head,
    sort_form,
)
from plugins.incidents.address import EXPORT, NEW, NEWEST, SLA, SORTS, TICKETS, WORKS, Asked
from plugins.incidents.listing import Listing, search
from plugins.incidents.permissions import READ, WRITE

REFRESH = 30  # seconds
SECTION = N_("Support / Incidents")

pages = Pages()


@pages.page(TICKETS, N_("Incidents"), permission=READ, menu=N_("Incidents"), section=SECTION)
def tickets(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    shown = Listing.of(ctx, asked)
    actions: list[Any] = [
        dcc.Link([icon("clock"), _("Engagements")], href=SLA, className="btn btn-secondary"),
        dcc.Link([icon("tool"), _("Travaux planifiés")], href=WORKS, className="btn btn-secondary"),
        html.Div(exports(asked), id="incidents-exports"),
    ]
    if ctx.may(WRITE):
        words = [icon("plus"), _("Ouvrir un ticket")]
        actions.append(dcc.Link(words, href=NEW, className="btn btn-primary"))
    return html.Div(
        [
            page_head(_("Incidents"), html.Span(size(shown), id="incidents-size"), actions),
            html.Div(
                [
                    html.Section(
                        html.Div(shown.cards(), id="incidents-counters"),
                        className="card card-flush",
                    ),
                    html.Section(
                        [
                            html.Div(
                                [
                                    sort_form(orders_by(), asked.order, _("Trier par"),
                                              id="incidents-sort"),
                                    search(asked),
                                ],
                                className="bar pad",
                            ),
                            html.Div(shown.table(), id="incidents-table"),
                        ],
                        className="card card-flush",
                    ),
                ],
                className="stack",
            ),
            live("incidents-tick", REFRESH),
            dcc.Store(id="incidents-version", data=shown.version()),
        ]
    )  # fmt: skip


def size(shown: Listing) -> str:
    """Return « 43 tickets »."""
    said = formats.number(shown.total)
    return ngettext("%(count)s ticket", "%(count)s tickets", shown.total, count=said)


def exports(asked: Asked) -> Component:
    """Return the files of what is filtered, in its order."""
    return export_menu(lambda kind: asked.with_(f"{EXPORT}.{kind}", page=1))


def orders_by() -> dict[str, str]:
    """Return every order that the heads of the table give, by its word in the address."""
    names = (
        _("N° de ticket"), _("État"), _("Gravité"), _("Site"), _("N° de référence (CLS)"),
        _("Ouvert le"), _("Résolu le"),
    )  # fmt: skip
    found = {"": _("Ouvert le, le plus récent d’abord")}
    for key, name in zip(SORTS, names, strict=True):
        found[key] = _("%(name)s, croissant", name=name)
        if key != NEWEST:
            found[f"-{key}"] = _("%(name)s, décroissant", name=name)
    return found
