"""Requests to cancel a subscription: the customer asks for a day, the operator decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import dash_bootstrap_components as dbc
import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component

from core.api import Context, _, formats, press, push
from plugins.commandes.address import Tree
from plugins.commandes.models import CancellationRequest, Decision, Subscription
from plugins.commandes.permissions import CANCEL, MANAGE, READ
from plugins.commandes.words import DECISIONS, long

ASK, ASKED = "abonnements-ask", "abonnements-asked"
DECIDE, DECIDED = "abonnements-decide", "abonnements-decided"
LONGEST = 500
AT_MOST = timedelta(days=3 * 366)


def requests_of(ctx: Context, one: Subscription) -> list[CancellationRequest]:
    """Return every request about a subscription, the latest first."""
    query = sa.select(CancellationRequest).where(CancellationRequest.subscription_id == one.id)
    return list(ctx.db.all(query.order_by(CancellationRequest.id.desc())))


def ending_part(ctx: Context, asked: Tree, one: Subscription) -> Component:
    """Return what of the sheet is about the end of a subscription."""
    found = requests_of(ctx, one)
    latest = found[0] if found else None
    parts: list[Any] = [html.H3(_("Résiliation"))]
    parts += [_told(ctx, request) for request in found]
    standing = latest is not None and latest.decision in (Decision.ASKED, Decision.CONFIRMED)
    if latest is not None and latest.decision is Decision.ASKED:
        parts += _buttons(ctx, latest)
    if not standing:
        if asked.form == "resiliation" and ctx.may(CANCEL):
            parts.append(_form(ctx, asked, one))
        elif ctx.may(CANCEL):
            words = _("Demander la résiliation")
            href = asked.with_(form="resiliation")
            parts.append(html.Div(push(words, href, className="btn btn-secondary")))
        elif not found:
            parts.append(html.Div(_("Aucune demande."), className="soft"))
    # Each says what became of a press: they stand on the page whatever the sheet shows.
    parts += [html.Div(id=ASKED, role="status"), html.Div(id=DECIDED, role="status")]
    return html.Div(parts, className="pad ruled sheet-part")


def _told(ctx: Context, request: CancellationRequest) -> Component:
    words, css = DECISIONS[request.decision]
    lines = [
        html.Div(
            [html.Span(_(words), className=css), " ",
             html.B(_("pour le %(day)s", day=long(request.wanted)))]
        ),
        html.Div(
            _("Demandée le %(at)s par %(who)s : %(why)s",
              at=formats.moment(request.asked_at, ctx.zone)[:-3], who=request.asked_by,
              why=request.reason),
            className="soft small",
        ),
    ]  # fmt: skip
    if request.decided_at:
        said = _(
            "Décidée le %(at)s par %(who)s",
            at=formats.moment(request.decided_at, ctx.zone)[:-3],
            who=request.decided_by,
        )
        if request.answer:
            said = f"{said} : {request.answer}"
        lines.append(html.Div(said, className="soft small"))
    return html.Div(lines, className="ending")


def _buttons(ctx: Context, request: CancellationRequest) -> list[Component]:
    shown: list[Component] = []
    if ctx.may(CANCEL) and not ctx.may(MANAGE):
        words = _("Retirer la demande")
        shown.append(press(words, ASK, {"withdraw": request.id}, className="btn btn-secondary"))
    if ctx.may(MANAGE):
        field = dbc.Input(id="abonnements-answer", maxlength=LONGEST, autocomplete="off")
        label = html.Label(_("Réponse au client (facultatif)"), htmlFor="abonnements-answer",
                           className="form-label")  # fmt: skip
        shown.append(html.Div([label, field]))
        for decision, words, css in (
            (Decision.REFUSED, _("Refuser"), "btn btn-secondary"),
            (Decision.CONFIRMED, _("Confirmer la résiliation"), "btn btn-primary"),
        ):
            value = {"request": request.id, "decision": decision.value}
            fields = {"answer": "abonnements-answer"}
            shown.append(press(words, DECIDE, value, fields=fields, className=css))
    return [html.Div(shown, className="form-end")] if shown else []


def _form(ctx: Context, asked: Tree, one: Subscription) -> Component:
    today = ctx.now.astimezone(ctx.zone).date()
    fields = [
        html.Div(
            [
                html.Label(_("Date souhaitée"), htmlFor="abonnements-day", className="form-label"),
                dbc.Input(id="abonnements-day", type="date", min=today.isoformat()),
            ]
        ),
        html.Div(
            [
                html.Label(_("Motif"), htmlFor="abonnements-reason", className="form-label"),
                dbc.Input(id="abonnements-reason", maxlength=LONGEST, autocomplete="off"),
            ]
        ),
    ]
    ask = press(
        _("Envoyer la demande"),
        ASK,
        {"subscription": one.reference},
        fields={"wanted": "abonnements-day", "reason": "abonnements-reason"},
        className="btn btn-primary",
    )
    cancel = push(_("Annuler"), asked.with_(form=""), className="btn btn-secondary")
    hint = _("L’opérateur confirme la date, selon votre contrat. Rien ne s’arrête avant.")
    return html.Div(
        [
            html.Div(fields, className="fields"),
            html.Div(hint, className="form-text"),
            html.Div([cancel, ask], className="form-end"),
        ],
        className="stack",
    )


def day_of(ctx: Context, text: object) -> tuple[date | None, str | None]:
    """Return the day that a form asks for, and what is wrong with it, None when nothing is."""
    today = ctx.now.astimezone(ctx.zone).date()
    try:
        day = date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        return None, _("Donnez la date souhaitée, par exemple « 31/12/2026 ».")
    if day < today:
        return None, _("La date souhaitée est passée : donnez une date à venir.")
    if day > today + AT_MOST:
        return None, _("La date souhaitée est trop lointaine : trois ans au plus.")
    return day, None


def _notify(ctx: Context, one: Subscription, request: CancellationRequest, what: str) -> Any:
    """Return the letter about a request."""

    def letter() -> tuple[str, str]:
        words, _css = DECISIONS[request.decision]
        subject = f"{_(words)} : {one.reference} {one.designation}"
        body = _(
            "%(what)s\n\nAbonnement : %(reference)s %(name)s\nDate souhaitée : %(day)s\n"
            "Motif : %(why)s\nRéponse : %(answer)s\n\n%(address)s\n",
            what=_(words),
            reference=one.reference,
            name=one.designation,
            day=long(request.wanted),
            why=request.reason,
            answer=request.answer or "–",
            address=ctx.post.address(Tree(chosen=one.reference).with_()),
        )
        return subject, body

    ctx.audit(what, f"{one.reference} {one.designation}", wanted=request.wanted.isoformat())
    return letter


def ask(ctx: Context, one: Subscription, data: Mapping[str, Any]) -> str | None:
    """Keep a request to cancel and tell the operator; return what is wrong, None when kept."""
    day, wrong = day_of(ctx, data.get("wanted"))
    reason = data.get("reason")
    why = " ".join(reason.split())[:LONGEST] if isinstance(reason, str) else ""
    if one.closed is not None:
        return _("Cet abonnement est terminé.")
    if day is None or wrong:
        return wrong
    if not why:
        return _("Dites pourquoi : l’opérateur peut avoir mieux à vous proposer.")
    if any(x.decision in (Decision.ASKED, Decision.CONFIRMED) for x in requests_of(ctx, one)):
        return _("Une résiliation de cet abonnement est déjà demandée.")
    request = CancellationRequest(
        company_id=one.company_id, site_id=one.site_id, subscription_id=one.id, wanted=day,
        reason=why, decision=Decision.ASKED, asked_at=ctx.now, asked_by=ctx.user.email,
    )  # fmt: skip
    ctx.db.add(request)
    ctx.post.to_operator(_notify(ctx, one, request, "cancellation.asked"))
    ctx.db.commit()
    return None


def withdraw(ctx: Context, request: CancellationRequest, one: Subscription) -> str | None:
    """Take a request back before it is decided; return what is wrong, None when it is done."""
    if request.decision is not Decision.ASKED:
        return _("Cette demande est déjà décidée.")
    _decided(ctx, request, one, Decision.WITHDRAWN, None, "cancellation.withdrawn")
    return None


def decide(
    ctx: Context, request: CancellationRequest, one: Subscription, decision: Decision, answer: str
) -> str | None:
    """Keep the operator's decision and tell the customer; return what is wrong."""
    if request.decision is not Decision.ASKED:
        return _("Cette demande est déjà décidée.")
    _decided(ctx, request, one, decision, answer or None, f"cancellation.{decision.value}")
    return None


def _decided(
    ctx: Context, request: CancellationRequest, one: Subscription, decision: Decision,
    answer: str | None, what: str,
) -> None:  # fmt: skip
    request.decision, request.answer = decision, answer
    request.decided_at, request.decided_by = ctx.now, ctx.user.email
    ctx.db.add(request)
    letter = _notify(ctx, one, request, what)
    if decision is Decision.WITHDRAWN:
        ctx.post.to_operator(letter)
    else:
        ctx.post.to_customer(request, READ, letter, also=[request.asked_by])
    ctx.db.commit()
