"""« Engagements »: the monthly sheet of every link, with each interval that makes up a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Column,
    Context,
    Pages,
    Table,
    _,
    card,
    empty_state,
    formats,
    icon,
    midnight,
    ngettext,
    note,
    page_count,
    page_head,
    push,
    table_foot,
)
from plugins.incidents.address import SLA, TICKETS, address, month_of, ticket_page
from plugins.incidents.months import LinkFigures, measured, month_span, sheet_of, year_span
from plugins.incidents.permissions import READ
from plugins.incidents.sla import Counted, Part
from plugins.incidents.words import PARTS, hours, month_name, terms

PER_PAGE = 15
PRECISION = 3
"""Decimals of an availability in percent: three minutes of a month."""

pages = Pages()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sheet is asked: a month, or its whole year; a page; the link to tell all of."""

    year: int
    month: int
    whole_year: bool = False
    page: int = 1
    link: str = ""

    @classmethod
    def of(cls, ctx: Context, query: Mapping[str, str]) -> Asked:
        year, month = month_of(query.get("mois", ""), ctx.now, ctx.civil)
        page = query.get("page", "")
        n = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
        link = query.get("liaison", "")[:64]
        return cls(year, month, query.get("annee") == "oui", n, link)

    def with_(self, path: str = SLA, **changes: Any) -> str:
        """Return the address that asks for the same but for these."""
        year, month = changes.get("at", (self.year, self.month))
        page, link = changes.get("page", self.page), changes.get("link", self.link)
        return address(
            path,
            {
                "mois": f"{year:04}-{month:02}",
                "annee": "oui" if changes.get("whole_year", self.whole_year) else "",
                "page": str(page) if page > 1 else "",
                "liaison": link,
            },
        )

    def moved(self, months: int) -> tuple[int, int]:
        """Return the month that is so many later."""
        place = self.year * 12 + self.month - 1 + months
        return place // 12, place % 12 + 1


@pages.page(SLA, N_("Engagements de service"), permission=READ, menu=N_("Engagements"),
            section=N_("Support / Incidents"))  # fmt: skip
def commitments(ctx: Context) -> Component:
    return html.Div(sheet(ctx, ctx.query), id="sla-sheet")


def title_of(asked: Asked) -> str:
    """Return « novembre 2026 », or « 2026 »."""
    return str(asked.year) if asked.whole_year else month_name(asked.year, asked.month)


def sheet(ctx: Context, query: Mapping[str, str]) -> list[Component]:
    """Return the whole page for what its address asks."""
    asked = Asked.of(ctx, query)
    period = (
        year_span(ctx, asked.year) if asked.whole_year else month_span(ctx, asked.year, asked.month)
    )
    rows = sheet_of(ctx, period)
    page = min(asked.page, page_count(len(rows), PER_PAGE))
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    chosen = next((row for row in rows if row.reference == asked.link), None)
    wanted = [row.id for row in shown] + ([chosen.id] if chosen else [])
    technical = measured(ctx, wanted, period) if wanted else {}
    back = dcc.Link(_("Incidents"), href=TICKETS)
    return [
        page_head(
            _("Engagements de service"), [back, " › ", title_of(asked)], _files(asked)
        ),
        html.Div(
            [
                html.Section(_counters(rows), className="card card-flush"),
                *([_evidence(ctx, chosen, technical[chosen.id])] if chosen else []),
                html.Section(
                    [html.Div(_periods(ctx, asked), className="bar pad"),
                     *_table(asked, rows, shown, page, technical),
                     html.Div(_notes(), className="pad ruled stack-tight")],
                    className="card card-flush",
                ),
            ],
            className="stack",
        ),
    ]  # fmt: skip


def _files(asked: Asked) -> list[Component]:
    kinds = (
        ("feuille.pdf", _("Feuille (PDF)")), ("export.xlsx", _("Feuille (Excel)")),
        ("preuves.xlsx", _("Intervalles (Excel)")),
    )  # fmt: skip
    return [
        html.A([icon("download"), label], href=asked.with_(f"{SLA}/{path}", page=1),
               className="btn btn-secondary")
        for path, label in kinds
    ]  # fmt: skip


def _periods(ctx: Context, asked: Asked) -> list[Component]:
    today = ctx.now.astimezone(ctx.civil).date()
    step = 12 if asked.whole_year else 1
    before, after = asked.moved(-step), asked.moved(step)
    parts: list[Component] = [
        push([icon("left"), _("Précédent")], asked.with_(at=before, page=1),
             className="btn btn-secondary"),
        html.B(title_of(asked), className="month-name"),
    ]  # fmt: skip
    first = midnight(today.replace(day=1), ctx.civil)
    if month_span(ctx, *after).start <= first:
        parts.append(push([_("Suivant"), icon("right")], asked.with_(at=after, page=1),
                          className="btn btn-secondary"))  # fmt: skip
    other = _("Voir le mois") if asked.whole_year else _("Voir l’année")
    href = asked.with_(whole_year=not asked.whole_year, page=1)
    parts.append(push(other, href, className="btn btn-secondary end"))
    return parts


def _counters(rows: Sequence[LinkFigures]) -> Component:
    late = sum(row.figures.late for row in rows)
    missed = sum(row.figures.availability < row.profile.target for row in rows)
    told = (
        (formats.number(len(rows)), _("liaisons"), ""),
        (formats.number(sum(row.figures.incidents for row in rows)), _("incidents"), ""),
        (formats.number(late), _("GTR dépassées"), "t-down" if late else ""),
        (formats.number(missed), _("disponibilités sous l’engagement"), "t-down" if missed else ""),
    )
    items = [
        html.Div([html.B(count, className=css or None), html.Span(label)])
        for count, label, css in told
    ]
    return html.Div(items, className="counters counters-plain by-2")


def _availability(row: LinkFigures) -> Component:
    low = row.figures.availability < row.profile.target
    said = formats.percent(row.figures.availability, PRECISION)
    return html.Span(said, className="t-down strong" if low else None)


def _penalty(row: LinkFigures) -> str | None:
    return formats.percent(row.figures.penalty, 0) if row.figures.penalty else None


def _table(
    asked: Asked, rows: Sequence[LinkFigures], shown: Sequence[LinkFigures], page: int,
    technical: Mapping[int, float | None],
) -> list[Component]:  # fmt: skip
    if not rows:
        text = _("Les engagements de vos liaisons seront suivis ici dès leur mise en service.")
        return [empty_state("clock", _("Aucune liaison"), text)]

    def tech(row: LinkFigures) -> str:
        return formats.percent(technical.get(row.id), PRECISION)

    def restore(row: LinkFigures) -> Any:
        if not row.figures.incidents:
            return None
        css = "t-down strong" if row.figures.late else None
        return html.Span(hours(row.figures.longest), className=css)

    table = Table[LinkFigures](
        label=_("Engagements par liaison"),
        columns=[
            Column(_("Site / N° de référence (CLS)"), _where),
            Column(_("Contrat"), lambda row: _(row.profile.label), "190px"),
            Column(_("Incidents"), lambda row: str(row.figures.incidents), "84px", numeric=True),
            Column(_("Plus long"), restore, "96px", numeric=True, absent="–"),
            Column(_("Interruption"), lambda row: hours(row.figures.down), "104px", numeric=True),
            Column(_("Disponibilité"), _availability, "112px", numeric=True),
            Column(_("Engagement"), lambda row: formats.percent(row.profile.target, 2), "104px",
                   numeric=True),
            Column(_("Pénalité"), _penalty, "82px", numeric=True, absent="–"),
            Column(_("Mesurée\n(technique)"), tech, "110px", numeric=True),
        ],
        href=lambda row: asked.with_(link=row.reference, page=page),
        phone=_folded,
        tall=True,
        scroll_to="sla-sheet",
    )  # fmt: skip
    return [
        table.render(shown, lambda row: row.reference == asked.link),
        table_foot(len(rows), page, PER_PAGE, lambda n: asked.with_(page=n), _("liaisons")),
    ]


def _where(row: LinkFigures) -> Component:
    return html.Span(
        [html.Span(row.site, className="two"),
         html.Span(row.reference, className="two soft small")],
        title=f"{row.company} : {row.site} · {row.reference}",
    )  # fmt: skip


def _verdict(row: LinkFigures) -> Component:
    if row.met:
        return html.Span(_("tenu"), className="tag tag-up")
    return html.Span(_("manqué"), className="tag tag-down")


def _folded(row: LinkFigures) -> tuple[Any, str, list[str]]:
    said = formats.percent(row.figures.availability, PRECISION)
    told = [
        ngettext("%(n)s incident", "%(n)s incidents", row.figures.incidents),
        hours(row.figures.down),
    ]
    return _verdict(row), row.site, [f"{row.reference} · {said}", " · ".join(told)]


def _evidence(ctx: Context, row: LinkFigures, technical: float | None) -> Component:
    """Return every interval that makes up the figures of a link."""
    said = [
        _("%(done)s interrompues sur %(all)s de service", done=hours(row.figures.down),
          all=hours(row.figures.service)),
        _("disponibilité %(share)s", share=formats.percent(row.figures.availability, PRECISION)),
        _("mesurée %(share)s", share=formats.percent(technical, PRECISION)),
    ]  # fmt: skip
    head = [html.Div([html.B(row.reference), f" · {row.site} · {_(row.profile.label)}"]),
            html.Div(" · ".join(said), className="soft small")]  # fmt: skip
    if not row.figures.evidence:
        none = html.Div(_("Aucun incident sur cette période."), className="pad soft ruled")
        return card([html.Div(head, className="pad"), none], title=_("Intervalles"),
                    more=_verdict(row))  # fmt: skip
    items = [_interval(ctx, part) for part in row.figures.evidence]
    return card([html.Div(head, className="pad"), html.Ul(items, className="rows evidence")],
                title=_("Intervalles"), more=_verdict(row))  # fmt: skip


def _interval(ctx: Context, part: Part) -> Component:
    start, end = (formats.moment(at, ctx.zone) for at in (part.start, part.end))
    css = "tag tag-down" if part.what is Counted.RUNNING else "tag"
    ticket = dcc.Link(_("Ticket %(n)s", n=part.number), href=ticket_page(part.number))
    return html.Li(
        [html.Span(f"{start} – {end}", className="tabular small"), ticket,
         html.Span(_(PARTS[part.what]), className=css),
         html.Div(hours(part.end - part.start), className="end tabular")]
    )  # fmt: skip


def _notes() -> list[Component]:
    return [note(text) for text in terms()]
