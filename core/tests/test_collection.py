"""« Collecte »: the operator sees which routers fail, why, since when; which process stopped."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core.network.collection import NOT_READ, CollectorState, DeviceHealth, collection
from core.network.inventory import Device, Link
from core.testing.fixtures import PAGE, sign_in
from core.testing.replay import routed
from core.testing.world import NOW
from core.web.app import create_app

pytestmark = pytest.mark.usefixtures("at_now")
STALE = 90


@pytest.fixture
def routers(filled):
    """Ids and names of the routers, all of them read just now."""
    with Session(filled.engine) as session:
        return [(device.id, device.name) for device in session.query(Device)]


def tell(host, device_id, outcome, detail="", *, minutes=12, backed_off=False):
    since = NOW - timedelta(minutes=minutes)
    with Session(host.engine) as session, session.begin():
        session.merge(
            DeviceHealth(
                device_id=device_id, outcome=outcome, detail=detail, since=since,
                backed_off=backed_off,
            )
        )  # fmt: skip


def seen(host, now=NOW):
    return collection(host.engine, host.metrics.freshness(), now, STALE)


def page(host, path="/collecte"):
    client = sign_in(create_app(host), "staff@operator.example")
    reply = routed(client, path)
    assert reply.status_code == 200
    return json.dumps(reply.get_json(), ensure_ascii=False)


def test_routers_that_answer_are_no_trouble(filled, routers) -> None:
    tell(filled, routers[0][0], "ok")
    found = seen(filled)
    assert (found.devices, found.troubles) == (len(routers), [])


def test_a_router_that_fails_is_named_with_why_and_since_when(filled, routers) -> None:
    tell(filled, routers[0][0], "bad_answer", "OIDs do not increase", minutes=12)
    (trouble,) = seen(filled).troubles
    assert (trouble.device_id, trouble.outcome) == (routers[0][0], "bad_answer")
    assert trouble.detail == "OIDs do not increase"
    assert trouble.since == NOW - timedelta(minutes=12)


def test_a_router_nobody_reads_any_more_is_named_whatever_its_last_visit_said(
    filled, routers
) -> None:
    tell(filled, routers[0][0], "ok")
    later = NOW + timedelta(seconds=STALE + 1)
    found = seen(filled, later)
    assert found.counts() == {NOT_READ: len(routers)}
    assert {trouble.read_at for trouble in found.troubles} == {NOW}


def test_the_one_in_trouble_the_longest_comes_first(filled, routers) -> None:
    tell(filled, routers[0][0], "timeout", minutes=5)
    tell(filled, routers[1][0], "timeout", minutes=50)
    assert [t.device_id for t in seen(filled).troubles] == [routers[1][0], routers[0][0]]


def test_a_router_without_links_is_not_read_and_not_counted(filled, routers) -> None:
    with Session(filled.engine) as session, session.begin():
        session.query(Link).filter(Link.device_id == routers[0][0]).update({"device_id": None})
    tell(filled, routers[0][0], "timeout")
    assert (seen(filled).devices, seen(filled).troubles) == (len(routers) - 1, [])


def test_the_page_tells_the_operator_why_a_router_fails(filled, routers) -> None:
    tell(filled, routers[0][0], "auth", backed_off=True)
    text = page(filled)
    assert "Identifiants refusés" in text
    assert "sondé de loin en loin" in text
    assert "1 routeur en défaut" in text


def test_a_process_that_tells_nothing_any_more_is_shown_as_stopped(filled) -> None:
    with Session(filled.engine) as session, session.begin():
        for name, minutes in (("0/2", 0), ("1/2", 9)):
            session.add(
                CollectorState(
                    name=name, pid=4, engine="easysnmp", started=NOW - timedelta(hours=1),
                    at=NOW - timedelta(minutes=minutes), numbers={"gaps": {"reboot": 3}},
                )
            )  # fmt: skip
    text = page(filled)
    assert text.count("arrêté : rien reçu depuis") == 1


def test_customers_have_no_such_page(filled) -> None:
    app = create_app(filled)
    for email in ("alice@a.example", "onesite@a.example"):
        assert sign_in(app, email).get("/collecte", headers=PAGE).status_code == 403
