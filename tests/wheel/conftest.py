"""Balise as others install it: its wheel, in an environment where nothing else of ours stands."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGES, ROOT, files, is_test, read

BESIDE = ("iniconfig", "packaging", "pip", "pluggy", "pygments", "pytest", "setuptools")
"""What whoever writes a rubric has installed besides Balise."""


def product() -> list[Path]:
    """Return every file that a wheel must hold; translations are compiled by the set-up."""
    found = [path for path in files() if path.parts[0] in PACKAGES and not is_test(path)]
    return found + [path.with_suffix(".mo") for path in found if path.suffix == ".po"]


def build(source: Path) -> Path:
    """Return the wheel of a package, made beside its sources."""
    make = "import setuptools.build_meta as b; b.build_wheel('.')"
    subprocess.run([sys.executable, "-c", make], cwd=source, check=True, capture_output=True)
    (wheel,) = source.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of Balise, built from the files of the repository."""
    folder = tmp_path_factory.mktemp("balise")
    for path in [*product(), Path("pyproject.toml"), Path("README.md"), Path("LICENSE")]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    return build(folder)


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own, and how to run what is in it."""

    folder: Path

    def install(self, wheel: Path) -> None:
        """Install a wheel with pip, which finds there what it asks for or fails: no index."""
        self._pip("install", "--no-index", str(wheel))

    @contextmanager
    def package(self, name: str) -> Iterator[None]:
        """Take a package that the block installed out again."""
        try:
            yield
        finally:
            self._pip("uninstall", "--yes", name)

    def _pip(self, command: str, *arguments: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", self.command("python")]
        self.run(*pip, command, "--quiet", "--disable-pip-version-check", *arguments)

    def run(self, *command: str, cwd: Path | None = None, **environ: str) -> str:
        """Return what a command said; fails with it when it failed."""
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env={"PATH": os.defpath, "HOME": str(self.folder), "LANG": "C.UTF-8", **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def balise(self, *arguments: str, cwd: Path) -> str:
        return self.run(self.command("balise"), *arguments, cwd=cwd)

    def command(self, name: str) -> str:
        return str(self.folder / "bin" / name)


def _bring(site: Path, name: str) -> None:
    """Put an installed package of the environment of the tests into another one."""
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return  # of another platform, or an engine that is not built here
    for first in {file.parts[0] for file in distribution.files or ()}:
        place = site / first
        if first not in ("..", "__pycache__") and not place.exists():
            place.symlink_to(str(distribution.locate_file(first)))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel of Balise, the pins of requirements/, and pytest."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    pins = [
        line.partition("==")[0]
        for name in ("runtime", "easysnmp", "gufo")
        for line in read(f"requirements/{name}.txt").splitlines()
        if line[:1].isalnum()
    ]
    for name in [*pins, *BESIDE]:
        _bring(site, name)
    made = Environment(folder)
    made.install(wheel)
    return made
