"""« Services QoS » over a period: what each class was offered, sent and lost, stacked or alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import html
from dash.development.base_component import Component
from sqlalchemy import select

from core.api import (
    Axis,
    Context,
    Curve,
    Direction,
    Link,
    TrafficClass,
    _,
    curves_figure,
    curves_plot,
    empty_state,
    formats,
    gap_bands,
    missing,
    push,
    segmented,
)
from plugins.consommations.address import Asked, Period
from plugins.consommations.figures import Units, units
from plugins.consommations.measures import points_for
from plugins.consommations.qos import COLOURS, Means, Row, means, nested


def classes(ctx: Context, asked: Asked, link: Link, period: Period) -> list[Component]:
    """Return the classes of service of a link in one direction; nothing where there are none.

    ``sens=in`` and ``classe=`` choose the direction and one class; what makes no sense there is
    as absent.
    """
    query = select(TrafficClass).where(TrafficClass.link_id == link.id).order_by(TrafficClass.id)
    known: Sequence[TrafficClass] = ctx.db.all(query)
    if not known:
        return []
    ways = {one.direction.value for one in known}
    names = {"out": _("Sortant"), "in": _("Entrant")}
    options = {key: name for key, name in names.items() if key in ways}
    way = asked.way if asked.way in options else next(iter(options))
    some = [one for one in known if one.direction is Direction(way)]
    series = ctx.metrics.class_series(some, period.start, period.end, points_for(ctx, period))
    rows = nested(some, series)
    paths = {one.id: one.path for one in some}
    alone = next((row for row in rows if paths[row.id] == asked.traffic_class), None)
    unit = units(octets=asked.octets)
    choices: list[Any] = []
    if len(options) > 1:
        choices.append(
            segmented(
                options,
                way,
                _("Sens montré"),
                href=lambda key: asked.with_(way=key, traffic_class=""),
            )
        )
    head = html.Div(
        [html.H2(_("Services QoS")), html.Div(choices, className="end")], className="panel-head"
    )
    first = next(iter(series.values()))
    axis = Axis(first.start, first.step, len(first.sent_bps), period.end, ctx.zone)
    picture = _one(axis, alone, unit) if alone else _stack(axis, rows, unit)
    sold = link.contract_out_bps if way == "out" else link.contract_in_bps
    volumes = ctx.metrics.class_volumes(some, first.start, period.end)
    lines = [
        _line(
            row,
            means(volumes.get(row.id)),
            asked.with_(traffic_class="" if row is alone else paths[row.id]),
            unit,
            sold or link.contract_in_bps,
            chosen=row is alone,
        )
        for row in rows
    ]
    return [
        html.Section(
            [head, html.Div(picture, className="pad"), _table(lines)],
            className="card card-flush",
            id="datas-qos",
        )
    ]


def _stack(axis: Axis, rows: Sequence[Row], unit: Units) -> list[Component]:
    """Return the classes that hold no other, one above the other: their parents are their sum."""
    layers = [row for row in rows if row.colour]
    rates = np.array([row.series.sent_bps for row in layers])
    absent = np.isnan(rates).all(axis=0)
    if absent.all():
        text = _("Rien n’a été mesuré par classe sur cette période.")
        return [empty_state("chart", _("Aucune mesure sur cette période"), text)]
    # A class that has no measure where others do sent nothing that is known: the stack goes on.
    values = np.where(absent, np.nan, np.nan_to_num(rates))
    curves = [
        Curve(row.name, one, f"cos-{row.colour}", filled=True)
        for row, one in zip(layers, values, strict=True)
    ]
    keys = [(f"c-{row.colour}", row.name) for row in layers]
    return [
        _head(_("Débit émis par classe"), unit, [*keys, *_gap(absent)]),
        curves_plot(
            curves_figure(
                axis,
                curves,
                unit=unit.axis,
                bands=gap_bands(axis, absent),
                stacked=True,
            ),
            label=_("Débit émis par classe ; les chiffres sont dans la table"),
            id="datas-classes",
        ),
    ]


def _one(axis: Axis, row: Row, unit: Units) -> list[Component]:
    """Return what one class was offered, sent and lost."""
    series = row.series
    absent = np.isnan(series.sent_bps)
    if absent.all():
        text = _("Rien n’a été mesuré par classe sur cette période.")
        return [empty_state("chart", _("Aucune mesure sur cette période"), text)]
    curves = [
        Curve(_("Émis"), series.sent_bps, "in", filled=True),
        Curve(_("Offert"), series.offered_bps, "out"),
        Curve(_("Perdu"), series.dropped_bps, "p95"),
    ]
    keys = [("key-in", _("Émis")), ("key-out", _("Offert")), ("key-p95", _("Perdu"))]
    return [
        _head(_("Classe %(name)s", name=row.name), unit, [*keys, *_gap(absent)]),
        curves_plot(
            curves_figure(
                axis,
                curves,
                unit=unit.axis,
                bands=gap_bands(axis, absent),
            ),
            label=_("Classe %(name)s : offert, émis, perdu", name=row.name),
            id="datas-class",
        ),
    ]


def _gap(absent: Any) -> list[tuple[str, str]]:
    return [("key-gap", _("Sans mesure"))] if absent.any() else []


def _head(title: str, unit: Units, keys: Sequence[tuple[str, str]]) -> Component:
    legend = [html.Span([html.I(className=f"key {css}"), name]) for css, name in keys]
    return html.Div(
        [
            html.H3([title, html.Span(f" · {unit.label}", className="muted regular")]),
            html.Div(legend, className="legend"),
        ],
        className="chart-head",
    )


def _table(lines: Sequence[Component]) -> Component:
    heads = [_("Offert"), _("Émis"), _("Perdu"), _("Part perdue"), _("Part du contrat")]
    head = html.Tr(
        [
            html.Th(_("Classe"), scope="col"),
            *(html.Th(name, scope="col", className="num") for name in heads),
        ]
    )
    caption = html.Caption(_("Moyennes par classe sur la période"), className="sr-only")
    table = html.Table(
        [caption, html.Thead(head), html.Tbody(list(lines))], className="grid compact plain"
    )
    hint = _(
        "Choisissez une classe pour la voir seule. Une classe qui en contient d’autres les compte "
        "déjà."
    )
    return html.Div(
        [html.Div(table, className="scroll ruled"), html.P(hint, className="soft small pad mb-0")]
    )


def _line(
    row: Row, of: Means, href: str, unit: Units, sold: int | None, *, chosen: bool
) -> Component:
    colour = row.colour if row.colour and row.colour <= COLOURS else None
    key = [html.I(className=f"key c-{colour}")] if colour else []
    name = html.Span(
        [*key, push(row.name, href)],
        className="cos-name",
        style={"paddingLeft": f"{min(row.depth, 6) * 18}px"},
    )
    offered, sent, lost = of
    share = None
    if lost is not None:
        share = lost / offered if offered else 0.0
    cells = [
        *(unit.rate(value) for value in (offered, sent, lost)),
        formats.percent(share),
        formats.percent(sent / sold if sold and sent is not None else None),
    ]
    more: Any = {"aria-selected": "true"} if chosen else {}
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *(html.Td(missing() if sent is None else cell, className="num") for cell in cells),
        ],
        **more,
    )
