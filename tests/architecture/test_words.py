"""What is public has a name in the field's words, and a line that explains it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from core import api, hookspecs
from tests.architecture.repository import is_test, python_files, read

HOOKS = sorted(name for name, hook in vars(hookspecs).items() if hasattr(hook, "balise_spec"))


def public(module: ModuleType) -> list[str]:
    names: list[str] = module.__all__
    return names


CLASSES = [name for name in public(api) if isinstance(getattr(api, name, None), type)]
OTHERS = sorted(set(public(api)) - set(CLASSES))


def test_core_api_has_every_name_it_lists_and_lists_it_once() -> None:
    assert [name for name in public(api) if not hasattr(api, name)] == []
    assert len(public(api)) == len(set(public(api)))


@pytest.mark.parametrize("name", CLASSES)
def test_the_glossary_explains_every_class_of_core_api(name: str) -> None:
    assert f"\n| `{name}` |" in read("docs/glossary.md"), (
        f"core.api offers {name}: give it a line in docs/glossary.md"
    )


@pytest.mark.parametrize("name", OTHERS)
def test_the_guide_names_every_function_of_core_api(name: str) -> None:
    assert f"`{name}`" in read("docs/rubrics.md"), (
        f"core.api offers {name}: name it in docs/rubrics.md"
    )


def test_the_glossary_explains_no_name_that_core_api_lost() -> None:
    table = read("docs/glossary.md").split("## Names of `core.api`")[1].split("\n## ")[0]
    explained = set(re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE))
    assert explained - set(CLASSES) == set()


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
