"""The documentation is built without a warning; every hook, setting, right and command is told."""

from __future__ import annotations

import html
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from pydantic import BaseModel

from core import api, i18n
from core.cli import main
from core.config import SECRETS, Config
from core.registry import ANSWERS, Registry, discover
from tests.architecture.repository import ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, as `make docs` makes them: a link that leads nowhere is a warning, and fails."""
    folder = tmp_path_factory.mktemp("docs")
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run(
        [*sphinx, "-d", str(folder / "trees"), "docs", str(folder / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/_ext/reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(built: Path, page: str) -> str:
    return html.unescape((built / f"{page}.html").read_text())


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield (« balise user create », the command) of all there are."""
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            assert inner is not None
            yield from commands(inner, f"{path} {name}")


def settings(model: type[BaseModel], hidden: tuple[str, ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if name in hidden:
            continue
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from settings(kind)
        else:
            yield name


def test_every_hook_is_told_with_what_it_answers(built: Path) -> None:
    page = said(built, "reference/hooks")
    for hook, answer in ANSWERS.items():
        assert f'id="{hook.replace("_", "-")}"' in page, f"{hook}() is not in the reference"
        assert answer.__name__ in page


def test_every_name_of_core_api_is_told(built: Path) -> None:
    page = said(built, "reference/declarations")
    assert [name for name in api.__all__ if f">{name}<" not in page] == []


def test_every_setting_is_told_with_its_variable_and_a_sentence(
    built: Path, reference: ModuleType
) -> None:
    page = said(built, "reference/settings")
    names = list(settings(Config, ("path", *SECRETS)))
    assert len(names) > 40
    assert [name for name in names if f'<span class="pre">{name}</span>' not in page] == []
    assert "BALISE_WEB_PORT" in page
    told = reference.settings().split("\n\n")
    silent = [one for one in told if one.startswith("`") and not one.partition("\n: ")[2].strip()]
    assert silent == [], "a comment above a setting of config.yaml says what it is"


def test_every_permission_is_told_in_both_languages(built: Path) -> None:
    page = said(built, "reference/permissions")
    known = Registry(discover("plugins")).permissions()
    assert [key for key in known if key not in page] == []
    assert [one.label for one in known.values() if one.label not in page] == []
    with i18n.speaking("en"):
        for rubric in Registry(discover("plugins")).rubrics.values():
            assert i18n._(rubric.read.label) in page


def test_every_command_is_told_and_says_what_it_does(built: Path) -> None:
    page = said(built, "reference/commands")
    known = dict(commands(main, "balise"))
    assert len(known) > 30
    assert [path for path in known if f">{path}<" not in page] == []
    silent = [path for path, command in known.items() if not (command.help or "").strip()]
    assert silent == [], "a docstring in French says what a command does"


def test_the_guides_of_the_portal_are_in_the_documentation(built: Path) -> None:
    assert "Trouver une facture" in said(built, "guides/fr")
    assert "Finding an invoice" in said(built, "guides/en")
