"""The page « Journal »: who did what, with the proof that nothing of it was changed since."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, html
from dash.development.base_component import Component

from core.api import N_, Callbacks, Context, Pages, _, export_menu, note, page_head
from plugins.administration.journal_address import EXPORT, JOURNAL, Asked
from plugins.administration.journal_listing import PANEL, Listing, panel, search, views
from plugins.administration.permissions import JOURNAL as READ

pages = Pages()
callbacks = Callbacks()


@pages.page(JOURNAL, N_("Journal"), permission=READ, menu=N_("Journal"))
def journal(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    shown = Listing.of(ctx, asked)
    text = _(
        "Chaque ligne est liée à celle d’avant par une empreinte : une ligne changée, ôtée ou "
        "ajoutée se voit. Aucune n’est effacée."
    )
    return html.Div(
        [
            page_head(
                _("Journal"),
                html.Span(shown.size(), id="journal-size"),
                [html.Div(exports(asked), id="journal-exports")],
            ),
            html.Div(
                [
                    html.Section(
                        [
                            html.Div(
                                [html.Div(views(asked), id="journal-views"), search(ctx, asked)],
                                className="bar pad",
                            ),
                            html.Div(shown.table(), id="journal-table"),
                        ],
                        className="card card-flush",
                    ),
                    html.Div([html.Div(panel(ctx, asked), id=PANEL), note(text, "lock")],
                             className="stack"),
                ],
                className="cols journal",
            ),
        ]
    )  # fmt: skip


def exports(asked: Asked) -> Component:
    """Return the files of what is filtered."""
    return export_menu(lambda kind: asked.with_(f"{EXPORT}.{kind}", page=1, line=None))


@callbacks.on(
    Output("journal-table", "children"),
    Output("journal-size", "children"),
    Output("journal-exports", "children"),
    Output("journal-views", "children"),
    Output(PANEL, "children"),
    Input("host-url", "search"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh(ctx: Context, search_: object) -> tuple[Any, ...]:
    """Return the lines that the address asks for, and the one that it opens."""
    asked = Asked.of_search(search_)
    shown = Listing.of(ctx, asked)
    return (
        shown.table(), shown.size(), exports(asked), views(asked), panel(ctx, asked),
    )  # fmt: skip
