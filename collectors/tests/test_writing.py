"""What the writer keeps beside octets, what it tells of itself, and what it does in bad days."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors import batches, keeping
from collectors import writer as writer_module
from collectors.discovery import Found
from collectors.poller import BREAKER
from collectors.readings import ClassReading, Visit
from collectors.snmp import Outcome
from collectors.tests.routers import Rows, interface, policy
from collectors.tests.scenes import T0, Scene, log_lines
from core.host import Host
from core.network.collection import DeviceHealth
from core.network.inventory import StateChange
from core.network.metrics import ClassSample, Sample
from core.network.rates import ClassCounters
from core.network.status import UP, Reason, State, Status


@pytest.fixture
def scene(host: Host) -> Iterator[Scene]:
    yield Scene(host)
    host.metrics.close()


def line(octets: int = 0, oper: int = 1, errors: int = 0) -> Rows:
    return interface(4, "Gi0/1", octets=octets, oper=oper, faults=(errors, 0, 0, 0))


def health(host: Host) -> tuple[str, str, bool, float] | None:
    """Outcome, detail, backed off, and since when (minutes after T0)."""
    with Session(host.engine) as session:
        row = session.scalars(sa.select(DeviceHealth)).one_or_none()
        if row is None:
            return None
        since = (row.since.timestamp() - T0) / 60
        return row.outcome, row.detail, row.backed_off, since


# -- how devices are


def test_a_device_that_answers_is_well_since_it_was_first_read(scene: Scene) -> None:
    for minute in range(3):
        scene.poll(minute, line())
    assert health(scene.host) == ("ok", "", False, 0)


def test_a_device_that_fails_is_told_since_its_first_failure_then_backed_off(
    scene: Scene,
) -> None:
    scene.poll(0, line())
    scene.agent.failure = Outcome.TIMEOUT
    seen = []
    for minute in range(1, BREAKER + 2):
        scene.fail(minute)
        seen.append(health(scene.host))
    assert seen == [("timeout", "", n >= BREAKER, 1) for n in range(1, BREAKER + 2)]
    scene.agent.failure = None
    scene.poll(9, line())
    assert health(scene.host) == ("ok", "", False, 9)


def test_what_could_not_be_read_beside_the_links_is_told_of_a_device_that_is_well(
    scene: Scene,
) -> None:
    odd = {k: v._replace(kind="IPADDR") for k, v in policy(4, {"VOIX": 1}).items()}
    scene.poll(0, line(), odd)
    found = health(scene.host)
    assert found is not None
    assert (found[0], found[1][:3]) == ("ok", "QoS")


def test_a_device_that_goes_on_as_it_was_writes_nothing(scene: Scene) -> None:
    scene.poll(0, line())
    statements: list[str] = []
    sa.event.listen(
        scene.host.engine, "before_cursor_execute", lambda *said: statements.append(said[2])
    )
    scene.poll(1, line())
    assert statements == []


def test_the_health_of_a_device_outlives_a_restart_of_the_collector(scene: Scene) -> None:
    scene.poll(0, line())
    scene.restart()
    scene.poll(5, line())
    assert health(scene.host) == ("ok", "", False, 0)


def test_a_device_that_is_gone_stops_nothing(scene: Scene) -> None:
    scene.writer.put(Visit(999, Outcome.TIMEOUT, at=T0))
    with log_lines() as lines:
        scene.poll(0, line())
    assert lines == []
    assert health(scene.host) == ("ok", "", False, 0)


# -- states


def test_a_link_that_goes_up_and_down_again_and_again_is_unstable(scene: Scene) -> None:
    for n in range(8):
        scene.poll(n / 2, line(oper=1 + n % 2))
    assert scene.state()[:2] == ("degraded", "unstable")
    assert scene.writer.counts["changes"] < 8


def test_a_degraded_link_must_be_seen_well_again_after_a_restart_too(scene: Scene) -> None:
    for minute in range(4):
        scene.poll(minute, line(errors=500 * minute))
    scene.restart()
    for minute in (4, 5):
        scene.poll(minute, line(errors=1_500))
    assert scene.state() == ("degraded", "errors", 2)
    for minute in (6, 7, 8):
        scene.poll(minute, line(errors=1_500))
    assert scene.state()[:2] == ("up", "")


def test_down_and_up_again_between_two_writings_are_both_kept(scene: Scene) -> None:
    scene.poll(0, line())
    for minute, status in ((1, Status(State.DOWN, Reason.INTERFACE_DOWN)), (2, UP)):
        scene.writer.put(Visit(1, statuses=[(scene.link, status, T0 + 60 * minute)]))
    assert scene.writer.write() is None
    assert scene.state() == ("up", "", 2)
    with Session(scene.host.engine) as session:
        query = sa.select(StateChange.state).where(StateChange.link_id == scene.link)
        assert list(session.scalars(query)) == ["up", "down", "up"]


# -- measures


def test_transactions_are_short(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes share the file: none holds it for as long as a whole fleet takes."""
    sizes: list[int] = []
    record = scene.host.metrics.record

    def noted(samples: Sequence[Sample]) -> None:
        sizes.append(len(samples))
        record(samples)

    monkeypatch.setattr(scene.host.metrics, "record", noted)
    monkeypatch.setattr(batches, "CHUNK", 2)
    scene.writer._samples.extend(Sample(scene.link, int(T0) + n, 1, n, n) for n in range(5))
    assert scene.writer.write() is None
    assert sizes == [2, 2, 1]
    assert len(scene.samples()) == 5


def test_what_waits_and_since_when_a_store_refuses_is_told(scene: Scene) -> None:
    scene.poll(0, line(0))
    assert (scene.writer.waiting, scene.writer.refused_since) == (0, None)
    scene.host.metrics._connection().execute("pragma busy_timeout = 50")
    other = sqlite3.connect(scene.host.config.measures_path, isolation_level=None)
    other.execute("begin immediate")
    begin = time.time()
    scene.poll(1, line(600), refused="locked")
    first = scene.writer.refused_since
    assert first is not None
    assert begin <= first <= time.time()
    scene.writer.write()
    assert (scene.writer.waiting, scene.writer.refused_since) == (1, first)
    other.execute("rollback")
    other.close()
    assert scene.writer.write() is None
    assert (scene.writer.waiting, scene.writer.refused_since) == (0, None)
    assert scene.octets() == [(1, 600)]


def test_while_the_business_database_is_locked_measures_are_kept_and_states_wait(
    scene: Scene,
) -> None:
    """Ten seconds are waited, here less; what looks fresh is never a state of before."""
    scene.poll(0, line(0))
    with scene.host.engine.connect() as connection:
        assert connection.exec_driver_sql("pragma busy_timeout").scalar() == 10_000
        connection.exec_driver_sql("pragma busy_timeout = 20")
    other = sqlite3.connect(scene.host.config.data / "balise.db", isolation_level=None)
    other.execute("begin immediate")
    for minute in (1, 2):
        scene.poll(minute, line(600 * minute, oper=2), refused="locked")
    assert scene.octets() == [(1, 600), (2, 600)]
    assert scene.state()[:2] == ("up", "")
    assert scene.host.metrics.freshness() == {scene.link: int(T0)}
    other.execute("rollback")
    other.close()
    assert scene.writer.write() is None
    assert scene.state() == ("down", "interface_down", 1)
    assert scene.host.metrics.freshness() == {scene.link: int(T0) + 120}
    assert (scene.writer.waiting, scene.writer.refused_since) == (0, None)


def test_classes_that_wait_in_memory_are_bounded(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MOST_SAMPLES", 3)
    scene = Scene(host)
    kept: list[ClassSample] = []

    def full(samples: Sequence[ClassSample]) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(host.metrics, "record_classes", full)
    for minute in range(8):
        counters = ClassCounters(T0 + 60 * minute, 6_000 * minute + 6_000, minute, minute, 0, 0)
        scene.writer.put(Visit(1, classes=[ClassReading(5, counters, None, 0)]))
        scene.writer.write()
    monkeypatch.setattr(host.metrics, "record_classes", kept.extend)
    assert scene.writer.write() is None
    assert [int((sample.at - T0) / 60) for sample in kept] == [5, 6, 7], "the newest"
    host.metrics.close()


def test_classes_that_cannot_be_kept_stop_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "keep", lambda *given: 1 // 0)
    with log_lines() as lines:
        scene.poll(0, line(0), policy(4, {"VOIX": 1}))
        scene.poll(1, line(600), policy(4, {"VOIX": 2}))
    assert [one["event"] for one in lines] == ["not written, let go of"]
    assert scene.octets() == [(1, 600)]


def test_classes_of_a_device_that_is_gone_stop_nothing(scene: Scene) -> None:
    scene.writer.put(Visit(999, discovered=Found()))
    scene.poll(0, line(0), policy(4, {"VOIX": 1}))
    assert [one.path for one in scene.classes()] == ["COS/VOIX"]
