"""A wall: its token alone opens it, it shows its own scope, and it ends at its next request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, password_links, sessions, throttle, walls
from core.access import Reach
from core.accounts import Account, AccountKind, find, people
from core.audit import AuditEntry
from core.db import Company, ScopeGrant
from core.network.inventory import Service
from core.network.status import Reason, State
from core.scenes import Lines, Scene
from core.secrets import digest
from core.testing.fixtures import PAGE, SAME_SITE
from core.testing.world import NOW
from core.web.app import create_app
from core.web.wall import BURST, PER_SECOND, Bucket

KEYS = ("supervision:read", "consommations:read")
SCENES = (
    "supervision.voyants",
    "supervision.carte",
    "consommations.charges",
    "supervision.changements",
)


@pytest.fixture
def app(filled, monkeypatch):
    """The application on two tenants, at the time at which everything was measured."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return create_app(filled)


def customer_of(host, letter):
    with Session(host.engine) as session:
        query = sa.select(Company.customer_id).where(Company.name.like(f"CANARI-{letter}%"))
        return session.scalars(query).first()


def make(host, letter="A", *, scope=None, **more):
    """Make a wall of a customer; return its number and its address."""
    customer = customer_of(host, letter)
    plan = walls.Plan(
        name=f"Mur {letter}",
        scope=scope or [(Reach.CUSTOMER, customer)],
        customer_id=customer,
        permissions=KEYS,
        **more,
    )
    with Session(host.engine) as session:
        wall, token = walls.make(session, plan, by="staff@operator.example", now=NOW)
        session.commit()
        return wall.id, f"/mur/{token}"


def state(client, address, scene=""):
    reply = client.get(f"{address}/etat?scene={scene}")
    assert reply.status_code == 200, reply.text
    return reply.json


def test_a_wall_shows_its_customer_and_nothing_of_another(app, filled):
    _id, address = make(filled, "B")
    client = app.test_client()
    said = client.get(address, headers=PAGE).text
    for scene in SCENES:
        told = state(client, address, scene)
        assert told["scene"]["id"] == scene
        said += str(told)
    assert "CANARI-B site 11" in said
    assert "CANARI-A" not in said
    assert told["where"] == "3 sites"
    assert [row[1] for row in told["counts"]] == ["1", "0", "0", "2"]


def test_a_wall_of_one_site_shows_that_site_alone(app, filled):
    with Session(filled.engine) as session:
        site = session.scalars(sa.select(Service.site_id)).first()
    _id, address = make(filled, "A", scope=[(Reach.SITE, site)])
    told = state(app.test_client(), address)
    assert (told["where"], told["scene"]["total"]) == ("1 site", 1)
    assert "site 11" not in str(told)


def test_the_tenant_of_the_operator_is_everybody(app, filled):
    _id, address = make(filled, "A", scope=[(Reach.OPERATOR, None)])
    told = str(state(app.test_client(), address))
    assert "CANARI-A" in told
    assert "CANARI-B" in told


def test_no_cookie_is_set_and_a_cookie_opens_no_wall(app, filled):
    _id, address = make(filled)
    client = app.test_client()
    for path in (address, f"{address}/etat"):
        reply = client.get(path, headers=PAGE)
        assert reply.status_code == 200
        assert "Set-Cookie" not in reply.headers
        assert reply.headers["Cache-Control"] == "no-store"


def test_the_token_opens_the_wall_and_no_page(app, filled):
    _id, address = make(filled)
    token = address.rpartition("/")[2]
    client = app.test_client()
    client.set_cookie("balise_session", token)
    client.set_cookie("__Host-balise_session", token)
    assert client.get("/_dash-layout").status_code == 401
    assert client.get("/supervision/etat", headers=PAGE).status_code == 302
    assert client.post(f"{address}/etat", headers=SAME_SITE).status_code == 405


def test_revoked_expired_and_forged_are_answered_exactly_alike(app, filled, monkeypatch):
    revoked_id, revoked = make(filled)
    _id, expired = make(filled, expires=NOW + timedelta(hours=1))
    client = app.test_client()
    assert client.get(f"{expired}/etat").status_code == 200
    with Session(filled.engine) as session:
        walls.revoke(session, revoked_id, NOW)
        session.commit()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=2))
    said = set()
    for address in (revoked, expired, f"/mur/{'x' * 43}", "/mur/court"):
        replies = [client.get(address, headers=PAGE), client.get(f"{address}/etat")]
        text = " ".join(reply.text for reply in replies).replace(address, "@")
        said.add(re.sub(r"\b[0-9a-f]{8}\b", "reference", text))
        assert [reply.status_code for reply in replies] == [404, 404]
        assert "CANARI" not in text
    assert len(said) == 1
    assert "Lien inconnu ou révoqué" in said.pop()


def test_revoking_counts_from_the_next_request(app, filled):
    id_, address = make(filled)
    client = app.test_client()
    assert client.get(f"{address}/etat").status_code == 200
    with Session(filled.engine) as session:
        walls.revoke(session, id_, NOW)
        session.commit()
        assert walls.in_use(session) == []
    assert client.get(f"{address}/etat").status_code == 404


def test_a_permission_taken_away_takes_its_scenes_at_the_next_request(app, filled):
    _id, address = make(filled)
    client = app.test_client()
    assert len(state(client, address)["scenes"]) == 4
    with Session(filled.engine) as session:
        wall = walls.in_use(session)[0]
        wall.account.permissions = [p for p in wall.account.permissions if p.key == KEYS[1]]
        session.commit()
    assert state(client, address)["scenes"] == [["consommations.charges", "Liens les plus chargés"]]


def test_guessing_tokens_has_to_wait_and_good_walls_do_not(app, filled):
    _id, address = make(filled)
    client = app.test_client()
    codes = [client.get(f"/mur/{n:043}/etat").status_code for n in range(40)]
    free = throttle.FREE_FAILURES["address"]
    assert codes == [404] * free + [429] * (40 - free)
    assert client.get(f"/mur/{0:043}").headers["Retry-After"].isdigit()
    assert client.get(f"{address}/etat").status_code == 200


def test_a_wall_asks_as_often_as_its_screens_need_and_no_more():
    bucket = Bucket()
    taken = sum(bucket.take(1, 0.0) for _n in range(1000))
    assert taken == BURST
    assert not bucket.take(1, 0.0)
    assert bucket.take(2, 0.0)  # another wall has its own
    assert sum(bucket.take(1, 10.0) for _n in range(1000)) == 10 * PER_SECOND


def test_the_token_is_kept_nowhere(app, filled):
    _id, address = make(filled)
    token = address.rpartition("/")[2]
    assert len(token) == 43
    app.test_client().get(f"{address}/etat")
    kept = b"".join(path.read_bytes() for path in filled.config.data.iterdir() if path.is_file())
    assert token.encode() not in kept
    assert digest(token).encode() in kept


def test_the_account_of_a_wall_never_signs_in_and_is_in_no_list(app, filled):
    make(filled)
    with Session(filled.engine) as session:
        account = session.scalars(sa.select(Account).where(Account.kind == AccountKind.WALL)).one()
        email = account.email
        assert find(session, email) is None
        assert account not in session.scalars(people()).all()
        # Not even with a password, a link, or a session that some mistake gave it.
        account.password_hash = session.scalars(
            sa.select(Account.password_hash).where(Account.kind == AccountKind.PERSON)
        ).first()
        session.commit()
        link = password_links.make_link(session, account, password_links.LinkKind.RESET, NOW)
        assert password_links.open_link(session, link, NOW) is None
        cookie = sessions.open_session(session, account, "::1", "x", NOW)
    assert sessions.who(filled.engine, cookie, filled.limits, NOW) is None
    reply = app.test_client().post(
        "/connexion", data={"email": email, "password": "sept chevaux bleus"}, headers=SAME_SITE
    )
    assert reply.status_code == 401


def test_nothing_new_is_304_with_the_times_and_a_change_is_told(app, filled):
    _id, address = make(filled)
    client = app.test_client()
    first = client.get(f"{address}/etat", headers={"Accept-Encoding": "gzip"})
    tag = first.headers["ETag"]
    again = client.get(f"{address}/etat", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("X-Balise-Now", "X-Balise-Read", "X-Balise-Collected"):
        assert float(again.headers[name]) == float(first.headers[name]) > 0
    with Session(filled.engine) as session:
        service = session.scalars(sa.select(Service).where(Service.state == State.UP)).first()
        for part in (service, *service.links):
            part.state, part.reason, part.since = State.DOWN, Reason.INTERFACE_DOWN, NOW
        changed = service.id
        session.commit()
    other = client.get(f"{address}/etat", headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert changed in other.json["down"]


def test_measures_that_are_too_old_are_grey_and_never_green(app, filled, monkeypatch):
    _id, address = make(filled)
    later = NOW + timedelta(seconds=filled.stale_after + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    reply = app.test_client().get(f"{address}/etat")
    assert [row[1] for row in reply.json["counts"]] == ["0", "0", "3", "0"]
    told = (float(reply.headers[f"X-Balise-{name}"]) for name in ("Now", "Collected"))
    assert next(told) - next(told) > filled.stale_after


def test_a_scope_that_became_empty_is_said_in_words(app, filled):
    _id, address = make(filled)
    with Session(filled.engine) as session:
        session.execute(sa.delete(ScopeGrant).where(ScopeGrant.reach == Reach.CUSTOMER))
        session.commit()
    client = app.test_client()
    told = state(client, address)
    assert (told["empty"], told["where"], told["down"]) == (True, "0 site", [])
    assert "Aucun service dans ce mur" in client.get(address, headers=PAGE).text


def test_a_scene_that_breaks_costs_itself_only(app, filled):
    def broken():
        raise RuntimeError("broken scene")

    shown = Scene("bon", "Bon", lambda: Lines("Bon", []), order=1)
    scenes = [Scene("casse", "Cassée", broken), shown]
    filled.registry.answering.hooks["supervision"] = {"wall_scenes": lambda ctx: scenes}
    _id, address = make(filled)
    client = app.test_client()
    assert state(client, address)["scene"]["kind"] == "lines"
    failed = state(client, address, "supervision.casse")
    assert failed["scene"] == {"id": "supervision.casse", "kind": "failed", "title": "Cassée"}
    assert failed["counts"][0][1] == "1"


def test_a_wall_speaks_its_own_language_whatever_the_cookie(app, filled):
    _id, address = make(filled, language="en")
    client = app.test_client()
    client.set_cookie("langue", "fr")
    assert '<html lang="en"' in client.get(address, headers=PAGE).text
    assert state(client, address)["counts"][0][2] != "Interrompu"


def test_being_shown_is_noted_once_a_minute(app, filled, monkeypatch):
    id_, address = make(filled)
    client = app.test_client()

    def seen():
        with Session(filled.engine) as session:
            return session.get_one(walls.Wall, id_).seen

    assert seen() is None
    client.get(f"{address}/etat")
    assert seen() == NOW
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=30))
    client.get(f"{address}/etat")
    assert seen() == NOW
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=61))
    client.get(f"{address}/etat")
    assert seen() == NOW + timedelta(seconds=61)


def test_tokens_stay_out_of_the_audit_log(app, filled):
    _id, address = make(filled)
    app.test_client().get(f"{address}/etat")
    with Session(filled.engine) as session:
        lines = [str(vars(line)) for line in session.scalars(sa.select(AuditEntry))]
    assert address.rpartition("/")[2] not in " ".join(lines)
