"""House rules on every file of the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.repository import files, is_test, parse, python_files, read

import ast  # isort: skip

LONGEST = 350
# Written in pieces, or this file would break its own rule.
FOREIGN = {
    "an address of a package registry": re.compile(
        "|".join(
            [
                r"pypi\." + "org",
                "files" + r"\.pythonhosted",
                r"registry\." + "npmjs",
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


@pytest.mark.parametrize("path", python_files(), ids=str)
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
    """``# noqa: BLE001  # why`` and ``# type: ignore[misc]  # why``."""
    silent = [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(read(path).splitlines(), start=1)
        if re.search(r"#\s*(noqa|type:\s*ignore)\b[^#]*$", line) and '"' not in line.split("#")[-1]
    ]
    assert silent == [], "say why after it: # noqa: RULE  # the reason"
