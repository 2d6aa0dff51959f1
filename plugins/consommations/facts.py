"""What traffic says of a link to those who show it: that it is full, that a day has a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.api import Badge, Context, Explanation, Link, Series, _, formats
from plugins.consommations.queries import last_day

FULL = 0.8
"""Of what was sold: past it, the 95th percentile of a day makes a link « saturée »."""
LONG = timedelta(minutes=15)
"""Shortest time without measure that is told."""
MOST_GAPS = 5


def full_links(ctx: Context, links: Sequence[Link]) -> list[Badge]:
    """Return the badge of the links whose last 24 hours came near what was sold."""
    sold = [link for link in links if link.contract_in_bps]
    found = []
    reports = ctx.metrics.reports(sold, *last_day(ctx)) if sold else {}
    for link in sold:
        report = reports.get(link.id)
        if report is None:
            continue
        into = (report.in_p95_bps or 0) / (link.contract_in_bps or 1)
        out = (report.out_p95_bps or 0) / (link.contract_out_bps or link.contract_in_bps or 1)
        if max(into, out) > FULL:
            share = formats.percent(max(into, out), 0)
            hint = _("95e centile des dernières 24 h : %(share)s du débit souscrit", share=share)
            found.append(Badge(link.id, _("saturée"), hint, tone="degraded"))
    return found


def explained(ctx: Context, link: Link, start: datetime, end: datetime) -> list[Explanation]:
    """Return what a day's traffic says of a link: its gaps, and a peak near what was sold."""
    end = min(end, last_day(ctx)[1])
    if end <= start:
        return []
    series = ctx.metrics.series(link, start, end, points=300)
    if np.isnan(series.in_bps).all():
        text = _("Liaison %(reference)s, toute la journée", reference=link.reference)
        return [Explanation(_("Aucune mesure"), text, start)]
    return [*_gaps(ctx, link, series, end), *_peak(ctx, link, series)]


def _gaps(ctx: Context, link: Link, series: Series, end: datetime) -> Iterator[Explanation]:
    absent = np.isnan(series.in_bps)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], absent, [False]])))
    gaps = [
        (_at(series, a), min(_at(series, b), end))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    gaps = [gap for gap in gaps if gap[1] - gap[0] >= LONG]
    for begin, until in sorted(gaps, key=lambda gap: gap[0] - gap[1])[:MOST_GAPS]:
        text = _(
            "Liaison %(reference)s, de %(begin)s à %(end)s (%(length)s)",
            reference=link.reference,
            begin=f"{begin.astimezone(ctx.zone):%H:%M}",
            end=f"{until.astimezone(ctx.zone):%H:%M}",
            length=formats.age(until - begin),
        )
        yield Explanation(_("Sans mesure"), text, begin)


def _peak(ctx: Context, link: Link, series: Series) -> Iterator[Explanation]:
    ways: tuple[tuple[str, NDArray[np.float64], int | None], ...] = (
        (_("entrant"), series.in_bps, link.contract_in_bps),
        (_("sortant"), series.out_bps, link.contract_out_bps or link.contract_in_bps),
    )
    for way, rates, sold in ways:
        place = int(np.nanargmax(rates))
        highest = float(rates[place])
        if not sold or highest < FULL * sold:
            continue
        text = _(
            "Liaison %(reference)s : %(rate)s en %(way)s, %(share)s du débit souscrit",
            reference=link.reference,
            rate=formats.rate(highest),
            way=way,
            share=formats.percent(highest / sold, 0),
        )
        yield Explanation(_("Pointe de trafic"), text, _at(series, place))


def _at(series: Series, slot: int) -> datetime:
    return series.start + timedelta(seconds=int(slot) * series.step)
