"""An installed Balise has all that its folder has, and works without it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import urllib.request
import zipfile
from pathlib import Path

from tests.architecture.repository import project
from tests.e2e.conftest import free_port, until
from tests.wheel.conftest import Environment, product


def test_a_wheel_holds_every_file_of_the_product(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {path.as_posix() for path in product()} - packed == set()
    assert any(name.endswith("licenses/LICENSE") for name in packed)


def test_balise_installed_from_its_wheel_makes_an_installation_and_serves_it(
    environment: Environment, tmp_path: Path
) -> None:
    version = project()["project"]["version"]
    assert version in environment.balise("--version", cwd=tmp_path)
    environment.balise("init", cwd=tmp_path)
    said = json.loads(environment.balise("check", "--json", cwd=tmp_path))
    subjects = {finding["subject"]: finding["level"] for finding in said["findings"]}
    rubrics = {name for name in subjects if name.startswith("rubric:")}
    assert {"rubric:commandes", "rubric:supervision", "rubric:factures"} <= rubrics
    assert {subjects[name] for name in rubrics} == {"ok"}

    port = free_port(socket.SOCK_STREAM)
    settings = {"BALISE_WEB_PORT": str(port), "BALISE_WEB_WORKERS": "1"}
    process = subprocess.Popen(
        [environment.command("balise"), "serve"],
        cwd=tmp_path,
        env=settings,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _page(port, "/healthz"), 60, "the web process")
        page = _page(port, "/connexion")
        assert "Mot de passe" in page
        assert "Password" in _page(port, "/connexion", language="en")
        sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
        assert any("--ui-accent" in _page(port, sheet) for sheet in sheets)
    finally:
        process.terminate()
        process.wait(20)


def _page(port: int, path: str, language: str = "fr") -> str:
    """Return what an address answers; empty while nobody does."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Cookie": f"langue={language}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as reply:
            return str(reply.read().decode())
    except ConnectionError:
        return ""
    except OSError as error:
        if "refused" in str(error):
            return ""
        raise
