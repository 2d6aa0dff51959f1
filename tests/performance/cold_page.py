"""How long an empty browser takes to open a page with a chart, beside a bare page of Dash."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Sequence
from typing import Any

from dash import Dash, dcc, html
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from core.testing.world import PASSWORD

ROUNDS = 5
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
DRAWN = ".js-plotly-plot .main-svg .trace"


def bare() -> Flask:
    """Return an application of Dash alone, with one curve of 288 points."""
    dash = Dash("bare", serve_locally=True)
    dash.layout = html.Div(dcc.Graph(figure={"data": [{"y": list(range(288))}]}))
    server: Flask = dash.server
    return server


def ready(app: Flask, path: str, who: str | None = None) -> float:
    """Return after how many milliseconds the curves of a page are drawn, nothing being cached."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=ARGUMENTS
            )
            cookies = _signed_in(browser, url, who) if who else []
            return statistics.median(_once(browser, url + path, cookies) for _ in range(ROUNDS))
    finally:
        server.shutdown()


def _signed_in(browser: Browser, url: str, who: str) -> Sequence[Any]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/connexion")
    page.fill("#email", who)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("#host-page")
    return context.cookies()


def _once(browser: Browser, url: str, cookies: Any) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(DRAWN, state="attached")
    taken: float = page.evaluate("performance.now()")
    context.close()
    return taken
