"""Real processes: one that is killed in the middle, two at once, what the command answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.host import Host
from core.imports.models import ImportRun, RunState
from core.imports.tests.files import csv_file

pytestmark = pytest.mark.usefixtures("park")

HEADS = "N° client;Société;Site;Commune"
KILLED = """
import os, signal, sys
from core.imports import runs
from core.imports.own import sites
runs.BATCH = 100
write, count = sites.SITES.write, 0
def die(loading, changes):
    global count
    write(loading, changes)
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
object.__setattr__(sites.SITES, "write", die)
from core.cli import main
main(sys.argv[1:])
"""


def start(host: Host, *arguments: object, script: str = "from core.cli import main; main()") -> Any:
    command = [sys.executable, "-c", script, "--config", host.config.path, "import", *arguments]
    return subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, "BALISE_STORAGE_DATA": str(host.config.data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def count(host: Host, query: str) -> int:
    with host.engine.connect() as connection:
        return int(connection.scalar(sa.text(query)) or 0)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    rows = (f"C1;Causses SAS;Site {n:04};Commune {n}" for n in range(1000))
    return csv_file(tmp_path / "sites.csv", HEADS, *rows)


def test_an_import_that_is_killed_in_the_middle_has_changed_nothing(host: Host, many: Path) -> None:
    before = count(host, "select count(*) from site")
    killed = start(host, "sites", many, "--partial", script=KILLED)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert count(host, "select count(*) from site") == before
    with host.engine.connect() as connection:
        state = connection.scalar(sa.select(ImportRun.state).order_by(ImportRun.id.desc()))
    assert state is RunState.READY  # not done: the row of the import is of the same transaction
    again = start(host, "sites", many, "--partial", "--json")
    told = json.loads(again.communicate(timeout=60)[0])
    assert (again.returncode, told["counts"]["new"]) == (0, 1000)


def test_two_imports_at_once_write_each_row_once(host: Host, many: Path) -> None:
    both = [start(host, "sites", many, "--partial", "--json") for _ in range(2)]
    said = [json.loads(one.communicate(timeout=90)[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert sorted(one["counts"]["new"] for one in said) == [0, 1000]
    assert count(host, "select count(*) from site where name like 'Site %'") == 1000


def test_the_command_says_what_it_did(host: Host, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "sites.csv", HEADS, "C1;Causses SAS;Foix;Foix", "C1;Causses;Pau;Pau")
    rejects = tmp_path / "rejets.csv"
    done = start(host, "sites", path, "--partial", "--rejects", rejects)
    said, wrong = done.communicate(timeout=60)
    assert done.returncode == 1
    assert said.splitlines() == [
        "CSV, point-virgule, UTF-8 : 2 lignes lues.", "Importé : 1 nouvelles, 1 rejetées.",
    ]  # fmt: skip
    assert "ligne 3, Société « Causses » : société inconnue" in wrong
    assert "Pau" in rejects.read_text()


def test_a_dry_run_writes_nothing(host: Host, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "sites.csv", HEADS, "C1;Causses SAS;Foix;Foix")
    done = start(host, "sites", path, "--dry-run", "--json")
    told = json.loads(done.communicate(timeout=60)[0])
    assert (done.returncode, told["imported"], told["counts"]["gone"]) == (0, False, 4)
    assert count(host, "select count(*) from site where name = 'Foix' or closed is not null") == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("nuages", "f"), 2, "« nuages » est inconnu. Connus : clients, societes, sites"),
        (("sites", "absent.csv"), 2, "absent.csv"),
        (("sites", "f", "--customer", "C9"), 2, "Aucun client de numéro « C9 »"),
        (("sites", "f", "--map", "Titre=site"), 2, "d'un titre du fichier"),
        (("sites", "f"), 1, "Colonne « Ville2 » inconnue. Vouliez-vous dire"),
    ],
)
def test_a_wrong_use_is_told_from_a_failure(
    host: Host, tmp_path: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    path = csv_file(tmp_path / "f.csv", "N° client;Société;Site;Ville2", "C1;Causses SAS;Foix;Foix")
    done = start(host, *(path if one == "f" else one for one in arguments))
    _said, wrong = done.communicate(timeout=60)
    assert done.returncode == status, wrong
    if "Ville2" not in said:
        assert said in wrong


def test_unknown_columns_are_left_out_or_mapped_when_asked(host: Host, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "f.csv", "KUNNR;Société;Site;Inutile", "C1;Causses SAS;Foix;1")
    arguments = ("--map", "KUNNR=customer", "--skip-unknown", "--partial", "--json")
    done = start(host, "sites", path, *arguments)
    told = json.loads(done.communicate(timeout=60)[0])
    assert (done.returncode, told["counts"]["new"]) == (0, 1)
