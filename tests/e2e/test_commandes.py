"""Orders and subscriptions in a browser: the seed's own cells, and what a customer does there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.testing.files import csv_rows
from plugins.commandes.tests.conftest import CAPEL, bring_seed

from .conftest import ALICE, MAIN, Portal, installed, until

ORDERS, TREE = "/commandes/suivi", "/commandes/abonnements"
COMPANY = "CAPEL LA QUERCYNOISE"
GREEN = "Capel La Vie En Vert Saint Germain Les Vergnes"
SEED = [
    ["Création", f"{COMPANY} : C7278-00003-001 Capel Cajarc Gamme Vert", "IP VPN SDSL 500k",
     "10/06/11", "N/A", "14/06/11", "31/05/11", "INSTALL PROGRAMMEE",
     "ERAT_260 Travaux opérateur à réaliser"],
    ["Création", f"{COMPANY} : C7278-00005-001 {GREEN}", "IP VPN SDSL 500k", "10/06/11", "N/A",
     "N/A", "08/06/11", "PRODUCTION EN COURS", "ERAT_010 POI nécessaire"],
    ["Création", f"{COMPANY} : C7278-00004-001 {GREEN}", "IP VPN SDSL 500k", "10/06/11", "N/A",
     "N/A", "08/06/11", "PRODUCTION EN COURS", "ERAT_010 POI nécessaire"],
    ["Création", f"{COMPANY} : C7278-00001-001 Capel Livernon Gamme Vert", "IP VPN SDSL 500k",
     "10/06/11", "N/A", "08/06/11", "31/05/11", "INSTALLEE", "ERAT_000 Production en cours"],
    ["Création", f"{COMPANY} : C7278-00002-001 Coeur De Reseau", "Coeur de réseau", "26/05/11",
     "N/A", "N/A", "N/A", "PRODUCTION EN COURS", ""],
]  # fmt: skip
"""The table of the seed, « Suivi des commandes »."""
SHEET = {
    "Désignation": "Liaison BLR",
    "N° de référence (CLS)": "000000000-001",
    "Référence client": "",
    "Catégorie": "Article d'abonnement de liaison de données (AEIL)",
    "Quantité": "1",
    "Adresse IP LAN": "10.10.10.100",
    "Masque LAN": "255.255.255.0",
    "Adresse IP WAN": "10.10.10.101",
    "Masque WAN": "255.255.255.252",
    "Login Radius": "",
    "Mot de passe Radius": "",
    "Commercial": "",
    "E-mail commercial": "",
    "Chef de projet": "",
    "E-mail chef de projet": "",
    "Date de mise en service": "01/03/2006",
}
"""The sheet of the seed, « Détails des abonnements »."""


@pytest.fixture(scope="module")
def capel(empty_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """An installation into which the seed's file was brought."""
    folder = tmp_path_factory.mktemp("capel")
    with installed(empty_installation, folder) as portal:
        bring_seed(portal.host, folder)
        with portal.running("serve"):
            until(portal.answers, 30, "the web process")
            yield portal


def text(cell: Locator) -> str:
    return " ".join(cell.inner_text().split())


def test_the_table_is_the_one_of_the_seed(capel: Portal, page: Page, sign_in) -> None:
    sign_in(capel, CAPEL, ORDERS)
    rows = page.locator("#commandes-table tbody tr")
    expect(rows).to_have_count(5)
    cells = [
        [text(cell) for cell in row.locator("td:not(.cell-phone)").all()] for row in rows.all()
    ]
    assert cells == SEED
    heads = [text(head) for head in page.locator("#commandes-table thead th").all()]
    assert heads == [
        "Type BC", "Client / Site", "Libellé article", "Date", "État commande", "Production",
        "contract.", "souhaitée", "RDV routeur", "RDV lien",
    ]  # fmt: skip
    with page.expect_download() as waited:
        page.get_by_role("link", name="Export détaillé (CSV)").click()
    saved = csv_rows(Path(waited.value.path()).read_bytes())
    assert saved[0] == [
        "N° de référence (CLS)", "Type BC", "Client", "Site", "Libellé article",
        "Date contractuelle", "Date souhaitée", "Date RDV routeur", "Date RDV lien",
        "État commande", "Code production", "Libellé code production",
    ]  # fmt: skip
    assert [row[0] for row in saved[1:]] == [f"C7278-0000{n}-001" for n in (3, 5, 4, 1, 2)]


def test_the_sheet_is_the_one_of_the_seed(capel: Portal, page: Page, sign_in) -> None:
    sign_in(capel, CAPEL, TREE)
    expect(page.locator("h1")).to_have_text("Suivi des abonnements")
    expect(page.locator("#abonnements-count")).to_have_text("Affichage des abonnements 1 - 3 sur 3")
    page.get_by_role("link", name="Liaison BLR", exact=True).click()
    details = page.locator("#abonnements-details")
    expect(details).to_contain_text("000000000-001")
    expect(page.locator("#abonnements-sheet h2")).to_have_text("Détails des abonnements")
    names = [text(name) for name in details.locator("dt").all()]
    values = [text(value) for value in details.locator("dd").all()]
    assert dict(zip(names, values, strict=True)) == SHEET
    assert list(SHEET) == names


def test_nodes_open_and_close_and_technologies_group_them(
    capel: Portal, page: Page, sign_in
) -> None:
    sign_in(capel, CAPEL, TREE)
    leaves = page.locator(".tree-leaf")
    expect(leaves).to_have_count(3)
    page.get_by_role("link", name="Réduire Coeur De Reseau").click()
    expect(leaves).to_have_count(0)
    page.get_by_role("link", name="Tout développer").click()
    expect(leaves).to_have_count(3)
    page.get_by_role("link", name="Par technologie").click()
    expect(page.locator(".tree-node")).to_have_count(2)
    page.fill("#commandes-search", "secours")
    expect(page.locator("#abonnements-count")).to_have_text("Affichage des abonnements 1 - 1 sur 1")
    page.go_back()
    expect(page.locator(".tree-node")).to_have_count(1)


def test_filters_stand_in_the_address(capel: Portal, page: Page, sign_in) -> None:
    sign_in(capel, CAPEL, ORDERS)
    rows = page.locator("#commandes-table tbody tr")
    expect(rows).to_have_count(5)
    page.locator("#commandes-counters a", has_text="PRODUCTION EN COURS").click()
    expect(rows).to_have_count(3)
    page.get_by_text("Plus de critères").click()
    page.select_option("#commandes-code", "ERAT_010")
    expect(rows).to_have_count(2)
    page.reload()
    expect(rows).to_have_count(2)
    expect(page.locator("#commandes-code")).to_have_value("ERAT_010")
    page.fill("#commandes-site", "nulle part")
    expect(page.get_by_text("Aucune commande ne correspond")).to_be_visible()
    page.get_by_role("link", name="Effacer les filtres").click()
    expect(rows).to_have_count(5)


def test_an_order_is_opened_from_its_row_and_a_message_is_left(
    capel: Portal, page: Page, sign_in
) -> None:
    sign_in(capel, CAPEL, ORDERS)
    page.locator("#commandes-table tbody tr").first.locator("td").first.click()
    expect(page.locator("h1")).to_have_text("Création · C7278-00003-001")
    expect(page.locator("#host-menu .is-current")).to_have_text("Suivi des commandes")
    expect(page.locator(".timeline .now")).to_contain_text("Travaux")
    expect(page.locator(".turn")).to_contain_text("Au tour d’un tiers")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("Écrivez un message avant de l’envoyer.")).to_be_visible()
    page.fill("#commande-text", "Le site est ouvert le <b>samedi</b>.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".thread li")).to_contain_text("Le site est ouvert le <b>samedi</b>.")
    expect(page.locator("#commande-text")).to_have_value("")
    with page.expect_download() as waited:
        page.get_by_role("link", name="Rendez-vous (ICS)").click()
    assert Path(waited.value.path()).read_bytes().count(b"BEGIN:VEVENT") == 2


def test_a_contact_on_site_is_changed_in_the_page(capel: Portal, page: Page, sign_in) -> None:
    sign_in(capel, CAPEL, f"{TREE}?abonnement=000000000-001")
    page.get_by_role("link", name="Modifier le contact sur site").click()
    page.fill("#abonnements-contact-name", "Claire Vidal")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#abonnements-contact-said")).to_contain_text("Donnez un téléphone")
    page.fill("#abonnements-contact-phone", "05 65 00 00 00")
    page.get_by_role("button", name="Enregistrer").click()
    sheet = page.locator("#abonnements-sheet")
    expect(sheet).to_contain_text(f"par {CAPEL}")
    expect(sheet).to_contain_text("Claire Vidal")
    expect(page.locator("#abonnements-contact-name")).to_have_count(0)
    assert "modifier" not in page.url


def test_a_cancellation_is_asked_for_and_flagged(capel: Portal, page: Page, sign_in) -> None:
    sign_in(capel, CAPEL, f"{TREE}?abonnement=000000000-003")
    page.get_by_role("link", name="Demander la résiliation").click()
    page.fill("#abonnements-day", "2030-12-31")
    page.fill("#abonnements-reason", "Fermeture")
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.locator("#abonnements-asked")).to_contain_text("trop lointaine")
    page.evaluate("document.getElementById('abonnements-day').value = ''")
    soon = page.evaluate("new Date(Date.now() + 40 * 864e5).toISOString().slice(0, 10)")
    page.fill("#abonnements-day", soon)
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.locator(".tree-leaf .tag")).to_contain_text("Résiliation demandée au")
    page.get_by_role("button", name="Retirer la demande").click()
    expect(page.locator(".tree-leaf .tag")).to_have_count(0)


def test_a_password_is_shown_for_a_minute_and_noted(web: Portal, page: Page, sign_in) -> None:
    page.clock.install()
    sign_in(web, ALICE, f"{TREE}?abonnement={MAIN}")
    secret = page.locator("#abonnements-secret")
    expect(secret).to_have_text("••••••••")
    page.get_by_role("button", name="Afficher une minute").click()
    expect(secret).to_have_text("CANARI-A secret")
    page.clock.fast_forward(61_000)
    expect(secret).to_have_text("••••••••")
    assert "CANARI-A secret" not in page.content()
    with Session(web.host.engine) as session:
        query = sa.select(AuditEntry).where(AuditEntry.action == "radius.revealed")
        (entry,) = session.scalars(query).all()
    assert (entry.actor, MAIN in entry.target) == (ALICE, True)
    assert "secret" not in str(entry.facts)
