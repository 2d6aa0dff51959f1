"""« Nouvelle facture »: who is written to, of what, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import notices
from core.mail import Mail
from core.testing.world import NOW
from plugins.factures.models import Invoice


@pytest.fixture
def mails(filled):
    """``mails()``: the mails written by now, by address; those of the tenants' own are told."""
    with Session(filled.engine) as session, session.begin():
        session.execute(sa.update(Invoice).values(told=NOW))

    def do(now=NOW):
        notices.run(filled, now)
        with Session(filled.engine) as session:
            found = session.scalars(sa.select(Mail).order_by(Mail.id)).all()
            return {one.recipient: (one.subject, filled.vault.open(one.body)) for one in found}

    return do


def test_who_may_read_a_new_invoice_is_written_to_once(bring, write, mails):
    write("FA1")
    bring()
    found = mails()
    assert list(found) == ["alice@a.example"]
    subject, body = found["alice@a.example"]
    assert subject == "Nouvelle facture FA1"
    assert "320,00" in body
    assert "/factures/FA1" in body
    assert mails() == found


def test_an_invoice_to_come_is_told_on_its_day(bring, write, mails, folder):
    write("FA1")
    day = (NOW + timedelta(days=3)).date()
    (folder / "index.csv").write_text(f"N° facture;Mise en ligne\nFA1;{day:%d/%m/%Y}\n")
    bring()
    assert mails() == {}
    assert list(mails(NOW + timedelta(days=3))) == ["alice@a.example"]


def test_many_invoices_are_one_mail(bring, write, mails):
    for number in range(12):
        write(f"FA{number:02}")
    bring()
    subject, body = mails()["alice@a.example"]
    assert subject == "12 nouvelles factures"
    assert "… et 2 autres" in body
