"""The application is put together whatever one rubric does."""

from __future__ import annotations

import json
import sys

from dash import Input, Output, callback

from core.access import Permission
from core.rubric import Callbacks, Page, Pages, Rubric
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.replay import routed
from core.web.app import create_app


def _trial(filled, *, pages=None, callbacks=None) -> None:
    """Put a rubric beside those of the product, under a permission that Alice has."""
    read = Permission("supervision:read", "")
    rubric = Rubric("supervision", "x", read=read, pages=pages or Pages())
    if callbacks:
        rubric = Rubric("supervision", "x", read=read, callbacks=callbacks)
    filled.registry.rubrics["trial"] = rubric
    filled.registry.owners["trial"] = "trial"


def test_a_callback_that_dash_refuses_leaves_the_others(filled):
    callbacks = Callbacks()
    read = Permission("supervision:read", "")
    callbacks.on(Output("a.b", "children"), Input("i", "value"), permission=read)(lambda ctx: 1)
    _trial(filled, callbacks=callbacks)
    client = sign_in(create_app(filled), "alice@a.example")
    assert client.get("/supervision/etat", headers=PAGE).status_code == 200
    assert any("callback refused" in failure.error for failure in filled.registry.failures)


def test_a_page_that_raises_or_exits_costs_itself_alone(filled):
    read = Permission("supervision:read", "")

    def raises(ctx):
        raise RuntimeError("boom")

    def exits(ctx):
        sys.exit(3)

    pages = Pages(
        [
            Page("/supervision/boum", "x", read, raises, None),
            Page("/supervision/sort", "x", read, exits, None),
        ]
    )
    _trial(filled, pages=pages)
    client = sign_in(create_app(filled), "alice@a.example")
    for path in ("/supervision/boum", "/supervision/sort"):
        reply = routed(client, path)
        assert reply.status_code == 200
        shown = json.dumps(reply.json, ensure_ascii=False)
        assert "ne répond pas" in shown
        assert reply.headers["X-Request-Id"] in shown, "the reference to give stands there"
    assert "CANARI-A site 10" in routed(client, "/supervision/etat").text


def test_a_callback_declared_behind_the_hosts_back_is_refused_and_named(filled):
    callback(Output("rogue", "children"), Input("x", "value"))(lambda value: "SECRET")
    client = sign_in(create_app(filled), "alice@a.example")
    body = {"output": "rogue.children"}
    reply = client.post("/_dash-update-component", json=body, headers=SAME_SITE)
    assert reply.status_code == 403
    assert any("rogue" in failure.name for failure in filled.registry.failures)
