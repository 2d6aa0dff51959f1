"""The second step of a sign-in: codes by the clock and recovery codes, each good once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core import clock, pending, sessions, throttle, two_factor
from core.accounts import find
from core.testing.fixtures import sign_in
from core.two_factor import SecondFactor
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


def test_a_password_alone_no_longer_opens_anything(mailing, enrolled):
    client = first_step(mailing)
    assert client.get_cookie("balise") is None
    assert not is_in(client)
    assert client.get("/_dash-layout").status_code == 401
    secret, _codes = enrolled
    reply = post(client, "/connexion/code", code=code_of(secret))
    assert reply.location == "/aide", "and one arrives where one wanted to go"
    assert is_in(client)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, 0)])
def test_a_clock_may_be_off_by_one_step_either_way(mailing, enrolled, at, steps, good):
    at(timedelta(minutes=5))
    reply = post(first_step(mailing), "/connexion/code", code=code_of(enrolled[0], steps))
    assert reply.status_code == (302 if good else 401)
    if not good:
        assert "vérifiez que l&#39;heure de votre téléphone" in reply.text


def test_a_code_is_taken_once_and_none_before_it_after(mailing, enrolled):
    code = code_of(enrolled[0])
    assert post(first_step(mailing), "/connexion/code", code=code).status_code == 302
    again = post(first_step(mailing), "/connexion/code", code=code)
    assert again.status_code == 401
    assert "a déjà servi" in again.text
    before = post(first_step(mailing), "/connexion/code", code=code_of(enrolled[0], -1))
    assert before.status_code == 401


def test_the_code_of_the_enrolment_does_not_open_a_session_too(mailing, at):
    secret, _codes = enrol(sign_in(mailing, ALICE))
    assert post(first_step(mailing), "/connexion/code", code=code_of(secret)).status_code == 401


def test_two_requests_with_one_code_open_one_session(filled, mailing, enrolled):
    """The step is taken by a conditional update, whichever worker comes first."""
    with Session(filled.engine) as one, Session(filled.engine) as other:
        account_id = find(one, ALICE).id
        for session in (one, other):  # both have read the row before either takes the code
            session.get(SecondFactor, account_id)
        code = code_of(enrolled[0])
        proofs = [
            two_factor.prove(session, filled.vault, account_id, code, "127.0.0.1", clock.now())
            for session in (one, other)
        ]
    assert [proof.good for proof in proofs] == [True, False]


def test_a_recovery_code_opens_once_however_it_is_typed(mailing, filled, enrolled):
    code = enrolled[1][0]
    reply = post(first_step(mailing), "/connexion/code", code=f" {code.lower().replace('-', ' ')} ")
    assert reply.location == "/compte?fait=secours"
    again = post(first_step(mailing), "/connexion/code", code=code)
    assert again.status_code == 401
    misread = enrolled[1][1].translate(str.maketrans("OIB", "018"))
    assert post(first_step(mailing), "/connexion/code", code=misread).status_code == 302
    assert "Votre compte : code de secours utilisé" in subjects(filled)
    assert "recovery code used" in said(filled)


def test_the_database_holds_neither_secret_nor_recovery_code(filled, mailing, enrolled):
    secret, codes = enrolled
    filled.engine.dispose()
    text = "".join(
        path.read_bytes().decode("latin-1") for path in filled.config.data.glob("balise.db*")
    )
    assert secret not in text
    for code in codes:
        assert code not in text
        assert code.replace("-", "") not in text


def test_codes_cannot_be_guessed_and_the_owner_is_told(mailing, filled, enrolled, at):
    client = first_step(mailing)
    for _n in range(throttle.FREE_FAILURES["email"]):
        assert post(client, "/connexion/code", code="000000").status_code == 401
    right = code_of(enrolled[0])
    blocked = post(client, "/connexion/code", code=right)
    assert blocked.status_code == 429
    assert "Réessayez dans" in blocked.text
    # Giving the password again, from another browser, buys no more tries.
    assert post(first_step(mailing), "/connexion/code", code=right).status_code == 429
    assert list(subjects(filled)).count("Votre compte : codes de connexion refusés") == 1
    at(timedelta(minutes=1) + throttle.FIRST_WAIT + timedelta(seconds=1))
    assert post(client, "/connexion/code", code=code_of(enrolled[0])).status_code == 302


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "１２３４５６", "²²²²²²", "a" * 5000, "-" * 12]
)
def test_a_strange_code_is_a_wrong_one(mailing, enrolled, code):
    assert post(first_step(mailing), "/connexion/code", code=code).status_code == 401


def test_the_second_step_is_short_and_bound_to_its_browser(mailing, enrolled, at):
    client = first_step(mailing)
    other = mailing.test_client()
    assert post(other, "/connexion/code", code=code_of(enrolled[0])).location == "/connexion?etape"
    other.set_cookie("balise-etape", "x" * 43)
    assert other.get("/connexion/code").location == "/connexion?etape"
    at(timedelta(minutes=1) + pending.LIFE)
    late = post(client, "/connexion/code", code=code_of(enrolled[0]))
    assert late.location == "/connexion?etape"
    assert "Connectez-vous de nouveau" in client.get(late.location).text


def test_a_begun_sign_in_serves_once_and_ends_with_the_password(mailing, filled, enrolled):
    client = first_step(mailing)
    kept = client.get_cookie("balise-etape").value
    assert post(client, "/connexion/code", code=code_of(enrolled[0])).status_code == 302
    client.set_cookie("balise-etape", kept)
    assert client.get("/connexion/code").location == "/connexion?etape"
    begun = first_step(mailing)
    with Session(filled.engine) as session:
        sessions.end_all(session, find(session, ALICE).id, clock.now())
        session.commit()
    assert begun.get("/connexion/code").location == "/connexion?etape"


def test_an_account_disabled_between_the_steps_stays_out(mailing, filled, enrolled):
    client = first_step(mailing)
    with Session(filled.engine) as session:
        find(session, ALICE).disabled = clock.now()
        session.commit()
    reply = post(client, "/connexion/code", code=code_of(enrolled[0]))
    assert reply.location == "/connexion?etape"


def test_unknown_addresses_are_told_nothing_of_second_steps(mailing, enrolled):
    client = mailing.test_client()
    wrong = post(client, "/connexion", email=ALICE, password="wrong")
    nobody = post(client, "/connexion", email="nobody@a.example", password="wrong")
    assert wrong.text.replace(ALICE, "@") == nobody.text.replace("nobody@a.example", "@")
    assert (wrong.status_code, nobody.status_code) == (401, 401)
