"""The HTML page that Dash fills: what it asks a browser to fetch, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.web.bundle import SCRIPTS, STYLES
from core.web.packing import ADDRESS, WORDS
from core.web.templates import ASSETS

Browser = Callable[[str], FlaskClient]


def fetched(browser_of: Browser, path: str) -> list[str]:
    page = browser_of("alice@a.example").get(path).get_data(as_text=True)
    return re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page)


def test_our_files_are_two_and_stand_between_the_libraries_and_the_renderer(
    browser_of: Browser,
) -> None:
    asked = fetched(browser_of, "/")
    assert STYLES.address in asked
    assert len([one for one in asked if one.startswith("/assets/") and ".js" in one]) == 2
    before = [place for place, one in enumerate(asked) if "dash_leaflet" in one]
    (ours,) = [place for place, one in enumerate(asked) if one == SCRIPTS.address]
    (after,) = [place for place, one in enumerate(asked) if "/dash_renderer." in one]
    assert max(before) < ours < after
    assert not [one for one in asked if "polyfill" in one]


def test_what_is_fetched_is_there_and_kept_for_good(browser_of: Browser) -> None:
    client = browser_of("alice@a.example")
    for address in (*fetched(browser_of, "/consommations"), ADDRESS):
        reply = client.get(address)
        assert reply.status_code == 200, address
        if "?m=" in address:
            assert "immutable" in reply.headers["Cache-Control"], address
        reply.close()


@pytest.mark.parametrize("kind", ["js", "css"])
def test_every_file_of_a_page_is_in_the_bundle(shared_app: Flask, kind: str) -> None:
    said = shared_app.test_client().get(f"/assets/balise.{kind}").get_data()
    for path in ASSETS.glob(f"*.{kind}"):
        assert (path.read_bytes() in said) is (path.name != "theme.js"), path.name


def test_a_file_is_the_same_however_it_is_compressed(browser_of: Browser) -> None:
    """Compressed once, for all who ask; asked again, and by one who takes none."""
    client = browser_of("alice@a.example")
    sizes = set()
    for how in ("zstd", "zstd", "gzip", "gzip"):
        reply = client.get(SCRIPTS.address, headers={"Accept-Encoding": how})
        assert reply.headers["Content-Encoding"] == how
        sizes.add((how, len(reply.get_data())))
    assert len(sizes) == 2
    assert client.get(SCRIPTS.address).get_data() == SCRIPTS.text
    with client.get(ADDRESS) as words:
        assert words.get_data().rstrip() == WORDS


def test_only_a_page_of_curves_starts_what_draws_them(browser_of: Browser) -> None:
    assert [one for one in fetched(browser_of, "/consommations") if "plotly" in one]
    assert not [one for one in fetched(browser_of, "/") if "plotly" in one]
    assert not [one for one in fetched(browser_of, "/nulle-part") if "plotly" in one]
