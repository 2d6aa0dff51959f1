"""The GTR of a ticket: what is left of it, what was counted of the time that passed, what not."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import Context, _, attributes, countdown, running
from plugins.incidents.clock import Clock
from plugins.incidents.life import Status
from plugins.incidents.models import Ticket
from plugins.incidents.sla import Counted
from plugins.incidents.words import hours


def time_left(ctx: Context, ticket: Ticket, clock: Clock) -> list[Any] | None:
    """Return what is left of the time to restore of a ticket under way, or what it is passed by:
    as it runs, standing still while the clock does. None for a ticket that does not count.
    """
    if ticket.resolved is not None or not (clock.parts or clock.due):
        return None
    if all(part.what is Counted.EXCLUDED for part in clock.parts):
        return None
    if clock.late:
        passed = ctx.now + clock.left
        if clock.stops:
            return [_("dépassée de"), " ", running(passed, short=True, css="t-down strong",
                                                   stops=clock.stops)]  # fmt: skip
        return [_("dépassée de"), " ", html.Span(hours(-clock.left), className="t-down strong")]
    if clock.stops:
        return [_("reste"), " ", countdown(ctx.now + clock.left, css="strong", stops=clock.stops)]
    shown = [_("reste"), " ", html.Span(hours(clock.left), className="strong")]
    if ticket.status is Status.WAITING:
        return shown
    return [*shown, " ", html.Span(_("hors heures"), className="tag")]


def commitment(ctx: Context, ticket: Ticket, clock: Clock) -> Component:
    """Return the GTR: what is left of it, what was counted and what was not."""
    profile = clock.profile
    limit = hours(profile.restore)
    spent = clock.spent
    shown: list[Any]
    if ticket.status is Status.WAITING:
        head = _("GTR %(limit)s : horloge arrêtée", limit=limit)
        if clock.late:
            shown = [html.B(hours(-clock.left), className="t-down"), " ",
                     html.Span(_("au-delà de la GTR"), className="soft")]  # fmt: skip
        else:
            shown = [html.B(hours(clock.left)), " ",
                     html.Span(_("restantes à la reprise"), className="soft")]  # fmt: skip
    elif ticket.resolved:
        head = _("GTR %(limit)s : rétabli en", limit=limit)
        css = "t-down" if clock.late else "t-up"
        verdict = _("GTR dépassée") if clock.late else _("GTR tenue")
        shown = [html.B(hours(spent)), " ", html.Span(verdict, className=css)]
    elif clock.late:
        head = _("GTR %(limit)s : dépassée de", limit=limit)
        passed: Any = hours(-clock.left)
        if clock.stops:
            passed = running(ctx.now + clock.left, short=True, stops=clock.stops)
        shown = [html.B(passed, className="t-down")]
    elif clock.due:
        head = _("GTR %(limit)s : rétablissement avant", limit=limit)
        at = clock.due.astimezone(ctx.zone)
        today = at.date() == ctx.now.astimezone(ctx.zone).date()
        left = time_left(ctx, ticket, clock)
        shown = [html.B(at.strftime("%H:%M" if today else "%d/%m %H:%M")), " ",
                 html.Span(left, className="soft")]  # fmt: skip
    else:
        head = _("Ce ticket n’entre pas dans les engagements.")
        shown = []
    return html.Section(
        [
            html.H2(head, className="gtr-head"),
            html.Div(shown),
            *_bar(clock),
            html.P(_(profile.label), className="small muted gtr-note"),
        ],
        className="card pad gtr",
    )


def _bar(clock: Clock) -> list[Component]:
    """Return the time counted and not counted as a bar, over the GTR or all that passed."""
    spent, stopped = clock.spent, clock.stopped
    total = max(clock.profile.restore, spent + stopped)
    share = 100 / total.total_seconds()
    said = _("%(spent)s comptées, %(stopped)s arrêtées", spent=hours(spent), stopped=hours(stopped))
    pieces = [
        html.I(className=css, style={"width": f"{length.total_seconds() * share:.1f}%"})
        for css, length in (("run", spent), ("stop", stopped))
    ]
    return [
        html.Div(pieces, className="gtr-bar", role="img", **attributes(aria_label=said)),
        html.Div(
            [html.Span([html.I(className="key gtr-run"), _("compté"), f" {hours(spent)}"]),
             html.Span([html.I(className="key gtr-stop"), _("arrêté"), f" {hours(stopped)}"])],
            className="legend",
        ),
    ]  # fmt: skip
