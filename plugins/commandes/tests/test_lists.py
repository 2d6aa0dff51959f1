"""What the two lists show of many rows: what is asked, a page of it, and its counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dash.development.base_component import Component

from core.api import Context
from core.host import Host
from core.testing.context import context_of, find, words
from plugins.commandes.address import Asked, Tree
from plugins.commandes.downloads import orders, subscriptions
from plugins.commandes.home import home_body
from plugins.commandes.listing import Listing
from plugins.commandes.pages import orders as orders_page
from plugins.commandes.subscriptions import page_of
from plugins.commandes.tests.crowd import MANY, fill
from plugins.commandes.tree import tree
from plugins.commandes.tree_pages import subscriptions as tree_page

ALICE = "alice@a.example"


@pytest.fixture
def ctx(host: Host) -> Iterator[Context]:
    fill(host, sites=40, each=5)
    with context_of(host, MANY) as found:
        yield found


def many(part: Any) -> int:
    """Return how many components something is made of."""
    parts = part if isinstance(part, list | tuple) else [getattr(part, "children", None)]
    inner = sum(many(one) for one in parts if isinstance(one, Component | list | tuple))
    return inner + isinstance(part, Component)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 200),
        ({"q": "m00012"}, 5),
        ({"q": "severac n7x"}, 5),
        ({"q": "Sévérac n7x m00008"}, 5),
        ({"q": "ftto voix"}, 0),
        ({"site": "agence 00003"}, 5),
        ({"client": "beaucoup"}, 200),
        ({"client": "autre"}, 0),
        ({"type": "creation"}, 200),
        ({"type": "resiliation"}, 0),
        ({"etat": "INSTALLEE"}, 100),
        ({"avancement": "cours"}, 100),
        ({"avancement": "cours", "etat": "INSTALLEE"}, 0),
        ({"code": "ERAT_260"}, 50),
        ({"du": "2026-01-01", "au": "2026-01-10"}, 3),
        ({"date": "routeur", "du": "2028-01-01"}, 0),
        ({"q": "100%"}, 0),
        ({"avancement": "messages"}, 0),
    ],
)
def test_each_criterion_narrows_the_orders_and_the_file(
    ctx: Context, query: dict[str, str], count: int
) -> None:
    asked = Asked.of(query)
    assert Listing.of(ctx, asked).total == count
    wide = Context(**{**{n: getattr(ctx, n) for n in ctx.__slots__}, "query": query})
    assert len(list(orders(wide).rows)) == count


def test_pages_follow_one_another_whatever_the_order(ctx: Context) -> None:
    for tri in ("", "client", "-client", "etat", "routeur", "-routeur", "code"):
        seen: list[int] = []
        for page in range(1, 15):
            shown = Listing.of(ctx, Asked.of({"tri": tri, "page": str(page)}))
            seen += [line.id for line in shown.lines]
        assert len(seen) == len(set(seen)) == 200, tri


def test_a_missing_day_stands_last_whichever_way_it_is_sorted(ctx: Context) -> None:
    for tri in ("routeur", "-routeur"):
        last = Listing.of(ctx, Asked.of({"tri": tri, "page": "14"})).lines[-1]
        assert last.router is None


def test_the_counters_do_not_hang_on_the_state_that_is_asked(ctx: Context) -> None:
    counts = Listing.of(ctx, Asked(state="INSTALLEE")).counts
    assert {one.state: one.lines for one in counts} == {
        "INSTALLEE": 100, "PRODUCTION EN COURS": 50, "INSTALL PROGRAMMEE": 50,
    }  # fmt: skip


@pytest.mark.parametrize("group", ["sites", "technologies"])
@pytest.mark.parametrize("opened", [(), ("tout",), ("rien",)])
def test_the_pages_of_the_tree_hold_each_subscription_once(
    ctx: Context, group: str, opened: tuple[str, ...]
) -> None:
    first, page, seen, keys = 1, 1, [], []
    while True:
        found = page_of(ctx, Tree(group=group, opened=opened, page=page))
        if found.number != page:
            break
        assert found.first == first
        first = found.last + 1
        seen += [one.reference for node in found.nodes for one in node.children]
        keys += [node.group.key for node in found.nodes if not node.begun]
        page += 1
    assert (first, found.total) == (201, 200)
    assert len(keys) == len(set(keys)) == (40 if group == "sites" else 5)
    assert len(seen) == len(set(seen)) == (200 if opened == ("tout",) else 0)


def test_a_node_opens_and_closes_alone_and_among_all(ctx: Context) -> None:
    nodes = page_of(ctx, Tree()).nodes
    one, other = nodes[0].group.key, nodes[1].group.key
    opened = Tree().toggled(one, by_default=False)
    shown = page_of(ctx, Tree(opened=opened)).nodes
    assert [node.open for node in shown[:2]] == [True, False]
    assert Tree(opened=opened).toggled(one, by_default=False) == ("rien",)
    but = Tree(opened=("tout",)).toggled(other, by_default=False)
    assert [node.open for node in page_of(ctx, Tree(opened=but)).nodes[:2]] == [True, False]
    assert Tree(opened=but).toggled(other, by_default=False) == ("tout",)


def test_the_tree_counts_subscriptions_as_the_seed_does(seed: Host) -> None:
    with context_of(seed, "capel@capel.example") as ctx:
        assert "Affichage des abonnements 1 - 3 sur 3" in words(tree(ctx, Tree()))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "10.7.0.1"}, 1), ({"techno": "SDSL"}, 40), ({"offre": "voix"}, 0),
        ({"site": "agence 00001"}, 5), ({"resiliation": "oui"}, 0), ({"q": "severac n7x"}, 5),
    ],
)  # fmt: skip
def test_each_criterion_narrows_the_tree_and_the_file(
    ctx: Context, query: dict[str, str], count: int
) -> None:
    assert page_of(ctx, Tree.of(query)).total == count
    wide = Context(**{**{n: getattr(ctx, n) for n in ctx.__slots__}, "query": query})
    assert len(list(subscriptions(wide).rows)) == count


def test_a_page_never_sends_more_than_a_few_hundred_components(ctx: Context) -> None:
    for asked in (Tree(), Tree(opened=("tout",)), Tree(group="technologies", opened=("tout",))):
        assert many(tree(ctx, asked)) < 450
    whole = Context(**{**{n: getattr(ctx, n) for n in ctx.__slots__}, "query": {"ouvert": "tout"}})
    assert many(tree_page(whole)) < 600
    assert many(orders_page(ctx)) < 720


def test_lists_without_rows_say_what_will_be_there(filled: Host) -> None:
    with context_of(filled, "noscope@a.example") as ctx:
        assert "Aucune commande" in words(orders_page(ctx))
        assert "Aucun abonnement" in words(tree_page(ctx))


def test_a_filter_that_nothing_meets_can_be_taken_away(ctx: Context) -> None:
    (clear,) = find(Listing.of(ctx, Asked(text="zzz")).table(), className="btn btn-secondary")
    assert clear.href == "/commandes/suivi"


def test_a_request_to_cancel_is_flagged_with_its_day(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        said = words(Listing.of(ctx, Asked()).table())
        assert "Résiliation demandée au 09/01/27" in said
        assert "Résiliation demandée au 09/01/27" in words(tree(ctx, Tree(opened=("tout",))))
        rows = [one.reference for one in subscriptions(ctx).rows]
        fields = {field.label: field for field in subscriptions(ctx).fields}
        first = next(iter(subscriptions(ctx).rows))
        assert rows[0] == first.reference
        assert str(fields["Résiliation demandée pour le"].value(first)) == "2027-01-09"


def test_what_waits_for_an_answer_is_found_at_once(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        mine = replace(ctx, granted=ctx.granted - {"commandes:manage"})
        assert Listing.of(mine, Asked(progress="messages")).total == 4
        assert "1 message non lu" in words(home_body(mine))
        assert "à décider" not in words(home_body(mine))
        assert Listing.of(ctx, Asked(progress="messages")).total == 0  # those of customers
        assert "4 résiliations à décider" in words(home_body(ctx))
        assert page_of(ctx, Tree(ending="attente")).total == 4
