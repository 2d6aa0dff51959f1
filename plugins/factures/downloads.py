"""Invoices as files: the list, a PDF shown or saved, its data, its detail, the file of a month."""

from __future__ import annotations

from functools import partial
from operator import attrgetter, itemgetter
from typing import Any

from core.api import Company, Context, Document, Downloads, Sheet
from plugins.factures.address import (
    ARCHIVE,
    CONSOLIDATION,
    DATA,
    EXPORT,
    EXPORT_DETAIL,
    SAVED,
    SHOWN,
    Asked,
    number_of,
)
from plugins.factures.consolidation import document
from plugins.factures.documents import xml_of
from plugins.factures.importer import DETAILS, INVOICES, STATES
from plugins.factures.models import Consumption, Invoice
from plugins.factures.permissions import READ
from plugins.factures.queries import calendar, details, every, find, newest, today
from plugins.factures.words import decimal

downloads = Downloads()

COLUMNS: dict[str, Any] = {
    "number": Invoice.number, "kind": Invoice.kind, "company": Company.name,
    "issued": Invoice.issued, "due": Invoice.due, "currency": Invoice.currency,
    "net": Invoice.net, "vat": Invoice.vat, "gross": Invoice.gross, "payable": Invoice.payable,
    "published": Invoice.published, "credited": Invoice.credited,
    "order_reference": Invoice.order_reference, "buyer_id": Invoice.buyer_id,
    "profile": Invoice.profile, "file": Invoice.file_name,
}  # fmt: skip
"""Of the list, under the heads that the index of an import has."""
OF_STATE: dict[str, Any] = {
    "payment": Invoice.payment, "paid_on": Invoice.paid_on, "lifecycle": Invoice.lifecycle,
}  # fmt: skip
AMOUNTS = ("net", "vat", "gross", "payable")
WIDTHS = {"number": 20, "company": 34, "file": 26}


@downloads.table(EXPORT, permission=READ)
def invoices(ctx: Context) -> Sheet[Any]:
    """Return every invoice that the address asks for."""
    columns = COLUMNS | OF_STATE
    fields = []
    for place, name in enumerate(columns):
        dataset = INVOICES if name in COLUMNS else STATES
        value: Any = itemgetter(place)
        if name in AMOUNTS:
            value = partial(_amount, place)
        fields.append(dataset.field(name, value, WIDTHS.get(name, 14)))
    found = every(ctx, Asked.of(ctx.query), *columns.values())
    return Sheet(f"Factures {today(ctx):%Y-%m-%d}", fields, found, ctx.zone)


def _amount(place: int, row: Any) -> Any:
    return decimal(row[place])


def _file(ctx: Context, reference: str) -> tuple[Invoice, bytes] | None:
    """Return an invoice and its PDF, None without such an invoice. Raises ``FileGone``."""
    one = find(ctx, number_of(reference))
    return None if one is None else (one, ctx.files.read(one.file_key))


def _name(invoice: Invoice, end: str) -> str:
    return f"{invoice.number}.{end}"


@downloads.file(SHOWN, "pdf", permission=READ)
def shown(ctx: Context, reference: str) -> Document | None:
    """Return the PDF of an invoice, for the frame of its page."""
    found = _file(ctx, reference)
    return found and Document(_name(found[0], "pdf"), "application/pdf", found[1], shown=True)


@downloads.file(SAVED, "pdf", permission=READ)
def saved(ctx: Context, reference: str) -> Document | None:
    """Return the PDF of an invoice, to be saved."""
    found = _file(ctx, reference)
    return found and Document(_name(found[0], "pdf"), "application/pdf", found[1])


@downloads.file(DATA, "xml", permission=READ)
def data(ctx: Context, reference: str) -> Document | None:
    """Return the Factur-X data of an invoice, None when it has none."""
    found = _file(ctx, reference)
    xml = xml_of(found[1]) if found else None
    return Document(_name(found[0], "xml"), "application/xml", xml) if found and xml else None


@downloads.table(EXPORT_DETAIL, permission=READ)
def detail(ctx: Context, reference: str) -> Sheet[Any] | None:
    """Return the consumption detail of an invoice, None when it has none."""
    one = find(ctx, number_of(reference))
    if one is None or not one.details:
        return None
    names = ("line", "reference", "label", "start", "end", "quantity", "unit")
    fields = [
        DETAILS.field("number", lambda _row: one.number, 20),
        *(DETAILS.field(name, attrgetter(name), 34 if name == "label" else 16) for name in names),
        DETAILS.field("amount", _detail_amount, 14),
    ]
    rows = details(ctx, one)
    return Sheet(f"Détail {one.number}", fields, rows, ctx.zone)


def _detail_amount(row: Consumption) -> Any:
    return decimal(row.amount)


def _month(ctx: Context, form: str) -> Document | None:
    """Return the file of the month that the address names, of the last one without."""
    asked = Asked.of(ctx.query)
    only = Asked(company=asked.company)
    last = asked.month or next((m for m, _n in newest(ctx, only, calendar(ctx), 1)), None)
    return document(ctx, asked, last, form) if last else None


@downloads.file(CONSOLIDATION, "pdf", permission=READ)
def month_as_pdf(ctx: Context) -> Document | None:
    """Return the invoices of a month as one PDF, with a bookmark each."""
    return _month(ctx, "pdf")


@downloads.file(ARCHIVE, "zip", permission=READ)
def month_as_zip(ctx: Context) -> Document | None:
    """Return the invoices of a month as a ZIP of their PDFs."""
    return _month(ctx, "zip")
