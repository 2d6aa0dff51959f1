"""What rubrics add to links: asked once, of one's own links, leading nowhere but here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core.api import Action, Badge, Context, Link, badge_tag, badges_of
from core.host import Host
from core.testing.context import context_of, find, words
from core.web.contributions import action_links

ALICE = "alice@a.example"


def answering(ctx: Context, *answers: Any) -> tuple[Context, list[tuple[str, Any]]]:
    """Return a context whose rubrics answer this, and what they are asked."""
    asked: list[tuple[str, Any]] = []

    def inquire(hook: str, _ctx: Context, **arguments: Any) -> Iterator[tuple[str, Any]]:
        asked.append((hook, arguments))
        yield from (("trial", answer) for answer in answers)

    return replace(ctx, inquire=inquire), asked


def test_badges_are_asked_once_for_the_whole_list_and_of_ones_own_links(shared_world: Host) -> None:
    with context_of(shared_world, "staff@operator.example") as ctx:
        every = [link.id for link in ctx.db.all(select(Link))]
    with context_of(shared_world, ALICE) as ctx:
        own = [link.id for link in ctx.db.all(select(Link))]
        asking, asked = answering(ctx, Badge(own[0], "un"), Badge(own[0], "deux"))
        found = badges_of(asking, every)
    assert [hook for hook, _ in asked] == ["link_badges"]
    assert sorted(link.id for link in asked[0][1]["links"]) == sorted(own)
    assert {id_: [badge.label for badge in some] for id_, some in found.items()} == {
        own[0]: ["un", "deux"]
    }


def test_a_badge_says_its_hint_to_who_cannot_hover() -> None:
    tag = badge_tag(Badge(1, "saturée", "85 % du débit", tone="degraded"))
    assert words(tag) == "saturée  (85 % du débit)"
    assert tag.className == "tag tag-degraded"
    assert tag.title == "85 % du débit"


def test_one_action_at_most_is_the_thing_to_do_next(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        link = ctx.db.first(select(Link))
        actions = (
            Action("Carte", "/carte", order=30),
            Action("Ticket", "/ticket", primary=True, order=20),
            Action("Autre", "/autre", primary=True, order=10),
        )
        asking, asked = answering(ctx, *actions)
        shown = action_links(asking, link)
        assert action_links(asking, None) == []
    assert [hook for hook, _ in asked] == ["link_actions"]
    assert [one.href for one in shown] == ["/autre", "/ticket", "/carte"]
    assert [one.href for one in find(shown, className="btn btn-primary")] == ["/autre"]


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//x.example", "/\\x.example", "http://x"])
def test_an_action_leads_nowhere_but_here(href: str) -> None:
    with pytest.raises(ValueError, match="not an address of this site"):
        Action("x", href)
