"""What a process of the collector tells of itself: for « Collecte » and for /metrics."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from sqlalchemy.orm import Session

from collectors import telling, transports
from collectors.exporter import Accounts
from collectors.inventory import Shard
from collectors.snmp import Outcome
from collectors.telling import EVERY, WINDOW, Teller, forget_accounts
from collectors.tests.agents import until
from collectors.tests.fleet import add_link
from collectors.tests.polled import Make, Watched, plans
from collectors.visits import Traffic, Visit
from collectors.worker import Worker
from collectors.writer import Writer
from core.host import Host
from core.network.collection import CollectorState
from core.network.metrics import Counters
from core.network.status import UP

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
T0 = 1_750_000_000


class Time:
    """A monotonic clock that the test moves."""

    now = 5_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(telling, "time", made)
    return made


@pytest.fixture
def writer(host: Host) -> Iterator[Writer]:
    yield Writer(host.metrics, host.engine, 60)
    host.metrics.close()


@pytest.fixture
def teller(host: Host) -> Teller:
    return Teller(host.engine, "0/1", "gufo", NOW)


def told(host: Host) -> CollectorState:
    with Session(host.engine, expire_on_commit=False) as session:
        return session.get_one(CollectorState, "0/1")


def metrics(host: Host) -> set[str]:
    registry = CollectorRegistry()
    registry.register(Accounts(host.engine))
    return set(generate_latest(registry).decode().splitlines())


def test_visits_timeouts_and_devices_only_probed_are_told_with_their_rates(
    host: Host, make: Make, writer: Writer, teller: Teller, clock: Time
) -> None:
    agent = Watched()
    poller = make(agent)
    poller.follow(plans(6))
    teller.tell(poller, writer, 9, NOW)
    assert told(host).numbers["visits_per_second"] == 0
    for failure in (None, Outcome.TIMEOUT, Outcome.TIMEOUT, Outcome.TIMEOUT):
        agent.failure = failure
        poller.once(clock.now + 1e9)
    clock.now += 4
    teller.tell(poller, writer, 9, NOW + timedelta(seconds=4))
    found = told(host)
    assert (found.engine, found.started, found.at) == ("gufo", NOW, NOW + timedelta(seconds=4))
    numbers = found.numbers
    assert (numbers["devices"], numbers["links"], numbers["backed_off"]) == (6, 9, 6)
    assert numbers["visits"] == {"ok": 6, "timeout": 18}
    assert numbers["requests"] == agent.requests
    assert (numbers["visits_per_second"], numbers["timeouts_per_minute"]) == (24 / 4, 18 * 60 / 4)
    assert {
        'balise_collector_visits_total{outcome="timeout",process="0/1"} 18.0',
        'balise_collector_backed_off{process="0/1"} 6.0',
        'balise_collector_devices{process="0/1"} 6.0',
        f'balise_collector_requests_total{{process="0/1"}} {float(agent.requests)}',
    } <= metrics(host)


def test_rates_are_those_of_the_last_minute(
    host: Host, make: Make, writer: Writer, teller: Teller, clock: Time
) -> None:
    poller = make(Watched())
    poller.follow(plans(6))
    teller.tell(poller, writer, 6, NOW)
    poller.once(clock.now + 1e9)
    seen = []
    for _ in range(WINDOW + 1):
        clock.now += EVERY
        teller.tell(poller, writer, 6, NOW)
        seen.append(told(host).numbers["visits_per_second"])
    assert seen == [round(6 / (EVERY * n), 1) for n in range(1, WINDOW + 1)] + [0]


def test_the_queue_and_its_lag_are_told(
    host: Host, make: Make, writer: Writer, teller: Teller
) -> None:
    """Four lanes are held; six devices wait, the longest since the start."""
    hold = threading.Event()
    poller = make(Watched(hold))
    poller.follow(plans(10))
    poller.run(lambda: poller.waiting == 6)
    until(lambda: poller.lag >= 0.02)
    teller.tell(poller, writer, 10, NOW)
    hold.set()
    numbers = told(host).numbers
    assert numbers["waiting"] == 6
    assert numbers["lag"] > 0
    assert {
        'balise_collector_waiting{process="0/1"} 6.0',
        f'balise_collector_lag_seconds{{process="0/1"}} {numbers["lag"]}',
    } <= metrics(host)


def test_gaps_samples_and_what_a_store_refuses_are_told(
    host: Host, make: Make, writer: Writer, teller: Teller
) -> None:
    link = add_link(host, "127.0.0.1", 161, {"community": "x"})

    def read(minute: int, octets: int) -> str | None:
        counters = Counters(T0 + 60.0 * minute, 10**6 + 6_000 * minute, 64, octets, octets)
        seen = [(link, UP, T0 + 60.0 * minute)]
        traffic = [Traffic(link, counters, 20_000_000, 0, 0)]
        writer.put(Visit(1, statuses=seen, traffic=traffic))
        return writer.write()

    for minute, octets in ((0, 0), (1, 600), (2, 5), (3, 605)):
        assert read(minute, octets) is None
    poller = make(Watched())
    teller.tell(poller, writer, 1, NOW)
    numbers = told(host).numbers
    assert (numbers["samples"], numbers["changes"], numbers["gaps"]) == (2, 1, {"reset": 1})
    assert (numbers["unwritten"], numbers["refused_since"]) == (0, None)
    host.metrics._connection().execute("pragma busy_timeout = 20")
    other = sqlite3.connect(host.config.measures_path, isolation_level=None)
    other.execute("begin immediate")
    assert "locked" in str(read(4, 1_205))
    teller.tell(poller, writer, 1, NOW)
    other.execute("rollback")
    other.close()
    numbers = told(host).numbers
    assert (numbers["unwritten"], numbers["refused_since"]) == (1, writer.refused_since)
    assert {
        'balise_collector_gaps_total{cause="reset",process="0/1"} 1.0',
        'balise_collector_samples_total{process="0/1"} 2.0',
        'balise_collector_changes_total{process="0/1"} 1.0',
        'balise_collector_unwritten{process="0/1"} 1.0',
    } <= metrics(host)


def test_a_database_that_refuses_the_account_stops_nothing(
    host: Host, make: Make, writer: Writer, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    with host.engine.begin() as connection:
        connection.exec_driver_sql("drop table collector_state")
    with structlog.testing.capture_logs() as lines:
        monkeypatch.setattr(telling, "log", structlog.get_logger())
        teller.tell(make(Watched()), writer, 1, NOW)
        forget_accounts(host.engine, 1)
    assert [line["log_level"] for line in lines] == ["warning"] * 2


def test_processes_there_are_no_more_are_forgotten(host: Host) -> None:
    with Session(host.engine) as session, session.begin():
        for name in ("0/2", "1/2", "0/3", "2/3"):
            session.add(CollectorState(name=name, pid=1, engine="gufo", started=NOW, at=NOW))
    forget_accounts(host.engine, 2)
    with Session(host.engine) as session:
        assert {one.name for one in session.query(CollectorState)} == {"0/2", "1/2"}


@pytest.mark.parametrize("missing", [False, True])
def test_a_worker_tells_of_itself_and_of_the_engine_that_speaks(
    host: Host, monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    """Which is not the one of the configuration where that one is not installed."""
    pytest.importorskip("collectors.gufo", exc_type=ImportError)
    pytest.importorskip("collectors.easy", exc_type=ImportError)
    if missing:
        monkeypatch.setitem(sys.modules, transports.ENGINES["easysnmp"][0], None)
    one = Worker(host, Shard())

    def seen() -> bool:
        with Session(host.engine) as session:
            return session.get(CollectorState, "0/1") is not None

    one.run(seen)
    assert told(host).engine == ("gufo" if missing else "easysnmp")
    host.metrics.close()
