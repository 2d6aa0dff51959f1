"""Lines and calls, through ``ctx.db``: a row of somebody else is in none of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from balise_voix.models import CallDay, LineKind, VoiceLine
from core.api import Context, Site, fold

LIST, EXPORT = "/voix", "/voix/export"
DAYS = 30
PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for; what makes no sense there is as absent."""

    text: str = ""
    kind: LineKind | None = None
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        kinds = {kind.value: kind for kind in LineKind}
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        return cls(
            query.get("q", "").strip()[:80], kinds.get(query.get("type", "")), max(1, number)
        )

    def address(self, path: str = LIST, *, page: int | None = None) -> str:
        """Return the address that asks for this, on another page where one is given."""
        shown = self.page if page is None else page
        values = {
            "q": self.text,
            "type": self.kind.value if self.kind else "",
            "page": str(shown) if shown > 1 else "",
        }
        said = urlencode({name: value for name, value in values.items() if value})
        return f"{path}?{said}" if said else path


@dataclass(frozen=True, slots=True)
class Totals:
    """The calls of a line, or of several, over some days; durations in seconds."""

    incoming: int = 0
    outgoing: int = 0
    missed: int = 0
    seconds: int = 0

    @property
    def calls(self) -> int:
        return self.incoming + self.outgoing


def address_of(line: VoiceLine) -> str:
    return f"{LIST}/{line.number}"


def last_days(ctx: Context) -> tuple[date, date]:
    """Return the first of the last thirty civil days of the reader, and the day after the last.

    Today is left out: its calls are not all there.
    """
    today = ctx.now.astimezone(ctx.zone).date()
    return today - timedelta(days=DAYS), today


def _lines(asked: Asked) -> Any:
    """Return the query of the lines in service that are asked for, with their sites."""
    query = (
        sa.select(VoiceLine)
        .join(Site, Site.id == VoiceLine.site_id)
        .options(contains_eager(VoiceLine.site))
        .where(VoiceLine.closed.is_(None))
    )
    for word in fold(asked.text).split():
        found = [
            sa.func.fold(column).contains(word, autoescape=True)
            for column in (VoiceLine.number, VoiceLine.name, Site.name, Site.commune)
        ]
        query = query.where(sa.or_(*found))
    return query.where(VoiceLine.kind == asked.kind) if asked.kind else query


def lines(ctx: Context, asked: Asked) -> tuple[Sequence[VoiceLine], int]:
    """Return the lines of the page that is asked for, and how many there are in all."""
    query = _lines(asked).order_by(Site.name, VoiceLine.number)
    total = ctx.db.rows(sa.select(sa.func.count()).select_from(query.subquery()))[0][0]
    pages = max(1, -(-total // PER_PAGE))
    start = (min(asked.page, pages) - 1) * PER_PAGE
    return ctx.db.all(query.limit(PER_PAGE).offset(start)), total


def every(ctx: Context, asked: Asked) -> Sequence[VoiceLine]:
    """Return all the lines that are asked for, for an export."""
    found: Sequence[VoiceLine] = ctx.db.all(_lines(asked).order_by(Site.name, VoiceLine.number))
    return found


def find(ctx: Context, number: str) -> VoiceLine | None:
    """Return the line of a number, None when there is none for the reader."""
    query = (
        sa.select(VoiceLine)
        .join(Site, Site.id == VoiceLine.site_id)
        .options(contains_eager(VoiceLine.site))
        .where(VoiceLine.number == number)
    )
    found: VoiceLine | None = ctx.db.first(query)
    return found


def of_site(ctx: Context, site_id: int | None) -> Sequence[VoiceLine]:
    """Return the lines in service at a site."""
    query = sa.select(VoiceLine).where(VoiceLine.site_id == site_id, VoiceLine.closed.is_(None))
    found: Sequence[VoiceLine] = ctx.db.all(query.order_by(VoiceLine.number))
    return found


def totals(ctx: Context, line_ids: Sequence[int]) -> dict[int, Totals]:
    """Return the calls of the last thirty days of some lines, by their ids."""
    start, end = last_days(ctx)
    sums = (
        sa.func.sum(column)
        for column in (CallDay.incoming, CallDay.outgoing, CallDay.missed, CallDay.seconds)
    )
    query: Any = (
        sa.select(CallDay.line_id, *sums)
        .where(CallDay.line_id.in_(line_ids), CallDay.day >= start, CallDay.day < end)
        .group_by(CallDay.line_id)
    )
    return {row[0]: Totals(*row[1:]) for row in ctx.db.rows(query)}


def by_day(ctx: Context, line_id: int | None = None) -> tuple[Any, Any]:
    """Return the incoming and the outgoing calls of each of the last thirty days, of one line or
    of all: two rows of numbers, NaN for a day of which nothing is known.
    """
    start, end = last_days(ctx)
    query: Any = (
        sa.select(CallDay.day, sa.func.sum(CallDay.incoming), sa.func.sum(CallDay.outgoing))
        .where(CallDay.day >= start, CallDay.day < end)
        .group_by(CallDay.day)
    )
    if line_id is not None:
        query = query.where(CallDay.line_id == line_id)
    came, left = np.full(DAYS, np.nan), np.full(DAYS, np.nan)
    rows: Sequence[Any] = ctx.db.rows(query)
    for day, incoming, outgoing in rows:
        came[(day - start).days], left[(day - start).days] = incoming, outgoing
    return came, left


def busiest(ctx: Context, most: int) -> Sequence[tuple[str, str, str, int]]:
    """Return (number, name, site, calls) of the lines that carried most in thirty days."""
    start, end = last_days(ctx)
    count = sa.func.sum(CallDay.incoming + CallDay.outgoing)
    query: Any = (
        sa.select(VoiceLine.number, VoiceLine.name, Site.name, count)
        .join(CallDay, CallDay.line_id == VoiceLine.id)
        .join(Site, Site.id == VoiceLine.site_id)
        .where(CallDay.day >= start, CallDay.day < end, VoiceLine.closed.is_(None))
        .group_by(VoiceLine.id)
        .order_by(count.desc(), VoiceLine.number)
        .limit(most)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    return [tuple(row) for row in rows]
