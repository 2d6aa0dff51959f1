"""Browsers an account signs in from: the new ones are told by mail, nothing readable is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, devices
from core.accounts import find
from core.testing.fixtures import SAME_SITE
from core.testing.world import PASSWORD
from tests.security.second_step import ALICE, mails

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def sign_in_from(mailing, agent, address="203.0.113.7", client=None):
    client = client or mailing.test_client()
    reply = client.post(
        "/connexion", data={"email": ALICE, "password": PASSWORD},
        headers={**SAME_SITE, "User-Agent": agent}, environ_base={"REMOTE_ADDR": address},
    )  # fmt: skip
    assert reply.status_code == 302
    return client


def test_a_new_device_is_told_once_and_the_first_is_not(mailing, filled):
    first = sign_in_from(mailing, FIREFOX)
    assert mails(filled) == []
    sign_in_from(mailing, FIREFOX, client=first, address="198.51.100.1")  # travels, with its cookie
    sign_in_from(mailing, FIREFOX.replace("140", "141"), address="203.0.113.99")  # cookies cleared
    assert mails(filled) == []
    sign_in_from(mailing, IPHONE)
    sign_in_from(mailing, IPHONE)
    ((to, subject, body),) = mails(filled)
    assert (to, subject) == (ALICE, "Votre compte : nouvelle connexion")
    for fact in (
        "Safari sur iPhone",
        "203.0.113.7",
        "http://127.0.0.1:8050/compte",
        "Europe/Paris",
    ):
        assert fact in body


def test_the_mail_is_in_the_language_of_its_reader(mailing, filled):
    with Session(filled.engine) as session:
        find(session, ALICE).language = "en"
        session.commit()
    sign_in_from(mailing, FIREFOX)
    sign_in_from(mailing, IPHONE)
    ((_to, subject, body),) = mails(filled)
    assert subject == "Your account: new sign-in"
    assert "Safari on iPhone" in body


def test_nothing_readable_is_kept_of_known_devices(mailing, filled):
    client = sign_in_from(mailing, FIREFOX)
    cookie = client.get_cookie("balise-appareil").value
    with Session(filled.engine) as session:
        marks = session.scalars(sa.select(devices.KnownDevice.mark)).all()
    assert len(marks) == 2
    for word in ("203.0.113", "Firefox", cookie):
        assert word not in str(marks)


def test_a_device_is_forgotten_but_not_the_last_so_that_a_stranger_is_told(mailing, filled, at):
    sign_in_from(mailing, FIREFOX)
    with Session(filled.engine) as session:
        devices.forget_old(session, clock.now() + devices.KEPT + timedelta(days=1))
        session.commit()
        assert len(session.scalars(sa.select(devices.KnownDevice)).all()) == 1
    sign_in_from(mailing, IPHONE, address="198.51.100.1")
    assert len(mails(filled)) == 1


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox sur Windows"),
        (IPHONE, "Safari sur iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge sur Linux"),
        ("curl/8.5", "Navigateur inconnu"),
        ("", "Navigateur inconnu"),
        ("<script>alert(1)</script>", "Navigateur inconnu"),
    ],
)
def test_a_device_is_told_in_words_of_ours(agent, said):
    assert devices.words(agent) == said
