"""The card of the home page."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Context,
    ServiceView,
    State,
    _,
    attributes,
    capital,
    empty_state,
    formats,
    mark,
    reason_words,
    running,
    service_views,
    state_text,
    state_word,
)
from plugins.supervision.queries import Asked

SHOWN = 4


def home_body(ctx: Context) -> Component:
    """Return the counters of states and the worst services, with why and since when."""
    seen = service_views(ctx)
    if not seen.services:
        return empty_state(
            "pulse",
            _("Aucun service en production"),
            _("Vos liaisons seront affichées ici dès leur mise en service."),
        )
    counts = seen.counts()
    counters = [
        dcc.Link(
            [
                html.B(formats.number(counts[state])),
                html.Span([mark(state), state_word(state, counts[state])]),
            ],
            href=Asked(state=state).with_(),
        )
        for state in (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN)
    ]
    worst = [service for service in seen.services if service.state is not State.UP][:SHOWN]
    parts: list[Component] = [html.Div(counters, className="counters by-2")]
    if worst:
        parts.append(html.Ul([_row(service) for service in worst], className="rows"))
    else:
        calm = html.Div(
            [mark(State.UP), _("Tous vos services fonctionnent.")], className="led-word"
        )
        parts.append(html.Div(calm, className="pad ruled soft"))
    return html.Div(parts, **attributes(data_stale_after=ctx.stale_after))


def _row(service: ServiceView) -> Component:
    reference = service.reference or str(service.id)
    where = " · ".join(part for part in (service.reference, service.commune) if part)
    why = state_word(service.state)
    if service.state is not State.DOWN:  # that it is down says enough here
        why = capital(reason_words(service.reason)) or why
    since = [running(service.since, short=True, css="small muted")] if service.since else []
    name = dcc.Link(service.site, href=Asked(service=reference).with_(), className="cut")
    return html.Li(
        [
            mark(service.state),
            html.Div(
                [html.Div(name, className="cut"), html.Div(where, className="cut small soft")],
                className="grow",
            ),
            html.Div(
                [state_text(service.state, why), html.Div(since)],
                className="end",
            ),
        ],
        **attributes(data_href=Asked(service=reference).with_()),
    )
