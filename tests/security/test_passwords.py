"""Passwords: changed with the old one, forgotten, mailed links. TRUST.md 4."""

from __future__ import annotations

import pytest

from core import i18n, throttle
from core.testing.fixtures import sign_in
from core.testing.world import PASSWORD
from tests.security.second_step import ALICE, entries, is_in, mails, post

NEW = "quatre ponts de bois"


def test_a_password_changes_with_the_old_one_and_ends_the_other_sessions(mailing, filled):
    elsewhere, client = sign_in(mailing, ALICE), sign_in(mailing, ALICE)
    old_cookie = client.get_cookie("balise").value
    form = {"old": PASSWORD, "password": NEW, "again": NEW}
    reply = post(client, "/compte/mot-de-passe", **form)
    assert reply.location == "/compte?fait=mot-de-passe"
    assert is_in(client)
    assert not is_in(elsewhere)
    assert client.get_cookie("balise").value != old_cookie
    thief = mailing.test_client()
    thief.set_cookie("balise", old_cookie)
    assert not is_in(thief), "nor does the id that this session had before"
    assert sign_in(mailing, ALICE, NEW)
    old = post(mailing.test_client(), "/connexion", email=ALICE, password=PASSWORD)
    assert old.status_code == 401
    assert entries(filled, "password changed") == [(ALICE, {"by": "account", "sessions_ended": 1})]
    told = [subject for to, subject, _body in mails(filled) if to == ALICE]
    assert "Votre compte : mot de passe changé" in told


@pytest.mark.parametrize(
    ("form", "code", "why"),
    [
        ({"old": "wrong", "password": NEW, "again": NEW}, 401, "ancien mot de passe"),
        ({"old": PASSWORD, "password": NEW, "again": "autre chose"}, 400, "ne sont pas les mêmes"),
        ({"old": PASSWORD, "password": "court", "again": "court"}, 400, "au moins 12"),
        ({"old": PASSWORD, "password": "x" * 129, "again": "x" * 129}, 400, "au plus 128"),
        ({}, 401, "ancien mot de passe"),
    ],
)
def test_a_password_that_cannot_be_is_refused_in_words(mailing, filled, form, code, why):
    client = sign_in(mailing, ALICE)
    reply = post(client, "/compte/mot-de-passe", **form)
    assert reply.status_code == code
    assert why in reply.text.replace("&#39;", "'")
    assert is_in(client)
    assert sign_in(mailing, ALICE)


def test_the_old_password_cannot_be_guessed_from_an_open_session(mailing):
    client = sign_in(mailing, ALICE)
    form = {"old": "wrong", "password": NEW, "again": NEW}
    for _n in range(throttle.FREE_FAILURES["email"]):
        assert post(client, "/compte/mot-de-passe", **form).status_code == 401
    form["old"] = PASSWORD
    assert post(client, "/compte/mot-de-passe", **form).status_code == 429
    assert post(client, "/compte/confirmation", password=PASSWORD).status_code == 429


def test_a_forgotten_password_page_asks_and_then_says_what_comes(mailing):
    client = mailing.test_client()
    page = client.get("/mot-de-passe").text
    assert 'name="email"' in page
    said = post(client, "/mot-de-passe", email=ALICE).text
    assert "Si cette adresse a un compte" in said
    assert said == post(client, "/mot-de-passe", email="nobody@a.example").text


def test_the_link_that_is_mailed_works_once_and_the_next_makes_it_useless(mailing, filled):
    client = mailing.test_client()
    post(client, "/mot-de-passe", email=ALICE)
    post(client, "/mot-de-passe", email=ALICE)
    paths = [
        "/" + line.split("/", 3)[3]
        for _to, _subject, body in mails(filled)
        for line in body.splitlines()
        if "/mot-de-passe/" in line
    ]
    first, second = paths
    gone = client.get(first)
    assert gone.status_code == 410
    assert "Ce lien ne sert plus" in gone.text
    assert "12 caractères au moins" in client.get(second).text
    chosen = {"password": NEW, "again": NEW}
    assert post(client, second, **chosen).location == "/connexion?change"
    replayed = post(client, second, password="une autre phrase", again="une autre phrase")
    assert replayed.status_code == 410
    assert "Ce lien ne sert plus" in replayed.text
    assert sign_in(mailing, ALICE, NEW)


def test_a_reset_is_mailed_in_the_language_of_the_account_not_of_who_asks(mailing, filled):
    client = mailing.test_client()
    client.set_cookie("langue", "en")
    post(client, "/mot-de-passe", email=ALICE)
    ((_to, subject, body),) = mails(filled)
    assert subject.startswith("Votre mot de passe")
    assert body.startswith("Bonjour,")
    assert i18n.language() == "fr"
