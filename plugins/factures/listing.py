"""« Factures »: a block for each month with its file and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Column,
    Context,
    Table,
    _,
    empty_state,
    formats,
    icon,
    missing,
    ngettext,
    page_count,
    press,
    push,
    table_foot,
)
from plugins.factures.address import (
    CONSOLIDATIONS,
    DETAIL,
    MONTHS,
    MOST_MONTHS,
    Asked,
    address_of,
)
from plugins.factures.consolidation import AT_ONCE, at_once
from plugins.factures.models import Invoice, Kind
from plugins.factures.queries import (
    PER_BLOCK,
    PER_PAGE,
    calendar,
    months,
    newest,
    page_of,
    size_of,
)
from plugins.factures.words import (
    PAYMENTS,
    credit_tag,
    elided,
    money,
    month_key,
    month_words,
    payment_tag,
    short,
)

ORDER = "factures-order"


@dataclass(frozen=True, slots=True)
class Block:
    """A month as it shows: how many invoices it has, those of the page, whether its file is made
    at once.
    """

    month: int
    total: int
    page: int
    invoices: Sequence[Invoice]
    at_once: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The months that an address asks for."""

    ctx: Context
    asked: Asked
    known: Sequence[int]
    """The calendar of the reader's invoices, newest first."""
    older: bool
    """Whether months before those shown have invoices that are asked for."""
    found: int | None
    """How many invoices are asked for; None when it is all of them, which nobody counts."""
    blocks: Sequence[Block]

    @classmethod
    def of(cls, ctx: Context, asked: Asked) -> Listing:
        known, wanted = calendar(ctx), MONTHS * asked.depth
        if asked.month:
            shown = months(ctx, asked, [asked.month])
            older, count = False, sum(total for _month, total in shown)
        elif asked.filtered:
            every = months(ctx, asked)
            shown, older = every[:wanted], len(every) > wanted
            count = sum(total for _month, total in every)
        else:
            shown, count = newest(ctx, asked, known, wanted), None
            older = bool(shown) and known[-1] < shown[-1][0]
        blocks = [cls._block(ctx, asked, *one) for one in shown]
        return cls(ctx, asked, known, older, count, blocks)

    @staticmethod
    def _block(ctx: Context, asked: Asked, month: int, total: int) -> Block:
        alone = asked.month is not None
        per_page = PER_PAGE if alone else PER_BLOCK
        page = min(asked.page, page_count(total, per_page)) if alone else 1
        invoices = page_of(ctx, asked, month, page, per_page)
        few = total <= AT_ONCE and at_once(*size_of(ctx, asked, month))
        return Block(month, total, page, invoices, few)

    def version(self) -> list[str]:
        """Return the address and a digest of all that is shown."""
        rows = [
            (one.number, one.payment, one.due, one.details, one.company.name)
            for block in self.blocks
            for one in block.invoices
        ]
        counts = [(block.month, block.total) for block in self.blocks]
        seen = (self.known[-1:], self.found, counts, rows)
        digest = blake2b(repr(seen).encode(), digest_size=9).hexdigest()
        return [self.asked.with_(), digest]

    def size(self) -> str:
        """Return « 43 factures et avoirs » of what is filtered, « Depuis Juin 2010 » of all."""
        if self.found is None:
            return _("Depuis %(month)s", month=month_words(self.known[-1])) if self.known else ""
        return ngettext(
            "%(count)s facture ou avoir", "%(count)s factures et avoirs", self.found,
            count=formats.number(self.found),
        )  # fmt: skip

    def render(self) -> list[Component]:
        """Return the blocks, and what leads to older months."""
        if not self.blocks:
            return [html.Section(self._nothing(), className="card")]
        return [*(self._month(block) for block in self.blocks), *self._older()]

    def _older(self) -> list[Component]:
        if self.asked.month:
            words = [icon("left"), _("Les derniers mois")]
            href = self.asked.with_(month=None, page=1)
        elif self.older and len(self.blocks) < MOST_MONTHS:
            words = [icon("down"), _("Voir les mois plus anciens")]
            href = self.asked.with_(depth=self.asked.depth + 1)
        else:
            return []
        return [html.Div(push(words, href, className="btn btn-secondary"), className="older")]

    def _nothing(self) -> Component:
        if not self.asked.filtered and not self.asked.month:
            return empty_state(
                "invoice",
                _("Aucune facture"),
                _("Vos factures seront ici dès leur mise en ligne, avant même le courrier."),
            )
        clear = push(_("Effacer les filtres"), Asked().with_(), className="btn btn-secondary")
        text = _("Aucune facture ne répond à tous vos critères.")
        return empty_state("filter", _("Aucune facture ne correspond"), text, clear)

    def _month(self, block: Block) -> Component:
        name = month_words(block.month)
        head = html.Div(
            [
                html.H2(_("Factures %(month)s", month=name)),
                html.Span(_count(block.total), className="soft small"),
                html.Div(self._file(block, name), className="end"),
            ],
            className="panel-head",
        )
        table = _table(name).render(block.invoices)
        return html.Section(
            [head, table, *self._foot(block, name)],
            className="card card-flush", id=f"mois-{month_key(block.month)}",
        )  # fmt: skip

    def _foot(self, block: Block, name: str) -> list[Component]:
        if self.asked.month:
            noun = ngettext("facture", "factures", block.total)
            foot = table_foot(
                block.total, block.page, PER_PAGE, lambda n: self.asked.with_(page=n), noun
            )
            return [foot]
        if block.total <= len(block.invoices):
            return []
        said = _(
            "Voir les %(count)s factures de %(month)s",
            count=formats.number(block.total), month=name,
        )  # fmt: skip
        href = self.asked.with_(month=block.month, page=1)
        return [html.Div(push(elided(said, block.month), href), className="foot")]

    def _file(self, block: Block, name: str) -> list[Component]:
        """Return what gives the file of a month: fetched at once, or ordered."""
        whole = _("Télécharger la consolidation mensuelle de %(month)s", month=name)
        whole = elided(whole, block.month)
        found = []
        for form, label, css in (
            ("pdf", whole, "btn btn-secondary"),
            ("zip", "ZIP", "btn btn-secondary"),
        ):
            words = [icon("download"), label]
            if form == "zip":
                words.append(html.Span(f" {name}", className="sr-only"))
            if block.at_once:
                asked = Asked(company=self.asked.company, month=block.month)
                href = asked.with_(CONSOLIDATIONS[form])
                found.append(html.A(words, href=href, className=css))
            else:
                value: dict[str, Any] = {"month": month_key(block.month), "form": form}
                value |= {"company": self.asked.company} if self.asked.company else {}
                found.append(press(words, ORDER, value, className=css))
        return found


def _count(total: int) -> str:
    said = formats.number(total)
    return ngettext("%(count)s facture", "%(count)s factures", total, count=said)


def _table(month: str) -> Table[Invoice]:
    return Table(
        label=_("Factures %(month)s", month=month),
        columns=[
            Column(_("N° facture"), _number, "190px"),
            Column(_("Société facturée"), lambda x: x.company.name),
            Column(_("Date"), lambda x: short(x.issued), "84px"),
            Column(_("Échéance"), lambda x: short(x.due), "84px"),
            Column(_("Montant HT"), lambda x: money(x.net, x.currency), "132px", numeric=True),
            Column(_("Montant TTC"), lambda x: money(x.gross, x.currency), "132px", numeric=True),
            Column(_("État"), lambda x: payment_tag(x.payment), "92px"),
            Column(_("Afficher"), _show, "80px"),
            Column(_("Détail Cons"), _detail, "96px"),
        ],
        href=lambda x: address_of(x.number),
        phone=_folded,
    )


def _number(invoice: Invoice) -> Component:
    link = dcc.Link(invoice.number, href=address_of(invoice.number), className="row-link")
    if invoice.kind is Kind.CREDIT:
        return html.Span([link, " ", credit_tag()], title=_("Avoir"))
    return link


def _show(invoice: Invoice) -> Component:
    said = html.Span(f" {invoice.number}", className="sr-only")
    return dcc.Link(
        [icon("eye"), " PDF", said], href=address_of(invoice.number), className="cell-action"
    )


def _detail(invoice: Invoice) -> Component:
    if not invoice.details:
        return missing()
    said = html.Span(f" {invoice.number}", className="sr-only")
    href = address_of(invoice.number, DETAIL)
    return dcc.Link([icon("chart"), " ", _("Détail"), said], href=href, className="cell-action")


def _folded(invoice: Invoice) -> tuple[Any, str, list[str]]:
    due = [_("échéance %(day)s", day=short(invoice.due))] if invoice.due else []
    paid = [_(PAYMENTS[invoice.payment][0])] if invoice.payment else []
    amount = money(invoice.gross, invoice.currency) or ""
    mark = credit_tag() if invoice.kind is Kind.CREDIT else icon("invoice")
    return (
        mark,
        invoice.number,
        [
            invoice.company.name,
            " · ".join([amount, *due, *paid]),
        ],
    )
