"""Planned works mute nothing: they stand beside the states they touch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.api import Link, PlannedWork, Reason, State, StateChange
from core.host import Host
from core.testing.context import context_of, words
from core.testing.world import NOW
from plugins.supervision import works
from plugins.supervision.tabs import history
from plugins.supervision.tests.changes import ALICE, link_id, own_link

HOUR = timedelta(hours=1)


@pytest.fixture
def cut(filled: Host) -> Host:
    """The installation, a link of which was cut two hours ago while works were planned on it."""
    with context_of(filled, ALICE) as ctx:
        link = own_link(ctx, link_id(ctx))
        place = {"company_id": link.company_id, "site_id": link.site_id}
        id_, service = link.id, link.service_id
    with Session(filled.engine) as session, session.begin():
        of_it = {**place, "service_id": service, "link_id": id_}
        session.add_all(
            [
                StateChange(
                    **of_it, state=State.DOWN, reason=Reason.INTERFACE_DOWN, at=NOW - 2 * HOUR
                ),
                StateChange(**of_it, state=State.UP, reason=Reason.NONE, at=NOW - HOUR / 2),
                PlannedWork(
                    **place, link_id=id_, title="Fibre", starts=NOW - 3 * HOUR, ends=NOW - HOUR
                ),
            ]
        )
    return filled


def shown(host: Host) -> str:
    with context_of(host, ALICE, query={"historique": "main"}) as ctx:
        return words(history(ctx, own_link(ctx, link_id(ctx))))


def test_a_state_that_began_under_works_says_so_and_stays_what_it_was(cut: Host) -> None:
    text = shown(cut)
    assert text.count("travaux planifiés") == 1
    assert text.index("Interrompu", text.index("Motif")) < text.index("travaux planifiés")


def test_works_that_were_cancelled_are_said_no_more(cut: Host) -> None:
    with Session(cut.engine) as session, session.begin():
        session.query(PlannedWork).update({"cancelled": NOW})
    assert "travaux planifiés" not in shown(cut)


def test_works_explain_a_day_and_are_nobody_elses(cut: Host) -> None:
    with context_of(cut, ALICE) as ctx:
        (told,) = works.explained(ctx, own_link(ctx, link_id(ctx)), NOW - 24 * HOUR, NOW)
        assert (told.title, "Fibre" in told.text) == ("Travaux planifiés", True)
        link = own_link(ctx, link_id(ctx))
    with context_of(cut, "bob@b.example") as ctx:
        assert works.explained(ctx, link, NOW - 24 * HOUR, NOW) == []


def test_works_in_progress_are_a_badge_of_their_link_alone(cut: Host) -> None:
    with Session(cut.engine) as session, session.begin():
        session.query(PlannedWork).update({"ends": NOW + HOUR})
    with context_of(cut, ALICE) as ctx:
        link = own_link(ctx, link_id(ctx))
        others = [one for one in ctx.db.all(select(Link)) if one.id != link.id]
        (badge,) = works.badges(ctx, [link, *others])
        assert (badge.link_id, badge.label) == (link.id, "travaux")
