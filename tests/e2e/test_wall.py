"""A wall in Chromium: it follows the routers, goes blind rather than lie, and comes back alone."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import BACKUP, MAIN, REACTION, SLACK_SECONDS, STATUS_SECONDS, installed, until
from .test_accessibility import faults
from .walls import SCENES, make, revoke

STALE = 3 * STATUS_SECONDS


def count(page: Page, state: str):
    return page.locator(f".wall-count[data-state={state}] b")


def leds(page: Page) -> int:
    """Return how many LEDs can be seen."""
    return page.locator(".led:visible, .mark:visible").count()


def test_the_wall_follows_the_routers_and_a_new_red_is_noticed(portal, page):
    _id, address = make(portal, flash=True)
    page.goto(address)
    expect(page.locator("#wall h1")).to_have_text("Mur A")
    expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
    page.evaluate("window.untouched = true")
    assert page.locator("#wall.alarmed").count() == 0

    portal.fleet.control.down([MAIN, BACKUP])
    expect(count(page, "down")).to_have_text("1", timeout=REACTION)
    expect(page.locator(".wall-count.alarm")).to_have_count(1)
    expect(page.locator("#wall.alarmed")).to_have_count(1)
    tile = page.locator(".leds li:visible").first
    expect(tile.locator(".led-down")).to_be_visible()
    expect(page.locator(".wall-list li:visible")).to_contain_text("CANARI-A site 10")
    expect(page.locator(".wall-list li:visible .age")).to_have_text(re.compile(r"^00:00:\d\d$"))

    portal.fleet.control.restore([MAIN, BACKUP])
    expect(count(page, "down")).to_have_text("0", timeout=REACTION)
    assert page.evaluate("window.untouched"), "nothing was loaded again"
    assert page.context.cookies() == []


def test_the_scenes_follow_one_another_with_a_countdown(portal, page):
    _id, address = make(portal, seconds=5)
    page.goto(address)
    expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
    body = page.locator("#wall-body")
    for number, kind in [*enumerate(SCENES.values(), start=1), (1, "board")]:
        expect(body).to_have_attribute("data-kind", kind, timeout=5_000 + 1000 * SLACK_SECONDS)
        said = re.compile(rf"Scène {number} sur 4, \d s")
        expect(page.locator("#wall-scene")).to_have_text(said)
    expect(page.locator("#wall-next")).to_contain_text("Actualisation")
    fresh = re.compile(r"Mesures de \d\d:\d\d:\d\d, il y a \d+")
    expect(page.locator("#wall-fresh")).to_contain_text(fresh)


def test_a_revoked_wall_goes_out_at_its_next_request(portal, page, wrong):
    id_, address = make(portal)
    page.goto(address)
    expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
    revoke(portal, id_)
    expect(page.locator("#wall-gone")).to_contain_text("Lien inconnu ou révoqué", timeout=REACTION)
    expect(page.locator("#wall")).to_be_hidden()
    assert leds(page) == 0
    page.reload()
    expect(page.locator("h1")).to_contain_text("Lien inconnu ou révoqué")
    wrong.clear()  # the browser itself reports the 404


def test_without_its_collector_the_wall_is_blind_and_no_led_remains(web, page):
    web.fleet.control.restore([MAIN, BACKUP])
    _id, address = make(web)
    with web.running("collect"):
        page.goto(address)
        expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
    blind = page.locator("#wall-blind")
    expect(blind).to_be_visible(timeout=STALE * 1000 + 2 * REACTION)
    expect(blind).to_contain_text("La collecte ne donne plus de mesures")
    expect(blind).to_contain_text(re.compile(r"Dernières mesures il y a 00:\d\d:\d\d"))
    assert leds(page) == 0
    with web.running("collect"):
        expect(page.locator("#wall")).to_be_visible(timeout=2 * REACTION)
        expect(count(page, "up")).to_have_text("3", timeout=REACTION)


def test_without_its_server_the_wall_is_blind_and_comes_back_by_itself(
    empty_installation, tmp_path: Path, page, wrong
):
    with installed(empty_installation, tmp_path) as own, own.running("collect"):
        _id, address = make(own)
        with own.running("serve"):
            until(own.answers, 30, "the web process")
            page.goto(address)
            expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
        blind = page.locator("#wall-blind")
        expect(blind).to_be_visible(timeout=30_000)
        expect(blind).to_contain_text("Le serveur ne répond plus")
        expect(blind).to_contain_text(re.compile(r"Nouvel essai (dans \d+ s|…)"))
        assert page.title().startswith("Affichage aveugle")
        assert leds(page) == 0
        with own.running("serve"):
            expect(page.locator("#wall")).to_be_visible(timeout=60_000)
            expect(count(page, "up")).to_have_text("3", timeout=REACTION)
        wrong.clear()  # the browser itself reports each request without an answer


@pytest.mark.timeout(300)
def test_an_hour_without_network_ends_with_the_network(portal, page, wrong):
    _id, address = make(portal)
    page.clock.install()
    page.goto(address)
    until(
        lambda: _ticks(page) and count(page, "up").inner_text() == "3", 60, "three green services"
    )
    nodes = page.evaluate("document.querySelectorAll('*').length")
    page.evaluate("window.untouched = true")
    page.context.set_offline(True)
    page.clock.run_for(60_000)
    until(lambda: _ticks(page) and page.locator("#wall-blind").is_visible(), 60, "the blind wall")
    page.clock.fast_forward("59:00")
    until(lambda: _ticks(page) and "01:0" in page.locator("#wall-old").inner_text(), 60, "the age")
    assert leds(page) == 0
    page.context.set_offline(False)
    until(lambda: _ticks(page) and page.locator("#wall").is_visible(), 60, "the wall again")
    assert count(page, "up").inner_text() == "3"
    assert page.evaluate("window.untouched"), "nothing was loaded again"
    assert page.evaluate("document.querySelectorAll('*').length") == nodes
    wrong.clear()  # the browser itself reports each request without an answer


def _ticks(page: Page) -> bool:
    """Let the page's own clock tick once, and the network answer."""
    page.clock.run_for(1000)
    return True


def test_a_new_version_is_taken_without_anybody(portal, page):
    """The server's answer is made to tell another version: an upgrade in the middle of a day."""
    _id, address = make(portal)
    page.goto(address)
    expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
    page.evaluate("window.untouched = true")
    version = page.locator("body").get_attribute("data-version")

    def upgraded(route):
        reply = route.fetch(headers={**route.request.headers, "if-none-match": ""})
        route.fulfill(response=reply, body=reply.text().replace(str(version), "f" * 16))

    with page.expect_event("load", timeout=REACTION):
        page.route("**/etat*", upgraded)
    expect(count(page, "up")).to_have_text("3", timeout=REACTION)
    page.evaluate("window.untouched = true")  # it loads again once, and not in a circle
    answered = time.monotonic()
    for _answer in range(2):
        with page.expect_response("**/etat*"):
            pass
    assert page.evaluate("window.untouched"), f"again after {time.monotonic() - answered:.0f} s"


def test_sound_is_asked_for_once_and_rings_for_a_new_red(portal, page):
    _id, address = make(portal, sound=True)
    page.goto(address)
    expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
    button = page.get_by_role("button", name="Activer le son")
    if button.is_visible():  # a browser that plays nothing before a click
        button.click()
        expect(button).to_be_hidden()
    portal.fleet.control.down([MAIN, BACKUP])
    expect(page.locator("body[data-rang='1']")).to_have_count(1, timeout=REACTION)
    portal.fleet.control.restore([MAIN, BACKUP])


def test_the_screen_is_kept_lit_and_the_picture_moves_against_burn_in(portal, page):
    _id, address = make(portal)
    page.context.grant_permissions(["screen-wake-lock"])
    page.clock.install()
    page.goto(address)
    until(lambda: _ticks(page) and page.locator("#wall").is_visible(), 60, "the wall")
    expect(page.locator("body[data-lit='1']")).to_have_count(1)
    places = set()
    for _move in range(9):
        page.clock.run_for(120_000)
        places.add(page.evaluate("document.getElementById('wall').style.transform"))
    assert len(places) == 8
    assert all(abs(int(n)) <= 4 for place in places for n in re.findall(r"-?\d+", place))


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160), (390, 844)])
def test_nothing_overflows_and_nothing_is_too_small(portal, browser, size):
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, locale="fr-FR")
    for scene, kind in SCENES.items():
        _id, address = make(portal, scenes=[scene])
        page.goto(address)
        expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
        expect(page.locator("#wall-body")).to_have_attribute("data-kind", kind)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, scene
        small = page.evaluate(
            """() => [...document.querySelectorAll('#wall *')]
              .filter((e) => e.offsetParent && !e.closest('.sr-only') && e.textContent.trim()
                && [...e.childNodes].some((n) => n.nodeType === 3 && n.nodeValue.trim()))
              .filter((e) => parseFloat(getComputedStyle(e).fontSize) < innerHeight * 0.0165)
              .map((e) => e.outerHTML.slice(0, 80))"""
        )
        assert small == [], scene
    page.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_axe_finds_no_serious_fault_on_the_wall(portal, browser, language):
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, bypass_csp=True)
    page = context.new_page()
    for scene, kind in SCENES.items():
        _id, address = make(portal, scenes=[scene], language=language)
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(count(page, "up")).to_have_text("3", timeout=2 * REACTION)
        expect(page.locator("#wall-body")).to_have_attribute("data-kind", kind)
        assert faults(page) == [], scene
    context.set_offline(True)
    expect(page.locator("#wall-blind")).to_be_visible(timeout=60_000)
    assert faults(page) == []
    context.close()
