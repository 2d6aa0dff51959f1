"""« Suivi des commandes »: the table of order lines, one page of it, and what stands above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    empty_state,
    formats,
    ngettext,
    page_count,
    push,
    table_foot,
)
from plugins.commandes.address import Asked, order_page
from plugins.commandes.models import OrderLine
from plugins.commandes.queries import (
    PER_PAGE,
    Count,
    cancellations,
    counts,
    ends_on,
    page_of,
)
from plugins.commandes.unread import unread_of
from plugins.commandes.words import KINDS, ending, short, state_tag


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the table, and the counts of what it is a page of."""

    ctx: Context
    asked: Asked
    counts: Sequence[Count]
    total: int
    page: int
    lines: Sequence[OrderLine]
    requests: Mapping[str, date]
    unread: Mapping[int, int]

    @classmethod
    def of(cls, ctx: Context, asked: Asked) -> Listing:
        found = counts(ctx, asked)
        total = sum(one.lines for one in found if _counted(asked, one))
        page = min(max(1, asked.page), page_count(total, PER_PAGE))
        lines = page_of(ctx, asked, page) if total else []
        requests = cancellations(ctx, [line.reference for line in lines])
        unread = unread_of(ctx, [line.id for line in lines])
        return cls(ctx, asked, found, total, page, lines, requests, unread)

    def version(self) -> list[str]:
        """Return the address and a digest of all that is shown: others are drawn again."""
        parts = (
            self.counts,
            self.total,
            [
                (
                    x.id, x.state, x.code, x.contract, x.wanted, x.router, x.link, x.article,
                    x.site.name, x.company.name, ends_on(x, self.requests),
                )
                for x in self.lines
            ],
            self.unread,
        )  # fmt: skip
        digest = blake2b(repr(parts).encode(), digest_size=9).hexdigest()
        return [self.asked.with_(), digest]

    def rows(self) -> Table[OrderLine]:
        """Return how a line is shown."""
        group = _("Date")
        return Table(
            label=_("Suivi des commandes"),
            columns=[
                self._column("type", _("Type BC"), self._kind, "122px"),
                self._column("client", _("Client / Site"), self._where),
                self._column("article", _("Libellé article"), lambda x: x.article, "150px"),
                self._column("contract", _("contract."), _cell("contract"), "88px", group),
                self._column("souhaitee", _("souhaitée"), _cell("wanted"), "84px", group),
                self._column("routeur", _("RDV\nrouteur"), _cell("router"), "82px", group),
                self._column("lien", _("RDV\nlien"), _cell("link"), "82px", group),
                self._column("etat", _("État commande"), lambda x: state_tag(x.state), "176px"),
                self._column("code", _("Production"), _production, "150px", absent=""),
            ],
            href=lambda x: order_page(x.reference, x.kind),
            phone=self._folded,
            tall=True,
        )

    def _column(
        self, key: str, header: str, cell: Any, width: str | None = None, group: str = "",
        absent: str | None = None,
    ) -> Column[OrderLine]:  # fmt: skip
        return Column(
            header, cell, width, group=group, absent=absent,
            sorted=self.asked.sort == key, descending=self.asked.descending,
            href=self.asked.of_column(key),
        )  # fmt: skip

    def _kind(self, line: OrderLine) -> Any:
        day = ends_on(line, self.requests)
        if day is None:
            return _(KINDS[line.kind])
        asked = html.Span(ending(day), className="two small t-down")
        title = _("Résiliation demandée %(day)s", day=ending(day))
        return html.Span([_(KINDS[line.kind]), asked], title=title)

    def _where(self, line: OrderLine) -> Component:
        whole = f"{line.company.name} : {line.reference} {line.site.name}"
        link = dcc.Link(line.reference, href=order_page(line.reference, line.kind))
        count = self.unread.get(line.id)
        news = [unread_tag(count), " "] if count else []
        return html.Span(
            [
                html.Span([*news, f"{line.company.name} :"], className="two soft small"),
                html.Span([link, f" {line.site.name}"], className="two"),
            ],
            title=whole,
        )

    def _folded(self, line: OrderLine) -> tuple[Any, str, list[str]]:
        dates = [
            _("%(name)s %(day)s", name=name, day=short(day))
            for name, day in (
                (_("contract."), line.contract),
                (_("RDV routeur"), line.router),
                (_("RDV lien"), line.link),
            )
            if day
        ]
        day = ends_on(line, self.requests)
        ends = [_("Résiliation demandée %(day)s", day=ending(day))] if day else []
        news = [unread_words(self.unread[line.id])] if line.id in self.unread else []
        return (
            state_tag(line.state),
            line.site.name,
            [
                f"{_(KINDS[line.kind])} · {line.article}",
                " · ".join([line.reference, *dates]),
                " · ".join([*ends, *news]),
            ],
        )

    def table(self) -> list[Any]:
        """Return the table and its foot, or what stands in their place."""
        if not self.lines:
            return [self._nothing()]
        noun = ngettext("ligne de commande", "lignes de commande", self.total)
        return [
            self.rows().render(self.lines),
            table_foot(self.total, self.page, PER_PAGE, lambda n: self.asked.with_(page=n), noun),
        ]

    def _nothing(self) -> Component:
        if not self.asked.filtered:
            return empty_state(
                "cart",
                _("Aucune commande"),
                _("Vos commandes seront suivies ici dès que l’opérateur les aura enregistrées."),
            )
        clear = push(_("Effacer les filtres"), Asked().with_(), className="btn btn-secondary")
        text = _("Aucune ligne ne répond à tous vos critères.")
        return empty_state("filter", _("Aucune commande ne correspond"), text, clear)

    def cards(self) -> Component:
        """Return the counters by state; each filters, and filters no more."""
        under_way = sum(one.lines for one in self.counts if not one.installed)
        done = sum(one.lines for one in self.counts) - under_way
        plain = {"state": "", "page": 1}
        items = [
            _counter(_("En cours d’installation"), under_way, "cours", self.asked, plain),
            _counter(_("Installé"), done, "fini", self.asked, plain),
        ]
        for one in self.counts:
            current = self.asked.state == one.state
            href = self.asked.with_(state="" if current else one.state, progress="", page=1)
            items.append(_card(state_tag(one.state), one.lines, href, current=current))
        label = attributes(aria_label=_("Nombre de lignes par état"))
        return html.Div(items, className="counters counters-auto", role="group", **label)


def _counted(asked: Asked, one: Count) -> bool:
    if asked.state and one.state != asked.state:
        return False
    wanted = {"cours": False, "fini": True}.get(asked.progress)
    return wanted is None or one.installed is wanted


def _counter(label: str, count: int, progress: str, asked: Asked, plain: Any) -> Component:
    current = asked.progress == progress
    href = asked.with_(progress="" if current else progress, **plain)
    return _card(label, count, href, current=current)


def _card(label: Any, count: int, href: str, *, current: bool) -> Component:
    said = [html.B(formats.number(count)), html.Span(label)]
    return push(said, href, **attributes(aria_current="true" if current else None))


def _cell(name: str) -> Any:
    return lambda line: short(getattr(line, name))


def _production(line: OrderLine) -> Component | None:
    if not line.code and not line.production_label:
        return None
    whole = " ".join(part for part in (line.code, line.production_label) if part)
    return html.Span(
        [
            html.Span(line.code or "", className="two strong small"),
            html.Span(line.production_label or "", className="two soft small"),
        ],
        title=whole,
    )


def unread_words(count: int) -> str:
    return ngettext("%(n)s message non lu", "%(n)s messages non lus", count)


def unread_tag(count: int) -> Component:
    """Return « 2 messages non lus » as a small tag."""
    words = unread_words(count)
    return html.Span(
        [html.I(className="i i-bell", **attributes(aria_hidden="true")), str(count),
         html.Span(f" {words}", className="sr-only")],
        className="tag tag-accent", title=words,
    )  # fmt: skip
