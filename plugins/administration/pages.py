"""« Gestion des utilisateurs »: the table of those whom one administers."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from core.api import N_, Context, Pages, _, empty_state, page_head
from plugins.administration.address import USERS as ADDRESS
from plugins.administration.permissions import USERS

pages = Pages()


@pages.page(
    ADDRESS, N_("Gestion des utilisateurs"), permission=USERS, menu=N_("Gestion des utilisateurs")
)
def users(_ctx: Context) -> Component:
    text = _("Les utilisateurs que vous créez apparaissent ici.")
    nothing = empty_state("user", _("Aucun utilisateur"), text)
    return html.Div(
        [
            page_head(_("Gestion des utilisateurs")),
            html.Section(nothing, className="card"),
        ]
    )
