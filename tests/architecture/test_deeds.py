"""Every action of the audit log has its words, and no call tells a secret by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from core.logs import SECRET
from core.registry import Registry, discover
from tests.architecture.repository import is_test, python_files, read

NAMES = {"audit", "note", "_note", "write"}
PREFIXED = ("ticket.", "cancellation.")
"""Beginnings of actions whose end is a state: each state has its words."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield (file, call) of whatever writes a line of the audit log."""
    for path in (*python_files("core"), *python_files("plugins"), *python_files("collectors")):
        if is_test(path) or "/testing/" in str(path):
            continue
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name.lstrip("_") in {"audit", "note", "write"} and action_of(node):
                    yield str(path), node


def action_of(call: ast.Call) -> str | None:
    """Return the action that a call writes, None when it is no such call."""
    named = [k.value for k in call.keywords if k.arg == "action"]
    for value in (*named, *call.args[:3]):
        for part in ast.walk(value):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                text = part.value
                if named or text in KNOWN or text.startswith(PREFIXED):
                    return text
    return None


KNOWN = Registry(discover()).deeds()
CALLS = list(calls())


def test_the_calls_are_found() -> None:
    assert len(CALLS) >= 30
    files = {path for path, _call in CALLS}
    assert len([path for path in files if "plugins" in path]) >= 6


@pytest.mark.parametrize(("path", "call"), CALLS, ids=[f"{p}:{c.lineno}" for p, c in CALLS])
def test_every_action_has_words(path: str, call: ast.Call) -> None:
    action = action_of(call)
    assert action is not None
    told = action in KNOWN or any(
        action == prefix and [k for k in KNOWN if k.startswith(prefix)] for prefix in PREFIXED
    )
    assert told, f"{path}: say in words what « {action} » is: Rubric.deeds, core.journal.DEEDS"


@pytest.mark.parametrize(("path", "call"), CALLS, ids=[f"{p}:{c.lineno}" for p, c in CALLS])
def test_no_fact_has_the_name_of_a_secret(path: str, call: ast.Call) -> None:
    names = [k.arg for k in call.keywords if k.arg]
    assert [name for name in names if SECRET.search(name)] == [], path


def audited_without_a_known_action() -> list[str]:
    """Return the calls of ``ctx.audit`` whose action nobody said in words."""
    found = []
    for path in python_files("plugins"):
        if is_test(path):
            continue
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "audit":
                literal = isinstance(node.args[0], ast.Constant)
                if literal and action_of(node) is None:
                    found.append(f"{path}:{node.lineno}")
    return found


def test_no_rubric_writes_an_action_without_words() -> None:
    assert audited_without_a_known_action() == []
