"""Invoices, through ``ctx.db``: months, a page of one, all of a filter, one by its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from core.api import Company, Context, fold
from plugins.factures.address import Asked
from plugins.factures.models import Consumption, Invoice

PER_BLOCK = 10
"""Rows of a month among others; alone it has pages of ``PER_PAGE``."""
PER_PAGE = 25
PER_DETAIL = 50


def today(ctx: Context) -> date:
    """Return the day it is for the reader: invoices show from the day they are published."""
    return ctx.now.astimezone(ctx.zone).date()


def plain(word: str) -> str:
    """Return a word whose own signs mean nothing in a pattern."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def criteria(ctx: Context, asked: Asked) -> list[Any]:
    """Return what the invoices of a list satisfy, whatever the month."""
    # The scope is added to every statement; said again as companies, an index answers it.
    mine = sa.select(Company.id)
    found: list[Any] = [Invoice.published <= today(ctx), Invoice.company_id.in_(mine)]
    for word in fold(asked.text).split():
        like = sa.func.fold(Company.name).like(f"%{plain(word)}%", escape="\\")
        named = sa.select(Company.id).where(like)
        found.append(
            sa.or_(
                Invoice.number.ilike(f"%{plain(word)}%", escape="\\"), Invoice.company_id.in_(named)
            )
        )
    if asked.company is not None:
        found.append(Invoice.company_id == asked.company)
    if asked.kind:
        found.append(Invoice.kind == asked.kind)
    if asked.payment:
        found.append(Invoice.payment == asked.payment)
    size = sa.func.abs(Invoice.gross)
    if asked.low is not None:
        found.append(size >= abs(asked.low))
    if asked.high is not None:
        found.append(size <= abs(asked.high))
    if asked.start:
        found.append(Invoice.issued >= asked.start)
    if asked.end:
        found.append(Invoice.issued <= asked.end)
    return found


def calendar(ctx: Context) -> list[int]:
    """Return the months from the first invoice of the reader to the last one, newest first."""

    def end(order: Any) -> Any:
        own = (Invoice.company_id == Company.id, Invoice.published <= today(ctx))
        return sa.select(Invoice.month).where(*own).order_by(order).limit(1).scalar_subquery()

    # Each end of a company is one step of the index, however many invoices it has.
    ends: Any = sa.select(end(Invoice.month.asc()), end(Invoice.month.desc()))
    known = [one for row in ctx.db.rows(ends.select_from(Company)) for one in row if one]
    if not known:
        return []
    first, last = (one // 100 * 12 + one % 100 - 1 for one in (min(known), max(known)))
    return [n // 12 * 100 + n % 12 + 1 for n in range(last, first - 1, -1)]


def newest(
    ctx: Context, asked: Asked, known: Sequence[int], wanted: int
) -> Sequence[tuple[int, int]]:
    """Return (month, how many invoices) of the newest months that have some, out of a calendar."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(known), wanted):
        found += months(ctx, asked, known[start : start + wanted])
        if len(found) >= wanted:
            break
    return found[:wanted]


def months(
    ctx: Context, asked: Asked, among: Sequence[int] | None = None
) -> Sequence[tuple[int, int]]:
    """Return (month, how many invoices) of what is asked, newest first; of some months alone."""
    # By company too: that is the order of the index, and nothing is sorted to count.
    query: Any = (
        sa.select(Invoice.month, sa.func.count(), Invoice.company_id)
        .where(*criteria(ctx, asked))
        .group_by(Invoice.company_id, Invoice.month)
    )
    if among is not None:
        query = query.where(Invoice.month.in_(among))
    found: Counter[int] = Counter()
    rows: Sequence[Any] = ctx.db.rows(query)
    for month, count, _company in rows:
        found[month] += count
    return sorted(found.items(), reverse=True)


def page_of(
    ctx: Context, asked: Asked, month: int, page: int = 1, per_page: int = PER_BLOCK
) -> Sequence[Invoice]:
    """Return a page of the invoices of a month, by number, their companies read with them."""
    query = (
        sa.select(Invoice)
        .join(Company, Company.id == Invoice.company_id)
        .options(contains_eager(Invoice.company))
        .where(Invoice.month == month, *criteria(ctx, asked))
        .order_by(Invoice.number)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    found: Sequence[Invoice] = ctx.db.all(query)
    return found


def find(ctx: Context, number: str) -> Invoice | None:
    """Return the invoice of a number that shows today, None when there is none for the reader."""
    query = (
        sa.select(Invoice)
        .join(Company, Company.id == Invoice.company_id)
        .options(contains_eager(Invoice.company))
        .where(Invoice.number == number, Invoice.published <= today(ctx))
    )
    found: Invoice | None = ctx.db.first(query)
    return found


def every(ctx: Context, asked: Asked, *columns: Any) -> Iterator[Any]:
    """Yield these columns of all that is asked, newest month first, by number."""
    query: Any = (
        sa.select(*columns)
        .join(Company, Company.id == Invoice.company_id)
        .where(*criteria(ctx, asked))
        .order_by(Invoice.month.desc(), Invoice.number)
    )
    if asked.month:
        query = query.where(Invoice.month == asked.month)
    yield from ctx.db.stream(query)


def companies(ctx: Context) -> Sequence[tuple[int, str]]:
    """Return (id, name) of the companies of the reader that were ever billed, by name."""
    billed = sa.select(Invoice.id).where(
        Invoice.company_id == Company.id, Invoice.published <= today(ctx)
    )
    query: Any = sa.select(Company.id, Company.name).where(billed.exists())
    rows: Sequence[Any] = ctx.db.rows(query)
    return sorted(((row[0], row[1]) for row in rows), key=lambda one: fold(one[1]))


def size_of(ctx: Context, asked: Asked, month: int) -> tuple[int, int]:
    """Return how many invoices the file of a month holds, and their octets."""
    only = Asked(company=asked.company)
    query: Any = sa.select(
        sa.func.count(Invoice.id), sa.func.coalesce(sa.func.sum(Invoice.octets), 0)
    ).where(Invoice.month == month, *criteria(ctx, only))
    row: Any = ctx.db.rows(query)[0]
    return int(row[0]), int(row[1])


def files_of(ctx: Context, asked: Asked, month: int) -> Sequence[tuple[str, str, str, int]]:
    """Return (number, company, key, octets) of the files of a month, by company, by number."""
    only = replace(Asked(company=asked.company), month=month)
    found = every(ctx, only, Invoice.number, Company.name, Invoice.file_key, Invoice.octets)
    return sorted(map(tuple, found), key=lambda one: (fold(one[1]), one[0]))


def details(ctx: Context, invoice: Invoice, page: int | None = None) -> Sequence[Consumption]:
    """Return the consumption detail of an invoice, or a page of it."""
    query = sa.select(Consumption).where(Consumption.invoice_id == invoice.id)
    query = query.order_by(Consumption.line)
    if page is not None:
        query = query.limit(PER_DETAIL).offset((page - 1) * PER_DETAIL)
    found: Sequence[Consumption] = ctx.db.all(query)
    return found


def billed(ctx: Context, invoice: Invoice) -> int | None:
    """Return the sum of the consumption detail of an invoice, None when a row has no amount."""
    query: Any = sa.select(
        sa.func.sum(Consumption.amount), sa.func.count() - sa.func.count(Consumption.amount)
    ).where(Consumption.invoice_id == invoice.id)
    row: Any = ctx.db.rows(query)[0]
    return None if row[1] else row[0]
