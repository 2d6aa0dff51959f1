"""« Services QoS »: what each class of service of a link was offered, sent and lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import numpy as np
from dash import html
from dash.development.base_component import Component
from numpy.typing import NDArray
from sqlalchemy import select

from core.api import (
    ClassSeries,
    ClassVolume,
    Context,
    Direction,
    Link,
    TrafficClass,
    _,
    attributes,
    empty_state,
    formats,
    missing,
    segmented,
)
from plugins.consommations.queries import last_day, links_of_service, role_name

COLOURS = 6
WIDTH, HEIGHT = 288, 100
Rates = NDArray[np.float64]
Means = tuple[float | None, float | None, float | None]
"""Mean rates of a class, bit/s: offered, sent, lost."""


@dataclass(frozen=True, slots=True)
class Row:
    """A class as the table shows it: how deep it is nested, its colour (1 to 6), its series.

    A class that holds others has no colour: what it carries is theirs.
    """

    name: str
    depth: int
    colour: int | None
    series: ClassSeries
    id: int = 0


def has_classes(ctx: Context, link: Link) -> bool:
    """Tell whether a class of service is known on a link of the service of ``link``."""
    query = (
        select(TrafficClass)
        .join(Link, Link.id == TrafficClass.link_id)
        .where(Link.service_id == link.service_id)
    )
    return ctx.db.first(query) is not None


def qos(ctx: Context, link: Link) -> Component:
    """Return the classes of a service over the last 24 hours, one link and direction at a time.

    ``?liaison=REFERENCE&sens=out``; what makes no sense there is as absent.
    """
    links = {one.reference: one for one in links_of_service(ctx, link)}
    query = select(TrafficClass).where(TrafficClass.link_id.in_([one.id for one in links.values()]))
    classes: Sequence[TrafficClass] = ctx.db.all(query.order_by(TrafficClass.id))
    having = {one.link_id for one in classes}
    links = {reference: one for reference, one in links.items() if one.id in having}
    if not links:
        text = _("Les classes de service seront affichées ici dès que le routeur les aura données.")
        return empty_state("chart", _("Aucune classe de service"), text)
    shown = links.get(ctx.query.get("liaison", "")) or next(iter(links.values()))
    mine = [one for one in classes if one.link_id == shown.id]
    ways = {one.direction.value for one in mine}
    names = {"out": _("Sortant"), "in": _("Entrant")}
    options = {key: name for key, name in names.items() if key in ways}
    way = ctx.query.get("sens", "")
    way = way if way in options else next(iter(options))
    choices = []
    if len(links) > 1:
        roles = {reference: role_name(one) for reference, one in links.items()}
        choices.append(_choice(ctx, "liaison", roles, shown.reference, _("Liaison montrée")))
    if len(options) > 1:
        choices.append(_choice(ctx, "sens", options, way, _("Sens montré")))
    start, end = last_day(ctx)
    some = [one for one in mine if one.direction is Direction(way)]
    rows = nested(some, ctx.metrics.class_series(some, start, end, points=WIDTH))
    volumes = ctx.metrics.class_volumes(some, rows[0].series.start, end)
    head = html.Div(
        [
            html.H3(
                [
                    _("Classes de service : %(name)s", name=shown.designation),
                    html.Span(
                        _(" · débit émis, %(way)s, dernières 24 h", way=options[way].lower()),
                        className="muted regular",
                    ),
                ]
            ),
            *choices,
        ],
        className="chart-head",
    )
    return html.Div(
        [html.Div([head, _picture(ctx, rows, start)], className="pad"), _table(rows, volumes)]
    )


def _choice(
    ctx: Context, key: str, options: Mapping[str, str], value: str, label: str
) -> Component:
    return segmented(
        options, value, label, href=lambda one: f"?{urlencode({**ctx.query, key: one})}"
    )


def nested(classes: Sequence[TrafficClass], series: Mapping[int, ClassSeries]) -> list[Row]:
    """Return classes in the order of their policy, each under the one that holds it."""
    ids = {one.id for one in classes}
    children: dict[int | None, list[TrafficClass]] = {}
    for one in classes:
        parent = one.parent_id if one.parent_id in ids else None
        children.setdefault(parent, []).append(one)
    rows: list[Row] = []
    leaves = 0

    def add(parent: int | None, depth: int) -> None:
        nonlocal leaves
        for one in children.get(parent, []):
            colour = None
            if one.id not in children:
                leaves += 1
                colour = min(leaves, COLOURS)
            rows.append(Row(one.name, depth, colour, series[one.id], one.id))
            add(one.id, depth + 1)

    add(None, 0)
    return rows


def _picture(ctx: Context, rows: Sequence[Row], start: datetime) -> Component:
    """Return the classes that hold no other, one above the other; gaps are gaps."""
    stacked = [row for row in rows if row.colour]
    rates = np.array([row.series.sent_bps for row in stacked])
    measured = ~np.isnan(rates).all(axis=0) if len(rates) else np.array([], bool)
    if not measured.any():
        text = _("Les débits par classe seront affichés quelques minutes après la première mesure.")
        return empty_state("chart", _("Aucune mesure sur les dernières 24 heures"), text)
    tops = np.cumsum(np.nan_to_num(rates), axis=0)
    most = float(tops[-1].max()) or 1.0
    bottoms = np.vstack([np.zeros(tops.shape[1]), tops[:-1]])
    nothing = np.zeros(len(measured))
    layers = [html.I(className="cos-layer cos-gap", style=_mask(nothing, nothing + 1, ~measured))]
    for row, low, high in zip(stacked, bottoms / most, tops / most, strict=True):
        style = _mask(low, high, measured)
        layers.append(html.I(className=f"cos-layer c-{row.colour}", style=style))
    series = stacked[0].series
    span = series.step * len(measured)
    hours = []
    for n in range(5):
        share = n / 4
        at = series.start + timedelta(seconds=span * share)
        place = {"left": f"{share * 100:.0f}%"}
        hours.append(html.Span(f"{at.astimezone(ctx.zone):%H:%M}", style=place))
    sides = html.Div([html.Span(formats.rate(most)), html.Span("0")], className="chart-y")
    said = _("Débit émis par classe sur 24 heures ; les chiffres sont dans la table.")
    return html.Figure(
        [
            sides,
            html.Div(layers, className="chart-plot cos-plot"),
            html.Div(hours, className="chart-x"),
        ],
        className="chart cos-chart",
        role="img",
        **attributes(aria_label=said),
    )


def _mask(low: Rates, high: Rates, measured: NDArray[np.bool_]) -> dict[str, str]:
    """Return the style that shows the area between two curves, as shares of the height."""
    count = len(measured)
    low, high = (HEIGHT * (1 - values) for values in (low, high))  # SVG counts from the top
    paths = []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], measured, [False]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        over = [f"{i} {high[i]:.1f} {i + 1} {high[i]:.1f}" for i in range(begin, end)]
        under = [f"{i + 1} {low[i]:.1f} {i} {low[i]:.1f}" for i in reversed(range(begin, end))]
        paths.append(f"M{' '.join(over)} {' '.join(under)}Z")
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {count} {HEIGHT}' "
        f"preserveAspectRatio='none'><path d='{''.join(paths)}'/></svg>"
    )
    image = f'url("data:image/svg+xml,{quote(drawing)}")'
    return {"maskImage": image, "WebkitMaskImage": image}


def _table(rows: Sequence[Row], volumes: Mapping[int, ClassVolume]) -> Component:
    heads = [_("Offert"), _("Émis"), _("Pointe émise"), _("Perdu"), _("Part perdue")]
    head = html.Tr(
        [
            html.Th(_("Classe"), scope="col"),
            *(html.Th(name, scope="col", className="num") for name in heads),
        ]
    )
    body = html.Tbody([_line(row, means(volumes.get(row.id))) for row in rows])
    caption = html.Caption(_("Moyennes par classe sur 24 heures"), className="sr-only")
    table = html.Table([caption, html.Thead(head), body], className="grid compact plain")
    return html.Div(table, className="scroll ruled")


def _line(row: Row, of: Means) -> Component:
    key = [html.I(className=f"key c-{row.colour}")] if row.colour else []
    name = html.Span(
        [*key, html.Span(row.name)],
        className="cos-name",
        style={"paddingLeft": f"{min(row.depth, 6) * 18}px"},
    )
    offered, sent, lost = of
    share = None
    if lost is not None:
        share = lost / offered if offered else 0.0
    rates = row.series.sent_bps
    peak = None if np.isnan(rates).all() else float(np.nanmax(rates))
    figures = [formats.rate(value) for value in (offered, sent, peak, lost)]
    cells = [*figures, formats.percent(share)]
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *(html.Td(missing() if sent is None else cell, className="num") for cell in cells),
        ]
    )


def means(of: ClassVolume | None) -> Means:
    """Return the mean rates of a class: offered, sent, lost; None where nothing was measured.

    Octets over the seconds measured.
    """
    if of is None or not of.covered:
        return None, None, None
    rates = (of.offered_octets, of.sent_octets, of.dropped_octets)
    offered, sent, lost = (octets * 8 / of.covered for octets in rates)
    return offered, sent, lost
