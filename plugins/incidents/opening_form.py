"""The questions that open a ticket: filled in from what is known of the link, and read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dash_bootstrap_components as dbc
import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Context,
    Link,
    State,
    StateChange,
    _,
    capital,
    card,
    formats,
    link_word,
    press,
    reason_words,
)
from plugins.incidents.address import TICKETS
from plugins.incidents.changes import LONGEST, Opening
from plugins.incidents.files import held_box
from plugins.incidents.life import Impact, Users, severity_of
from plugins.incidents.words import IMPACTS, TITLES, USERS

OPEN, SAID = "incidents-open", "incidents-open-said"
FIELDS = (
    "impact", "users", "since", "title", "description", "customer_reference", "contact", "phone",
    "access",
)  # fmt: skip
OLDEST = timedelta(days=31)
"""How long ago an incident may have begun."""


def other_of(link: Link) -> Link | None:
    return next((x for x in link.service.links if x.id != link.id), None)


def carried(link: Link) -> bool:
    """Tell whether another link of the service carries its traffic now."""
    other = other_of(link)
    return other is not None and other.state is State.UP


def last_changes(ctx: Context, link: Link, count: int = 4) -> Sequence[StateChange]:
    """Return the last states that a link took, the latest first."""
    query = sa.select(StateChange).where(StateChange.link_id == link.id)
    return ctx.db.all(query.order_by(StateChange.at.desc(), StateChange.id.desc()).limit(count))


def observed(ctx: Context, link: Link) -> str:
    """Return what the portal saw of a link, as the first words of a description."""
    lines = []
    for change in last_changes(ctx, link):
        said = capital(link_word(change.state))
        why = reason_words(change.reason)
        at = formats.moment(change.at, ctx.zone)
        lines.append(f"- {at} : {said}{f' ({why})' if why else ''}")
    if not lines:
        return ""
    return "\n".join([_("Relevé par la supervision :"), *lines, ""])


def told_of(ctx: Context, start: datetime, end: datetime | None) -> str:
    """Return an outage in the first words of a description."""
    begun = formats.moment(start, ctx.zone)
    if end is None:
        said = _("- coupure depuis le %(start)s, toujours en cours", start=begun)
    else:
        said = _("- coupure du %(start)s au %(end)s (%(length)s)", start=begun,
                 end=formats.moment(end, ctx.zone),
                 length=formats.duration(end - start, short=True))  # fmt: skip
    return "\n".join([_("Relevé par la supervision :"), said, ""])


def form(
    ctx: Context, link: Link, *, again: bool, outage: tuple[datetime, datetime | None] | None = None
) -> Component:
    """Return the form, filled in from the state of the link, or from an ``outage`` of it."""
    guess = {State.DOWN: Impact.CUT, State.DEGRADED: Impact.DEGRADED}.get(link.state)
    begun = outage[0] if outage else link.since if guess else None
    guess = Impact.CUT if outage else guess
    local = begun.astimezone(ctx.zone) if begun else None
    since = local.strftime("%Y-%m-%dT%H:%M") if local else ""
    text = told_of(ctx, *outage) if outage else observed(ctx, link) if guess else ""
    title = f"{_(TITLES[guess])} · {link.site.name}" if guess else ""
    fields = [
        _field("impact", _("Que constatez-vous ?"),
               _select("impact", {i.value: _(w) for i, w in IMPACTS.items()},
                       (guess or Impact.CUT).value), full=True),
        _field("users", _("Qui est gêné ?"),
               _select("users", {u.value: _(w) for u, w in USERS.items()}, Users.EVERYONE.value)),
        _field("since", _("Depuis quand ?"),
               dbc.Input(id=_id("since"), type="datetime-local", value=since, step="60")),
        _field("title", _("Objet"), dbc.Input(id=_id("title"), value=title, maxlength=120),
               full=True),
        _field("description", _("Description"),
               dcc.Textarea(id=_id("description"), value=text, rows=5, maxLength=LONGEST,
                            className="form-control"), full=True),
        _field("contact", _("Contact sur site"), dbc.Input(id=_id("contact"), maxlength=80)),
        _field("phone", _("Téléphone"), dbc.Input(id=_id("phone"), type="tel", maxlength=24)),
        _field("access", _("Accès au site, horaires"), dbc.Input(id=_id("access"), maxlength=120)),
        _field("customer_reference", _("Votre référence (facultatif)"),
               dbc.Input(id=_id("customer_reference"), maxlength=40)),
    ]  # fmt: skip
    value = {"link": link.reference, "again": again}
    button = press(
        _("Ouvrir le ticket"), OPEN, value, fields={name: _id(name) for name in FIELDS},
        className="btn btn-primary",
    )  # fmt: skip
    cancel = dcc.Link(_("Annuler"), href=TICKETS, className="btn btn-secondary")
    hint = _("Ces réponses donnent la gravité du ticket.")
    files = html.Div(
        [html.Div(_("Photos, relevés (facultatif)"), className="form-label"),
         html.Div(className="upload", **held_box())]
    )  # fmt: skip
    body = [
        html.Div(fields, className="fields"),
        files,
        html.Div(hint, className="form-text"),
        html.Div(id=SAID, role="status"),
        html.Div([cancel, button], className="form-end"),
    ]
    return card(html.Div(body, className="pad stack"), title=_("L’incident"))


def _id(name: str) -> str:
    return f"incidents-new-{name.replace('_', '-')}"


def _field(name: str, label: str, field: Component, *, full: bool = False) -> Component:
    words = html.Label(label, htmlFor=_id(name), className="form-label")
    return html.Div([words, field], className="full" if full else None)


def _select(name: str, options: Mapping[str, str], value: str) -> Component:
    choices = [
        html.Option(text, value=key, selected="selected" if key == value else None)
        for key, text in options.items()
    ]
    return html.Select(choices, id=_id(name), className="form-select")


def read_form(
    ctx: Context, link: Link, data: Mapping[str, Any]
) -> tuple[Opening | None, str | None]:
    """Return what a form says, or what is wrong with it."""

    def text(name: str, most: int) -> str:
        value = data.get(name)
        return " ".join(value.split())[:most] if isinstance(value, str) else ""

    impacts, users = {i.value: i for i in Impact}, {u.value: u for u in Users}
    impact, who = impacts.get(text("impact", 24)), users.get(text("users", 24))
    if impact is None or who is None:
        return None, _("Choisissez ce que vous constatez et qui est gêné.")
    title = text("title", 120) or f"{_(TITLES[impact])} · {link.site.name}"
    raw = data.get("description")
    description = raw.strip()[:LONGEST] if isinstance(raw, str) else ""
    if not description:
        return None, _("Décrivez l’incident : ce que vous voyez, ce que vous avez essayé.")
    since, wrong = _since(ctx, text("since", 16))
    if wrong:
        return None, wrong
    said = Opening(
        impact, who, severity_of(impact, who, carried=carried(link)), title, description, since,
        text("customer_reference", 40) or None, text("contact", 80) or None,
        text("phone", 24) or None, text("access", 120) or None, data.get("again") is True,
    )  # fmt: skip
    return said, None


def _since(ctx: Context, text: str) -> tuple[datetime | None, str | None]:
    if not text:
        return None, None
    try:
        at = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=ctx.zone).astimezone(UTC)
    except (ValueError, OverflowError):  # the first day of year 1 has no time in UTC
        return None, _("Cette date ne se lit pas : écrivez par exemple « 24/11/2026 08:20 ».")
    if at > ctx.now + timedelta(minutes=5):
        return None, _("« Depuis quand » est à venir : corrigez cette date.")
    if at < ctx.now - OLDEST:
        return None, _("« Depuis quand » date de plus d’un mois : corrigez cette date.")
    return min(at, ctx.now), None
