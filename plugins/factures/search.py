"""« Factures »: the criteria of the search."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.api import Context, _, choice_filter, date_filter, filters, text_filter
from plugins.factures.address import Asked, said_amount
from plugins.factures.queries import companies
from plugins.factures.words import KINDS, PAYMENTS, month_key, month_words


def search(ctx: Context, asked: Asked, known: Sequence[int]) -> Component:
    """Return the criteria of the search: those used most, and the others folded."""
    whose = {"": _("Toutes les sociétés")}
    whose |= {str(id_): name for id_, name in companies(ctx)}
    kinds = {"": _("Factures et avoirs"), **{k.value: _(word) for k, word in KINDS.items()}}
    states = {"": _("Tous les états"), **{k.value: _(w[0]) for k, w in PAYMENTS.items()}}
    every = {"": _("Les derniers mois")}
    every |= {month_key(month): month_words(month) for month in known}
    if asked.month:
        every.setdefault(month_key(asked.month), month_words(asked.month))
    chosen = {
        "societe": str(asked.company or ""),
        "mois": month_key(asked.month) if asked.month else "",
        "type": asked.kind.value if asked.kind else "",
        "etat": asked.payment.value if asked.payment else "",
    }
    start, end = (day.isoformat() if day else "" for day in (asked.start, asked.end))
    more = [
        *(
            choice_filter(name, options, chosen[name], label, id=f"factures-{name}")
            for name, options, label in (
                ("type", kinds, _("Type")),
                ("etat", states, _("État")),
            )
        ),
        _amount("min", said_amount(asked.low), _("Montant TTC de")),
        _amount("max", said_amount(asked.high), _("à")),
        date_filter("du", start, _("Datée du"), id="factures-du"),
        date_filter("au", end, _("Au"), id="factures-au"),
    ]
    return filters(
        [
            text_filter("q", asked.text, _("Numéro, société"), id="factures-search"),
            *(
                choice_filter(name, options, chosen[name], label, id=f"factures-{name}")
                for name, options, label in (
                    ("mois", every, _("Mois")),
                    ("societe", whose, _("Société facturée")),
                )
            ),
            html.Details(
                [html.Summary(_("Plus de critères"), className="btn btn-secondary"),
                 html.Div(more, className="filters-more")],
                open=asked.detailed,
            ),
        ],
        _("Chercher une facture"),
    )  # fmt: skip


def _amount(name: str, value: str, label: str) -> Component:
    id_ = f"factures-{name}"
    field = dbc.Input(
        id=id_, name=name, value=value, inputmode="decimal", maxlength=14, autocomplete="off",
        placeholder="0,00",
    )  # fmt: skip
    return html.Div([html.Label(label, htmlFor=id_, className="form-label small"), field])
