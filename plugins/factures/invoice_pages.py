"""An invoice's page: what it says, its VAT, its state, its PDF; and its consumption detail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Column,
    Context,
    FileGone,
    Pages,
    Table,
    _,
    attributes,
    card,
    empty_state,
    export_menu,
    formats,
    icon,
    missing,
    ngettext,
    note,
    page_count,
    page_head,
    table_foot,
)
from plugins.factures.address import (
    DATA,
    DETAIL,
    LIST,
    ONE,
    SAVED,
    SHOWN,
    Asked,
    address_of,
    number_of,
)
from plugins.factures.models import Consumption, Invoice, Kind
from plugins.factures.permissions import READ
from plugins.factures.queries import PER_DETAIL, billed, details, find
from plugins.factures.words import (
    CATEGORIES,
    KINDS,
    LIFECYCLE,
    long,
    money,
    month_words,
    payment_tag,
    short,
)

SERVICES = "/supervision/etat"
"""Where a link of the detail is seen, by who may."""

pages = Pages()


@pages.page(ONE, N_("Facture"), permission=READ)
def invoice(ctx: Context, reference: str) -> Component:
    one = find(ctx, number_of(reference))
    if one is None:
        return _unknown()
    ctx.audit("viewed", one.number)
    here = is_kept(ctx, one)
    return html.Div(
        [
            _head(one, kept=here),
            html.Div(
                [
                    _paper(one) if here else _lost(one),
                    html.Div([_facts(one), _vat(one)], className="stack"),
                ],
                className="cols invoice",
            ),
        ]
    )


def _unknown() -> Component:
    text = _("Cette facture n’existe pas, ou n’est pas dans votre périmètre.")
    back = dcc.Link(_("Factures"), href=LIST, className="btn btn-secondary")
    title = _("Facture introuvable")
    return html.Div([page_head(title), card(empty_state("search", title, text, back))])


def is_kept(ctx: Context, invoice: Invoice) -> bool:
    """Tell whether the file of an invoice is there, as it was kept."""
    try:
        ctx.files.read(invoice.file_key)
    except FileGone:
        return False
    return True


def _trail(invoice: Invoice, *more: Any) -> list[Any]:
    month = Asked(month=invoice.month).with_()
    return [
        dcc.Link(_("Factures"), href=LIST), " › ",
        dcc.Link(month_words(invoice.month), href=month), " › ", *more, invoice.company.name,
    ]  # fmt: skip


def _head(invoice: Invoice, *, kept: bool) -> Component:
    actions: list[Any] = []
    if invoice.details:
        words = [icon("chart"), _("Détail Cons")]
        href = address_of(invoice.number, DETAIL)
        actions.append(dcc.Link(words, href=href, className="btn btn-secondary"))
    if kept and invoice.profile:
        words = [icon("download"), _("Données (XML)")]
        href = address_of(invoice.number, f"{DATA}.xml")
        actions.append(html.A(words, href=href, className="btn btn-secondary"))
    if kept:
        words = [icon("download"), _("Télécharger le PDF")]
        href = address_of(invoice.number, f"{SAVED}.pdf")
        actions.append(html.A(words, href=href, className="btn btn-primary"))
    title = f"{_(KINDS[invoice.kind])} {invoice.number}"
    return page_head(title, _trail(invoice), actions)


def _paper(invoice: Invoice) -> Component:
    """Return the PDF in a frame (``50-frame.js``); a browser that shows none there opens it, or
    saves it.
    """
    href = address_of(invoice.number, f"{SHOWN}.pdf")
    title = f"{_(KINDS[invoice.kind])} {invoice.number} (PDF)"
    frame = attributes(
        data_frame=f"{href}#navpanes=0&view=FitH", data_title=title, data_css="invoice-paper"
    )
    size = f"{formats.octets(invoice.octets)} · " + ngettext(
        "%(n)s page", "%(n)s pages", invoice.pages
    )
    words = [icon("eye"), _("Ouvrir le PDF")]
    said = _("Le PDF de cette facture s’ouvre à part, ou se télécharge.")
    apart = html.Div([icon("invoice"), html.P(said, className="soft")], className="frame-else")
    link = html.A(words, href=href, target="_blank", className="btn btn-secondary")
    bar = html.Div([link, html.Span(size, className="soft small")], className="bar pad invoice-bar")
    return html.Section([html.Div(**frame), apart, bar], className="card card-flush")


def _lost(invoice: Invoice) -> Component:
    return card(
        empty_state(
            "warn",
            _("Le fichier de cette facture manque"),
            _("Ce qu’elle dit est ci-contre. Demandez le PDF à l’opérateur, en lui donnant le "
              "numéro %(number)s.", number=invoice.number),
        )
    )  # fmt: skip


def _facts(invoice: Invoice) -> Component:
    amount = html.Div(
        [
            html.B(money(invoice.gross, invoice.currency), className="invoice-total tabular"),
            html.Span(_("TTC"), className="soft small"),
            *([payment_tag(invoice.payment)] if invoice.payment else []),
        ],
        className="bar pad",
    )
    origin: Any = invoice.credited
    if invoice.credited and invoice.kind is Kind.CREDIT:
        origin = dcc.Link(invoice.credited, href=address_of(invoice.credited))
    electronic = _(LIFECYCLE[invoice.lifecycle]) if invoice.lifecycle in LIFECYCLE else None
    rows: list[tuple[str, Any]] = [
        (_("Société facturée"), invoice.company.name),
        (_("SIREN"), invoice.buyer_id),
        (_("Date"), long(invoice.issued)),
        (_("Échéance"), long(invoice.due)),
        (_("Payée le"), long(invoice.paid_on)),
        (_("Votre commande"), invoice.order_reference),
        *([(_("Facture d’origine"), origin)] if invoice.kind is Kind.CREDIT else []),
        (_("Montant HT"), money(invoice.net, invoice.currency)),
        (_("TVA"), money(invoice.vat, invoice.currency)),
        (_("Net à payer"), money(invoice.payable, invoice.currency)),
        (_("Mise en ligne"), long(invoice.published)),
        (_("Factur-X"), invoice.profile),
        (_("Facture électronique"), electronic),
    ]
    terms = [
        part
        for name, value in rows
        for part in (html.Dt(name), html.Dd(value if value is not None else missing()))
    ]
    body = [amount, html.Dl(terms, className="dl pad ruled")]
    return card(body, title=_("Ce que dit la facture"))


def _vat(invoice: Invoice) -> Component:
    if not invoice.vat_lines:
        said = _("Cette facture n’a pas de données Factur-X : sa TVA se lit sur le PDF.")
        return card(html.Div(note(said), className="pad"), title=_("TVA"))
    heads = [_("Taux"), _("Base HT"), _("TVA")]
    rows = [
        html.Tr(
            [
                html.Td(_rate(line)),
                html.Td(money(_hundredths(line["basis"]), invoice.currency), className="num"),
                html.Td(money(_hundredths(line["amount"]), invoice.currency), className="num"),
            ]
        )
        for line in invoice.vat_lines
    ]
    head = [html.Th(word, scope="col", className="num" if i else None)
            for i, word in enumerate(heads)]  # fmt: skip
    table = html.Table(
        [html.Caption(_("TVA"), className="sr-only"), html.Thead(html.Tr(head)), html.Tbody(rows)],
        className="grid tight",
    )
    return card(html.Div(table, className="scroll rows-below"), title=_("TVA"))


def _hundredths(text: str) -> int:
    return round(float(text) * 100)


def _rate(line: Any) -> str:
    word = _(CATEGORIES.get(line["category"], line["category"]))
    if not line["rate"]:
        return word
    percent = formats.percent(float(line["rate"]) / 100)
    return percent if line["category"] == "S" else f"{percent} · {word}"


@pages.page(DETAIL, N_("Détail de consommation"), permission=READ)
def detail(ctx: Context, reference: str) -> Component:
    one = find(ctx, number_of(reference))
    if one is None:
        return _unknown()
    ctx.audit("viewed", f"{one.number} : détail")
    back = dcc.Link(one.number, href=address_of(one.number))
    here = address_of(one.number, DETAIL)
    head = page_head(
        _("Détail de consommation"), _trail(one, back, " › "),
        [export_menu(lambda kind: f"{here}/export.{kind}")] if one.details else [],
    )  # fmt: skip
    if not one.details:
        text = _("Cette facture n’a pas de détail de consommation.")
        return html.Div([head, card(empty_state("chart", _("N/A"), text))])
    body = html.Div(detail_rows(ctx, one, Asked.of(ctx.query).page), id="factures-detail")
    return html.Div([head, html.Section(body, className="card card-flush")])


def detail_rows(ctx: Context, invoice: Invoice, page: int) -> list[Component]:
    """Return a page of the consumption detail of an invoice."""
    page = min(page, page_count(invoice.details, PER_DETAIL))
    here = address_of(invoice.number, DETAIL)
    noun = ngettext("ligne", "lignes", invoice.details)
    total = money(billed(ctx, invoice), invoice.currency)
    counted = ngettext("%(n)s ligne", "%(n)s lignes", invoice.details)
    said = _("HT en tout, %(lines)s", lines=counted)
    head = [html.B(total, className="tabular"), html.Span(said, className="soft small")]
    return [
        *([html.Div(head, className="panel-head")] if total else []),
        _rows(ctx, invoice).render(details(ctx, invoice, page)),
        table_foot(invoice.details, page, PER_DETAIL, lambda n: f"{here}?page={n}", noun),
    ]


def _rows(ctx: Context, invoice: Invoice) -> Table[Consumption]:
    leads = ctx.leads(SERVICES)

    def href(row: Consumption) -> str:
        if leads and row.reference:
            return f"{SERVICES}?{urlencode({'service': row.reference})}"
        return address_of(invoice.number)

    def folded(row: Consumption) -> tuple[Any, str, list[str]]:
        period = f"{short(row.start)} – {short(row.end)}" if row.start and row.end else ""
        amount = money(row.amount, invoice.currency) or ""
        parts = [part for part in (row.reference, _quantity(row), period) if part]
        return icon("chart"), row.label, [amount, " · ".join(parts)]

    return Table(
        label=_("Détail de consommation"),
        columns=[
            Column(_("Ligne"), lambda x: formats.number(x.line), "64px", numeric=True),
            Column(_("N° de référence (CLS)"), lambda x: x.reference, "172px"),
            Column(_("Libellé"), lambda x: x.label),
            Column(_("Du"), lambda x: short(x.start), "84px"),
            Column(_("Au"), lambda x: short(x.end), "84px"),
            Column(_("Quantité"), _quantity, "130px", numeric=True),
            Column(_("Montant HT"), lambda x: money(x.amount, invoice.currency), "124px",
                   numeric=True),
        ],
        href=href,
        phone=folded,
    )  # fmt: skip


def _quantity(row: Consumption) -> str | None:
    if row.quantity is None:
        return None
    whole = row.quantity == int(row.quantity)
    return f"{formats.number(row.quantity, 0 if whole else 2)} {row.unit or ''}".strip()
