"""Watched folders: taken when whole, once, and moved aside with what became of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from core import config, health
from core.host import Host
from core.imports.tests.files import csv_file
from core.imports.watch import Watcher
from core.network.inventory import Site

pytestmark = pytest.mark.usefixtures("park")
HEADS = "N° client;Société;Site;Commune"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "echange").mkdir()
    return tmp_path / "echange"


def watched(host: Host, folder: Path, **options: Any) -> Host:
    """Return the installation with that folder in its settings."""
    path = host.config.data / "config.yaml"
    one = {"path": str(folder), "dataset": "sites", "partial": True, **options}
    path.write_text(yaml.safe_dump({"imports": {"folders": [one]}}))
    return Host(config.load(path, {"BALISE_STORAGE_DATA": str(host.config.data)}))


def names(host: Host) -> set[str]:
    with host.engine.connect() as connection:
        return set(connection.scalars(sa.select(Site.name).where(Site.closed.is_(None))))


def reports(folder: Path, where: str) -> list[Any]:
    return [json.loads(p.read_text()) for p in sorted((folder / where).glob("*.rapport.json"))]


def test_a_file_is_imported_and_moved_aside_with_its_report(host: Host, folder: Path) -> None:
    watcher = Watcher(watched(host, folder))
    csv_file(folder / "sites.csv", HEADS, "C1;Causses SAS;Foix;Foix", "C9;x;y;z")
    assert (watcher.look(), watcher.look(), watcher.look()) == (0, 1, 0)
    assert "Foix" in names(host)
    assert not (folder / "sites.csv").exists()
    (report,) = reports(folder, "faits")
    assert (report["imported"], report["counts"]["new"], report["counts"]["rejected"]) == (
        True, 1, 1,
    )  # fmt: skip
    (rejects,) = (folder / "faits").glob("*.rejets.csv")
    assert "client inconnu" in rejects.read_text()


def test_a_file_that_is_being_written_is_not_taken(host: Host, folder: Path) -> None:
    watcher = Watcher(watched(host, folder))
    path = csv_file(folder / "sites.csv", HEADS)
    for number in range(3):
        assert watcher.look() == 0
        with path.open("a") as file:
            file.write(f"C1;Causses SAS;S{number};x\r\n")
    assert watcher.look() == 0
    assert watcher.look() == 1
    assert {"S0", "S1", "S2"} <= names(host)


def test_a_file_under_another_name_while_it_is_sent_is_left_alone(host: Host, folder: Path) -> None:
    watcher = Watcher(watched(host, folder))
    for name in (".sites.csv", "sites.csv.part", "sites.csv.tmp", "~sites.csv", "lisez-moi.pdf"):
        csv_file(folder / name, HEADS, "C1;Causses SAS;Foix;Foix")
    (folder / "lien.csv").symlink_to(folder / ".sites.csv")
    assert (watcher.look(), watcher.look()) == (0, 0)


@pytest.mark.parametrize(
    ("lines", "options", "why"),
    [
        ((HEADS + ";Inconnue", "C1;Causses SAS;Foix;F;x"), {}, "« Inconnue » inconnue"),
        ((HEADS, "C1;Causses SAS;Foix;F"), {"partial": False}, "fermerait 4 lignes sur 4"),
        ((HEADS, "C1;Causses SAS;Foix;F"), {"customer": "C9"}, "Aucun client de numéro"),
        ((HEADS, "C1;Causses SAS;Foix;F"), {"dataset": "nuages"}, "n'est plus en service"),
    ],
)
def test_a_refused_file_is_moved_aside_with_the_reason(
    host: Host, folder: Path, lines: Any, options: Any, why: str
) -> None:
    before = names(host)
    watcher = Watcher(watched(host, folder, **options))
    csv_file(folder / "sites.csv", *lines)
    assert (watcher.look(), watcher.look()) == (0, 1)
    (report,) = reports(folder, "refuses")
    assert why in report["error"]
    assert names(host) == before


def test_a_file_whose_import_breaks_is_set_aside_once(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a rubric's own fault")

    watcher = Watcher(watched(host, folder))
    monkeypatch.setattr("core.imports.runs.Imports.apply", broken)
    csv_file(folder / "a.csv", HEADS, "C1;Causses SAS;Foix;F")
    csv_file(folder / "b.csv", HEADS, "C1;Causses SAS;Pau;P")
    assert (watcher.look(), watcher.look(), watcher.look()) == (0, 2, 0)
    assert ["a échoué" in one["error"] for one in reports(folder, "refuses")] == [True, True]


def test_a_folder_that_cannot_serve_is_told(host: Host, folder: Path, tmp_path: Path) -> None:
    assert health.check_imports(watched(host, folder)) == []
    (gone,) = health.check_imports(watched(host, tmp_path / "absent"))
    (other,) = health.check_imports(watched(host, folder, dataset="nuages"))
    assert "n’existe pas" in gone.text
    assert "« nuages »" in other.text


def test_the_worker_watches_the_folders(host: Host, folder: Path) -> None:
    watched(host, folder)
    script = "from core.imports import watch; watch.PAUSE = 0.2; from core.cli import main; main()"
    worker = subprocess.Popen(
        [sys.executable, "-c", script, "--config", str(host.config.data / "config.yaml"), "work"],
        env={**os.environ, "BALISE_STORAGE_DATA": str(host.config.data)},
        stderr=subprocess.DEVNULL,
    )
    try:
        csv_file(folder / "sites.csv", HEADS, "C1;Causses SAS;Foix;Foix")
        until = time.monotonic() + 60
        while not reports(folder, "faits") and time.monotonic() < until:
            assert worker.poll() is None
            threading.Event().wait(0.05)
        assert "Foix" in names(host)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
