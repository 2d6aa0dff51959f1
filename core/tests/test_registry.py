"""Rubrics that break stay outside, by name; the others and the host go on: TRUST.md 21."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from types import ModuleType

import pytest
from dash import Input, Output

from core import health
from core.access import Permission
from core.answers import Card
from core.registry import Found, Registry, discover
from core.rubric import Callbacks, Page, Pages, Rubric
from core.rubric_states import rubric_states
from core.testing.context import context_of
from core.testing.world import NOW

GOOD = """
from core.api import Card, Permission, Rubric, hookimpl
READ = Permission("{id}:read", "Lire")
@hookimpl
def rubric():
    return Rubric("{id}", "{id}", read=READ)
@hookimpl
def home_cards(ctx):
    return [Card("{id}", "/", "body")]
"""

BROKEN = {
    "syntax": "def (",
    "imports": "import nowhere_to_be_found",
    "exits": "import sys; sys.exit(3)",
    "raises": GOOD.format(id="raises").replace(
        "return Rubric", "raise RuntimeError; return Rubric"
    ),
    "wrongtype": GOOD.format(id="wrongtype").replace(
        'return Rubric("wrongtype"', 'return dict(id="x"'
    ),
    "nothing": "x = 1",
    "twin": GOOD.format(id="good"),
    "stranger": GOOD.format(id="stranger").replace('"stranger:read"', '"good:read"'),
    "unknownhook": GOOD.format(id="unknownhook").replace("home_cards", "home_crads"),
    "download": GOOD.format(id="download")
    + """
from core.api import Downloads
downloads = Downloads()
downloads.table("/other/file", permission=READ)(lambda ctx: None)
@hookimpl
def rubric():
    return Rubric("download", "x", read=READ, downloads=downloads)
""",
    "address": GOOD.format(id="address")
    + """
from core.api import Pages
pages = Pages()
pages.page("/other/page", "x", permission=READ)(lambda ctx: None)
@hookimpl
def rubric():
    return Rubric("address", "x", read=READ, pages=pages)
""",
    "dataset": GOOD.format(id="dataset")
    + """
from core.api import Dataset, DatasetColumn
one = Dataset("essais", "x", (DatasetColumn("a", "A"),), ("a",), lambda _: [], lambda *_: None)
@hookimpl
def rubric():
    return Rubric("dataset", "x", read=READ, datasets=(one, one))
""",
    "key": GOOD.format(id="key")
    + """
from core.api import Dataset, DatasetColumn
one = Dataset("essais", "x", (DatasetColumn("a", "A"),), ("b",), lambda _: [], lambda *_: None)
""",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A folder of rubrics like ``plugins/``: one good, the others broken each in its way."""
    root = tmp_path / "trialrubrics"
    for name, source in {"good": GOOD.format(id="good"), **BROKEN}.items():
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text("")
        (root / name / "plugin.py").write_text(source)
    (root / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield "trialrubrics"
    for name in [name for name in sys.modules if name.startswith("trialrubrics")]:
        del sys.modules[name]


def test_every_broken_rubric_is_set_aside_and_the_good_one_serves(package):
    registry = Registry(discover(package))
    assert {"good"} == set(registry.rubrics)
    named = {failure.name.split(".")[1] for failure in registry.failures}
    assert set(BROKEN) == named


def test_balise_check_names_the_culprit_its_distribution_and_the_reason(package):
    registry = Registry(discover(package))
    findings = health.check_rubrics(registry, rubric_states(registry, None, NOW))
    said = {f.subject: f.text for f in findings if f.level == "error"}
    assert "distribution balise" in said["rubric:trialrubrics.syntax.plugin"]
    assert "SyntaxError" in said["rubric:trialrubrics.syntax.plugin"]
    assert "trialrubrics.good.plugin" in said["rubric:trialrubrics.twin.plugin"]


@pytest.fixture
def ctx(shared_world):
    """What a request of somebody has who may read the rubrics of this file."""
    with context_of(shared_world, "alice@a.example") as ctx:
        yield replace(ctx, granted=frozenset({"one:read", "two:read"}))


def rubric_with(**hooks):
    """Return a loaded plugin that answers these hooks."""
    from core.hookspecs import hookimpl

    plugin = ModuleType("trial")
    for name, function in hooks.items():
        setattr(plugin, name, hookimpl(function))
    return plugin


def _boom():
    raise RuntimeError("boom")


def _lazily():
    yield Card("t", "/", "b")
    raise RuntimeError("late boom")


@pytest.mark.parametrize(
    "answer",
    [_boom, _lazily, sys.exit, lambda: "text", lambda: 3, lambda: [3], lambda: [None]],
    ids=["raises", "raises late", "exits", "a text", "a number", "numbers", "nothings"],
)
def test_a_hook_that_fails_silences_its_rubric_alone(ctx, answer):
    def one() -> Rubric:
        return Rubric("one", "Un", read=Permission("one:read", ""))

    def two() -> Rubric:
        return Rubric("two", "Deux", read=Permission("two:read", ""))

    def bad_cards(ctx):
        return answer()

    def cards(ctx):
        return [Card("t", "/", "b")]

    bad = rubric_with(rubric=one, home_cards=bad_cards)
    good = rubric_with(rubric=two, home_cards=cards)
    registry = Registry([Found("one", "x", lambda: bad), Found("two", "x", lambda: good)])
    assert ["two"] == [id for id, _card in registry.ask("home_cards", ctx)]


def test_a_rubric_the_user_may_not_read_is_not_asked(ctx):
    def refuse(ctx):
        raise AssertionError("asked")

    plugin = rubric_with(
        rubric=lambda: Rubric("one", "Un", read=Permission("one:read", "")), home_cards=refuse
    )
    registry = Registry([Found("one", "x", lambda: plugin)])
    assert [] == list(registry.ask("home_cards", replace(ctx, granted=frozenset())))


def test_two_rubrics_cannot_have_one_address():
    def build(id: str, path: str):
        read = Permission(f"{id}:read", "")
        pages = Pages([Page(path, "x", read, lambda ctx: None, None)])
        return rubric_with(rubric=lambda: Rubric(id, id, read=read, pages=pages))

    one = build("one", "/one/x")
    with pytest.raises(ValueError, match="must start with '/two'"):
        build("two", "/one/x").rubric()
    registry = Registry([Found("one", "x", lambda: one), Found("again", "y", lambda: one)])
    assert ["again"] == [failure.name for failure in registry.failures]


def test_two_rubrics_cannot_write_one_output():
    def build(id: str):
        read = Permission(f"{id}:read", "")
        callbacks = Callbacks()
        callbacks.on(Output("x", "children"), Input("y", "value"), permission=read)(lambda ctx: 1)
        return rubric_with(rubric=lambda: Rubric(id, id, read=read, callbacks=callbacks))

    one, two = build("one"), build("two")
    registry = Registry([Found("one", "x", lambda: one), Found("two", "y", lambda: two)])
    assert {"one"} == set(registry.rubrics)
    assert "x.children" in registry.failures[0].error


def test_a_rubric_cannot_take_an_address_of_the_host():
    read = Permission("sante:read", "")
    plugin = rubric_with(rubric=lambda: Rubric("sante", "x", read=read))
    assert {} == Registry([Found("x", "y", lambda: plugin)]).rubrics


def test_a_permission_belongs_to_its_rubric():
    with pytest.raises(ValueError, match="must start with 'factures:'"):
        Rubric("factures", "Factures", read=Permission("incidents:read", ""))


def test_the_rubrics_of_the_product_all_load():
    assert [] == Registry(discover("plugins")).failures
