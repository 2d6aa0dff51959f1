"""Two-factor authentication of an account: turned on and off, required, lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from core import clock, two_factor
from core.accounts import find, find_customer
from core.audit import AuditEntry
from core.cli_users import user
from core.secrets import Vault
from core.testing.fixtures import PAGE, sign_in
from core.testing.world import PASSWORD
from core.two_factor import RecoveryCode
from core.web.app import create_app
from tests.security.second_step import (
    ALICE,
    code_of,
    enrol,
    first_step,
    is_in,
    post,
    said,
    subjects,
)

# Required by the customer ------------------------------------------------------------------


@pytest.fixture
def required(filled):
    with Session(filled.engine) as session:
        two_factor.require(session, find_customer(session, "CANARI-A client"), True, clock.now())
        session.commit()


def test_where_it_is_required_one_enrols_and_does_nothing_else(mailing, filled, at):
    before = sign_in(mailing, ALICE)
    outside = sign_in(mailing, "bob@b.example")
    runner = CliRunner().invoke(user, ["require-2fa", "CANARI-A-num"], obj=filled)
    assert runner.exit_code == 0, runner.output
    assert not is_in(before), "who has none is signed out"
    assert is_in(outside), "other customers are not"
    client = mailing.test_client()
    reply = post(client, "/connexion", email=ALICE, password=PASSWORD, next="/aide")
    assert reply.location == "/connexion/double-authentification"
    assert not is_in(client)
    assert client.get("/compte", headers=PAGE).status_code == 302
    assert client.get("/connexion/code").location == "/connexion/double-authentification"
    assert post(client, "/connexion/double-authentification", code="000000").status_code == 400
    assert not is_in(client)
    secret, _codes = enrol(client, "/connexion/double-authentification")
    assert is_in(client)
    at(timedelta(minutes=1))
    assert post(first_step(mailing), "/connexion/code", code=code_of(secret)).status_code == 302


def test_what_is_required_cannot_be_turned_off(mailing, filled, enrolled, required):
    client = first_step(mailing)
    post(client, "/connexion/code", code=code_of(enrolled[0]))
    off = "/compte/double-authentification/arret"
    reply = post(client, off, password=PASSWORD, code=enrolled[1][0])
    assert reply.location == "/compte?erreur=exigee"
    with Session(filled.engine) as session:
        assert two_factor.enabled(session, find(session, ALICE).id)


def test_the_operator_may_require_it_of_its_own_people(mailing, filled):
    web = filled.config.web.model_copy(update={"staff_two_factor": True})
    filled.config = filled.config.model_copy(update={"web": web})
    client = create_app(filled).test_client()
    reply = post(client, "/connexion", email="staff@operator.example", password=PASSWORD)
    assert reply.location == "/connexion/double-authentification"


# One's own account --------------------------------------------------------------------------


def test_wrong_codes_in_an_open_session_are_told_too(mailing, filled, enrolled):
    client = first_step(mailing)
    post(client, "/connexion/code", code=code_of(enrolled[0]))
    for _n in range(5):
        reply = post(client, "/compte/confirmation", password=PASSWORD, code="000000")
        assert reply.status_code == 401
    assert "Votre compte : codes de connexion refusés" in subjects(filled)


def test_a_new_password_does_not_stand_for_the_code(mailing, enrolled, at):
    """Who found a session open and knows the password replaces no application with them."""
    client = first_step(mailing)
    post(client, "/connexion/code", code=code_of(enrolled[0]))
    at(timedelta(minutes=20))
    new = "huit chevaux verts"
    form = {"old": PASSWORD, "password": new, "again": new}
    asked = post(client, "/compte/mot-de-passe", **form)
    page = "/compte/double-authentification"
    assert client.get(page).location == f"/compte/confirmation?next={page}"
    assert asked.location == "/compte/confirmation?next=/compte/mot-de-passe"
    assert client.get("/compte/mot-de-passe").location == asked.location
    proof = {"password": PASSWORD, "code": code_of(enrolled[0]), "next": "/compte/mot-de-passe"}
    assert post(client, "/compte/confirmation", **proof).location == "/compte/mot-de-passe"
    assert post(client, "/compte/mot-de-passe", **form).location == "/compte?fait=mot-de-passe"


def test_enrolling_asks_for_a_recent_sign_in_and_a_code_of_the_new_secret(mailing, filled, at):
    client = sign_in(mailing, ALICE)
    at(timedelta(minutes=20))
    page = "/compte/double-authentification"
    assert client.get(page).location == f"/compte/confirmation?next={page}"
    assert post(client, page, code="123456").location == f"/compte/confirmation?next={page}"
    wrong = post(client, "/compte/confirmation", password="wrong", next=page)
    assert wrong.status_code == 401
    old = client.get_cookie("balise").value
    assert post(client, "/compte/confirmation", password=PASSWORD, next=page).location == page
    assert client.get_cookie("balise").value != old, "proving who one is gives a new id"
    text = client.get(page).text
    assert "<svg" in text
    assert "otpauth://totp/" in text
    assert post(client, page, code="000000").status_code == 400
    with Session(filled.engine) as session:
        assert not two_factor.enabled(session, find(session, ALICE).id), "not before the first code"


def test_a_phone_whose_clock_is_wrong_is_told_by_how_much(mailing):
    client, page = sign_in(mailing, ALICE), "/compte/double-authentification"
    secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", client.get(page).text))
    late = post(client, page, code=code_of(secret, -10)).text
    assert "retarde d&#39;environ" in late
    assert "avance d&#39;environ" in post(client, page, code=code_of(secret, 10)).text


def test_turning_it_off_takes_password_and_code_even_just_signed_in(mailing, filled, enrolled):
    client = first_step(mailing)
    post(client, "/connexion/code", code=code_of(enrolled[0]))
    off, spare = "/compte/double-authentification/arret", enrolled[1]
    assert post(client, off, password="wrong", code=spare[0]).status_code == 401
    assert post(client, off, password=PASSWORD, code="000000").status_code == 401
    assert post(client, off, password=PASSWORD).status_code == 401
    assert post(client, off, password=PASSWORD, code=spare[0]).location == "/compte?fait=arret"
    with Session(filled.engine) as session:
        assert not two_factor.enabled(session, find(session, ALICE).id)
        assert session.scalars(sa.select(RecoveryCode)).all() == []
    assert "Votre compte : double authentification désactivée" in subjects(filled)
    assert {"two-factor on", "two-factor off", "code failed"} <= set(said(filled))


def test_new_recovery_codes_put_the_old_ones_out_of_use(mailing, filled, enrolled):
    client = first_step(mailing)
    post(client, "/connexion/code", code=code_of(enrolled[0]))
    fresh = post(client, "/compte/codes-de-secours").text
    (new, *_others) = re.findall(r"<li><code>([A-Z2-7-]{14})</code></li>", fresh)
    assert post(first_step(mailing), "/connexion/code", code=enrolled[1][5]).status_code == 401
    assert post(first_step(mailing), "/connexion/code", code=new).status_code == 302
    assert new not in client.get("/compte/codes-de-secours").text, "told once"


def test_another_application_takes_over_with_its_first_code_not_before(mailing, enrolled, at):
    client, page = first_step(mailing), "/compte/double-authentification"
    post(client, "/connexion/code", code=code_of(enrolled[0]))
    assert "jusqu’à l’activation" in client.get(page).text
    at(timedelta(minutes=3))
    assert (
        post(first_step(mailing), "/connexion/code", code=code_of(enrolled[0])).status_code == 302
    )
    secret, _codes = enrol(client)
    at(timedelta(minutes=5))
    old = post(first_step(mailing), "/connexion/code", code=code_of(enrolled[0]))
    assert old.status_code == 401
    assert post(first_step(mailing), "/connexion/code", code=code_of(secret)).status_code == 302


def test_a_stolen_session_with_the_password_does_not_replace_the_application(mailing, enrolled, at):
    client, page = first_step(mailing), "/compte/double-authentification"
    post(client, "/connexion/code", code=code_of(enrolled[0]))
    at(timedelta(minutes=30))
    assert client.get(page).location.startswith("/compte/confirmation")
    assert post(client, "/compte/confirmation", password=PASSWORD).status_code == 401
    proof = {"password": PASSWORD, "code": code_of(enrolled[0]), "next": page}
    assert post(client, "/compte/confirmation", **proof).location == page


def test_whoever_lost_the_phone_is_let_in_by_the_operator(mailing, filled, enrolled, at):
    inside = first_step(mailing)
    post(inside, "/connexion/code", code=code_of(enrolled[0]))
    run = CliRunner().invoke(user, ["reset-2fa", ALICE], obj=filled)
    assert run.exit_code == 0, run.output
    assert not is_in(inside)
    assert is_in(sign_in(mailing, ALICE))
    assert "two-factor reset" in said(filled)
    assert "Votre compte : double authentification réinitialisée" in subjects(filled)
    again = CliRunner().invoke(user, ["reset-2fa", ALICE], obj=filled)
    assert again.exit_code == 1
    assert "pas de double authentification" in again.output


def test_no_log_and_no_audit_line_tells_a_secret_or_a_code(mailing, filled, caplog, at):
    with caplog.at_level("DEBUG"):
        secret, codes = enrol(sign_in(mailing, ALICE))
        at(timedelta(minutes=1))
        post(first_step(mailing), "/connexion/code", code=codes[0])
        post(first_step(mailing), "/connexion/code", code="135790")
    with Session(filled.engine) as session:
        lines = [(e.target, str(e.facts)) for e in session.scalars(sa.select(AuditEntry))]
    for word in (secret, codes[0], codes[0].replace("-", ""), "135790"):
        assert word not in caplog.text
        assert word not in str(lines)


def test_with_another_secret_key_codes_are_refused_and_a_reset_lets_one_in(
    mailing, filled, enrolled
):
    filled.__dict__["vault"] = Vault("another key of thirty-two letters and more")
    reply = post(first_step(mailing), "/connexion/code", code=code_of(enrolled[0]))
    assert reply.status_code == 401
    assert CliRunner().invoke(user, ["reset-2fa", ALICE], obj=filled).exit_code == 0
    assert is_in(sign_in(mailing, ALICE))
