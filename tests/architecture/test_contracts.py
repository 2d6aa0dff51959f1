"""The import contracts of pyproject.toml see what they forbid."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGES, ROOT, is_test, python_files


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the product's modules and of the contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path in python_files(*PACKAGES):
        if not is_test(path):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


def broken(folder: Path) -> list[str]:
    """Return the contracts that do not hold in a copy of the code."""
    command = "from importlinter.cli import lint_imports_command as run; run()"
    result = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in result.stdout, result.stdout + result.stderr
    return [
        line.partition(" BROKEN")[0] for line in result.stdout.splitlines() if " BROKEN" in line
    ]


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/offence.py", "import plugins", "core knows neither"),
        ("core/offence.py", "import collectors", "core knows neither"),
        ("collectors/offence.py", "import plugins.supervision.plugin", "meet only through core"),
        ("plugins/supervision/offence.py", "import collectors", "meet only through core"),
        (
            "plugins/supervision/offence.py",
            "import plugins.consommations.plugin",
            "never imports another",
        ),
        ("plugins/supervision/offence.py", "from core.db import Base", "core.api, nothing deeper"),
        ("plugins/supervision/offence.py", "import core.web.door", "core.api, nothing deeper"),
        ("core/network/offence.py", "import flask", "nothing of the web"),
        ("core/imports/offence.py", "import core.web.door", "imports know nothing of the web"),
    ],
)
def test_an_offence_breaks_its_contract(copy: Path, module: str, line: str, contract: str) -> None:
    (copy / module).write_text(line + "\n")
    assert any(contract in name for name in broken(copy))


def test_the_code_keeps_every_contract(copy: Path) -> None:
    assert broken(copy) == []
