"""Pytest fixtures: an installation of its own for each test, and browsers signed in to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock, config
from core.host import Host
from core.testing import world

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="session")
def empty_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as ``balise init`` leaves it, to be copied."""
    from core import migrate, secrets

    folder = tmp_path_factory.mktemp("empty")
    secrets.make_key(folder)
    host = Host(config.load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
    migrate.upgrade_every(host.engine, host.registry)
    host.engine.dispose()
    return folder


def _open(folder: Path, **environ: str) -> Host:
    settings = {"BALISE_STORAGE_DATA": str(folder), **environ}
    return Host(config.load(folder / "config.yaml", settings))


@pytest.fixture
def host(empty_installation: Path, tmp_path: Path) -> Iterator[Host]:
    """An installation with an empty database."""
    folder = tmp_path / "data"
    shutil.copytree(empty_installation, folder)
    host = _open(folder)
    yield host
    host.engine.dispose()


@pytest.fixture(scope="session")
def _filled(empty_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "data"
    shutil.copytree(empty_installation, folder)
    host = _open(folder)
    world.fill(host)
    host.engine.dispose()
    host.metrics.close()
    return folder


@pytest.fixture
def filled(_filled: Path, tmp_path: Path) -> Iterator[Host]:
    """An installation with two tenants, see ``core.testing.world``; the test may change it."""
    folder = tmp_path / "filled"
    shutil.copytree(_filled, folder)
    host = _open(folder)
    yield host
    host.metrics.close()
    host.engine.dispose()


@pytest.fixture(scope="session")
def shared_world(_filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The same, one for all tests: only for those that change nothing."""
    folder = tmp_path_factory.mktemp("shared") / "data"
    shutil.copytree(_filled, folder)
    host = _open(folder)
    yield host
    host.metrics.close()
    host.engine.dispose()


@pytest.fixture(scope="session")
def shared_app(shared_world: Host) -> Flask:
    """The application on ``shared_world``."""
    from core.web.app import create_app

    return create_app(shared_world)


def sign_in(app: Flask, email: str, password: str = world.PASSWORD) -> FlaskClient:
    """Return a client that signed in through the page; fails when it could not."""
    client = app.test_client()
    reply = client.post(
        "/connexion", data={"email": email, "password": password}, headers=SAME_SITE
    )
    assert reply.status_code == 302, reply.text
    return client


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's clock stands at ``world.NOW``, however long the tests before took: what was
    measured then is fresh.
    """
    monkeypatch.setattr(clock, "now", lambda: world.NOW)


@pytest.fixture(scope="session")
def _clients() -> dict[str, FlaskClient]:
    return {}


@pytest.fixture(scope="session")
def _asked() -> dict[tuple[str, ...], Any]:
    """What the contract asked ``shared_app`` already."""
    return {}


@pytest.fixture
def browser_of(
    shared_app: Flask, at_now: None, _clients: dict[str, FlaskClient]
) -> Callable[[str], FlaskClient]:
    """``browser_of("alice@a.example")``: a signed-in client of ``shared_app``, made once."""

    def of(email: str) -> FlaskClient:
        if email not in _clients:
            _clients[email] = sign_in(shared_app, email)
        return _clients[email]

    return of
