"""Tickets and commitments as files: what is filtered, in the order it is sorted in."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, NamedTuple

from core.api import N_, Context, Document, Downloads, Field, Sheet, _
from plugins.incidents import backend
from plugins.incidents.address import EXPORT, OUTAGES, SLA, WORKS, Asked
from plugins.incidents.files import downloads as files
from plugins.incidents.hours import Span
from plugins.incidents.importer import INCIDENTS
from plugins.incidents.models import Ticket
from plugins.incidents.months import LinkFigures, month_span, sheet_of, year_span
from plugins.incidents.outages import Asked as OutagesAsked
from plugins.incidents.outages import Outage, outages
from plugins.incidents.outages_pages import of_view
from plugins.incidents.permissions import READ
from plugins.incidents.sla import Part
from plugins.incidents.sla_pages import Asked as Period
from plugins.incidents.sla_pages import title_of
from plugins.incidents.sla_paper import paper
from plugins.incidents.words import PARTS
from plugins.incidents.works_pages import every_work

downloads = Downloads(files)

WIDTHS = {
    "reference": 20,
    "company": 30,
    "site": 34,
    "title": 40,
    "description": 60,
    "solution": 60,
}


def _value(name: str) -> Any:
    def value(ticket: Ticket) -> Any:
        match name:
            case "reference":
                return ticket.link.reference if ticket.link else None
            case "company":
                return ticket.company.name
            case "site":
                return ticket.site.name if ticket.site else None
            case "stopped":
                ended = [p.end - p.start for p in ticket.pauses if p.end]
                return int(sum(x.total_seconds() for x in ended)) // 60 or None
            case "severity":
                return str(ticket.severity)
        return getattr(ticket, name)

    return value


TICKET_FIELDS: tuple[Field[Ticket], ...] = tuple(
    INCIDENTS.field(column.name, _value(column.name), WIDTHS.get(column.name, 18))
    for column in INCIDENTS.columns
)
"""The fields of a ticket, under the heads that the import of tickets reads."""


@downloads.table(EXPORT, permission=READ)
def tickets(ctx: Context) -> Sheet[Ticket]:
    """Return every ticket that the address asks for, whatever the page."""
    found = backend.tickets(ctx).every(ctx, Asked.of(ctx.query))
    return Sheet(f"Incidents {_today(ctx)}", TICKET_FIELDS, found, ctx.zone)


def _today(ctx: Context) -> str:
    return ctx.now.astimezone(ctx.zone).strftime("%Y-%m-%d")


LINK_FIELDS: tuple[Field[LinkFigures], ...] = (
    Field(N_("Société"), attrgetter("company"), 30),
    Field(N_("Site"), attrgetter("site"), 34),
    Field(N_("N° de référence (CLS)"), attrgetter("reference"), 22),
    Field(N_("Désignation"), attrgetter("designation"), 26),
    Field(N_("Contrat"), lambda row: _(row.profile.label), 32),
    Field(N_("Heures de service"), attrgetter("figures.service"), 18),
    Field(N_("Interruption"), attrgetter("figures.down"), 14),
    Field(N_("Incidents"), attrgetter("figures.incidents"), 10),
    Field(N_("Rétablis"), attrgetter("figures.restored"), 10),
    Field(N_("GTR dépassées"), attrgetter("figures.late"), 14),
    Field(N_("Rétablissement le plus long"), attrgetter("figures.longest"), 26),
    Field(N_("Disponibilité (%)"), lambda row: round(row.figures.availability * 100, 4), 18),
    Field(N_("Engagement (%)"), lambda row: row.profile.target * 100, 16),
    Field(N_("Pénalité, part de la redevance (%)"), lambda row: row.figures.penalty * 100, 28),
    Field(N_("Engagements tenus"), attrgetter("met"), 18),
)
"""The fields of the sheet of commitments; durations are durations of Excel."""


class Line(NamedTuple):
    """An interval, and the link that it is of."""

    link: LinkFigures
    part: Part


PART_FIELDS: tuple[Field[Line], ...] = (
    Field(N_("Société"), attrgetter("link.company"), 30),
    Field(N_("Site"), attrgetter("link.site"), 34),
    Field(N_("N° de référence (CLS)"), attrgetter("link.reference"), 22),
    Field(N_("N° de ticket"), attrgetter("part.number"), 16),
    Field(N_("Début"), attrgetter("part.start"), 18),
    Field(N_("Fin"), attrgetter("part.end"), 18),
    Field(N_("Durée"), lambda line: line.part.end - line.part.start, 14),
    Field(N_("Compte"), lambda line: _(PARTS[line.part.what]), 30),
)


def period_of(ctx: Context) -> tuple[str, Span]:
    """Return the name and the period that the address of a file asks for."""
    asked = Period.of(ctx, ctx.query)
    if asked.whole_year:
        return str(asked.year), year_span(ctx, asked.year)
    return f"{asked.year:04}-{asked.month:02}", month_span(ctx, asked.year, asked.month)


def sheet_file(ctx: Context, name: str, period: Span) -> Sheet[LinkFigures]:
    """Return the sheet of commitments of a period as a table."""
    return Sheet(f"Engagements {name}", LINK_FIELDS, sheet_of(ctx, period), ctx.zone)


@downloads.table(f"{SLA}/export", permission=READ)
def commitments(ctx: Context) -> Sheet[LinkFigures]:
    """Return the figures of every link."""
    return sheet_file(ctx, *period_of(ctx))


@downloads.file(f"{SLA}/feuille", "pdf", permission=READ)
def commitments_on_paper(ctx: Context) -> Document:
    """Return the figures of every link and what makes them up, to be printed."""
    name, period = period_of(ctx)
    title = title_of(Period.of(ctx, ctx.query))
    body = paper(ctx, title, period)
    return Document(f"Engagements {name}.pdf", "application/pdf", body)


@downloads.table(f"{SLA}/preuves", permission=READ)
def evidence(ctx: Context) -> Sheet[Line]:
    """Return every interval that makes up these figures."""
    name, period = period_of(ctx)
    lines = (Line(row, part) for row in sheet_of(ctx, period) for part in row.figures.evidence)
    return Sheet(f"Engagements {name}, intervalles", PART_FIELDS, lines, ctx.zone)


@downloads.table(f"{OUTAGES}/export", permission=READ)
def unexplained(ctx: Context) -> Sheet[Outage]:
    """Return the outages that the address asks for."""
    asked = OutagesAsked.of(ctx, ctx.query)
    fields: tuple[Field[Outage], ...] = (
        Field(N_("Société"), attrgetter("company"), 30),
        Field(N_("Site"), attrgetter("site"), 34),
        Field(N_("N° de référence (CLS)"), attrgetter("reference"), 22),
        Field(N_("Désignation"), attrgetter("designation"), 26),
        Field(N_("Début"), attrgetter("start"), 18),
        Field(N_("Fin"), attrgetter("end"), 18),
        Field(N_("Durée"), lambda one: one.lasted(ctx.now), 14),
        Field(N_("Explication"), lambda one: one.why, 30),
    )
    rows = of_view(outages(ctx, asked), asked.view)
    return Sheet(f"Coupures {asked.start} {asked.end}", fields, rows, ctx.zone)


@downloads.table(f"{WORKS}/export", permission=READ)
def works(ctx: Context) -> Sheet[Any]:
    """Return every work that was announced, those that were cancelled too."""
    fields: tuple[Field[Any], ...] = (
        Field(N_("Travaux"), lambda row: row[0].title, 40),
        Field(N_("Site"), lambda row: row[2], 34),
        Field(N_("N° de référence (CLS)"), lambda row: row[1], 22),
        Field(N_("Début"), lambda row: row[0].starts, 18),
        Field(N_("Fin"), lambda row: row[0].ends, 18),
        Field(N_("Annulés le"), lambda row: row[0].cancelled, 18),
    )
    return Sheet(f"Travaux planifiés {_today(ctx)}", fields, every_work(ctx), ctx.zone)
