"""« Murs », for the operator: which screens show what to whom, since when; making, revoking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from dash import Input, Output, dcc, html, no_update
from dash import State as Sent
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from core import formats, walls
from core.host import Host
from core.i18n import _, ngettext
from core.network.status import State
from core.rubric import Context
from core.web import walls_form
from core.web.components import Column, Table, empty_state, live, mark, missing, page_head
from core.web.components.attributes import attributes

ADDRESS = "/murs"
LATELY = 180
"""Seconds within which a wall that is on has asked for its state."""


def layout(ctx: Context, host: Host) -> Component:
    """Return the page."""
    return html.Div(
        [
            page_head(_("Murs"), html.Span(_size(ctx, host), id="host-walls-size")),
            html.Div(
                [
                    html.Section(
                        _listed(ctx, host), id="host-walls-list", className="card card-flush"
                    ),
                    html.Div(
                        _panel(ctx, host, _asked(ctx.query)),
                        id="host-walls-panel",
                        className="wall-panel",
                    ),
                    walls_form.form(ctx, host),
                ],
                className="stack",
            ),
            dcc.Store(id="host-walls-made"),
            dcc.Store(id="host-walls-revoked"),
            live("host-walls-tick", ctx.refresh_seconds),
        ]
    )


def callbacks(host: Host) -> list[tuple[Any, Callable[..., Any], list[Any]]]:
    """Return (outputs, function, inputs and states) of what the page does."""
    scope = [
        Output(f"host-walls-{p}", v) for p in ("companies", "sites") for v in ("options", "value")
    ]
    changed = [Input("host-walls-made", "data"), Input("host-walls-revoked", "data")]
    path = Sent("host-url", "pathname")
    return [
        (
            [Output("host-walls-size", "children"), Output("host-walls-list", "children")],
            partial(refresh, host),
            [Input("host-walls-tick", "n_intervals"), *changed, path],
        ),
        (
            Output("host-walls-panel", "children"),
            partial(show, host),
            [Input("host-url", "search"), *changed, path],
        ),
        (
            Output("host-walls-revoked", "data"),
            partial(revoke, host),
            [Input("host-walls-revoke", "n_clicks"), Sent("host-walls-revoke", "value")],
        ),
        (
            [*scope, Output("host-walls-more", "children")],
            walls_form.choices,
            [
                Input("host-walls-customer", "value"),
                Input("host-walls-find", "value"),
                Sent("host-walls-companies", "value"),
                Sent("host-walls-sites", "value"),
            ],
        ),
        (
            [Output("host-walls-result", "children"), Output("host-walls-made", "data")],
            partial(walls_form.create, host),
            [
                Input("host-walls-create", "n_clicks"),
                *(Sent(f"host-walls-{name}", "value") for name in walls_form.FIELDS),
            ],
        ),
    ]


def _asked(query: Mapping[str, str]) -> int | None:
    """Return the number of the wall that the address names, the browser's word."""
    text = query.get("mur", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def refresh(
    host: Host, ctx: Context, _tick: object, _made: object, _revoked: object, path: object
) -> Any:
    """Return the count and the list as they are now."""
    if path != ADDRESS:
        return no_update, no_update
    return _size(ctx, host), _listed(ctx, host)


def show(
    host: Host, ctx: Context, search: object, _made: object, _revoked: object, path: object
) -> Any:
    """Return the panel of the wall that the address names."""
    if path != ADDRESS:
        return no_update
    text = search.removeprefix("?")[:200] if isinstance(search, str) else ""
    return _panel(ctx, host, _asked(dict(parse_qsl(text))))


def revoke(host: Host, ctx: Context, clicks: object, asked: object) -> Any:
    """Revoke the wall of the panel; return what tells the list that one is gone."""
    wall_id = _asked({"mur": str(asked)})
    if not clicks or wall_id is None:
        return no_update
    with Session(host.engine) as session:
        wall = walls.revoke(session, wall_id, ctx.now)
        name = wall.name if wall else None
        session.commit()
    if name is None:
        return no_update
    ctx.audit("wall revoked", name, wall=wall_id)
    return wall_id


def _size(ctx: Context, host: Host) -> str:
    with Session(host.engine) as session:
        found = walls.in_use(session)
        on = sum(_on(ctx, wall) for wall in found)
    said = [ngettext("%(n)s mur", "%(n)s murs", len(found))]
    if on:
        said.append(ngettext("%(n)s allumé", "%(n)s allumés", on))
    return ", ".join(said)


def _on(ctx: Context, wall: walls.Wall) -> bool:
    return wall.seen is not None and (ctx.now - wall.seen).total_seconds() < LATELY


def _state(ctx: Context, wall: walls.Wall) -> tuple[State, str]:
    if not wall.account.active(ctx.now):
        return State.DOWN, _("Expiré")
    if _on(ctx, wall):
        return State.UP, _("Allumé")
    return State.UNKNOWN, _("Éteint") if wall.seen else _("Jamais affiché")


def _listed(ctx: Context, host: Host) -> list[Any]:
    with Session(host.engine) as session:
        found = walls.in_use(session)
        if not found:
            text = _("Un mur montre l’état des services sur un écran, sans connexion.")
            return [empty_state("pulse", _("Aucun mur"), text)]
        scopes = {wall.id: walls.scope_words(session, wall.account) for wall in found}
        return [_table(ctx, scopes).render(found)]


def _table(ctx: Context, scopes: Mapping[int, str]) -> Table[walls.Wall]:
    expires, seen = partial(_expires, ctx), partial(_seen, ctx)
    return Table(
        label=_("Murs en service"),
        columns=[
            Column(_("État"), lambda w: _led(*_state(ctx, w)), "150px"),
            Column(_("Nom"), lambda w: w.name, link=True),
            Column(_("Périmètre"), lambda w: scopes[w.id]),
            Column(_("Scènes"), _scenes, "100px"),
            Column(_("Créé par"), _by),
            Column(_("Vu"), seen, "160px", absent=_("jamais")),
            Column(_("Expire"), expires, "110px", absent=_("jamais")),
        ],
        href=lambda w: f"{ADDRESS}?mur={w.id}",
        phone=lambda w: (
            mark(_state(ctx, w)[0]),
            w.name,
            [
                scopes[w.id],
                _(
                    "%(state)s, expire : %(end)s",
                    state=_state(ctx, w)[1],
                    end=expires(w) or _("jamais"),
                ),
            ],
        ),
        scroll_to="host-walls-panel",
    )


def _led(state: State, word: str) -> Component:
    return html.Span([mark(state), word], className="led-word")


def _scenes(wall: walls.Wall) -> str:
    return formats.number(len(wall.scenes)) if wall.scenes else _("toutes")


def _by(wall: walls.Wall) -> str:
    return _("commande") if wall.created_by == "system" else wall.created_by


def _seen(ctx: Context, wall: walls.Wall) -> str | None:
    return formats.moment(wall.seen, ctx.zone) if wall.seen else None


def _expires(ctx: Context, wall: walls.Wall) -> str | None:
    end = wall.account.expires
    return formats.date(end, ctx.zone) if end else None


def _panel(ctx: Context, host: Host, wall_id: int | None) -> list[Any]:
    """Return what the wall chosen is, and the button that revokes it."""
    if wall_id is None:
        return []
    with Session(host.engine) as session:
        wall = next((w for w in walls.in_use(session) if w.id == wall_id), None)
        if wall is None:
            text = _("Ce mur est révoqué, ou n’a jamais existé.")
            return [html.Section(empty_state("lock", _("Mur révoqué"), text), className="card")]
        labels = walls.scenes_of(ctx)
        chosen = [labels[id_].label if id_ in labels else id_ for id_ in wall.scenes]
        alarms = [word for word, on in ((_("éclair"), wall.flash), (_("son"), wall.sound)) if on]
        facts = [
            (_("Périmètre"), walls.scope_words(session, wall.account)),
            (_("Scènes"), ", ".join(chosen) or _("toutes")),
            (_("Durée d’une scène"), _("%(n)s s", n=formats.number(wall.seconds))),
            (_("Nouvelle interruption"), ", ".join(alarms) or _("sans signal")),
            (_("Créé"), f"{formats.moment(wall.account.created, ctx.zone)}, {_by(wall)}"),
            (_("Vu"), _seen(ctx, wall) or _("jamais")),
            (_("Expire"), _expires(ctx, wall) or _("jamais")),
        ]
        button = html.Button(
            _("Révoquer ce mur"),
            id="host-walls-revoke",
            value=str(wall.id),
            type="button",
            className="btn btn-danger",
        )
        lost = _("Une adresse perdue ne se retrouve pas : révoquez ce mur et créez-en un autre.")
        return [
            html.Section(
                [
                    html.Div(
                        [
                            html.H2(wall.name, id="host-walls-title", className="cut"),
                            html.Div(button, className="end"),
                        ],
                        className="panel-head",
                    ),
                    html.Div(
                        [
                            html.Dl(
                                [
                                    part
                                    for name, value in facts
                                    for part in (html.Dt(name), html.Dd(value or missing()))
                                ],
                                className="dl",
                            ),
                            html.P(lost, className="soft small wall-lost"),
                        ],
                        className="pad",
                    ),
                ],
                className="card card-flush",
                **attributes(aria_labelledby="host-walls-title"),
            )
        ]
