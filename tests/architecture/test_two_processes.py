"""`make test` runs the tests in a browser beside the others: both count, both are told whole."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

STUB = """#!/usr/bin/env bash
case " $* " in
    *" --ignore=tests/e2e "*) for n in 1 2 3; do echo "others $n"; sleep 0.05; done; exit $OTHERS ;;
    *" tests/e2e "*) for n in 1 2 3; do echo "browser $n"; sleep 0.05; done; exit $BROWSER ;;
esac
"""


def run(folder: Path, others: int, browser: int) -> tuple[int, list[str]]:
    """Return the status and the lines of the script where pytest ends so."""
    (folder / "scripts").mkdir()
    shutil.copy("scripts/test.sh", folder / "scripts")
    stub = folder / ".venv" / "bin" / "pytest"
    stub.parent.mkdir(parents=True)
    stub.write_text(STUB)
    stub.chmod(0o755)
    environ = {**os.environ, "OTHERS": str(others), "BROWSER": str(browser)}
    done = subprocess.run(
        ["scripts/test.sh"], cwd=folder, env=environ, capture_output=True, text=True, check=False,
        timeout=30,
    )  # fmt: skip
    told = [line for line in done.stdout.splitlines() if line.startswith(("others", "browser"))]
    return done.returncode, told


@pytest.mark.parametrize(
    ("others", "browser", "status"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)]
)
def test_a_failure_of_either_fails_both_and_each_is_told_whole(
    tmp_path: Path, others: int, browser: int, status: int
) -> None:
    code, told = run(tmp_path, others, browser)
    assert code == status
    assert told == [*(f"others {n}" for n in (1, 2, 3)), *(f"browser {n}" for n in (1, 2, 3))]
