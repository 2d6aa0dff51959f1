"""Order lines, through ``ctx.db``: what an address asks for, counted, a page of it, all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from core.api import Company, Context, Site, fold
from plugins.commandes.address import Asked
from plugins.commandes.models import CancellationRequest as Request
from plugins.commandes.models import (
    Decision,
    Kind,
    OrderLine,
    OrderMessage,
    ProductionCode,
    Subscription,
)
from plugins.commandes.unread import unread

PER_PAGE = 15
BATCH = 500
"""Rows of an export read at once."""

COLUMNS: dict[str, Any] = {
    "type": OrderLine.kind,
    "article": OrderLine.article,
    "contract": OrderLine.contract,
    "souhaitee": OrderLine.wanted,
    "routeur": OrderLine.router,
    "lien": OrderLine.link,
    "etat": OrderLine.state,
    "code": OrderLine.code,
}
"""What the list is sorted by, by the word of the address; « client » is the site's."""


def like(text: str) -> str:
    """Return the pattern of what holds a text, whose own signs mean nothing."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def holds(column: Any, text: str) -> list[sa.ColumnElement[bool]]:
    """Return criteria: a column, folded by the database, holds every word of a text."""
    return [sa.func.fold(column).like(like(word), escape="\\") for word in fold(text).split()]


def sites_named(text: str) -> Any:
    """Return the query of the ids of sites whose name or commune hold every word of a text."""
    where = Site.name + " " + sa.func.coalesce(Site.commune, "")
    return sa.select(Site.id).where(*holds(where, text))


def companies_named(text: str) -> Any:
    return sa.select(Company.id).where(*holds(Company.name, text))


def criteria_of(model: Any, text: str, client: str, site: str) -> list[Any]:
    """Return the criteria that orders and subscriptions share: each word of the text stands in the
    row itself, in its site or in its company.
    """
    found: list[Any] = []
    for word in fold(text).split():
        own = model.words.like(like(word), escape="\\")
        near = model.site_id.in_(sites_named(word))
        found.append(sa.or_(own, near, model.company_id.in_(companies_named(word))))
    if client:
        found.append(model.company_id.in_(companies_named(client)))
    if site:
        found.append(model.site_id.in_(sites_named(site)))
    return found


def criteria(ctx: Context, asked: Asked) -> list[Any]:
    """Return what the lines of a list satisfy."""
    closed = asked.progress == "closes"
    found: list[Any] = [OrderLine.closed.is_not(None) if closed else OrderLine.closed.is_(None)]
    if asked.progress in ("cours", "fini"):
        found.append(OrderLine.installed.is_(asked.progress == "fini"))
    if asked.progress == "messages":
        found.append(OrderLine.id.in_(unread(ctx, OrderMessage.line_id)))
    if asked.kind:
        found.append(OrderLine.kind == asked.kind)
    if asked.state:
        found.append(OrderLine.state == asked.state)
    if asked.code:
        found.append(OrderLine.code == asked.code)
    column = COLUMNS[asked.dated or "contract"]
    if asked.start:
        found.append(column >= asked.start)
    if asked.end:
        found.append(column <= asked.end)
    return [*found, *criteria_of(OrderLine, asked.text, asked.client, asked.site)]


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines are in a state of the back office."""

    state: str
    installed: bool
    lines: int


def counts(ctx: Context, asked: Asked) -> Sequence[Count]:
    """Return the counts by state of what is asked, whatever the state and progress asked."""
    kept = asked.progress if asked.progress in ("closes", "messages") else ""
    where = criteria(ctx, replace(asked, state="", progress=kept))
    query: Any = (
        sa.select(OrderLine.state, OrderLine.installed, sa.func.count(OrderLine.id))
        .where(*where)
        .group_by(OrderLine.state, OrderLine.installed)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    found = [Count(*row) for row in rows]
    return sorted(found, key=lambda one: (one.installed, -one.lines, one.state))


def closed_lines(ctx: Context) -> int:
    """Return how many lines left the back office's file."""
    query: Any = sa.select(sa.func.count(OrderLine.id)).where(OrderLine.closed.is_not(None))
    return int(ctx.db.rows(query)[0][0])


def _ids(ctx: Context, asked: Asked) -> Any:
    query: Any = (
        sa.select(OrderLine.id)
        .where(*criteria(ctx, asked))
        .join(Site, Site.id == OrderLine.site_id)
    )
    if asked.sort == "client":
        query = query.join(Company, Company.id == OrderLine.company_id)
        way = [Company.name, Site.name, OrderLine.reference]
        return query.order_by(*(one.desc() if asked.descending else one for one in way))
    column = COLUMNS[asked.sort]
    way = column.desc() if asked.descending else column.asc()
    # A day, a code that is missing stands last whichever way; then as a reader would look for it.
    return query.order_by(way.nulls_last(), Site.name, OrderLine.reference.desc())


def page_of(ctx: Context, asked: Asked, page: int) -> Sequence[OrderLine]:
    """Return the lines of a page, their sites and companies read with them."""
    query = _ids(ctx, asked).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return lines_of(ctx, [row[0] for row in ctx.db.rows(query)])


def lines_of(ctx: Context, ids: Sequence[int]) -> Sequence[OrderLine]:
    """Return the lines of these ids, in their order."""
    query = (
        sa.select(OrderLine)
        .join(Site, Site.id == OrderLine.site_id)
        .join(Company, Company.id == OrderLine.company_id)
        .options(contains_eager(OrderLine.site), contains_eager(OrderLine.company))
        .where(OrderLine.id.in_(ids))
    )
    found = {line.id: line for line in ctx.db.all(query)}
    return [found[id_] for id_ in ids if id_ in found]


def every_line(ctx: Context, asked: Asked) -> Iterator[Sequence[Any]]:
    """Yield all that is asked, as rows of ``EXPORTED``, a few hundred read at a time."""
    ids = [row[0] for row in ctx.db.rows(_ids(ctx, asked))]
    query: Any = (
        sa.select(OrderLine.id, *EXPORTED)
        .join(Site, Site.id == OrderLine.site_id)
        .join(Company, Company.id == OrderLine.company_id)
        .where(OrderLine.id.in_(sa.bindparam("ids", expanding=True)))
    )
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        found = {row[0]: row[1:] for row in ctx.db.rows(query, ids=batch)}
        for id_ in batch:
            if id_ in found:
                yield found[id_]


EXPORTED: tuple[Any, ...] = (
    OrderLine.reference, OrderLine.kind, Company.name, Site.name, OrderLine.article,
    OrderLine.contract, OrderLine.wanted, OrderLine.router, OrderLine.link, OrderLine.state,
    OrderLine.code, OrderLine.production_label,
)  # fmt: skip


def known_codes(ctx: Context) -> Sequence[tuple[str, str]]:
    """Return the production codes of the lines that are followed, with a label of each."""
    query: Any = (
        sa.select(OrderLine.code, sa.func.max(OrderLine.production_label))
        .where(OrderLine.code.is_not(None), OrderLine.closed.is_(None))
        .group_by(OrderLine.code)
        .order_by(OrderLine.code)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    return [(code, label or "") for code, label in rows]


def names(ctx: Context, column: Any, most: int) -> Sequence[str]:
    """Return the names of companies or sites to suggest, none when there are too many."""
    found = [row[0] for row in ctx.db.rows(sa.select(column).distinct().limit(most + 1))]
    return sorted(found, key=fold) if len(found) <= most else []


def lines_of_reference(ctx: Context, reference: str) -> Sequence[OrderLine]:
    """Return the order lines of a link or service, the one under way first."""
    query = sa.select(OrderLine).where(OrderLine.reference == reference[:64])
    found: Sequence[OrderLine] = ctx.db.all(query)
    latest = date.max.toordinal()

    def key(line: OrderLine) -> tuple[bool, bool, int, int]:
        day = line.contract.toordinal() if line.contract else 0
        return line.closed is not None, line.installed, latest - day, -line.id

    return sorted(found, key=key)


def line_of(ctx: Context, reference: str, kind: str = "") -> OrderLine | None:
    """Return the order line of a reference: of that type, or the one under way."""
    found = lines_of_reference(ctx, reference)
    return next((line for line in found if line.kind.value == kind), None) or next(
        iter(found), None
    )


def codes(ctx: Context) -> dict[str, ProductionCode]:
    """Return the dictionary of production codes."""
    return {one.code: one for one in ctx.db.all(sa.select(ProductionCode))}


def cancellations(ctx: Context, references: Sequence[str]) -> dict[str, date]:
    """Return the day asked for of the requests to cancel that stand, by subscription."""
    query: Any = (
        sa.select(Subscription.reference, Request.wanted)
        .join(Subscription, Subscription.id == Request.subscription_id)
        .where(
            Subscription.reference.in_(references),
            Request.decision.in_((Decision.ASKED, Decision.CONFIRMED)),
        )
        .order_by(Request.id)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    return dict(tuple(row) for row in rows)


def ends_on(line: OrderLine, requests: Mapping[str, date]) -> date | None:
    """Return the day for which the customer asked that it end, None for what goes on."""
    if line.cancelled_for:
        return line.cancelled_for
    if line.kind is Kind.CANCELLATION:
        return line.wanted or line.contract
    return requests.get(line.reference)
