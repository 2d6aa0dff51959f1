"""Colours stand in the tokens; everything else names a token."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.repository import files, is_test, parse, python_files, read

LITERAL = re.compile(
    r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgba?|hsla?|oklch)\(", re.IGNORECASE
)
# Plotly does not read CSS variables: one module holds its templates, made from the same tokens.
PALETTES = {"tokens.css", "product.css", "icons.css", "bootstrap.min.css"}
TEMPLATES = {Path("core/web/components/tokens.py")}

STYLES = [
    path
    for path in files()
    if path.suffix == ".css" and not any(path.name.endswith(name) for name in PALETTES)
]
MODULES = [
    path
    for path in python_files("core", "plugins", "collectors")
    if path not in TEMPLATES and not is_test(path)
]


def test_a_style_sheet_names_tokens() -> None:
    literals = [f"{path}: {found[0]}" for path in STYLES for found in LITERAL.finditer(read(path))]
    assert literals == [], "use var(--ui-…)"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_names_tokens(path: Path) -> None:
    literals = [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if LITERAL.fullmatch(node.value) or re.match(r"(rgba?|hsla?)\(", node.value)
    ]
    assert literals == [], "use var(--ui-…) in styles, the chart's template in charts"
