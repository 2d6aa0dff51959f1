"""What the collector says of a router is said in the reader's language on « Collecte »."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.network.collection import Trouble
from core.web.collection_words import why

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENGLISH_IS_SHOWN_FOR = {"bad_answer", "bad_target"}
"""Of these outcomes the page shows the detail itself; of others, where to look first."""


def details():
    """Yield (place, outcome, detail) of every failure that the code of the collector words."""
    for path in sorted(Path("collectors").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            outcome = "bad_answer"
            if node.func.id == "Failed" and isinstance(node.args[0], ast.Attribute):
                outcome = node.args[0].attr.lower()
            elif node.func.id != "NonsenseError":
                continue
            said = _said(node.args[-1])
            if said and outcome in ENGLISH_IS_SHOWN_FOR:
                yield pytest.param(outcome, said, id=f"{path.name}:{node.lineno}")


def _said(node):
    """Return a text with « 7 » for what it is given, None when it is all given."""
    if isinstance(node, ast.Subscript):  # cut to its first characters
        node = node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [v.value if isinstance(v, ast.Constant) else "7" for v in node.values]
        text = "".join(parts)
        return text if len(text) > 2 * parts.count("7") + 2 else None
    return None


@pytest.mark.parametrize(("outcome", "detail"), list(details()))
def test_every_failure_of_a_router_has_its_words(outcome, detail):
    trouble = Trouble(1, "R", "C", "S", 1, outcome, detail, NOW, None, backed_off=False)
    assert why(trouble) != detail, "say it in core/web/collection_words.py"
