"""« Mon compte »: what people change of their own account, and their open sessions."""

from __future__ import annotations

from email import message_from_string
from email.message import EmailMessage

import pytest
from sqlalchemy.orm import Session

from core import clock, mail, sessions
from core.accounts import AccountError, clean_name, create_account
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.replay import routed
from core.testing.world import NOW, PASSWORD
from core.web.account_page import zone_names
from tests.security.second_step import ALICE, account_of, entries, is_in, mails, open_ids, post

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def page_of(client, path="/compte"):
    reply = routed(client, path)
    assert reply.status_code == 200
    return reply.get_data().decode("unicode_escape")


# Profile ------------------------------------------------------------------------------------


def test_a_profile_changes_and_the_log_says_what_was_before(mailing, filled):
    client = sign_in(mailing, ALICE)
    form = {"language": "en", "theme": "dark", "timezone": "Asia/Tokyo"}
    form |= {"given_name": "Alice ", "family_name": " Martin"}
    reply = post(client, "/compte/profil", **form)
    assert reply.location == "/compte?fait=profil"
    account = account_of(filled)
    kept = (account.name, account.language, account.theme, account.timezone)
    assert kept == ("Alice Martin", "en", "dark", "Asia/Tokyo")
    ((actor, facts),) = entries(filled, "profile changed")
    assert actor == ALICE
    assert facts["changed"]["name"] == ["Alice", "Alice Martin"]
    page = client.get("/aide", headers=PAGE).text
    assert 'lang="en"' in page
    assert 'data-theme="dark"' in page


def test_pages_are_in_the_time_zone_that_was_chosen(mailing, filled):
    client = sign_in(mailing, ALICE)
    post(client, "/compte/profil", family_name="Alice", timezone="Pacific/Auckland")
    with Session(filled.engine) as session:
        (opened,) = sessions.open_sessions(
            session, account_of(filled).id, filled.limits, clock.now()
        )
    there = opened.created.astimezone(clock.zone("Pacific/Auckland", "UTC"))
    assert there.strftime("%d/%m/%Y %H:%M") in page_of(client)


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 61, "\r\n\t", "Eve\r\nBcc: x@x.example", "a\u202eb", "А" + "lice"]
)
def test_a_name_that_is_none_is_refused(mailing, filled, name):
    client = sign_in(mailing, ALICE)
    assert post(client, "/compte/profil", family_name=name).location == "/compte?erreur=nom"
    assert account_of(filled).name == "Alice"


def test_what_a_form_adds_changes_nothing(mailing, filled):
    """Mass assignment, and another account's id: the account is that of the session."""
    client = sign_in(mailing, "onesite@a.example")
    before = account_of(filled)
    other = str(before.id)
    form = {"admin": "1", "customer_id": "2", "email": "x@x.example", "account_id": other}
    post(client, "/compte/profil", family_name="Un site", id=other, **form)
    mine = account_of(filled, "onesite@a.example")
    assert (mine.name, mine.admin) == ("Un site", False)
    assert account_of(filled).name == before.name
    post(
        client,
        "/compte/profil",
        family_name="A",
        theme="<b>",
        timezone="../../etc/passwd",
        language="x",
    )
    mine = account_of(filled, "onesite@a.example")
    assert (mine.theme, mine.timezone, mine.language) == (None, None, None)


def test_every_zone_that_is_offered_exists():
    assert "Europe/Paris" in zone_names()
    assert {clock.zone(name, "UTC").key for name in zone_names()} == set(zone_names())


def test_a_name_adds_no_header_to_a_mail(mailing, filled):
    hostile = "Eve\r\nBcc: everyone@a.example\r\n\r\nbody\u202eevil\x00"
    assert clean_name(hostile) == "Eve Bcc: everyone@a.example bodyevil"
    with Session(filled.engine) as session:
        account = create_account(
            session, email="eve@a.example", name=hostile, password=None, permissions=(),
            scope=(), now=NOW,
        )  # fmt: skip
        assert "\n" not in account.name
        mail.write(session, filled.vault, ALICE, f"Ticket de {hostile}", "texte", NOW)
        session.commit()
    ((_to, subject, _body),) = mails(filled)
    message = EmailMessage()
    message["Subject"] = subject.replace("\x00", "")
    assert message_from_string(message.as_string())["Bcc"] is None


def test_a_mail_to_no_address_leaves_the_others_go(mailing, filled, monkeypatch):
    sent = []

    def deliver(_host, _config, recipient, subject, _body):
        message = EmailMessage()
        message["To"] = recipient  # refuses a line end
        sent.append((recipient, subject))

    monkeypatch.setattr(mail, "_deliver", deliver)
    with Session(filled.engine) as session:
        mail.write(session, filled.vault, "a@b.example\nBcc: c@d.example", "un", "texte", NOW)
        mail.write(session, filled.vault, ALICE, "deux", "texte", NOW)
        session.commit()
        assert mail.send_due(session, filled.vault, filled.config, NOW) == 1
    assert sent == [(ALICE, "deux")]


# Sessions -----------------------------------------------------------------------------------


def test_open_sessions_are_listed_in_words_and_each_can_be_ended(mailing, filled):
    phone = mailing.test_client()
    here = {**SAME_SITE, "User-Agent": IPHONE}
    phone.post("/connexion", data={"email": ALICE, "password": PASSWORD}, headers=here)
    client = sign_in(mailing, ALICE)
    said = page_of(client)
    assert "Safari sur iPhone" in said
    assert "cet appareil" in said
    theirs = open_ids(filled, "bob@b.example")
    assert theirs == []
    mine = {one for one in open_ids(filled) if one in said}
    assert len(mine) == 1, "a button for the other session, none for this one"
    (other,) = mine
    assert post(client, "/compte/sessions", session=other).location == "/compte?fait=session"
    assert not is_in(phone)
    assert is_in(client)


def test_the_session_of_another_is_not_ended(mailing, filled):
    bob, client = sign_in(mailing, "bob@b.example"), sign_in(mailing, ALICE)
    (theirs,) = open_ids(filled, "bob@b.example")
    unknown = post(client, "/compte/sessions", session="0" * 64)
    refused = post(client, "/compte/sessions", session=theirs)
    assert (refused.status_code, refused.location) == (unknown.status_code, unknown.location)
    assert is_in(bob)
    assert entries(filled, "sessions ended") == []


def test_all_other_sessions_end_at_once(mailing, filled):
    others = [sign_in(mailing, ALICE) for _n in range(3)]
    bob, client = sign_in(mailing, "bob@b.example"), sign_in(mailing, ALICE)
    post(client, "/compte/sessions", session="autres")
    assert [is_in(one) for one in (*others, client, bob)] == [False] * 3 + [True, True]
    assert entries(filled, "sessions ended") == [(ALICE, {"count": 3})]


@pytest.mark.parametrize(
    "path", ["profil", "sessions", "mot-de-passe", "confirmation", "double-authentification"]
)
def test_another_site_changes_nothing_of_an_account(mailing, path):
    client = sign_in(mailing, ALICE)
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    reply = client.post(f"/compte/{path}", data={"name": "Eve"}, headers=headers)
    assert reply.status_code == 403


@pytest.mark.parametrize("there", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_proving_who_one_is_leads_to_no_other_site(mailing, there):
    client = sign_in(mailing, ALICE)
    reply = post(client, f"/compte/confirmation?next={there}", password=PASSWORD, next=there)
    assert reply.location == "/compte"
    page = client.get(f"/compte/confirmation?next={there}").text
    assert 'name="next" value=""' in page


def test_clean_names_keep_every_script():
    for name in ("Zoë O’Brien-Łukasz", "李小龍", "محمد", "Élise d'Été"):
        assert clean_name(name) == name
    with pytest.raises(AccountError):
        clean_name("\x00\x1b")
