"""What walls show of consommations: the busiest links."""

from __future__ import annotations

from functools import partial

from core.api import Bar, Bars, Context, Scene, _, formats
from plugins.consommations.queries import Load, busiest

SHOWN = 8


def scenes(ctx: Context) -> list[Scene]:
    """Return the scenes of consommations."""
    return [Scene("charges", _("Liens les plus chargés"), partial(loads, ctx), order=30)]


def loads(ctx: Context) -> Bars:
    """Return the links that were fullest over the last 24 hours, as parts of what was sold."""
    bars = [_bar(load) for load in busiest(ctx, SHOWN, candidates=SHOWN + 4)]
    return Bars(
        _("Liens les plus chargés, 95e centile des dernières 24 heures"),
        bars,
        "" if bars else _("Aucun trafic mesuré"),
    )


def _bar(load: Load) -> Bar:
    way = _("entrant") if load.way == "in" else _("sortant")
    note = _("%(way)s, %(rate)s", way=way, rate=formats.rate(load.p95))
    return Bar(
        load.site, f"{load.link.reference} · {note}", load.ratio, formats.percent(load.ratio, 0)
    )
