"""Works and outages behind a curve, classes nested in one another, probes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.api import Direction, Link, PlannedWork, Probe, Reason, State, StateChange, TrafficClass
from core.host import Host
from core.network.measured import ProbeKind
from core.network.metrics import ClassSample, ProbeSample
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.consommations.address import Asked, period_of
from plugins.consommations.chosen import chosen
from plugins.consommations.marks import bands, told
from plugins.consommations.measures import measured
from plugins.consommations.sheet import sheet

ALICE = "alice@a.example"
MAIN = "CANARI-A-10-000"
HOUR = timedelta(hours=1)


def add(host: Host, *rows: Any) -> None:
    with Session(host.engine) as session:
        session.add_all(rows)
        session.commit()


@pytest.fixture
def link(filled: Host) -> Link:
    with Session(filled.engine, expire_on_commit=False) as session:
        return session.scalars(select(Link).where(Link.reference == MAIN)).one()


def shades(host: Host) -> tuple[list[str], list[str]]:
    with context_of(host, ALICE) as ctx:
        asked = Asked(link=MAIN)
        of = chosen(ctx, asked)
        assert of is not None
        found = bands(ctx, of.links, measured(ctx, of.links, period_of(ctx, asked)))
        return [band.look for band in found], told(ctx, found)


def test_works_and_outages_are_shaded_and_told_in_words(filled: Host, link: Link) -> None:
    pair = {"company_id": link.company_id, "site_id": link.site_id}
    change = {**pair, "service_id": link.service_id, "link_id": link.id, "reason": Reason.NONE}
    begun = NOW - 20 * HOUR
    add(
        filled,
        PlannedWork(**pair, title="Fibre", starts=NOW - 9 * HOUR, ends=NOW - 8 * HOUR),
        PlannedWork(**pair, title="Annulés", starts=begun, ends=NOW, cancelled=begun),
        StateChange(**change, state=State.DOWN, at=begun),
        StateChange(**change, state=State.UP, at=NOW - 18 * HOUR),
    )
    looks, said = shades(filled)
    assert looks.count("work") == 1
    assert looks.count("down") == 1
    assert "gap" in looks, "nothing was measured before the last two hours"
    assert any("Fibre" in line and "Travaux planifiés" in line for line in said)
    assert any(MAIN in line and "2\u202fh\u202f00" in line for line in said)


def test_works_of_another_link_are_not_shaded(filled: Host, link: Link) -> None:
    pair = {"company_id": link.company_id, "site_id": link.site_id}
    add(
        filled,
        PlannedWork(
            **pair, title="Secours", link_id=link.id + 1, starts=NOW - 2 * HOUR, ends=NOW - HOUR
        ),
    )
    assert "work" not in shades(filled)[0]


@pytest.fixture
def nested_classes(filled: Host, link: Link) -> Host:
    of = {"company_id": link.company_id, "site_id": link.site_id, "link_id": link.id, "seen": NOW}
    with Session(filled.engine) as session:
        parent = TrafficClass(**of, direction=Direction.IN, path="WAN/tout", name="tout")
        session.add(parent)
        session.flush()
        children = [
            TrafficClass(
                **of, direction=Direction.IN, path=f"WAN/tout/COS/{name}", name=name,
                parent_id=parent.id,
            )
            for name in ("voix", "reste")
        ]  # fmt: skip
        session.add_all(children)
        session.flush()
        end = int(NOW.timestamp())
        for cos, octets in ((parent, 3_000), (children[0], 1_000), (children[1], 2_000)):
            filled.metrics.record_classes(
                ClassSample(cos.id, at, 60.0, octets, octets, 0, 0)
                for at in range(end - 3_600, end, 60)
            )
        session.commit()
    return filled


def test_a_class_that_holds_others_is_not_stacked_on_them(nested_classes: Host) -> None:
    with context_of(nested_classes, ALICE) as ctx:
        part = sheet(ctx, Asked(link=MAIN, way="in"))
        (graph,) = find(part, id="datas-classes")
    assert [trace["name"] for trace in graph.figure["data"] if trace["name"] != "area"] == [
        "voix", "reste"
    ]  # fmt: skip
    text = words(find(part, id="datas-qos"))
    for word in ("tout", "400\u202fbit/s", "133\u202fbit/s", "267\u202fbit/s"):
        assert word in text


def test_one_class_is_shown_with_what_it_was_offered_and_lost(nested_classes: Host) -> None:
    with context_of(nested_classes, ALICE) as ctx:
        part = sheet(ctx, Asked(link=MAIN, way="in", traffic_class="WAN/tout/COS/voix"))
        (graph,) = find(part, id="datas-class")
        other = sheet(ctx, Asked(link=MAIN, way="in", traffic_class="CANARI-B-OUT/CANARI-B-VOIX"))
    names = [trace["name"] for trace in graph.figure["data"] if trace["name"] != "area"]
    assert names == ["Émis", "Offert", "Perdu"]
    assert find(other, id="datas-classes"), "an unknown class is as absent"


def test_a_probe_that_had_no_answer_has_a_loss_and_no_delay(filled: Host, link: Link) -> None:
    of = {"company_id": link.company_id, "site_id": link.site_id, "link_id": link.id, "seen": NOW}
    with Session(filled.engine) as session:
        probe = Probe(**of, number=20, tag="", kind=ProbeKind.ECHO)
        session.add(probe)
        session.flush()
        end = int(NOW.timestamp())
        filled.metrics.record_probes(
            ProbeSample(probe.id, at, 10, 10, None) for at in range(end - 3_600, end, 60)
        )
        session.commit()
    with context_of(filled, ALICE) as ctx:
        part = sheet(ctx, Asked(link=MAIN))
        (graph,) = find(part, id="datas-probe-20")
    text = words(part).replace("\u202f", " ")
    assert "Qualité · Sonde 20" in text
    assert "100,00 %" in text
    assert any(
        shape.get("templateitemname") == "down" for shape in graph.figure["layout"]["shapes"]
    )
    assert "nan" not in text


def test_a_link_without_classes_or_probes_shows_neither(filled: Host, link: Link) -> None:
    with Session(filled.engine) as session:
        for model in (TrafficClass, Probe):
            for row in session.scalars(select(model)):
                session.delete(row)
        session.commit()
    with context_of(filled, ALICE) as ctx:
        text = words(sheet(ctx, Asked(link=MAIN)))
    assert "Services QoS" not in text
    assert "Qualité" not in text
