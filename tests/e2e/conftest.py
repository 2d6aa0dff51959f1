"""A portal that runs for real: simulated routers on loopback, collector, web, Chromium."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import ConsoleMessage, Page, expect
from sqlalchemy.orm import Session

from collectors.simulator.fleet import Fleet
from collectors.simulator.model import DeviceSpec, Interface
from core import config
from core.host import Host
from core.network.inventory import Device
from core.testing import world

STATUS_SECONDS, PAGE_SECONDS, SLACK_SECONDS = 5, 2, 8
REACTION = (STATUS_SECONDS + PAGE_SECONDS + SLACK_SECONDS) * 1000
"""Milliseconds within which a page must tell what happened: one poll, one refresh, and slack."""

ALICE, SERVICES = "alice@a.example", "/supervision/etat"
MAIN, BACKUP = "CANARI-A-10-000", "CANARI-A-10-001"
ROWS = "#supervision-table tbody tr"

expect.set_options(timeout=15_000)  # a page may be slow where the processor is shared


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}, "locale": "fr-FR"}


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for a condition, and fail when it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.1)


@dataclass
class Portal:
    """A running installation."""

    host: Host
    url: str
    environ: dict[str, str]
    fleet: Fleet
    tenants: dict[str, world.Tenant]

    def command(self, *arguments: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "core.cli",
            "--config",
            str(self.host.config.path),
            *arguments,
        ]

    @contextmanager
    def running(self, *arguments: str):
        """Run a ``balise`` command for a block, and end it as a service manager would."""
        log = Path(self.host.config.data) / f"{arguments[0]}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(self.command(*arguments), env=self.environ, stderr=out)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False


@contextmanager
def installed(empty: Path, folder: Path) -> Iterator[Portal]:
    """Two tenants whose routers are simulated; nothing runs yet but the routers."""
    shutil.copytree(empty, folder / "var")
    port = free_port()
    settings = {
        "BALISE_WEB_PORT": str(port),
        "BALISE_WEB_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BALISE_COLLECTOR_STATUS_INTERVAL": str(STATUS_SECONDS),
        "BALISE_COLLECTOR_TRAFFIC_INTERVAL": "10",
        "BALISE_COLLECTOR_PROCESSES": "1",
        "BALISE_DISPLAY_REFRESH_SECONDS": str(PAGE_SECONDS),
    }
    (folder / "config.yaml").write_text("operator: {name: Opérateur d'essai}\n")
    host = Host(config.load(folder / "config.yaml", settings))
    tenants = world.fill(host)
    with Fleet(_routers(host), folder / "fleet") as fleet:
        environ = {**os.environ, **settings}
        yield Portal(host, f"http://127.0.0.1:{port}", environ, fleet, tenants)
    host.metrics.close()
    host.engine.dispose()


@pytest.fixture(scope="session")
def installation(
    empty_installation: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """One installation for all tests of pages."""
    with installed(empty_installation, tmp_path_factory.mktemp("portal")) as portal:
        yield portal


def _routers(host: Host) -> list[DeviceSpec]:
    """Give every router of the database an address of its own and a simulated self."""
    specs = []
    now, port = time.time(), free_port(socket.SOCK_DGRAM)
    with Session(host.engine) as session:
        for n, device in enumerate(session.scalars(sa.select(Device)), start=1):
            device.host, device.port = f"127.31.0.{n}", port
            interfaces = tuple(
                Interface(
                    link.reference,
                    i,
                    link.if_name or "",
                    link.if_name or "",
                    100_000_000,
                    seed=n + i,
                )
                for i, link in enumerate(device.links, start=1)
            )
            community = json.loads(host.vault.open(device.credentials))["community"]
            specs.append(
                DeviceSpec(f"R{n}", device.host, port, community, interfaces, boot=now, origin=now)
            )
        session.commit()
    return specs


@pytest.fixture(scope="session")
def web(installation):
    """The same, with its web process."""
    with installation.running("serve"):
        until(installation.answers, 30, "the web process")
        yield installation


@pytest.fixture
def portal(web):
    """The same, with a collector, all links up. One for each test: it remembers links that flap."""
    web.fleet.control.restore([r for t in web.tenants.values() for r in t.references])
    with web.running("collect"):
        yield web


@pytest.fixture
def wrong() -> list[str]:
    """What went wrong on the page so far; a test that provokes an error clears it."""
    return []


def listen(page: Page, wrong: list[str]) -> None:
    """Add errors of scripts and every error or warning of the console (a CSP violation is one)."""

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(message.text)

    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", heard)


@pytest.fixture
def page(page: Page, wrong: list[str]) -> Iterator[Page]:
    """A page on which any error of a script, of the network or of the CSP fails the test."""
    listen(page, wrong)
    yield page
    assert wrong == []


@pytest.fixture
def sign_in(page):
    def sign_in(portal: Portal, email: str, path: str = "/") -> None:
        page.goto(portal.url + path)
        page.fill("#email", email)
        page.fill("#password", world.PASSWORD)
        page.click("button[type=submit]")

    return sign_in


@pytest.fixture
def services(web: Portal, page: Page, sign_in) -> Page:
    """« État de vos services » as Alice sees it: three services."""
    sign_in(web, ALICE, SERVICES)
    expect(page.locator(ROWS)).to_have_count(3)
    return page
