"""The traffic of the last 24 hours: of one's own links, with its gaps, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from dash import no_update

from core.api import Context, Link, Volume
from core.host import Host
from core.network.metrics.sqlite import SqliteMetricStore
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.consommations.callbacks import show_link
from plugins.consommations.home import home_body
from plugins.consommations.queries import busiest, last_day, link_by_reference
from plugins.consommations.tabs import CHOICE, traffic

ALICE = "alice@a.example"
MAIN, BACKUP = "CANARI-A-10-000", "CANARI-A-10-001"


def own_link(ctx: Context, reference: str = MAIN) -> Link:
    link = link_by_reference(ctx, reference)
    assert link is not None
    return link


def test_the_tab_shows_the_main_link_and_offers_the_backup(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        shown = traffic(ctx, own_link(ctx))
    (choice,) = find(shown, id=CHOICE)
    assert [option["value"] for option in choice.options] == [MAIN, BACKUP]
    text = words(shown).replace("\u202f", " ")
    assert "Liaison principale : CANARI-A Fibre 100" in text
    assert "1,0 Mbit/s" in text, "7.5 MB a minute"


def test_a_link_without_backup_has_no_switch(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert not find(traffic(ctx, own_link(ctx, "CANARI-A-11-000")), id=CHOICE)


def test_the_other_link_comes_at_a_click(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert "Liaison secondaire : CANARI-A" in words(show_link(ctx, BACKUP))


@pytest.mark.parametrize("word", ["CANARI-B-10-000", "nothing", "", None, {}, [MAIN], 7])
def test_a_link_that_is_not_ones_own_changes_nothing(shared_world: Host, word: Any) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert show_link(ctx, word) is no_update


def test_a_link_not_measured_lately_says_when_it_will_be(shared_world: Host) -> None:
    with context_of(shared_world, ALICE, now=NOW + timedelta(days=3)) as ctx:
        text = words(traffic(ctx, own_link(ctx)))
        assert "Aucun trafic mesuré" in words(home_body(ctx))
    assert "Aucune mesure sur les dernières 24 heures" in text


def test_the_day_ends_at_the_last_whole_five_minutes(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        start, end = last_day(ctx)
    assert end - start == timedelta(hours=24)
    assert end.timestamp() % 300 == 0
    assert timedelta(0) <= NOW - end < timedelta(minutes=5)


def test_the_busiest_links_are_ones_own_and_fullest_first(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        loads = busiest(ctx)
        card = home_body(ctx)
    assert len(loads) == 4
    assert [load.ratio for load in loads] == sorted((x.ratio for x in loads), reverse=True)
    assert all(load.link.reference.startswith("CANARI-A") for load in loads)
    assert loads[0].ratio == pytest.approx(0.01, rel=0.01)
    assert "CANARI-B" not in words(card)


class Counting(SqliteMetricStore):
    """The store, noting how many links each reading of volumes was for."""

    asked: list[int]

    def volumes(
        self, links: Sequence[Link], start: datetime, end: datetime
    ) -> Mapping[int, Volume]:
        self.asked.append(len(links))
        return super().volumes(links, start, end)


def test_the_volumes_of_all_links_are_one_reading(shared_world: Host) -> None:
    store = Counting(shared_world.config.measures_path)
    store.asked = []
    with context_of(shared_world, ALICE) as ctx:
        loads = busiest(replace(ctx, metrics=store), count=2, candidates=3)
    store.close()
    assert len(loads) == 2
    assert store.asked == [4]
