"""An order's page: its steps, whose turn it is, its messages, its history, its appointments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Pages,
    _,
    card,
    empty_state,
    formats,
    icon,
    live,
    missing,
    ngettext,
    page_head,
)
from plugins.commandes.address import ORDERS, Tree, order_page
from plugins.commandes.models import Kind, OrderChange, OrderLine, Stage
from plugins.commandes.permissions import READ
from plugins.commandes.queries import cancellations, codes, ends_on, lines_of_reference
from plugins.commandes.sheets import facts
from plugins.commandes.subscriptions import find
from plugins.commandes.thread import SAY, SENT, messages_of, thread, writing
from plugins.commandes.timeline import Step, Timeline, timeline
from plugins.commandes.unread import new_after
from plugins.commandes.words import ACTORS, FIELDS, KINDS, STAGES, ending, long, state_tag

REFRESH = 30  # seconds
ENDS = {"closed": N_("close"), "open": N_("rouverte")}
"""What the history says of a line that left the back office's file, or came back into it."""
CALENDAR = f"{ORDERS}/<reference>/rendez-vous"

pages = Pages()


@pages.page(f"{ORDERS}/<reference>", N_("Commande"), permission=READ)
def order(ctx: Context, reference: str) -> Component:
    lines = lines_of_reference(ctx, reference)
    wanted = ctx.query.get("type", "")
    line = next((x for x in lines if x.kind.value == wanted), next(iter(lines), None))
    if line is None:
        text = _("Cette commande n’existe pas, ou n’est pas dans votre périmètre.")
        back = dcc.Link(_("Suivi des commandes"), href=ORDERS, className="btn btn-secondary")
        title = _("Commande introuvable")
        return html.Div([page_head(title), card(empty_state("search", title, text, back))])
    return html.Div([_head(ctx, line), *_switch(lines, line), _body(ctx, line)])


def _head(ctx: Context, line: OrderLine) -> Component:
    back = dcc.Link(_("Suivi des commandes"), href=ORDERS)
    where = f"{line.company.name} : {line.site.name}"
    actions: list[Any] = []
    if line.link or line.router:
        place = CALENDAR.replace("<reference>", quote(line.reference, safe=""))
        href = f"{place}.ics?type={line.kind.value}"
        words = [icon("calendar"), _("Rendez-vous (ICS)")]
        actions.append(html.A(words, href=href, className="btn btn-secondary"))
    if find(ctx, line.reference):
        words = [icon("file"), _("Voir l’abonnement")]
        href = Tree(chosen=line.reference).with_()
        actions.append(dcc.Link(words, href=href, className="btn btn-secondary"))
    title = f"{_(KINDS[line.kind])} · {line.reference}"
    return page_head(title, [back, " › ", where], actions)


def _switch(lines: Sequence[OrderLine], line: OrderLine) -> list[Component]:
    """Return the choice among the order lines of one link, when it has several."""
    if len(lines) < 2:
        return []
    links = [
        dcc.Link(
            _(KINDS[one.kind]),
            href=order_page(one.reference, one.kind),
            className="btn btn-primary btn-sm" if one is line else "btn btn-secondary btn-sm",
        )
        for one in lines
    ]
    said = html.Span(_("Commandes de cette référence :"), className="soft small")
    return [html.Div([said, *links], className="bar order-lines")]


def _body(ctx: Context, line: OrderLine) -> Component:
    changes = changes_of(ctx, line)
    today = ctx.now.astimezone(ctx.zone).date()
    known = codes(ctx)
    shown = timeline(line, changes, known, today, lambda at: at.astimezone(ctx.zone).date())
    messages, upto = messages_of(ctx, line), new_after(ctx, line)
    exchange = [
        html.Div(thread(ctx, messages, upto), id="commande-thread"),
        *writing(ctx, line),
    ]
    title = _("Échanges avec l’administration des ventes")
    return html.Div(
        [
            html.Section([_turn(line, shown), _steps(line, shown)], className="card card-flush"),
            html.Div(
                [
                    card(exchange, title=title),
                    html.Div([_facts(ctx, line), _history(ctx, changes)], className="stack"),
                ],
                className="cols",
            ),
            live("commande-tick", REFRESH),
            dcc.Store(id=SAY),
            dcc.Store(id=SENT),
            dcc.Store(id="commande-read"),
            dcc.Store(id="commande-line", data=[line.reference, line.kind.value, upto]),
            dcc.Store(id="commande-newest", data=messages[-1].id if messages else 0),
        ],
        className="stack",
    )


def changes_of(ctx: Context, line: OrderLine) -> Sequence[OrderChange]:
    """Return what changed of a line, the oldest first."""
    query = sa.select(OrderChange).where(OrderChange.line_id == line.id)
    return ctx.db.all(query.order_by(OrderChange.at, OrderChange.id))


def _turn(line: OrderLine, shown: Timeline) -> Component:
    """Return whose turn it is, what is being done, and how late all of it is."""
    production = " ".join(part for part in (line.code, line.production_label) if part)
    if line.closed:
        who = _("Ligne close : l’opérateur ne la suit plus.")
    elif line.installed:
        who = _("Installé")
        if line.kind is Kind.CANCELLATION:
            who = _("Résilié")
    else:
        who = _(ACTORS[shown.turn]) if shown.turn else _("En cours d’installation")
    parts: list[Any] = [state_tag(line.state), html.B(who), html.Span(production, className="soft")]
    if shown.slip is not None:
        css = "tag tag-degraded" if shown.slip > 0 else "tag tag-up"
        parts.append(html.Span(slip_words(shown.slip), className=f"{css} end"))
    return html.Div(parts, className="turn")


def slip_words(days: int) -> str:
    """Return « retard de 6 jours », « en avance de 2 jours », « dans les temps »."""
    if days > 0:
        return ngettext("retard de %(n)s jour", "retard de %(n)s jours", days)
    if days < 0:
        return ngettext("en avance de %(n)s jour", "en avance de %(n)s jours", -days)
    return _("dans les temps")


def _steps(line: OrderLine, shown: Timeline) -> Component:
    return html.Ol([_step(line, step) for step in shown.steps], className="timeline")


def _step(line: OrderLine, step: Step) -> Component:
    name = _(STAGES[step.stage])
    if step.stage is Stage.SERVICE and line.kind is Kind.CANCELLATION:
        name = _("Arrêt du service")
    told = []
    if step.over:
        told.append(_("fait le %(day)s", day=long(step.done)) if step.done else _("fait"))
    elif step.current:
        told.append(_("en cours"))
    if step.planned and not (step.over and step.done == step.planned):
        told.append(_("prévu le %(day)s", day=long(step.planned)))
    if step.first and step.first != step.planned:
        told.append(_("d’abord prévu le %(day)s", day=long(step.first)))
    lines = [html.Small(one) for one in told]
    if step.slip:
        css = "t-degraded" if step.slip > 0 else "t-up"
        lines.append(html.Small(slip_words(step.slip), className=css))
    where = "over" if step.over else "now" if step.current else None
    return html.Li([html.B(name), *lines], className=where)


def _facts(ctx: Context, line: OrderLine) -> Component:
    day = ends_on(line, cancellations(ctx, [line.reference]))
    pairs: list[tuple[str, Any]] = [
        (_("N° de référence (CLS)"), html.Span(line.reference, className="nowrap")),
        (_("Type BC"), _(KINDS[line.kind])),
        (_("Client"), line.company.name),
        (_("Site"), line.site.name),
        (_("Libellé article"), line.article),
        (_("Date contractuelle"), long(line.contract)),
        (_("Date souhaitée"), long(line.wanted)),
        (_("RDV routeur"), long(line.router)),
        (_("RDV lien"), long(line.link)),
        (_("État commande"), line.state),
        (_("Code production"), line.code),
        (_("Libellé code production"), line.production_label),
    ]
    if day:
        words = html.Span(ending(day), className="t-down strong")
        pairs.append((_("Résiliation demandée"), words))
    return card(html.Div(facts(pairs), className="pad"), title=_("La commande"))


def _history(ctx: Context, changes: Sequence[OrderChange]) -> Component:
    title = _("Historique")
    if not changes:
        text = _("Rien n’a changé depuis l’enregistrement de la commande.")
        return card(html.Div(text, className="pad soft small"), title=title)
    rows = [
        html.Li(
            [
                html.Span(
                    formats.moment(change.at, ctx.zone)[:-3], className="small muted history-at"
                ),
                html.Div(
                    [html.Div(_(FIELDS.get(change.field, change.field)), className="small soft"),
                     html.Div([_value(change.before), " → ", _value(change.after)])],
                    className="grow",
                ),
            ]
        )
        for change in reversed(changes)
    ]  # fmt: skip
    return card(html.Ul(rows, className="rows"), title=title)


def _value(text: str | None) -> Any:
    """Return a value of the history: a day as it is written, « N/A » for none."""
    if text is None:
        return missing()
    if text in ENDS:
        return _(ENDS[text])
    parts = text.split("-")
    if len(text) == 10 and len(parts) == 3 and all(part.isdigit() for part in parts):
        return f"{parts[2]}/{parts[1]}/{parts[0]}"
    return text
