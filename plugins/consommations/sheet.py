"""The sheet of what was chosen: who it is, the parameters, the curve, classes and quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Context,
    _,
    attributes,
    empty_state,
    export_menu,
    icon,
    panel_state,
    push,
    segmented,
    service_views,
)
from plugins.consommations.address import (
    ADDRESS,
    CUSTOM,
    PERIODS,
    Asked,
    Period,
    PeriodError,
    local_minute,
    period_of,
)
from plugins.consommations.chosen import Chosen, chosen
from plugins.consommations.classes import classes
from plugins.consommations.curve import CHART, PARTS, curve, newest, placed, said
from plugins.consommations.measures import measured
from plugins.consommations.quality import quality
from plugins.consommations.queries import links_of_service, role_name
from plugins.consommations.top import top

EXPORT = f"{ADDRESS}/export"
CURVE, NEWEST = "datas-curve", "datas-newest"
STATE, STATE_VERSION = "datas-panel-state", "datas-panel-version"
PANEL = "datas-panel"


def sheet(ctx: Context, asked: Asked) -> Any:
    """Return the sheet of what the address chose, or what stands in its place."""
    if not asked.chosen:
        text = _("Choisissez un accès dans la table pour voir son trafic.")
        return [html.P(text, className="soft small pad"), *_rest()]
    found = chosen(ctx, asked)
    if found is None:
        text = _("Cet accès n’existe pas, ou n’est pas dans votre périmètre.")
        nothing = empty_state("search", _("Accès introuvable"), text)
        return [html.Div(nothing, className="card"), *_rest()]
    ctx = replace(ctx, query={"liaison": asked.link})  # a callback's own query is empty
    try:
        period = period_of(ctx, asked)
    except PeriodError as error:
        refused = _refused(ctx, asked, found, str(error))
        return html.Div([*_who(ctx, found), refused, *_rest(STATE)], className="stack")
    shown = measured(ctx, found.links, period)
    drawn = curve(ctx, found, asked, shown)
    parts = [
        *_who(ctx, found),
        html.Section(
            [
                _head(ctx, asked, found, shown.period),
                _parameters(ctx, asked, shown.period),
                html.Div(placed(drawn), id=CURVE),
                dcc.Store(id=NEWEST, data=[*newest(shown), drawn.words]),
            ],
            className="card card-flush",
            id="datas-traffic",
        ),
    ]
    if found.link is not None:
        parts += [*classes(ctx, asked, found.link, period), *quality(ctx, found.link, period)]
    else:
        parts.append(top(ctx, asked, found.links, shown.period))
    return html.Div(parts, className="stack")


def _who(ctx: Context, found: Chosen) -> list[Component]:
    """Return « Informations administratives », of a link alone."""
    if found.service is None:
        return _rest(CURVE)
    state = panel_state(ctx, found.service, id=PANEL)
    return [
        html.Section(html.Div(state, id=STATE), className="card card-flush", id=PANEL),
        dcc.Store(id=STATE_VERSION, data=state_version(ctx, found)),
    ]


def _rest(but: str = "") -> list[Component]:
    """Return what a tick writes to, where it is not: of the curve, of the state, or of both."""
    curve_parts = [*(html.Div(id=id, hidden=True) for id in PARTS), dcc.Store(id=NEWEST)]
    state_parts = [html.Div(id=STATE, hidden=True), dcc.Store(id=STATE_VERSION)]
    return [*([] if but == CURVE else curve_parts), *([] if but == STATE else state_parts)]


def state_version(ctx: Context, found: Chosen) -> str:
    """Return what changes when the state of a service must be drawn again."""
    if found.service is None:
        return ""
    parts: list[Any] = []
    for view in service_views(ctx, found.service.id).services:
        parts += [view.status, view.since]
        parts += [(link.status, link.since) for link in (view.main, view.backup) if link]
    return repr(parts)


def _head(ctx: Context, asked: Asked, found: Chosen, period: Period) -> Component:
    """Return the title, main or backup, and what may be saved."""
    parts: list[Any] = [html.H2(found.title)]
    right: list[Any] = []
    if found.link is not None:
        links = links_of_service(ctx, found.link)
        if len(links) > 1:
            right.append(
                segmented(
                    {one.reference: role_name(one) for one in links},
                    found.link.reference,
                    _("Liaison montrée"),
                    href=lambda reference: asked.of_one(link=reference),
                )
            )
    picture = html.Button(
        [icon("download"), _("Image")],
        className="btn btn-secondary",
        type="button",
        title=_("Enregistrer le graphique (PNG)"),
        **attributes(
            data_picture=CHART,
            data_name=f"Trafic {found.name}",
            data_title=f"{found.title}, {said(ctx, period)}",
        ),
    )
    right += [picture, html.Div(exports(asked), id="datas-export")]
    parts.append(html.Div(right, className="end"))
    return html.Div(parts, className="panel-head")


def exports(asked: Asked) -> Component:
    """Return « Exporter » for exactly what is shown."""
    return export_menu(lambda kind: asked.with_(f"{EXPORT}.{kind}", text="", view="", page=0))


def _parameters(ctx: Context, asked: Asked, shown: Period | None) -> Component:
    """Return « Paramètres »: the periods, two moments of one's own, units, comparison."""
    custom = asked.between(ctx, shown) if shown else asked.with_(period=CUSTOM)
    periods = {key: _(label) for key, (label, _length) in PERIODS.items()}
    choice = segmented(
        {**periods, CUSTOM: _("Personnalisée")},
        asked.period,
        _("Période"),
        href=lambda key: custom if key == CUSTOM else asked.over(key),
    )
    choice.className = "segmented swipe"
    start, end = asked.start, asked.end
    if shown and not start:
        start, end = local_minute(ctx, shown.start), local_minute(ctx, shown.end)
    form = html.Form(
        [
            dbc.Input(type="hidden", name="periode", value=CUSTOM),
            _moment("du", _("Du"), start),
            _moment("au", _("Au"), end),
            html.Button(_("Valider"), type="submit", className="btn btn-primary"),
        ],
        action=ADDRESS,
        method="GET",
        className="moments",
        **attributes(data_push=""),
    )
    return html.Div(
        [
            html.Div(
                [html.Span(_("Période"), className="soft small hide-phone"), choice],
                className="bar",
            ),
            html.Div([form, _switches(asked)], className="bar"),
        ],
        className="pad parameters ruled-below",
        role="group",
        **attributes(aria_label=_("Paramètres")),
    )


def _moment(name: str, label: str, value: str) -> Component:
    field: Any = dbc.Input(
        id=f"datas-{name}", name=name, value=value[:16], type="datetime-local", size="sm"
    )
    return html.Label([html.Span(label), field])


def _switches(asked: Asked) -> Component:
    """Return bits or octets, and the comparison: links, so that they stand in the address."""
    unit = segmented(
        {"": _("bps"), "octets": _("octets")},
        "octets" if asked.octets else "",
        _("Unité"),
        href=lambda key: asked.with_(octets=key == "octets"),
    )
    compared = push(
        [icon("check") if asked.compared else "", _("Comparer à la période précédente")],
        asked.with_(compared=not asked.compared),
        className="chip",
        **attributes(aria_current="true" if asked.compared else None),
    )
    return html.Div([unit, compared], className="end")


def _refused(ctx: Context, asked: Asked, found: Chosen, why: str) -> Component:
    """Return the parameters with what is wrong in them."""
    message = html.Div(why, className="alert alert-danger pad-wide", role="alert")
    return html.Section(
        [
            html.Div(html.H2(found.title), className="panel-head"),
            _parameters(ctx, asked, None),
            html.Div(message, className="pad"),
        ],
        className="card card-flush",
        id="datas-traffic",
    )


def parts_of(asked: Asked) -> Sequence[Any]:
    """Return what of the address the sheet depends on: not the list, its search and its pages."""
    plain = replace(asked, text="", view="", page=0)
    return sorted(plain.query().items())
