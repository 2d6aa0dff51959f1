"""From an outage to the sheet of commitments: a red LED, a ticket, its actions, its resolution; the
mails of each step are taken by a real SMTP server on loopback.
"""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core.testing import world
from core.tests.test_mail import _Smtp
from plugins.incidents.life import Status
from plugins.incidents.models import Ticket

from .conftest import ALICE, BACKUP, MAIN, REACTION, SERVICES, Portal, installed, listen, until

STAFF = "staff@operator.example"


@pytest.fixture(scope="module")
def taken() -> Iterator[Any]:
    """A mail server; ``taken.lines`` is what it was given."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.lines = []  # type: ignore[attr-defined]  # read by its handler
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def desk(
    empty_installation: Path, tmp_path_factory: pytest.TempPathFactory, taken: Any
) -> Iterator[Portal]:
    """An installation that writes mails."""
    with installed(empty_installation, tmp_path_factory.mktemp("desk")) as portal:
        portal.host.config.path.write_text(
            "operator: {name: Opérateur d'essai, incidents: support@operator.example}\n"
            f"mail: {{host: 127.0.0.1, port: {taken.server_address[1]}}}\n"
        )
        with portal.running("serve"), portal.running("collect"), portal.running("work"):
            until(portal.answers, 30, "the web process")
            yield portal


@pytest.fixture(autouse=True)
def _none_open(desk: Portal) -> None:
    """Close the tickets of the world and of the test before."""
    with Session(desk.host.engine) as session:
        for ticket in session.scalars(sa.select(Ticket).where(Ticket.status != Status.CLOSED)):
            ticket.status, ticket.resolved = Status.CLOSED, ticket.opened
        session.commit()


def signed_in(page: Page, portal: Portal, email: str, path: str) -> None:
    page.goto(portal.url + path)
    page.fill("#email", email)
    page.fill("#password", world.PASSWORD)
    page.click("button[type=submit]")


def test_an_outage_becomes_a_ticket_is_resolved_and_counts(
    desk: Portal, page: Page, browser: Any, taken: Any, wrong: list[str], tmp_path: Path
) -> None:
    desk.fleet.control.down([MAIN, BACKUP])
    signed_in(page, desk, ALICE, f"{SERVICES}?service={MAIN}")
    expect(page.locator("#supervision-panel")).to_contain_text("interrompu", timeout=REACTION)
    page.get_by_role("link", name="Ouvrir un ticket").click()
    expect(page.locator("h1")).to_have_text("Ouvrir un ticket")
    expect(page.locator("#incidents-new-impact")).to_have_value("coupure")
    expect(page.locator("#incidents-new-description")).to_have_value(
        re.compile("Relevé par la supervision")
    )
    page.fill("#incidents-new-contact", "Claire Vidal")
    photo = tmp_path / "relevé.txt"
    photo.write_text("voyant WAN éteint")
    page.locator("[data-join-held] input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="Ouvrir le ticket").click()
    expect(page.locator("h1")).to_contain_text("Ticket N°E")
    number = page.locator("h1").inner_text().removeprefix("Ticket N°")
    expect(page.locator(".log li")).to_have_count(2)
    left = page.locator(".gtr [data-until]")
    expect(left).to_have_text(re.compile(r"0[34]:\d\d:\d\d"))
    expect(left).not_to_have_text(left.inner_text(), timeout=5000)
    with page.expect_download() as waited:
        page.get_by_role("link", name="relevé.txt").click()
    assert Path(waited.value.path()).read_text() == "voyant WAN éteint"

    theirs = browser.new_context(locale="fr-FR").new_page()
    listen(theirs, wrong)
    signed_in(theirs, desk, STAFF, f"/incidents/{number}")
    theirs.get_by_role("button", name="Prendre en charge").click()
    expect(theirs.locator(".steps .now")).to_contain_text("Pris en charge")
    theirs.fill("#ticket-text", "Le site est-il ouvert ?")
    theirs.get_by_role("button", name="Attendre le client").click()
    expect(theirs.locator(".gtr")).to_contain_text("horloge arrêtée")
    expect(theirs.locator(".gtr [data-until]")).to_have_count(0)

    page.reload()
    page.fill("#ticket-text", "Oui, jusqu’à 18 h.")
    page.get_by_role("button", name="Répondre et relancer l’horloge").click()
    expect(page.locator(".steps .now")).to_contain_text("Pris en charge")
    expect(page.locator(".log li").first).to_contain_text("Oui, jusqu’à 18 h.")

    theirs.reload()
    desk.fleet.control.restore([MAIN, BACKUP])
    theirs.fill("#ticket-text", "Fibre ressoudée.")
    theirs.get_by_role("button", name="Résoudre").click()
    expect(theirs.locator(".steps .now")).to_contain_text("Résolu")
    page.reload()
    page.get_by_role("link", name="Solution de l’incident").click()
    expect(page.locator("#ticket-tabs")).to_contain_text("Fibre ressoudée.")
    expect(page.locator(".gtr")).to_contain_text("GTR tenue")

    page.goto(f"{desk.url}/incidents/engagements?liaison={MAIN}")
    expect(page.locator(".evidence")).to_contain_text(f"Ticket {number}")
    expect(page.locator(".evidence")).to_contain_text("en attente client")

    def told() -> bool:
        said = "\n".join(taken.lines)
        return said.count("To: support@operator.example") >= 2 and said.count(f"To: {ALICE}") >= 4

    until(told, 60, "a mail for each step")


def test_a_second_ticket_is_not_opened_by_mistake(desk: Portal, page: Page) -> None:
    with Session(desk.host.engine) as session:
        ticket = session.scalars(sa.select(Ticket).where(Ticket.number == BACKUP)).one()
        ticket.status, ticket.resolved = Status.TAKEN, None
        session.commit()
    signed_in(page, desk, ALICE, "/incidents/nouveau")
    page.fill("#incidents-find", BACKUP)
    expect(page.locator("#incidents-opening .rows a")).to_have_count(1)
    page.locator("#incidents-opening .rows a").click()
    expect(page.locator("#incidents-opening")).to_contain_text("Un ticket est déjà ouvert")
    page.get_by_role("link", name=f"Voir le ticket {BACKUP}").click()
    expect(page.locator("h1")).to_have_text(f"Ticket N°{BACKUP}")


def test_the_operator_announces_works_and_their_customer_sees_them(
    desk: Portal, page: Page, browser: Any, wrong: list[str]
) -> None:
    signed_in(page, desk, STAFF, "/incidents/travaux")
    page.get_by_role("link", name="Annoncer des travaux").click()
    page.fill("#works-title", "Remplacement de la fibre")
    start = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=1)
    page.fill("#works-starts", f"{start:%Y-%m-%dT22:00}")
    page.fill("#works-ends", f"{start + timedelta(days=1):%Y-%m-%dT02:00}")
    page.fill("#works-links", MAIN)
    page.get_by_role("button", name="Annoncer", exact=True).click()
    expect(page.locator("#works-shown .rows")).to_contain_text("Remplacement de la fibre")
    theirs = browser.new_context(locale="fr-FR").new_page()
    listen(theirs, wrong)
    signed_in(theirs, desk, ALICE, "/incidents/travaux")
    expect(theirs.locator("#works-shown .rows")).to_contain_text("Remplacement de la fibre")
    page.locator("#works-shown .rows").get_by_role("link", name="Modifier").first.click()
    page.fill("#works-text", "Pièce en retard.")
    page.get_by_role("button", name="Annuler ces travaux").click()
    expect(page.locator("#works-shown")).not_to_contain_text("Déplacer ou annuler")
    expect(page.locator("#works-shown .rows")).to_have_count(0)
