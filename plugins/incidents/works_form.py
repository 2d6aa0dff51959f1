"""The forms of planned works: announcing them, moving or cancelling those that are announced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Context,
    PlannedWork,
    _,
    card,
    formats,
    go_to,
    ngettext,
    note,
    press,
    push,
)
from plugins.incidents.address import WORKS
from plugins.incidents.models import WorksAction
from plugins.incidents.works_changes import (
    STEPS,
    announce,
    cancel,
    mark_of,
    move,
    others_then,
    read_links,
    read_plan,
    refused,
    span,
    together,
)

DO, SAID = "works-do", "works-said"
FIELDS = ("title", "starts", "ends", "text")


def form(ctx: Context, query: Mapping[str, str]) -> list[Component]:
    """Return the form that an address asks for, or why there is none; nothing for none."""
    if query.get("nouveau"):
        return [_announcing(ctx, query.get("link", "")[:64])]
    if not query.get("travaux"):
        return []
    works = together(ctx, query["travaux"], None)
    if not works:
        return [note(_("Ces travaux sont introuvables, ou annulés."), "warn")]
    return [_changing(ctx, works)]


def _announcing(ctx: Context, reference: str) -> Component:
    links = dcc.Textarea(id=_id("links"), value=reference, rows=3, className="form-control")
    fields = [
        *_fields(ctx, None),
        _field("links", _("Liaisons"), links,
               _("Leurs références, une par ligne ou séparées par des virgules."), full=True),
        *_told(),
    ]  # fmt: skip
    names = {name: _id(name) for name in (*FIELDS, "links")}
    go = press(_("Annoncer"), DO, {"do": "announce"}, fields=names, className="btn btn-primary")
    return _card(_("Annoncer des travaux"), fields, [_back(_("Annuler")), go])


def _changing(ctx: Context, works: Sequence[PlannedWork]) -> Component:
    first = works[0]
    of = {"work": str(first.id), "seen": mark_of(first)}
    names = {name: _id(name) for name in FIELDS}
    fields = [*_fields(ctx, first), *_told(), _past(ctx, first)]
    drop = press(_("Annuler ces travaux"), DO, {**of, "do": "cancel"}, fields=names,
                 className="btn btn-secondary")  # fmt: skip
    go = press(_("Enregistrer et prévenir"), DO, {**of, "do": "move"}, fields=names,
               className="btn btn-primary")  # fmt: skip
    count = ngettext("%(n)s liaison", "%(n)s liaisons", len(works))
    title = _("Déplacer ou annuler · %(count)s", count=count)
    return _card(title, fields, [_back(_("Fermer")), drop, go])


def _id(name: str) -> str:
    return f"works-{name}"


def _back(words: str) -> Component:
    return push(words, WORKS, className="btn btn-secondary")


def _card(title: str, fields: Sequence[Component], buttons: Sequence[Component]) -> Component:
    body = [
        html.Div(list(fields), className="fields"),
        html.Div(id=SAID, role="status"),
        html.Div(list(buttons), className="form-end"),
    ]
    return card(html.Div(body, className="pad stack"), title=title)


def _fields(ctx: Context, work: PlannedWork | None) -> list[Component]:
    zone = ctx.zone.key.rpartition("/")[2]
    fields = [
        _field("title", _("Ce qui sera fait"),
               dbc.Input(id=_id("title"), value=work.title if work else "", maxlength=120),
               full=True),
    ]  # fmt: skip
    for name, label in (("starts", _("Début")), ("ends", _("Fin"))):
        at = getattr(work, name).astimezone(ctx.zone) if work else None
        value = at.strftime("%Y-%m-%dT%H:%M") if at else ""
        field = dbc.Input(id=_id(name), type="datetime-local", value=value, step="60")
        fields.append(_field(name, label, field, _("Heure de %(zone)s", zone=zone)))
    return fields


def _told() -> list[Component]:
    field = dcc.Textarea(id=_id("text"), value="", rows=2, maxLength=2000, className="form-control")
    hint = _("Les administrateurs des clients concernés la reçoivent par courriel.")
    return [_field("text", _("Précision aux clients (facultatif)"), field, hint, full=True)]


def _field(
    name: str, label: str, field: Component, hint: str = "", *, full: bool = False
) -> Component:
    parts = [html.Label(label, htmlFor=_id(name), className="form-label"), field]
    parts += [html.Div(hint, className="form-text")] if hint else []
    return html.Div(parts, className="full" if full else None)


def _past(ctx: Context, work: PlannedWork) -> Component:
    """Return who announced works and moved them, and when, the latest first."""
    query = sa.select(WorksAction).where(WorksAction.work_id == work.id)
    steps: Sequence[WorksAction] = ctx.db.all(query.order_by(WorksAction.id.desc()))
    items = [
        html.Li(
            [html.Time(formats.moment(one.at, ctx.zone)[:-3], dateTime=one.at.isoformat()),
             html.Div([html.Span(f"{one.name} · {_(STEPS[one.step])}", className="who"),
                       html.Div(span(ctx, one.starts, one.ends), className="small soft"),
                       html.Div(one.text, className="told")])]
        )
        for one in steps
    ]  # fmt: skip
    return html.Div(html.Ul(items, className="log log-flush") if items else "", className="full")


def act(ctx: Context, data: Mapping[str, Any]) -> Component:
    """Do what a press asks to works; return what is wrong, or what leads back to the calendar."""
    if wrong := refused(ctx):
        return note(wrong, "warn")
    what = data.get("do")
    if what == "announce":
        return _announce(ctx, data)
    works = together(ctx, data.get("work"), data.get("seen") or "-")
    if not works:
        return note(_("Ces travaux viennent de changer, ou ont été annulés : relisez-les."), "warn")
    if what == "cancel":
        cancel(ctx, works, str(data.get("text") or "").strip()[:2000])
        return go_to(WORKS)
    plan, wrong = read_plan(ctx, data)
    if plan is None:
        return note(wrong, "warn")
    places = [(work.site_id, work.link_id) for work in works]
    own = {work.id for work in works}
    if (warning := others_then(ctx, plan, places, own)) and not data.get("again"):
        return _confirm(warning, data)
    move(ctx, works, plan)
    return go_to(WORKS)


def _announce(ctx: Context, data: Mapping[str, Any]) -> Component:
    plan, wrong = read_plan(ctx, data)
    if plan is None:
        return note(wrong, "warn")
    links, wrong = read_links(ctx, data.get("links"))
    if wrong:
        return note(wrong, "warn")
    places: list[tuple[int | None, int | None]] = [(link.site_id, link.id) for link in links]
    if (warning := others_then(ctx, plan, places, set())) and not data.get("again"):
        return _confirm(warning, data)
    announce(ctx, links, plan)
    return go_to(WORKS)


def _confirm(warning: str, data: Mapping[str, Any]) -> Component:
    """Return what overlaps, and the button that says that it is meant."""
    kept = {name: data[name] for name in ("do", "work", "seen") if name in data}
    names = {name: _id(name) for name in (*FIELDS, "links") if name in data}
    again = press(_("Confirmer"), DO, {**kept, "again": True}, fields=names,
                  className="btn btn-secondary btn-sm")  # fmt: skip
    return html.Div([note(warning, "warn"), again], className="bar")
