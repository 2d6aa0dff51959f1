"""The contract catches what it says: a rubric that breaks each check, and no other."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog

from core import cli_new_rubric, clock, config, migrate, rubric_loading
from core.host import Host
from core.registry import Found, Registry
from core.testing import checks_of_answers, checks_of_code, checks_of_people, world
from core.testing.contract import RubricContract
from core.testing.replay import Arguments
from core.testing.subject import OWNER, Subject
from core.web.app import create_app

Check = Callable[[Subject], list[str]]


@dataclass(frozen=True)
class Break:
    """What is changed in a rubric that was good, the check that must see it, and what it says."""

    check: Check
    file: str
    old: str
    new: str
    said: str


def stale(subject: Subject) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        return checks_of_answers.stale(subject, patch)


CACHED = "SEEN: list[Any] = []\n\n\ndef items(ctx: Context, text: str = '') -> Sequence[Any]:"
CACHING = (
    CACHED + "\n    SEEN[:] = SEEN or ctx.db.rows(_items('').limit(MOST))\n    return SEEN\n\n"
)
ITEMS = 'def items(ctx: Context, text: str = "") -> Sequence[Any]:'
HEAD = """    return html.Div(
        [
            page_head("""
LEDS = f"""    import sqlalchemy as sa

    from core.api import Link, mark

    shown = [mark(one.state) for one in ctx.db.all(sa.select(Link))]
{HEAD.replace("page_head", "*shown, page_head")}"""
BREAKS = {
    "effects": Break(
        checks_of_code.loads_alone, "permissions.py", "READ =",
        "import os\n\nos.environ['OF_KIT'] = '1'\nREAD =", "os.environ (OF_KIT)",
    ),
    "drawn": Break(
        checks_of_code.loads_alone, "plugin.py", 'icon="right"', 'icon="imprimante"',
        "its icon 'imprimante' is none",
    ),
    "words": Break(
        checks_of_code.texts, "pages.py", '_("Nom")', '_("Dénomination")',
        "« Dénomination » is not translated",
    ),
    "unmarked": Break(
        checks_of_code.texts, "permissions.py", 'N_("Consulter', '("Lire', "not marked with N_()"
    ),
    "laws": Break(
        checks_of_code.laws, "queries.py", "LIST, EXPORT",
        "from datetime import datetime\n\nNOW = datetime.now()\nLIST, EXPORT",
        "the time of the request is ctx.now",
    ),
    "deeper": Break(
        checks_of_code.laws, "queries.py", "LIST, EXPORT", "import core.db\n\nLIST, EXPORT",
        "a rubric imports core.api and its own modules",
    ),
    "migrations": Break(
        checks_of_code.migrations, "models.py", "name: Mapped[str]",
        "name: Mapped[str] = mapped_column(index=True)", "its migrations and its models differ",
    ),
    "moody": Break(
        checks_of_code.failing_neighbour, "plugin.py", "    return [Card(",
        "    TOLD.append(1)\n    return [] if len(TOLD) % 2 else [Card(",
        "hook home_cards: answers otherwise",
    ),
    "raises": Break(
        checks_of_people.doors, "pages.py", "    found = items(ctx, text)",
        "    found = items(ctx, text)\n    found = found[999]", "page /raises: fails",
    ),
    "hook": Break(
        checks_of_people.doors, "plugin.py", "    return [Card(", "    return 3 or [Card(",
        "hook home_cards: fails",
    ),
    "leaks": Break(
        checks_of_people.other_tenant, "queries.py", ITEMS, CACHING + ITEMS.replace("items", "_i"),
        "page /leaks: shows",
    ),
    "sites": Break(
        checks_of_people.one_site, "queries.py", ITEMS, CACHING + ITEMS.replace("items", "_i"),
        "page /sites: shows site 11",
    ),
    "nothing": Break(
        checks_of_people.empty_tenant, "pages.py", "    if not found and text:",
        "    _first = found[0]\n    if not found and text:", "page /nothing: fails",
    ),
    "void": Break(
        checks_of_people.other_tenant, "queries.py", "Item.closed.is_(None))", "Item.id < 0)",
        "nothing is proved",
    ),
    "stale": Break(stale, "pages.py", HEAD, LEDS, "as many LEDs « up »"),
    "twice": Break(
        checks_of_answers.unique_ids, "pages.py", 'id="twice-exports"', 'id="twice-table"',
        "ids stand twice: twice-table",
    ),
    "hosts": Break(
        checks_of_answers.unique_ids, "pages.py", 'id="hosts-search"', 'id="host-page"',
        "ids of the host: host-page",
    ),
    "dear": Break(
        checks_of_answers.budget, "pages.py", "    found = items(ctx, text)",
        "    found = [items(ctx, text) for _n in range(99)][0]", "60 at most",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def kit(empty_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """An installation whose rubrics were all made by ``balise new-rubric``: one as it was, and
    the others each broken in its way.
    """
    folder = tmp_path_factory.mktemp("kit")
    found = []
    for id in ("good", *BREAKS):
        place = folder / id
        cli_new_rubric.write(place, id, id.capitalize(), package=True)
        if one := BREAKS.get(id):
            path = place / f"balise_{id}" / one.file
            text = path.read_text()
            assert one.old in text, f"{id}: the template says no longer {one.old!r}"
            path.write_text(
                text.replace(one.old, one.new).replace("HERE =", "TOLD: list = []\nHERE =")
            )
        sys.path.insert(0, str(place))
        name = f"balise_{id}.plugin"
        found.append(Found(name, f"balise-{id}", partial(importlib.import_module, name), id))
    before = rubric_loading._Before("balise_good.plugin")
    settings = {"BALISE_STORAGE_DATA": str(folder / "data")}
    (folder / "data").mkdir()
    for path in empty_installation.iterdir():
        (folder / "data" / path.name).write_bytes(path.read_bytes())
    host = Host(config.load(folder / "config.yaml", settings))
    host.registry = Registry(found)
    assert host.registry.failures == []
    migrate.upgrade_every(host.engine, host.registry)
    world.fill(host)
    yield host
    host.metrics.close()
    host.engine.dispose()
    before.restore()
    made = {f"balise_{id}" for id in ("good", *BREAKS)}
    for name in [name for name in sys.modules if name.split(".")[0] in made]:
        del sys.modules[name]
    sys.path[:] = [one for one in sys.path if not one.startswith(str(folder))]


@pytest.fixture(scope="module")
def subjects(kit: Host) -> Iterator[Callable[[str], Subject]]:
    """``subjects("leaks")``: that rubric, in the application of all of them."""
    clients: dict[str, Any] = {}
    asked: dict[tuple[str, ...], Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: world.NOW)
        app = create_app(kit)
        yield lambda id: Subject(kit, app, id, Arguments(searches=("?q=@",)), clients, asked)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("id", BREAKS)
def test_a_rubric_that_breaks_a_check_is_caught_by_name(
    subjects: Callable[[str], Subject], id: str
) -> None:
    subject = subjects(id)
    subject.pages(OWNER)  # what it keeps of its owner would show to the others
    said = BREAKS[id].check(subject)
    assert any(BREAKS[id].said in one for one in said), said


CHECKS: list[Check] = [
    checks_of_code.loads_alone, checks_of_code.texts, checks_of_code.laws,
    checks_of_code.migrations, checks_of_code.failing_neighbour, checks_of_code.disabled,
    checks_of_people.doors, checks_of_people.other_tenant, checks_of_people.one_site,
    checks_of_people.empty_tenant, stale, checks_of_answers.unique_ids, checks_of_answers.budget,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_rubric_as_it_was_written_passes(
    subjects: Callable[[str], Subject], check: Check
) -> None:
    assert check(subjects("good")) == []


def test_the_contract_has_a_test_for_each_check() -> None:
    tests = [name for name in vars(RubricContract) if name.startswith("test_")]
    assert len(tests) == len(CHECKS) == 13


def test_a_rubric_that_is_imported_although_it_is_disabled_is_caught(
    subjects: Callable[[str], Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks_of_code, "Registry", lambda found, disabled: Registry(found))
    assert "is imported although it is disabled" in checks_of_code.disabled(subjects("good"))


def test_an_input_without_values_is_named(subjects: Callable[[str], Subject]) -> None:
    subject = subjects("good")
    output = next(output for output, _staff in subject.callbacks())
    subject.values = {}
    with pytest.raises(AssertionError, match=r"say in « values » what .*host-url\.search"):
        list(subject.called(OWNER, output))
