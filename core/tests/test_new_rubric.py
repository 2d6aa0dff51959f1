"""``balise new-rubric`` writes a rubric that works: its own tests pass, and it reads as ours do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main

ROOT = Path(__file__).parents[2]


def made(into: Path, *arguments: str) -> Result:
    """Run the command, as somebody types it."""
    return CliRunner().invoke(main, ["new-rubric", *arguments, "--into", str(into)])


def run(folder: Path, *command: str, **environ: str) -> str:
    """Return what a command says in a folder; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env={**os.environ, **environ}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def lint(folder: Path, *modules: str) -> None:
    """Check the style and form of what was written, by the rules of the product."""
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    run(folder, "ruff", "check", *settings, ".")
    run(folder, "ruff", "format", "--check", *settings, ".")


def test_a_folder_of_plugins_passes_its_tests_at_once(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "__init__.py").write_text("")
    said = made(tmp_path / "plugins", "ma-voix", "--label", "Ma téléphonie")
    assert said.exit_code == 0, said.output
    assert "balise migrate" in said.output
    told = run(
        tmp_path, "pytest", "-q", "--import-mode=importlib", "-p", "no:dash", "-p",
        "core.testing.fixtures", "-p", "no:cacheprovider", "plugins",
        PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}",
    )  # fmt: skip
    assert "16 passed" in told, told
    lint(tmp_path)


def test_a_package_is_found_by_its_entry_point_and_serves(tmp_path: Path) -> None:
    """Its tests are those of the folder; here, that it installs and loads with all it needs."""
    assert made(tmp_path, "voix", "--package").exit_code == 0
    source, site = tmp_path / "balise-voix", tmp_path / "site"
    lint(source)
    build = "import setuptools.build_meta as b; print(b.build_wheel('.'))"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = source.glob("*.whl")
    run(tmp_path, "zipfile", "-e", str(wheel), str(site))
    (tmp_path / "trial.py").write_text(
        "from core.registry import Registry, discover\n"
        "found = [one for one in discover() if one.distribution == 'balise-voix']\n"
        "registry = Registry(found)\n"
        "print([one.error for one in registry.failures])\n"
        "rubric = registry.rubrics['voix']\n"
        "from pathlib import Path\n"
        "print(sorted(p.name for p in Path(rubric.migrations).glob('*.py')))\n"
        "from core import i18n\n"
        "i18n.speak('en')\n"
        "print(i18n._('Consulter la rubrique Voix'))\n"
    )
    said = run(tmp_path, "trial", PYTHONPATH=f"{site}{os.pathsep}{ROOT}")
    assert said.splitlines() == ["[]", "['voix_0001_items.py']", "Read the section Voix"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Voix", "ne peut pas être le nom"),
        ("9voix", "ne peut pas être le nom"),
        ("ma_voix", "ne peut pas être le nom"),
        ("voix-", "ne peut pas être le nom"),
        ("é", "ne peut pas être le nom"),
        ("class", "ne peut pas être le nom"),
        ("../voix", "ne peut pas être le nom"),
        ("x" * 41, "ne peut pas être le nom"),
        ("sante", "est un nom de Balise"),
        ("factures", "existe déjà : plugins.factures.plugin"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_what_can(
    tmp_path: Path, name: str, why: str
) -> None:
    said = made(tmp_path, name)
    assert said.exit_code == 2
    assert why in " ".join(said.output.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("label", ['Ma "voix"', "50 %", "a\\nb\\", "$x", "x" * 61])
def test_a_label_that_would_not_stand_in_the_sources_is_refused(tmp_path: Path, label: str) -> None:
    assert made(tmp_path, "voix", "--label", label).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    assert made(tmp_path, "voix").exit_code == 0
    (tmp_path / "voix" / "plugin.py").write_text("mine")
    said = made(tmp_path, "voix")
    assert said.exit_code == 1
    assert "existe déjà" in said.output
    assert (tmp_path / "voix" / "plugin.py").read_text() == "mine"
