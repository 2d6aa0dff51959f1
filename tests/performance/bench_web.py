"""What the door costs a callback, and what the first page weighs. Run by ``make bench``.

Exits 1 when a callback or a page is over its budget.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, html
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from core import config, migrate, secrets
from core.access import Permission
from core.host import Host
from core.rubric import Callbacks, Rubric
from core.testing import world
from core.testing.fixtures import SAME_SITE, sign_in
from core.web.app import create_app

ROUNDS = 400
CALLBACK_BUDGET_MS = 1.0
PAGE_BUDGET_BYTES = 2 * 1024 * 1024


def _installation(folder: Path) -> Host:
    secrets.make_key(folder)
    host = Host(config.load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
    migrate.upgrade_every(host.engine, host.registry)
    world.fill(host)
    return host


def _milliseconds(call: Callable[[], Any]) -> float:
    """Return the median duration of a call."""
    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _body(output: str, source: str) -> dict[str, Any]:
    id, prop = source.split(".")
    out_id, out_prop = output.split(".")
    return {
        "output": output,
        "outputs": {"id": out_id, "property": out_prop},
        "inputs": [{"id": id, "property": prop, "value": "x"}],
        "state": [],
        "changedPropIds": [source],
    }


def _bare() -> Flask:
    """Return Dash alone with a trivial callback: the reference."""
    server = Flask("bare")
    dash = Dash("bare", server=server, suppress_callback_exceptions=True, enable_mcp=False)
    dash.layout = html.Div()
    dash.callback(Output("o", "children"), Input("i", "value"))(lambda value: value)
    return server


def door(host: Host) -> bool:
    """Compare a trivial callback behind the door with the same on Dash alone; tell if it fits."""
    read = Permission("supervision:read", "")
    callbacks = Callbacks()
    callbacks.on(Output("o", "children"), Input("i", "value"), permission=read)(
        lambda ctx, value: value
    )
    trial = Rubric("supervision", "x", read=read, callbacks=callbacks)
    host.registry.rubrics = {"supervision": trial}
    client = sign_in(create_app(host), "alice@a.example")
    bare = _bare().test_client()
    body = _body("o.children", "i.value")
    path = "/_dash-update-component"
    if client.post(path, json=body, headers=SAME_SITE).status_code != 200:
        raise SystemExit("the callback behind the door does not answer")
    alone = _milliseconds(lambda: bare.post(path, json=body))
    guarded = _milliseconds(lambda: client.post(path, json=body, headers=SAME_SITE))
    more = guarded - alone
    print(
        f"callback: {alone:.2f} ms on Dash alone, {guarded:.2f} ms behind the door: "
        f"{more:+.2f} ms (budget {CALLBACK_BUDGET_MS:.1f}), ratio {guarded / alone:.2f}"
    )
    return more <= CALLBACK_BUDGET_MS


def first_page(host: Host) -> bool:
    """Add up what a browser without cache fetches for a page (gzip or zstd); tell if all fit."""
    ratios = []
    server = make_server("127.0.0.1", 0, create_app(host), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(f"{url}/connexion")
        page.fill("#email", "alice@a.example")
        page.fill("#password", world.PASSWORD)
        context = page.context
        page.click("button[type=submit]")
        page.wait_for_selector(".card")
        cookies = context.cookies()
        for path in ("/", "/supervision/etat?service=CANARI-A-10-000"):
            size = _weigh(browser, cookies, url + path)
            ratios.append(size / PAGE_BUDGET_BYTES)
            print(f"page {path}: {size / 1024:.0f} KiB on the wire, {ratios[-1]:.2f} of the budget")
        browser.close()
    server.shutdown()
    return max(ratios) <= 1


def _weigh(browser: Browser, cookies: Any, url: str) -> float:
    """Return the bytes that an empty browser receives for a page, headers and bodies."""
    sizes: list[float] = []
    context = browser.new_context()
    context.add_cookies(cookies)
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(sizes)


def main() -> int:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        host = _installation(Path(folder))
        fits = [first_page(host), door(host)]
    if not all(fits):
        print("over its budget: see above")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
