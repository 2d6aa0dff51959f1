"""« Imports » by hand: a file sent, its columns chosen, looked at, brought in; a phone; axe."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from core.network.inventory import Site
from core.testing import world
from plugins.factures.demo_paper import paper
from plugins.factures.tests.world import bill_of

from .conftest import Portal, listen
from .test_accessibility import faults

STAFF = "staff@operator.example"
LINES = (
    "N° client;Société;Site;Ville ou lieu",
    "CANARI-A-num;CANARI-A société 1;CANARI-A site 11;<b>Millau</b>",
    "CANARI-A-num;CANARI-A société 1;Entrepôt d’Albi;Albi",
    "CANARI-A-num;Société inconnue;Ailleurs;Brest",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sites de l’ERP.csv"
    path.write_text("\r\n".join(LINES), encoding="cp1252")
    return path


def send(page: Page, file: Path, *, partial: bool = True) -> None:
    page.select_option("#host-imports-dataset", "sites")
    page.get_by_label("Source").fill("ERP d’essai")
    if partial:
        page.get_by_text("des changements : rien n’est fermé").click()
    page.set_input_files("#host-imports-file", str(file))
    page.get_by_role("button", name="Examiner le fichier").click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))


def test_a_file_is_sent_mapped_looked_at_and_brought_in(
    web: Portal, page: Page, sign_in, file: Path
):
    sign_in(web, STAFF, "/imports")
    send(page, file)
    expect(page.locator(".page-head .sub")).to_contain_text("CSV, point-virgule, Windows-1252")
    unknown = page.locator("tr", has_text="Ville ou lieu")
    expect(unknown).to_contain_text("inconnue")
    unknown.locator("select").select_option(label="Commune")
    page.get_by_role("button", name="Vérifier le fichier").click()
    page.locator(".chip", has_text="Modifiées").click()
    expect(page.locator(".import-rows tbody tr")).to_have_count(1)
    expect(page.locator(".import-rows tbody")).to_contain_text("→ <b>Millau</b>")
    page.locator(".chip", has_text="Rejetées").click()
    expect(page.locator(".import-rows tbody")).to_contain_text("société inconnue ici")
    page.get_by_role("button", name="Importer 2 changements").click()
    expect(page.locator(".import-report")).to_contain_text("Écrit le")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Lignes rejetées").click()
    assert "Société inconnue" in saved.value.path().read_text()
    with web.host.engine.connect() as connection:
        names = set(connection.scalars(sa.select(Site.commune)))
    assert {"<b>Millau</b>", "Albi"} <= names
    page.get_by_role("link", name="Tous les imports").click()
    expect(page.locator(".table-scroll tbody tr").first).to_contain_text("Importé")


def test_a_file_that_cannot_be_taken_is_told_without_leaving_the_page(
    web: Portal, page: Page, sign_in, tmp_path: Path, wrong: list[str]
):
    sign_in(web, STAFF, "/imports")
    (tmp_path / "a.csv").write_bytes(b"%PDF-1.7 \x00")
    page.set_input_files("#host-imports-file", str(tmp_path / "a.csv"))
    page.get_by_role("button", name="Examiner le fichier").click()
    expect(page.locator("[data-said]")).to_have_text(
        "Ce n'est pas un tableau : CSV, XLSX ou JSON sont lus."
    )
    wrong.clear()  # the browser tells of the 422 too


def test_invoices_are_sent_together_with_their_index_and_looked_at_first(
    web: Portal, page: Page, sign_in, tmp_path: Path
):
    for number in ("FA1", "FA2"):
        body = paper(bill_of(number, "CANARI-A société 1"))
        (tmp_path / f"{number}.pdf").write_bytes(body)
    (tmp_path / "index.csv").write_text("N° facture;Montant TTC\nFA1;320,00\nFA2;321,00\n")
    sign_in(web, STAFF, "/imports?donnees=factures")
    files = [str(tmp_path / name) for name in ("FA1.pdf", "FA2.pdf", "index.csv")]
    page.set_input_files("#host-imports-file", files)
    page.get_by_role("button", name="Examiner le fichier").click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    expect(page.get_by_role("button", name="Importer 1 changement")).to_be_visible()
    expect(page.locator(".steps")).not_to_contain_text("Colonnes")
    page.locator(".chip", has_text="Rejetées").click()
    said = "montant TTC : l'index dit « 321,00 », la facture « 320,00 »"
    expect(page.locator(".import-rows tbody")).to_contain_text(said)
    page.get_by_role("button", name="Importer 1 changement").click()
    expect(page.locator(".import-report")).to_contain_text("pourquoi chaque document est refusé")


def test_what_one_chose_stays_while_the_page_refreshes(
    web: Portal, page: Page, sign_in, file: Path
):
    sign_in(web, STAFF, "/imports")
    send(page, file)
    choice = page.locator("tr", has_text="Ville ou lieu").locator("select")
    choice.select_option(label="Commune")
    with page.expect_response(lambda reply: "host-import-tick" in (reply.request.post_data or "")):
        pass
    with page.expect_response(lambda reply: "host-import-tick" in (reply.request.post_data or "")):
        pass
    assert choice.input_value() == "commune"


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_every_step_is_whole_for_everybody(
    web: Portal, browser: Browser, file: Path, theme: Any, width: int
):
    context = browser.new_context(
        color_scheme=theme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    page, wrong = context.new_page(), list[str]()
    listen(page, wrong)
    page.goto(web.url + "/imports")
    page.fill("#email", STAFF)
    page.fill("#password", world.PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator("#host-imports-file")).to_be_visible()
    page.locator(".datasets summary").first.click()
    fits = f"document.documentElement.scrollWidth <= {width}"

    def whole() -> None:
        assert page.evaluate(fits)
        assert faults(page) == []

    whole()
    send(page, file, partial=False)
    whole()
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.locator(".import-closing")).to_be_visible()
    whole()
    page.get_by_role("button", name="Abandonner").click()
    expect(page.locator(".import-report")).to_contain_text("rien n’a été changé")
    whole()
    assert wrong == []
    context.close()
