"""« Détails des abonnements » and the sheet of a site: contacts, links and equipment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component

from core.api import (
    Company,
    Context,
    Device,
    Link,
    LinkRole,
    Site,
    _,
    card,
    empty_state,
    formats,
    icon,
    link_word,
    mark,
    missing,
    note,
    push,
    state_text,
)
from plugins.commandes.address import Tree
from plugins.commandes.contacts import contact_form, contacts_of, history
from plugins.commandes.endings import ending_part
from plugins.commandes.models import Subscription
from plugins.commandes.offers import offer_of
from plugins.commandes.radius import secret_field
from plugins.commandes.subscriptions import find, find_site, links_of, of_site
from plugins.commandes.words import long

SERVICES, TRAFFIC = "/supervision/etat", "/consommations"
"""Addresses of other rubrics, offered where the user may open them."""


def sheet(ctx: Context, asked: Tree) -> Any:
    """Return the sheet of what is chosen, or what to choose."""
    if asked.chosen:
        one = find(ctx, asked.chosen)
        return _subscription(ctx, asked, one) if one else not_here()
    if asked.place:
        site = find_site(ctx, asked.place)
        return _site(ctx, asked, site) if site else not_here()
    text = _("Choisissez un abonnement pour en voir le détail, ou un site pour son état de parc.")
    return card(empty_state("file", _("Détails des abonnements"), text))


def not_here() -> Component:
    """Return what stands for what is not there, or not this user's: the same."""
    text = _("Cet abonnement ou ce site n’existe pas, ou n’est pas dans votre périmètre.")
    return card(empty_state("search", _("Introuvable"), text))


def facts(pairs: Iterable[tuple[str, Any]], *, blank: bool = False) -> Component:
    """Return names and values; an empty value stays visible, « N/A » unless it may be ``blank``."""
    parts: list[Component] = []
    for name, value in pairs:
        empty = "" if blank else missing()
        parts += [html.Dt(name), html.Dd(empty if value in (None, "") else value)]
    return html.Dl(parts, className="dl")


def _subscription(ctx: Context, asked: Tree, one: Subscription) -> Component:
    offer = offer_of(one)
    secret = secret_field(ctx, one)
    sixteen: list[tuple[str, Any]] = [
        (_("Désignation"), one.designation),
        (_("N° de référence (CLS)"), html.Span(one.reference, className="nowrap")),
        (_("Référence client"), one.customer_reference),
        (_("Catégorie"), one.category),
        (_("Quantité"), formats.number(one.quantity)),
        (_("Adresse IP LAN"), one.lan_address),
        (_("Masque LAN"), one.lan_mask),
        (_("Adresse IP WAN"), one.wan_address),
        (_("Masque WAN"), one.wan_mask),
        (_("Login Radius"), one.radius_login),
        (_("Mot de passe Radius"), secret),
        (_("Commercial"), one.sales_name),
        (_("E-mail commercial"), one.sales_email),
        (_("Chef de projet"), one.manager_name),
        (_("E-mail chef de projet"), one.manager_email),
        (_("Date de mise en service"), long(one.started)),
    ]
    own = [(_(field.label), str(one.facts.get(field.key) or "")) for field in offer.fields]
    parts: list[Any] = [
        html.Div(
            [html.H2(_("Détails des abonnements")), html.Span(_(offer.label), className="tag"),
             *_ended(ctx, one),
             html.Div(_leads(ctx, [one.link] if one.link else []), className="end")],
            className="panel-head",
        ),
        html.Div(facts(sixteen, blank=True), className="pad", id="abonnements-details"),
    ]  # fmt: skip
    if own:
        title = html.H3(_("Caractéristiques de l’offre « %(offer)s »", offer=_(offer.label)))
        parts.append(html.Div([title, facts(own, blank=True)], className="pad ruled"))
    if one.closed is None:
        parts.append(ending_part(ctx, asked, one))
    parts += _place_parts(ctx, asked, one.site, [one.link] if one.link else [])
    return html.Section(parts, className="card card-flush")


def _ended(ctx: Context, one: Subscription) -> list[Component]:
    """Return « Terminé le … » for a subscription that left the back office's file."""
    if one.closed is None:
        return []
    day = long(one.closed.astimezone(ctx.zone).date())
    return [html.Span(_("Terminé le %(day)s", day=day), className="tag tag-down")]


def _site(ctx: Context, asked: Tree, site: Site) -> Component:
    links = ctx.db.all(
        sa.select(Link).where(Link.site_id == site.id).order_by(Link.service_id, Link.role.desc())
    )
    had = of_site(ctx, site)
    items = [
        html.Li(
            [
                html.Div(
                    [push(x.designation, asked.with_(chosen=x.reference, place="", form="")),
                     html.Div(f"{x.reference} · {x.technology}", className="small soft cut")],
                    className="grow",
                ),
                html.Span(long(x.started) or "", className="end small"),
            ]
        )
        for x in had
    ]  # fmt: skip
    title = html.H3(_("Abonnements du site"))
    none = note(_("Aucun abonnement sur ce site."))
    listed = (
        html.Ul(items, className="rows rows-tight") if items else html.Div(none, className="pad")
    )
    head = html.Div(
        [html.H2(_("État de parc · %(site)s", site=site.name)),
         html.Div(_leads(ctx, links), className="end")],
        className="panel-head",
    )  # fmt: skip
    parts: list[Any] = [head, *_place_parts(ctx, asked, site, links)]
    parts += [html.Div([html.Div(title, className="pad-top"), listed], className="ruled")]
    return html.Section(parts, className="card card-flush")


def _leads(ctx: Context, links: Sequence[Link]) -> list[Component]:
    """Return the ways to the other rubrics about the first of some links."""
    main = next(iter(links), None)
    if main is None:
        return []
    chief = main.service.link(LinkRole.MAIN) or main
    offered = (
        (SERVICES, {"service": chief.reference}, "pulse", _("Supervision")),
        (TRAFFIC, {"liaison": main.reference}, "chart", _("Trafic")),
    )
    return [
        html.A(
            [icon(sign), words], href=f"{path}?{urlencode(query)}", className="btn btn-secondary"
        )
        for path, query, sign, words in offered
        if ctx.leads(path)
    ]


def _place_parts(ctx: Context, asked: Tree, site: Site, links: Sequence[Link]) -> list[Component]:
    """Return site, contacts, links and equipment, each under its title."""
    company = ctx.db.get(Company, site.company_id)
    commune = " ".join(part for part in (site.postal_code, site.commune) if part)
    people = contacts_of(ctx, site)
    where = [
        (_("Client"), company.name if company else None),
        (_("Site"), site.name),
        (_("Adresse"), site.address),
        (_("Commune"), commune),
    ]
    blocks: list[tuple[str, Any]] = [(_("Site"), facts(where))]
    if asked.form == "contact":
        blocks.append((_("Contact sur site"), contact_form(ctx, asked, site, people)))
    else:
        blocks.append((_("Contact sur site"), [*_people(people), *history(ctx, site)]))
    blocks += [(_("Liaison"), _link(ctx, link)) for link in links]
    devices = {link.device.id: link.device for link in links if link.device}
    blocks += [(_("Équipement"), _device(device)) for device in devices.values()]
    shown = []
    for title, body in blocks:
        parts = body if isinstance(body, list) else [body]
        of_site = title in (_("Site"), _("Contact sur site"))
        whole = " whole" if of_site and asked.form == "contact" else ""
        shown.append(html.Div([html.H3(title), *parts], className=f"pad sheet-part{whole}"))
    return [html.Div(shown, className="sheet-parts")]


def _people(people: Sequence[Any]) -> list[Component]:
    if not people:
        return [note(_("Aucun contact n’est déclaré sur ce site."))]
    return [
        facts(
            [
                (_("Nom"), person.name),
                (_("Fonction"), person.role),
                (_("Téléphone"), person.phone),
                (_("E-mail"), person.email),
            ]
        )
        for person in people
    ]


def _link(ctx: Context, link: Link) -> Component:
    seen = links_of(ctx).get(link.reference)
    state: Any = None
    if seen:
        state = [mark(seen.status.state), " ",
                 state_text(seen.status.state, link_word(seen.status.state))]  # fmt: skip
    rate = [formats.contract(link.contract_in_bps), formats.contract(link.contract_out_bps)]
    return facts(
        [
            (_("Désignation"), link.designation),
            (_("N° de référence"), html.Span(link.reference, className="nowrap")),
            (_("Type liaison"), _("Principale") if link.role is LinkRole.MAIN else _("Backup")),
            (_("Débit souscrit"), _("%(down)s entrant, %(up)s sortant", down=rate[0], up=rate[1])),
            (_("État de la liaison"), state),
        ]
    )


def _device(device: Device) -> Component:
    return facts(
        [
            (_("Routeur"), device.name),
            (_("Modèle"), device.model),
            (_("Logiciel"), device.description),
        ]
    )
