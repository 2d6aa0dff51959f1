"""What is public has a name in the field's words, and a line that explains it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from core import api, hookspecs
from tests.architecture.repository import is_test, python_files, read

# gettext's own names: nothing to explain that a glossary could.
FUNCTIONS_OF_WORDS = {"_", "N_", "ngettext"}
HOOKS = sorted(name for name, hook in vars(hookspecs).items() if hasattr(hook, "balise_spec"))


def public(module: ModuleType) -> list[str]:
    names: list[str] = module.__all__
    return names


def test_core_api_lists_its_names_in_order_and_has_them_all() -> None:
    assert public(api) == sorted(public(api))
    assert [name for name in public(api) if not hasattr(api, name)] == []


@pytest.mark.parametrize("name", sorted(set(public(api)) - FUNCTIONS_OF_WORDS))
def test_the_glossary_explains_every_name_of_core_api(name: str) -> None:
    assert re.search(rf"`{name}`", read("docs/glossary.md")), (
        f"core.api offers {name}: give it a line in docs/glossary.md"
    )


def test_the_glossary_explains_no_name_that_core_api_lost() -> None:
    table = read("docs/glossary.md").split("## Names of `core.api`")[1].split("\n## ")[0]
    explained = set(re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE))
    assert explained - set(public(api)) == set()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented(hook: str) -> None:
    assert f"`{hook}(" in read("docs/rubrics.md"), f"describe {hook}() in docs/rubrics.md"
    assert (getattr(hookspecs, hook).__doc__ or "").strip()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_answered_by_a_rubric(hook: str) -> None:
    """No hook without a rubric that uses it: an unused question is a wrong guess."""
    answers = [
        path
        for path in python_files("plugins")
        if not is_test(path) and re.search(rf"@hookimpl(\(.*\))?\ndef {hook}\(", read(path))
    ]
    assert answers, f"no rubric answers {hook}(): remove the hook or use it"
