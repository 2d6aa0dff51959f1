"""Each dependency is declared, used, pinned, and has one line that says why it is there."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.repository import PACKAGES, is_test, parse, project, python_files, read

# Declared and never imported, with the reason.
NOT_IMPORTED = {
    "types-psutil": "type information",
    "types-pyyaml": "type information",
    "furo": "the theme that docs/conf.py names",
    "myst-parser": "the extension that docs/conf.py names",
    "sphinx": "a command of make docs",
    "import-linter": "a command of make lint",
    "mypy": "a command of make lint",
    "ruff": "a command of make lint",
    "pre-commit": "a command of a developer",
    "pytest-cov": "an option of pytest",
    "pytest-randomly": "loaded by pytest",
    "pytest-timeout": "loaded by pytest",
    "pytest-playwright": "loaded by pytest",
    "gunicorn": "may be started as a command",
}


def normal(name: str) -> str:
    """Return the normalised name of a requirement (PEP 503), without version and extras."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", name, maxsplit=1)[0]).lower()


EXTRAS = project()["project"]["optional-dependencies"]
ENGINES = {normal(line) for line in EXTRAS["gufo"]} | {"easysnmp"}  # pinned apart: see setup.sh
RUNTIME = {normal(line) for line in project()["project"]["dependencies"]} | ENGINES
DEVELOPMENT = {normal(line) for line in EXTRAS["dev"]}


def imported(*, tests: bool) -> set[str]:
    """Return the distributions that the product, or its tests, import."""
    modules: set[str] = set()
    for path in python_files():
        if (is_test(path) or path.is_relative_to("core/testing")) is tests:
            for node in ast.walk(parse(path)):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.add(node.module.split(".")[0])
    known = packages_distributions()
    foreign = modules - set(sys.stdlib_module_names) - {*PACKAGES, "tests", "balise_voix"}
    return {normal(known.get(module, [module])[0]) for module in foreign}


def pins(name: str) -> set[str]:
    lines = read(f"requirements/{name}.txt").splitlines()
    return {normal(line) for line in lines if re.match(r"[A-Za-z0-9]", line)}


def test_what_the_product_imports_is_declared() -> None:
    assert imported(tests=False) - RUNTIME == set()


def test_what_the_tests_import_is_declared() -> None:
    assert imported(tests=True) - RUNTIME - DEVELOPMENT == set()


def test_what_is_declared_is_used() -> None:
    used = imported(tests=False) | imported(tests=True) | set(NOT_IMPORTED)
    assert (RUNTIME | DEVELOPMENT) - used == set()


@pytest.mark.parametrize("name", sorted(RUNTIME | DEVELOPMENT))
def test_each_dependency_has_its_line_in_the_design(name: str) -> None:
    lines = [line for line in read("docs/design.md").splitlines() if f"`{name}`" in line]
    assert len([line for line in lines if line.startswith("|")]) == 1, (
        f"docs/design.md: one line of the table of dependencies says why {name} is there"
    )


def test_every_dependency_is_pinned_with_its_hashes() -> None:
    assert pins("easysnmp") | pins("gufo") == ENGINES, "make lock"
    assert pins("runtime") >= RUNTIME - ENGINES, "make lock"
    assert pins("dev") >= (RUNTIME | DEVELOPMENT) - ENGINES, "make lock"
    for name in ("build", "runtime", "dev", "easysnmp", "gufo"):
        text = re.sub(r"\\\n\s*", "", read(f"requirements/{name}.txt"))
        unpinned = [
            line
            for line in text.splitlines()
            if line.strip() and not line.lstrip().startswith("#")
            if "==" not in line or "--hash=sha256:" not in line
        ]
        assert unpinned == []


def test_a_tool_has_the_same_version_in_every_environment() -> None:
    def versions(name: str) -> set[str]:
        return set(
            re.findall(
                r"^[A-Za-z0-9][^ \\]*==[^ \\]+", read(f"requirements/{name}.txt"), re.MULTILINE
            )
        )

    assert versions("runtime") <= versions("dev")
