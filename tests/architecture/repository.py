"""The repository as its laws see it: its files, its modules, its documents."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "plugins", "collectors")


@cache
def files() -> tuple[Path, ...]:
    """Return every file of the repository, those not yet committed included, relative to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return tuple(sorted(Path(name) for name in set(listed) if name and (ROOT / name).is_file()))


def python_files(*folders: str) -> list[Path]:
    """Return the Python files under these folders of the repository (all without any)."""
    return [
        path
        for path in files()
        if path.suffix == ".py" and (not folders or path.parts[0] in folders)
    ]


def is_test(path: Path) -> bool:
    """Tell whether a file belongs to the tests and not to the product."""
    return "tests" in path.parts or path.name == "conftest.py"


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def parse(path: Path) -> ast.Module:
    return ast.parse(read(path), filename=str(path))


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads(read("pyproject.toml"))
