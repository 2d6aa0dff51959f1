"""What stands around a chart: the strip of figures that says the same without it, and sparks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from dash import html
from dash.development.base_component import Component

from core import formats
from core.i18n import _
from core.web.components.attributes import attributes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.network.metrics import Percentile, Series, Volume


def peak(values: NDArray[np.float64]) -> float:
    """Return the greatest of the values that were measured, 0 without any."""
    present = values[~np.isnan(values)]
    return float(present.max()) if len(present) else 0.0


def traffic_strip(
    series: Series, volume: Volume, percentile: Percentile | None, contract_bps: int | None
) -> Component:
    """Return mean, peak, 95th percentile, volume (entrant above sortant), contract, coverage."""
    covered = volume.covered / volume.asked if volume.asked else None
    seconds = volume.covered or None
    p95 = max(percentile.in_bps or 0, percentile.out_bps or 0) if percentile else 0
    absent = timedelta(seconds=max(0.0, volume.asked - volume.covered))
    cells: list[tuple[str, Sequence[Any]]] = [
        (
            _("Moyenne"),
            _pair(
                formats.rate(volume.in_octets * 8 / seconds if seconds else None),
                formats.rate(volume.out_octets * 8 / seconds if seconds else None),
            ),
        ),
        (
            _("Pointe"),
            _pair(
                *(
                    formats.rate(peak(v) if seconds else None)
                    for v in (series.in_bps, series.out_bps)
                )
            ),
        ),
        (
            _("95e centile"),
            _pair(
                formats.rate(percentile.in_bps if percentile else None),
                formats.rate(percentile.out_bps if percentile else None),
            ),
        ),
        (
            _("Volume"),
            _pair(
                formats.octets(volume.in_octets if seconds else None),
                formats.octets(volume.out_octets if seconds else None),
            ),
        ),
    ]
    if contract_bps:
        used = formats.percent(p95 / contract_bps if p95 else None, 0)
        hint = _("dont %(used)s utilisés au p95", used=used) if p95 else ""
        cells.append((_("Débit souscrit"), _single(formats.contract(contract_bps), hint)))
    missing = ""
    if absent >= timedelta(minutes=1):
        missing = _("%(age)s sans mesure", age=formats.age(absent))
    cells.append((_("Mesures présentes"), _single(formats.percent(covered), missing)))
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(list(parts))]) for name, parts in cells],
        className="stats stats-flush",
    )


def _pair(entering: str, leaving: str) -> list[Component]:
    rows = (("in", _("Entrant"), entering), ("out", _("Sortant"), leaving))
    return [
        html.Span([html.I(className=f"key key-{css}", title=name), text])
        for css, name, text in rows
    ]


def _single(text: str, hint: str) -> list[Component]:
    return [html.Span(text), *([html.Small(hint)] if hint else [])]


def spark(values: NDArray[np.float64]) -> Component:
    """Return the shape of a series as a small picture; figures must stand beside it.

    Gaps interrupt the line.
    """
    top = peak(values) or 1.0
    width, height = 96, 22
    step = width / max(1, len(values) - 1)
    path, pen = [], "M"
    for i, value in enumerate(values):
        if np.isnan(value):
            pen = "M"
            continue
        path.append(f"{pen}{i * step:.1f} {height - 1 - value / top * (height - 2):.1f}")
        pen = "L"
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' fill='none' "
        f"stroke='black' stroke-width='1.3'><path d='{''.join(path)}'/></svg>"
    )
    image = f'url("data:image/svg+xml,{quote(drawing)}")'
    style: Any = {"maskImage": image, "WebkitMaskImage": image}
    return html.I(className="spark", style=style, **attributes(aria_hidden="true"))
