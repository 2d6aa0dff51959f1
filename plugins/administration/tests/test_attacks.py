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


def test_what_is_done_to_a_second_step_in_a_customers_place_is_noted_at_both_names(portal):
    alice = portal.account(ALICE)
    with Session(portal.host.engine) as session:
        session.add(SecondFactor(account_id=alice.id, secret="x", last_step=0))
        session.commit()
    portal.browser(STAFF).post(f"/agir/{alice.customer_id}", headers=SAME_SITE)
    portal.act(STAFF, do="reset", id=alice.id)
    with Session(portal.host.engine) as session:
        line = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "two-factor reset")
        ).one()
        assert (line.actor, line.customer_id, line.acting) == (STAFF, alice.customer_id, True)


@pytest.mark.parametrize("path", ["/connexion", "/mot-de-passe"])
def test_the_journal_does_not_tell_whose_customer_an_address_is(portal, path):
    """An invited address of one's own, and one that has its account elsewhere, leave the same."""
    send_mails(portal)
    stranger = portal.app.test_client()
    for email in ("claire@a.example", "bob@b.example"):
        assert "fait=invite" in portal.save(ADMIN, email=email).text
        stranger.post(path, data={"email": email, "password": "x" * 12}, headers=SAME_SITE)
        found = portal.page(ADMIN, "/administration/journal", f"?qui={email}").text
        assert "Aucune ligne" in found, email


def test_a_guest_sees_one_site_whatever_the_form_says_besides(portal):
    said = portal.save(
        ADMIN, kind="guest", expires="2030-01-01", scope={"whole": True, "sites": [1]}
    )
    assert "un seul" in said.text
    assert portal.account("claire@a.example") is None


@pytest.mark.parametrize("email", [
    "x,bob@b.example", "<x>@a.example", "a@b.example,c.example", "x;y@b.example", '"x"@b.example',
])  # fmt: skip
def test_an_address_that_a_mail_reads_as_another_is_refused(portal, email):
    assert "adresse e-mail" in portal.save(ADMIN, email=email).text


def test_deleting_and_adding_again_does_not_flood_an_address(portal):
    send_mails(portal)
    said = []
    for _n in range(8):
        said.append(portal.save(ADMIN).text)
        claire = portal.account("claire@a.example")
        portal.act(ADMIN, do="delete", id=claire.id, version=claire.version)
    assert any("Trop d" in one for one in said)
