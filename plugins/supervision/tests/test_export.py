"""« Exporter »: the services that are filtered, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.api import Site
from core.host import Host
from core.testing.files import csv_rows, text_inside
from core.testing.fixtures import PAGE, sign_in
from core.web.app import create_app
from plugins.supervision.tests.changes import ALICE

Browser = Callable[[str], FlaskClient]
ADDRESS = "/supervision/etat/export"


def sites(client: FlaskClient, query: str) -> list[str]:
    head, *rows = csv_rows(client.get(f"{ADDRESS}.csv{query}").data)
    return [row[head.index("Site")][-2:] for row in rows]


def test_it_holds_what_is_filtered_in_the_order_of_the_page(browser_of: Browser) -> None:
    alice = browser_of(ALICE)
    assert sites(alice, "?page=9") == ["11", "10", "20"], "every page of them"
    assert sites(alice, "?tri=-site") == ["20", "11", "10"]
    assert sites(alice, "?etat=down&q=commune") == ["11"]
    assert sites(alice, "?q=nulle+part") == []


def test_its_head_is_french_whoever_reads(browser_of: Browser) -> None:
    alice = browser_of(ALICE)
    alice.set_cookie("langue", "en")
    try:
        head, first, *_ = csv_rows(alice.get(f"{ADDRESS}.csv").data)
    finally:
        alice.delete_cookie("langue")
    assert head == [
        "État", "Motif", "Depuis", "Société", "Site", "Commune", "Désignation principale",
        "N° de référence principale", "Désignation secondaire", "N° de référence secondaire",
    ]  # fmt: skip
    assert first[:2] == ["Interrompu", "Interface hors service"]


def test_it_is_a_file_to_save_that_nobody_keeps(browser_of: Browser) -> None:
    for kind, mimetype in (("csv", "text/csv"), ("xlsx", "application/vnd.openxmlformats")):
        reply = browser_of(ALICE).get(f"{ADDRESS}.{kind}")
        assert reply.status_code == 200
        assert str(reply.mimetype).startswith(mimetype)
        assert f".{kind}" in reply.headers["Content-Disposition"]
        assert "filename*=UTF-8''%C3%89tat%20de" in reply.headers["Content-Disposition"]
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "CANARI-A site 11" in text_inside(reply.data)
        assert "CANARI-B" not in text_inside(reply.data)


def test_a_name_that_is_a_formula_is_text_in_both(filled: Host) -> None:
    with Session(filled.engine) as session:
        session.execute(
            sa.update(Site).where(Site.name == "CANARI-A site 11").values(name="=HYPERLINK(1)")
        )
        session.commit()
    alice = sign_in(create_app(filled), ALICE)
    assert "'=HYPERLINK(1)" in alice.get(f"{ADDRESS}.csv").text
    inside = text_inside(alice.get(f"{ADDRESS}.xlsx").data)
    assert "=HYPERLINK(1)" in inside
    assert "<f>" not in inside


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_whoever_may_not_read_the_page_may_not_save_it(browser_of: Browser, kind: str) -> None:
    reply = browser_of("norights@a.example").get(f"{ADDRESS}.{kind}", headers=PAGE)
    assert reply.status_code == 403
    assert "CANARI" not in reply.text
    assert browser_of(ALICE).get(f"{ADDRESS}.pdf").status_code == 404
    assert browser_of(ALICE).post(f"{ADDRESS}.{kind}").status_code in (403, 405)
