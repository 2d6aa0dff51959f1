"""A customer watches its links live: from the router's interface to the LED on the page."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, Response, expect

from .conftest import ALICE, BACKUP, MAIN, REACTION, ROWS, SERVICES

SITE_20 = "CANARI-A-20-000"


def row(page: Page):
    return page.locator("#supervision-table tbody tr").filter(has_text="CANARI-A site 10")


def panel(page: Page):
    return page.locator("#supervision-detail")


def test_a_customer_sees_its_sites_and_no_other(portal, page, sign_in):
    sign_in(portal, ALICE, SERVICES)
    expect(page.locator("h1")).to_have_text("État de vos services")
    expect(page.locator("#supervision-table tbody tr")).to_have_count(3)
    assert "CANARI-B" not in page.content()


def test_the_led_follows_the_links(portal, page, sign_in):
    sign_in(portal, ALICE, f"{SERVICES}?service={MAIN}")
    expect(row(page)).to_contain_text("Fonctionnel", timeout=REACTION)
    expect(panel(page)).to_contain_text("Le service est fonctionnel", timeout=REACTION)

    portal.fleet.control.down([MAIN])
    expect(row(page)).to_contain_text("Dégradé", timeout=REACTION)
    expect(row(page).locator(".led-degraded").first).to_be_visible()
    expect(panel(page)).to_contain_text(
        re.compile("secours actif", re.IGNORECASE), timeout=REACTION
    )
    expect(panel(page)).to_contain_text(re.compile(r"0 jours 00:00:\d\d"))
    first = panel(page).locator("[data-since]").first.inner_text()
    expect(panel(page).locator("[data-since]").first).not_to_have_text(first, timeout=3000)

    portal.fleet.control.down([BACKUP])
    expect(row(page)).to_contain_text("Interrompu", timeout=REACTION)
    expect(panel(page)).to_contain_text("Le service est interrompu", timeout=REACTION)

    portal.fleet.control.restore([MAIN, BACKUP])
    expect(row(page)).to_contain_text("Fonctionnel", timeout=REACTION)


def test_a_row_that_breaks_goes_up_and_its_tick_is_packed(portal, page, sign_in):
    """Rows move one by one, told in words that the browser has (``core/web/packing.py``)."""
    packed: list[bool] = []

    def note(reply: Response) -> None:
        if "/_dash-update-component" in reply.url and reply.status == 200:
            asked = json.loads(reply.request.post_data or "{}")["changedPropIds"]
            if asked == ["supervision-tick.n_intervals"]:
                packed.append("x-words" in reply.headers)

    page.on("response", note)
    sites = page.locator(f"{ROWS} td:nth-child(3)")
    portal.fleet.control.restore([MAIN, BACKUP])
    sign_in(portal, ALICE, SERVICES)
    expect(row(page)).to_contain_text("Fonctionnel", timeout=REACTION)
    portal.fleet.control.down([SITE_20])
    expect(sites.first).to_have_text("CANARI-A site 20", timeout=REACTION)
    expect(page.locator(ROWS).first).to_contain_text("Interrompu")
    expect(sites).to_have_count(3)
    portal.fleet.control.restore([SITE_20])
    expect(sites.last).to_have_text("CANARI-A site 20", timeout=REACTION)
    assert True in packed
    assert all(packed[1:]), "the first may be asked before the words are here"


def test_without_its_collector_the_page_turns_grey_and_never_stays_green(web, page, sign_in):
    web.fleet.control.restore([MAIN, BACKUP])
    with web.running("collect"):
        sign_in(web, ALICE, SERVICES)
        expect(row(page)).to_contain_text("Fonctionnel", timeout=REACTION)
    expect(row(page)).to_contain_text("Indéterminé", timeout=REACTION + 3 * 5000)
    expect(page.locator("#supervision-fresh .led-unknown")).to_be_visible(timeout=REACTION)


def test_the_traffic_that_is_polled_is_on_the_chart(portal, page, sign_in):
    sign_in(portal, ALICE, f"{SERVICES}?service={MAIN}")
    expect(panel(page).locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=15000)
    expect(panel(page)).to_contain_text("Entrant")
    expect(panel(page)).to_contain_text("bit/s")


def test_a_reference_of_someone_else_in_the_address_is_not_found(web, page, sign_in):
    sign_in(web, ALICE, f"{SERVICES}?service=CANARI-B-10-000")
    expect(panel(page)).to_contain_text("introuvable")


def test_a_user_without_a_rubric_has_no_entry_for_it_and_a_clear_refusal(web, page, sign_in, wrong):
    sign_in(web, "norights@a.example")
    expect(page.locator("#host-menu")).not_to_contain_text("État de vos services")
    expect(page.locator(".empty")).to_be_visible()
    page.goto(web.url + SERVICES)
    expect(page.locator("h1")).to_contain_text("Cette page ne vous est pas ouverte")
    wrong.clear()  # the browser itself reports the 403
