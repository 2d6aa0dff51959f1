"""The criteria of a search of order lines, as fields whose values go to the address."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.api import (
    Company,
    Context,
    Site,
    _,
    choice_filter,
    date_filter,
    filters,
    formats,
    text_filter,
)
from plugins.commandes.address import DATES, Asked
from plugins.commandes.models import Kind
from plugins.commandes.queries import closed_lines, known_codes, names
from plugins.commandes.words import KINDS

SUGGESTED = 60
"""Names of companies and of sites offered as one types."""


def search(ctx: Context, asked: Asked) -> Component:
    """Return the criteria of the search: those used most, and the others folded."""
    kinds = {"": _("Tous les types"), **{kind.value: _(KINDS[kind]) for kind in Kind}}
    codes = {"": _("Tous les codes")}
    codes |= {code: f"{code} {label}".strip() for code, label in known_codes(ctx)}
    dates = dict(
        zip(
            ("", *DATES[1:]),
            (_("contractuelle"), _("souhaitée"), _("RDV routeur"), _("RDV lien")),
            strict=True,
        )
    )
    shown = {"": _("Lignes suivies"), "cours": _("En cours d’installation"), "fini": _("Installé")}
    shown["messages"] = _("Messages non lus")
    if closed := closed_lines(ctx):
        shown["closes"] = _("Lignes closes (%(n)s)", n=formats.number(closed))
    start, end = (day.isoformat() if day else "" for day in (asked.start, asked.end))
    more = [
        suggested("client", asked.client, _("Client"), names(ctx, Company.name, SUGGESTED)),
        suggested("site", asked.site, _("Site ou commune"), names(ctx, Site.name, SUGGESTED)),
        choice_filter("code", codes, asked.code, _("Code production"), id="commandes-code"),
        choice_filter("date", dates, asked.dated, _("Date"), id="commandes-date"),
        date_filter("du", start, _("Du"), id="commandes-du"),
        date_filter("au", end, _("Au"), id="commandes-au"),
    ]
    return filters(
        [
            text_filter("q", asked.text, _("Référence, site, article"), id="commandes-search"),
            choice_filter("type", kinds, kinds_value(asked), _("Type BC"), id="commandes-type"),
            choice_filter(
                "avancement", shown, asked.progress, _("Avancement"), id="commandes-avancement"
            ),
            html.Details(
                [html.Summary(_("Plus de critères"), className="btn btn-secondary"),
                 html.Div(more, className="filters-more")],
                open=asked.detailed,
            ),
        ],
        _("Chercher une commande"),
    )  # fmt: skip


def kinds_value(asked: Asked) -> str:
    return asked.kind.value if asked.kind else ""


def suggested(name: str, value: str, label: str, offered: Sequence[str]) -> Component:
    """Return a field for words, with names offered as one types."""
    id_ = f"commandes-{name}"
    field = dbc.Input(
        id=id_, name=name, type="search", value=value, maxlength=80, autocomplete="off",
        list=f"{id_}-names",
    )  # fmt: skip
    listed = html.Datalist([html.Option(value=one) for one in offered], id=f"{id_}-names")
    return html.Div([html.Label(label, htmlFor=id_, className="form-label small"), field, listed])
