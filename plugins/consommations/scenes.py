"""What walls show of consommations: the busiest links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select

from core.api import Bar, Bars, Context, Link, MetricStore, Scene, _, formats
from plugins.consommations.queries import Load, busiest, last_day

SHOWN = 8
KEPT = 64
"""How many answers are remembered."""
_Key = tuple[datetime, tuple[int, ...]]
_found: WeakKeyDictionary[MetricStore, dict[_Key, Sequence[Load]]] = WeakKeyDictionary()


def scenes(ctx: Context) -> list[Scene]:
    """Return the scenes of consommations."""
    return [Scene("charges", _("Liens les plus chargés"), partial(loads, ctx), order=30)]


def loads(ctx: Context) -> Bars:
    """Return the links that were fullest over the last 24 hours, as parts of what was sold."""
    bars = [_bar(load) for load in _loads(ctx)]
    return Bars(
        _("Liens les plus chargés, 95e centile des dernières 24 heures"),
        bars,
        "" if bars else _("Aucun trafic mesuré"),
    )


def _loads(ctx: Context) -> Sequence[Load]:
    """Return the busiest links, read once for each five minutes and each set of visible links.

    Fifty walls ask for the same all day, and a day of every link is the dearest thing they read.
    What is remembered belongs to the links that can be seen now, so that no right outlives itself.
    """
    query: Any = select(Link.id).order_by(Link.id)
    rows: Sequence[Any] = ctx.db.rows(query)
    key = (last_day(ctx)[1], tuple(id_ for (id_,) in rows))
    kept = _found.setdefault(ctx.metrics, {})
    if key not in kept:
        loads = busiest(ctx, SHOWN, candidates=SHOWN + 4)
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = loads
    return kept[key]


def _bar(load: Load) -> Bar:
    way = _("entrant") if load.way == "in" else _("sortant")
    note = _("%(way)s, %(rate)s", way=way, rate=formats.rate(load.p95))
    return Bar(
        load.site, f"{load.link.reference} · {note}", load.ratio, formats.percent(load.ratio, 0)
    )
