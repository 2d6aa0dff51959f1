"""From visits to what is kept: samples, gaps, states, freshness; and stores that refuse."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors import writer
from collectors.tests.fleet import add_link
from collectors.tests.scenes import log_lines
from collectors.visits import Traffic, Visit
from collectors.writer import Writer
from core.host import Host
from core.network.inventory import Link
from core.network.metrics import Counters, Sample
from core.network.status import UP, Reason, State, Status

T0 = 1_750_000_000.0
DOWN = Status(State.DOWN, Reason.INTERFACE_DOWN)


@pytest.fixture
def link(host: Host) -> Iterator[int]:
    yield add_link(host, "127.0.0.1", 161, {"community": "x"})
    host.metrics.close()


def make(host: Host) -> Writer:
    return Writer(host.metrics, host.engine, 60)


def read(link: int, seconds: float, octets: int, *, bits: int = 64, discontinuity: int = 0,
         run: int = 0, status: Status = UP, uptime: int | None = None) -> Visit:  # fmt: skip
    """A visit ``seconds`` after T0 that read the link."""
    at = T0 + seconds
    ticks = 1_000_000 + round(seconds * 100) if uptime is None else uptime
    counters = Counters(at, ticks, bits, octets, octets)
    return Visit(
        1, statuses=[(link, status, at)], read={link: at},
        traffic=[Traffic(link, counters, 20_000_000, discontinuity, run)],
    )  # fmt: skip


def put(to: Writer, *visits: Visit) -> str | None:
    for visit in visits:
        to.put(visit)
    return to.write()


def samples(host: Host) -> list[Sample]:
    """What is kept: (link, at, thousandths of a second, octets in, octets out, faults)."""
    with sqlite3.connect(host.config.measures_path) as connection:
        rows = connection.execute("select * from traffic_raw order by at")
        return [Sample(link, at, ms / 1_000, *rest) for link, at, ms, *rest in rows]


def state(host: Host, link: int) -> tuple[str, str]:
    with Session(host.engine) as session:
        found = session.get_one(Link, link)
        return found.state.value, found.reason.value


def test_two_readings_make_one_sample(host: Host, link: int) -> None:
    put(make(host), read(link, 0, 1_000), read(link, 60, 61_000))
    assert samples(host) == [Sample(link, int(T0) + 60, 60, 60_000, 60_000)]
    assert state(host, link) == ("up", "")
    assert host.metrics.freshness() == {link: int(T0) + 60}


def test_a_restart_of_the_collector_loses_no_octet(host: Host, link: int) -> None:
    put(make(host), read(link, 0, 1_000))
    again = make(host)
    again.follow([link])
    put(again, read(link, 60, 61_000))
    assert [sample.in_octets for sample in samples(host)] == [60_000]


def test_the_same_visit_twice_counts_once(host: Host, link: int) -> None:
    one = make(host)
    put(one, read(link, 0, 1_000), read(link, 60, 61_000), read(link, 60, 61_000))
    put(one, read(link, 30, 31_000), read(link, 120, 121_000))
    assert [sample.in_octets for sample in samples(host)] == [60_000, 60_000]


@pytest.mark.parametrize(
    "second",
    [
        {"discontinuity": 99},
        {"run": 1},
        {"bits": 32},
        {"uptime": 50},
    ],
    ids=["discontinuity", "clock was set", "width", "reboot"],
)
def test_what_breaks_a_series_is_a_gap_and_the_next_delta_starts_after_it(
    host: Host, link: int, second: dict[str, Any]
) -> None:
    third = {**second, **({"uptime": 6_050} if "uptime" in second else {})}
    put(
        make(host),
        read(link, 0, 1_000),
        read(link, 60, 61_000, **second),
        read(link, 120, 61_500, **third),
    )
    assert [(s.at - int(T0), s.in_octets) for s in samples(host)] == [(120, 500)]


@pytest.mark.parametrize(("device", "interface"), [(2, "4"), (1, "5")])
def test_a_link_that_changes_its_device_or_interface_starts_afresh(
    host: Host, link: int, device: int, interface: str
) -> None:
    """The counters of one interface and those of another make no delta."""
    one = make(host)
    for seconds, octets, moved in ((0, 0, False), (60, 9_000, True), (120, 9_600, True)):
        visit = read(link, seconds, octets)
        visit.device_id = device if moved else 1
        visit.traffic = [replace(visit.traffic[0], interface=interface if moved else "4")]
        put(one, visit)
    assert [(s.at - int(T0), s.in_octets) for s in samples(host)] == [(120, 600)]


def test_counters_kept_of_another_agent_make_no_delta(host: Host, link: int) -> None:
    """The link moved to another router while no collector ran: sysUpTime tells."""
    put(make(host), read(link, 0, 1_000))
    again = make(host)
    again.follow([link])
    put(again, read(link, 60, 61_000, uptime=90_000_000))
    put(again, read(link, 120, 61_600, uptime=90_006_000))
    assert [(s.at - int(T0), s.in_octets) for s in samples(host)] == [(120, 600)]


def test_a_failed_poll_is_a_gap(host: Host, link: int) -> None:
    silent = Visit(1, statuses=[(link, Status(State.UNKNOWN, Reason.UNREACHABLE), T0 + 60)])
    put(make(host), read(link, 0, 0), silent, read(link, 120, 9_000), read(link, 180, 9_600))
    assert [(s.at - int(T0), s.in_octets) for s in samples(host)] == [(180, 600)]
    assert host.metrics.freshness() == {link: int(T0) + 180}


def test_a_rate_above_the_speed_is_kept_out_of_the_totals(host: Host, link: int) -> None:
    put(make(host), read(link, 0, 0), read(link, 60, 10**9), read(link, 120, 10**9 + 60))
    assert [s.in_octets for s in samples(host)] == [60]


def test_while_measures_are_locked_nothing_is_lost_and_states_go_on(host: Host, link: int) -> None:
    one = make(host)
    put(one, read(link, 0, 0))
    with _locked(host):
        assert "locked" in str(put(one, read(link, 60, 600, status=DOWN)))
        assert state(host, link) == ("down", "interface_down")
        put(one, read(link, 120, 900, status=DOWN))
    assert one.write() is None
    assert [s.in_octets for s in samples(host)] == [600, 300]


def test_an_old_state_never_looks_fresh(host: Host, link: int) -> None:
    """The business database refuses: the link's « up » of before must go grey, not stay green."""
    one = make(host)
    put(one, read(link, 0, 0))
    with host.engine.begin() as connection:
        connection.exec_driver_sql("alter table state_change rename to away")
    assert put(one, read(link, 60, 600, status=DOWN)) is not None
    assert host.metrics.freshness() == {link: int(T0)}
    with host.engine.begin() as connection:
        connection.exec_driver_sql("alter table away rename to state_change")
    assert one.write() is None
    assert host.metrics.freshness() == {link: int(T0) + 60}
    assert state(host, link) == ("down", "interface_down")


def test_what_waits_in_memory_is_bounded(
    host: Host, link: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_SAMPLES", 3)
    one = make(host)
    put(one, read(link, 0, 0))
    with _locked(host):
        put(one, *(read(link, 60 * n, 60 * n) for n in range(1, 11)))
    assert one.write() is None
    assert [s.at - int(T0) for s in samples(host)] == [480, 540, 600], "the newest"


def test_an_interface_that_was_found_is_noted_for_the_next_start(host: Host, link: int) -> None:
    put(make(host), Visit(1, found={link: 42}))
    with Session(host.engine) as session:
        assert session.get_one(Link, link).if_index == 42


def test_a_link_removed_meanwhile_stops_nothing(host: Host, link: int) -> None:
    one = make(host)
    put(one, read(link, 0, 0))
    with host.engine.begin() as connection:
        for table in ("state_change", "link"):
            connection.execute(sa.text(f"delete from {table}"))
    one.follow([])
    assert put(one, read(link, 60, 60, status=DOWN)) is None


def test_a_counter_that_jumps_without_a_known_speed_costs_no_other_link(
    host: Host, link: int
) -> None:
    """ifSpeed 0 and a Counter64 that jumps to its top: a gap, and the other links go on."""
    other = add_link(host, "127.0.0.1", 162, {"community": "x"})
    one = make(host)
    for seconds, octets in ((0, 0), (60, 2**64 - 1)):
        visit = read(other, seconds, octets)
        visit.traffic = [replace(visit.traffic[0], speed_bps=None)]
        assert put(one, visit, read(link, seconds, 10 * seconds)) is None
    assert [(s.link_id, s.in_octets) for s in samples(host)] == [(link, 600)]
    host.metrics.roll_up(datetime.fromtimestamp(T0 + 3_600, UTC))
    assert host.metrics.rolled_to().timestamp() > T0 + 3_000


def test_a_visit_that_cannot_be_taken_costs_no_other(host: Host, link: int) -> None:
    one = make(host)
    bad = Visit(9, statuses=[(link, UP, float("inf"))])
    with log_lines() as lines:
        assert put(one, bad, read(link, 0, 0)) is None
    assert [(line["event"], line["device"]) for line in lines] == [("visit not taken", 9)]
    assert state(host, link) == ("up", "")


def test_what_a_store_cannot_hold_is_let_go_of_and_the_rest_is_written(
    host: Host, link: int
) -> None:
    """An ifIndex, a link id, a time that no database holds: each costs itself alone."""
    one = make(host)
    with log_lines() as lines:
        assert put(one, Visit(1, found={link: 2**64}), read(link, 0, 0)) is None
        odd = Visit(9, read={2**70: T0}, found={link: 42})
        assert put(one, odd, read(link, 60, 600, status=DOWN)) is None
    assert [line["event"] for line in lines] == ["not written, let go of"] * 2
    assert host.metrics.freshness() == {link: int(T0) + 60}
    assert state(host, link) == ("down", "interface_down")
    with Session(host.engine) as session:
        assert session.get_one(Link, link).if_index == 42


def test_a_status_that_could_not_be_written_does_not_look_fresh(host: Host, link: int) -> None:
    one = make(host)
    put(one, read(link, 0, 0))
    # What no database row can be, which is why the types refuse it too.
    odd = read(link, 60, 600, status=Status("purple", "x"))  # type: ignore[arg-type]
    assert put(one, odd) is None
    assert state(host, link) == ("up", "")
    assert host.metrics.freshness() == {link: int(T0)}


@pytest.mark.parametrize("step", ["_recheck_services", "_write_indexes", "_write_measures"])
def test_a_step_that_is_refused_holds_up_no_mark_of_freshness(
    host: Host, link: int, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make(host)

    def refuse() -> None:
        raise sqlite3.OperationalError("refused")

    monkeypatch.setattr(one, step, refuse)
    assert "refused" in str(put(one, Visit(1, found={link: 3}), read(link, 0, 0)))
    assert host.metrics.freshness() == {link: int(T0)}
    assert state(host, link) == ("up", "")


def test_a_service_that_cannot_be_settled_stops_nothing(
    host: Host, link: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make(host)
    monkeypatch.setattr(one._recorder, "recheck", lambda at: 1 // 0)
    one.follow([link])
    assert put(one, read(link, 0, 0)) is None
    assert host.metrics.freshness() == {link: int(T0)}


def _locked(host: Host) -> _Lock:
    host.metrics.counters([])
    host.metrics._connection().execute("pragma busy_timeout = 50")
    return _Lock(host)


class _Lock:
    """Holds the measures' write lock, as another process in trouble would."""

    def __init__(self, host: Host) -> None:
        self._connection = sqlite3.connect(host.config.measures_path, isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("rollback")
        self._connection.close()
