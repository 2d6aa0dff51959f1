"""What an administrator tries against the operator, other customers, and its own limits."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Reach
from core.accounts import Account
from core.audit import AuditEntry
from core.testing.fixtures import SAME_SITE
from core.testing.world import NOW
from core.two_factor import SecondFactor

ADMIN, OTHER, STAFF = "admin@a.example", "admin@b.example", "staff@operator.example"
ALICE, LIST = "alice@a.example", "/administration/utilisateurs"


def make_admin(portal, email):
    with Session(portal.host.engine) as session:
        session.execute(sa.update(Account).where(Account.email == email).values(admin=True))
        session.commit()


def send_mails(portal):
    mail = portal.host.config.mail.model_copy(update={"host": "127.0.0.1"})
    portal.host.config = portal.host.config.model_copy(update={"mail": mail})


def below_of(portal, **changes):
    reply = portal.save(ADMIN, do="see", email="", **changes)
    assert "/apercu/" in reply.text, reply.text
    return "/apercu/" + reply.text.split("/apercu/")[1][:43]


def test_the_preview_of_an_administrator_shows_no_line_of_the_operators_journal(portal):
    """Nobody reads the journal through a preview: not even the lines that are no customer's."""
    audit.write(portal.host.engine, now=NOW, actor=STAFF, action="imported", target="SECRET-OP")
    make_admin(portal, ALICE)
    below = below_of(portal, id=portal.account(ALICE).id)
    said = portal.page(ADMIN, "/administration/journal", below=below)
    assert "SECRET-OP" not in said.text
    assert STAFF not in said.text


def test_a_preview_ends_with_the_rights_it_was_made_with(portal):
    below = below_of(portal)
    assert "CANARI-A site 11" in portal.page(ADMIN, "/supervision/etat", below=below).text
    portal.give(ADMIN, ["factures:read"], [(Reach.SITE, 1)])
    after = portal.page(ADMIN, "/supervision/etat", below=below)
    assert "CANARI-A site 11" not in after.text
    assert after.status_code in (403, 404)


def test_a_preview_shows_no_row_that_its_administrator_lost(portal):
    below = below_of(portal)
    portal.give(ADMIN, ["supervision:read"], [(Reach.SITE, 1)])
    after = portal.page(ADMIN, "/supervision/etat", below=below)
    assert "CANARI-A site 11" not in after.text
