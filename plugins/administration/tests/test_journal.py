"""« Journal »: each reader its own lines, found by what one knows, told in words."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core import audit
from core.testing.context import context_of, words
from core.testing.files import csv_rows
from core.testing.fixtures import sign_in
from core.testing.world import NOW
from core.web.app import create_app
from plugins.administration.journal_address import Asked
from plugins.administration.journal_listing import Listing, panel
from plugins.administration.journal_pages import journal

ADMIN, OTHER, STAFF = "admin@a.example", "admin@b.example", "staff@operator.example"
EXPORT = "/administration/journal/export.csv"


@pytest.fixture
def lines(filled):
    """A week of customers A (1) and B (2), and of the operator."""
    for day in range(7):
        at = {"now": NOW - timedelta(days=day), "address": "192.0.2.7", "reference": f"ref{day}"}
        opened = {"action": "ticket.opened", "target": f"E{day}", "link": "CLS-1"}
        audit.write(filled.engine, actor="alice@a.example", **opened, **at)
        audit.write(filled.engine, actor="bob@b.example", action="exported", target="b.csv", **at)
        audit.write(filled.engine, actor=STAFF, action="wall created", target="NOC", **at)
    audit.write(
        filled.engine, now=NOW, actor=STAFF, action="contact.changed", target="site 10",
        customer_id=1, acting=True, before={"name": "Jean", "phone": None},
        after={"name": "Claire", "phone": "05"},
    )  # fmt: skip
    audit.write(filled.engine, now=NOW, actor="alice@a.example", action="refused", what="page")
    return filled


def shown(host, email, search=""):
    with context_of(host, email) as ctx:
        return [line.action for line in Listing.of(ctx, Asked.of_search(search)).lines]


def test_a_customers_administrator_sees_its_own_lines_and_the_operator_all(lines):
    assert set(shown(lines, ADMIN)) == {"ticket.opened", "contact.changed", "refused", "viewed"}
    assert set(shown(lines, OTHER)) == {"exported", "viewed"}
    assert {"ticket.opened", "exported", "wall created"} <= set(shown(lines, STAFF))
    assert set(shown(lines, STAFF, "?client=2")) == {"exported", "viewed"}
    assert set(shown(lines, ADMIN, "?client=2")) == set(shown(lines, ADMIN))


def test_a_line_of_another_customer_is_introuvable(lines):
    with context_of(lines, STAFF) as ctx:
        theirs = next(
            n.number for n in ctx.journal.stream(Asked.of({"qui": "bob"}).sought(ctx.zone))
        )
    for number in (theirs, 999_999):
        with context_of(lines, ADMIN) as ctx:
            assert "Cette ligne est introuvable" in words(panel(ctx, Asked(line=number)))
    with context_of(lines, OTHER) as ctx:
        assert "b.csv" in words(panel(ctx, Asked(line=theirs)))


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ("?qui=alice", 8),
        ("?qui=ALICE+example", 8),
        ("?qui=%25", 0),
        ("?objet=e3", 1),
        ("?action=ticket.opened", 7),
        ("?action=no.such", 0),
        ("?vue=refus", 1),
        ("?vue=agir", 1),
        ("?vue=rien&page=x&ligne=-1&du=hier&client=é", 10),
        (f"?du={NOW:%Y-%m-%d}&au={NOW:%Y-%m-%d}", 4),
        (f"?au={NOW - timedelta(days=3):%Y-%m-%d}&objet=e", 4),
    ],
)
def test_lines_are_found_by_who_what_action_and_day(lines, search, count):
    assert len(shown(lines, ADMIN, search)) == count


def test_the_page_says_it_in_words_with_what_changed(lines):
    with context_of(lines, ADMIN) as ctx:
        page = words(journal(ctx))
        number = next(n.number for n in ctx.journal.stream(Asked(view="agir").sought(ctx.zone)))
        opened = words(panel(ctx, Asked(line=number)))
    assert "A ouvert un ticket" in page
    assert "pour CANARI-A client" in page
    for word in (
        "A modifié le contact d’un site",
        "Pour",
        "Jean",
        "Claire",
        "–",
        "05",
        "Téléphone",
    ):
        assert word in opened


def test_the_file_holds_what_is_filtered_and_ones_own_lines_alone(lines):
    app = create_app(lines)
    client = sign_in(app, ADMIN)
    rows = csv_rows(client.get(f"{EXPORT}?action=ticket.opened").data)
    assert rows[0][:4] == ["Ligne", "Date", "Qui", "Compte client"]
    assert [row[6] for row in rows[1:]] == [f"E{day}" for day in reversed(range(7))]
    assert json.loads(rows[1][7]) == {"link": "CLS-1"}
    whole = client.get(EXPORT).text
    assert "bob@b.example" not in whole
    assert "NOC" not in whole
    assert client.get(f"{EXPORT}?client=2").text.count("b.csv") == 0


def test_who_is_no_administrator_reads_no_journal(lines):
    client = sign_in(create_app(lines), "alice@a.example")
    assert client.get(EXPORT).status_code == 403
    assert client.get("/administration/journal", headers={"Accept": "text/html"}).status_code == 403


def test_markup_in_a_line_stays_text(lines):
    audit.write(lines.engine, now=NOW, actor=ADMIN, action="<b>x", target="<img src=x>", f="<i>")
    with context_of(lines, ADMIN) as ctx:
        assert "<img src=x>" in words(Listing.of(ctx, Asked()).table())
