"""« Reporting »: the months one may ask for, and « Mes rapports »."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    JobView,
    Pages,
    _,
    card,
    empty_state,
    icon,
    job_list,
    jobs_version,
    live,
    page_head,
    press,
)
from plugins.consommations.permissions import READ
from plugins.consommations.reporting import ADDRESS, KIND, Month, last_months

ORDER, ACT = "consommations-order", "consommations-act"
SAID, TOLD = "consommations-said", "consommations-told"
ORDERED, ACTED = "consommations-ordered", "consommations-acted"
LIST, SEEN, TICK = "consommations-jobs", "consommations-seen", "consommations-jobs-tick"
MONTH, FORM = "consommations-month", "consommations-form"
TABULAR, GRAPHIC = "csv", "zip"
WORDS = {
    TABULAR: N_("Reporting tabulaire (CSV)"),
    "xlsx": N_("Reporting tabulaire (Excel)"),
    GRAPHIC: N_("Reporting graphique (ZIP)"),
}

report_pages = Pages()


@report_pages.page(
    ADDRESS, N_("Reporting"), permission=READ, menu=N_("Reporting"), section="Supervision"
)
def reporting(ctx: Context) -> Component:
    mine = ctx.jobs.mine(KIND)
    busy = any(job.under_way for job in mine)
    return html.Div(
        [
            page_head(_("Reporting"), _("Rapports de trafic de vos liaisons, mois par mois")),
            html.Div(
                [
                    _asks(ctx),
                    html.Div(
                        card(
                            [
                                html.Div(id=TOLD, className="ask-told", role="status"),
                                html.Div(listed(ctx, mine), id=LIST),
                            ],
                            title=_("Mes rapports"),
                        ),
                        id="mes-rapports",
                    ),
                ],
                className="stack",
            ),
            dcc.Store(id=ORDER),
            dcc.Store(id=ACT),
            dcc.Store(id=ORDERED),
            dcc.Store(id=ACTED),
            dcc.Store(id=SEEN, data=jobs_version(mine)),
            live(TICK, 1, resting=not busy),
        ]
    )


def _asks(ctx: Context) -> Component:
    months = last_months(ctx.now, ctx.civil)
    tabular = _(
        "Volumes échangés, entrants et sortants, débits moyens, de pointe et 95e centile : une "
        "ligne par liaison."
    )
    graphic = _(
        "Les courbes de trafic de l’ensemble de vos liaisons, sous forme de pages web à ouvrir "
        "sans connexion ou à imprimer."
    )
    cards = [
        _ask(_(WORDS[TABULAR]), tabular, months, {"csv": "CSV", "xlsx": "Excel"}),
        _ask(_(WORDS[GRAPHIC]), graphic, months, {"zip": "ZIP"}),
    ]
    return html.Div([html.Div(cards, className="asks"), _other(ctx)], className="stack")


def _ask(title: str, text: str, months: list[Month], forms: dict[str, str]) -> Component:
    lines = [
        html.Li(
            [
                html.B(month.label),
                html.Span([_button(month, form, forms[form]) for form in forms], className="end"),
            ]
        )
        for month in months
    ]
    return card(html.Div([html.P(text), html.Ul(lines)], className="pad"), title=title)


def _button(month: Month, form: str, word: str) -> Component:
    whole = html.Span(f" {_(WORDS[form])} {month.label}", className="sr-only")
    value = {"month": month.key, "form": form}
    return press([icon("download"), word, whole], ORDER, value, className="btn btn-secondary")


def _other(ctx: Context) -> Component:
    """Return the form for an older month, or the one that is not over yet."""
    now = Month.at(ctx.now, ctx.civil)
    month = dbc.Input(
        id=MONTH, type="month", value=now.key, max=now.key, placeholder="AAAA-MM",
        pattern="[0-9]{4}-[0-9]{2}",
    )  # fmt: skip
    form = dbc.Select(
        id=FORM, value="csv", options=[{"value": key, "label": _(WORDS[key])} for key in WORDS]
    )
    fields = {"month": MONTH, "form": FORM}
    button = press(_("Demander"), ORDER, {}, className="btn btn-primary", fields=fields)
    hint = _("Un mois en cours est donné jusqu’à la dernière mesure.")
    body = html.Div(
        [
            html.Div(
                [
                    html.Label([_("Mois"), month], htmlFor=MONTH),
                    html.Label([_("Format"), form], htmlFor=FORM),
                    button,
                    html.Span(hint, className="muted small"),
                ],
                className="ask-other",
            ),
            html.Div(id=SAID, className="ask-said", role="alert"),
        ],
        className="pad",
    )
    return card(body, title=_("Un autre mois"))


def listed(ctx: Context, mine: Any) -> Component:
    """Return the reports of the user, newest first."""
    if not mine:
        text = _(
            "Demandez un rapport ci-dessus : il est préparé même si vous quittez la page, et reste "
            "ici sept jours."
        )
        return empty_state("file", _("Aucun rapport"), text)
    return job_list(mine, ctx.zone, title_of, store=ACT)


def title_of(job: JobView) -> tuple[str, str]:
    """Return « 10/2026 » and what of it."""
    month = Month.of(job.arguments.get("month"))
    return month.label if month else job.name, _(WORDS.get(str(job.arguments.get("form")), ""))
