"""What is to be polled as the inventory says it: links, classes, probes; and when it changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors.inventory import ClassWatch, Inventory, ProbeWatch, Shard
from collectors.tests.fleet import add_link
from collectors.worker import Worker
from core.host import Host
from core.network.inventory import Link
from core.network.measured import Direction, Probe, ProbeKind, TrafficClass

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def links(host: Host) -> Iterator[list[int]]:
    """Two links, each with a router of its own (ids 1 and 2)."""
    yield [add_link(host, "127.0.0.1", port, {"community": "x"}) for port in (161, 162)]
    host.metrics.close()


def inventory(host: Host, shard: Shard | None = None) -> Inventory:
    return Inventory(host.engine, host.vault.open, host.config.collector, shard or Shard())


def add(host: Host, link_id: int, path: str, direction: Direction = Direction.OUT) -> int:
    """Add a class of service to a link; return its id."""
    with Session(host.engine) as session, session.begin():
        link = session.get_one(Link, link_id)
        row = TrafficClass(company_id=link.company_id, site_id=link.site_id, link_id=link_id,
                           direction=direction, path=path, name=path, seen=NOW)  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def test_a_plan_has_the_classes_and_probes_of_its_links_alone(host: Host, links: list[int]) -> None:
    voice = add(host, links[0], "COS/VOIX")
    with Session(host.engine) as session, session.begin():
        link = session.get_one(Link, links[1])
        session.add(Probe(company_id=link.company_id, site_id=link.site_id, link_id=link.id,
                          number=7, kind=ProbeKind.ECHO, seen=NOW))  # fmt: skip
    one, other = inventory(host).plans().values()
    assert one.classes == (ClassWatch(voice, links[0], Direction.OUT, "COS/VOIX"),)
    assert (one.probes, other.classes) == ((), ())
    assert other.probes == (ProbeWatch(1, links[1], 7),)


def test_each_process_has_the_classes_of_its_own_devices(host: Host, links: list[int]) -> None:
    for link in links:
        add(host, link, "COS/VOIX")
    for number in range(2):
        (plan,) = inventory(host, Shard(number, 2)).plans().values()
        assert [watch.link_id for watch in plan.classes] == [plan.watches[0].link_id]


def test_classes_that_come_and_links_that_move_are_seen_at_the_next_look(
    host: Host, links: list[int]
) -> None:
    looking = inventory(host)
    assert [plan.classes for plan in looking.plans().values()] == [(), ()]
    add(host, links[0], "COS/VOIX")
    assert [len(plan.classes) for plan in looking.plans().values()] == [1, 0]
    add(host, links[0], "COS/VOIX", Direction.IN)
    assert [len(plan.classes) for plan in looking.plans().values()] == [2, 0]
    with host.engine.begin() as connection:
        connection.execute(sa.update(Link).where(Link.id == links[0]).values(device_id=2))
    (plan,) = looking.plans().values()
    assert [watch.link_id for watch in plan.classes] == [links[0], links[0]]


def test_classes_are_not_read_again_while_nothing_changes(host: Host, links: list[int]) -> None:
    """There may be a million of them, and the inventory is looked at every minute."""
    add(host, links[0], "COS/VOIX")
    looking = inventory(host)
    first = looking.plans()
    statements: list[str] = []
    sa.event.listen(host.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    assert looking.plans() == first
    assert not any("traffic_class.path" in statement for statement in statements)


def test_an_inventory_that_a_store_kept_from_being_taken_up_is_taken_up_at_the_next_look(
    host: Host, links: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its counters, states and services too: polled without them, a link may be told falsely."""
    one = Worker(host, Shard())
    taken: list[set[int]] = []

    def refuse(_: Iterable[int]) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(one.writer, "follow", refuse)
    one._look_again()
    assert one.poller.devices == 0
    monkeypatch.setattr(one.writer, "follow", lambda links: taken.append(set(links)))
    for _ in range(3):
        one._look_again()
    assert (taken, one.poller.devices) == ([set(links)], 2)
