"""What the recorder keeps: states, their start, and one line of history for each change."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.host import Host
from core.network import recorder as recorder_module
from core.network.inventory import Link, LinkRole, Service, StateChange
from core.network.recorder import Observation, Recorder
from core.network.status import UP, Reason, State, Status
from core.testing import world

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOWN = Status(State.DOWN, Reason.INTERFACE_DOWN)
ADMIN_DOWN = Status(State.DOWN, Reason.ADMIN_DOWN)
MAIN, BACKUP = 1, 2


@pytest.fixture
def engine(host: Host) -> sa.Engine:
    """One service with a main link (id 1) and a backup (id 2), never measured."""
    with Session(host.engine) as session, session.begin():
        place = world.add_site(session)
        service = Service(**place)
        session.add(service)
        session.flush()
        for number, role in ((MAIN, LinkRole.MAIN), (BACKUP, LinkRole.BACKUP)):
            session.add(
                Link(id=number, reference=f"R{number}", designation="L", role=role,
                     service_id=service.id, **place)
            )  # fmt: skip
    return host.engine


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def seen(link: int, status: Status, minutes: float) -> Observation:
    return Observation(link, status, at(minutes))


def service_of(engine: sa.Engine) -> tuple[Status, datetime | None]:
    with Session(engine) as session:
        service = session.scalars(sa.select(Service)).one()
        return Status(service.state, service.reason), service.since


def history(engine: sa.Engine) -> list[tuple[int | None, str, str, float]]:
    """(link, state, reason, minutes) of every line, oldest first."""
    with Session(engine) as session:
        lines = session.scalars(sa.select(StateChange).order_by(StateChange.id))
        return [
            (line.link_id, line.state, line.reason, (line.at - T0) / timedelta(minutes=1))
            for line in lines
        ]


def test_a_state_that_does_not_change_writes_nothing(engine: sa.Engine) -> None:
    recorder = Recorder(engine)
    both = [seen(MAIN, UP, 0), seen(BACKUP, UP, 0)]
    assert recorder.record(both) == 2
    lines = history(engine)
    assert recorder.record([seen(MAIN, UP, 1), seen(BACKUP, UP, 1)]) == 0
    assert Recorder(engine).record([seen(MAIN, UP, 2)]) == 0, "nor after a restart"
    assert history(engine) == lines
    assert service_of(engine) == (UP, at(0))


def test_the_service_follows_its_links_in_the_same_transaction(engine: sa.Engine) -> None:
    recorder = Recorder(engine)
    recorder.record([seen(MAIN, UP, 0), seen(BACKUP, UP, 0)])
    recorder.record([seen(MAIN, DOWN, 10)])
    assert service_of(engine) == (Status(State.DEGRADED, Reason.BACKUP_ACTIVE), at(10))
    recorder.record([seen(BACKUP, DOWN, 20)])
    assert service_of(engine) == (DOWN, at(20))
    recorder.record([seen(MAIN, UP, 30)])
    assert service_of(engine) == (Status(State.DEGRADED, Reason.UNPROTECTED), at(30))
    recorder.record([seen(BACKUP, UP, 40)])
    assert service_of(engine) == (UP, at(40))
    services = [line[1:] for line in history(engine) if line[0] is None]
    assert services == [
        ("up", "", 0), ("degraded", "backup_active", 10), ("down", "interface_down", 20),
        ("degraded", "unprotected", 30), ("up", "", 40),
    ]  # fmt: skip


def test_a_new_reason_goes_into_the_history_and_leaves_the_duration_running(
    engine: sa.Engine,
) -> None:
    recorder = Recorder(engine)
    recorder.record([seen(MAIN, DOWN, 0), seen(BACKUP, DOWN, 0)])
    recorder.record([seen(MAIN, ADMIN_DOWN, 5)])
    assert service_of(engine) == (ADMIN_DOWN, at(0))
    assert history(engine)[-2:] == [
        (MAIN, "down", "admin_down", 5),
        (None, "down", "admin_down", 5),
    ]


def test_a_flap_within_one_batch_is_kept_in_its_order(engine: sa.Engine) -> None:
    recorder = Recorder(engine)
    recorder.record([seen(MAIN, UP, 0), seen(BACKUP, UP, 0)])
    recorder.record([seen(MAIN, DOWN, 1), seen(MAIN, UP, 2)])
    assert [line[1:] for line in history(engine) if line[0] == MAIN] == [
        ("up", "", 0), ("down", "interface_down", 1), ("up", "", 2),
    ]  # fmt: skip


def test_two_recorders_on_one_service_agree_on_it(engine: sa.Engine) -> None:
    """Main and backup are polled by two processes: each sees what the other wrote."""
    one, other = Recorder(engine), Recorder(engine)
    one.record([seen(MAIN, UP, 0)])
    other.record([seen(BACKUP, UP, 0)])
    one.record([seen(MAIN, DOWN, 1)])
    other.record([seen(BACKUP, DOWN, 2)])
    assert service_of(engine) == (DOWN, at(2))


def test_a_link_that_was_removed_is_left_out(engine: sa.Engine) -> None:
    assert Recorder(engine).record([seen(99, UP, 0)]) == 0


def test_an_error_of_the_database_keeps_nothing_and_the_next_call_starts_afresh(
    engine: sa.Engine,
) -> None:
    recorder = Recorder(engine)
    recorder.record([seen(MAIN, UP, 0), seen(BACKUP, UP, 0)])
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table state_change rename to away")
    with pytest.raises(OperationalError):
        recorder.record([seen(MAIN, DOWN, 1)])
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table away rename to state_change")
    assert service_of(engine)[0] == UP
    assert recorder.record([seen(MAIN, DOWN, 1)]) == 1


def test_a_service_whose_links_changed_hands_is_settled(engine: sa.Engine) -> None:
    """The backup is taken out of the inventory: what is left makes the service."""
    recorder = Recorder(engine)
    recorder.record([seen(MAIN, UP, 0), seen(BACKUP, DOWN, 0)])
    with Session(engine) as session, session.begin():
        session.execute(sa.delete(StateChange).where(StateChange.link_id == BACKUP))
        session.execute(sa.delete(Link).where(Link.id == BACKUP))
    assert recorder.recheck(at(9)) == 1
    assert service_of(engine) == (UP, at(9))
    assert recorder.recheck(at(10)) == 0


def test_two_that_recheck_at_once_write_one_line(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two shards see the inventory change in the same second; one service was not settled."""
    Recorder(engine).record([seen(MAIN, UP, 0), seen(BACKUP, UP, 0)])
    with engine.begin() as connection:
        connection.execute(sa.update(Service).values(state=State.UNKNOWN, reason=Reason.NEVER))
    lines = len(history(engine))
    both = threading.Barrier(2)
    made_by = recorder_module._made_by

    def together(links: Mapping[LinkRole, Status]) -> Status | None:
        with contextlib.suppress(threading.BrokenBarrierError):  # the other waits for us: good
            both.wait(0.5)
        return made_by(links)

    monkeypatch.setattr(recorder_module, "_made_by", together)
    with ThreadPoolExecutor(2) as pool:
        settled = list(pool.map(lambda _: Recorder(engine).recheck(at(9)), range(2)))
    assert sorted(settled) == [0, 1]
    assert len(history(engine)) == lines + 1


def test_it_tells_what_would_change_without_a_statement(engine: sa.Engine) -> None:
    recorder = Recorder(engine)
    assert recorder.would_change(MAIN, UP), "nothing is known yet: it might"
    recorder.record([seen(MAIN, UP, 0)])
    assert not recorder.would_change(MAIN, UP)
    assert recorder.would_change(MAIN, DOWN)
    assert not recorder.would_change(99, DOWN), "a link that is not in the database"
    assert recorder.statuses() == {MAIN: UP, BACKUP: Status(State.UNKNOWN, Reason.NEVER)}


def test_many_changes_are_written_with_a_line_each_and_their_services(engine: sa.Engine) -> None:
    """More of them than one statement takes ids."""
    many = range(100, 1_400)
    with Session(engine) as session, session.begin():
        link = session.get_one(Link, MAIN)
        place = {"company_id": link.company_id, "site_id": link.site_id}
        session.add_all(Service(id=i, **place) for i in many)
        session.flush()
        session.add_all(
            Link(id=i, reference=f"M{i}", designation="", service_id=i, **place) for i in many
        )
    recorder = Recorder(engine)
    assert recorder.record(seen(i, DOWN, 1) for i in many) == len(many)
    with Session(engine) as session:
        for model in (Link, Service):
            states = session.execute(sa.select(model.state, model.since).where(model.id >= 100))
            assert {tuple(row) for row in states} == {(State.DOWN, at(1))}
    assert len(history(engine)) == 2 * len(many)
