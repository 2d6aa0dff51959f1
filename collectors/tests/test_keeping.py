"""What a look at a router leaves in the inventory, look after look."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors import discovery
from collectors.discovery import Found
from collectors.keeping import Kept, keep
from collectors.snmp import Answer, Job, Varbind
from collectors.tests.agents import Mib
from collectors.tests.recorded import Line, add_router, router
from core.host import Host
from core.network.inventory import Device, Link, LinkRole
from core.network.measured import Probe, TrafficClass

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIBRE = Line("C7278-00006-001", "Gi0/0", 2)
SDSL = Line("C7278-00006-002", role=LinkRole.BACKUP)


def look(values: dict[str, Varbind] | str) -> Found:
    mib = Mib(router(values) if isinstance(values, str) else values)

    def ask(job: Job) -> Answer:
        box: list[Answer] = []
        mib.poll([job], box.append, time.monotonic() + 20)
        return box[0]

    return discovery.look(ask, 1)


def kept(host: Host, device: int, found: Found, at: datetime = NOON) -> Kept:
    result = keep(host.engine, device, found, at)
    assert result is not None
    return result


def rows(host: Host, query: Any) -> Sequence[Any]:
    with Session(host.engine) as session:
        return session.execute(query).all()


def links(host: Host) -> dict[str, tuple[str | None, int | None]]:
    query = sa.select(Link.reference, Link.if_name, Link.if_index)
    return {reference: (name, index) for reference, name, index in rows(host, query)}


def paths(host: Host) -> dict[tuple[str, str, str], tuple[int, str | None, datetime]]:
    """Classes by link, direction and path: their id, the path of their parent, when last seen."""
    parent = sa.orm.aliased(TrafficClass)
    query = (
        sa.select(
            Link.reference, TrafficClass.direction, TrafficClass.path, TrafficClass.id,
            parent.path, TrafficClass.seen,
        )
        .join(Link, Link.id == TrafficClass.link_id)
        .join(parent, parent.id == TrafficClass.parent_id, isouter=True)
    )  # fmt: skip
    return {
        (reference, direction.value, path): (key, up, seen)
        for reference, direction, path, key, up, seen in rows(host, query)
    }


def test_a_look_fills_the_inventory(host: Host) -> None:
    device = add_router(host, "rodez", 9, FIBRE, SDSL)
    result = kept(host, device, look("c1921"))
    assert rows(host, sa.select(Device.description, Device.discovered)) == [
        (look("c1921").description, NOON)
    ]
    assert links(host) == {FIBRE.reference: ("Gi0/0", 2), SDSL.reference: ("Et0/0/0", 5)}
    assert (len(result.classes), len(result.probes)) == (14, 4)
    assert result.matched.problems == []
    classes = paths(host)
    voice = classes[FIBRE.reference, "out", "WAN-OUT/class-default/COS/VOIX"]
    assert voice[1:] == ("WAN-OUT/class-default", NOON)
    assert classes[FIBRE.reference, "in", "WAN-IN/VOIX"][1] is None
    query = sa.select(Link.reference, Probe.number, Probe.kind).join(Link).order_by(Probe.number)
    assert rows(host, query) == [
        (FIBRE.reference, 10, "echo"),
        (FIBRE.reference, 20, "jitter"),
        (SDSL.reference, 40, "jitter"),
        (FIBRE.reference, 50, "echo"),
    ]


def test_classes_and_probes_belong_to_the_site_of_their_link(host: Host) -> None:
    device = add_router(host, "rodez", 9, FIBRE)
    kept(host, device, look("c1921"))
    for model in (TrafficClass, Probe):
        query = sa.select(model.company_id, model.site_id, Link.company_id, Link.site_id)
        for company, site, of_company, of_site in rows(host, query.join(Link)):
            assert (company, site) == (of_company, of_site)


def test_a_reboot_that_renumbers_everything_changes_no_class_and_moves_the_links(
    host: Host,
) -> None:
    device = add_router(host, "rodez", 9, FIBRE, SDSL)
    kept(host, device, look("c1921"))
    before = paths(host)
    later = NOON + timedelta(hours=1)
    result = kept(host, device, look("c1921-rebooted"), later)
    after = paths(host)
    assert {key: ids[0] for key, ids in after.items()} == {k: i[0] for k, i in before.items()}
    assert {seen for _, _, seen in after.values()} == {later}
    assert links(host) == {FIBRE.reference: ("Gi0/0", 3), SDSL.reference: ("Et0/0/0", 2)}
    assert sorted(result.moved.values()) == [
        ("Et0/0/0 (n° 5)", "Et0/0/0 (n° 2)"),
        ("Gi0/0 (n° 2)", "Gi0/0 (n° 3)"),
    ]


def test_a_look_twice_the_same_moves_nothing_and_adds_nothing(host: Host) -> None:
    device = add_router(host, "rodez", 9, FIBRE, SDSL)
    first = kept(host, device, look("c1921"))
    again = kept(host, device, look("c1921"))
    assert again.moved == {}
    assert (again.classes, again.probes) == (first.classes, first.probes)
    assert len(paths(host)) == 14


def test_what_a_router_no_longer_has_stays_with_the_date_it_was_seen(host: Host) -> None:
    device = add_router(host, "rodez", 9, FIBRE, SDSL)
    kept(host, device, look("c1921"))
    bare = {oid: v for oid, v in router("c1921").items() if not oid.startswith(".1.3.6.1.4.1.9.")}
    kept(host, device, look(bare), NOON + timedelta(days=1))
    assert {seen for _, _, seen in paths(host).values()} == {NOON}
    assert len(paths(host)) == 14
    assert [seen for (seen,) in rows(host, sa.select(Probe.seen))] == [NOON] * 4


def test_a_policy_of_another_name_makes_other_classes_beside_the_old(host: Host) -> None:
    device = add_router(host, "rodez", 9, FIBRE)
    kept(host, device, look("c1921"))
    values = router("c1921")
    values |= {
        oid: Varbind(value.kind, "WAN-IN-V2")
        for oid, value in values.items()
        if value.text == "WAN-IN"
    }
    later = NOON + timedelta(days=1)
    kept(host, device, look(values), later)
    seen = {path: when for (_, _, path), (_, _, when) in paths(host).items()}
    assert (seen["WAN-IN/VOIX"], seen["WAN-IN-V2/VOIX"]) == (NOON, later)


def test_a_router_without_ifxtable_keeps_the_declared_name(host: Host) -> None:
    device = add_router(host, "rodez", 9, Line("L1", "GigabitEthernet0/0"))
    bare = {oid: v for oid, v in router("c1921").items() if not oid.startswith(".1.3.6.1.2.1.31.")}
    kept(host, device, look(bare))
    assert links(host) == {"L1": ("GigabitEthernet0/0", 2)}


def test_a_look_that_did_not_ask_who_the_router_is_leaves_what_is_known_of_it(host: Host) -> None:
    """A collector that only looked for classes has no description to write."""
    device = add_router(host, "rodez", 9, FIBRE)
    whole = look("c1921")
    kept(host, device, whole)
    part = Found(interfaces=whole.interfaces, classes=whole.classes)
    kept(host, device, part, NOON + timedelta(hours=1))
    assert rows(host, sa.select(Device.description, Device.discovered)) == [
        (whole.description, NOON)
    ]


def test_a_link_of_another_router_is_left_alone(host: Host) -> None:
    """What a router says of itself moves its own links only, whatever it claims."""
    device = add_router(host, "rodez", 9, Line("L1", "Gi0/1"))
    add_router(host, "figeac", 9, Line(FIBRE.reference, "Gi8/8", 88))
    kept(host, device, look("c1921"))
    assert links(host)[FIBRE.reference] == ("Gi8/8", 88)


def test_a_router_that_left_the_inventory_is_let_go(host: Host) -> None:
    assert keep(host.engine, 4242, look("c1921"), NOON) is None


def test_several_who_looked_at_once_write_one_set_of_classes(host: Host) -> None:
    device = add_router(host, "rodez", 9, FIBRE, SDSL)
    found = look("c1921")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: kept(host, device, found).classes, range(4)))
    assert len(paths(host)) == 14
    assert all(classes == results[0] for classes in results)
