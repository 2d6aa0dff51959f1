"""« Comptes clients »: made, changed, suspended; rubrics taken away and given back; all noted."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import jobs, mail, notices
from core.access import Reach
from core.accounts import Account
from core.api import CustomerError
from core.audit import AuditEntry
from core.mail import Mail
from core.testing.context import context_of, words
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.world import NOW, PASSWORD
from core.walls import Plan, address, make
from core.web.app import create_app
from plugins.administration.customers_callbacks import change, create
from plugins.administration.customers_pages import customer, customers

STAFF, ALICE, BOB = "staff@operator.example", "alice@a.example", "bob@b.example"
LIST = "/supervision/etat/export.csv"


@pytest.fixture
def desk(filled):
    return filled.customers(STAFF, NOW, "192.0.2.1", "ref")


@pytest.fixture
def app(filled):
    return create_app(filled)


def noted(host):
    with Session(host.engine) as session:
        query = sa.select(AuditEntry).where(AuditEntry.actor == STAFF).order_by(AuditEntry.id)
        return [(e.action, e.customer_id, e.facts) for e in session.scalars(query)]


def test_a_customer_is_made_and_changed_and_both_are_noted_for_it(filled, desk):
    made = desk.create(" C-7 ", "Transports\nDuval", "Europe/Paris")
    assert (made.number, made.name, made.sites, made.off) == (
        "C-7",
        "Transports Duval",
        0,
        frozenset(),
    )
    changed = desk.change(made.id, "C-7", "Duval", "Indian/Reunion")
    assert (changed.name, changed.timezone) == ("Duval", "Indian/Reunion")
    desk.change(made.id, "C-7", "Duval", "Indian/Reunion")  # nothing changes: nothing is noted
    assert noted(filled) == [
        ("customer created", made.id,
         {"number": "C-7", "name": "Transports Duval", "timezone": "Europe/Paris"}),
        ("customer changed", made.id,
         {"before": {"name": "Transports Duval", "timezone": "Europe/Paris"},
          "after": {"name": "Duval", "timezone": "Indian/Reunion"}}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "name", "zone", "why"),
    [
        ("", "x", "Europe/Paris", "un numéro de compte"),
        ("C-9", " ", "Europe/Paris", "un nom"),
        ("C-9", "x" * 121, "Europe/Paris", "120 caractères"),
        ("C-9", "x", "Mars/Olympus", "fuseau"),
        ("C-9", "x", "../../etc/passwd", "fuseau"),
        ("CANARI-A-num", "x", "Europe/Paris", "déjà pris"),
    ],
)
def test_what_is_no_customer_is_refused_in_words(desk, number, name, zone, why):
    with pytest.raises(CustomerError, match=why):
        desk.create(number, name, zone)


def test_an_administrator_is_invited_and_chooses_a_password_once(filled, desk, app):
    _line, link = desk.invite(1, "New.Admin@a.example", "Anne Dupré")
    path = link.removeprefix(filled.config.web.public_url)
    client = app.test_client()
    said = {"password": PASSWORD, "again": PASSWORD}
    assert client.post(path, data=said, headers=SAME_SITE).status_code == 302
    assert client.post(path, data=said, headers=SAME_SITE).status_code == 410
    browser = sign_in(app, "new.admin@a.example")
    assert "CANARI-A" in browser.get(LIST).text
    assert browser.get("/administration/journal", headers=PAGE).status_code == 200
    assert browser.get("/administration/clients", headers=PAGE).status_code == 403
    with Session(filled.engine) as session:
        account = session.scalar(sa.select(Account).where(Account.email == "new.admin@a.example"))
        staff = {key for key, p in filled.registry.permissions().items() if p.staff}
        assert not staff & {p.key for p in account.permissions}
    assert path not in str(noted(filled))


def test_the_invitation_goes_by_mail_where_mails_are_sent(filled, desk, monkeypatch):
    monkeypatch.setattr(mail, "configured", lambda _config: True)
    _line, link = desk.invite(1, "new@a.example", "Anne")
    assert link is None
    with Session(filled.engine) as session:
        (sent,) = session.scalars(sa.select(Mail).where(Mail.recipient == "new@a.example"))
        assert re.search(r"/mot-de-passe/[\w-]{43}\b", filled.vault.open(sent.body))


def test_an_address_that_has_an_account_is_not_invited_again(desk):
    with pytest.raises(CustomerError, match="a déjà un compte"):
        desk.invite(1, BOB, "Bob")


def test_a_suspended_customer_is_out_at_once_and_comes_back(desk, app):
    alice, bob = sign_in(app, ALICE), sign_in(app, BOB)
    desk.put_in_service(1, on=False)
    assert alice.get(LIST).status_code == 401
    assert bob.get(LIST).status_code == 200
    again = app.test_client().post(
        "/connexion", data={"email": ALICE, "password": PASSWORD}, headers=SAME_SITE
    )
    assert again.status_code == 401
    with pytest.raises(CustomerError, match="suspendu"):
        desk.invite(1, "new@a.example", "Anne")
    desk.put_in_service(1, on=True)
    assert alice.get(LIST).status_code == 401  # the session before is over
    assert sign_in(app, ALICE).get(LIST).status_code == 200


def test_the_wall_of_a_suspended_customer_goes_dark(filled, desk, app):
    with Session(filled.engine) as session:
        plan = Plan("Mur", [(Reach.CUSTOMER, 1)], 1, ["supervision:read"])
        _wall, token = make(session, plan, by=STAFF, now=NOW)
        session.commit()
    path = address("", token)
    browser = app.test_client()
    assert browser.get(f"{path}/etat").status_code == 200
    desk.put_in_service(1, on=False)
    assert browser.get(f"{path}/etat").status_code == 404


def test_a_rubric_that_is_off_is_gone_everywhere_and_comes_back_with_its_rights(filled, desk, app):
    """In the menu, pages, callbacks, downloads, hooks, jobs, mails, walls: at the next request."""
    alice, bob = sign_in(app, ALICE), sign_in(app, BOB)
    with Session(filled.engine) as session:
        account = session.scalar(sa.select(Account).where(Account.email == ALICE))
        granted = frozenset(p.key for p in account.permissions)
    job = filled.desk(account.id, granted, NOW).order(
        "consommations.report", "r.csv", month=f"{NOW:%Y-%m}", form="csv"
    )
    rest = set(desk.rubrics()) - {"supervision", "consommations"}
    desk.choose_rubrics(1, rest)
    assert alice.get(LIST).status_code == 403
    assert alice.get("/supervision/etat", headers=PAGE).status_code == 403
    told = {entry["output"] for entry in alice.get("/_dash-dependencies").json}
    assert not [output for output in told if "supervision-" in output]
    assert any("incidents-" in output for output in told)
    body = {
        "output": "host-menu.children", "outputs": [], "inputs": [], "state": [],
        "changedPropIds": [],
    }  # fmt: skip
    assert alice.post("/_dash-update-component", json=body, headers=SAME_SITE).status_code == 403
    assert "État de vos services" not in alice.get("/_dash-layout").text
    with Session(filled.engine) as session:
        rights = jobs.rights_of(session, filled.registry, account.id, NOW)
    assert not [key for key in rights.granted if key.startswith(("supervision:", "consommations:"))]
    assert "incidents:read" in rights.granted
    fresh = filled.desk(account.id, rights.granted, NOW)
    with pytest.raises(jobs.JobError):
        fresh.order("consommations.report", "r.csv", month=f"{NOW:%Y-%m}", form="csv")
    assert job.id
    assert bob.get(LIST).status_code == 200  # another customer has it still
    desk.choose_rubrics(1, desk.rubrics())
    assert alice.get(LIST).status_code == 200


def test_no_mail_about_a_rubric_that_is_off_is_written(filled, desk):
    rubric = filled.registry.rubrics["factures"]

    def told():
        found = []
        with filled.engine.begin() as connection, Session(connection) as session:
            some = notices.Notices(None, NOW, NOW.date(), str, session, filled)
            some.tell(rubric.read, lambda db: found.append(db) or None)
        return len(found)

    everybody = told()
    desk.choose_rubrics(1, set(desk.rubrics()) - {"factures"})
    assert 0 < told() < everybody


def test_taking_and_giving_rubrics_is_noted_one_by_one(filled, desk):
    desk.choose_rubrics(1, set(desk.rubrics()) - {"factures"})
    desk.choose_rubrics(1, set(desk.rubrics()) - {"factures"})
    desk.choose_rubrics(1, {*desk.rubrics(), "no-such-rubric"})
    assert [(action, facts) for action, _id, facts in noted(filled)] == [
        ("rubric off", {"rubric": "Factures"}),
        ("rubric on", {"rubric": "Factures"}),
    ]


def test_what_comes_with_being_an_administrator_cannot_be_taken_away(desk):
    assert "administration" not in desk.rubrics()
    assert desk.choose_rubrics(1, []).off == frozenset(desk.rubrics())


def test_a_second_step_is_asked_of_a_customer_or_no_longer(filled, desk, app):
    alice, bob = sign_in(app, ALICE), sign_in(app, BOB)
    assert desk.require_two_factor(1, on=True).two_factor
    assert (alice.get(LIST).status_code, bob.get(LIST).status_code) == (401, 200)
    assert not desk.require_two_factor(1, on=False).two_factor
    assert [(a, f["required"]) for a, _id, f in noted(filled)] == [
        ("two-factor required", True),
        ("two-factor required", False),
    ]


def test_staff_who_act_for_a_customer_have_no_rubric_that_it_has_not(filled, desk, app):
    desk.choose_rubrics(1, set(desk.rubrics()) - {"supervision"})
    client = sign_in(app, STAFF)
    client.post("/agir/1", headers=SAME_SITE)
    assert client.get(LIST).status_code == 403
    assert client.get("/administration/clients", headers=PAGE).status_code == 403


def test_the_page_lists_them_and_the_forms_work(filled):
    with context_of(filled, STAFF) as plain:
        ctx = replace(plain, customers=filled.customers(STAFF, NOW, None, "ref"))
        assert "CANARI-A client" in words(customers(ctx))
        found = replace(ctx, query={"q": "canari-b"})
        assert "CANARI-A client" not in words(customers(found))
        going = create(ctx, {"name": "Duval", "number": "C-7", "timezone": "Europe/Paris"})
        assert going.to_plotly_json()["props"]["data-go"] == "/administration/clients/3"
        assert "déjà pris" in words(create(ctx, {"name": "D", "number": "C-7", "timezone": "UTC"}))
        assert "Duval" in words(customer(ctx, 3))
        assert "introuvable" in words(customer(ctx, 99))
        whole, said, _press = change(ctx, {"do": "disable", "press": 1}, [], 3)
        assert "Remettre en service" in words(whole)
        assert "enregistré" in words(said)
        _whole, said, _press = change(ctx, {"do": "invite", "email": "x", "name": "y"}, [], 1)
        assert "n'est pas une adresse" in words(said)
        _whole, said, _press = change(ctx, {"do": "change", "number": "1"}, [], 99)
        assert "n’existe plus" in words(said)
