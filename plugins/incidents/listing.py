"""« Incidents »: the table of tickets, one page of it, and what stands above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Column,
    Context,
    Table,
    _,
    attributes,
    choice_filter,
    date_filter,
    empty_state,
    filters,
    formats,
    ngettext,
    push,
    table_foot,
    text_filter,
)
from plugins.incidents import backend
from plugins.incidents.address import EVERY, NEW, OVER, UNDER_WAY, Asked, ticket_page
from plugins.incidents.clock import Clock, clocks
from plugins.incidents.commitment import time_left
from plugins.incidents.life import Status
from plugins.incidents.models import Ticket
from plugins.incidents.permissions import WRITE
from plugins.incidents.queries import PER_PAGE, counted
from plugins.incidents.words import SEVERITIES, STATUSES, hours, severity_tag, status_tag


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the table, and the counts of what it is a page of."""

    ctx: Context
    asked: Asked
    counts: dict[Status, int]
    total: int
    page: int
    tickets: Sequence[Ticket]
    clocks: Mapping[int, Clock]

    @classmethod
    def of(cls, ctx: Context, asked: Asked) -> Listing:
        found = backend.tickets(ctx).listed(ctx, asked)
        return cls(ctx, asked, *found, clocks(ctx, found.tickets))

    def version(self) -> list[str]:
        """Return the address and a digest of all that is shown: others are drawn again."""
        shown = [(t.id, t.version, self._due(t)[0], self.clocks[t.id].stops) for t in self.tickets]
        said = repr((self.counts, self.page, shown))
        return [self.asked.with_(), blake2b(said.encode(), digest_size=9).hexdigest()]

    def rows(self) -> Table[Ticket]:
        """Return how a ticket is shown."""
        return Table(
            label=_("Tickets d’incident"),
            columns=[
                self._column("numero", _("N° de ticket"), lambda t: t.number, "108px", link=True),
                self._column("etat", _("État"), lambda t: status_tag(t.status), "138px"),
                self._column("gravite", _("Gravité"), lambda t: severity_tag(t.severity), "116px"),
                self._column("site", _("Société / Site"), _where),
                self._column("reference", _("Objet / N° de référence (CLS)"), _what),
                self._column("ouvert", _("Ouvert le"), self._opened, "124px"),
                Column(_("Rétablissement (GTR)"), self._restored, "168px"),
            ],
            href=lambda t: ticket_page(t.number),
            phone=self._folded,
            tall=True,
        )

    def _column(
        self, key: str, header: str, cell: Any, width: str | None = None, *, link: bool = False
    ) -> Column[Ticket]:
        return Column(
            header, cell, width, link=link, sorted=self.asked.sort == key,
            descending=self.asked.descending, href=self.asked.of_column(key),
        )  # fmt: skip

    def _opened(self, ticket: Ticket) -> Component:
        whole = formats.moment(ticket.opened, self.ctx.zone)
        at = f"{formats.date(ticket.opened, self.ctx.zone)} {whole[11:16]}"
        return html.Span(at, className="tabular nowrap", title=whole)

    def _due(self, ticket: Ticket) -> tuple[str, str]:
        """Return when the service is due, or how long it took, and its colour."""
        clock = self.clocks[ticket.id]
        if ticket.status is Status.WAITING:
            return _("horloge arrêtée"), ""
        if ticket.resolved is not None:
            if not clock.spent:
                return _("non compté"), "soft"
            took = _("en %(time)s", time=hours(clock.spent))
            return took, "t-down" if clock.late else "t-up"
        if clock.due is None:
            return "", ""
        if clock.late:
            return _("GTR dépassée"), "t-down strong"
        return self._before(clock.due), ""

    def _before(self, due: datetime) -> str:
        at = formats.moment(due, self.ctx.zone)[:-3]
        return _("avant le %(at)s", at=f"{at[:5]} {at[11:]}")

    def _restored(self, ticket: Ticket) -> Component | None:
        said, css = self._due(ticket)
        if not said:
            return None
        clock = self.clocks[ticket.id]
        ticking = time_left(self.ctx, ticket, clock)
        if ticking is None:
            return html.Span(said, className=f"tabular {css}".strip(), title=said)
        below = self._before(clock.due) if clock.due else said
        return _two(ticking, html.Span(below, className="tabular"), said)

    def _folded(self, ticket: Ticket) -> tuple[Any, str, list[str]]:
        said, _css = self._due(ticket)
        words, _tag = SEVERITIES.get(ticket.severity, SEVERITIES[4])
        return (
            status_tag(ticket.status),
            f"{ticket.number} {ticket.title}",
            [
                _place(ticket),
                " · ".join(part for part in (_(words), _reference(ticket)) if part),
                " · ".join([formats.moment(ticket.opened, self.ctx.zone)[:-3], said]).strip(" ·"),
            ],
        )

    def table(self) -> list[Any]:
        """Return the table and its foot, or what stands in their place."""
        if not self.tickets:
            return [self._nothing()]
        noun = ngettext("ticket", "tickets", self.total)
        return [
            self.rows().render(self.tickets),
            table_foot(self.total, self.page, PER_PAGE, lambda n: self.asked.with_(page=n), noun),
        ]

    def _nothing(self) -> Component:
        if self.asked.filtered:
            clear = push(_("Effacer les filtres"), Asked().with_(), className="btn btn-secondary")
            text = _("Aucun ticket ne répond à tous vos critères.")
            return empty_state("filter", _("Aucun ticket ne correspond"), text, clear)
        if sum(self.counts.values()):
            every = push(_("Voir tous les tickets"), Asked(state=EVERY).with_(),
                         className="btn btn-secondary")  # fmt: skip
            return empty_state(
                "check", _("Aucun incident en cours"), _("Tous vos tickets sont résolus."), every
            )
        text = _(
            "Quand un site est en panne, ouvrez un ticket : vous le suivrez ici, étape par étape."
        )
        new = None
        if self.ctx.may(WRITE):
            new = dcc.Link(_("Ouvrir un ticket"), href=NEW, className="btn btn-primary")
        return empty_state("life", _("Aucun ticket"), text, new)

    def cards(self) -> Component:
        """Return the counters by state; each filters, and filters no more."""
        items = [
            self._counter(_("Incidents en cours"), UNDER_WAY),
            *(self._counter(status_tag(status), status.value) for status in Status),
            self._counter(_("Tous"), EVERY),
        ]
        label = attributes(aria_label=_("Nombre de tickets par état"))
        return html.Div(items, className="counters counters-auto", role="group", **label)

    def _counter(self, label: Any, state: str) -> Component:
        current = self.asked.state == state
        said = [html.B(formats.number(counted(self.counts, state))), html.Span(label)]
        href = self.asked.with_(state=UNDER_WAY if current else state, page=1)
        return push(said, href, **attributes(aria_current="true" if current else None))


def _place(ticket: Ticket) -> str:
    site = ticket.site.name if ticket.site else ""
    return " : ".join(part for part in (ticket.company.name, site) if part)


def _reference(ticket: Ticket) -> str:
    return ticket.link.reference if ticket.link else ""


def _two(first: Any, second: Any, title: str) -> Component:
    lines = [
        html.Span(first, className="two"),
        html.Span(second, className="two soft small"),
    ]
    return html.Span(lines, title=title)


def _where(ticket: Ticket) -> Component:
    site = ticket.site.name if ticket.site else ticket.company.name
    return _two(site, ticket.company.name, _place(ticket))


def _what(ticket: Ticket) -> Component:
    reference = _reference(ticket)
    return _two(ticket.title, reference, f"{ticket.title} · {reference}".strip(" ·"))


def search(asked: Asked) -> Component:
    """Return the criteria of the search: those used most, and the others folded."""
    states = {
        "": _("Incidents en cours"),
        **{status.value: _(STATUSES[status][0]) for status in Status},
        OVER: _("Résolus et clos"),
        EVERY: _("Tous"),
    }
    severities = {"": _("Toutes"), **{str(n): _(words) for n, (words, _c) in SEVERITIES.items()}}
    start, end = (day.isoformat() if day else "" for day in (asked.start, asked.end))
    more = [
        text_filter("site", asked.site, _("Site"), id="incidents-site"),
        text_filter("link", asked.link, _("N° de référence (CLS)"), id="incidents-link"),
        date_filter("du", start, _("Ouvert du"), id="incidents-du"),
        date_filter("au", end, _("au"), id="incidents-au"),
    ]
    state = "" if asked.state == UNDER_WAY else asked.state
    severity = str(asked.severity) if asked.severity else ""
    return filters(
        [
            text_filter("q", asked.text, _("Numéro, site, référence"), id="incidents-search"),
            choice_filter("etat", states, state, _("État"), id="incidents-etat"),
            choice_filter("gravite", severities, severity, _("Gravité"), id="incidents-gravite"),
            html.Details(
                [html.Summary(_("Plus de critères"), className="btn btn-secondary"),
                 html.Div(more, className="filters-more")],
                open=asked.detailed,
            ),
        ],
        _("Chercher un ticket"),
    )  # fmt: skip
