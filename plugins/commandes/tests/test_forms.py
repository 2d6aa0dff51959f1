"""What a customer and the operator do: messages, contacts, requests to cancel, passwords."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from core.api import Contact, Context
from core.host import Host
from core.mail import Mail
from core.testing.context import context_of, words
from core.testing.world import NOW
from plugins.commandes.address import Tree
from plugins.commandes.models import CancellationRequest, ContactChange, Decision, OrderRead
from plugins.commandes.order_callbacks import note_read, refresh_thread, send_message
from plugins.commandes.order_pages import order
from plugins.commandes.permissions import MANAGE
from plugins.commandes.queries import line_of
from plugins.commandes.sheets import sheet
from plugins.commandes.thread import messages_of
from plugins.commandes.tree_callbacks import ask_to_cancel, decide, keep_contact, show_secret
from plugins.commandes.unread import read_upto, unread_of

ALICE, BOB, ONE, STAFF = (
    "alice@a.example", "bob@b.example", "onesite@a.example", "staff@operator.example",
)  # fmt: skip
MINE, OTHER = "CANARI-A-10-000", "CANARI-A-20-000"


@pytest.fixture
def host(filled: Host) -> Host:
    """An installation whose sales administration has an address."""
    operator = filled.config.operator.model_copy(update={"sales": "ventes@operator.example"})
    filled.config = filled.config.model_copy(update={"operator": operator})
    return filled


@contextmanager
def asking(host: Host, email: str, **more: Any) -> Iterator[Context]:
    """Give the context of an account; a customer's people may do nothing of the operator's."""
    with context_of(host, email) as ctx:
        granted = ctx.granted if email == STAFF else ctx.granted - {MANAGE.key}
        audits: list[Any] = more.pop("audits", [])
        yield replace(
            ctx, granted=granted, audit=lambda *said, **facts: audits.append((said, facts)), **more
        )


def mails(host: Host) -> list[tuple[str, str, str]]:
    with Session(host.engine) as session:
        found = session.scalars(sa.select(Mail).order_by(Mail.id)).all()
        return [(m.recipient, m.subject, host.vault.open(m.body)) for m in found]


def test_a_message_reaches_the_other_side_and_is_told_by_mail(host: Host) -> None:
    data = {"reference": MINE, "kind": "creation", "text": " Bonjour ? ", "press": 1}
    with asking(host, ALICE) as ctx:
        said, sent, text = send_message(ctx, data)
        assert (words(said), sent, text) == ("Message envoyé.", 1, "")
    assert [(to, MINE in subject, "Bonjour ?" in body) for to, subject, body in mails(host)] == [
        ("ventes@operator.example", True, True)
    ]
    with asking(host, STAFF) as ctx:
        line = line_of(ctx, MINE)
        assert line is not None
        assert unread_of(ctx, [line.id]) == {line.id: 1}
        send_message(ctx, {**data, "text": "Oui"})
    # The administrators of customer A: none; those who wrote: Alice.
    assert mails(host)[-1][0] == ALICE
    assert f"/commandes/suivi/{MINE}" in mails(host)[-1][2]


def test_a_message_that_was_read_is_not_new_any_more(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        line = line_of(ctx, MINE)
        assert line is not None
        assert unread_of(ctx, [line.id]) == {line.id: 1}
        assert "nouveau" in words(order(ctx, MINE))
        assert unread_of(ctx, [line.id]) == {line.id: 1}  # until the page has been shown
        newest = messages_of(ctx, line)[-1].id
        for told in (None, "x", newest, newest, 10**9):
            with pytest.raises(PreventUpdate):
                note_read(ctx, told, [MINE, "creation", 0])
        assert unread_of(ctx, [line.id]) == {}
        assert "nouveau" not in words(order(ctx, MINE))
    with asking(host, ONE) as ctx:  # another account has its own mark
        assert unread_of(ctx, [line.id]) == {line.id: 1}


def test_the_exchange_brings_what_came_and_nothing_otherwise(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        shown, newest = refresh_thread(ctx, 1, None, [MINE, "creation", 0], 0)
        assert "CANARI-A bonjour" in words(shown)
        with pytest.raises(PreventUpdate):
            refresh_thread(ctx, 2, None, [MINE, "creation", 0], newest)
        with pytest.raises(PreventUpdate):
            refresh_thread(ctx, 2, None, ["CANARI-B-10-000", "creation", 0], 0)


@pytest.mark.parametrize("data", [{"reference": MINE, "kind": "creation", "text": "  "},
                                  {"reference": "CANARI-B-10-000", "kind": "creation", "text": "x"},
                                  {"reference": 7, "kind": None, "text": "x"}])  # fmt: skip
def test_a_message_that_cannot_be_kept_says_why(host: Host, data: dict[str, Any]) -> None:
    with asking(host, ALICE) as ctx:
        said, _sent, _text = send_message(ctx, data)
    assert words(said) in (
        "Écrivez un message avant de l’envoyer.", "Cette commande est introuvable.",
    )  # fmt: skip
    assert mails(host) == []


def form(host: Host, **values: Any) -> dict[str, Any]:
    with Session(host.engine) as session:
        person = session.scalars(
            sa.select(Contact).where(Contact.name == "CANARI-A contact")
        ).first()
        assert person is not None
        plain = {"site": person.site_id, "contact": person.id, "press": 3}
    return {
        **plain,
        "name": "Inès Roux",
        "role": "",
        "phone": "05 65 00 00 00",
        "email": "",
        **values,
    }


def test_a_contact_is_changed_with_what_it_was_who_did_it_and_the_operator_told(
    host: Host,
) -> None:
    audits: list[Any] = []
    with asking(host, ALICE, audits=audits) as ctx:
        _said, kept = keep_contact(ctx, form(host))
        assert kept == 3
        shown = words(sheet(ctx, Tree(chosen=MINE)))
    assert "Inès Roux" in shown
    assert f"par {ALICE}" in shown
    with Session(host.engine) as session:
        change = session.scalars(sa.select(ContactChange).order_by(ContactChange.id.desc())).first()
        assert change is not None
        assert (change.by, change.before["name"], change.after["name"]) == (
            ALICE, "CANARI-A contact", "Inès Roux",
        )  # fmt: skip
    assert audits[0][0][0] == "contact.changed"
    ((to, subject, body),) = mails(host)
    assert to == "ventes@operator.example"
    assert "Contact sur site modifié" in subject
    assert "CANARI-A contact → Inès Roux" in body


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"name": " "}, "nom"), ({"phone": "", "email": ""}, "appeler"),
        ({"phone": "zéro cinq"}, "téléphone"), ({"email": "ines"}, "e-mail"),
        ({"site": 10**9}, "introuvable"), ({"contact": 10**9}, "introuvable"),
        ({"site": None}, "introuvable"),
    ],
)  # fmt: skip
def test_a_contact_that_cannot_be_kept_says_why(
    host: Host, values: dict[str, Any], why: str
) -> None:
    with asking(host, ALICE) as ctx:
        said, _kept = keep_contact(ctx, form(host, **values))
    assert why in words(said)
    assert mails(host) == []


def test_nobody_changes_the_contact_of_another_customer(host: Host) -> None:
    with asking(host, BOB) as ctx:
        said, _kept = keep_contact(ctx, form(host))
    assert words(said) == "Ce site est introuvable."


def clear_requests(host: Host) -> None:
    with Session(host.engine) as session:
        session.execute(sa.delete(CancellationRequest))
        session.commit()


def test_a_cancellation_is_asked_for_a_day_and_decided_by_the_operator(host: Host) -> None:
    clear_requests(host)
    day = (NOW + timedelta(days=40)).date()
    data = {"subscription": MINE, "wanted": day.isoformat(), "reason": "Fermeture", "press": 5}
    with asking(host, ALICE) as ctx:
        assert ask_to_cancel(ctx, data)[1] == 5
        said, _press = ask_to_cancel(ctx, data)
        assert "déjà demandée" in words(said)
        shown = words(sheet(ctx, Tree(chosen=MINE)))
        assert f"pour le {day:%d/%m/%Y}" in shown
        assert "Confirmer" not in shown
    with Session(host.engine) as session:
        id_ = session.scalars(sa.select(CancellationRequest.id)).one()
    with asking(host, STAFF) as ctx:
        assert "Confirmer la résiliation" in words(sheet(ctx, Tree(chosen=MINE)))
        decide(ctx, {"request": id_, "decision": "confirmee", "answer": "Entendu.", "press": 6})
        said, _press = decide(ctx, {"request": id_, "decision": "refusee"})
        assert "déjà décidée" in words(said)
    with asking(host, ALICE) as ctx:
        assert "Résiliation confirmée" in words(sheet(ctx, Tree(chosen=MINE)))
    assert [to for to, _subject, _body in mails(host)] == ["ventes@operator.example", ALICE]
    assert "Entendu." in mails(host)[-1][2]


def test_a_request_may_be_taken_back_until_it_is_decided(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        request = ctx.db.first(sa.select(CancellationRequest))
        assert request is not None
        ask_to_cancel(ctx, {"withdraw": request.id, "press": 1})
        assert request.decision is Decision.WITHDRAWN
        said, _press = ask_to_cancel(ctx, {"withdraw": request.id, "press": 2})
        assert "déjà décidée" in words(said)


def test_nobody_touches_the_request_of_another_customer(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        id_ = ctx.db.rows(sa.select(CancellationRequest.id))[0][0]
    with asking(host, BOB) as ctx:
        said, _press = ask_to_cancel(ctx, {"withdraw": id_})
        assert words(said) == "Cette demande est introuvable."
        said, _press = ask_to_cancel(ctx, {"subscription": MINE, "wanted": "2030-01-01"})
        assert words(said) == "Cet abonnement est introuvable."


@pytest.mark.parametrize(
    ("wanted", "why"),
    [("", "Donnez la date"), ("31/12/2026", "Donnez la date"), ("2020-01-01", "passée"),
     ("2999-01-01", "lointaine"), (None, "Donnez la date"), ("2026-02-30", "Donnez la date")],
)  # fmt: skip
def test_a_day_that_makes_no_sense_is_refused(host: Host, wanted: object, why: str) -> None:
    clear_requests(host)
    with asking(host, ALICE) as ctx:
        data = {"subscription": MINE, "wanted": wanted, "reason": "x"}
        assert why in words(ask_to_cancel(ctx, data)[0])


def test_a_password_is_shown_after_a_recent_sign_in_and_each_time_is_noted(host: Host) -> None:
    audits: list[Any] = []
    with asking(host, ALICE, audits=audits) as ctx:
        assert "CANARI-A secret" not in words(sheet(ctx, Tree(chosen=MINE)))
        assert words(show_secret(ctx, {"subscription": MINE})) == "CANARI-A secret"
        assert [said[0] for said, _facts in audits] == ["radius.revealed"]
    old = NOW - timedelta(minutes=16)
    with asking(host, ALICE, signed_in=old, audits=audits) as ctx:
        assert "Confirmez que c’est vous" in words(sheet(ctx, Tree(chosen=MINE)))
        said = words(show_secret(ctx, {"subscription": MINE}))
        assert "CANARI-A secret" not in said
        assert "confirmez que c’est vous" in said
    assert len(audits) == 1
    with asking(host, BOB) as ctx:
        assert "pas de mot de passe" in words(show_secret(ctx, {"subscription": MINE}))


def test_who_lost_the_site_gets_no_mail_about_it(host: Host) -> None:
    data = {"reference": OTHER, "kind": "creation", "text": "Et moi ?"}
    with asking(host, ALICE) as ctx:
        send_message(ctx, data)
    with host.engine.begin() as connection:
        connection.exec_driver_sql("update scope_grant set target_id = 999 where user_id = 1")
    before = len(mails(host))
    with asking(host, STAFF) as ctx:
        send_message(ctx, {**data, "text": "Réponse"})
    assert len(mails(host)) == before


def test_read_marks_are_rows_of_the_customer(host: Host) -> None:
    with asking(host, ALICE) as ctx:
        line = line_of(ctx, MINE)
        assert line is not None
        with pytest.raises(PreventUpdate):
            note_read(ctx, messages_of(ctx, line)[-1].id, [MINE, "creation", 0])
        assert read_upto(ctx, line) > 0
    with asking(host, BOB) as ctx:
        assert ctx.db.all(sa.select(OrderRead)) == []


def test_what_was_answered_waits_for_nobody_of_that_side(host: Host) -> None:
    with asking(host, ONE) as ctx:
        line = line_of(ctx, MINE)
        assert line is not None
        assert unread_of(ctx, [line.id]) == {line.id: 1}
    with asking(host, ALICE) as ctx:
        send_message(ctx, {"reference": MINE, "kind": "creation", "text": "Bonjour", "press": 1})
    with asking(host, ONE) as ctx:  # a colleague answered
        assert unread_of(ctx, [line.id]) == {}
    with asking(host, STAFF) as ctx:
        assert unread_of(ctx, [line.id]) == {line.id: 1}
        send_message(ctx, {"reference": MINE, "kind": "creation", "text": "Voilà", "press": 2})
        assert unread_of(ctx, [line.id]) == {}
    with asking(host, ONE) as ctx:
        assert unread_of(ctx, [line.id]) == {line.id: 1}
