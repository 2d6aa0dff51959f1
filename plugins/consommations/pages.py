"""« Consommations datas »: the accesses of the user, and the sheet of the one they chose."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Pages,
    _,
    formats,
    live,
    ngettext,
    page_head,
    search_form,
    segmented,
    service_views,
)
from plugins.consommations.address import ADDRESS, VIEWS, Asked
from plugins.consommations.chosen import completed
from plugins.consommations.listing import SHEET, accesses_of, table
from plugins.consommations.permissions import READ
from plugins.consommations.sheet import parts_of, sheet

LIST, LISTED, SHOWN, CHOICE = "datas-list", "datas-listed", "datas-shown", "datas-view"
TICK = "datas-tick"
REFRESH = 60  # seconds: readings come once a minute

pages = Pages()


@pages.page(
    ADDRESS,
    N_("Consommations datas"),
    permission=READ,
    menu=N_("Consommations datas"),
    charts=True,
)
def datas(ctx: Context) -> Component:
    asked = completed(ctx, Asked.of(ctx.query))
    seen = service_views(ctx)
    count = len(accesses_of(seen, ""))
    said = formats.number(count)
    rows, version = table(ctx, asked, seen)
    size = ngettext("%(count)s accès de données", "%(count)s accès de données", count, count=said)
    return html.Div(
        [
            page_head(_("Consommations datas"), size),
            html.Div(
                [
                    html.Section(
                        [
                            html.Div(
                                [
                                    html.Div(views(asked), id=CHOICE),
                                    html.Div(
                                        search_form(
                                            asked.text,
                                            _("Société, site, commune, référence"),
                                            _("Chercher un accès"),
                                            id="datas-search",
                                        ),
                                        className="end",
                                    ),
                                ],
                                className="bar pad",
                            ),
                            html.Div(rows, id=LIST),
                        ],
                        className="card card-flush",
                    ),
                    html.Div(sheet(ctx, asked), id=SHEET),
                ],
                className="stack",
            ),
            live(TICK, REFRESH, max(ctx.stale_after, 3 * REFRESH)),
            dcc.Store(id=LISTED, data=version),
            dcc.Store(id=SHOWN, data=parts_of(asked)),
        ]
    )


def views(asked: Asked) -> Component:
    """Return the choice of lines: by link, by site, by company."""
    options = {key: _(label) for key, label in VIEWS.items()}
    return segmented(
        options, asked.view, _("Regrouper"), href=lambda key: asked.with_(view=key, page=0)
    )
