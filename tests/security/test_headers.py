"""What every answer carries, and what malformed requests get: TRUST.md 7 and 9."""

from __future__ import annotations

from typing import Any

import pytest

from core.testing.fixtures import PAGE, SAME_SITE
from core.testing.replay import ROUTE, call
from core.web.headers import policy

ALICE = "alice@a.example"


@pytest.mark.parametrize("path", ["/connexion", "/", "/nowhere", "/healthz", "/assets/favicon.svg"])
def test_every_answer_carries_the_security_headers(browser_of, path):
    with browser_of(ALICE).get(path, headers=PAGE) as reply:
        headers = reply.headers
    policy = headers["Content-Security-Policy"]
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in script
    assert "*" not in script
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-Id"]


def test_pictures_come_from_us_and_from_the_tile_server_of_the_settings_alone():
    def pictures(tiles: str | None) -> str:
        parts = policy([], tiles).split("; ")
        return next(part for part in parts if part.startswith("img-src"))

    assert pictures(None) == "img-src 'self' data:"
    tiles = "https://tuiles.exemple.fr:8443/a/{z}/{x}/{y}.png?cle=1"
    assert pictures(tiles) == "img-src 'self' data: https://tuiles.exemple.fr:8443"


@pytest.mark.parametrize("path", ["/connexion", "/", "/_dash-layout"])
def test_private_answers_are_kept_by_no_cache(browser_of, path):
    assert browser_of(ALICE).get(path, headers=PAGE).headers["Cache-Control"] == "no-store"


def test_the_page_tells_no_version(browser_of):
    page = browser_of(ALICE).get("/", headers=PAGE).text
    import plotly

    assert '"python_version":null' in page.replace(" ", "")
    assert plotly.__version__ not in page.split("<footer>")[1].split("</script>")[0]


OUTPUTS = [
    {"id": "host-page", "property": "children"},
    {"id": "host-menu", "property": "children"},
    {"id": "host-title", "property": "data"},
]
URL = {"id": "host-url", "property": "pathname", "value": "/"}
SEARCH = {"id": "host-url", "property": "search", "value": ""}
RIGHT = {
    "output": ROUTE,
    "outputs": OUTPUTS,
    "inputs": [URL],
    "state": [SEARCH],
    "changedPropIds": ["host-url.pathname"],
}


def test_the_right_body_is_answered(browser_of):
    assert call(browser_of(ALICE), RIGHT).status_code == 200


MALFORMED: dict[str, Any] = {
    "null": None,
    "a list": [],
    "empty": {},
    "a number": 3,
    "output a list": {**RIGHT, "output": ["x"]},
    "output a number": {**RIGHT, "output": 1},
    "no inputs": {k: v for k, v in RIGHT.items() if k != "inputs"},
    "inputs a text": {**RIGHT, "inputs": "x"},
    "too many inputs": {**RIGHT, "inputs": [URL, URL]},
    "inputs of another": {**RIGHT, "inputs": [{"id": "x", "property": "y", "value": 1}]},
    "inputs not objects": {**RIGHT, "inputs": [None]},
    "no state": {**RIGHT, "state": []},
    "no outputs": {k: v for k, v in RIGHT.items() if k != "outputs"},
    "other outputs": {**RIGHT, "outputs": [{"id": "x", "property": "children"}] * 3},
    "one output for several": {**RIGHT, "outputs": OUTPUTS[0]},
    "half a character": {**RIGHT, "state": [SEARCH | {"value": "?q=\ud800"}]},
    "NUL": {**RIGHT, "state": [SEARCH | {"value": "?q=\x00"}]},
    "changed not a list": {**RIGHT, "changedPropIds": {"a": 1}},
    "changed not texts": {**RIGHT, "changedPropIds": [None]},
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_callback_body_gets_400(browser_of, body):
    assert call(browser_of(ALICE), body).status_code == 400


def test_an_unknown_output_is_refused(browser_of):
    assert call(browser_of(ALICE), {**RIGHT, "output": "x.children"}).status_code == 403


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000], ids=range(4))
def test_what_is_not_json_gets_400(browser_of, data):
    reply = browser_of(ALICE).post(
        "/_dash-update-component", data=data, headers=SAME_SITE, content_type="application/json"
    )
    assert reply.status_code == 400


def test_a_body_too_large_gets_413(browser_of):
    reply = browser_of(ALICE).post(
        "/_dash-update-component",
        data=b" " * (3 * 1024 * 1024),
        headers=SAME_SITE,
        content_type="application/json",
    )
    assert reply.status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/%5Fdash-update-component", "//_dash-update-component", "/_dash-update-component/"],
)
def test_no_spelling_of_the_callback_address_passes_the_door(browser_of, path):
    client = browser_of("norights@a.example")
    reply = client.post(path, json=RIGHT | {"output": "x.y"}, headers=SAME_SITE)
    assert reply.status_code in (403, 404, 405)


def test_a_strange_value_of_a_known_input_does_not_break_the_page(browser_of):
    for value in (None, 3, {"a": 1}, ["x"], "x" * 100_000, "/../..", "é😀"):
        body = RIGHT | {"inputs": [URL | {"value": value}], "state": [SEARCH | {"value": value}]}
        assert call(browser_of(ALICE), body).status_code == 200


def test_an_unknown_address_is_told_as_a_page_and_as_json(browser_of):
    page = browser_of(ALICE).get("/nowhere", headers=PAGE)
    assert page.status_code == 404
    assert "introuvable" in page.text
    assert browser_of(ALICE).get("/nowhere").json["error"] == 404
