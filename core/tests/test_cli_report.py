"""``balise report``: a whole file or none, and what a script reads."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.cli import main
from core.host import Host
from core.network.inventory import Link
from core.network.metrics import Sample
from core.testing.files import csv_rows, text_inside

AT = int(datetime(2026, 10, 10, tzinfo=UTC).timestamp())
OF_A = ("--customer", "CANARI-A client", "--month", "2026-10")


@pytest.fixture
def balise(filled: Host, tmp_path: Path):
    """``balise("report", …)`` on two tenants with an hour of measures in October 2026."""
    with Session(filled.engine) as session:
        ids = session.scalars(sa.select(Link.id)).all()
    filled.metrics.record(
        Sample(id_, AT + 300 * n, 300.0, 1_000_003, 7) for id_ in ids for n in range(1, 13)
    )
    environ = {"BALISE_STORAGE_DATA": str(filled.config.data)}
    settings = ["--config", str(filled.config.path)]

    class Balise:
        """What runs the command, and what a process of its own would need."""

        def __init__(self) -> None:
            self.environ, self.settings = {**os.environ, **environ}, settings

        def __call__(self, *arguments: object) -> Result:
            return CliRunner(env=environ).invoke(main, [*settings, *map(str, arguments)])

    return Balise()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("form", ["csv", "xlsx", "zip"])
def test_the_report_of_a_customer_holds_its_links_and_no_others(balise, tmp_path, form):
    output = tmp_path / f"october.{form}"
    done = balise("report", *OF_A, "--format", form, "--output", output, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["links"] == 4
    assert told["octets"] == output.stat().st_size
    assert (told["customer"], told["month"], told["over"]) == ("CANARI-A client", "2026-10", True)
    inside = text_inside(output.read_bytes())
    assert "CANARI-A-20-000" in inside
    assert "CANARI-B" not in inside
    assert names(tmp_path) == {output.name}
    if form == "csv":
        head, *rows = csv_rows(output.read_bytes())
        assert {row[head.index("Volume entrant (octets)")] for row in rows} == {"12000036"}


def test_making_a_report_is_in_the_audit_log(balise, tmp_path, filled):
    balise("report", *OF_A, "--format", "csv", "--output", tmp_path / "r.csv")
    with Session(filled.engine) as session:
        (line,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "job done"))
        assert line.facts["customer"] == "CANARI-A client"
        assert line.facts["month"] == "2026-10"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--customer", "Nobody", "--month", "2026-10", "--format", "csv"), 1, "introuvable"),
        ((*OF_A[:2], "--month", "2019-03", "--format", "zip"), 1, "Aucune mesure"),
        ((*OF_A[:2], "--month", "2226-03", "--format", "csv"), 1, "pas commencé"),
        ((*OF_A[:2], "--month", "2026-13", "--format", "csv"), 2, "pas un mois"),
        ((*OF_A, "--format", "pdf"), 2, "pdf"),
        ((*OF_A,), 2, "--format"),
    ],
)
def test_wrong_use_is_told_and_leaves_the_old_file(balise, tmp_path, arguments, status, words):
    output = tmp_path / "r.csv"
    output.write_text("the old one")
    done = balise("report", *arguments, "--output", output)
    assert done.exit_code == status, done.output
    assert words in done.output
    assert names(tmp_path) == {"r.csv"}
    assert output.read_text() == "the old one"


def test_a_folder_that_is_not_there_is_told(balise, tmp_path):
    done = balise("report", *OF_A, "--format", "csv", "--output", tmp_path / "no" / "r.csv")
    assert done.exit_code == 1
    assert "Rien n'est écrit" in done.output


@pytest.mark.parametrize("form", ["csv", "zip"])
def test_a_disk_that_fills_up_leaves_the_old_file_and_no_half(balise, tmp_path, form):
    """A limit on the size of files, set for the process: the kernel refuses to write on."""
    output = tmp_path / "r"
    output.write_text("the old one")
    command = [sys.executable, "-m", "core.cli", *balise.settings, "report", *OF_A]

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    done = subprocess.run(
        [*command, "--format", form, "--output", str(output)],
        env={**balise.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=limited, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "plus de place" in done.stderr
    assert "Traceback" not in done.stderr
    assert names(tmp_path) == {"r"}
    assert output.read_text() == "the old one"
