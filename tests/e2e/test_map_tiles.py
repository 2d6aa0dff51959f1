"""A tile server in the settings: its pictures are let through, and are missed by nobody."""

from __future__ import annotations

import base64
import dataclasses

import pytest
from playwright.sync_api import expect

from .conftest import free_port, until

TILES = "http://tuiles.exemple.test/{z}/{x}/{y}.png"
ASKED = "http://tuiles.exemple.test/**"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAP = "/supervision/carte"


@pytest.fixture
def tiled(installation):
    """The installation of the other tests, served once more with a tile server in its settings."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "BALISE_WEB_PORT": str(port),
        "BALISE_WEB_PUBLIC_URL": url,
        "BALISE_MAP_TILES": TILES,
        "BALISE_MAP_ATTRIBUTION": "© Tuiles d'exemple",
    }
    environ = {**installation.environ, **settings}
    portal = dataclasses.replace(installation, url=url, environ=environ)
    with portal.running("serve"):
        until(portal.answers, 30, "the web process")
        yield portal


def test_the_pictures_of_the_operators_tile_server_are_let_through(tiled, page, sign_in):
    page.route(ASKED, lambda route: route.fulfill(body=PIXEL, content_type="image/png"))
    sign_in(tiled, "alice@a.example", MAP)
    expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
    expect(page.locator(".map-credit")).to_contain_text("© Tuiles d'exemple")
    expect(page.locator(".map .mk, .map .cl").first).to_be_visible()


def test_without_an_answer_of_the_tile_server_the_outlines_remain(tiled, page, sign_in, wrong):
    page.route(ASKED, lambda route: route.abort())
    sign_in(tiled, "alice@a.example", MAP)
    expect(page.locator(".map path.land-departement").nth(50)).to_be_attached()
    expect(page.locator(".map .mk, .map .cl").first).to_be_visible()
    expect(page.locator(".leaflet-tile-loaded")).to_have_count(0)
    land = page.locator(".map path.land-departement").first
    assert land.evaluate("path => getComputedStyle(path).fillOpacity") == "1"
    assert wrong
    assert all("ERR_FAILED" in text for text in wrong)
    wrong.clear()  # the browser itself reports what it could not fetch
