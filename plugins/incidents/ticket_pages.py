"""The page of a ticket: its life, its tabs, what commitments say of it, what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Pages,
    _,
    attributes,
    card,
    empty_state,
    formats,
    icon,
    live,
    missing,
    note,
    page_head,
    press,
    push,
)
from plugins.incidents.address import NEW, TICKETS, ticket_page
from plugins.incidents.backend import tickets
from plugins.incidents.clock import clocks
from plugins.incidents.commitment import commitment
from plugins.incidents.files import address_of, upload_box
from plugins.incidents.life import Status
from plugins.incidents.models import Kind, Ticket, TicketAction
from plugins.incidents.opening import opening
from plugins.incidents.permissions import MANAGE, READ, WRITE
from plugins.incidents.ticket_forms import CHANGED, SAY, STAFF, answering, treating
from plugins.incidents.words import (
    CAUSES,
    IMPACTS,
    SIDES,
    STATUSES,
    USERS,
    severity_tag,
    shown_state,
    status_tag,
)

REFRESH = 20  # seconds
CUT = 220
"""Characters of an action that are shown; the whole of it opens on click."""
SERVICES = "/supervision/etat"
"""The address of another rubric, offered where the user may open it."""

pages = Pages()


@pages.page(NEW, N_("Ouvrir un ticket"), permission=WRITE)
def new(ctx: Context) -> Component:
    back = dcc.Link(_("Incidents"), href=TICKETS)
    return html.Div(
        [
            page_head(_("Ouvrir un ticket"), [back, " › ", _("moins d’une minute")]),
            html.Div(opening(ctx, ctx.query), id="incidents-opening"),
            dcc.Store(id="incidents-open"),
        ]
    )


@pages.page(f"{TICKETS}/<ticket>", N_("Ticket d’incident"), permission=READ)
def ticket_layout(ctx: Context, ticket: str) -> Component:
    found = tickets(ctx).find(ctx, ticket)
    if found is None:
        text = _("Ce ticket n’existe pas, ou n’est pas dans votre périmètre.")
        back = dcc.Link(_("Incidents"), href=TICKETS, className="btn btn-secondary")
        title = _("Ticket introuvable")
        return html.Div([page_head(title), card(empty_state("search", title, text, back))])
    return html.Div(
        [
            html.Div(id="ticket-news", role="status"),
            html.Div(whole(ctx, found, ctx.query), id="ticket-whole"),
            live("ticket-tick", REFRESH),
            dcc.Store(id=SAY),
            dcc.Store(id=STAFF),
            dcc.Store(id=CHANGED),
            dcc.Store(id=f"{STAFF}-done"),
            dcc.Store(id="ticket-files"),
            dcc.Store(id="ticket-number", data=found.number),
            dcc.Store(id="ticket-version", data=version(ctx, found, ctx.query)),
        ]
    )


def actions_of(ctx: Context, ticket: Ticket) -> Sequence[TicketAction]:
    """Return what was done, the latest first; notes of the operator for its own people alone."""
    shown = [a for a in ticket.actions if a.kind is not Kind.NOTE or ctx.may(MANAGE)]
    return shown[::-1]


def version(ctx: Context, ticket: Ticket, query: Mapping[str, str]) -> list[Any]:
    """Return what changes when the page of a ticket does."""
    counted = [ticket.version, len(actions_of(ctx, ticket)), len(ticket.files)]
    return [*counted, query.get("onglet", "")]


def whole(ctx: Context, ticket: Ticket, query: Mapping[str, str]) -> list[Component]:
    """Return all that the page of a ticket shows, as it is now."""
    clock = clocks(ctx, [ticket])[ticket.id]
    back = dcc.Link(_("Incidents"), href=TICKETS)
    title = _("Ticket N°%(n)s", n=ticket.number)
    tags = [status_tag(ticket.status), severity_tag(ticket.severity)]
    left = [
        card(html.Div(_facts(ticket), className="pad"), title=_("Informations administratives")),
        _tabs(ctx, ticket, query.get("onglet", "")),
    ]
    right = [commitment(ctx, ticket, clock), *treating(ctx, ticket), _link(ctx, ticket)]
    right += [_contacts(ticket), _files(ctx, ticket)]
    return [
        page_head(title, [back, " › ", ticket.title], tags),
        html.Div(
            [
                html.Section(_steps(ctx, ticket), className="card pad"),
                html.Div([html.Div(left, className="stack"), html.Div(right, className="stack")],
                         className="cols"),
            ],
            className="stack",
        ),
    ]  # fmt: skip


def news() -> Component:
    """Return what tells that a ticket changed while it was read."""
    see = press(_("Afficher"), "ticket-files", {}, className="btn btn-secondary btn-sm")
    return html.Div([note(_("Ce ticket vient de changer."), "refresh"), see], className="bar news")


def dl(pairs: Sequence[tuple[str, Any]]) -> Component:
    """Return names and values; an empty value stays visible, « N/A »."""
    parts: list[Component] = []
    for name, value in pairs:
        parts += [html.Dt(name), html.Dd(missing() if value in (None, "") else value)]
    return html.Dl(parts, className="dl")


def _facts(ticket: Ticket) -> Component:
    link = ticket.link
    reference = f"{link.reference} · {link.designation}" if link else None
    return dl(
        [
            (_("Référence client"), ticket.customer_reference),
            (_("Société"), ticket.company.name),
            (_("Site"), ticket.site.name if ticket.site else None),
            (_("N° de référence"), reference),
        ]
    )


def _steps(ctx: Context, ticket: Ticket) -> Component:
    """Return the life of the ticket, with when each state was first and last taken."""
    at: dict[Status, str] = {}
    for action in ticket.actions:
        if action.status:
            at[action.status] = formats.moment(action.at, ctx.zone)[:-3]
    order = list(Status)
    place, items = order.index(ticket.status), []
    for n, status in enumerate(order):
        passed = status in at and (n < place or status is Status.WAITING)
        css = "now" if status is ticket.status else "done" if passed else None
        current = attributes(aria_current="step" if status is ticket.status else None)
        words, _css = STATUSES[status]
        when = html.Small(at[status]) if css and status in at else ""
        items.append(html.Li([_(words), " ", when], className=css, **current))
    return html.Ol(items, className="steps")


def _tabs(ctx: Context, ticket: Ticket, asked: str) -> Component:
    done = actions_of(ctx, ticket)
    names = {
        "informations": _("Informations incident"),
        "description": _("Description de l’incident"),
        "solution": _("Solution de l’incident"),
        "actions": _("Actions"),
    }
    tab = asked if asked in names else "actions"
    items = []
    for key, name in names.items():
        count = [" ", html.Span(str(len(done)), className="muted")] if key == "actions" else []
        css = "nav-link active" if key == tab else "nav-link"
        here = attributes(aria_current="true" if key == tab else None)
        link = push([name, *count], ticket_page(ticket.number, key), className=css, **here)
        items.append(html.Li(link, className="nav-item"))
    bar = html.Div(html.Ul(items, className="nav nav-tabs swipe"), className="tabs")
    match tab:
        case "informations":
            body: list[Component] = [html.Div(_incident(ctx, ticket), className="pad")]
        case "description":
            body = [_text(ticket.description, _("Le ticket n’a pas de description."))]
        case "solution":
            body = [_text(ticket.solution, _("La solution sera écrite ici à la résolution."))]
        case _:
            body = [*answering(ctx, ticket), _log(ctx, done)]
    return html.Section([bar, *body], className="card card-flush", id="ticket-tabs")


def _text(text: str, none: str) -> Component:
    if not text:
        return html.Div(none, className="pad soft")
    return html.Div(text, className="pad told")


def _incident(ctx: Context, ticket: Ticket) -> Component:
    def at(name: str) -> str | None:
        moment = getattr(ticket, name)
        return formats.moment(moment, ctx.zone) if moment else None

    return dl(
        [
            (_("Objet"), ticket.title),
            (_("Impact"), _(IMPACTS[ticket.impact])),
            (_("Utilisateurs gênés"), _(USERS[ticket.users])),
            (_("Gravité"), severity_tag(ticket.severity)),
            (_("Début constaté"), at("since")),
            (_("Ouvert le"), at("opened")),
            (_("Pris en charge le"), at("taken")),
            (_("Résolu le"), at("resolved")),
            (_("Clos le"), at("closed")),
            (_("Imputable à"), _(CAUSES[ticket.cause]) if ticket.resolved else None),
        ]
    )


def _log(ctx: Context, done: Sequence[TicketAction]) -> Component:
    label = attributes(aria_label=_("Liste des Actions"))
    return html.Ul([_action(ctx, one) for one in done], className="log", **label)


def _action(ctx: Context, one: TicketAction) -> Component:
    who: list[Any] = [one.name, " ", html.Span(_(SIDES[one.side]), className="soft small")]
    if one.status:
        who += [" ", status_tag(one.status)]
    elif one.kind is not Kind.COMMENT:
        names = {
            Kind.NOTE: _("note interne"),
            Kind.FILE: _("fichier joint"),
            Kind.CHANGE: _("modification"),
        }
        css = "tag tag-degraded" if one.kind is Kind.NOTE else "tag"
        who += [" ", html.Span(names.get(one.kind, ""), className=css)]
    text: Any = html.Div(one.text, className="told")
    if len(one.text) > CUT:
        short = f"{one.text[:CUT].rstrip()}…"
        text = html.Details([html.Summary(short, className="told"), text], className="cut-action")
    at = html.Time(formats.moment(one.at, ctx.zone), dateTime=one.at.isoformat())
    return html.Li([at, html.Div([html.Span(who, className="who"), text])])


def _link(ctx: Context, ticket: Ticket) -> Component:
    link = ticket.link
    if link is None:
        return html.Div()
    parts: list[Any] = [shown_state(ctx, link)]
    if link.since:
        since = formats.moment(link.since, ctx.zone)[:-3]
        parts.append(html.Div(_("depuis le %(at)s", at=since), className="soft small"))
    if ctx.leads(SERVICES):
        see = dcc.Link(_("Voir le service"), href=f"{SERVICES}?service={link.reference}")
        parts.append(html.Div(see, className="small"))
    return card(html.Div(parts, className="pad stack-tight"), title=_("Liaison"))


def _contacts(ticket: Ticket) -> Component:
    on_site = " · ".join(x for x in (ticket.contact, ticket.phone) if x)
    pairs = [
        (_("Ouvert par"), ticket.opened_name),
        (_("Sur site"), on_site),
        (_("Accès"), ticket.access),
        (_("Suivi par"), ticket.assignee),
    ]
    return card(html.Div(dl(pairs), className="pad"), title=_("Contacts"))


def _files(ctx: Context, ticket: Ticket) -> Component:
    items = [
        html.Li(
            [
                icon("file"),
                html.Div(
                    [html.A(one.name, href=address_of(ticket, one), className="cut"),
                     html.Div(f"{formats.octets(one.size)} · {one.author}",
                              className="cut small soft")],
                    className="grow",
                ),
                html.Div(formats.moment(one.at, ctx.zone)[:5], className="end"),
            ]
        )
        for one in ticket.files
    ]  # fmt: skip
    parts: list[Any] = [html.Ul(items, className="rows")] if items else []
    if ctx.may(WRITE) and ticket.status is not Status.CLOSED:
        parts.append(html.Div(className="pad upload", **upload_box(ticket, "ticket-files")))
    elif not items:
        parts.append(html.Div(_("Aucun fichier."), className="pad soft"))
    return card(parts, title=_("Pièces jointes"))
