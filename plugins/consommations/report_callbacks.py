"""Reports ordered, cancelled, deleted; their list while something runs."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, no_update

from core.api import Callbacks, Context, JobError, _, act_on_job, follow_jobs, note
from plugins.consommations.permissions import READ
from plugins.consommations.report_pages import (
    ACT,
    ACTED,
    LIST,
    ORDER,
    ORDERED,
    SAID,
    SEEN,
    TICK,
    TOLD,
    listed,
)
from plugins.consommations.reporting import FORMATS, KIND, Asked, file_name

report_callbacks = Callbacks()


@report_callbacks.on(
    Output(SAID, "children"),
    Output(TOLD, "children"),
    Output(ORDERED, "data"),
    Input(ORDER, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def order(ctx: Context, asked: object) -> tuple[Any, ...]:
    """Order the report of a month, the browser's word: ``{"month": "2026-10", "form": "csv"}``."""
    values = asked if isinstance(asked, dict) else {}
    form = values.get("form")
    try:
        if form not in FORMATS:
            raise JobError(_("Ce format n’est pas connu : csv, xlsx ou zip."))
        month = Asked.of(values.get("month"), ctx.now, ctx.civil).month
        made = ctx.jobs.order(KIND, file_name(month, form), month=month.key, form=form)
    except JobError as error:
        return note(str(error), "warn"), None, no_update
    text = _("Le rapport %(month)s est en préparation : suivez-le ici.", month=month.label)
    return None, note(text), made.id


@report_callbacks.on(
    Output(ACTED, "data"),
    Input(ACT, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def act(ctx: Context, asked: object) -> Any:
    """Cancel or delete a report: ``{"job": 3, "do": "cancel"}``; another's is absent."""
    return act_on_job(ctx, asked)


@report_callbacks.on(
    Output(LIST, "children"),
    Output(SEEN, "data"),
    Output(TICK, "max_intervals"),
    Input(TICK, "n_intervals"),
    Input(ORDERED, "data"),
    Input(ACTED, "data"),
    State(SEEN, "data"),
    permission=READ,
    prevent_initial_call=True,
)
def refresh(
    ctx: Context, _tick: object, _ordered: object, _acted: object, seen: object
) -> tuple[Any, ...]:
    """Return the list when something in it changed; the timer rests when nothing is under way."""
    return follow_jobs(ctx, KIND, seen, listed)
