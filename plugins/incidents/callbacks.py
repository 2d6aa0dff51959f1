"""« Incidents » follows its address and its minutes; tickets take what is done to them."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context, _, note
from plugins.incidents import terms_pages, works_form
from plugins.incidents.address import Asked, read, ticket_page
from plugins.incidents.backend import tickets
from plugins.incidents.files import then_join
from plugins.incidents.life import Status
from plugins.incidents.listing import Listing
from plugins.incidents.models import Ticket
from plugins.incidents.opening import opening
from plugins.incidents.opening_form import OPEN, read_form
from plugins.incidents.opening_form import SAID as OPEN_SAID
from plugins.incidents.outages_pages import listed
from plugins.incidents.pages import exports, size
from plugins.incidents.permissions import MANAGE, READ, TERMS, WRITE
from plugins.incidents.queries import link_of
from plugins.incidents.sla_pages import sheet
from plugins.incidents.terms_form import SAID as TERMS_SAID
from plugins.incidents.terms_form import SAVE
from plugins.incidents.ticket_forms import CHANGED, SAID, SAY, STAFF, STAFF_SAID
from plugins.incidents.ticket_pages import news, version, whole
from plugins.incidents.works_form import DO
from plugins.incidents.works_form import SAID as WORKS_SAID
from plugins.incidents.works_pages import shown

callbacks = Callbacks()

SEARCH = ("host-url", "search")


@callbacks.on(
    Output("incidents-table", "children"),
    Output("incidents-counters", "children"),
    Output("incidents-size", "children"),
    Output("incidents-exports", "children"),
    Output("incidents-version", "data"),
    Input(*SEARCH),
    Input("incidents-tick", "n_intervals"),
    State("incidents-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_tickets(ctx: Context, search: object, _tick: object, before: object) -> tuple[Any, ...]:
    """Return the list as the address asks for it, unless it stands there as it is."""
    asked = Asked.of_search(search)
    shown = Listing.of(ctx, asked)
    if shown.version() == before:
        raise PreventUpdate
    return shown.table(), shown.cards(), size(shown), exports(asked), shown.version()


@callbacks.on(
    Output("incidents-opening", "children"),
    Input(*SEARCH),
    permission=WRITE,
    prevent_initial_call=True,
)
def refresh_opening(ctx: Context, search: object) -> Any:
    """Return the form for the link that the address names, or the choice of one."""
    return opening(ctx, read(search))


@callbacks.on(
    Output(OPEN_SAID, "children"),
    Input(OPEN, "data"),
    permission=WRITE,
    prevent_initial_call=True,
)
def open_one(ctx: Context, data: object) -> Any:
    """Open a ticket, and go to its page."""
    if not isinstance(data, dict):
        raise PreventUpdate
    link = link_of(ctx, data.get("link"))
    if link is None:
        return note(_("Cette liaison est introuvable."), "warn")
    said, wrong = read_form(ctx, link, data)
    if said is None:
        return note(wrong, "warn")
    ticket, wrong = tickets(ctx).open(ctx, link, said)
    if ticket is None:
        return note(wrong, "warn")
    then = then_join(ticket.number or "", ticket_page(ticket.number))
    return html.Span(className="note", **then)


@callbacks.on(
    Output(SAID, "children"),
    Output(CHANGED, "data"),
    Input(SAY, "data"),
    permission=WRITE,
    prevent_initial_call=True,
)
def say(ctx: Context, data: object) -> tuple[Any, Any]:
    """Keep a comment, or move a ticket, as the press asks."""
    ticket = _named(ctx, data)
    assert isinstance(data, dict)  # noqa: S101 - or _named raised
    if ticket is None:
        return note(_("Ce ticket est introuvable."), "warn"), no_update
    states = {status.value: status for status in Status}
    what, text = str(data.get("do")), data.get("text")
    if what == "comment":
        wrong = tickets(ctx).comment(ctx, ticket, text, private=False)
    elif what in states:
        wrong = tickets(ctx).move(ctx, ticket, states[what], text, data.get("version"))
    else:
        raise PreventUpdate
    return (note(wrong, "warn"), no_update) if wrong else ("", data.get("press"))


@callbacks.on(
    Output(STAFF_SAID, "children"),
    Output(f"{STAFF}-done", "data"),
    Input(STAFF, "data"),
    permission=MANAGE,
    prevent_initial_call=True,
)
def treat(ctx: Context, data: object) -> tuple[Any, Any]:
    """Keep what the operator changes of a ticket, or a note of its own."""
    ticket = _named(ctx, data)
    assert isinstance(data, dict)  # noqa: S101 - or _named raised
    if ticket is None:
        return note(_("Ce ticket est introuvable."), "warn"), no_update
    if data.get("do") == "note":
        wrong = tickets(ctx).comment(ctx, ticket, data.get("text"), private=True)
    else:
        wrong = tickets(ctx).change(ctx, ticket, data, data.get("version"))
    return (note(wrong, "warn"), no_update) if wrong else ("", data.get("press"))


@callbacks.on(
    Output("ticket-whole", "children"),
    Output("ticket-version", "data"),
    Input(*SEARCH),
    Input(CHANGED, "data"),
    Input(f"{STAFF}-done", "data"),
    Input("ticket-files", "data"),
    State("ticket-number", "data"),
    State("ticket-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_ticket(
    ctx: Context, search: object, _said: object, _done: object, _files: object, number: object,
    before: object,
) -> tuple[Any, Any]:  # fmt: skip
    """Return the ticket when it changed or another tab is asked for; nothing otherwise."""
    ticket = tickets(ctx).find(ctx, number)
    if ticket is None:
        raise PreventUpdate
    query = read(search)
    now = version(ctx, ticket, query)
    if now == before:
        raise PreventUpdate
    return whole(ctx, ticket, query), now


@callbacks.on(
    Output("ticket-news", "children"),
    Input("ticket-tick", "n_intervals"),
    State("ticket-number", "data"),
    State("ticket-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def tell_news(ctx: Context, _tick: object, number: object, before: object) -> Any:
    """Tell that somebody else changed the ticket: what is being typed is not drawn over."""
    ticket = tickets(ctx).find(ctx, number)
    if ticket is None or not isinstance(before, list):
        raise PreventUpdate
    if version(ctx, ticket, {})[:-1] == before[:-1]:
        return ""
    return news()


@callbacks.on(
    Output("sla-sheet", "children"),
    Input(*SEARCH),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_sheet(ctx: Context, search: object) -> Any:
    """Return the sheet of the period that the address asks for."""
    return sheet(ctx, read(search))


@callbacks.on(
    Output("outages-shown", "children"),
    Input(*SEARCH),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_outages(ctx: Context, search: object) -> Any:
    """Return the outages that the address asks for."""
    return listed(ctx, read(search))


@callbacks.on(
    Output("terms-shown", "children"),
    Input(*SEARCH),
    permission=TERMS,
    prevent_initial_call=True,
)
def refresh_terms(ctx: Context, search: object) -> Any:
    """Return the contracts, and the form that the address asks for."""
    return terms_pages.shown(ctx, read(search))


@callbacks.on(
    Output(TERMS_SAID, "children"),
    Input(SAVE, "data"),
    permission=TERMS,
    prevent_initial_call=True,
)
def keep_terms(ctx: Context, data: object) -> Any:
    """Keep the terms of a contract, and go back to the list."""
    if not isinstance(data, dict):
        raise PreventUpdate
    return terms_pages.keep(ctx, data)


@callbacks.on(
    Output(WORKS_SAID, "children"),
    Input(DO, "data"),
    permission=MANAGE,
    prevent_initial_call=True,
)
def do_works(ctx: Context, data: object) -> Any:
    """Announce, move or cancel planned works, and go back to the calendar."""
    if not isinstance(data, dict):
        raise PreventUpdate
    return works_form.act(ctx, data)


@callbacks.on(
    Output("works-shown", "children"),
    Input(*SEARCH),
    permission=READ,
    prevent_initial_call=True,
)
def refresh_works(ctx: Context, search: object) -> Any:
    """Return the calendar of the month that the address asks for."""
    return shown(ctx, read(search))


def _named(ctx: Context, data: object) -> Ticket | None:
    """Return the ticket that a press names, None when it is not there."""
    if not isinstance(data, dict):
        raise PreventUpdate
    return tickets(ctx).find(ctx, data.get("ticket"))
