"""Passwords: changed with the old one, forgotten, mailed links. TRUST.md 4."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from core import clock, i18n, passwords, throttle
from core.accounts import find
from core.audit import AuditEntry
from core.testing.fixtures import SAME_SITE, sign_in
from core.testing.world import PASSWORD
from core.web.app import create_app
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


def test_who_forgot_and_tried_too_often_enters_with_the_new_password_at_once(mailing, filled):
    client = mailing.test_client()
    for _n in range(throttle.FREE_FAILURES["email"] + 1):
        post(client, "/connexion", email=ALICE, password="wrong")
    post(client, "/mot-de-passe", email=ALICE)
    (path,) = re.findall(r"(/mot-de-passe/\S+)", mails(filled)[0][2])
    post(client, path, password=NEW, again=NEW)
    assert sign_in(mailing, ALICE, NEW)
    assert "Votre compte : mot de passe changé" in [subject for _to, subject, _b in mails(filled)]


def test_a_reset_is_mailed_in_the_language_of_the_account_not_of_who_asks(mailing, filled):
    client = mailing.test_client()
    client.set_cookie("langue", "en")
    post(client, "/mot-de-passe", email=ALICE)
    ((_to, subject, body),) = mails(filled)
    assert subject.startswith("Votre mot de passe")
    assert body.startswith("Bonjour,")
    assert i18n.language() == "fr"


# Guessing -----------------------------------------------------------------------------------


def test_failures_count_for_every_worker_and_by_network_address(filled):
    one, other = create_app(filled).test_client(), create_app(filled).test_client()
    for n in range(throttle.FREE_FAILURES["address"]):
        worker = one if n % 2 else other
        reply = post(worker, "/connexion", email=f"nobody{n}@a.example", password="wrong")
        assert reply.status_code == 401
    blocked = post(one, "/connexion", email=ALICE, password=PASSWORD)
    assert blocked.status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "198.51.100.9"}, "headers": SAME_SITE}
    form = {"email": ALICE, "password": PASSWORD}
    assert one.post("/connexion", data=form, **elsewhere).status_code == 302


def test_a_wait_is_never_longer_than_a_quarter_of_an_hour(filled, at):
    keys = {"email": "email:x", "address": "address:y"}
    with Session(filled.engine) as session:
        for _n in range(1000):
            throttle.count(session, keys, clock.now())
        session.commit()
        with pytest.raises(throttle.Throttled) as blocked:
            throttle.check(session, keys, clock.now())
        assert blocked.value.wait <= 15 * 60
        at(throttle.LONGEST_WAIT + timedelta(seconds=1))
        throttle.check(session, keys, clock.now())


def test_strangers_who_guess_do_not_keep_the_owner_out(mailing):
    """OWASP's device cookies: a browser that the account knows has a count of its own."""
    mine = sign_in(mailing, ALICE)
    stranger = mailing.test_client()
    for _n in range(throttle.FREE_FAILURES["email"]):
        post(stranger, "/connexion", email=ALICE, password="wrong")
    assert post(stranger, "/connexion", email=ALICE, password=PASSWORD).status_code == 429
    assert post(mine, "/connexion", email=ALICE, password=PASSWORD).status_code == 302
    other = mailing.test_client()
    other.set_cookie("balise-appareil", mine.get_cookie("balise-appareil").value)
    for _n in range(throttle.FREE_FAILURES["email"]):
        assert post(other, "/connexion", email=ALICE, password="wrong").status_code == 401
    assert post(other, "/connexion", email=ALICE, password=PASSWORD).status_code == 429


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_forged_address_buys_no_more_tries(filled, header):
    client = create_app(filled).test_client()
    replies = [
        client.post(
            "/connexion", data={"email": f"nobody{n}@a.example", "password": "wrong"},
            headers={**SAME_SITE, header: f"198.51.100.{n}"},
        ).status_code
        for n in range(throttle.FREE_FAILURES["address"] + 1)
    ]  # fmt: skip
    assert replies[-1] == 429


def test_behind_a_proxy_the_address_is_the_one_it_saw(filled):
    web = filled.config.web.model_copy(update={"proxy_hops": 1})
    filled.config = filled.config.model_copy(update={"web": web})
    client = create_app(filled).test_client()
    forged = {**SAME_SITE, "X-Forwarded-For": "198.51.100.1, 203.0.113.5"}
    client.post("/connexion", data={"email": ALICE, "password": "wrong"}, headers=forged)
    with Session(filled.engine) as session:
        query = sa.select(AuditEntry.address).where(AuditEntry.action == "sign-in failed")
        assert session.scalars(query).all() == ["203.0.113.5"]


def test_an_unknown_address_costs_as_much_work_as_a_known_one(filled, monkeypatch):
    work = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            work.append(kept.split("$")[1:4])
            return bool(verify(kept, password))

        check_needs_rehash = passwords._hasher.check_needs_rehash
        hash = passwords._hasher.hash

    monkeypatch.setattr(passwords, "_hasher", Counting())
    client = create_app(filled).test_client()
    for email in (ALICE, "nobody@nowhere.example"):
        post(client, "/connexion", email=email, password="wrong")
    known, unknown = work
    assert known == unknown
    assert known[0] == "argon2id"


def test_an_old_hash_is_made_anew_at_the_next_sign_in(mailing, filled):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with Session(filled.engine) as session:
        find(session, ALICE).password_hash = weak
        session.commit()
    assert sign_in(mailing, ALICE)
    with Session(filled.engine) as session:
        kept = find(session, ALICE).password_hash
    assert kept != weak
    assert not passwords.outdated(kept)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("motdepasse123", False),
        ("aaaaaaaaaaaa", False),
        ("alice@a.example", False),
        ("x" * 11, False),
        ("quatre ponts de bois", True),
        ("été hiver printemps", True),
        ("🐎🐎🐎 sept chevaux", True),
    ],
)
def test_length_counts_and_composition_does_not(password, good):
    assert (passwords.weakness(password, ALICE, "Alice") is None) == good
