"""« Factures » follows its address; files of months are ordered, cancelled, deleted."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from core.api import Callbacks, Context, JobError, _, act_on_job, follow_jobs, note
from plugins.factures.address import Asked, number_of
from plugins.factures.consolidation import FORMATS, KIND, name_of
from plugins.factures.invoice_pages import detail_rows
from plugins.factures.listing import ORDER, Listing
from plugins.factures.pages import (
    ACT,
    ACTED,
    FILES,
    ORDERED,
    SAID,
    SEEN,
    TICK,
    exports,
    files,
)
from plugins.factures.permissions import READ
from plugins.factures.queries import find
from plugins.factures.words import elided, month_key, month_of, month_words

callbacks = Callbacks()


@callbacks.on(
    Output("factures-blocks", "children"),
    Output("factures-size", "children"),
    Output("factures-exports", "children"),
    Output("factures-version", "data"),
    Input("host-url", "search"),
    State("factures-version", "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh(ctx: Context, search: object, before: object) -> tuple[Any, ...]:
    """Return the months that the address asks for, unless they stand there as they are."""
    shown = Listing.of(ctx, Asked.of_search(search))
    if shown.version() == before:
        raise PreventUpdate
    return shown.render(), shown.size(), exports(shown.asked), shown.version()


@callbacks.on(
    Output("factures-detail", "children"),
    Input("host-url", "search"),
    State("host-url", "pathname"),
    permission=READ,
    prevent_initial_call=True,
)
def turn(ctx: Context, search: object, path: object) -> list[Any]:
    """Return the page of the consumption detail that the address asks for."""
    parts = path.split("/") if isinstance(path, str) else []
    one = find(ctx, number_of(unquote(parts[2]))) if len(parts) == 4 else None
    if one is None:
        raise PreventUpdate
    page = Asked.of_search(search).page
    return detail_rows(ctx, one, page)


@callbacks.on(
    Output(SAID, "children"),
    Output(ORDERED, "data"),
    Input(ORDER, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def order(ctx: Context, asked: object) -> tuple[Any, ...]:
    """Order the file of a month, the browser's word: ``{"month": "2010-06", "form": "pdf"}``."""
    values = asked if isinstance(asked, dict) else {}
    month, form, company = (values.get(name) for name in ("month", "form", "company"))
    found = month_of(month)
    more = {"company": company} if isinstance(company, int) else {}
    try:
        if found is None or form not in FORMATS:
            raise JobError(_("Ce fichier n’est pas connu : un mois, et PDF ou ZIP."))
        made = ctx.jobs.order(
            KIND, name_of(found, form), month=month_key(found), form=form, **more
        )  # fmt: skip
    except JobError as error:
        return note(str(error), "warn"), no_update
    text = _(
        "La consolidation de %(month)s est en préparation : suivez-la ici.",
        month=month_words(found),
    )
    return note(elided(text, found)), made.id


@callbacks.on(
    Output(ACTED, "data"),
    Input(ACT, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def act(ctx: Context, asked: object) -> Any:
    """Cancel or delete a file: ``{"job": 3, "do": "cancel"}``; another's is absent."""
    return act_on_job(ctx, asked)


@callbacks.on(
    Output(FILES, "children"),
    Output(SEEN, "data"),
    Output(TICK, "max_intervals"),
    Input(TICK, "n_intervals"),
    Input(ORDERED, "data"),
    Input(ACTED, "data"),
    State(SEEN, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def follow(
    ctx: Context, _tick: object, _ordered: object, _acted: object, seen: object
) -> tuple[Any, ...]:
    """Return the files under way when something in them changed; the timer rests without any."""
    return follow_jobs(ctx, KIND, seen, files)
