"""« Nouvelle facture »: a mail to who may read it, the day it is published."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.api import Company, Db, Notices, _, formats, ngettext
from plugins.factures.address import LIST, address_of
from plugins.factures.models import Invoice
from plugins.factures.permissions import READ
from plugins.factures.words import money

SHOWN = 10
"""Invoices that a mail names one by one."""


def tell(notices: Notices) -> None:
    """Write of the invoices published up to today that nobody was told of; once."""
    due = (Invoice.told.is_(None), Invoice.published <= notices.today)
    new = notices.db.all(sa.select(Invoice.id).where(*due))
    if not new:
        return

    def letter(db: Db) -> tuple[str, str] | None:
        columns: Any = (Invoice.number, Company.name, Invoice.gross, Invoice.currency)
        query: Any = sa.select(*columns).join(Company, Company.id == Invoice.company_id)
        rows: Any = db.rows(query.where(*due).order_by(Invoice.number))
        return _words(notices, rows) if rows else None

    notices.tell(READ, letter)
    notices.mark(Invoice, [{"id": id_, "told": notices.now} for id_ in new])


def _words(notices: Notices, rows: Any) -> tuple[str, str]:
    lines = [
        _("%(number)s, %(company)s, %(amount)s", number=number, company=company,
          amount=money(gross, currency))
        for number, company, gross, currency in rows[:SHOWN]
    ]  # fmt: skip
    if len(rows) > SHOWN:
        lines.append(_("… et %(count)s autres", count=formats.number(len(rows) - SHOWN)))
    alone = len(rows) == 1
    subject = ngettext(
        "%(count)s nouvelle facture", "%(count)s nouvelles factures", len(rows),
        count=formats.number(len(rows)),
    )  # fmt: skip
    if alone:
        subject = _("Nouvelle facture %(number)s", number=rows[0][0])
    link = notices.address(address_of(rows[0][0]) if alone else LIST)
    body = _(
        "Bonjour,\n\nCes factures sont en ligne :\n\n%(lines)s\n\n%(link)s\n",
        lines="\n".join(lines), link=link,
    )  # fmt: skip
    return subject, body
