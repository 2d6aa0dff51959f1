"""Subscriptions, through ``ctx.db``: the groups of the tree, a page of its rows, all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from core.api import Company, Context, LinkView, Site, fold, service_views
from plugins.commandes.address import Tree
from plugins.commandes.models import CancellationRequest as Request
from plugins.commandes.models import Decision, Subscription
from plugins.commandes.offers import OTHER
from plugins.commandes.queries import BATCH, criteria_of

ROWS = 40
"""Rows of the tree on a page, nodes and subscriptions together."""
FEW = 30
"""So many subscriptions are all shown at once: their nodes are open by default."""
STANDING = (Decision.ASKED, Decision.CONFIRMED)


class Group(NamedTuple):
    """A node of the tree: a site or a technology, and how many subscriptions it holds.

    ``key`` is the id of the site, or the technology itself.
    """

    key: str
    name: str
    detail: str
    size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A node as a page shows it: whether it is open, with which of its subscriptions; ``begun``
    says that its own row and its first ones stand on a page before.
    """

    group: Group
    open: bool
    begun: bool
    children: Sequence[Subscription]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the tree; ``first`` and ``last`` number the subscriptions that it covers."""

    nodes: Sequence[Shown]
    first: int
    last: int
    total: int
    number: int
    rows: int
    by_default: bool
    """Whether a node is open that the address says nothing of."""


def criteria(asked: Tree) -> list[Any]:
    """Return what the subscriptions of a tree satisfy: those in service, as asked."""
    found: list[Any] = [Subscription.closed.is_(None)]
    if asked.technology:
        found.append(Subscription.technology == asked.technology)
    if asked.offer:
        found.append(Subscription.offer == asked.offer)
    if asked.ending:
        wanted = STANDING if asked.ending == "oui" else (Decision.ASKED,)
        standing = sa.select(Request.subscription_id).where(Request.decision.in_(wanted))
        found.append(Subscription.id.in_(standing))
    return [*found, *criteria_of(Subscription, asked.text, asked.client, asked.site)]


def groups(ctx: Context, asked: Tree) -> Sequence[Group]:
    """Return the nodes of the tree, in their order."""
    where = criteria(asked)
    query: Any
    if asked.group == "technologies":
        query = sa.select(Subscription.technology, sa.func.count(Subscription.id))
        query = query.where(*where).group_by(Subscription.technology)
        rows: Sequence[Any] = ctx.db.rows(query)
        return sorted((Group(name, name, "", n) for name, n in rows), key=lambda g: fold(g.name))
    query = sa.select(Subscription.site_id, sa.func.count(Subscription.id))
    rows = ctx.db.rows(query.where(*where).group_by(Subscription.site_id))
    counted = dict(tuple(row) for row in rows)
    query = (
        sa.select(Site.id, Site.name, Site.commune, Company.name)
        .join(Company, Company.id == Site.company_id)
        .order_by(Company.name, Site.name, Site.id)
    )
    places: Sequence[Any] = ctx.db.rows(query)
    return [
        Group(str(id_), name, " · ".join(part for part in (company, commune) if part), counted[id_])
        for id_, name, commune, company in places
        if id_ in counted
    ]


def page_of(ctx: Context, asked: Tree) -> Page:
    """Return the page of the tree that is asked for."""
    nodes = groups(ctx, asked)
    total = sum(group.size for group in nodes)
    by_default = total <= FEW
    opened = [asked.is_open(group.key, by_default=by_default) for group in nodes]
    heights = [1 + group.size * is_open for group, is_open in zip(nodes, opened, strict=True)]
    rows = sum(heights)
    number = min(asked.page, max(1, -(-rows // ROWS)))
    start, end = (number - 1) * ROWS, number * ROWS
    found: list[_Part] = []
    first, last, top, before = 0, 0, 0, 0
    for group, is_open, height in zip(nodes, opened, heights, strict=True):
        if top < end and top + height > start:
            low = max(0, start - top - 1)
            high = min(group.size, end - top - 1) if is_open else 0
            found.append(_Part(group, is_open, low, high, top < start))
            first = first or before + low + 1
            last = before + (high if is_open else group.size)
        top += height
        before += group.size
    children = _children(ctx, asked, found)
    shown = [
        Shown(part.group, part.open, part.begun, children.get(part.group.key, [])) for part in found
    ]
    return Page(shown, first, last, total, number, rows, by_default)


class _Part(NamedTuple):
    """A node on a page: which of its subscriptions stand there, from ``low`` up to ``high``."""

    group: Group
    open: bool
    low: int
    high: int
    begun: bool


def _children(
    ctx: Context, asked: Tree, found: Sequence[_Part]
) -> Mapping[str, Sequence[Subscription]]:
    """Return the subscriptions to show of each open node: whole nodes are read together."""
    column = Subscription.technology if asked.group == "technologies" else Subscription.site_id
    parts: dict[str, Sequence[Subscription]] = {}
    whole = []
    for group, is_open, low, high, _begun in found:
        if is_open and (low or high < group.size):
            query = _in_order(asked).where(column == _value(asked, group.key))
            parts[group.key] = ctx.db.all(query.offset(low).limit(high - low))
        elif is_open:
            whole.append(_value(asked, group.key))
    if whole:
        for one in ctx.db.all(_in_order(asked).where(column.in_(whole))):
            key = one.technology if asked.group == "technologies" else str(one.site_id)
            parts[key] = [*parts.get(key, []), one]
    return parts


def _value(asked: Tree, key: str) -> Any:
    return key if asked.group == "technologies" else int(key)


def _in_order(asked: Tree) -> Any:
    query = sa.select(Subscription).where(*criteria(asked))
    if asked.group == "technologies":
        query = query.join(Site, Site.id == Subscription.site_id).options(
            contains_eager(Subscription.site)
        )
        return query.order_by(Site.name, Subscription.reference)
    return query.order_by(Subscription.reference)


def every_one(ctx: Context, asked: Tree) -> Iterator[Subscription]:
    """Yield all that the tree asks for, in its order, a few hundred read at a time."""
    query: Any = sa.select(Subscription.id).where(*criteria(asked))
    query = query.join(Site, Site.id == Subscription.site_id).join(
        Company, Company.id == Subscription.company_id
    )
    place = (Company.name, Site.name, Subscription.reference)
    if asked.group == "technologies":
        place = (Subscription.technology, Site.name, Subscription.reference)
    ids = [row[0] for row in ctx.db.rows(query.order_by(*place))]
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        found = {one.id: one for one in ctx.db.all(_whole(Subscription.id.in_(batch)))}
        yield from (found[id_] for id_ in batch if id_ in found)


def _whole(*where: Any) -> Any:
    return (
        sa.select(Subscription)
        .join(Site, Site.id == Subscription.site_id)
        .join(Company, Company.id == Subscription.company_id)
        .options(contains_eager(Subscription.site), contains_eager(Subscription.company))
        .where(*where)
    )


def find(ctx: Context, reference: str) -> Subscription | None:
    """Return the subscription of that reference, its site and company read with it."""
    return ctx.db.first(_whole(Subscription.reference == reference)) if reference else None


def find_site(ctx: Context, key: str) -> Site | None:
    """Return the site of an id as the address writes it, None when there is none."""
    plain = key.isascii() and key.isdigit()
    return ctx.db.get(Site, int(key)) if plain and len(key) < 12 else None


def of_site(ctx: Context, site: Site) -> Sequence[Subscription]:
    """Return the subscriptions of a site that are in service."""
    query = sa.select(Subscription).where(
        Subscription.site_id == site.id, Subscription.closed.is_(None)
    )
    return ctx.db.all(query.order_by(Subscription.reference))


def requests_of(ctx: Context, ids: Sequence[int]) -> Mapping[int, Request]:
    """Return the request to cancel that stands, by subscription."""
    query = sa.select(Request).where(
        Request.subscription_id.in_(ids), Request.decision.in_(STANDING)
    )
    return {one.subscription_id: one for one in ctx.db.all(query.order_by(Request.id))}


def every_request(ctx: Context) -> Mapping[int, Request]:
    """Return all requests to cancel that stand, by subscription."""
    query = sa.select(Request).where(Request.decision.in_(STANDING)).order_by(Request.id)
    return {one.subscription_id: one for one in ctx.db.all(query)}


def choices(ctx: Context) -> tuple[Sequence[str], Sequence[str]]:
    """Return the technologies and the offer types of what the user has."""
    query: Any = sa.select(Subscription.technology, Subscription.offer).distinct()
    rows: Sequence[Any] = ctx.db.rows(query.where(Subscription.closed.is_(None)))
    technologies = sorted({row[0] for row in rows}, key=fold)
    return technologies, sorted({row[1] for row in rows} - {OTHER.key})


def links_of(ctx: Context) -> Mapping[str, LinkView]:
    """Return the links of the user's scope as they are now, by reference."""
    found: dict[str, LinkView] = {}
    for service in service_views(ctx).services:
        for link in (service.main, service.backup):
            if link is not None:
                found[link.reference] = link
    return found
