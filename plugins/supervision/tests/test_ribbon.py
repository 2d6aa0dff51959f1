"""« 90 derniers jours »: what each day shows, what is opened, and who explains it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.api import Explanation, Link, Reason, State, StateChange
from core.host import Host
from core.testing.context import context_of, find, words
from core.testing.files import csv_rows
from core.testing.fixtures import sign_in
from core.testing.world import NOW
from core.web.app import create_app
from plugins.supervision.periods import lines_of, links_of
from plugins.supervision.tabs import history
from plugins.supervision.tests.changes import ALICE, MAIN

DAY = timedelta(days=1)


def past(host: Host, *changes: tuple[timedelta, State, Reason]) -> None:
    """Give the main link of the first service these changes, so long ago, and no other."""
    with Session(host.engine) as session:
        link = session.scalars(select(Link).where(Link.reference == MAIN)).one()
        session.execute(delete(StateChange).where(StateChange.service_id == link.service_id))
        of = {"company_id": link.company_id, "site_id": link.site_id}
        for ago, state, reason in changes:
            change = {"service_id": link.service_id, "at": NOW - ago, "state": state}
            session.add(StateChange(**of, **change, reason=reason, link_id=link.id))
        session.commit()


def tab(host: Host, *, now: datetime = NOW, **query: str) -> Any:
    with context_of(host, ALICE, now=now, query=query) as ctx:
        link = ctx.db.first(select(Link).where(Link.reference == MAIN))
        assert link is not None
        return history(ctx, link)


@pytest.fixture
def broken(filled: Host) -> Host:
    """Up for a hundred days, but for an hour thirty days ago."""
    past(
        filled,
        (100 * DAY, State.UP, Reason.NONE),
        (30 * DAY, State.DOWN, Reason.INTERFACE_DOWN),
        (30 * DAY - timedelta(hours=1), State.UP, Reason.NONE),
    )
    return filled


def row(component: Any, name: str) -> Any:
    return next(one for one in find(component, className="ribbon-row") if name in words(one))


def test_a_service_and_each_link_have_a_line_of_ninety_days(broken: Host) -> None:
    shown = tab(broken)
    lines = find(shown, className="ribbon")
    assert [len(line.children) - 1 for line in lines] == [90, 90, 90]
    assert [getattr(line, "aria-label").split(" :")[0] for line in lines] == [
        "Service", f"Principale · {MAIN}", "Secondaire · CANARI-A-10-001",
    ]  # fmt: skip


def test_availability_is_never_rounded_up_and_is_said_to_be_technical(broken: Host) -> None:
    shown = tab(broken)
    said = words(row(shown, "Principale")).replace("\u202f", " ")
    assert "99,95 %" in said, "one hour of ninety days, rounded down"
    assert "Jours : 1 interrompu, 89 fonctionnels." in said
    assert "indéterminé" not in said
    assert "N/A" in words(row(shown, "Secondaire")), "nothing is known of it"
    assert "mesurée et non contractuelle" in words(shown)


def test_a_day_on_which_something_happened_opens_and_the_others_do_not(broken: Host) -> None:
    main = row(tab(broken), "Principale")
    (link,) = [one for one in find(main) if getattr(one, "href", None)]
    day = (NOW - 30 * DAY).astimezone(ZoneInfo("Europe/Paris")).date()
    assert f"jour={day:%Y-%m}" in link.href
    assert "historique=main" in link.href
    assert "Interrompu" in getattr(link, "aria-label")
    pointed = [one for one in find(main) if getattr(one, "data-go", None)]
    assert len(pointed) <= 1, "if the hour ran over midnight"


def test_days_that_are_near_each_other_are_one_stop_of_the_keyboard(filled: Host) -> None:
    past(
        filled,
        (100 * DAY, State.UP, Reason.NONE),
        *((n * DAY, (State.UP, State.DOWN)[n % 2], Reason.NONE) for n in range(20, 9, -1)),
    )
    main = row(tab(filled), "Principale")
    links = [one for one in find(main) if getattr(one, "href", None)]
    pointed = [one for one in find(main) if getattr(one, "data-go", None)]
    assert len(links) >= 2
    assert len(links) + len(pointed) >= 11, "each of them opens by the pointer"
    days = sorted(date.fromisoformat(one.href.rpartition("jour=")[2]) for one in links)
    assert all(after - before >= 7 * DAY for before, after in pairwise(days))


def test_an_opened_day_tells_its_changes_and_their_reasons(broken: Host) -> None:
    with context_of(broken, ALICE) as ctx:
        day = (NOW - 30 * DAY).astimezone(ctx.zone).date()
    (opened,) = find(tab(broken, historique="main", jour=day.isoformat()), id="supervision-day")
    text = words(opened)
    for said in ("Interrompu", "Interface hors service", "00:00:00", f"Principale · {MAIN}"):
        assert said in text
    assert "Ce qui l’explique" in text


@pytest.mark.parametrize("jour", ["", "hier", "2026-13-45", "1999-01-01", "9999-12-31", "x" * 64])
def test_a_day_that_makes_no_sense_opens_none(broken: Host, jour: str) -> None:
    shown = tab(broken, historique="main", jour=jour)
    assert not find(shown, id="supervision-day")
    assert "Dernier jour avec un changement" in words(shown)


def test_what_rubrics_know_of_a_day_stands_under_it_in_the_order_of_time(broken: Host) -> None:
    def asked(hook: str, _ctx: Any, **given: Any) -> Any:
        if hook == "causes":
            lasted = (NOW - 40 * DAY, NOW + DAY)
            assert given["start"] < given["end"]
            yield "two", Explanation("Ticket 5", "Coupure", lasted[0], "/incidents/5", lasted[1])
            return
        start = given["start"]
        yield "one", Explanation("Travaux", "Prévus", start + timedelta(hours=3), "/travaux/1")
        yield "two", Explanation("Ticket 269286", "Ouvert", start + timedelta(hours=1))

    with context_of(broken, ALICE) as ctx:
        day = (NOW - 30 * DAY).astimezone(ctx.zone).date()
        query = {"historique": "main", "jour": day.isoformat()}
        told = SimpleNamespace(
            **{name: getattr(ctx, name) for name in ctx.__slots__ if name != "query"},
            query=query, ask=lambda hook, **given: asked(hook, None, **given),
        )  # fmt: skip
        link = ctx.db.first(select(Link).where(Link.reference == MAIN))
        shown = history(told, link)  # type: ignore[arg-type]  # a context of another's answers
        text = words(find(shown, id="supervision-day"))
    assert text.index("Ticket 269286") < text.index("Travaux")
    assert find(shown, href="/incidents/5"), "beside the states that its incident accounts for"
    for row_of_table in find(shown, role="row"):
        good = "Fonctionnel" in words(row_of_table)
        assert not (good and find(row_of_table, href="/incidents/5"))


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//elsewhere.example", "https://x", "x"])
def test_an_explanation_leads_nowhere_but_here(href: str) -> None:
    with pytest.raises(ValueError, match="not an address of this site"):
        Explanation("a", "b", NOW, href)


def test_what_is_not_read_any_more_is_not_green(broken: Host) -> None:
    later = NOW + 3 * DAY
    with context_of(broken, ALICE, now=later) as ctx:
        link = ctx.db.first(select(Link).where(Link.reference == MAIN))
        assert link is not None
        line = {one.key: one for one in lines_of(ctx, links_of(ctx, link.service_id))}["main"]
    assert line.changes[-1].state is State.UNKNOWN
    assert line.changes[-1].at == NOW, "since the last reading"
    days = row(tab(broken, now=later), "Principale")
    assert len(find(days, className="unknown")) >= 2


def test_the_history_of_a_service_can_be_saved(broken: Host) -> None:
    alice = sign_in(create_app(broken), ALICE)
    reply = alice.get(f"/supervision/historique.csv?service={MAIN}")
    head, *rows = csv_rows(reply.data)
    assert head == ["N° de référence", "Liaison", "Début", "Fin", "Durée", "État", "Motif"]
    down = [line for line in rows if "Interrompu" in line]
    assert [(line[0], line[4], line[6]) for line in down] == [
        (MAIN, "1:00:00", "Interface hors service")
    ]
    for foreign in ("CANARI-B-10-000", "C0000-00000-000", ""):
        assert alice.get(f"/supervision/historique.csv?service={foreign}").status_code == 404
