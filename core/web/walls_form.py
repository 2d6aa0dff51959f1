"""The form of « Murs »: what a new wall shows, to whom, until when. Its address is told once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import dash_bootstrap_components as dbc
import sqlalchemy as sa
from dash import html, no_update
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from core import i18n, walls
from core.access import Reach
from core.db import Company, Customer, ScopeGrant
from core.host import Host
from core.i18n import _
from core.network.inventory import Site
from core.network.live import fold, natural
from core.rubric import Context
from core.web.components.attributes import attributes

EVERYBODY = "*"
SHOWN = 60
"""Sites offered at once: the rest is found by typing."""
FIELDS = ("name", "customer", "companies", "sites", "scenes", "seconds", "expires", "alarms")


def form(ctx: Context, host: Host) -> Component:
    """Return the form that makes a wall."""
    customers: Sequence[Customer] = ctx.db.all(sa.select(Customer).order_by(Customer.name))
    who = [
        {"label": _("Choisir un compte client"), "value": ""},
        {"label": _("Tous les clients"), "value": EVERYBODY},
        *({"label": f"{c.name} ({c.number})", "value": str(c.id)} for c in customers),
    ]
    scenes = walls.scenes_of(ctx)
    offered = [{"label": scene.label, "value": id_} for id_, scene in scenes.items()]
    alarms = [
        {"label": _("Éclair : le compteur bat"), "value": "flash"},
        {"label": _("Son : trois notes"), "value": "sound"},
    ]
    fields = [
        _field("name", _("Nom"), dbc.Input(
            id="host-walls-name", maxlength=80, autocomplete="off"), _("En tête de l’écran.")),
        _field("customer", _("Compte client"), dbc.Select(
            id="host-walls-customer", options=who, value="")),
        html.Div(_scope(), id="host-walls-scope", className="full"),
        _group(_("Scènes"), dbc.Checklist(
            id="host-walls-scenes", options=offered, value=list(scenes))),
        _group(_("À une nouvelle interruption"), dbc.Checklist(
            id="host-walls-alarms", options=alarms, value=["flash"])),
        _field("seconds", _("Durée d’une scène, en secondes"), dbc.Input(
            id="host-walls-seconds", type="number", min=walls.SHORTEST, max=walls.LONGEST,
            step=1, value=20)),
        _field("expires", _("Dernier jour (facultatif)"), dbc.Input(
            id="host-walls-expires", type="date"),
            _("Sans date, le mur reste jusqu’à sa révocation.")),
    ]  # fmt: skip
    return html.Section(
        [
            html.Div(html.H2(_("Créer un mur"), id="host-walls-new"), className="panel-head"),
            html.Div(html.Div(fields, className="fields"), className="pad"),
            html.Div(id="host-walls-result", className="pad wall-result", role="status"),
            html.Div(
                html.Button(
                    _("Créer le mur"),
                    id="host-walls-create",
                    type="button",
                    className="btn btn-primary",
                ),
                className="pad ruled wall-submit",
            ),
        ],
        className="card card-flush",
        **attributes(aria_labelledby="host-walls-new"),
    )  # fmt: skip


def _field(name: str, label: str, control: Component, hint: str | None = None) -> Component:
    below = [html.Div(hint, className="form-text")] if hint else []
    head = html.Label(label, htmlFor=f"host-walls-{name}", className="form-label")
    return html.Div([head, control, *below])


def _group(label: str, control: Component) -> Component:
    return html.Fieldset([html.Legend(label, className="form-label"), control])


def _scope() -> Component:
    """Return the two lists that narrow a wall to companies and sites; filled by ``choices``."""
    search = dbc.Input(
        id="host-walls-find",
        type="search",
        placeholder=_("Site, commune"),
        maxlength=80,
        autocomplete="off",
    )
    return html.Details(
        [
            html.Summary(_("Limiter à des sociétés ou des sites")),
            html.P(
                _("Rien de coché : tout le compte client, ses sites à venir compris."),
                className="form-text",
            ),
            html.Div(
                [
                    _group(_("Sociétés"), dbc.Checklist(
                        id="host-walls-companies", options=[], value=[], className="wall-choices")),
                    html.Div([
                        html.Label(_("Chercher un site"), htmlFor="host-walls-find",
                                   className="form-label"),
                        search,
                        _group(_("Sites"), dbc.Checklist(
                            id="host-walls-sites", options=[], value=[],
                            className="wall-choices")),
                        html.Div(id="host-walls-more", className="form-text"),
                    ]),
                ],
                className="fields",
            ),
        ]
    )  # fmt: skip


def choices(ctx: Context, customer: object, text: object, companies: object, sites: object) -> Any:
    """Return the companies and sites of the customer chosen, those that are ticked kept."""
    customer_id = _number(customer)
    if customer_id is None:
        return [], [], [], [], ""
    query: Any = sa.select(Company.id, Company.name).where(
        Company.customer_id == customer_id, Company.closed.is_(None)
    )
    known: Sequence[Any] = ctx.db.rows(query)
    query = (
        sa.select(Site.id, Site.name, Site.commune)
        .join(Company, Company.id == Site.company_id)
        .where(Company.customer_id == customer_id, Site.closed.is_(None))
    )
    rows: Sequence[Any] = sorted(ctx.db.rows(query), key=lambda row: natural(row[1]))
    mine = {id_ for id_, _name, _commune in rows}
    ticked = [id_ for id_ in _numbers(sites) if id_ in mine]
    words = fold(text).split() if isinstance(text, str) else []
    matching = [
        row
        for row in rows
        if row[0] not in ticked and all(w in fold(f"{row[1]} {row[2] or ''}") for w in words)
    ]
    kept = [row for row in rows if row[0] in ticked] + matching[:SHOWN]
    left = len(matching) - SHOWN
    more = i18n.ngettext("%(n)s autre site", "%(n)s autres sites", left) if left > 0 else ""
    return (
        [{"label": name, "value": id_} for id_, name in known],
        [id_ for id_ in _numbers(companies) if id_ in {row[0] for row in known}],
        [{"label": _named(name, commune), "value": id_} for id_, name, commune in kept],
        ticked,
        more,
    )


def _named(name: str, commune: str | None) -> str:
    return f"{name}, {commune}" if commune and commune not in name else name


def create(host: Host, ctx: Context, clicks: object, *values: object) -> Any:
    """Make the wall that the form asks for; return what it says below, and the new number."""
    if not clicks:
        return no_update, no_update
    asked = dict(zip(FIELDS, values, strict=True))
    try:
        with Session(host.engine) as session:
            plan = _plan(host, ctx, session, asked)
            wall, token = walls.make(session, plan, by=ctx.user.email, now=ctx.now)
            wall_id, scope = wall.id, walls.scope_words(session, wall.account)
            session.commit()
    except walls.WallError as error:
        return html.Div(str(error), className="alert alert-danger", role="alert"), no_update
    ctx.audit(
        "wall created",
        plan.name.strip(),
        wall=wall_id,
        scope=scope,
        scenes=list(plan.scenes),
        expires=plan.expires.isoformat() if plan.expires else None,
    )
    return _made(plan.name, walls.address(host.config.web.public_url, token)), wall_id


def _made(name: str, address: str) -> Component:
    """Return the address of a new wall, told this once."""
    said = _("« %(name)s » est prêt. Copiez son adresse maintenant : elle n’est gardée nulle part.",
             name=name.strip())  # fmt: skip
    label = html.Label(
        _("Adresse du mur"), htmlFor="host-walls-address", className="visually-hidden"
    )
    field = dbc.Input(id="host-walls-address", value=address, readonly=True)
    buttons = [
        html.Button(
            _("Copier"),
            type="button",
            className="btn btn-secondary",
            **attributes(data_copy="host-walls-address", data_done=_("Copié")),
        ),
        html.A(_("Ouvrir"), href=address, target="_blank", rel="noopener noreferrer",
               className="btn btn-secondary"),
    ]  # fmt: skip
    return html.Div(
        [html.P(said), html.Div([label, field, *buttons], className="wall-address")],
        className="alert alert-success",
    )


def _plan(host: Host, ctx: Context, session: Session, asked: dict[str, object]) -> walls.Plan:
    """Return what the form, whose every value is the browser's word, asks for.

    Raises ``WallError``. An administrator gives no more than it has: the whole operator.
    """
    everything = sa.select(ScopeGrant.id).where(
        ScopeGrant.user_id == ctx.user.id, ScopeGrant.reach == Reach.OPERATOR
    )
    if session.scalar(everything) is None:
        raise walls.WallError(_("Il faut voir tous les clients pour créer un mur."))
    customer_id = _number(asked["customer"])
    if customer_id is None and asked["customer"] != EVERYBODY:
        raise walls.WallError(_("Choisissez un compte client, ou tous les clients."))
    offered = walls.scenes_of(ctx)
    ticked = asked["scenes"] if isinstance(asked["scenes"], list) else []
    chosen = [id_ for id_ in offered if id_ in ticked]
    if not chosen:
        raise walls.WallError(_("Choisissez au moins une scène."))
    seconds = asked["seconds"]
    alarms = asked["alarms"] if isinstance(asked["alarms"], list) else []
    return walls.Plan(
        name=str(asked["name"] or "").replace("\x00", ""),
        scope=walls.scope_of(
            session, customer_id, _numbers(asked["companies"]), _numbers(asked["sites"])
        ),
        customer_id=customer_id,
        permissions=walls.permissions_of(host, offered, chosen),
        scenes=() if len(chosen) == len(offered) else chosen,
        seconds=seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else 0,
        expires=_end(ctx, asked["expires"]),
        flash="flash" in alarms,
        sound="sound" in alarms,
        language=i18n.language(),
    )


def _end(ctx: Context, text: object) -> datetime | None:
    """Return the midnight that ends a day « 2026-12-31 » in the reader's zone, None without one."""
    if text is None or text == "":
        return None
    try:
        day = date.fromisoformat(str(text)[:10]) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise walls.WallError(_("La date de fin ne se lit pas.")) from error
    return datetime.combine(day, time(), ctx.zone)


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _numbers(values: object) -> list[int]:
    found = [_number(value) for value in values] if isinstance(values, list) else []
    return [number for number in found if number is not None]
