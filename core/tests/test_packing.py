"""Answers of callbacks, packed against words that the browser has."""

from __future__ import annotations

import zlib
from typing import Any

from flask.testing import FlaskClient

from core.testing.fixtures import SAME_SITE
from core.web import packing

BODY = {
    "output": "..host-home-cards.children...host-home-version.data..",
    "outputs": [
        {"id": "host-home-cards", "property": "children"},
        {"id": "host-home-version", "property": "data"},
    ],
    "inputs": [{"id": "host-home-tick", "property": "n_intervals", "value": 1}],
    "state": [{"id": "host-home-version", "property": "data", "value": None}],
    "changedPropIds": ["host-home-tick.n_intervals"],
}


def ask(client: FlaskClient, **headers: str) -> tuple[str | None, bytes]:
    said = {**SAME_SITE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    reply = client.post("/_dash-update-component", json=BODY, headers=said)
    assert reply.status_code == 200
    return reply.headers.get(packing.ASKED), reply.get_data()


def test_words_are_few_and_in_ascii() -> None:
    assert packing.WORDS.isascii()
    assert len(packing.WORDS) < 32 * 1024, "DEFLATE looks no further back"


def test_a_browser_that_has_the_words_is_told_in_them(browser_of: Any) -> None:
    _name, plain = ask(browser_of("alice@a.example"))
    name, packed = ask(browser_of("alice@a.example"), X_Words=packing.NAME)
    assert name == packing.NAME
    assert packing.unpack(packed) == plain
    assert len(packed) < len(zlib.compress(plain, 9))


def test_others_are_told_as_usual(browser_of: Any) -> None:
    for unknown in ("", "00000000", packing.NAME.upper() + "x"):
        name, plain = ask(browser_of("alice@a.example"), X_Words=unknown)
        assert name is None
        assert plain.startswith(b"{")
