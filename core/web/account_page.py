"""« Mon compte »: who one is here, one's password, second step and open sessions."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component
from flask import g
from sqlalchemy.orm import Session

from core import devices, formats, i18n, sessions, two_factor
from core.accounts import Account
from core.db import Customer
from core.host import Host
from core.i18n import _, ngettext
from core.people.names import LONGEST
from core.rubric import Context
from core.web.components import icon, page_head
from core.web.components.attributes import attributes

ADDRESS = "/compte"
FEW_CODES = 3
"""Recovery codes left, below which one is asked to make new ones."""
REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def layout(ctx: Context, host: Host) -> Component:
    """Return the page, for the account of the session that asks."""
    with Session(host.engine) as session:
        account = session.get_one(Account, g.person.account_id)
        customer = session.get(Customer, account.customer_id) if account.customer_id else None
        theirs = customer.timezone if customer else host.config.display.timezone
        standing = two_factor.standing(session, host.config, account)
        opened = sessions.open_sessions(session, account.id, host.limits, ctx.now)
        whose = customer.name if customer else host.config.operator.name
        return html.Div(
            [
                page_head(_("Mon compte"), f"{account.email} · {whose}"),
                *_said(ctx),
                html.Div(
                    [
                        _profile(ctx, account, theirs),
                        _password(),
                        _two_factor(ctx, standing),
                        _sessions(ctx, opened),
                    ],
                    className="card card-flush account",
                ),
            ]
        )


def _said(ctx: Context) -> list[Component]:
    """Return what the form that led here did, in words."""
    done = {
        "profil": _("Votre profil est enregistré."),
        "mot-de-passe": _("Votre mot de passe est changé. Les autres sessions sont fermées."),
        "session": _("La session est fermée."),
        "sessions": _("Toutes les autres sessions sont fermées."),
        "arret": _("La double authentification est désactivée."),
        "secours": _(
            "Vous êtes entré avec un code de secours. Si vous avez changé de téléphone, remplacez "
            "l’application ci-dessous."
        ),
    }
    wrong = {
        "nom": _(
            "Donnez un nom et un prénom sans caractère invisible, de %(n)s lettres au plus chacun.",
            n=LONGEST,
        ),
        "exigee": _("La double authentification est exigée pour votre compte : elle reste active."),
    }
    if text := wrong.get(ctx.query.get("erreur", "")):
        return [html.Div(text, className="alert alert-danger mb-3", role="alert")]
    if text := done.get(ctx.query.get("fait", "")):
        return [html.Div(text, className="alert alert-success mb-3", role="status")]
    return []


def _part(name: str, title: str, text: Any, body: list[Any]) -> Component:
    head = html.Div([html.H2(title, id=f"host-account-{name}"), html.P(text)])
    label = attributes(aria_labelledby=f"host-account-{name}")
    return html.Section([head, html.Div(body)], className="part", **label)


def _field(name: str, label: str, control: Component, hint: str | None = None) -> Component:
    below = [html.Div(hint, className="form-text")] if hint else []
    head = html.Label(label, htmlFor=f"account-{name}", className="form-label")
    return html.Div([head, control, *below])


def _profile(ctx: Context, account: Account, theirs: str) -> Component:
    languages = [{"label": name, "value": code} for code, name in i18n.LANGUAGES.items()]
    themes = [
        {"label": _("Celui de l’appareil"), "value": "system"},
        {"label": _("Clair"), "value": "light"},
        {"label": _("Sombre"), "value": "dark"},
    ]
    zones = [
        {"label": _("Par défaut (%(zone)s)", zone=theirs), "value": "customer"},
        *({"label": zone.replace("_", " "), "value": zone} for zone in zone_names()),
    ]
    family, given = names_of(account)
    fields = [
        _field("family_name", _("Nom"), dbc.Input(
            id="account-family_name", name="family_name", value=family, maxlength=LONGEST,
            required=True, autocomplete="family-name")),
        _field("given_name", _("Prénom (facultatif)"), dbc.Input(
            id="account-given_name", name="given_name", value=given, maxlength=LONGEST,
            autocomplete="given-name")),
        html.Div(_field("email", _("Adresse e-mail"), dbc.Input(
            id="account-email", value=account.email, readonly=True, autocomplete="off")),
            className="full"),
        _field("language", _("Langue"), dbc.Select(
            id="account-language", name="language", options=languages, value=i18n.language()),
            _("Celle des pages et des messages.")),
        _field("theme", _("Thème"), dbc.Select(
            id="account-theme", name="theme", options=themes, value=account.theme or "system")),
        html.Div(_field("timezone", _("Fuseau horaire"), dbc.Select(
            id="account-timezone", name="timezone", options=zones,
            value=account.timezone or "customer"),
            _("Les dates et les heures des pages : il y est %(clock)s. Les mois et les engagements "
              "restent comptés dans celui du compte client.",
              clock=formats.clock(ctx.now, ctx.zone)[:5])), className="full"),
        html.Div(html.Button(_("Enregistrer"), type="submit", className="btn btn-primary"),
                 className="full"),
    ]  # fmt: skip
    form = html.Form(
        html.Div(fields, className="fields"), method="post", action=f"{ADDRESS}/profil"
    )
    text = _("Votre adresse est votre identifiant : elle ne change pas.")
    return _part("profile", _("Profil"), text, [form])


@cache
def zone_names() -> tuple[str, ...]:
    """Return the time zones that one may choose, « Europe/Paris », in the order of their names."""
    found = (name for name in available_timezones() if name.split("/")[0] in REGIONS)
    return tuple(sorted(found))


def names_of(account: Account) -> tuple[str, str]:
    """Return the family and given names of an account; one of a command has them in one."""
    if account.family_name or account.given_name:
        return account.family_name, account.given_name
    given, _space, family = account.name.rpartition(" ")
    return family, given


def _password() -> Component:
    link = html.A(
        _("Changer le mot de passe"), href=f"{ADDRESS}/mot-de-passe", className="btn btn-secondary"
    )
    text = _("Le changer ferme vos sessions sur les autres appareils.")
    return _part("password", _("Mot de passe"), text, [link])


def _two_factor(ctx: Context, standing: two_factor.Standing) -> Component:
    text = _(
        "Un code de votre téléphone, en plus du mot de passe : un mot de passe volé ne suffit plus."
    )
    title, page = _("Double authentification"), f"{ADDRESS}/double-authentification"
    if standing.since is None:
        on = html.A(_("Activer"), href=page, className="btn btn-primary")
        state = html.P([icon("unlock"), _("Désactivée")], className="account-state")
        return _part("two-factor", title, text, [state, on])
    left = ngettext(
        "%(n)s code de secours restant", "%(n)s codes de secours restants", standing.codes_left
    )
    state = html.P(
        [
            icon("lock"),
            html.Span(
                [
                    html.Strong(
                        _("Active depuis le %(day)s", day=formats.date(standing.since, ctx.zone))
                    ),
                    html.Span(left, className="soft"),
                ]
            ),
        ],
        className="account-state",
    )
    few = [
        html.P(
            _("Il vous reste peu de codes de secours : créez-en de nouveaux."),
            className="alert alert-warning",
            role="status",
        )
    ] * (standing.codes_left < FEW_CODES)
    links: list[Component] = [
        html.A(_("Nouveaux codes de secours"), href=f"{ADDRESS}/codes-de-secours",
               className="btn btn-secondary"),
        html.A(_("Changer d’application"), href=page, className="btn btn-secondary"),
    ]  # fmt: skip
    if not standing.required:
        off = html.A(_("Désactiver"), href=f"{page}/arret", className="btn btn-danger")
        links.append(off)
    needed = [html.P(_("Elle est exigée pour votre compte."), className="form-text")]
    body = [state, *few, html.Div(links, className="account-actions")]
    return _part("two-factor", title, text, body + needed * standing.required)


def _sessions(ctx: Context, opened: Any) -> Component:
    rows = [_row(ctx, one) for one in opened]
    body: list[Any] = [html.Ul(rows, className="rows account-sessions")]
    if len(rows) > 1:
        body.append(
            _ending("autres", _("Fermer toutes les autres sessions"), "btn btn-secondary mt-3")
        )
    text = _(
        "Les appareils où votre compte est ouvert. Fermez ceux que vous ne reconnaissez pas, puis "
        "changez votre mot de passe."
    )
    return _part("sessions", _("Sessions ouvertes"), text, body)


def _row(ctx: Context, one: sessions.LoginSession) -> Component:
    here = one.id == g.person.session_id
    device = devices.words(one.agent)
    facts = [
        one.address or _("adresse inconnue"),
        _("ouverte le %(at)s", at=_moment(one.created, ctx.zone)),
        _("vue le %(at)s", at=_moment(one.last_seen, ctx.zone)),
    ]
    badge = [html.Span(_("cet appareil"), className="badge account-here")] * here
    names = html.Div(
        [
            html.Div([html.Strong(device), *badge], className="account-device"),
            html.Div(" · ".join(facts), className="soft small"),
        ],
        className="grow",
    )
    end = _ending(one.id, _("Fermer"), "btn btn-secondary btn-sm", device)
    phone = devices.is_phone(one.agent)
    end_part: list[Any] = [] if here else [end]
    return html.Li([icon("mobile" if phone else "screen"), names, *end_part])


def _ending(which: str, label: str, look: str, device: str = "") -> Component:
    """Return the form of one button that ends a session."""
    told = attributes(aria_label=_("Fermer la session de %(device)s", device=device))
    value = {"name": "session", "value": which, **(told if device else {})}
    button = html.Button(label, type="submit", className=look, **value)
    return html.Form(button, method="post", action=f"{ADDRESS}/sessions")


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return formats.moment(at, zone)[:16]
