"""« Lignes téléphoniques », and the page of one line."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from balise_voix.chart import chart, head, strip
from balise_voix.listing import listing, search
from balise_voix.permissions import EXPORT as MAY_EXPORT
from balise_voix.permissions import READ
from balise_voix.queries import EXPORT, LIST, Asked, Totals, by_day, find, totals
from balise_voix.words import KINDS, dialled
from core.api import N_, Context, Pages, _, card, empty_state, export_menu, page_head

SERVICES = "/supervision/etat"
"""Where the service of a site is seen, offered to whoever may open it."""

pages = Pages()


@pages.page(LIST, N_("Lignes téléphoniques"), permission=READ, menu=N_("Lignes"), charts=True)
def phone_lines(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    sub = _("Ce que vos numéros reçoivent et émettent, jour par jour")
    return html.Div(
        [
            page_head(
                _("Lignes téléphoniques"), sub, [html.Div(exports(ctx, asked), id="voix-exports")]
            ),
            html.Div(
                [
                    card(
                        [
                            html.Div(
                                [head(_("Appels")), chart(ctx, *by_day(ctx), id="voix-chart")],
                                className="pad",
                            )
                        ]
                    ),
                    html.Section(
                        [
                            html.Div(search(asked), className="bar pad"),
                            html.Div(listing(ctx, asked), id="voix-table"),
                        ],
                        className="card card-flush",
                    ),
                ],
                className="stack",
            ),
        ]
    )


def exports(ctx: Context, asked: Asked) -> list[Component]:
    """Return « Exporter » for what is filtered, where the reader may."""
    if not ctx.may(MAY_EXPORT):
        return []
    return [export_menu(lambda kind: asked.address(f"{EXPORT}.{kind}", page=1))]


@pages.page(f"{LIST}/<number>", N_("Ligne téléphonique"), permission=READ, charts=True)
def phone_line(ctx: Context, number: str) -> Component:
    line = find(ctx, number)
    if line is None:
        text = _("Cette ligne n’existe pas, ou n’est pas dans votre périmètre.")
        back = dcc.Link(_("Toutes les lignes"), href=LIST, className="btn btn-secondary")
        return card(empty_state("search", _("Ligne introuvable"), text, back))
    facts = [
        (_("Numéro"), dialled(line.number)),
        (_("Nom"), line.name),
        (_("Type"), _(KINDS[line.kind])),
        (_("Appels simultanés"), str(line.channels)),
        (_("Site"), line.site.name),
        (_("Commune"), line.site.commune or "–"),
    ]
    if line.closed:
        facts.append((_("État"), _("Résiliée")))
    found = totals(ctx, [line.id]).get(line.id, Totals())
    sub = dcc.Link(_("Toutes les lignes"), href=LIST)
    return html.Div(
        [
            page_head(_("Ligne %(number)s", number=dialled(line.number)), sub),
            html.Div(
                [
                    card(
                        html.Dl(
                            [
                                part
                                for name, text in facts
                                for part in (html.Dt(name), html.Dd(text))
                            ],
                            className="dl pad",
                        ),
                        title=_("Informations administratives"),
                    ),
                    card(
                        [
                            html.Div(
                                [
                                    head(_("Appels")),
                                    chart(ctx, *by_day(ctx, line.id), id="voix-chart"),
                                ],
                                className="pad",
                            ),
                            strip(found),
                        ]
                    ),
                ],
                className="stack",
            ),
        ]
    )
