"""The figures under a curve: mean, peak, 95th percentile, volume, contracted rate, coverage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import Link, _, definition, formats
from plugins.consommations.measures import Measures


@dataclass(frozen=True, slots=True)
class Units:
    """How rates are written: in bits or in octets per second."""

    rate: Callable[[float | None], str]
    sold: Callable[[float | None], str]
    axis: Callable[[float], tuple[float, str]]
    label: str


@dataclass(frozen=True, slots=True)
class Sold:
    """The contracted rates of links together, bit/s; out is as in where the contract names one."""

    in_bps: float
    out_bps: float

    def used(self, shown: Measures) -> float:
        """Return the share of the contract that the 95th percentile fills, of the fuller way."""
        report = shown.report
        into = (report.in_p95_bps or 0.0) / self.in_bps
        return max(into, (report.out_p95_bps or 0.0) / self.out_bps)


def sold_of(links: Sequence[Link]) -> Sold | None:
    """Return the contracted rates of links together, None when one of them has none."""
    ins = [link.contract_in_bps or 0 for link in links]
    if not all(ins):
        return None
    outs = [link.contract_out_bps or link.contract_in_bps or 0 for link in links]
    return Sold(float(sum(ins)), float(sum(outs)))


def units(*, octets: bool) -> Units:
    """Return the units asked for; volumes are octets in both."""
    if octets:
        label = _("Débit en octets/s")
        return Units(formats.octet_rate, formats.octet_rate, formats.octet_rate_unit, label)
    return Units(formats.rate, formats.contract, formats.rate_unit, _("Débit en bps"))


def strip(shown: Measures, sold: Sold | None, unit: Units) -> Component:
    """Return the figures of what is shown, entrant above sortant; each name tells what it is."""
    report = shown.report
    cells: list[tuple[str, str, Sequence[Any]]] = [
        (
            _("Moyenne"),
            definition("mean"),
            _pair(unit.rate(report.in_mean_bps), unit.rate(report.out_mean_bps)),
        ),
        (
            _("Pointe"),
            definition("peak"),
            _pair(unit.rate(report.in_peak_bps), unit.rate(report.out_peak_bps)),
        ),
        (
            _("95e centile"),
            definition("p95"),
            _pair(unit.rate(report.in_p95_bps), unit.rate(report.out_p95_bps)),
        ),
        (
            _("Volume"),
            definition("volume"),
            _pair(
                formats.octets(report.in_octets if report.covered else None),
                formats.octets(report.out_octets if report.covered else None),
            ),
        ),
    ]
    if sold:
        share = sold.used(shown)
        hint = _("dont %(used)s utilisés au p95", used=formats.percent(share, 0)) if share else ""
        rates = [unit.sold(sold.in_bps)]
        if sold.out_bps != sold.in_bps:
            rates = [_("%(rate)s entrant", rate=rates[0])]
            rates.append(_("%(rate)s sortant", rate=unit.sold(sold.out_bps)))
        cells.append((_("Débit souscrit"), definition("contract"), _single(rates, hint)))
    cells.append(
        (
            _("Mesures présentes"),
            definition("coverage"),
            _single([_covered(shown)], _absence(shown)),
        )
    )
    return html.Dl(
        [html.Div([html.Dt(name, title=hint), html.Dd(list(p))]) for name, hint, p in cells],
        className="stats stats-flush",
    )


def coverage(shown: Measures) -> float | None:
    """Return the share of the period that was measured."""
    return min(1.0, shown.report.covered / shown.asked) if shown.asked else None


def _covered(shown: Measures) -> str:
    """Return « 99,98 % »: what is not whole is never rounded up to it."""
    share = coverage(shown)
    almost = share is not None and 0.9995 <= share < 1
    return formats.percent(min(share, 0.9999) if almost and share else share, 2 if almost else 1)


def _absence(shown: Measures) -> str:
    absent = timedelta(seconds=max(0.0, shown.asked - shown.report.covered))
    if absent < timedelta(minutes=1):
        return ""
    return _("%(age)s sans mesure", age=formats.age(absent))


def _pair(entering: str, leaving: str) -> list[Component]:
    rows = (("in", _("Entrant"), entering), ("out", _("Sortant"), leaving))
    return [
        html.Span(
            [
                html.I(className=f"key key-{css}", title=name),
                html.Span(f"{name} ", className="sr-only"),
                text,
            ]
        )
        for css, name, text in rows
    ]


def _single(texts: Sequence[str], hint: str) -> list[Component]:
    return [*(html.Span(text) for text in texts), *([html.Small(hint)] if hint else [])]
