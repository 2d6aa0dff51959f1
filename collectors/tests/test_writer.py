"""From visits to what is kept: samples, gaps, states, freshness; and stores that refuse."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors import writer
from collectors.tests.fleet import add_link
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
    with sqlite3.connect(host.config.measures_path) as connection:
        return [Sample(*row) for row in connection.execute("select * from traffic_raw order by at")]


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
