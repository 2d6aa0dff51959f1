"""The tutorial, followed to the letter: its files written, its commands run, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.repository import read
from tests.wheel.conftest import Environment

BLOCK = re.compile(
    r"^```\{code-block\} \w+\n:caption: (\S+)\n\n(.*?)^```$", re.DOTALL | re.MULTILINE
)


def steps() -> Iterator[tuple[str, str]]:
    """Yield (name of a file, or « shell », what stands there), as the tutorial tells them."""
    yield from BLOCK.findall(read("docs/tutorial.md"))


@pytest.mark.timeout(600)  # some twenty commands, each a Python of its own
def test_who_follows_the_tutorial_has_a_rubric_with_green_tests(
    environment: Environment, tmp_path: Path
) -> None:
    said = []
    with environment.package("balise-climat"):
        for name, text in steps():
            if name == "shell":
                said.append(_run(environment, text, tmp_path))
                continue
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    _portal, empty, brought, granted, hours, tested = said
    assert "rubric:climat : balise_climat.plugin (balise-climat)" in empty
    assert re.search("3 nouvelles.*3 inchangées", brought, re.DOTALL)
    assert "climat:read" in granted
    assert re.search(r"13\d nouvelles", hours)
    assert re.search(r"\d\d passed", tested)
    assert "skipped" not in tested
    assert "✓ rubric:climat" in tested


def _run(environment: Environment, text: str, folder: Path) -> str:
    """Return what the commands of a step said; any of them that fails, fails the test."""
    settings = {
        "PATH": f"{environment.folder / 'bin'}:/usr/bin:/bin",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say: without isolation
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return environment.run("bash", "-euc", text, cwd=folder, **settings)
