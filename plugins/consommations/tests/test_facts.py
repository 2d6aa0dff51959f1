"""What traffic tells of links elsewhere: « saturée », what explains a day, classes of service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.api import ClassSeries, Context, Direction, Link, TrafficClass, badges_of
from core.host import Host
from core.network.metrics import ClassSample, Sample
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.consommations.facts import explained, full_links
from plugins.consommations.plugin import link_tabs
from plugins.consommations.qos import nested, qos

ALICE = "alice@a.example"
MAIN = "CANARI-A-10-000"


def own(ctx: Context, reference: str = MAIN) -> Link:
    link: Link | None = ctx.db.first(select(Link).where(Link.reference == reference))
    assert link is not None
    return link


def carry(host: Host, bps: float, *, hours: float = 24, reference: str = MAIN) -> None:
    """Make a link carry so much, in, over the last hours."""
    with Session(host.engine) as session:
        id_ = session.scalars(select(Link.id).where(Link.reference == reference)).one()
    end = int(NOW.timestamp()) // 300 * 300
    start = end - int(hours * 3600)
    octets = int(bps * 300 / 8)
    host.metrics.record(
        Sample(id_, at, 300.0, octets, 0) for at in range(start + 300, end + 1, 300)
    )


def test_a_link_near_what_was_sold_is_said_to_be_full(filled: Host) -> None:
    carry(filled, 85_000_000)
    with context_of(filled, ALICE) as ctx:
        links = ctx.db.all(select(Link).order_by(Link.id))
        (badge,) = full_links(ctx, links)
        assert (badge.link_id, badge.label) == (own(ctx).id, "saturée")
        assert "85" in badge.hint
        said = badges_of(ctx, [link.id for link in links])
        full = [one for found in said.values() for one in found if one.label == badge.label]
        assert full == [badge]


def test_a_link_half_full_or_of_unknown_contract_is_not(filled: Host) -> None:
    carry(filled, 60_000_000)
    with context_of(filled, ALICE) as ctx:
        link = own(ctx)
        assert full_links(ctx, [link]) == []
        assert full_links(ctx, []) == []
    with Session(filled.engine) as session:
        session.get_one(Link, link.id).contract_in_bps = None
        session.commit()
    carry(filled, 99_000_000)
    with context_of(filled, ALICE) as ctx:
        assert full_links(ctx, [own(ctx)]) == []


def test_badges_are_of_ones_own_links_alone(filled: Host) -> None:
    carry(filled, 99_000_000, reference="CANARI-B-10-000")
    with Session(filled.engine) as session:
        ids = session.scalars(select(Link.id)).all()
    with context_of(filled, ALICE) as ctx:
        said = badges_of(ctx, ids)
        assert [one for found in said.values() for one in found if one.label == "saturée"] == []
        assert badges_of(ctx, []) == {}


def test_a_gap_and_a_peak_explain_a_day(filled: Host) -> None:
    carry(filled, 95_000_000, hours=10)
    with context_of(filled, ALICE) as ctx:
        found = explained(ctx, own(ctx), NOW - timedelta(hours=12), NOW)
        texts = {one.title: one.text.replace("\u202f", " ") for one in found}
        assert set(texts) == {"Sans mesure", "Pointe de trafic"}
        assert "2 h 0" in texts["Sans mesure"] or "1 h 5" in texts["Sans mesure"]
        assert "% du débit souscrit" in texts["Pointe de trafic"]
        assert all(MAIN in text for text in texts.values())
        quiet = explained(ctx, own(ctx), NOW - timedelta(hours=1), NOW)
    assert quiet == [], "the last two hours carry the world's own little besides"


def test_a_day_without_a_measure_says_so_and_one_to_come_nothing(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        old = explained(ctx, own(ctx), NOW - timedelta(days=9), NOW - timedelta(days=8))
        assert [one.title for one in old] == ["Aucune mesure"]
        assert explained(ctx, own(ctx), NOW, NOW + timedelta(days=1)) == []


def test_the_tab_of_classes_is_there_only_where_there_are_some(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        assert "qos" in [tab.id for tab in link_tabs(ctx, own(ctx))]
    with Session(filled.engine) as session:
        link = session.scalars(select(Link).where(Link.reference == "CANARI-A-20-000")).one()
        session.execute(delete(TrafficClass).where(TrafficClass.link_id == link.id))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        bare = own(ctx, "CANARI-A-20-000")
        assert [tab.id for tab in link_tabs(ctx, bare)] == ["trafic"]
        assert "Aucune classe de service" in words(qos(ctx, bare))


def test_a_class_tells_what_it_was_offered_sent_and_lost(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        text = words(qos(ctx, own(ctx))).replace("\u202f", " ")
    assert "CANARI-A-VOIX" in text
    # 1,500,000 octets offered, 1,400,000 sent, 100,000 dropped a minute
    for said in ("200 kbit/s", "187 kbit/s", "13,3 kbit/s", "6,7 %"):
        assert said in text, said


def classes(*tree: tuple[int, int | None]) -> list[TrafficClass]:
    way = Direction.OUT
    return [
        TrafficClass(id=id_, parent_id=parent, name=f"c{id_}", path=f"p/{id_}", direction=way)
        for id_, parent in tree
    ]


def series(*ids: int) -> Mapping[int, ClassSeries]:
    nothing = np.full(3, np.nan)
    return {id_: ClassSeries(NOW, 300, nothing, nothing, nothing) for id_ in ids}


def test_nested_classes_stand_under_theirs_and_carry_the_colour() -> None:
    rows = nested(classes((1, None), (2, None), (3, 1), (4, 3), (5, 99)), series(1, 2, 3, 4, 5))
    assert [(row.name, row.depth, row.colour) for row in rows] == [
        ("c1", 0, None), ("c3", 1, None), ("c4", 2, 1), ("c2", 0, 2), ("c5", 0, 3),
    ]  # fmt: skip


def test_a_class_that_was_never_measured_is_na_and_not_nought(filled: Host) -> None:
    with Session(filled.engine) as session:
        link = session.scalars(select(Link).where(Link.reference == MAIN)).one()
        of = {"company_id": link.company_id, "site_id": link.site_id, "link_id": link.id}
        session.add(
            TrafficClass(**of, direction=Direction.IN, path="IN/<b>x", name="<b>x", seen=NOW)
        )
        session.commit()
    with context_of(filled, ALICE, query={"sens": "in"}) as ctx:
        shown = qos(ctx, own(ctx))
    assert "<b>x" in words(shown)
    assert words(shown).count("N/A") == 5
    assert "Aucune mesure sur les dernières 24 heures" in words(shown)


@pytest.mark.parametrize("query", [{"sens": "up"}, {"liaison": "CANARI-B-10-000"}, {"sens": "in"}])
def test_what_makes_no_sense_in_the_address_is_as_absent(
    shared_world: Host, query: dict[str, str]
) -> None:
    with context_of(shared_world, ALICE) as ctx:
        usual: Any = words(qos(ctx, own(ctx)))
    with context_of(shared_world, ALICE, query=query) as ctx:
        assert words(qos(ctx, own(ctx))) == usual


def test_the_picture_leaves_a_gap_where_nothing_was_measured(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        shown = qos(ctx, own(ctx))
    gap, *layers = [
        one for one in find(shown) if str(getattr(one, "className", "")).startswith("cos-layer")
    ]
    assert "cos-gap" in gap.className
    assert len(layers) == 1
    assert "path" in gap.style["maskImage"]


def test_the_same_class_sample_is_what_the_table_reads(filled: Host) -> None:
    """The control: what is recorded moves the figures."""
    with context_of(filled, ALICE) as ctx:
        link = own(ctx)
        (voice,) = ctx.db.all(select(TrafficClass).where(TrafficClass.link_id == link.id))
        before = words(qos(ctx, link))
    at = int(NOW.timestamp()) - 40_000
    filled.metrics.record_classes([ClassSample(voice.id, at, 60.0, 90_000_000, 90_000_000, 0, 0)])
    with context_of(filled, ALICE) as ctx:
        assert words(qos(ctx, own(ctx))) != before
