"""What a rubric may do to the host while it is loaded: nothing that stays or stops it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from core import commands, i18n, rubric_loading
from core.db import Base
from core.host import Host
from core.network.inventory import Link
from core.registry import Found, Registry, discover
from core.rubric_loading import RubricRefused

GOOD = """
from core.api import Permission, Rubric, hookimpl
READ = Permission("{id}:read", "Lire")
@hookimpl
def rubric():
    return Rubric("{id}", "{id}", read=READ)
"""
MODEL = """
from sqlalchemy import orm
from core.api import Owned
class {name}(Owned):
    __tablename__ = "{table}"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
"""

Load = Callable[..., Registry]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """``load(voix="source of plugin.py")``: the registry of a folder with these rubrics."""
    folders: list[str] = []

    def do(seconds: float = 20.0, **sources: str) -> Registry:
        package = f"loadtrial{len(folders)}"
        folders.append(package)
        for name, source in sources.items():
            (tmp_path / package / name).mkdir(parents=True)
            (tmp_path / package / name / "__init__.py").write_text("")
            (tmp_path / package / name / "plugin.py").write_text(source)
        (tmp_path / package / "__init__.py").write_text("")
        importlib.invalidate_caches()
        found = [one for one in discover(package) if one.name.startswith(package)]
        return Registry(found, load_seconds=seconds)

    monkeypatch.syspath_prepend(tmp_path)
    before = rubric_loading._Before("loadtrial.plugin")
    yield do
    before.restore()
    for name in [name for name in sys.modules if name.startswith("loadtrial")]:
        del sys.modules[name]


def why(registry: Registry, id: str) -> str:
    """Return the reason for which a rubric is set aside; the others must serve."""
    (failure,) = (one for one in registry.failures if one.id == id)
    return failure.error


def test_a_rubric_whose_import_never_ends_is_set_aside_and_the_others_serve(load: Load) -> None:
    registry = load(0.3, endless="while True:\n    pass\n", good=GOOD.format(id="good"))
    assert set(registry.rubrics) == {"good"}
    assert "ne finit pas" in why(registry, "endless")


def test_a_rubric_that_waits_for_ever_at_import_is_set_aside_too(load: Load) -> None:
    source = "import threading\nthreading.Event().wait()\n"
    registry = load(0.3, waits=source, good=GOOD.format(id="good"))
    assert set(registry.rubrics) == {"good"}
    assert "ne finit pas" in why(registry, "waits")


def test_a_declaration_that_never_ends_is_set_aside(load: Load) -> None:
    source = GOOD.format(id="endless").replace("    return", "    while True: pass\n    return")
    assert set(load(0.3, endless=source, good=GOOD.format(id="good")).rubrics) == {"good"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nowhere_at_all", "Installez ce qui manque"),
        ("from core.api import NotYetThere", "une autre version de Balise"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("def (", "SyntaxError"),
    ],
)
def test_the_reason_says_what_to_do(load: Load, source: str, said: str) -> None:
    registry = load(bad=source, good=GOOD.format(id="good"))
    assert said in why(registry, "bad")
    assert set(registry.rubrics) == {"good"}


@pytest.mark.parametrize("asked", [">=99", "<0.0.1", "==1.*", "not a version"])
def test_a_rubric_for_another_version_of_the_host_is_set_aside_by_name(
    load: Load, asked: str
) -> None:
    source = GOOD.format(id="later").replace("read=READ", f"read=READ, requires_balise={asked!r}")
    assert asked in why(load(later=source), "later")


def test_a_rubric_for_this_version_serves(load: Load) -> None:
    own = rubric_loading.host_version()
    source = GOOD.format(id="now").replace("read=READ", f"read=READ, requires_balise='>={own},<99'")
    assert set(load(now=source).rubrics) == {"now"}


def test_a_distribution_that_asks_for_a_newer_host_is_not_even_imported() -> None:
    def load() -> Any:
        raise AssertionError("imported")

    registry = Registry([Found("x.plugin", "balise-x", load, "x", "3.0", ">=99")])
    assert "Balise >=99" in why(registry, "x")


def test_what_a_rubric_asks_of_the_host_is_read_from_its_distribution() -> None:
    asked = ["dash>=4", "Balise >=1,<2", "balise>=3 ; extra == 'test'", "what? is this"]
    assert sorted(rubric_loading._of_host(asked).split(",")) == ["<2", ">=1"]


def test_a_model_that_breaks_every_query_is_taken_out_with_its_rubric(load: Load) -> None:
    """A wrong relationship fails the configuration of all mappers, the host's too."""
    bad = MODEL.format(name="Thing", table="bad_thing") + (
        "    other: orm.Mapped['Nowhere'] = orm.relationship()\n" + GOOD.format(id="bad")
    )
    registry = load(bad=bad, good=GOOD.format(id="good"))
    assert "Nowhere" in why(registry, "bad")
    orm.configure_mappers()
    assert str(sa.select(Link.id))
    assert "bad_thing" not in Base.metadata.tables


def test_two_rubrics_cannot_have_one_table(load: Load) -> None:
    one = MODEL.format(name="One", table="same_thing") + GOOD.format(id="one")
    two = MODEL.format(name="Two", table="same_thing") + GOOD.format(id="two")
    registry = load(one=one, two=two)
    assert set(registry.rubrics) == {"one"}
    assert "'same_thing' is already defined" in why(registry, "two")


def test_a_registration_that_fails_half_way_leaves_nothing(load: Load, tmp_path: Path) -> None:
    """Its models, modules, words, callbacks are gone: as if it had never been found."""
    folders = [*i18n._folders]
    half = (
        MODEL.format(name="Half", table="half_thing")
        + "import dash\n"
        + "dash.callback(dash.Output('half', 'children'), dash.Input('x', 'value'))(len)\n"
        + GOOD.format(id="other").replace("read=READ", f"read=READ, locale={str(tmp_path)!r}")
    )
    registry = load(half=half)
    assert "n’est pas le nom de son dossier" in why(registry, "half")
    assert registry.rubrics == {}
    assert registry.answering.hooks == {}
    assert "half_thing" not in Base.metadata.tables
    assert [name for name in sys.modules if name.startswith("loadtrial0.half")] == []
    assert i18n._folders == folders
    assert [one["output"] for one in rubric_loading._dash_callbacks()] == []


def test_what_an_import_does_to_the_process_is_undone_and_told(load: Load) -> None:
    source = (
        "import os, sys\nos.environ['OF_TRIAL'] = '1'\nsys.path.append('nowhere')\nos.chdir('/')\n"
    )
    here = Path.cwd()
    registry = load(noisy=source + GOOD.format(id="noisy"))
    assert registry.loaded["noisy"][1].effects == ["sys.path", "os.environ (OF_TRIAL)", "os.chdir"]
    assert Path.cwd() == here
    assert "OF_TRIAL" not in os.environ
    assert "nowhere" not in sys.path


def test_a_rubric_may_not_step_into_the_answers_of_others(load: Load) -> None:
    source = (
        GOOD.format(id="sly")
        + "@hookimpl(wrapper=True)\ndef home_cards(ctx):\n    return (yield)\n"
    )
    assert "answers for itself alone" in why(load(sly=source), "sly")


@pytest.mark.parametrize("one", ["/one/<number>", "/one/<int:number>/"])
def test_two_addresses_that_differ_by_the_name_of_a_part_are_the_same(load: Load, one: str) -> None:
    other = one.replace("number", "other").rstrip("/")
    source = GOOD.format(id="one").replace("read=READ", "read=READ, pages=pages") + (
        "from core.api import Pages\npages = Pages()\n"
        f"for path in ({one!r}, {other!r}):\n"
        "    pages.page(path, 'x', permission=READ)(lambda ctx, **parts: None)\n"
    )
    assert "already exists" in why(load(one=source), "one")


def test_a_permission_declared_twice_is_refused(load: Load) -> None:
    source = GOOD.format(id="one").replace(
        "read=READ", "read=READ, permissions=(Permission('one:read', 'Autre'),)"
    )
    assert "declared twice" in why(load(one=source), "one")


@pytest.mark.parametrize("id", ["Voix", "a/b", "", "a:b", "é", "x" * 50])
def test_a_name_that_does_not_fit_an_address_is_refused(load: Load, id: str) -> None:
    assert "is no name for a rubric" in why(load(one=GOOD.format(id=id)), "one")


def test_two_distributions_cannot_bring_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        importlib.metadata.EntryPoint("voix", "one:command", commands.GROUP),
        importlib.metadata.EntryPoint("voix", "two:command", commands.GROUP),
        importlib.metadata.EntryPoint("serve", "two:serve", commands.GROUP),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    said = commands.refused({"serve", "check"})
    assert set(said) == {"serve", "voix"}
    assert "plusieurs paquets" in said["voix"]


def test_a_rubric_that_is_refused_says_so_in_french() -> None:
    with pytest.raises(RubricRefused, match="Mettez à jour"):
        rubric_loading.check_version(">=99")


def test_the_products_own_rubrics_do_nothing_to_the_process(shared_world: Host) -> None:
    effects = {id: list(one.effects) for id, (_found, one) in shared_world.registry.loaded.items()}
    assert effects == {id: [] for id in shared_world.registry.rubrics}
