"""« Status map » in Chromium: sites at their place, live, without any network but the portal's."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.network.inventory import Link, Site
from core.web.packing import unpack

from .conftest import ALICE, MAIN, REACTION

STAFF = "staff@operator.example"
MAP = "/supervision/carte"
OTHER = "CANARI-A-11-000"
PLACES = {"10": (48.85, 2.35), "11": (14.6, -61.07), "20": (-20.88, 55.45)}
MARKUP = '<img src=x onerror="window.broken=1"><b>gras</b>'
REFRESHED = 1_000
"""Milliseconds between two refreshes every ten seconds, on a page that is ``hurried``."""
HURRY = """
const every = setInterval;
window.setInterval = (action, ms) => every(action, ms >= 10000 ? ms / 10 : ms);
"""
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def places(web):
    """Put the sites of customer A where they can be told apart, for one test."""
    with Session(web.host.engine) as session:
        kept = {}
        for end, (latitude, longitude) in PLACES.items():
            site = session.scalars(sa.select(Site).where(Site.name == f"CANARI-A site {end}")).one()
            kept[site.id] = site.name, site.latitude, site.longitude
            site.latitude, site.longitude = latitude, longitude
        session.commit()
    yield {name: id_ for id_, (name, *_place) in kept.items()}
    with Session(web.host.engine) as session:
        for id_, (name, latitude, longitude) in kept.items():
            site = session.get_one(Site, id_)
            site.name, site.latitude, site.longitude = name, latitude, longitude
        session.commit()


@pytest.fixture
def hurried(page):
    """The slow timers of the page, the refresh among them, run ten times as fast."""
    page.add_init_script(HURRY)


def markers(page: Page, site: int):
    return page.locator(f'.map [data-site="{site}"]')


def rows(page: Page):
    return page.locator("#map-table tbody tr")


def popup(page: Page):
    return page.locator("#map-popup")


@contextmanager
def changed(web, site: int, **values):
    """Write something else about a site, for a block."""
    with Session(web.host.engine) as session:
        session.execute(sa.update(Site).where(Site.id == site).values(**values))
        session.commit()
    yield


def test_every_site_stands_at_its_place_without_any_network(portal, places, page, sign_in):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(portal, ALICE, MAP)
    expect(markers(page, places["CANARI-A site 10"])).to_be_visible()
    expect(markers(page, places["CANARI-A site 20"])).to_be_visible()
    expect(page.locator(".map path.land-departement").nth(50)).to_be_attached()
    expect(rows(page)).to_have_count(3)
    assert [url for url in asked if not url.startswith((portal.url, "data:", "blob:"))] == []
    credit = page.locator(".map-credit")
    expect(credit).to_contain_text("Natural Earth")
    assert "CANARI-B" not in page.content()


def test_a_zone_overseas_is_one_button_away(portal, places, page, sign_in):
    sign_in(portal, ALICE, MAP)
    page.get_by_role("button", name=re.compile("La Réunion")).click()
    expect(markers(page, places["CANARI-A site 20"])).to_be_visible()
    expect(markers(page, places["CANARI-A site 10"])).to_have_count(0)


def test_sites_too_near_are_one_cluster_with_the_worst_state(portal, hurried, page, sign_in):
    portal.fleet.control.down([OTHER])
    sign_in(portal, ALICE, MAP)
    page.locator("#map-every").select_option("10")
    cluster = page.locator(".map .cl")
    expect(cluster).to_have_count(1)
    expect(cluster).to_have_attribute("data-worst", "down", timeout=REACTION)
    expect(cluster).to_contain_text("3 sites, pire état : Interrompu")
    expect(cluster.locator(".led-down")).to_be_visible()


def test_the_site_one_chose_stands_out_of_its_cluster(portal, page, sign_in):
    sign_in(portal, ALICE, MAP)
    cluster = page.locator(".map .cl")
    expect(cluster).to_contain_text("3 sites")
    page.locator("#map-table").get_by_role("link", name="CANARI-A site 10").first.click()
    expect(page.locator(".map .mk.is-on")).to_be_visible()
    expect(cluster).to_contain_text("2 sites")
    expect(popup(page)).to_contain_text("CANARI-A site 10")
    page.keyboard.press("Escape")
    expect(page.locator(".map .mk")).to_have_count(0)
    expect(cluster).to_contain_text("3 sites")


def test_the_map_follows_the_links_and_tells_why_and_since_when(
    portal, places, hurried, page, sign_in
):
    site = places["CANARI-A site 10"]
    sign_in(portal, ALICE, MAP)
    page.locator("#map-every").select_option("10")
    expect(markers(page, site).locator(".led-up")).to_be_visible(timeout=REACTION)
    markers(page, site).click()
    expect(popup(page)).to_contain_text("Fonctionnel depuis")
    portal.fleet.control.down([MAIN])
    expect(markers(page, site).locator(".led-degraded")).to_be_visible(timeout=REACTION)
    expect(popup(page)).to_contain_text(re.compile(r"Dégradé depuis 0 jours 00:\d\d:\d\d"))
    expect(popup(page)).to_contain_text("Secours actif")
    expect(rows(page).first).to_contain_text("CANARI-A site 10")
    expect(page.locator("#map-chips .chip", has_text="Dégradé").locator("b")).to_have_text("1")
    popup(page).get_by_role("link", name="Voir le détail").click()
    expect(page).to_have_url(re.compile(f"/supervision/etat\\?service={MAIN}"))


def test_a_refresh_tells_a_change_once(portal, places, hurried, page, sign_in):
    news: list[str] = []

    def heard(response):
        if '"map-news.data"' in (response.request.post_data or ""):
            told = response.body()
            news.append((unpack(told) if "x-words" in response.headers else told).decode())

    page.on("response", heard)
    sign_in(portal, ALICE, MAP)
    page.locator("#map-every").select_option("10")
    site = places["CANARI-A site 11"]
    expect(markers(page, site).locator(".led-up")).to_be_visible(timeout=REACTION)
    portal.fleet.control.down([OTHER])
    expect(markers(page, site).locator(".led-down")).to_be_visible(timeout=REACTION)
    seen = len(news)
    page.wait_for_event("response", lambda _r: len(news) > seen, timeout=REACTION)
    told = [json.loads(text)["response"].get("map-news", {}).get("data") for text in news]
    assert any(isinstance(one, dict) and "d" in one for one in told)
    assert not [one for one in told if isinstance(one, dict) and "full" in one]
    # Both sides count the same: what was told is not told again.
    assert not isinstance(told[-1], dict)


def test_filters_and_search_hold_for_the_map_and_the_table(portal, places, hurried, page, sign_in):
    portal.fleet.control.down([OTHER])
    sign_in(portal, ALICE, MAP)
    page.locator("#map-every").select_option("10")
    down = page.locator("#map-chips .chip", has_text="Interrompu")
    expect(down.locator("b")).to_have_text("1", timeout=REACTION)
    down.click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("CANARI-A site 11")
    expect(markers(page, places["CANARI-A site 10"])).to_have_count(0)
    expect(page).to_have_url(re.compile("etat=down"))
    down.click()
    page.fill("#map-search", "canari-a commune 20")
    expect(rows(page)).to_have_count(1)
    page.fill("#map-search", "aucun site de ce nom")
    expect(page.locator("#map-table")).to_contain_text("Aucun site ne correspond")
    page.get_by_role("link", name="Effacer les filtres").click()
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#map-search")).to_have_value("")


def test_the_keyboard_opens_a_cluster(portal, page, sign_in):
    sign_in(portal, ALICE, MAP)
    page.locator(".leaflet-marker-icon:has(.cl)").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".map .mk")).to_have_count(3)


def test_the_keyboard_opens_a_site_and_escape_closes_it(portal, places, page, sign_in):
    sign_in(portal, ALICE, MAP)
    expect(markers(page, places["CANARI-A site 10"])).to_be_visible()
    page.locator("#map-table").get_by_role("link", name="CANARI-A site 10").first.focus()
    page.keyboard.press("Enter")
    expect(popup(page)).to_be_visible()
    expect(popup(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(popup(page)).to_be_hidden()
    expect(page.locator("#map-table a:focus")).to_have_text("CANARI-A site 10")
    page.locator(f'.leaflet-marker-icon:has([data-site="{places["CANARI-A site 11"]}"])').focus()
    page.keyboard.press("Enter")
    expect(popup(page)).to_contain_text("CANARI-A site 11")


def test_the_refresh_interval_is_remembered_and_rests_while_hidden(
    portal, places, hurried, page, sign_in
):
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.post_data or "") if r.method == "POST" else None)

    def refreshes() -> int:
        return sum('"map-news.data"' in body for body in asked)

    sign_in(portal, ALICE, MAP)
    expect(page.locator("#map-every")).to_have_value("30")
    page.locator("#map-every").select_option("0")
    page.goto(portal.url + MAP)
    expect(page.locator("#map-every")).to_have_value("0")
    page.locator("#map-every").select_option("10")
    with page.expect_request(lambda r: '"map-news.data"' in (r.post_data or ""), timeout=15_000):
        pass
    page.evaluate(HIDE, True)
    before = refreshes()
    page.wait_for_timeout(4 * REFRESHED)  # nothing is to be seen: that is the fact
    assert refreshes() == before
    with page.expect_request(lambda r: '"map-news.data"' in (r.post_data or ""), timeout=5000):
        page.evaluate(HIDE, False)


def test_an_hour_without_the_server_is_grey_and_ends_by_itself(
    portal, places, page, sign_in, wrong
):
    page.clock.install()
    site = places["CANARI-A site 10"]
    sign_in(portal, ALICE, MAP)
    page.locator("#map-every").select_option("10")
    expect(markers(page, site).locator(".led-up")).to_be_visible(timeout=REACTION)
    page.context.set_offline(True)
    page.clock.fast_forward(3_600_000)
    page.clock.run_for(3000)
    expect(page.locator("html")).to_have_attribute("data-stale", "")
    expect(page.locator(".banner")).to_be_visible()
    shape = markers(page, site).locator(".led")
    plain = page.locator(".card.map").evaluate("card => getComputedStyle(card).backgroundColor")
    assert shape.evaluate("led => getComputedStyle(led).backgroundColor") == plain
    page.context.set_offline(False)
    page.clock.run_for(6000)
    expect(page.locator(".banner")).to_have_count(0)
    expect(page.locator("html")).not_to_have_attribute("data-stale", "")
    expect(markers(page, site).locator(".led-up")).to_be_visible(timeout=REACTION)
    wrong.clear()  # the browser itself reports what it could not fetch


def test_markup_in_a_name_is_text_on_the_map_and_in_its_popup(portal, places, page, sign_in):
    site = places["CANARI-A site 10"]
    with changed(portal, site, name=MARKUP, commune=MARKUP):
        sign_in(portal, ALICE, f"{MAP}?site={site}")
        expect(popup(page)).to_contain_text(MARKUP)
        expect(page.locator("#map-table")).to_contain_text(MARKUP)
        assert page.locator("img[src=x]").count() == 0
        assert page.evaluate("window.broken") is None
    with changed(portal, site, commune="CANARI-A commune 10"):
        pass


def test_on_a_phone_the_popup_is_a_sheet_at_the_bottom(portal, places, page, sign_in):
    page.set_viewport_size({"width": 390, "height": 800})
    sign_in(portal, ALICE, f"{MAP}?site={places['CANARI-A site 10']}")
    expect(popup(page)).to_be_visible()
    box = popup(page).bounding_box()
    assert box is not None
    assert box["x"] == 0
    assert box["width"] == 390
    assert abs(box["y"] + box["height"] - 800) <= 1
    popup(page).get_by_role("button", name="Fermer").click()
    expect(popup(page)).to_be_hidden()


def test_in_full_screen_the_map_fills_its_place(portal, places, page, sign_in):
    sign_in(portal, ALICE, MAP)
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Plein écran").click()
    page.wait_for_function("document.fullscreenElement !== null")
    # Leaflet draws a little past the edges of what it believes to be its size.
    right = "(css) => document.querySelector(css).getBoundingClientRect().right"
    drawn, place = f"({right})('.map .leaflet-overlay-pane svg')", f"({right})('.map')"
    page.wait_for_function(f"{drawn} > {place}")
    expect(page.locator("#map-chips")).to_be_visible()


def test_a_site_of_another_customer_is_not_found(portal, places, page, sign_in):
    with Session(portal.host.engine) as session:
        theirs = session.scalars(
            sa.select(Link.site_id).where(Link.reference == "CANARI-B-10-000")
        ).one()
    sign_in(portal, ALICE, f"{MAP}?site={theirs}")
    expect(popup(page)).to_contain_text("introuvable")
    sign_out = page.locator(".map-lost, #map-place")
    expect(sign_out).to_have_count(0)


def test_the_operator_places_a_site_by_the_name_of_its_town(portal, places, page, sign_in):
    site = places["CANARI-A site 10"]
    with changed(portal, site, latitude=None, longitude=None):
        sign_in(portal, STAFF, MAP)
        lost = page.locator("#map-unplaced")
        expect(lost).to_contain_text("Sites sans position (1)")
        expect(lost).to_contain_text("Coordonnées non renseignées")
        lost.get_by_role("link", name="Placer sur la carte").click()
        page.fill("#supervision-town", "st-etienne 42")
        page.get_by_label("Saint-Étienne (42)").check()
        page.get_by_role("button", name="Placer le site").click()
        expect(page.locator("#supervision-place-said")).to_contain_text("est placé")
        expect(lost).not_to_contain_text("Sites sans position")
        page.get_by_role("link", name="Voir sur la carte").click()
        expect(markers(page, site)).to_be_visible()
        expect(popup(page)).to_contain_text("CANARI-A site 10")
    with Session(portal.host.engine) as session:
        line = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "site.placed")
        ).one()
        assert line.actor == STAFF
        assert line.facts == {"before": [None, None], "after": [45.4339, 4.39]}


def test_the_base_map_is_kept_by_the_browser_for_good(portal, page, sign_in):
    with page.expect_response(lambda r: "carte.json" in r.url) as told:
        sign_in(portal, ALICE, MAP)
    assert "immutable" in told.value.headers["cache-control"]
    assert Path("core/web/assets/lazy/carte.json").stat().st_size < 600_000
