"""The operator's administrators in the place of a customer: its rows alone, both names noted."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, jobs
from core.accounts import Account
from core.audit import AuditEntry
from core.db import Customer
from core.job_runner import Runner
from core.sessions import LoginSession
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.world import NOW
from core.web.app import create_app

STAFF = "staff@operator.example"
LIST = "/supervision/etat/export.csv"


@pytest.fixture
def now(monkeypatch):
    """``now.later(minutes)``: the clock of the host, from here on."""

    class Now:
        at = NOW

        def later(self, minutes):
            self.at += timedelta(minutes=minutes)

    kept = Now()
    monkeypatch.setattr(clock, "now", lambda: kept.at)
    return kept


@pytest.fixture
def app(filled, now):
    return create_app(filled)


def customer(host, letter):
    with Session(host.engine) as session:
        return session.scalar(sa.select(Customer.id).where(Customer.name.like(f"CANARI-{letter}%")))


def act(client, customer_id):
    return client.post(f"/agir/{customer_id}", headers=SAME_SITE)


def sees(client):
    """Return the letters of the customers whose rows a list of services holds."""
    text = client.get(LIST).text
    return {letter for letter in "AB" if f"CANARI-{letter}" in text}


def layout(client):
    return client.get("/_dash-layout").text


def test_one_sees_the_rows_of_that_customer_alone_until_one_ends_it(app, filled):
    client = sign_in(app, STAFF)
    assert sees(client) == {"A", "B"}
    assert act(client, customer(filled, "A")).status_code == 303
    assert sees(client) == {"A"}
    assert "CANARI-A client" in layout(client)
    assert "Ne plus agir" in layout(client)
    assert client.post("/agir/fin", headers=SAME_SITE).status_code == 303
    assert sees(client) == {"A", "B"}
    assert "Ne plus agir" not in layout(client)


def test_it_ends_after_an_hour_and_at_the_sign_out(app, filled, now):
    client = sign_in(app, STAFF)
    act(client, customer(filled, "A"))
    now.later(59)
    assert sees(client) == {"A"}
    now.later(2)
    assert sees(client) == {"A", "B"}
    act(client, customer(filled, "A"))
    client.get("/deconnexion", headers=SAME_SITE)
    assert client.get(LIST).status_code == 401
    assert sees(sign_in(app, STAFF)) == {"A", "B"}


def test_another_session_of_the_same_person_is_not_acting(app, filled):
    one, other = sign_in(app, STAFF), sign_in(app, STAFF)
    act(one, customer(filled, "A"))
    assert (sees(one), sees(other)) == ({"A"}, {"A", "B"})


@pytest.mark.parametrize("name", ["alice@a.example", "admin@a.example", "norights@a.example"])
def test_nobody_but_the_operators_administrators_acts_for_a_customer(app, filled, name):
    client = sign_in(app, name)
    assert act(client, customer(filled, "B")).status_code == 403
    assert act(client, customer(filled, "A")).status_code == 403
    with Session(filled.engine) as session:  # even were the row of the session altered
        session.execute(
            sa.update(LoginSession).values(
                acting_for=customer(filled, "B"), acting_until=NOW + timedelta(hours=1)
            )
        )
        session.commit()
    reply = client.get(LIST)
    assert "CANARI-B" not in reply.text


def test_a_customer_that_does_not_exist_is_not_found_and_get_does_nothing(app, filled):
    client = sign_in(app, STAFF)
    assert act(client, 999).status_code == 404
    assert client.get(f"/agir/{customer(filled, 'A')}").status_code in (404, 405)
    assert client.post(f"/agir/{customer(filled, 'A')}").status_code == 403  # from another site
    assert sees(client) == {"A", "B"}


def test_one_has_no_right_of_the_operators_while_one_acts(app, filled):
    client = sign_in(app, STAFF)
    operators = ["/sante", "/imports", "/murs", "/collecte"]
    assert [client.get(path, headers=PAGE).status_code for path in operators] == [200] * 4
    act(client, customer(filled, "A"))
    assert [client.get(path, headers=PAGE).status_code for path in operators] == [403] * 4
    assert act(client, customer(filled, "B")).status_code == 403  # end it first


def test_ones_own_account_is_out_of_reach_while_one_acts(app, filled):
    """Its password, its second step, its sessions: a customer's band is no place for them."""
    client = sign_in(app, STAFF)
    assert client.get("/compte", headers=PAGE).status_code == 200
    act(client, customer(filled, "A"))
    assert client.get("/compte", headers=PAGE).status_code == 403
    rules, _pages, _dash = app.extensions["balise"]
    assert len(rules.personal) >= 6
    for rule in app.url_map.iter_rules():
        if rule.endpoint in rules.personal:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                reply = client.open(str(rule), method=method, headers=SAME_SITE)
                assert reply.status_code == 403, (rule, method)


def test_each_line_of_the_log_holds_who_acted_and_for_whom(app, filled):
    a = customer(filled, "A")
    client = sign_in(app, STAFF)
    act(client, a)
    client.get(LIST)
    client.get("/sante", headers=PAGE)
    client.post("/agir/fin", headers=SAME_SITE)
    client.get(LIST)
    with Session(filled.engine) as session:
        query = sa.select(AuditEntry).where(AuditEntry.actor == STAFF).order_by(AuditEntry.id)
        said = [(e.action, e.customer_id, e.acting) for e in session.scalars(query)]
    assert said == [
        ("sign-in", None, False),
        ("acting begun", a, True),
        ("exported", a, True),
        ("refused", a, True),
        ("acting ended", a, True),
        ("exported", None, False),
    ]


def test_a_job_ordered_for_a_customer_holds_its_rows_alone_and_is_found_again_there(app, filled):
    a = customer(filled, "A")
    with Session(filled.engine) as session:
        account = session.scalar(sa.select(Account.id).where(Account.email == STAFF))
    granted = frozenset(filled.registry.permissions())
    month = f"{NOW:%Y-%m}"
    desk = filled.desk(account, granted, NOW, a)
    made = desk.order("consommations.report", "r.csv", month=month, form="csv")
    runner = Runner(filled)
    with runner.alone():
        runner.step()
    file = desk.file(made.id)
    assert file is not None, desk.find(made.id)
    text = file.read_text()
    assert "CANARI-A" in text
    assert "CANARI-B" not in text
    own = filled.desk(account, granted, NOW)
    assert (own.mine(), own.file(made.id), own.delete(made.id)) == ([], None, False)
    assert [job.id for job in desk.mine()] == [made.id]
    assert jobs.JobState.DONE is desk.mine()[0].state
