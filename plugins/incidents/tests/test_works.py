"""Planned works: announced, moved, cancelled by the operator's people; told, and kept with who."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.api import PlannedWork
from core.host import Host
from core.mail import Mail
from core.testing.context import context_of, words
from core.testing.world import NOW
from plugins.incidents.callbacks import do_works
from plugins.incidents.clock import clocks
from plugins.incidents.models import Ticket, TicketPause, WorksAction, WorksStep
from plugins.incidents.permissions import MANAGE
from plugins.incidents.queries import find as ticket_of
from plugins.incidents.works_changes import civil, mark_of
from plugins.incidents.works_pages import shown

ALICE, BOB, STAFF = "alice@a.example", "bob@b.example", "staff@operator.example"
LINKS = "CANARI-A-10-000, CANARI-A-20-000\nCANARI-B-10-000"
PARIS = ZoneInfo("Europe/Paris")


@contextmanager
def asking(host: Host, email: str):
    with context_of(host, email) as ctx:
        granted = ctx.granted if email == STAFF else ctx.granted - {MANAGE.key}
        yield replace(ctx, granted=granted)


def day(days: int, clock: str) -> str:
    """Return what a field for a time holds, so many days from now by a watch in Paris."""
    return f"{(NOW.astimezone(PARIS) + timedelta(days=days)).date()}T{clock}"


FORM = {"do": "announce", "title": "Remplacement de la fibre", "starts": day(2, "22:00"),
        "ends": day(3, "02:00"), "text": "Coupure de 10 minutes.", "links": LINKS,
        "press": 1}  # fmt: skip


def press(host: Host, email: str = STAFF, **values: Any) -> str:
    """Press a button of the page; return what it says when it is refused."""
    with asking(host, email) as ctx:
        return words(do_works(ctx, {**FORM, **values}))


def announced(host: Host) -> list[PlannedWork]:
    with Session(host.engine, expire_on_commit=False) as session:
        query = sa.select(PlannedWork).where(PlannedWork.title.like("Remplacement%"))
        return list(session.scalars(query.order_by(PlannedWork.id)))


def mails(host: Host) -> list[tuple[str, str, str]]:
    with Session(host.engine) as session:
        found = session.scalars(sa.select(Mail).order_by(Mail.id)).all()
        return [(m.recipient, m.subject, host.vault.open(m.body)) for m in found]


def steps(host: Host, work: PlannedWork) -> list[tuple[WorksStep, str]]:
    with Session(host.engine) as session:
        query = sa.select(WorksAction).where(WorksAction.work_id == work.id)
        return [(one.step, one.author) for one in session.scalars(query.order_by(WorksAction.id))]


@pytest.fixture
def admins(filled: Host) -> Host:
    """Two customers, each with an administrator."""
    from core.accounts import Account

    with Session(filled.engine) as session:
        for one in session.scalars(sa.select(Account).where(Account.email.in_([ALICE, BOB]))):
            one.admin = True
        session.commit()
    return filled


def test_works_are_announced_moved_and_cancelled_and_each_step_is_told_and_kept(
    admins: Host,
) -> None:
    assert press(admins) == ""
    works = announced(admins)
    assert len(works) == 3
    assert {(w.starts, w.ends) for w in works} == {
        (civil(FORM["starts"], PARIS), civil(FORM["ends"], PARIS))
    }
    told = mails(admins)
    assert [to for to, *_ in told] == [ALICE, BOB], "one mail a customer"
    assert "2 liaisons concernées" in told[0][2]
    assert "Coupure de 10 minutes." in told[0][2]
    assert "CANARI-B" not in told[0][2]

    of = {"work": str(works[0].id), "seen": mark_of(works[0])}
    moved = {"starts": day(4, "22:00"), "ends": day(5, "02:00")}
    assert press(admins, do="move", **of, **moved) == ""
    assert {w.starts for w in announced(admins)} == {civil(moved["starts"], PARIS)}
    assert "viennent de changer" in press(admins, do="cancel", **of), "seen before it moved"

    of["seen"] = mark_of(announced(admins)[0])
    assert press(admins, do="cancel", **of, text="Pièce en retard.") == ""
    assert all(work.cancelled == NOW for work in announced(admins))
    assert [s.split(" · ")[0] for _to, s, _b in mails(admins)] == [
        *2 * ["Travaux annoncés"], *2 * ["Travaux déplacés"], *2 * ["Travaux annulés"],
    ]  # fmt: skip
    assert steps(admins, works[0]) == [(step, STAFF) for step in WorksStep]
    assert "viennent de changer" in press(admins, do="move", **of)


def test_only_the_operator_announces_works(filled: Host) -> None:
    assert "pas le droit" in press(filled, ALICE)
    assert announced(filled) == []
    press(filled)
    with asking(filled, ALICE) as ctx:
        page = words(shown(ctx, {"nouveau": "oui"}))
        assert "Ce qui sera fait" not in page
        assert "Remplacement de la fibre" in page
        assert "CANARI-B" not in page
    with asking(filled, STAFF) as ctx:
        number = str(announced(filled)[0].id)
        assert "Travaux annoncés" in words(shown(ctx, {"travaux": number})), "who, and when"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "Dites en quelques mots"), ({"links": ""}, "Donnez les références"),
        ({"links": "CANARI-A-10-000 C404-1"}, "Liaisons introuvables : C404-1"),
        ({"ends": FORM["starts"]}, "La fin vient après"), ({"starts": "demain"}, "ne se lit pas"),
        ({"ends": day(60, "02:00")}, "plus d’un mois"),
        ({"starts": day(-40, "22:00"), "ends": day(-39, "22:00")}, "plus d’un mois"),
        ({"starts": "2026-03-29T02:30"}, "l’heure sautée"),
    ],
)  # fmt: skip
def test_works_that_make_no_sense_are_refused_in_words(
    filled: Host, wrong: dict[str, str], said: str
) -> None:
    assert said in press(filled, **wrong)
    assert announced(filled) == []
    assert mails(filled) == []


def test_works_that_overlap_others_are_confirmed_and_their_common_time_counts_once(
    filled: Host,
) -> None:
    assert press(filled) == ""
    more = {"title": "Remplacement du routeur", "starts": day(3, "00:00"), "ends": day(3, "04:00")}
    assert "déjà annoncé là" in press(filled, **more, links="CANARI-A-10-000")
    assert len(announced(filled)) == 3
    assert press(filled, **more, links="CANARI-A-11-000") == "", "another link is not asked"
    assert press(filled, **more, links="CANARI-A-10-000", again=True) == ""
    with Session(filled.engine) as session:
        own = session.scalars(sa.select(Ticket).where(Ticket.number == "CANARI-A-10-000")).one()
        own.opened = civil(day(2, "21:00"), PARIS) or NOW
        own.resolved = civil(day(3, "05:00"), PARIS)
        session.execute(sa.delete(TicketPause))
        session.commit()
    with asking(filled, ALICE) as ctx:
        ticket = ticket_of(ctx, "CANARI-A-10-000")
        assert ticket is not None
        # From 21 h to 5 h are eight hours, less those from 22 h to 4 h.
        assert clocks(ctx, [ticket])[ticket.id].spent == timedelta(hours=2)


def test_hours_of_a_form_are_those_of_a_watch_over_the_changes_of_hour() -> None:
    def utc(text: str) -> datetime | None:
        return civil(text, PARIS)

    assert utc("2026-07-01T22:00") == datetime(2026, 7, 1, 20, tzinfo=UTC)
    assert utc("2026-03-29T02:30") is None, "the clocks jump from 2 h to 3 h"
    assert utc("0001-01-01T00:00") is None, "it would be of the year before 1 in UTC"
    assert utc("2026-10-25T02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first one"
    night = utc("2026-10-24T22:00"), utc("2026-10-25T06:00")
    assert night[0] is not None
    assert night[1] is not None
    assert night[1] - night[0] == timedelta(hours=9)


@pytest.mark.parametrize(
    ("month", "starts", "ends", "days"),
    [
        ("2026-12", datetime(2026, 12, 1, 21, tzinfo=UTC), datetime(2026, 12, 2, 1, tzinfo=UTC), 2),
        ("2026-10", datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC),
         2),  # the day of 25 hours ends at 23 h UTC
        ("2026-03", datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC),
         1),
    ],
)  # fmt: skip
def test_works_stand_on_each_civil_day_that_they_touch(
    filled: Host, month: str, starts: datetime, ends: datetime, days: int
) -> None:
    with Session(filled.engine) as session:
        link = session.scalars(sa.select(Ticket).where(Ticket.number == "CANARI-A-10-000")).one()
        session.add(PlannedWork(company_id=link.company_id, site_id=link.site_id, title="Nuit",
                                link_id=link.link_id, starts=starts, ends=ends))  # fmt: skip
        session.commit()
    with asking(filled, ALICE) as ctx:
        calendar = shown(ctx, {"mois": month})[0]
        assert str(calendar).count("title='Nuit") == days
