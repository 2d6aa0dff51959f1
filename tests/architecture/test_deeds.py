"""Every action of the audit log has its words, and no call tells a secret by its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from core.logs import SECRET
from core.registry import Registry, discover
from tests.architecture.repository import is_test, python_files, read

KNOWN = Registry(discover()).deeds()
PREFIXES = ("ticket.", "cancellation.")
"""Beginnings of actions whose end is a state: each state has its words."""
ACTION = re.compile(r"[a-z][a-z. -]*[a-z.]")


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield (file, call) of whatever writes a line of the audit log."""
    for path in (*python_files("core"), *python_files("plugins"), *python_files("collectors")):
        if is_test(path) or "testing" in path.parts:
            continue
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Call) and writes(node):
                yield str(path), node


def writes(call: ast.Call) -> bool:
    """Tell whether a call writes a line: ``ctx.audit``, ``audit.write``, ``note(host, …)`` and the
    ``_note`` of a module; « note » alone is a component of pages too.
    """
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    first = call.args[0] if call.args else None
    hosted = "host" in str(getattr(first, "attr", getattr(first, "id", "")))
    named = any(keyword.arg == "action" for keyword in call.keywords)
    return name in ("audit", "_note") or (name == "note" and hosted) or named


def actions_of(call: ast.Call) -> list[str]:
    """Return the actions that a call may write, as far as they are plain."""
    said = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
    values = said or call.args[:3]
    texts = [
        part.value
        for value in values
        for part in ast.walk(value)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    # What stands after the action in its place is a target: only the first text counts, or all
    # of a choice between two.
    chosen = next(
        (v for v in values if isinstance(v, ast.IfExp | ast.Constant | ast.JoinedStr)), None
    )
    own = {p.value for p in ast.walk(chosen) if isinstance(p, ast.Constant)} if chosen else set()
    return [text for text in texts if text in own and ACTION.fullmatch(text)]


CALLS = list(calls())
IDS = [f"{path}:{call.lineno}" for path, call in CALLS]


def test_the_calls_are_found() -> None:
    told = {action for _path, call in CALLS for action in actions_of(call)}
    assert {"sign-in", "refused", "ticket.opened", "user created", "rubric off"} <= told
    assert len(CALLS) >= 50


@pytest.mark.parametrize(("path", "call"), CALLS, ids=IDS)
def test_every_action_has_words(path: str, call: ast.Call) -> None:
    for action in actions_of(call):
        told = action in KNOWN or (
            action in PREFIXES and any(known.startswith(action) for known in KNOWN)
        )
        assert told, f"{path}: say « {action} » in words: Rubric.deeds, core.journal.DEEDS"


@pytest.mark.parametrize(("path", "call"), CALLS, ids=IDS)
def test_no_fact_has_the_name_of_a_secret(path: str, call: ast.Call) -> None:
    names = [keyword.arg for keyword in call.keywords if keyword.arg]
    assert [name for name in names if SECRET.search(name)] == [], path
