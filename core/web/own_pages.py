"""The host's own pages: home, help, health."""

from __future__ import annotations

from typing import Any

from dash import html

from core import health
from core.host import Host
from core.i18n import N_, _
from core.network.status import State
from core.rubric import Context, Page
from core.web import home
from core.web.components import led, page_head
from core.web.router import HEALTH, HOME
from core.web.words import sentence


def pages(host: Host) -> list[Page]:
    """Return the pages that every installation has."""
    return [
        Page("/", N_("Accueil"), HOME, lambda ctx: home.layout(ctx, host.config), None),
        Page("/aide", N_("Aide"), HOME, lambda ctx: _help(host), None),
        Page("/sante", N_("Santé de la plateforme"), HEALTH, lambda ctx: _health(ctx, host), None),
    ]


def _help(host: Host) -> html.Div:
    rules = {
        State.UP: _("La liaison principale fonctionne, et sa liaison de secours s'il y en a une."),
        State.DEGRADED: _(
            "Le service fonctionne sur son secours, ou n'est plus secouru, ou perd des données."
        ),
        State.DOWN: _("La liaison principale est coupée et aucun secours ne la remplace."),
        State.UNKNOWN: _("Les mesures sont trop anciennes pour le dire. Ce n'est pas une panne."),
    }
    lines = [
        html.Li(
            [
                led(state, word=False),
                html.Div([html.Strong(sentence(state)), html.Div(text, className="soft")]),
            ]
        )
        for state, text in rules.items()
    ]
    support = host.config.operator.support
    contact = [
        html.P(support or _("Le numéro du support est sur votre contrat."), className="strong")
    ]
    return html.Div(
        [
            page_head(_("Aide"), _("Ce que disent les voyants, et qui appeler")),
            html.Section(
                [
                    html.Div(html.H2(_("États d’un service")), className="panel-head"),
                    html.Ul(lines, className="rows"),
                ],
                className="card card-flush",
            ),
            html.Section(
                [
                    html.H2(_("Besoin d’aide ?"), className="mb-2"),
                    *contact,
                    html.P(
                        _(
                            "Si un message d’erreur porte un numéro de référence, donnez-le au "
                            "support : il retrouve votre demande."
                        ),
                        className="soft small mb-0",
                    ),
                ],
                className="card card-body",
            ),
        ],
        className="stack",
    )


def _subject(subject: str) -> str:
    """Return « Processus web » for « process:web »."""
    kind, _colon, name = subject.partition(":")
    words = {
        "database": _("Base de données"),
        "collector": _("Mesures"),
        "rubric": _("Rubrique"),
        "process": _("Processus"),
        "package": _("Paquet"),
    }
    return f"{words.get(kind, kind)} {name}".rstrip()


LEVELS = {"ok": State.UP, "warning": State.DEGRADED, "error": State.DOWN}


def _health(ctx: Context, host: Host) -> html.Div:
    findings = health.findings(host, ctx.now)
    order = {"error": 0, "warning": 1, "ok": 2}
    rows: list[Any] = [
        html.Li(
            [
                led(LEVELS[f.level], word=False),
                html.Div([html.Strong(_subject(f.subject)), html.Div(f.text, className="soft")]),
            ]
        )
        for f in sorted(findings, key=lambda f: order[f.level])
    ]
    bad = sum(f.level == "error" for f in findings)
    text = _("Tout est en ordre") if not bad else _("%(n)s point(s) à corriger", n=bad)
    return html.Div(
        [
            page_head(_("Santé de la plateforme"), text),
            html.Section(html.Ul(rows, className="rows"), className="card card-flush"),
        ]
    )
