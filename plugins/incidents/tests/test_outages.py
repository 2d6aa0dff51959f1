"""Outages that no ticket and no works account for: found, told, and turned into a ticket."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.api import Link, PlannedWork, Reason, State, StateChange
from core.exports import to_csv
from core.host import Host
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.incidents.address import new_ticket, read
from plugins.incidents.downloads import unexplained
from plugins.incidents.links import causes
from plugins.incidents.models import Ticket
from plugins.incidents.opening import opening
from plugins.incidents.outages import Asked, Outage, outages
from plugins.incidents.outages_pages import listed, of_view

ALICE, LINK = "alice@a.example", "CANARI-A-10-001"
DAY = timedelta(days=1)
LONG_AGO = NOW - timedelta(days=9)


@pytest.fixture
def down(filled: Host) -> Host:
    """A link that was down for 40 minutes nine days ago, over two reasons, and 3 minutes later."""
    with Session(filled.engine) as session:
        link = session.scalars(sa.select(Link).where(Link.reference == LINK)).one()
        of = {"company_id": link.company_id, "site_id": link.site_id,
              "service_id": link.service_id, "link_id": link.id}  # fmt: skip
        told = ((0, State.DOWN, Reason.INTERFACE_DOWN), (10, State.DOWN, Reason.NONE),
                (40, State.UP, Reason.NONE), (100, State.DOWN, Reason.INTERFACE_DOWN),
                (103, State.UP, Reason.NONE))  # fmt: skip
        session.add_all(
            StateChange(**of, at=LONG_AGO + timedelta(minutes=m), state=state, reason=reason)
            for m, state, reason in told
        )
        session.commit()
    return filled


def asked(host: Host, email: str = ALICE, **query: str) -> list[Outage]:
    with context_of(host, email) as ctx:
        wanted = Asked.of(ctx, query)
        return list(of_view(outages(ctx, wanted), wanted.view))


def add(host: Host, make: Any) -> None:
    with Session(host.engine) as session:
        link = session.scalars(sa.select(Link).where(Link.reference == LINK)).one()
        session.add(make(link, {"company_id": link.company_id, "site_id": link.site_id}))
        session.commit()


def ticket(since: datetime | None, opened: datetime, resolved: datetime | None) -> Any:
    def make(link: Link, of: dict[str, Any]) -> Ticket:
        return Ticket(
            **of, link_id=link.id, number="E1", title="Coupure", impact="coupure", severity=1,
            status="clos", since=since, opened=opened, resolved=resolved, opened_by="a",
            opened_name="A",
        )  # fmt: skip

    return make


def test_an_outage_without_a_ticket_is_found_once_whatever_the_reasons_told(down: Host) -> None:
    (one,) = asked(down)
    assert (one.reference, one.start, one.end) == (LINK, LONG_AGO, LONG_AGO + timedelta(minutes=40))
    assert one.why is None
    assert asked(down, email="bob@b.example") == []
    assert asked(down, duree="60") == []
    assert len(asked(down, duree="5")) == 1, "three minutes are never one"
    assert asked(down, au=(LONG_AGO - DAY).date().isoformat()) == []
    assert asked(down, q="aucun-site") == []


@pytest.mark.parametrize(
    ("since", "opened", "resolved", "explains"),
    [
        (None, timedelta(minutes=5), timedelta(minutes=50), True),
        (timedelta(minutes=1), timedelta(hours=3), timedelta(hours=4), True),  # told afterwards
        (None, timedelta(hours=3), timedelta(hours=4), False),
        (None, -timedelta(hours=3), -timedelta(hours=1), False),
        (None, -timedelta(hours=3), None, True),
    ],
)
def test_a_ticket_accounts_for_the_outages_over_which_its_incident_lasts(
    down: Host, since: Any, opened: Any, resolved: Any, explains: bool
) -> None:
    at = [None if delta is None else LONG_AGO + delta for delta in (since, opened, resolved)]
    add(down, ticket(at[0], at[1] or NOW, at[2]))
    assert (asked(down) == []) is explains
    assert any(one.href == "/incidents/E1" for one in asked(down, vue="toutes")) is explains


def test_planned_works_account_for_outages_while_they_last(down: Host) -> None:
    def works(_link: Link, of: dict[str, Any]) -> PlannedWork:
        return PlannedWork(**of, link_id=None, title="Fibre", starts=LONG_AGO - DAY,
                           ends=LONG_AGO + timedelta(minutes=1))  # fmt: skip

    add(down, works)
    assert asked(down) == []
    assert [one.why for one in asked(down, vue="expliquees") if one.reference == LINK] == ["Fibre"]


def test_a_ticket_about_an_outage_is_filled_in(down: Host) -> None:
    with context_of(down, ALICE) as ctx:
        page = words(listed(ctx, {}))
        assert "Ouvrir un ticket" in page
        query = read(new_ticket(LINK, LONG_AGO).partition("?")[2]) | {"encore": "oui"}
        form = opening(ctx, query)
        (text,) = find(form, id="incidents-new-description")
        assert "Relevé par la supervision" in text.value
        assert "coupure du" in text.value
        (since,) = find(form, id="incidents-new-since")
        local = LONG_AGO.astimezone(ctx.zone)
        assert since.value == f"{local:%Y-%m-%dT%H:%M}"
        for wrong in ("1", "x", "99999999999"):
            said = find(opening(ctx, {**query, "coupure": wrong}), id="incidents-new-description")
            assert "coupure du" not in said[0].value


def test_the_list_is_a_file_too(down: Host) -> None:
    with context_of(down, ALICE) as ctx:
        lines = b"".join(to_csv(unexplained(ctx))).decode().splitlines()
    assert len(lines) == 2
    assert LINK in lines[1]


def test_the_history_is_told_how_long_the_incident_of_a_ticket_lasted(down: Host) -> None:
    opened = LONG_AGO + timedelta(minutes=5)
    add(down, ticket(LONG_AGO, opened, LONG_AGO + timedelta(minutes=50)))
    with context_of(down, ALICE) as ctx:
        link = ctx.db.first(sa.select(Link).where(Link.reference == LINK))
        assert link is not None
        found = causes(ctx, [link], LONG_AGO - DAY, LONG_AGO + DAY)
    assert [(one.at, one.until, one.href) for one in found] == [
        (LONG_AGO, LONG_AGO + timedelta(minutes=50), "/incidents/E1")
    ]
