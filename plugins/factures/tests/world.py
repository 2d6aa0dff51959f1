"""Invoices of the two tenants that must not meet: a canary in every text, and in every file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.api import Company, Link
from plugins.factures.bill import Bill, BillLine, Party
from plugins.factures.demo_paper import paper
from plugins.factures.models import Consumption, Invoice, Kind, Payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from core.host import Host
    from core.testing.world import Tenant

DAY = date(2026, 10, 2)
SELLER = Party("Opérateur", "552100554", "1 rue des Fibres", "31000", "Toulouse")


def bill_of(
    number: str, buyer: str, kind: Kind = Kind.INVOICE, issued: date = DAY, price: str = "100.00"
) -> Bill:
    """Return an invoice of two lines, 320,00 € with VAT unless the price is another."""
    party = Party(buyer, "732829320", f"{buyer} rue", "46000", "Cahors")
    lines = [
        BillLine(f"{buyer} IP VPN", 2, Decimal(price)),
        BillLine("Secours 4G", 1, Decimal("66.67")),
    ]
    return Bill(
        number, kind, issued, issued.replace(day=28), issued.replace(day=1),
        issued.replace(day=27), SELLER, party, lines,
    )  # fmt: skip


def fill(host: Host, session: Session, tenants: Sequence[Tenant]) -> None:
    """Give each link of the tenants an invoice of its number, with a detail of consumption."""
    for tenant in tenants:
        query = sa.select(Link).where(Link.company_id.in_(tenant.company_ids)).order_by(Link.id)
        for n, link in enumerate(session.scalars(query).all()):
            company = session.get_one(Company, link.company_id)
            _invoice(host, session, tenant.canary, link, company, n)
    session.flush()


def _invoice(
    host: Host, session: Session, canary: str, link: Link, company: Company, n: int
) -> None:
    kind = Kind.CREDIT if n == 1 else Kind.INVOICE
    bill = bill_of(link.reference, company.name, kind)
    sign = -1 if kind is Kind.CREDIT else 1
    net, vat, gross = (int(sign * amount * 100) for amount in (bill.net, bill.vat, bill.gross))
    body = paper(bill)
    invoice = Invoice(
        company_id=link.company_id, number=link.reference, kind=kind, issued=DAY, month=202610,
        due=bill.due, published=DAY, net=net, vat=vat, gross=gross, payable=gross,
        credited=f"{canary} origine", order_reference=f"{canary} commande", buyer_id=canary,
        vat_lines=[{"category": "S", "rate": "20.00", "basis": str(bill.net),
                    "amount": str(bill.vat)}],
        profile=f"{canary} EN 16931", payment=Payment.DUE, lifecycle="203",
        file_key=host.files.keep(body), file_name=f"{canary}.pdf", octets=len(body), pages=1,
        details=1,
    )  # fmt: skip
    session.add(invoice)
    session.flush()
    session.add(
        Consumption(
            company_id=link.company_id, invoice_id=invoice.id, line=1, reference=link.reference,
            label=f"{canary} dépassement", start=DAY, end=DAY, quantity=12.5,
            unit=f"{canary} Mbit/s", amount=6250,
        )
    )  # fmt: skip
