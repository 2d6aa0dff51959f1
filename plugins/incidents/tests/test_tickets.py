"""What customers and the operator do with tickets: open, answer, move along, join files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import mail
from core.api import Context
from core.host import Host
from core.mail import Mail
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from core.tests.test_mail import smtp  # noqa: F401 - a fixture
from plugins.incidents.callbacks import open_one, say, treat
from plugins.incidents.changes import move
from plugins.incidents.clock import clocks
from plugins.incidents.files import join, joined, type_of
from plugins.incidents.life import (
    MOVES,
    REOPENED_WITHIN,
    Impact,
    Severity,
    Side,
    Status,
    Users,
    may_move,
    severity_of,
)
from plugins.incidents.links import actions, badges, explanations
from plugins.incidents.models import Ticket
from plugins.incidents.opening import opening
from plugins.incidents.permissions import MANAGE
from plugins.incidents.queries import find as ticket_of
from plugins.incidents.queries import link_of
from plugins.incidents.ticket_pages import whole

ALICE, BOB, STAFF = "alice@a.example", "bob@b.example", "staff@operator.example"
MINE, DONE, THEIRS = "CANARI-A-10-000", "CANARI-A-10-001", "CANARI-B-10-000"
FORM = {
    "impact": "coupure", "users": "tous", "title": "Plus rien", "description": "Tout est coupé.",
    "since": "", "contact": "Claire", "phone": "05", "access": "8 h", "again": True, "press": 1,
}  # fmt: skip


@pytest.fixture
def host(filled: Host) -> Host:
    """An installation whose support desk has an address."""
    operator = filled.config.operator.model_copy(update={"incidents": "support@operator.example"})
    filled.config = filled.config.model_copy(update={"operator": operator})
    return filled


@contextmanager
def asking(host: Host, email: str, **more: Any) -> Iterator[Context]:
    """Give the context of an account; a customer's people may do nothing of the operator's."""
    now = more.pop("now", NOW)
    with context_of(host, email, now=now) as ctx:
        granted = ctx.granted if email == STAFF else ctx.granted - {MANAGE.key}
        yield replace(ctx, granted=granted, **more)


def mails(host: Host) -> list[tuple[str, str, str]]:
    with Session(host.engine) as session:
        found = session.scalars(sa.select(Mail).order_by(Mail.id)).all()
        return [(m.recipient, m.subject, host.vault.open(m.body)) for m in found]


def opened(host: Host, **more: Any) -> str:
    """Open a ticket as Alice; return its number."""
    with asking(host, ALICE) as ctx:
        done = open_one(ctx, {"link": MINE, **FORM, **more})
    return str(done.to_plotly_json()["props"]["data-then"]).rpartition("/")[2]


def do(host: Host, email: str, number: str, what: str, text: str = "", **more: Any) -> str:
    """Press a button of a ticket's page; return what it says when it is refused."""
    with asking(host, email, **({"now": more.pop("now")} if "now" in more else {})) as ctx:
        ticket = ticket_of(ctx, number)
        seen = ticket.version if ticket else 0
        data = {"ticket": number, "version": seen, "do": what, "text": text, "press": 1, **more}
        said, _done = say(ctx, data)
        return words(said)


def state(host: Host, number: str) -> Ticket:
    with Session(host.engine, expire_on_commit=False) as session:
        ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        session.expunge_all()
        return ticket


def test_a_ticket_lives_from_its_opening_to_its_end_and_each_step_is_told(host: Host) -> None:
    number = opened(host)
    assert [to for to, *_ in mails(host)] == ["support@operator.example", ALICE]
    assert do(host, STAFF, number, "pris_en_charge") == ""
    assert "Dites ce que vous attendez" in do(host, STAFF, number, "attente_client")
    assert do(host, STAFF, number, "attente_client", "Accès au site ?") == ""
    later = NOW + timedelta(minutes=30)
    assert do(host, ALICE, number, "comment", "Le gardien est là.", now=later) == ""
    assert state(host, number).status is Status.TAKEN, "the answer ends the wait"
    done = NOW + timedelta(hours=2)
    assert "Dites comment" in do(host, STAFF, number, "resolu", now=done)
    assert do(host, STAFF, number, "resolu", "Fibre ressoudée.", now=done) == ""
    with asking(host, ALICE, now=done) as ctx:
        ticket = ticket_of(ctx, number)
        assert ticket is not None
        clock = clocks(ctx, [ticket])[ticket.id]
        assert (clock.spent, clock.stopped) == (timedelta(minutes=90), timedelta(minutes=30))
        assert not clock.late
        assert "GTR tenue" in words(whole(ctx, ticket, {}))
    assert do(host, ALICE, number, "clos", now=done) == ""
    ended = state(host, number)
    assert (ended.status, ended.resolved, ended.closed) == (Status.CLOSED, done, done)
    subjects = [subject for _to, subject, _body in mails(host)]
    steps = ("Ouvert", "Ouvert", "Pris en charge", "En attente client", "Pris en charge", "Résolu",
             "Clos")  # fmt: skip
    assert [s.split(" · ")[1] for s in subjects] == list(steps)
    assert all(f"/incidents/{number}" in body for *_x, body in mails(host))


def test_a_ticket_is_opened_again_within_a_delay_and_what_was_restored_does_not_count(
    host: Host,
) -> None:
    number = opened(host)
    do(host, STAFF, number, "pris_en_charge")
    do(host, STAFF, number, "resolu", "Réparé", now=NOW + timedelta(hours=1))
    again = NOW + timedelta(hours=5)
    assert "Dites pourquoi" in do(host, ALICE, number, "ouvert", now=again)
    assert do(host, ALICE, number, "ouvert", "Cela recommence", now=again) == ""
    with asking(host, ALICE, now=again + timedelta(hours=1)) as ctx:
        ticket = ticket_of(ctx, number)
        assert ticket is not None
        assert clocks(ctx, [ticket])[ticket.id].spent == timedelta(hours=2)
    do(host, STAFF, number, "pris_en_charge", now=again)
    do(host, STAFF, number, "resolu", "Réparé", now=again)
    late = again + REOPENED_WITHIN + timedelta(minutes=1)
    assert "ne peut pas devenir" in do(host, ALICE, number, "ouvert", "Encore", now=late)


@pytest.mark.parametrize("side", list(Side))
def test_nobody_makes_a_move_that_is_not_in_the_table(side: Side) -> None:
    made = {
        (before, after)
        for before in Status
        for after in Status
        if may_move(before, after, side, NOW, NOW)
    }
    assert made == {move for move, sides in MOVES.items() if side in sides}
    assert (Status.OPEN, Status.TAKEN) not in made or side is Side.OPERATOR


def test_two_people_do_not_overwrite_each_other(host: Host) -> None:
    number = opened(host)
    version = state(host, number).version
    with asking(host, STAFF) as first, asking(host, STAFF) as second:
        one, other = ticket_of(first, number), ticket_of(second, number)
        assert one is not None
        assert other is not None
        assert move(first, one, Status.TAKEN, "à moi", version) is None
        assert "a changé pendant" in str(move(second, other, Status.TAKEN, "non, à moi", version))
    assert "a changé pendant" in do(host, ALICE, number, "clos", version=version)
    assert state(host, number).status is Status.TAKEN


def test_a_second_ticket_on_a_link_is_asked_for_twice(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        assert "déjà ouvert" in words(opening(ctx, {"link": MINE}))
        assert "déjà ouvert" in words(open_one(ctx, {"link": MINE, **FORM, "again": False}))
        assert "Que constatez-vous" in words(opening(ctx, {"link": MINE, "encore": "oui"}))


def test_a_link_of_another_customer_does_not_exist(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        assert "introuvable" in words(open_one(ctx, {"link": THEIRS, **FORM}))
        assert "n’existe pas" in words(opening(ctx, {"link": THEIRS}))
        assert ticket_of(ctx, THEIRS) is None
    assert do(host, BOB, MINE, "comment", "Bonjour").endswith("Ce ticket est introuvable.")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"impact": "@"}, "Choisissez"), ({"description": " "}, "Décrivez"),
     ({"since": "hier"}, "ne se lit pas"), ({"since": "2090-01-01T10:00"}, "à venir"),
     ({"since": "0001-01-01T00:00"}, "ne se lit pas"),
     ({"since": "2001-01-01T10:00"}, "plus d’un mois"), ({"users": None}, "Choisissez")],
)  # fmt: skip
def test_a_form_that_cannot_be_read_says_what_to_write(host: Host, wrong: Any, said: str) -> None:
    with asking(host, ALICE) as ctx:
        assert said in words(open_one(ctx, {"link": MINE, **FORM, **wrong}))


def test_questions_give_the_severity() -> None:
    told = [
        (Impact.CUT, Users.ONE, False, Severity.CRITICAL),
        (Impact.CUT, Users.EVERYONE, True, Severity.MAJOR),
        (Impact.DEGRADED, Users.EVERYONE, False, Severity.MAJOR),
        (Impact.DEGRADED, Users.SOME, False, Severity.MINOR),
        (Impact.INTERMITTENT, Users.ONE, True, Severity.MINOR),
        (Impact.QUESTION, Users.EVERYONE, False, Severity.QUESTION),
    ]
    for impact, users, carried, expected in told:
        assert severity_of(impact, users, carried=carried) is expected


def test_a_private_note_is_never_told_to_a_customer(host: Host) -> None:
    number = opened(host)
    before = len(mails(host))
    with asking(host, STAFF) as ctx:
        treat(ctx, {"ticket": number, "do": "note", "text": "Le NRA est connu", "press": 1})
        ticket = ticket_of(ctx, number)
        assert ticket is not None
        assert "Le NRA est connu" in words(whole(ctx, ticket, {}))
    with asking(host, ALICE) as ctx:
        ticket = ticket_of(ctx, number)
        assert ticket is not None
        assert "NRA" not in words(whole(ctx, ticket, {}))
        mine = ticket_of(ctx, MINE)
        assert mine is not None
        assert "SECRET" not in words(whole(ctx, mine, {}))
    assert len(mails(host)) == before


def test_the_operator_changes_who_follows_a_ticket_and_whom_it_is_due_to(host: Host) -> None:
    number = opened(host)
    values = {"assignee": "Nadia", "severity": "2", "cause": "client", "customer_reference": "X"}
    with asking(host, STAFF) as ctx:
        seen = state(host, number).version
        treat(ctx, {"ticket": number, "do": "change", "version": seen, "press": 1, **values})
    ticket = state(host, number)
    assert (ticket.assignee, ticket.severity, ticket.customer_reference) == ("Nadia", 2, "X")
    with asking(host, ALICE, now=NOW + timedelta(hours=9)) as ctx:
        found = ticket_of(ctx, number)
        assert found is not None
        assert clocks(ctx, [found])[found.id].spent == timedelta(), "not due to the operator"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def test_files_are_taken_by_their_content_and_given_back_to_be_saved(host: Host) -> None:
    assert type_of(SVG) is None
    assert type_of(b"\xef\xbb\xbf<!DOCTYPE html><p>") is None
    assert type_of(b"MZ\0\0") is None
    with asking(host, ALICE) as ctx:
        assert "n’est pas accepté" in str(join(ctx, "photo.png", SVG, MINE))
        assert join(ctx, "../../etc/Relevé <1>.pdf", b"%PDF-1.7 x", MINE) is None
        assert join(ctx, "vide.txt", b"", MINE) == "Ce fichier est vide."
        ticket = ticket_of(ctx, MINE)
        assert ticket is not None
        file = ticket.files[-1]
        assert file.name == "Relevé -1-.pdf"
        kept = joined(ctx, MINE, str(file.id))
        assert kept is not None
        assert (kept.body, kept.mimetype) == (b"%PDF-1.7 x", "application/octet-stream")
        assert joined(ctx, DONE, str(file.id)) is None, "of another ticket"
        assert joined(ctx, MINE, "0x1") is None
    with asking(host, BOB) as ctx:
        assert joined(ctx, MINE, str(file.id)) is None
        assert "introuvable" in str(join(ctx, "a.pdf", b"%PDF-", MINE))


def test_markup_and_formulas_of_a_comment_stay_text(host: Host) -> None:
    number = opened(host, title="=1+1", description="<b>gras</b>")
    with asking(host, ALICE) as ctx:
        ticket = ticket_of(ctx, number)
        assert ticket is not None
        page = whole(ctx, ticket, {})
        assert "<b>gras</b>" in words(page)
        assert not find(page, children="gras")


def test_a_link_with_a_ticket_says_so_everywhere(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        link = link_of(ctx, MINE)
        assert link is not None
        assert [badge.link_id for badge in badges(ctx, [link])] == [link.id]
        assert actions(ctx, link)[0].href == f"/incidents/{MINE}"
        day = explanations(ctx, link, NOW - timedelta(hours=2), NOW)
        assert [one.href for one in day] == [f"/incidents/{MINE}"]
    do(host, STAFF, MINE, "resolu", "Réparé")
    with asking(host, ALICE) as ctx:
        link = link_of(ctx, MINE)
        assert link is not None
        assert actions(ctx, link)[0].href == f"/incidents/nouveau?link={MINE}"
        assert badges(ctx, [link]) == []


def test_mails_leave_through_a_real_server_and_wait_while_there_is_none(
    host: Host,
    smtp: Any,  # noqa: F811 - the fixture
) -> None:
    number = opened(host)
    down = host.config.mail.model_copy(update={"host": "127.0.0.1", "port": 1})
    host.config = host.config.model_copy(update={"mail": down})
    with Session(host.engine) as session:
        assert mail.send_due(session, host.vault, host.config, NOW) == 0
    up = down.model_copy(update={"port": smtp.server_address[1]})
    host.config = host.config.model_copy(update={"mail": up})
    with Session(host.engine) as session:
        assert mail.send_due(session, host.vault, host.config, NOW + timedelta(hours=1)) == 2
    text = "\n".join(smtp.lines)
    assert "To: support@operator.example" in text
    assert f"/incidents/{number}" in text
