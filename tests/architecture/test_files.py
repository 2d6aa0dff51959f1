"""House rules on every file of the repository."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.architecture.repository import files, is_test, parse, python_files, read

LONGEST = 350
SILENT = re.compile(
    r"#\s*(noqa(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(\[[\w, -]+\])?)\s*$"
)
# Written in pieces, or this file would break its own rule.
FOREIGN = {
    "an address of a package registry": re.compile(
        "|".join(
            [
                r"pypi\." + "org",
                "files" + r"\.pythonhosted",
                r"npmjs\." + r"(com|org)",
                r"deb\." + r"debian\." + "org",
                r"--(extra-)?index-" + "url",
                '"resolved"' + ":",
            ]
        )
    ),
    "a path of one machine": re.compile(r"(?<![\w.])/(work|root|tmp|opt/py|home/(?!dev\b)\w+)/"),
}
TEXT = [
    path
    for path in files()
    if path.suffix
    in {
        ".py",
        ".md",
        ".toml",
        ".txt",
        ".in",
        ".yaml",
        ".yml",
        ".json",
        ".sh",
        ".css",
        ".js",
        ".html",
        ".po",
        ".cfg",
        "",
    }
    and "lazy" not in path.parts
]


@pytest.mark.parametrize("path", [p for p in python_files() if "versions" not in p.parts], ids=str)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    lines = read(path).count("\n")
    assert lines <= LONGEST, f"{lines} lines: cut it where its subject changes"


@pytest.mark.parametrize("path", TEXT, ids=str)
def test_no_file_names_a_machine_or_a_registry(path: Path) -> None:
    text = read(path)
    found = [
        f"{what}: {match[0]}" for what, rule in FOREIGN.items() if (match := rule.search(text))
    ]
    assert found == []


@pytest.mark.parametrize("path", [p for p in python_files() if is_test(p)], ids=str)
def test_a_test_waits_for_a_condition_and_not_for_a_time(path: Path) -> None:
    """A sleep in a test is too short on a slow day and too long on every other."""
    sleeps = [
        node.lineno
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
    ]
    assert path.name == "conftest.py" or not sleeps, (
        f"lines {sleeps}: poll a condition with a deadline"
    )


@pytest.mark.parametrize("path", python_files(), ids=str)
def test_an_exception_to_a_rule_gives_its_reason(path: Path) -> None:
    """``# noqa: BLE001  # why``, ``# type: ignore[misc]  # why``, or why on the line above."""
    lines = read(path).splitlines()
    silent = [
        f"line {number}: {line.strip()}"
        for number, (above, line) in enumerate(pairwise(["", *lines]), start=1)
        if SILENT.search(line) and not above.lstrip().startswith("#")
    ]
    assert silent == [], "say why: # noqa: RULE  # the reason"
