"""The host's own pages: home, help, health."""

from __future__ import annotations

from dash import html

from core import formats
from core.access import IMPORTS
from core.config import Quality
from core.host import Host
from core.i18n import N_, _
from core.network.status import Reason, State
from core.rubric import Context, Page
from core.web import (
    account_page,
    collection_page,
    guides,
    health_page,
    home,
    import_steps,
    imports_page,
    walls_page,
)
from core.web.components import led, page_head
from core.web.definitions import DEFINITIONS
from core.web.router import ACCOUNT, HEALTH, HOME, WALLS
from core.web.words import capital, reason_words, sentence


def pages(host: Host) -> list[Page]:
    """Return the pages that every installation has."""
    return [
        Page("/", N_("Accueil"), HOME, home.layout, None),
        Page(
            account_page.ADDRESS,
            N_("Mon compte"),
            ACCOUNT,
            lambda ctx: account_page.layout(ctx, host),
            None,
        ),
        Page(guides.ADDRESS, N_("Aide"), HOME, lambda ctx: _help(ctx, host), None),
        Page(
            f"{guides.ADDRESS}/<guide>",
            N_("Aide"),
            HOME,
            lambda ctx, guide: guides.layout(ctx, host.registry, guide),
            None,
        ),
        Page(
            "/sante",
            N_("Santé de la plateforme"),
            HEALTH,
            lambda ctx: health_page.layout(ctx, host),
            None,
        ),
        Page(
            collection_page.ADDRESS,
            N_("Collecte"),
            HEALTH,
            lambda ctx: collection_page.layout(ctx, host),
            None,
        ),
        Page(
            imports_page.ADDRESS,
            N_("Imports"),
            IMPORTS,
            lambda ctx: imports_page.layout(ctx, host),
            None,
        ),
        Page(
            f"{imports_page.ADDRESS}/<int:number>",
            N_("Import"),
            IMPORTS,
            lambda ctx, number: import_steps.layout(ctx, host, number),
            None,
        ),
        Page(walls_page.ADDRESS, N_("Murs"), WALLS, lambda ctx: walls_page.layout(ctx, host), None),
    ]


def _help(ctx: Context, host: Host) -> html.Div:
    rules = {
        State.UP: _("La liaison principale fonctionne, et sa liaison de secours s'il y en a une."),
        State.DEGRADED: _(
            "Le service fonctionne sur son secours, n'est plus secouru, ou l'une de ses liaisons "
            "est instable ou de mauvaise qualité."
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
    parts = html.Div(
        [
            html.Section(
                [
                    html.Div(html.H2(_("États d’un service")), className="panel-head"),
                    html.Ul(lines, className="rows"),
                ],
                className="card card-flush",
            ),
            html.Section(
                [
                    html.Div(html.H2(_("Ce qui dégrade une liaison")), className="panel-head"),
                    html.Ul(_quality(host.config.quality), className="rows"),
                ],
                className="card card-flush",
            ),
            html.Section(
                [
                    html.Div(html.H2(_("Ce que disent les chiffres")), className="panel-head"),
                    html.Ul(_definitions(), className="rows"),
                ],
                className="card card-flush",
                id="definitions",
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
    return html.Div(
        [
            page_head(_("Aide"), _("Ce que disent les voyants, et qui appeler")),
            html.Div([parts, guides.menu(ctx, host.registry)], className="guide-page"),
        ]
    )


def _quality(rules: Quality) -> list[html.Li]:
    """Return the reasons for which a link is degraded, by the thresholds of this installation."""
    minutes = formats.number(rules.flap_minutes)
    texts = {
        Reason.UNSTABLE: _(
            "Elle a changé d'état %(flaps)s fois en %(minutes)s minutes. Elle n'est plus instable "
            "après %(minutes)s minutes sans changement.",
            flaps=formats.number(rules.flaps),
            minutes=minutes,
        ),
        Reason.LOSS: _(
            "Plus de %(share)s des paquets de ses sondes se perdent.",
            share=formats.percent(rules.loss_percent / 100),
        ),
        Reason.ERRORS: _(
            "Son interface compte plus de %(count)s paquets en erreur par minute.",
            count=_plain(rules.errors_per_minute),
        ),
        Reason.DELAY: _(
            "L'aller-retour de ses sondes dépasse %(time)s ms.", time=_plain(rules.rtt_ms)
        ),
        Reason.JITTER: _(
            "La gigue de ses sondes dépasse %(time)s ms.", time=_plain(rules.jitter_ms)
        ),
    }
    lines = [
        html.Li(
            html.Div([html.Strong(capital(reason_words(reason))), html.Div(text, className="soft")])
        )
        for reason, text in texts.items()
    ]
    note = _(
        "Pour les pertes, les erreurs, le délai et la gigue, deux mesures sur trois décident et "
        "trois bonnes mesures de suite y mettent fin."
    )
    return [*lines, html.Li(html.Div(note, className="soft small"))]


def _definitions() -> list[html.Li]:
    """Return what each figure of traffic is, and its source."""
    return [
        html.Li(
            html.Div(
                [
                    html.Strong(_(one.name)),
                    html.Div(_(one.text), className="soft"),
                    html.Div(
                        _("Source : %(source)s", source=_(one.source)), className="muted small"
                    ),
                ]
            )
        )
        for one in DEFINITIONS.values()
    ]


def _plain(value: float) -> str:
    """Return « 300 », or « 0,5 » where a threshold is no whole number."""
    return formats.number(value, 0 if value == int(value) else 1)
