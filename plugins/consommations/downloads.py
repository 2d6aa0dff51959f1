"""The curve as a file: slot by slot what is shown, of the same period, with its octets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.api import N_, Context, Downloads, Field, Sheet
from plugins.consommations.address import Asked, PeriodError, period_of
from plugins.consommations.chosen import Chosen, chosen
from plugins.consommations.measures import Measures, before, measured, slot_times
from plugins.consommations.permissions import READ
from plugins.consommations.sheet import EXPORT

downloads = Downloads()


@dataclass(frozen=True, slots=True)
class Line:
    """A slot of the curve; None where nothing was measured."""

    name: str
    start: datetime
    end: datetime
    in_bps: float | None
    out_bps: float | None
    in_octets: float | None
    out_octets: float | None
    seconds: float
    in_before: float | None = None
    out_before: float | None = None


PLAIN: tuple[Field[Line], ...] = (
    Field(N_("Accès"), lambda one: one.name, 24),
    Field(N_("Début"), lambda one: one.start, 17),
    Field(N_("Fin"), lambda one: one.end, 17),
)
RATES: tuple[Field[Line], ...] = (
    Field(N_("Débit entrant (bit/s)"), lambda one: _rounded(one.in_bps), 20),
    Field(N_("Débit sortant (bit/s)"), lambda one: _rounded(one.out_bps), 20),
)
IN_OCTETS: tuple[Field[Line], ...] = (
    Field(N_("Débit entrant (octets/s)"), lambda one: _eighth(one.in_bps), 22),
    Field(N_("Débit sortant (octets/s)"), lambda one: _eighth(one.out_bps), 22),
)
VOLUMES: tuple[Field[Line], ...] = (
    Field(N_("Octets entrants"), lambda one: _whole(one.in_octets), 18),
    Field(N_("Octets sortants"), lambda one: _whole(one.out_octets), 18),
    Field(N_("Secondes mesurées"), lambda one: _whole(one.seconds), 18),
)
COMPARED: tuple[Field[Line], ...] = (
    Field(N_("Entrant, période précédente (bit/s)"), lambda one: _rounded(one.in_before), 30),
    Field(N_("Sortant, période précédente (bit/s)"), lambda one: _rounded(one.out_before), 30),
)


@downloads.table(EXPORT, permission=READ)
def export(ctx: Context) -> Sheet[Line] | None:
    """Return the slots of the curve that the address shows; None where it shows none."""
    asked = Asked.of(ctx.query)
    found = chosen(ctx, asked) if asked.chosen else None
    if found is None:
        return None
    try:
        period = period_of(ctx, asked)
    except PeriodError:
        return None
    shown = measured(ctx, found.links, period)
    fields = (*PLAIN, *(IN_OCTETS if asked.octets else RATES), *VOLUMES)
    earlier = None
    if asked.compared:
        fields += COMPARED
        earlier = before(ctx, found.links, shown)
    start, end = (
        at.astimezone(ctx.zone).strftime("%Y-%m-%d %Hh%M")
        for at in (shown.period.start, shown.period.end)
    )
    name = f"Trafic {found.name} {start} - {end}"
    return Sheet(name, fields, lines(found, shown, earlier), ctx.zone)


def lines(
    found: Chosen, shown: Measures, earlier: Sequence[np.ndarray] | None = None
) -> Iterator[Line]:
    """Yield the slots of a curve in the order of time, until the end of the period."""
    absent = shown.absent
    for slot, (start, end) in enumerate(slot_times(shown)):
        if start >= end:
            return
        known = not absent[slot]
        yield Line(
            found.name,
            start,
            end,
            _number(shown.series.in_bps[slot]),
            _number(shown.series.out_bps[slot]),
            float(shown.in_octets[slot]) if known else None,
            float(shown.out_octets[slot]) if known else None,
            float(shown.seconds[slot]),
            _number(earlier[0][slot]) if earlier else None,
            _number(earlier[1][slot]) if earlier else None,
        )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


def _eighth(value: float | None) -> int | None:
    return None if value is None else round(value / 8)


def _whole(value: float | None) -> float | int | None:
    """Return a whole number as one; a reading shared between minutes may leave a fraction."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 3)
