"""The traffic of the last 24 hours: of one's own links, with its gaps, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from dash import no_update
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.api import Context, Link, Reason, State, Volume
from core.host import Host
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.consommations.callbacks import refresh_chart
from plugins.consommations.home import home_body
from plugins.consommations.queries import busiest, last_day, link_by_reference
from plugins.consommations.scenes import loads
from plugins.consommations.tabs import drawn, traffic

ALICE = "alice@a.example"
MAIN, BACKUP = "CANARI-A-10-000", "CANARI-A-10-001"


def own_link(ctx: Context, reference: str = MAIN) -> Link:
    link = link_by_reference(ctx, reference)
    assert link is not None
    return link


def shown(ctx: Context, **query: str) -> str:
    """Return the words of the tab as the address asks for it."""
    tab = traffic(replace(ctx, query=query), own_link(ctx))
    return words(tab).replace("\u202f", " ")


def choices(tab: Any) -> list[dict[str, Any]]:
    return [link.to_plotly_json()["props"] for link in find(tab) if "data-merge" in str(link)
            and link.to_plotly_json()["type"] == "A"]  # fmt: skip


def test_the_tab_shows_the_main_link_and_offers_the_backup(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        links = choices(traffic(ctx, own_link(ctx)))
        text = shown(ctx)
    assert [link["href"] for link in links] == [f"?liaison={MAIN}", f"?liaison={BACKUP}"]
    assert links[0]["aria-current"] == "true"
    assert "Liaison principale : CANARI-A Fibre 100" in text
    assert "1,0 Mbit/s" in text, "7.5 MB a minute"


def test_a_link_without_backup_has_no_switch(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert not choices(traffic(ctx, own_link(ctx, "CANARI-A-11-000")))


def test_the_address_says_which_link_is_shown(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert "Liaison secondaire : CANARI-A" in shown(ctx, liaison=BACKUP)


@pytest.mark.parametrize("word", ["CANARI-B-10-000", "CANARI-A-11-000", "nothing", "", "%00"])
def test_a_link_that_is_not_of_the_service_is_as_absent(shared_world: Host, word: str) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert "Liaison principale : CANARI-A" in shown(ctx, liaison=word)


def test_a_chart_is_drawn_again_for_a_new_point_alone(filled: Host) -> None:
    search = f"?service={MAIN}"
    with context_of(filled, ALICE) as ctx:
        link = own_link(ctx)
        _chart, version = drawn(ctx, link, {"service": MAIN})
        assert refresh_chart(ctx, 1, search, version) == (no_update, no_update)
    later = NOW + timedelta(minutes=10)
    filled.metrics.record([Sample(link.id, int(later.timestamp()) - 300, 60, 7_500_000, 750_000)])
    with context_of(filled, ALICE, now=later) as ctx:
        chart, new = refresh_chart(ctx, 2, search, version)
        assert refresh_chart(ctx, 3, "?service=CANARI-A-11-000", version) == (no_update,) * 2
    assert find(chart, id="consommations-chart")
    assert new[2] > version[2]


def test_a_chart_marks_the_outage_that_lasts(filled: Host) -> None:
    with Session(filled.engine) as session:
        session.execute(
            update(Link)
            .where(Link.reference == MAIN)
            .values(state=State.DOWN, reason=Reason.INTERFACE_DOWN, since=NOW - timedelta(hours=1))
        )
        session.commit()
    with context_of(filled, ALICE) as ctx:
        (graph,) = find(drawn(ctx, own_link(ctx), {})[0], id="consommations-chart")
    (mark,) = [a for a in graph.figure["layout"]["annotations"] if "templateitemname" in a]
    assert mark["text"].startswith("Interrompu ")


@pytest.mark.parametrize(
    "version",
    [None, {}, 7, [], [["", "", ""], "CANARI-B-10-000", []], [["", "", ""], None, 1], [[], [], []]],
)
def test_a_version_made_up_draws_nothing(shared_world: Host, version: Any) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert refresh_chart(ctx, 1, "", version) == (no_update, no_update)


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


def test_the_card_says_of_what_a_percentage_is_and_which_link_is_a_backup(
    shared_world: Host,
) -> None:
    with context_of(shared_world, ALICE) as ctx:
        text = words(home_body(ctx)).replace("\u202f", " ")
    assert "entrant, sur 100 Mbit/s" in text
    assert f"Secours · {BACKUP}" in text
    assert f"Secours · {MAIN}" not in text


def test_a_wall_shows_the_fullest_links_first_as_parts_of_what_was_sold(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        shown = loads(ctx)
        expected = [load.ratio for load in busiest(ctx, 8, candidates=12)]
    assert [bar.ratio for bar in shown.bars] == expected == sorted(expected, reverse=True)
    assert shown.bars[0].title.startswith("CANARI-A site")
    assert "entrant" in shown.bars[0].note
    assert shown.aside == ""


def test_a_wall_without_traffic_says_so(shared_world: Host) -> None:
    with context_of(shared_world, "noscope@a.example") as ctx:
        shown = loads(ctx)
    assert list(shown.bars) == []
    assert shown.aside == "Aucun trafic mesuré"
