"""« Reporting » by hand: a report ordered, followed, left and found again, opened from a disk."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy.orm import Session

from core.accounts import Account
from core.jobs import Job, JobState
from core.testing import world
from core.testing.files import csv_rows
from core.testing.world import NOW

from .conftest import Portal, listen
from .test_accessibility import faults

ALICE, BOB = "alice@a.example", "bob@b.example"
ADDRESS = "/consommations/reporting"
READY = 20_000
"""Milliseconds for a worker to start and do a job."""


@pytest.fixture
def reporting(web: Portal, page: Page, sign_in) -> Page:
    with web.host.engine.begin() as connection:
        connection.execute(sa.delete(Job))
    sign_in(web, ALICE, ADDRESS)
    expect(page.locator("h1")).to_have_text("Reporting")
    return page


def order(page: Page, label: str) -> Locator:
    """Order the month that is under way; return its line in the list."""
    page.select_option("#consommations-form", label=label)
    page.get_by_role("button", name="Demander").click()
    line = page.locator(".jobs > li", has_text=label)
    expect(line).to_be_visible()
    return line


def write(web: Portal, **values: object) -> None:
    with web.host.engine.begin() as connection:
        connection.execute(sa.update(Job).values(**values))


def test_the_months_of_the_page_are_the_last_three_newest_first(reporting: Page):
    expect(reporting.locator("#host-menu .is-current")).to_have_text("Reporting")
    entries = reporting.locator("#host-menu li", has_text=re.compile("Status map|Reporting"))
    expect(entries).to_have_text(["Status map", "Reporting"])
    for title in ("Reporting tabulaire (CSV)", "Reporting graphique (ZIP)"):
        months = reporting.locator(".asks .card", has_text=title).locator("li b").all_inner_texts()
        assert len(months) == 3
        assert months == sorted(months, key=lambda m: (m[3:], m[:2]), reverse=True)
        assert all(re.fullmatch(r"\d\d/\d{4}", month) for month in months)
    expect(reporting.locator("#consommations-jobs")).to_contain_text("Aucun rapport")


def test_a_report_is_followed_left_found_again_and_opens_from_a_disk(
    web: Portal, reporting: Page, browser: Browser, wrong: list[str], tmp_path: Path
):
    page = reporting
    line = order(page, "Reporting graphique (ZIP)")
    expect(line).to_contain_text("En attente")
    # A worker that began and was killed: its progress shows, and the next one does it again.
    web.host.config.jobs_path.mkdir(exist_ok=True)
    write(web, state=JobState.RUNNING, progress=40, attempts=1)
    expect(line.get_by_role("progressbar")).to_have_attribute("value", "40")
    expect(line).to_contain_text("En cours")
    page.get_by_role("link", name="Status map").click()
    expect(page.locator("h1")).to_have_text("Status map")
    page.go_back()
    expect(line.get_by_role("progressbar")).to_have_attribute("value", "40")
    with web.running("work"):
        expect(line).to_contain_text("Prêt", timeout=READY)
    with page.expect_download() as saved:
        line.get_by_role("link", name="Télécharger").click()
    assert re.fullmatch(r"Reporting graphique \d{4}-\d\d\.zip", saved.value.suggested_filename)
    href = line.get_by_role("link", name="Télécharger").get_attribute("href")
    with zipfile.ZipFile(saved.value.path()) as archive:
        archive.extractall(tmp_path)
    _read_offline(browser, tmp_path, wrong)
    _is_hidden_from_others(web, browser, href or "")


def _read_offline(browser: Browser, folder: Path, wrong: list[str]) -> None:
    """Open the report without a network: as it is, then with axe put into it from outside."""
    looks: list[tuple[Literal["light", "dark"], bool]]
    looks = [("light", False), ("light", True), ("dark", True)]
    for theme, axe in looks:
        context = browser.new_context(offline=True, color_scheme=theme, bypass_csp=axe)
        page = context.new_page()
        if not axe:  # axe asks for the style sheet again, which a page on a disk may not do
            listen(page, wrong)
        page.goto((folder / "index.html").as_uri())
        expect(page.get_by_role("heading", name="CANARI-A société 2")).to_be_visible()
        expect(page.locator("body")).to_have_css("margin", "0px")  # the style sheet is read
        assert not axe or faults(page) == []
        page.get_by_role("link", name="CANARI-A-10-000").click()
        expect(page.locator("h1")).to_have_text("Trafic sur le lien CANARI-A-10-000")
        expect(page.get_by_role("img", name="Trafic sur le lien")).to_be_visible()
        expect(page.locator("svg path.in")).to_have_attribute("d", re.compile(r"^M[\d.]+ "))
        expect(page.get_by_text("Classes de service, sortant")).to_be_visible()
        assert not axe or faults(page) == []
        page.emulate_media(media="print")
        expect(page.get_by_role("link", name="Sommaire")).to_be_hidden()
        page.emulate_media(media="screen")
        page.get_by_role("link", name="Sommaire").click()
        expect(page).to_have_url(re.compile(r"index\.html$"))
        context.close()


def _is_hidden_from_others(web: Portal, browser: Browser, href: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(web.url + ADDRESS)
    page.fill("#email", BOB)
    page.fill("#password", world.PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator("#consommations-jobs")).to_contain_text("Aucun rapport")
    assert page.request.get(web.url + href).status == 404
    context.close()


def test_a_table_is_saved_a_job_is_cancelled_and_what_is_over_is_deleted(
    web: Portal, reporting: Page
):
    page = reporting
    order(page, "Reporting tabulaire (Excel)").get_by_role("button", name="Annuler").click()
    excel = page.locator(".jobs > li", has_text="Excel")
    expect(excel).to_contain_text("Annulé")
    excel.get_by_role("button", name="Supprimer").click()
    expect(excel).to_have_count(0)
    line = order(page, "Reporting tabulaire (CSV)")
    with web.running("work"):
        expect(line).to_contain_text("Prêt", timeout=READY)
        page.fill("#consommations-month", "2019-03")
        page.get_by_role("button", name="Demander").click()
        failed = page.locator(".jobs > li", has_text="03/2019")
        expect(failed).to_contain_text("Aucune mesure de vos liaisons en 03/2019")
    with page.expect_download() as saved:
        line.get_by_role("link", name="Télécharger").click()
    rows = csv_rows(Path(saved.value.path()).read_bytes())
    assert [row[3] for row in rows[1:]] == [
        "CANARI-A-10-000", "CANARI-A-10-001", "CANARI-A-11-000", "CANARI-A-20-000",
    ]  # fmt: skip
    page.fill("#consommations-month", "2226-01")
    page.get_by_role("button", name="Demander").click()
    expect(page.get_by_role("alert")).to_contain_text("Le mois 01/2226 n’a pas commencé.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_list_of_jobs_has_no_serious_fault(web, reporting, browser, theme):
    made = {"account_id": _account(web), "kind": "consommations.report", "language": "fr"}
    made |= {"arguments": {"month": "2026-10", "form": "csv"}, "name": "r.csv", "created": NOW}
    rows = [
        {**made, "state": state, "progress": 30, "attempts": 0, "stopping": False, "facts": {},
         "error": "Aucune mesure." if state is JobState.FAILED else None}
        for state in JobState
    ]  # fmt: skip
    with web.host.engine.begin() as connection:
        connection.execute(sa.insert(Job), rows)
    context = browser.new_context(color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    page.goto(web.url + ADDRESS)
    page.fill("#email", ALICE)
    page.fill("#password", world.PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator(".jobs > li")).to_have_count(len(JobState))
    assert faults(page) == []
    context.close()


def _account(web: Portal) -> int:
    with Session(web.host.engine) as session:
        return session.scalars(sa.select(Account.id).where(Account.email == ALICE)).one()
