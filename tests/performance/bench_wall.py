"""50 walls and 50 customers at once on two cores: how long is an answer? Run by ``make bench``.

The web process of the product (gunicorn, two workers), 400 services of one customer that every
wall shows, scenes that take turns; customers refresh « État de vos services ». Each asks as often
as its page does by default, at times of its own. Exits 1 when the 95th percentile is over budget.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from core import clock, config, migrate, secrets, sessions, walls
from core.access import Reach
from core.accounts import create_account
from core.host import Host
from core.testing import crowd
from core.web.signing import cookie_name

WALLS, CUSTOMERS, SERVICES = 50, 50, 400
PERIOD, SECONDS, WARM = float(config.Display().refresh_seconds), 40.0, 10.0
BUDGET_MS = 300.0
SCENES = (
    "supervision.voyants",
    "supervision.carte",
    "consommations.charges",
    "supervision.changements",
)
LIST = {
    "output": "..supervision-table.children...supervision-legend.children..."
    "supervision-fresh.children...supervision-size.children...supervision-export.children..."
    "supervision-rows.data...supervision-version.data..",
    "outputs": [
        {"id": f"supervision-{name}", "property": prop}
        for name, prop in (
            ("table", "children"),
            ("legend", "children"),
            ("fresh", "children"),
            ("size", "children"),
            ("export", "children"),
            ("rows", "data"),
            ("version", "data"),
        )
    ],
    "inputs": [
        {"id": "host-url", "property": "search", "value": ""},
        {"id": "supervision-tick", "property": "n_intervals", "value": 1},
    ],
    "state": [
        {"id": "supervision-version", "property": "data", "value": None},
        {"id": "supervision-rows", "property": "data", "value": None},
    ],
    "changedPropIds": ["supervision-tick.n_intervals"],
}
Asks = Callable[[http.client.HTTPConnection], http.client.HTTPResponse]


def installation(folder: Path) -> tuple[Host, list[str], list[str]]:
    """Return a portal with its large customer, the paths of the walls, cookies of customers."""
    secrets.make_key(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config.yaml").write_text(f"storage: {{data: {folder}}}\nweb: {{port: {port}}}\n")
    host = Host(config.load(folder / "config.yaml", {}))
    migrate.upgrade_every(host.engine, host.registry)
    now = clock.now()
    customer = crowd.fill(host, SERVICES, now)
    scope = [(Reach.CUSTOMER, customer)]
    keys = host.registry.permissions()
    paths, cookies = [], []
    with Session(host.engine) as session:
        for n in range(WALLS):
            plan = walls.Plan(f"Mur {n}", scope, customer, keys)
            _wall, token = walls.make(session, plan, by="bench", now=now)
            paths.append(f"/mur/{token}/etat")
        for n in range(CUSTOMERS):
            account = create_account(
                session, email=f"c{n}@hexagone.example", name="x", password=None,
                permissions=keys, scope=scope, now=now, customer_id=customer,
            )  # fmt: skip
            token = sessions.open_session(session, account, "127.0.0.1", "bench", now)
            cookies.append(f"{cookie_name(host.config)}={token}")
        session.commit()
    return host, paths, cookies


@contextlib.contextmanager
def serving(host: Host) -> Iterator[int]:
    """Run ``balise serve`` for a block; yield its port."""
    port = host.config.web.port
    command = [sys.executable, "-m", "core.cli", "--config", str(host.config.path), "serve"]
    process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            threading.Event().wait(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wall(path: str, draw: random.Random) -> Asks:
    """Return how a wall asks: a scene, its tag once it has one, another scene now and then."""
    held = {"scene": draw.choice(SCENES), "tag": ""}

    def ask(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        if draw.random() < 0.25:
            held.update(scene=draw.choice(SCENES), tag="")
        headers = {"If-None-Match": held["tag"]} if held["tag"] else {}
        connection.request("GET", f"{path}?scene={held['scene']}", headers=headers)
        reply = connection.getresponse()
        held["tag"] = reply.getheader("ETag", "")
        return reply

    return ask


def customer(cookie: str) -> Asks:
    """Return how a customer's page refreshes its list of services."""
    body = json.dumps(LIST).encode()
    headers = {
        "Cookie": cookie,
        "Content-Type": "application/json",
        "Sec-Fetch-Site": "same-origin",
        "Accept-Encoding": "gzip",
    }

    def ask(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        connection.request("POST", "/_dash-update-component", body, headers)
        return connection.getresponse()

    return ask


def client(port: int, ask: Asks, phase: float, until: float, times: list[float]) -> None:
    """Ask every ``PERIOD`` seconds from ``phase`` on; note the milliseconds of each answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    due = time.monotonic() + phase
    while due < until:
        threading.Event().wait(max(0.0, due - time.monotonic()))
        start = time.monotonic()
        reply = ask(connection)
        reply.read()
        if reply.status not in (200, 304):
            raise SystemExit(f"an answer is {reply.status}")
        times.append((time.monotonic() - start) * 1000)
        due += PERIOD


def run(host: Host, paths: list[str], cookies: list[str]) -> dict[str, list[float]]:
    """Return the milliseconds of every answer after the first ``WARM`` seconds, by who asked."""
    draw = random.Random(1)
    found: dict[str, list[float]] = {"walls": [], "customers": []}
    who = [("walls", wall(path, random.Random(path))) for path in paths]
    who += [("customers", customer(cookie)) for cookie in cookies]
    with serving(host) as port:
        for seconds in (WARM, SECONDS):
            for times in found.values():
                times.clear()
            until = time.monotonic() + seconds
            threads = [
                threading.Thread(
                    target=client, args=(port, ask, draw.uniform(0, PERIOD), until, found[name])
                )
                for name, ask in who
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        host, paths, cookies = installation(Path(folder))
        found = run(host, paths, cookies)
        host.metrics.close()
        host.engine.dispose()
    over = False
    for name, times in found.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        over |= p95 > BUDGET_MS
        print(
            f"{len(times)} answers to 50 {name}, every {PERIOD:.0f} s, {SERVICES} services: median "
            f"{statistics.median(times):.0f} ms, p95 {p95:.0f} ms (budget {BUDGET_MS:.0f}), "
            f"ratio {p95 / BUDGET_MS:.2f}, most {max(times):.0f} ms"
        )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
