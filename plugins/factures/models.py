"""Invoices as they are kept: whose, what they say, where their file stands, what became of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.api import Company, Owned


def values_of(kind: type[StrEnum]) -> sa.Enum:
    """Keep the value of an enumeration, not the name of its member."""
    return sa.Enum(
        kind, native_enum=False, length=12, values_callable=lambda k: [member.value for member in k]
    )


class Kind(StrEnum):
    """An invoice, or a credit note (« avoir »)."""

    INVOICE = "facture"
    CREDIT = "avoir"


class Payment(StrEnum):
    """What the back office says of the payment."""

    DUE = "due"
    PAID = "payee"
    OVERDUE = "echue"


class Invoice(Owned):
    """An invoice of a billed company, which no user of single sites sees: ``site_id`` is None.

    Amounts are whole hundredths of ``currency`` (ISO 4217), below zero in a credit note.
    ``month`` is that of ``issued``, 201006; it shows from ``published`` on, in the zone of its
    reader. ``file_key`` names the PDF in ``ctx.files``; ``profile`` is that of the Factur-X data
    (« EN 16931 »), None where the PDF has none. ``vat_lines`` are {category, rate, basis, amount},
    rates in percent as texts. ``lifecycle`` is the code of the e-invoicing platform (XP Z12-012).
    ``details`` counts the rows of the consumption detail; ``told`` is when readers were written to.
    """

    __tablename__ = "factures_invoice"

    __table_args__ = (
        sa.CheckConstraint("site_id IS NULL", name="whole"),
        sa.Index(
            "ix_factures_invoice_month",
            "company_id",
            "month",
            "number",
            "published",
            "site_id",
            "octets",
        ),  # all that a list counts: no row is read for it
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Kind] = mapped_column(values_of(Kind))
    issued: Mapped[date]
    month: Mapped[int]
    due: Mapped[date | None]
    published: Mapped[date]
    currency: Mapped[str] = mapped_column(default="EUR")
    net: Mapped[int] = mapped_column(sa.BigInteger)
    vat: Mapped[int] = mapped_column(sa.BigInteger)
    gross: Mapped[int] = mapped_column(sa.BigInteger)
    payable: Mapped[int] = mapped_column(sa.BigInteger)
    credited: Mapped[str | None]
    order_reference: Mapped[str | None]
    buyer_id: Mapped[str | None]
    vat_lines: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    profile: Mapped[str | None]
    payment: Mapped[Payment | None] = mapped_column(values_of(Payment))
    paid_on: Mapped[date | None]
    lifecycle: Mapped[str | None]
    file_key: Mapped[str]
    file_name: Mapped[str]
    octets: Mapped[int]
    pages: Mapped[int]
    details: Mapped[int] = mapped_column(default=0)
    told: Mapped[datetime | None] = mapped_column(index=True)
    company: Mapped[Company] = relationship(viewonly=True)


class Consumption(Owned):
    """A row of the consumption detail of an invoice; ``amount`` as in ``Invoice``."""

    __tablename__ = "factures_consumption"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("factures_invoice.id"), index=True)
    line: Mapped[int]
    reference: Mapped[str | None]
    label: Mapped[str]
    start: Mapped[date | None]
    end: Mapped[date | None]
    quantity: Mapped[float | None]
    unit: Mapped[str | None]
    amount: Mapped[int | None] = mapped_column(sa.BigInteger)
    invoice: Mapped[Invoice] = relationship()
