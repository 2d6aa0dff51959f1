"""What can be done on the page of a ticket: answering, for both sides; treating it, for one."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.api import Context, _, card, press
from plugins.incidents.changes import LONGEST, side_of
from plugins.incidents.life import Cause, Side, Status, may_move
from plugins.incidents.models import Ticket
from plugins.incidents.permissions import MANAGE, WRITE
from plugins.incidents.words import CAUSES, SEVERITIES

SAY, SAID, CHANGED, TEXT = "ticket-say", "ticket-said", "ticket-changed", "ticket-text"
STAFF, STAFF_SAID = "ticket-staff", "ticket-staff-said"
FORM = {
    "assignee": "ticket-assignee",
    "severity": "ticket-severity",
    "cause": "ticket-cause",
    "customer_reference": "ticket-reference",
}


def moves(ctx: Context, ticket: Ticket, side: Side) -> list[tuple[Status, str, str]]:
    """Return the moves that a side may make now: (state, words, class of the button)."""
    reopens = ticket.status in (Status.RESOLVED, Status.CLOSED)
    words = {
        Status.OPEN: (_("Rouvrir le ticket"), "btn btn-secondary"),
        Status.TAKEN: (_("Prendre en charge"), "btn btn-primary"),
        Status.WAITING: (_("Attendre le client"), "btn btn-secondary"),
        Status.RESOLVED: (_("Résoudre"), "btn btn-primary"),
        Status.CLOSED: (_("Clore le ticket"), "btn btn-secondary"),
    }
    if ticket.status is Status.WAITING:
        words[Status.TAKEN] = (_("Relancer l’horloge"), "btn btn-secondary")
        if side is Side.CUSTOMER:  # the answer itself does it
            words.pop(Status.TAKEN)
    if reopens:
        words[Status.CLOSED] = (_("Clore le ticket"), "btn btn-primary")
    return [
        (status, *told)
        for status, told in words.items()
        if may_move(ticket.status, status, side, ticket.resolved, ctx.now)
    ]


def answering(ctx: Context, ticket: Ticket) -> list[Component]:
    """Return the field for a comment, and what a move of the ticket may say."""
    if not ctx.may(WRITE) and not ctx.may(MANAGE):
        return []
    of = {"ticket": ticket.number, "version": ticket.version}
    buttons: list[Any] = [html.Div(id=SAID, role="status")]
    for status, words, css in moves(ctx, ticket, side_of(ctx)):
        buttons.append(
            press(words, SAY, {**of, "do": status.value}, fields={"text": TEXT}, className=css)
        )
    send = _("Envoyer")
    if ticket.status is Status.WAITING and side_of(ctx) is Side.CUSTOMER:
        send = _("Répondre et relancer l’horloge")
    main = "btn btn-secondary" if _has_primary(ctx, ticket) else "btn btn-primary"
    if ticket.status is not Status.CLOSED:
        comment = {**of, "do": "comment"}
        buttons.append(press(send, SAY, comment, fields={"text": TEXT}, className=main))
    label, hint = _("Ajouter un commentaire"), _("Visible par votre société et par le support")
    if ticket.status is Status.CLOSED:
        label = _("Motif de la réouverture")
    field = dcc.Textarea(id=TEXT, rows=2, maxLength=LONGEST, className="form-control", value="",
                         placeholder=hint)  # fmt: skip
    return [
        html.Div(
            [html.Label(label, htmlFor=TEXT, className="form-label"), field,
             html.Div(buttons, className="form-end")],
            className="write write-first",
        )
    ]  # fmt: skip


def _has_primary(ctx: Context, ticket: Ticket) -> bool:
    return any("primary" in css for _s, _w, css in moves(ctx, ticket, side_of(ctx)))


def treating(ctx: Context, ticket: Ticket) -> list[Component]:
    """Return what the operator's people keep of a ticket, and their private notes."""
    if not ctx.may(MANAGE):
        return []
    of = {"ticket": ticket.number, "version": ticket.version}
    fields = [
        _field("assignee", _("Suivi par"),
               dbc.Input(id=FORM["assignee"], value=ticket.assignee or "", maxlength=80)),
        _field("severity", _("Gravité"),
               _select("severity", {str(n): _(w) for n, (w, _c) in SEVERITIES.items()},
                       str(ticket.severity))),
        _field("cause", _("Imputable à"),
               _select("cause", {c.value: _(CAUSES[c]) for c in Cause}, ticket.cause.value)),
        _field("customer_reference", _("Référence client"),
               dbc.Input(id=FORM["customer_reference"], value=ticket.customer_reference or "",
                         maxlength=40)),
    ]  # fmt: skip
    note = dcc.Textarea(id="ticket-note", rows=2, maxLength=LONGEST, className="form-control",
                        value="")  # fmt: skip
    body = [
        html.Div(fields, className="stack-tight"),
        html.Div(
            [html.Div(id=STAFF_SAID, role="status"),
             press(_("Enregistrer"), STAFF, {**of, "do": "change"}, fields=FORM,
                   className="btn btn-secondary")],
            className="form-end",
        ),
        html.Div([html.Label(_("Note interne (jamais montrée au client)"), htmlFor="ticket-note",
                             className="form-label"), note]),
        html.Div(
            press(_("Ajouter la note"), STAFF, {**of, "do": "note"}, fields={"text": "ticket-note"},
                  className="btn btn-secondary"),
            className="form-end",
        ),
    ]  # fmt: skip
    return [card(html.Div(body, className="pad stack"), title=_("Traitement"))]


def _field(name: str, label: str, field: Component) -> Component:
    return html.Div([html.Label(label, htmlFor=FORM[name], className="form-label"), field])


def _select(name: str, options: dict[str, str], value: str) -> Component:
    choices = [
        html.Option(text, value=key, selected="selected" if key == value else None)
        for key, text in options.items()
    ]
    return html.Select(choices, id=FORM[name], className="form-select")
