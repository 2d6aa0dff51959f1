"""The card of the home page: the last invoices."""

from __future__ import annotations

import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component
from sqlalchemy.orm import contains_eager

from core.api import Company, Context, _, attributes, empty_state, push
from plugins.factures.address import address_of
from plugins.factures.models import Invoice, Kind
from plugins.factures.queries import today
from plugins.factures.words import credit_tag, money, payment_tag, short

SHOWN = 4


def home_body(ctx: Context) -> Component:
    """Return the invoices published last."""
    query = (
        sa.select(Invoice)
        .join(Company, Company.id == Invoice.company_id)
        .options(contains_eager(Invoice.company))
        .where(Invoice.published <= today(ctx))
        .order_by(Invoice.month.desc(), Invoice.issued.desc(), Invoice.number.desc())
        .limit(SHOWN)
    )
    found = ctx.db.all(query)
    if not found:
        return empty_state(
            "invoice",
            _("Aucune facture"),
            _("Vos factures seront ici dès leur mise en ligne, avant même le courrier."),
        )
    return html.Ul([_row(one) for one in found], className="rows rows-below")


def _row(invoice: Invoice) -> Component:
    href = address_of(invoice.number)
    tags = [credit_tag()] if invoice.kind is Kind.CREDIT else []
    tags += [payment_tag(invoice.payment)] if invoice.payment and not tags else []
    return html.Li(
        [
            html.Div(
                [
                    html.Div([push(invoice.number, href), " ", *tags], className="cut"),
                    html.Div(
                        f"{short(invoice.issued)} · {invoice.company.name}",
                        className="cut small soft",
                    ),
                ],
                className="grow",
            ),
            html.Div(money(invoice.gross, invoice.currency), className="end tabular"),
        ],
        **attributes(data_href=href),
    )
