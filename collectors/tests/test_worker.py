"""The collector from end to end: real processes, real agents, a real database."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from collectors import worker as worker_module
from collectors.inventory import Inventory, Shard
from collectors.simulator import ber
from collectors.simulator.fleet import Fleet
from collectors.simulator.model import DeviceSpec, Interface
from collectors.tests.agents import COMMUNITY, USERS, Snmpd, answer, free_port, responder, until
from collectors.tests.fleet import add_link
from collectors.worker import Worker
from core import cli, config
from core.host import Host
from core.network.inventory import Link, ProcessState, Service
from core.network.status import Reason, State, Status

CONFIG = """\
storage: {data: data}
collector: {status_interval: 5, traffic_interval: 10, threads: 8, timeout: 0.3, processes: 1}
"""


@pytest.fixture
def site(host: Host, tmp_path: Path) -> Iterator[Host]:
    """An installation with a configuration file, for processes of its own."""
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    there = Host(config.load(path, {}))
    assert there.config.data == host.config.data
    there.metrics.mark_read({})  # makes the file
    yield there
    there.metrics.close()
    there.engine.dispose()


Start = Callable[[Host, list[str]], subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process of the collector; it is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def go(site: Host, arguments: list[str]) -> subprocess.Popen[str]:
        environ = {k: v for k, v in os.environ.items() if not k.startswith("BALISE_")}
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", *arguments, "--config", str(site.config.path)],
                stderr=subprocess.PIPE, text=True, env=environ,
            )
        )  # fmt: skip
        return started[-1]

    yield go
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.wait(20)
        if process.stderr:
            process.stderr.close()


def worker(start: Start, site: Host) -> subprocess.Popen[str]:
    return start(site, ["collectors.worker", "--shard", "0/1"])


def status(site: Host, link: int) -> Status:
    with Session(site.engine) as session:
        found = session.get_one(Link, link)
        return Status(found.state, found.reason)


def service(site: Host, link: int) -> Status:
    with Session(site.engine) as session:
        found = session.get_one(Service, session.get_one(Link, link).service_id)
        return Status(found.state, found.reason)


def samples(site: Host, link: int) -> int:
    with sqlite3.connect(site.config.measures_path) as connection:
        query = "select count(*) from traffic_raw where link_id = ?"
        (count,) = connection.execute(query, (link,)).fetchone()
        return int(count)


UP = Status(State.UP)
UNREACHABLE = Status(State.UNKNOWN, Reason.UNREACHABLE)


def test_states_and_samples_of_real_agents_reach_the_stores(
    site: Host, snmpd: Snmpd, start: Start
) -> None:
    """And a wrong community, a dead port, nonsense and an absent interface cost only themselves."""
    at, port = "127.0.0.1", snmpd.port
    good = [
        add_link(site, at, port, {"community": COMMUNITY}),
        add_link(site, at, port, {"community": COMMUNITY}, "1"),
        add_link(site, at, port, USERS["authpriv"], "3"),
    ]
    wrong = add_link(site, at, port, {"community": "faux"})
    intruder = add_link(site, at, port, {"user": "personne"}, "3")
    dead = add_link(site, at, free_port(), {"community": COMMUNITY})
    absent = add_link(site, at, port, {"community": COMMUNITY}, if_name="Gi9/9")
    nonsense = ber.tlv(ber.OCTETS, b"\xff" * 200)
    with responder(lambda r: [b"\x30\x03", answer(r, value=nonsense)]) as liar:
        lying = add_link(site, at, liar, {"community": "x"})
        process = worker(start, site)
        until(lambda: all(samples(site, link) for link in good), 40)
        until(lambda: status(site, lying).reason is not Reason.NEVER)
    assert [status(site, link) for link in good] == [UP] * 3
    assert [service(site, link) for link in good] == [UP] * 3
    assert status(site, wrong) == status(site, intruder) == status(site, dead) == UNREACHABLE
    assert status(site, absent) == Status(State.UNKNOWN, Reason.NO_INTERFACE)
    assert status(site, lying) == Status(State.UNKNOWN, Reason.BAD_ANSWER)
    assert site.metrics.freshness().keys() == set(good)
    process.terminate()
    assert process.wait(15) == 0
    assert process.stderr is not None
    log = process.stderr.read()
    assert "Traceback" not in log
    assert not [secret for secret in (COMMUNITY, "motdepasse1", "faux") if secret in log]
    assert log.count("device fails") == 4


ROUTER = DeviceSpec(
    "r1", "127.66.0.1", 16_175, "demo",
    (Interface("L1", 1, "Gi0/0", "GigabitEthernet0/0", 50_000_000, seed=3),),
)  # fmt: skip


def test_an_outage_is_seen_within_one_interval_and_so_is_its_end(site: Host, start: Start) -> None:
    link = add_link(site, ROUTER.host, ROUTER.port, {"community": "demo"}, if_name="Gi0/0")
    with Fleet([ROUTER]) as fleet:
        worker(start, site)
        until(lambda: status(site, link) == UP)
        fleet.control.down(["L1"])
        down = Status(State.DOWN, Reason.INTERFACE_DOWN)
        until(lambda: service(site, link) == down, 1.25 * 5 + 2)
        fleet.control.restore(["L1"])
        until(lambda: service(site, link) == UP, 1.25 * 5 + 2)


def test_a_killed_worker_leaves_freshness_to_age_and_a_new_one_takes_up(
    site: Host, snmpd: Snmpd, start: Start
) -> None:
    link = add_link(site, "127.0.0.1", snmpd.port, {"community": COMMUNITY})
    process = worker(start, site)
    until(lambda: link in site.metrics.freshness())
    process.kill()
    process.wait(5)
    last = site.metrics.freshness()[link]
    worker(start, site)
    until(lambda: site.metrics.freshness()[link] > last, 40)
    assert status(site, link) == UP


def test_balise_collect_supervises_its_workers_and_starts_them_again(
    site: Host, snmpd: Snmpd, start: Start
) -> None:
    add_link(site, "127.0.0.1", snmpd.port, {"community": COMMUNITY})
    environ = [sys.executable, "-m", "core.cli", "--config", str(site.config.path), "collect"]
    process = subprocess.Popen(environ, stderr=subprocess.DEVNULL)
    try:

        def row(restarts: int) -> ProcessState | None:
            with Session(site.engine) as session:
                found = session.get(ProcessState, "collector 1/1")
                return found if found and found.pid and found.restarts == restarts else None

        until(lambda: row(0))
        first = row(0)
        assert first is not None
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: row(1))
        second = row(1)
        assert second is not None
        assert second.last_exit == "SIGKILL"
    finally:
        process.terminate()
        assert process.wait(15) == 0
    assert second.pid is not None
    assert not psutil.pid_exists(second.pid)


def collect(site: Host, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        cli.main, ["--config", str(site.config.path), "collect", *options], catch_exceptions=False
    )
    return done.exit_code, done.output


def test_one_cycle_is_made_and_counted(site: Host, snmpd: Snmpd) -> None:
    add_link(site, "127.0.0.1", snmpd.port, {"community": COMMUNITY})
    add_link(site, "127.0.0.1", snmpd.port, {"community": "faux"})
    status_, output = collect(site, "--once", "--json")
    counts = json.loads(output.splitlines()[-1])
    assert status_ == 0
    assert {k: counts[k] for k in ("devices", "links", "read", "outcomes", "changes")} == {
        "devices": 2, "links": 2, "read": 1, "outcomes": {"ok": 1, "timeout": 1}, "changes": 1,
    }  # fmt: skip
    assert "1 lues" in collect(site, "--once")[1]


def test_json_without_once_is_wrong_use(site: Host) -> None:
    assert collect(site, "--json")[0] == 2


def test_a_database_without_its_tables_is_told_in_one_line(site: Host, start: Start) -> None:
    with site.engine.begin() as connection:
        connection.exec_driver_sql("pragma foreign_keys = off")
        connection.exec_driver_sql("drop table link")
    status_, output = collect(site, "--once")
    assert status_ == 1
    assert "La base ne se lit pas" in output
    process = worker(start, site)
    assert process.wait(15) == 1
    assert process.stderr is not None
    assert "La base ne se lit pas" in process.stderr.read()


@pytest.mark.parametrize("shard", ["2/2", "0/0", "-1/2", "x", "1"])
def test_a_shard_that_is_none_is_refused(site: Host, start: Start, shard: str) -> None:
    process = start(site, ["collectors.worker", f"--shard={shard}"])
    assert process.wait(15) != 0


def test_shards_share_the_fleet_without_overlap(site: Host) -> None:
    for _ in range(5):
        add_link(site, "127.0.0.1", 161, {"community": "x"})
    parts = [
        Inventory(site.engine, site.vault.open, site.config.collector, Shard(n, 3)).plans().keys()
        for n in range(3)
    ]
    assert sorted(key for part in parts for key in part) == [1, 2, 3, 4, 5]


def test_credentials_that_do_not_open_are_the_problem_of_their_device(site: Host) -> None:
    add_link(site, "127.0.0.1", 161, {"community": "x"})
    add_link(site, "127.0.0.1", 161, {"community": 3})
    with site.engine.begin() as connection:
        connection.exec_driver_sql("update device set credentials = 'altered' where id = 1")
    plans = Inventory(site.engine, site.vault.open, site.config.collector, Shard()).plans()
    assert plans[1].problem == "the credentials were sealed with another secret key"
    assert plans[2].problem == "the credentials are not an object of texts"


def test_a_changed_inventory_is_taken_up_while_running(
    site: Host, snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_EVERY", 0.2)
    stop = threading.Event()
    one = Worker(site, Shard())
    thread = threading.Thread(target=one.run, args=(stop.is_set,))
    thread.start()
    try:
        link = add_link(site, "127.0.0.1", snmpd.port, {"community": COMMUNITY})
        until(lambda: status(site, link) == UP)
    finally:
        stop.set()
        thread.join(20)


def test_a_writer_that_ends_by_a_fault_of_ours_ends_the_process(
    site: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started again by its supervisor; polling on without writing would look alive."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    one = Worker(site, Shard())
    monkeypatch.setattr(one.writer, "write", lambda: 1 // 0)
    with pytest.raises(RuntimeError, match="writer"):
        one.run(lambda: False)
    assert one.poller.stop(5)


def test_a_device_that_two_workers_died_asking_is_left_in_peace(site: Host, snmpd: Snmpd) -> None:
    for _ in range(2):
        add_link(site, "127.0.0.1", snmpd.port, {"community": COMMUNITY})
    for _ in range(2):
        Worker(site, Shard())._flights.note(0, 2)
    one = Worker(site, Shard())
    one._set_apart()
    one.look()
    assert one._plans.keys() == {1}
