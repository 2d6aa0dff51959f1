"""Planned works mute nothing: they stand beside the states they touch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.api import Link, PlannedWork, Reason, State, StateChange
from core.host import Host
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.supervision import works
from plugins.supervision.tabs import history
from plugins.supervision.tests.changes import ALICE, link_id, own_link

HOUR = timedelta(hours=1)
NOON = (NOW - 24 * HOUR).replace(hour=12, minute=0, second=0)
"""Far from midnight, where what lasts would be of two days."""


@pytest.fixture
def cut(filled: Host) -> Host:
    """The installation, a link of which was cut two hours ago while works were planned on it."""
    with context_of(filled, ALICE, now=NOON) as ctx:
        link = own_link(ctx, link_id(ctx))
        place = {"company_id": link.company_id, "site_id": link.site_id}
        id_, service = link.id, link.service_id
    with Session(filled.engine) as session, session.begin():
        of_it = {**place, "service_id": service, "link_id": id_}
        session.add_all(
            [
                StateChange(
                    **of_it, state=State.DOWN, reason=Reason.INTERFACE_DOWN, at=NOON - 2 * HOUR
                ),
                StateChange(**of_it, state=State.UP, reason=Reason.NONE, at=NOON - HOUR / 2),
                PlannedWork(
                    **place, link_id=id_, title="Fibre", starts=NOON - 3 * HOUR, ends=NOON - HOUR
                ),
            ]
        )
    return filled


def shown(host: Host) -> str:
    with context_of(host, ALICE, now=NOON, query={"historique": "main"}) as ctx:
        return words(history(ctx, own_link(ctx, link_id(ctx))))


def test_a_state_that_began_under_works_says_so_and_stays_what_it_was(cut: Host) -> None:
    text = shown(cut)
    assert text.count("travaux planifiés") == 1
    assert text.index("Interrompu", text.index("Motif")) < text.index("travaux planifiés")


def test_works_that_were_cancelled_are_said_no_more(cut: Host) -> None:
    with Session(cut.engine) as session, session.begin():
        session.query(PlannedWork).update({"cancelled": NOON})
    assert "travaux planifiés" not in shown(cut)


def test_works_explain_a_day_and_are_nobody_elses(cut: Host) -> None:
    with context_of(cut, ALICE, now=NOON) as ctx:
        (told,) = works.explained(ctx, own_link(ctx, link_id(ctx)), NOON - 24 * HOUR, NOON)
        assert (told.title, "Fibre" in told.text) == ("Travaux planifiés", True)
        link = own_link(ctx, link_id(ctx))
    with context_of(cut, "bob@b.example", now=NOON) as ctx:
        assert works.explained(ctx, link, NOON - 24 * HOUR, NOON) == []


def test_works_in_progress_are_a_badge_of_their_link_alone(cut: Host) -> None:
    with Session(cut.engine) as session, session.begin():
        announced = ~PlannedWork.title.startswith("CANARI")  # not those of the world, long over
        session.query(PlannedWork).filter(announced).update({"ends": NOON + HOUR})
    with context_of(cut, ALICE, now=NOON) as ctx:
        link = own_link(ctx, link_id(ctx))
        others = [one for one in ctx.db.all(select(Link)) if one.id != link.id]
        (badge,) = works.badges(ctx, [link, *others])
        assert (badge.link_id, badge.label) == (link.id, "travaux")


def lines(host: Host, **query: str) -> dict[str, Any]:
    """Return the lines of the ribbon by their first word, and the whole tab under « all »."""
    with context_of(host, ALICE, now=NOON, query=query) as ctx:
        shown = history(ctx, own_link(ctx, link_id(ctx)))
    rows = find(shown, className="ribbon-row")
    return {"all": shown, **{words(row).split(" ")[0]: row for row in rows}}


def marked(row: Any) -> list[str]:
    """Return the classes of the days that a line marks with works."""
    classes = [getattr(one, "className", "") or "" for one in find(row)]
    return [css for css in classes if "works" in css.split()]


def test_works_are_drawn_under_their_day_on_the_line_they_touch_alone(cut: Host) -> None:
    shown = lines(cut)
    for name in ("Service", "Principale"):
        assert len(marked(shown[name])) == 1
        assert "Travaux planifiés sur 1 jour." in words(shown[name]), "for a screen reader"
    assert marked(shown["Principale"]) == ["down works"], "marked, and red all the same"
    assert not marked(shown["Secondaire"])
    assert "Travaux planifiés sur" not in words(shown["Secondaire"])
    assert find(shown["all"], className="works-key"), "the legend names the mark"
    (link,) = [one for one in find(shown["Principale"]) if getattr(one, "href", None)]
    assert "travaux planifiés (Fibre)" in getattr(link, "aria-label")


def test_a_day_of_works_without_a_change_opens_and_explains_itself_once(cut: Host) -> None:
    with Session(cut.engine) as session, session.begin():
        session.query(StateChange).delete()
        of_the_site: dict[Any, Any] = {
            "starts": NOON - 49 * HOUR,
            "ends": NOON - 48 * HOUR,
            "link_id": None,
        }
        session.query(PlannedWork).update(of_the_site)
    day = (NOON - 48 * HOUR - HOUR / 2).astimezone(ZoneInfo("Europe/Paris")).date().isoformat()
    shown = lines(cut)
    assert marked(shown["Secondaire"]), "works on a site are on each link"
    links = [one.href for one in find(shown["Service"]) if getattr(one, "href", None)]
    assert any(f"jour={day}" in href for href in links)
    (opened,) = find(lines(cut, historique="service", jour=day)["all"], id="supervision-day")
    assert words(opened).count("Fibre") == 1, "told once, not for each link"


def test_without_works_the_ribbon_says_nothing_of_them(cut: Host) -> None:
    with Session(cut.engine) as session, session.begin():
        session.query(PlannedWork).delete()
    shown = lines(cut)["all"]
    assert not find(shown, className="works-key")
    assert not find(shown, className="ribbon has-works")
