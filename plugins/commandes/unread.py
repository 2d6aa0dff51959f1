"""Messages of order lines that an account has not read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from core.api import Context
from plugins.commandes.models import OrderLine, OrderMessage, OrderRead
from plugins.commandes.permissions import MANAGE


def unread(ctx: Context, *columns: Any) -> Any:
    """Return the query of messages that the other side wrote since the user last read, and since
    anybody of the user's own side answered: what was answered waits for nobody.
    """
    ours, answer = ctx.may(MANAGE), orm.aliased(OrderMessage)
    read = (
        sa.select(sa.func.max(OrderRead.message_id))
        .where(OrderRead.line_id == OrderMessage.line_id, OrderRead.account_id == ctx.user.id)
        .correlate(OrderMessage)
        .scalar_subquery()
    )
    answered = (
        sa.select(sa.func.max(answer.id))
        .where(answer.line_id == OrderMessage.line_id, answer.from_operator.is_(ours))
        .correlate(OrderMessage)
        .scalar_subquery()
    )
    return sa.select(*columns).where(
        OrderMessage.from_operator.is_(not ours),
        OrderMessage.id > sa.func.coalesce(read, 0),
        OrderMessage.id > sa.func.coalesce(answered, 0),
    )


def unread_of(ctx: Context, line_ids: Sequence[int]) -> dict[int, int]:
    """Return how many messages the user has not read, of those lines that have any."""
    if not line_ids:
        return {}
    query = unread(ctx, OrderMessage.line_id, sa.func.count(OrderMessage.id))
    query = query.where(OrderMessage.line_id.in_(line_ids)).group_by(OrderMessage.line_id)
    rows: Sequence[Any] = ctx.db.rows(query)
    return dict(tuple(row) for row in rows)


def unread_lines(ctx: Context, most: int) -> Sequence[tuple[OrderLine, int]]:
    """Return the lines with unread messages, the latest first, and how many each has."""
    query = unread(ctx, OrderMessage.line_id, sa.func.count(OrderMessage.id))
    query = query.group_by(OrderMessage.line_id).order_by(sa.func.max(OrderMessage.id).desc())
    rows: Sequence[Any] = ctx.db.rows(query.limit(most))
    counted: dict[int, int] = dict(tuple(row) for row in rows)
    lines = ctx.db.all(sa.select(OrderLine).where(OrderLine.id.in_(counted)))
    order = list(counted)
    return [(x, counted[x.id]) for x in sorted(lines, key=lambda x: order.index(x.id))]


def read_upto(ctx: Context, line: OrderLine) -> int:
    """Return the last message of a line that the user has read, 0 for none."""
    query: Any = sa.select(sa.func.max(OrderRead.message_id)).where(
        OrderRead.line_id == line.id, OrderRead.account_id == ctx.user.id
    )
    return ctx.db.rows(query)[0][0] or 0


def new_after(ctx: Context, line: OrderLine) -> int:
    """Return the message of a line after which those of the other side are new to the user."""
    query: Any = sa.select(sa.func.max(OrderMessage.id)).where(
        OrderMessage.line_id == line.id, OrderMessage.from_operator.is_(ctx.may(MANAGE))
    )
    return max(read_upto(ctx, line), ctx.db.rows(query)[0][0] or 0)


def mark_read(ctx: Context, line: OrderLine, upto: int) -> None:
    """Note that the user has read the messages of a line as far as one; commits."""
    if read_upto(ctx, line) >= upto:
        return
    ctx.db.add(
        OrderRead(
            company_id=line.company_id, site_id=line.site_id, line_id=line.id,
            account_id=ctx.user.id, message_id=upto,
        )
    )  # fmt: skip
    ctx.db.commit()
