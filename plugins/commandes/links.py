"""What orders and subscriptions add to a link that another rubric shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import Action, Badge, Context, Explanation, Link, _, empty_state
from plugins.commandes.address import Tree, order_page
from plugins.commandes.models import OrderLine, Stage, Subscription
from plugins.commandes.offers import offer_of
from plugins.commandes.sheets import facts
from plugins.commandes.words import KINDS, STAGES, long, state_tag


def _references(link: Link) -> list[str]:
    """Return the references of the service of a link: its main link's and its backup's."""
    return [one.reference for one in link.service.links]


def _had(ctx: Context, link: Link) -> Sequence[Subscription]:
    query = sa.select(Subscription).where(
        Subscription.reference.in_(_references(link)), Subscription.closed.is_(None)
    )
    return ctx.db.all(query.order_by(Subscription.reference))


def actions(ctx: Context, link: Link) -> list[Action]:
    """Return the way to the subscription of a service."""
    had = _had(ctx, link)
    main = next((one for one in had if one.reference == link.reference), next(iter(had), None))
    if main is None:
        return []
    href = Tree(chosen=main.reference).with_()
    return [Action(_("Voir l’abonnement"), href, icon="file", order=50)]


def under_way(ctx: Context, references: Sequence[str]) -> Sequence[OrderLine]:
    """Return the order lines of these references that are not over."""
    query = sa.select(OrderLine).where(
        OrderLine.reference.in_(references),
        OrderLine.closed.is_(None),
        OrderLine.installed.is_(False),
    )
    return ctx.db.all(query.order_by(OrderLine.reference, OrderLine.id))


def badges(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    """Return « en commande » for the links that have one under way."""
    ids = {link.reference: link.id for link in links}
    return [
        Badge(
            ids[line.reference],
            _("en commande"),
            f"{_(KINDS[line.kind])} · {line.article} · {line.state}",
            "accent",
        )
        for line in under_way(ctx, list(ids))
    ]


def explanations(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    """Return the appointments of orders on a link between two moments: somebody works on it."""
    found = []
    query = sa.select(OrderLine).where(OrderLine.reference == link.reference)
    for line in ctx.db.all(query.order_by(OrderLine.id)):
        for stage, day in ((Stage.LINK, line.link), (Stage.ROUTER, line.router)):
            if day is None:
                continue
            at = datetime.combine(day, time(8), tzinfo=ctx.zone)
            if start <= at < end:
                title = f"{_(STAGES[stage])} · {_(KINDS[line.kind])}"
                href = order_page(line.reference, line.kind)
                found.append(Explanation(title, f"{line.article} · {line.state}", at, href))
    return found


def subscription_tab(ctx: Context, link: Link) -> Component:
    """Return what is subscribed with a service, and the orders on it."""
    had = _had(ctx, link)
    lines = under_way(ctx, _references(link))
    if not had and not lines:
        text = _("L’abonnement de ce service sera affiché ici dès que l’opérateur l’aura fourni.")
        return empty_state("file", _("Aucun abonnement"), text)
    blocks = [_subscription(one) for one in had]
    blocks += [_order(line) for line in lines]
    return html.Div(blocks, className="sheet")


def _subscription(one: Subscription) -> Component:
    href = Tree(chosen=one.reference).with_()
    pairs: list[tuple[str, Any]] = [
        (_("N° de référence (CLS)"), html.Span(one.reference, className="nowrap")),
        (_("Référence client"), one.customer_reference),
        (_("Type d’offre"), _(offer_of(one).label)),
        (_("Commercial"), one.sales_name),
        (_("Chef de projet"), one.manager_name),
        (_("Date de mise en service"), long(one.started)),
    ]
    return html.Section([html.H3(dcc.Link(one.designation, href=href)), facts(pairs)])


def _order(line: OrderLine) -> Component:
    title = f"{_(KINDS[line.kind])} · {line.reference}"
    pairs: list[tuple[str, Any]] = [
        (_("Libellé article"), line.article),
        (_("État commande"), state_tag(line.state)),
        (_("Date contractuelle"), long(line.contract)),
        (_("RDV lien"), long(line.link)),
        (_("RDV routeur"), long(line.router)),
    ]
    href = order_page(line.reference, line.kind)
    return html.Section([html.H3(dcc.Link(title, href=href)), facts(pairs)])
