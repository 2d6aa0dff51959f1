"""The page « Abonnements »: criteria, tree, sheet of what is chosen in it."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from core.api import N_, Context, Pages, _, icon, page_head, push
from plugins.commandes.address import EXPORT_SUBSCRIPTIONS, SUBSCRIPTIONS, Tree
from plugins.commandes.contacts import STORE as CONTACT
from plugins.commandes.endings import ASK, DECIDE
from plugins.commandes.permissions import READ, WRITE
from plugins.commandes.radius import STORE as RADIUS
from plugins.commandes.sheets import sheet
from plugins.commandes.tree import SHEET, search, switches, tree

NOTHING = (None, None, None)
"""What the forms have done so far."""

pages = Pages()


@pages.page(SUBSCRIPTIONS, N_("Suivi des abonnements"), permission=READ, menu=N_("Abonnements"))
def subscriptions(ctx: Context) -> Component:
    asked = Tree.of(ctx.query)
    stores = (CONTACT, ASK, DECIDE, RADIUS, "abonnements-kept", "abonnements-ended",
              "abonnements-settled")  # fmt: skip
    return html.Div(
        [
            page_head(
                _("Suivi des abonnements"),
                None,
                [html.Div(actions(ctx, asked), id="abonnements-actions", className="actions")],
            ),
            html.Div(
                [
                    html.Section(
                        [
                            html.Div(switches(asked), id="abonnements-switches",
                                     className="bar pad-top"),
                            html.Div(search(ctx, asked), className="bar pad"),
                            html.Div(tree(ctx, asked), id="abonnements-tree"),
                        ],
                        className="card card-flush",
                    ),
                    html.Div(sheet(ctx, asked), id=SHEET),
                ],
                className="cols cols-even",
            ),
            *(dcc.Store(id=name) for name in stores),
            dcc.Store(id="abonnements-shown", data=[*parts_of(asked), *NOTHING]),
            dcc.Store(id="abonnements-listed", data=[listed_of(asked), *NOTHING]),
        ]
    )  # fmt: skip


def actions(ctx: Context, asked: Tree) -> list[Component]:
    """Return « Modifier le contact sur site » for what is chosen, and the two files."""
    shown: list[Component] = []
    if ctx.may(WRITE):
        words = [icon("edit"), _("Modifier le contact sur site")]
        if asked.chosen or asked.place:
            href = asked.with_(form="contact")
            shown.append(push(words, href, scroll_to=SHEET, className="btn btn-secondary"))
        else:
            hint = _("Choisissez d’abord un abonnement ou un site.")
            off = html.Button(words, disabled=True, title=hint, className="btn btn-secondary")
            shown.append(off)
    plain = {"chosen": "", "place": "", "form": "", "page": 1, "opened": ()}
    for kind, label in (("csv", _("Export CSV")), ("xlsx", _("Export Excel"))):
        href = asked.with_(f"{EXPORT_SUBSCRIPTIONS}.{kind}", **plain)
        shown.append(html.A([icon("download"), label], href=href, className="btn btn-secondary"))
    return shown


def parts_of(asked: Tree) -> list[str]:
    """Return what the sheet depends on."""
    return [asked.chosen, asked.place, asked.form]


def listed_of(asked: Tree) -> str:
    """Return what the tree depends on."""
    return asked.with_(form="")
