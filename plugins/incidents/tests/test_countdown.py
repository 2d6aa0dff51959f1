"""What is left of the time to restore runs down on pages, and stands while the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.api import PlannedWork
from core.host import Host
from core.testing.context import context_of, find, words
from plugins.incidents.address import Asked
from plugins.incidents.clock import clocks
from plugins.incidents.life import Status, Stop
from plugins.incidents.listing import Listing
from plugins.incidents.models import LinkContract, Ticket, TicketPause
from plugins.incidents.queries import find as ticket_of
from plugins.incidents.ticket_pages import whole

ALICE, NUMBER = "alice@a.example", "CANARI-A-10-000"
PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    """Return « 24/11 08:24 » of 2026, by a watch in Paris, as UTC."""
    local = datetime.strptime(f"{text} 2026", "%d/%m %H:%M %Y").replace(tzinfo=PARIS)
    return local.astimezone(UTC)


def opened(
    host: Host, moment: str, profile: str, works: tuple[str, str] | None = None,
    waits: str | None = None,
) -> None:  # fmt: skip
    """Let the ticket have been opened at a moment, under a contract; it waits since another."""
    with Session(host.engine) as session:
        ticket = session.scalars(sa.select(Ticket).where(Ticket.number == NUMBER)).one()
        ticket.opened, ticket.status = at(moment), Status.OPEN
        of = {"company_id": ticket.company_id, "site_id": ticket.site_id}
        for pause in list(ticket.pauses):
            session.delete(pause)
        session.flush()
        if waits:
            ticket.status = Status.WAITING
            session.add(TicketPause(**of, ticket_id=ticket.id, start=at(waits), end=None,
                                    reason=Stop.CUSTOMER))  # fmt: skip
        contract = session.scalars(
            sa.select(LinkContract).where(LinkContract.link_id == ticket.link_id)
        ).one()
        contract.profile = profile
        if works:
            session.add(PlannedWork(**of, link_id=ticket.link_id, title="Fibre",
                                    starts=at(works[0]), ends=at(works[1])))  # fmt: skip
        session.commit()


def shown(host: Host, now: str) -> tuple[Any, str]:
    """Return the attributes of what ticks, None for nothing, and the words of the page."""
    with context_of(host, ALICE, now=at(now)) as ctx:
        ticket = ticket_of(ctx, NUMBER)
        assert ticket is not None
        page = whole(ctx, ticket, {})
        listed = Listing.of(ctx, Asked()).table()
        assert ctx.zone == PARIS
        (gtr,) = find(page, className="card pad gtr")
        ticks = [
            {name: value for name, value in one.to_plotly_json()["props"].items() if "-" in name}
            for one in find([gtr])
            if any(f"data-{name}" in one.to_plotly_json()["props"] for name in ("since", "until"))
        ]
        in_list = words(listed)
    return (ticks[0] if ticks else None), words(gtr) + in_list


def seconds(moment: str) -> str:
    return str(int(at(moment).timestamp()))


ROUND, OFFICE = "gtr4-24x7", "gtr4-ho"


@pytest.mark.parametrize(
    ("moment", "profile", "now", "ticking"),
    [
        ("24/11 08:00", ROUND, "24/11 10:30", {"until": "24/11 12:00"}),
        ("24/11 16:00", OFFICE, "24/11 17:00", {"until": "24/11 20:00", "stops": "24/11 18:00"}),
        ("24/11 16:00", OFFICE, "24/11 19:00", None),
        ("24/11 16:00", OFFICE, "25/11 09:00", {"until": "25/11 10:00", "stops": "25/11 18:00"}),
        ("24/11 08:00", ROUND, "24/11 13:00", {"since": "24/11 12:00"}),
    ],
)
def test_the_time_left_runs_down_until_the_clock_stands(
    filled: Host, moment: str, profile: str, now: str, ticking: dict[str, str] | None
) -> None:
    opened(filled, moment, profile)
    found, said = shown(filled, now)
    if ticking is None:
        assert found is None
        assert "hors heures" in said
        return
    assert found is not None
    for name, expected in ticking.items():
        assert found[f"data-{name}"] == seconds(expected), name


def test_works_to_come_stop_the_time_left(filled: Host) -> None:
    opened(filled, "24/11 20:00", ROUND, works=("24/11 22:00", "25/11 02:00"))
    found, _said = shown(filled, "24/11 21:00")
    assert found is not None
    assert (found["data-until"], found["data-stops"]) == (
        seconds("25/11 00:00"), seconds("24/11 22:00"),
    )  # fmt: skip


def test_nothing_runs_while_the_customer_is_waited_for(filled: Host) -> None:
    opened(filled, "24/11 08:00", ROUND, waits="24/11 09:00")
    found, said = shown(filled, "24/11 11:00")
    assert found is None
    assert "horloge arrêtée" in said
    with context_of(filled, ALICE, now=at("24/11 11:00")) as ctx:
        ticket = ticket_of(ctx, NUMBER)
        assert ticket is not None
        clock = clocks(ctx, [ticket])[ticket.id]
    assert (clock.left, clock.stops) == (timedelta(hours=3), None)
