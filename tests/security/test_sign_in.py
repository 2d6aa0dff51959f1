"""Signing in, sessions and what ends them: TRUST.md 3, 4 and 5."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, clock, password_links, sessions, throttle
from core.accounts import Account, find
from core.audit import AuditEntry
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.world import PASSWORD
from core.web.app import create_app
from core.web.login import safe_path

ALICE = "alice@a.example"


@pytest.fixture
def app(filled):
    return create_app(filled)


@pytest.fixture
def at(monkeypatch):
    """``at(timedelta)``: from here on the host's clock shows that much later."""

    def later(delay: timedelta) -> None:
        real = clock.now
        monkeypatch.setattr(clock, "now", lambda: real() + delay)

    return later


def is_in(client) -> bool:
    return bool(client.get("/", headers=PAGE).status_code == 200)


def post(client, path, **form):
    return client.post(path, data=form, headers=SAME_SITE)


def test_a_person_signs_in_and_the_cookie_holds_nothing_but_a_random_id(app, filled):
    reply = post(app.test_client(), "/connexion", email=" Alice@A.example ", password=PASSWORD)
    cookie = reply.headers["Set-Cookie"]
    assert reply.location == "/"
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    value = re.match(r"balise=([^;]+)", cookie)[1]
    with Session(filled.engine) as session:
        kept = session.scalars(sa.select(sessions.LoginSession.id)).all()
    assert value not in kept
    assert len(value) >= 43


def test_under_tls_the_cookie_is_secure_and_bound_to_the_host(filled, tmp_path):
    web = filled.config.web.model_copy(update={"public_url": "https://extranet.example"})
    filled.config = filled.config.model_copy(update={"web": web})
    reply = post(create_app(filled).test_client(), "/connexion", email=ALICE, password=PASSWORD)
    assert reply.headers["Set-Cookie"].startswith("__Host-balise=")
    assert "Secure" in reply.headers["Set-Cookie"]
    assert "max-age" in reply.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("email", [ALICE, "nobody@nowhere.example", "x" * 300])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app, email):
    reply = post(app.test_client(), "/connexion", email=email, password="wrong")
    assert reply.status_code == 401
    assert "Adresse ou mot de passe incorrect." in reply.text
    assert "Set-Cookie" not in reply.headers


def test_an_empty_field_is_told_and_counts_as_no_failure(app):
    client = app.test_client()
    for _n in range(throttle.FREE_FAILURES["email"] + 1):
        reply = post(client, "/connexion", email=ALICE, password="")
        assert reply.status_code == 400
        assert "Donnez votre adresse" in reply.text
    assert sign_in(app, ALICE)


def test_the_language_changes_and_one_stays_on_the_page(app):
    client = sign_in(app, ALICE)
    page = {"Referer": "http://localhost/supervision/etat?etat=down"}
    assert client.get("/langue/en", headers=page).location == "/supervision/etat?etat=down"
    other = {"Referer": "http://evil.example/supervision/etat"}
    assert client.get("/langue/en", headers=other).location == "/"


def test_a_new_id_is_given_at_sign_in_and_the_old_one_stops(app):
    client = sign_in(app, ALICE)
    old = client.get_cookie("balise").value
    post(client, "/connexion", email=ALICE, password=PASSWORD)
    assert client.get_cookie("balise").value != old
    client.set_cookie("balise", old)
    assert not is_in(client)


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(app):
    client = sign_in(app, ALICE)
    kept = client.get_cookie("balise").value
    assert client.get("/deconnexion").location == "/connexion?sortie"
    client.set_cookie("balise", kept)
    assert not is_in(client)


def test_another_site_cannot_sign_a_person_out(app):
    client = sign_in(app, ALICE)
    client.get("/deconnexion", headers={"Sec-Fetch-Site": "cross-site"})
    assert is_in(client)


def test_a_disabled_or_expired_account_is_out_at_the_next_request(app, filled):
    for change in ({"disabled": clock.now()}, {"expires": clock.now() - timedelta(seconds=1)}):
        client = sign_in(app, ALICE)
        assert is_in(client)
        with Session(filled.engine) as session:
            account = find(session, ALICE)
            for name, value in change.items():
                setattr(account, name, value)
            session.commit()
        assert not is_in(client)
        with Session(filled.engine) as session:
            account = find(session, ALICE)
            account.disabled = account.expires = None
            session.commit()


def test_a_permission_taken_away_is_gone_at_the_next_request(app, filled):
    client = sign_in(app, ALICE)
    assert client.get("/supervision/etat", headers=PAGE).status_code == 200
    with Session(filled.engine) as session:
        account = find(session, ALICE)
        account.permissions.clear()
        session.commit()
    assert client.get("/supervision/etat", headers=PAGE).status_code == 403


def test_a_session_ends_when_it_is_not_used_and_at_its_absolute_limit(app, filled, at):
    client = sign_in(app, ALICE)
    at(filled.limits.idle - timedelta(minutes=1))
    assert is_in(client)
    at(filled.limits.idle - timedelta(minutes=1))  # used in between: still open
    assert is_in(client)
    at(filled.limits.idle + timedelta(minutes=1))
    assert not is_in(client)


def test_a_session_used_all_the_time_still_ends(app, filled, at):
    client = sign_in(app, ALICE)
    with Session(filled.engine) as session:
        session.execute(
            sa.update(sessions.LoginSession).values(created=clock.now() - filled.limits.absolute)
        )
        session.commit()
    assert not is_in(client)


def test_failures_make_one_wait_then_the_account_opens_again(app, at):
    client = app.test_client()
    for _n in range(throttle.FREE_FAILURES["email"]):
        assert post(client, "/connexion", email=ALICE, password="wrong").status_code == 401
    blocked = post(client, "/connexion", email=ALICE, password=PASSWORD)
    assert blocked.status_code == 429
    assert "Réessayez dans" in blocked.text
    at(throttle.FIRST_WAIT + timedelta(seconds=1))
    assert post(client, "/connexion", email=ALICE, password=PASSWORD).status_code == 302


def test_failures_of_one_person_do_not_stop_another(app):
    client = app.test_client()
    for _n in range(throttle.FREE_FAILURES["email"] + 1):
        post(client, "/connexion", email=ALICE, password="wrong")
    assert post(client, "/connexion", email="bob@b.example", password=PASSWORD).status_code == 302


def test_an_invitation_lets_one_choose_a_password_once(app, filled):
    with Session(filled.engine) as session:
        token = password_links.make_link(
            session, find(session, ALICE), password_links.LinkKind.INVITATION, clock.now()
        )
    signed_in = sign_in(app, ALICE)
    client = app.test_client()
    path = f"/mot-de-passe/{token}"
    assert client.get(path).status_code == 200
    short = post(client, path, password="court", again="court")
    assert short.status_code == 400
    assert "au moins 12" in short.text
    differ = post(client, path, password="dix mots bien à moi", again="autre chose")
    assert differ.status_code == 400
    done = post(client, path, password="dix mots bien à moi", again="dix mots bien à moi")
    assert done.location == "/connexion?change"
    assert client.get(path).status_code == 410
    assert not is_in(signed_in), "a new password ends the sessions opened with the old one"
    assert sign_in(app, ALICE, "dix mots bien à moi")


def test_no_log_tells_the_token_of_a_link_nor_a_password_hash(app, filled, caplog):
    with Session(filled.engine) as session:
        token = password_links.make_link(
            session, find(session, ALICE), password_links.LinkKind.RESET, clock.now()
        )
    client, path = app.test_client(), f"/mot-de-passe/{token}"
    with caplog.at_level("DEBUG"):
        post(client, path, password="un mot de passe long", again="un autre")
        client.post(path, data={"password": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert token not in caplog.text
    with Session(filled.engine) as session, pytest.raises(sa.exc.IntegrityError) as error:
        session.execute(sa.update(Account).values(email="same", password_hash="$argon2id$hush"))
    assert "argon2id" not in str(error.value)


def test_a_link_expires(app, filled, at):
    with Session(filled.engine) as session:
        token = password_links.make_link(
            session, find(session, ALICE), password_links.LinkKind.RESET, clock.now()
        )
    at(timedelta(hours=1, seconds=1))
    assert app.test_client().get(f"/mot-de-passe/{token}").status_code == 410


@pytest.mark.parametrize("path", ["/connexion", "/_dash-update-component", "/mot-de-passe"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {},
    ],
    ids=str,
)
def test_another_site_cannot_post_here(app, path, headers):
    client = sign_in(app, ALICE)
    assert client.post(path, json={"output": "x"}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "/a\nb",
        "///evil.example",
    ],
)
def test_one_is_sent_back_to_this_site_only(path):
    assert safe_path(path) == ""


def test_one_is_sent_back_to_the_page_that_was_asked(app):
    client = app.test_client()
    asked = client.get("/supervision/etat?etat=down", headers=PAGE)
    assert asked.location == "/connexion?next=%2Fsupervision%2Fetat%3Fetat%3Ddown"
    reply = post(
        client, "/connexion", email=ALICE, password=PASSWORD, next="/supervision/etat?etat=down"
    )
    assert reply.location == "/supervision/etat?etat=down"


def test_sign_ins_and_refusals_are_in_the_audit_log_without_secrets(app, filled):
    client = sign_in(app, "norights@a.example")
    post(app.test_client(), "/connexion", email=ALICE, password="my wrong secret")
    client.get("/supervision/etat", headers=PAGE)
    with Session(filled.engine) as session:
        entries = session.scalars(sa.select(AuditEntry)).all()
        said = {(entry.actor, entry.action) for entry in entries}
        text = " ".join(str(entry.facts) + entry.target for entry in entries)
    assert ("norights@a.example", "sign-in") in said
    assert (ALICE, "sign-in failed") in said
    assert ("norights@a.example", "refused") in said
    assert "secret" not in text
    assert PASSWORD not in text


def test_the_audit_log_can_only_grow(filled):
    audit.write(filled.engine, now=clock.now(), actor="x", action="x")
    with Session(filled.engine) as session:
        entry = session.scalars(sa.select(AuditEntry)).first()
        entry.actor = "someone else"
        with pytest.raises(PermissionError):
            session.flush()
        session.rollback()
        session.delete(session.scalars(sa.select(AuditEntry)).first())
        with pytest.raises(PermissionError):
            session.flush()
