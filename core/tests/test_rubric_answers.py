"""A rubric that hangs, raises or answers anything costs its own slot, and no more than its time."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from dash import html

from core.access import OutOfScope, Scope
from core.answering import MOST_ANSWERS
from core.answers import Badge, Card, Tab
from core.host import Host
from core.network.inventory import Link, Service, Site
from core.registry import Registry
from core.rubric import Context, Rubric
from core.testing.context import context_of, words
from core.tests.rubrics import ALICE, cards, found, registry_of
from core.time_limit import TimeLimit
from core.web import home, link_panel

Ask = Callable[..., list[tuple[str, Any]]]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """No traceback of what fails on purpose."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """What hanging work waits for; set when the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def ctx(shared_world: Host) -> Iterator[Context]:
    with context_of(shared_world, ALICE) as ctx:
        yield replace(ctx, granted=frozenset({"bad:read", "good:read"}))


def asked(registry: Registry, ctx: Context, hook: str = "home_cards", **more: Any) -> list[str]:
    return [id for id, _item in registry.ask(hook, ctx, **more)]


@pytest.mark.parametrize("kind", ["waits", "loops", "yields for ever late"])
def test_a_rubric_that_hangs_loses_its_answer_and_the_others_stand(
    ctx: Context, released: threading.Event, kind: str
) -> None:
    def hangs(ctx: Context) -> Any:
        if kind == "loops":
            while not released.is_set():
                pass
        elif kind == "yields for ever late":
            return (card for card in cards(ctx) if released.wait())
        released.wait()
        return None

    registry = registry_of(found("bad", home_cards=hangs), found("good", home_cards=cards))
    failed: list[Rubric] = []
    assert asked(registry, ctx, failed=failed) == ["good"]
    assert [rubric.id for rubric in failed] == ["bad"]


def test_a_loop_that_was_left_behind_is_ended(ctx: Context, released: threading.Event) -> None:
    """Its thread would take half the processor for ever."""
    ended = threading.Event()

    def loops(ctx: Context) -> None:
        try:
            while not released.is_set():
                pass
        finally:
            ended.set()

    registry = registry_of(found("bad", home_cards=loops))
    assert asked(registry, ctx) == []
    assert ended.wait(30)


def test_what_hangs_is_left_out_then_tried_again(ctx: Context, released: threading.Event) -> None:
    calls: list[int] = []

    def hangs(ctx: Context) -> list[Card]:
        calls.append(1)
        released.wait()
        return cards(ctx)

    registry = registry_of(found("bad", home_cards=hangs), found("good", home_cards=cards))
    now = 0.0
    breaker = registry.answering._breaker("bad")
    breaker._clock = lambda: now
    for _ in range(4):
        assert asked(registry, ctx) == ["good"]
    assert len(calls) == 2, "two late answers in a row close the door"
    released.set()
    now = 31.0
    assert asked(registry, ctx) == ["bad", "good"]


def test_a_thread_that_hangs_holds_nothing_of_the_request(
    shared_world: Host, ctx: Context, released: threading.Event
) -> None:
    """Its rows are in a session of its own, that ends when it does."""
    reading, ended = threading.Event(), threading.Event()

    def hangs(ctx: Context) -> None:
        ctx.db.all(sa.select(Site))
        reading.set()
        try:
            released.wait()
        except TimeLimit:  # it goes on all the same
            ctx.db.all(sa.select(Link))
        finally:
            ended.set()

    registry = registry_of(found("bad", home_cards=hangs))
    before = shared_world.engine.pool.checkedout()  # type: ignore[attr-defined]  # a QueuePool
    asked(registry, ctx)
    assert reading.is_set()
    ctx.db.all(sa.select(Site))
    ctx.db.close()
    assert registry.answering._breaker("bad").hanging == 1
    released.set()
    assert ended.wait(30)
    for _ in range(3000):
        if not registry.answering._breaker("bad").hanging:
            break
        threading.Event().wait(0.01)
    assert registry.answering._breaker("bad").hanging == 0
    assert shared_world.engine.pool.checkedout() <= before  # type: ignore[attr-defined]  # see above


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (lambda ctx: None, []),
        (lambda ctx: (card for card in cards(ctx)), ["bad"]),
        (lambda ctx: itertools.repeat(cards(ctx)[0]), []),
        (lambda ctx: cards(ctx) * (MOST_ANSWERS + 1), []),
        (lambda ctx: {"a": 1}, []),
        (lambda ctx: "texte", []),
        (lambda ctx: cards(ctx)[0], []),
        (lambda ctx: [*cards(ctx), "texte"], []),
        (lambda ctx: [Badge(1, "autre chose")], []),
    ],
    ids=[
        "None", "a generator", "one without end", "a huge list", "a table", "a text", "one card",
        "cards and a text", "something else",
    ],
)  # fmt: skip
def test_whatever_a_hook_answers_the_others_stand(
    ctx: Context, answer: Callable[[Context], Any], kept: list[str]
) -> None:
    def bad(ctx: Context) -> Any:
        return answer(ctx)

    registry = registry_of(found("bad", home_cards=bad), found("good", home_cards=cards), seconds=9)
    assert asked(registry, ctx) == [*kept, "good"]


def test_what_a_rubric_does_to_its_arguments_reaches_no_other(ctx: Context) -> None:
    link = ctx.db.first(sa.select(Link).order_by(Link.id))
    assert link is not None
    name, seen = link.designation, []

    def mutates(ctx: Context, links: Any) -> list[Badge]:
        links[0].designation = "altérée"
        return [Badge(links[0].id, "x")]

    def empties(ctx: Context, links: Any) -> list[Badge]:
        links.clear()
        return []

    def reads(ctx: Context, links: Any) -> list[Badge]:
        seen.append([one.designation for one in links])
        return [Badge(links[0].id, "y")]

    ctx = replace(ctx, granted=frozenset({"a:read", "b:read", "c:read"}))
    registry = registry_of(
        found("a", link_badges=mutates), found("b", link_badges=empties),
        found("c", link_badges=reads), seconds=9,
    )  # fmt: skip
    assert asked(registry, ctx, "link_badges", links=[link]) == ["c"]
    assert seen == [[name]]
    assert link.designation == name


def test_a_hook_can_neither_write_nor_alter_the_address(ctx: Context) -> None:
    raised: list[type] = []

    def writes(ctx: Context) -> list[Card]:
        address: Any = ctx.query
        for attempt in (ctx.db.commit, lambda: address.update(a="b"), ctx.db.add):
            try:
                attempt()
            except (OutOfScope, AttributeError) as error:
                raised.append(type(error))
        return cards(ctx)

    assert asked(registry_of(found("good", home_cards=writes), seconds=9), ctx) == ["good"]
    assert raised == [OutOfScope, AttributeError, OutOfScope]


def test_a_rubric_that_asks_for_every_site_gets_those_of_its_user(ctx: Context) -> None:
    names: list[str] = []

    def greedy(ctx: Context) -> list[Card]:
        wide = replace(ctx, scope=Scope(0, every=True))
        names.extend(site.name for site in wide.db.all(sa.select(Site)))
        return cards(ctx)

    assert asked(registry_of(found("good", home_cards=greedy), seconds=9), ctx) == ["good"]
    assert names
    assert all("CANARI-A" in name for name in names)


def test_a_tab_that_hangs_or_raises_says_so_in_its_place(
    ctx: Context, released: threading.Event
) -> None:
    registry = registry_of(
        found("bad", link_tabs=lambda ctx, link: [Tab("lent", "Lent", released.wait, order=1)]),
        found("good", link_tabs=lambda ctx, link: [Tab("bon", "Bon", lambda: "contenu")]),
    )
    ctx = replace(ctx, inquire=registry.ask)
    service = ctx.db.first(sa.select(Service).order_by(Service.id))
    assert service is not None
    assert "ne répond pas" in words(link_panel.link_panel(ctx, service))
    shown = words(link_panel.link_panel(ctx, service, "bon"))
    assert "contenu" in shown
    assert "ne répond pas" not in shown


def test_a_rubric_whose_tabs_fail_has_a_tab_that_says_so(ctx: Context) -> None:
    def raises(ctx: Context, link: Link) -> list[Tab]:
        raise RuntimeError("boum")

    registry = registry_of(
        found("bad", link_tabs=raises),
        found("good", link_tabs=lambda ctx, link: [Tab("bon", "Bon", lambda: "contenu")]),
    )
    ctx = replace(ctx, inquire=registry.ask)
    service = ctx.db.first(sa.select(Service).order_by(Service.id))
    assert service is not None
    shown = words(link_panel.link_panel(ctx, service, "bad"))
    assert "Rubrique bad" in shown
    assert "ne répond pas" in shown
    assert "contenu" in words(link_panel.link_panel(ctx, service, "bon"))


def test_home_shows_an_error_in_the_place_of_the_rubric_that_fails(ctx: Context) -> None:
    def unsendable(ctx: Context) -> list[Card]:
        return [Card("Illisible", "/", html.Div(object()))]

    def raises(ctx: Context) -> list[Card]:
        raise RuntimeError("boum")

    ctx = replace(ctx, granted=frozenset({"bad:read", "odd:read", "good:read"}))
    registry = registry_of(
        found("bad", home_cards=raises), found("odd", home_cards=unsendable),
        found("good", home_cards=cards), seconds=9,
    )  # fmt: skip
    shown = words(home.layout(replace(ctx, inquire=registry.ask)))
    assert shown.count("ne répond pas") == 2
    assert "corps" in shown
    assert "Rubrique bad" in shown


def test_every_answer_is_traced_when_asked_for(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr("core.answering.log.info", lambda event, **facts: told.append(facts))

    def raises(ctx: Context) -> list[Card]:
        raise RuntimeError("boum")

    registry = registry_of(
        found("bad", home_cards=raises), found("good", home_cards=cards), seconds=9, trace=True
    )
    asked(registry, ctx)
    assert [(one["rubric"], one["answers"], one.get("error")) for one in told] == [
        ("bad", 0, "RuntimeError"),
        ("good", 1, None),
    ]
    assert all(one["hook"] == "home_cards" and one["ms"] >= 0 for one in told)
