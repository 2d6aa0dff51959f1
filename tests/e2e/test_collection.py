"""The operator sees on « Collecte » which router fails, why, and that the others do not."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .conftest import REACTION

STAFF = "staff@operator.example"


def test_a_router_that_answers_nonsense_is_named_and_costs_only_itself(portal, page, sign_in):
    sign_in(portal, STAFF, "/collecte")
    expect(page.locator("h1")).to_have_text("Collecte")
    troubles = page.locator("#host-collect-troubles")
    expect(troubles).to_contain_text("Aucun routeur en défaut", timeout=2 * REACTION)

    name = portal.fleet.devices[0].name
    portal.fleet.control.garble([name])
    expect(troubles).to_contain_text(
        re.compile("Réponse incorrecte|Ne répond pas"), timeout=2 * REACTION
    )
    expect(troubles.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#host-collect-size")).to_contain_text("1 routeur en défaut")

    portal.fleet.control.restore(devices=[name])
    expect(troubles).to_contain_text("Aucun routeur en défaut", timeout=2 * REACTION)


def test_each_process_of_the_collector_tells_of_itself(portal, page, sign_in):
    sign_in(portal, STAFF, "/collecte")
    processes = page.locator("#host-collect-processes")
    expect(processes).to_contain_text("collecteur 1/1", timeout=2 * REACTION)
    expect(processes).to_contain_text("en marche")
