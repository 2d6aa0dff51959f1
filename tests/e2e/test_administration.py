"""The journal, and the operator in the place of a customer, as they are seen and clicked."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from core import audit, clock
from core.testing import world

from .conftest import listen

STAFF = "staff@operator.example"


def test_staff_acts_for_a_customer_under_a_band_and_the_journal_keeps_both_names(web, browser):
    audit.write(
        web.host.engine, now=clock.now(), actor="alice@a.example", action="contact.changed",
        target="site 10", before={"name": "Jean"}, after={"name": "<b>Claire</b>"},
    )  # fmt: skip
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    page = context.new_page()
    wrong: list[str] = []
    listen(page, wrong)
    page.goto(f"{web.url}/connexion?next=/administration/clients")
    page.fill("#email", STAFF)
    page.fill("#password", world.PASSWORD)
    page.click("button[type=submit]")

    # From the list of customers to the sheet of one: a rubric is taken away, then one acts.
    page.get_by_role("link", name="CANARI-A client").first.click()
    expect(page.locator("h1")).to_have_text("CANARI-A client")
    page.get_by_label("Factures").uncheck()
    page.locator("#customers-whole .card", has_text="Rubriques").get_by_text("Enregistrer").click()
    expect(page.locator("#customers-said")).to_contain_text("enregistré")
    page.get_by_role("button", name="Agir pour ce client").click()
    band = page.locator(".acting")
    expect(band).to_contain_text("Vous agissez pour CANARI-A client, jusqu’à")
    expect(page.locator("#host-menu")).not_to_contain_text("Factures")
    expect(page.locator("#host-menu")).not_to_contain_text("Comptes clients")

    # Every page has the band, and that customer's rows alone.
    page.goto(f"{web.url}/supervision/etat")
    expect(page.locator("#supervision-table")).to_contain_text("CANARI-A")
    expect(page.locator("#supervision-table")).not_to_contain_text("CANARI-B")
    expect(band).to_be_visible()
    page.get_by_role("link", name="Journal").click()
    table = page.locator("#journal-table")
    expect(table).to_contain_text("A commencé à agir pour un client")
    expect(table).to_contain_text("pour CANARI-A client")
    expect(table).not_to_contain_text("CANARI-B")

    # A line opens beside the table, filters narrow it, text stays text.
    page.locator("#journal-action").select_option("contact.changed")
    expect(page).to_have_url(re.compile("action=contact.changed"))
    table.get_by_text("alice@a.example").first.click()
    opened = page.locator("#journal-line")
    expect(opened).to_contain_text("Jean")
    expect(opened).to_contain_text("<b>Claire</b>")
    page.locator("#journal-who").fill("personne")
    expect(table).to_contain_text("Aucune ligne ne correspond")

    band.get_by_role("button", name="Ne plus agir").click()
    expect(band).to_have_count(0)
    expect(page.locator("#host-menu")).to_contain_text("Comptes clients")
    page.goto(f"{web.url}/administration/clients/1")
    page.get_by_label("Factures").check()
    page.locator("#customers-whole .card", has_text="Rubriques").get_by_text("Enregistrer").click()
    expect(page.locator("#customers-said")).to_contain_text("enregistré")
    assert wrong == []
    context.close()
