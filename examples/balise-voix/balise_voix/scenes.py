"""What walls show of Voix: the lines that carry most calls."""

from __future__ import annotations

from functools import partial

from balise_voix.queries import busiest
from balise_voix.words import calls, dialled
from core.api import Bar, Bars, Context, Scene, _

SHOWN = 8


def scenes(ctx: Context) -> list[Scene]:
    return [Scene("lignes", _("Lignes les plus appelées"), partial(lines, ctx), order=60)]


def lines(ctx: Context) -> Bars:
    """Return the busiest lines; the bar of the first is full."""
    found = busiest(ctx, SHOWN)
    most = found[0][3] if found else 0
    bars = [
        Bar(site, f"{dialled(number)} · {name}", count / most if most else 0.0, calls(count))
        for number, name, site, count in found
    ]
    aside = "" if bars else _("Aucun appel")
    return Bars(_("Lignes les plus appelées, 30 derniers jours"), bars, aside)
