"""A collector killed at any statement, or whose disk is full: what is kept is true, and goes on."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

from collectors.simulator.fleet import Fleet
from collectors.simulator.model import DeviceSpec, Interface
from collectors.tests.agents import free_port, until
from collectors.tests.fleet import add_link
from core import config
from core.host import Host

KILLED = """
import os, shutil, signal, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors.visits import Traffic, Visit
from collectors.writer import Writer
from core import config
from core.host import Host
from core.network.inventory import Link, Service, StateChange
from core.network.metrics import Counters
from core.network.status import UP, Reason, State, Status

T0, EVERY = 1_750_000_020, 60
TIMES = (0, 60, 120, 144, 204, 264)  # killed by the third, begun again 24 s after it
DOWN = Status(State.DOWN, Reason.INTERFACE_DOWN)
GREY = Status(State.UNKNOWN, Reason.BAD_ANSWER)
SEEN = (UP, DOWN, GREY, UP, DOWN, GREY)  # none is the one before and the one after another
base, link = Path(sys.argv[1]), int(sys.argv[2])


def opened(folder):
    return Host(config.load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))


def visit(number):
    passed = TIMES[number]
    at = float(T0 + passed)
    counters = Counters(at, 10**6 + 100 * passed, 64, 100 * passed, 10 * passed)
    return Visit(
        1, statuses=[(link, SEEN[number], at)], read={link: at}, found={link: 3},
        traffic=[Traffic(link, counters, 20_000_000, 0, 0)], at=at,
    )


def poll(host, first, last):
    writer = Writer(host.metrics, host.engine, EVERY)
    writer.follow([link])
    for number in range(first, last):
        writer.put(visit(number))
        assert writer.write() is None


def check(host):
    with sqlite3.connect(host.config.measures_path) as connection:
        columns = "at, ms, in_octets, out_octets"
        rows = connection.execute(f"select {columns} from traffic_raw order by at").fetchall()
    connection.close()
    end = 0
    for at, ms, come_in, go_out in rows:
        assert (10 * come_in, 100 * go_out) == (ms, ms), rows
        assert at - ms // 1_000 >= end, rows
        end = at
    fresh = host.metrics.freshness().get(link)
    with Session(host.engine) as session:
        found = session.get_one(Link, link)
        service = session.get_one(Service, found.service_id)
        state = Status(found.state, found.reason)
        assert Status(service.state, service.reason) == state
        lines = session.scalars(
            sa.select(StateChange).where(StateChange.link_id == link).order_by(StateChange.id)
        ).all()
        assert all(a.state != b.state for a, b in zip(lines, lines[1:]))
        if lines:
            assert (lines[-1].state, lines[-1].at) == (found.state, found.since)
    if fresh is not None:
        # What looks fresh is the state that was read then, or a later one.
        number = TIMES.index(fresh - T0)
        assert state in SEEN[number : number + 2], (number, state)
    assert host.metrics.verify() == []
    return rows


killed = died = -signal.SIGKILL
number = 0
while died == killed:
    number += 1
    folder = base.parent / "killed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    pid = os.fork()
    if pid == 0:
        host, left = opened(folder), number

        def step(*_):
            global left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        host.metrics._connection().set_trace_callback(step)
        sa.event.listen(host.engine, "before_cursor_execute", step)
        sa.event.listen(host.engine, "commit", step)
        poll(host, 0, 3)
        os._exit(0)
    died = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    host = opened(folder)
    before = check(host)
    poll(host, 3, 6)
    after = check(host)
    assert set(before) <= set(after), "what was acknowledged is there"
    assert len(after) >= 2, (number, after)
    assert len(after) == 5 or died == killed, after
    host.metrics.roll_up(datetime.fromtimestamp(T0 + 3_600, UTC))
    host.metrics.close()
    host.engine.dispose()
assert died == 0
print(number)
"""


def test_a_collector_killed_at_any_statement_leaves_nothing_false_and_the_next_goes_on(
    host: Host,
) -> None:
    """No octet twice, no half a change of state, no old state that looks fresh, no line of history
    twice; what is lost is a gap.
    """
    link = add_link(host, "127.0.0.1", 161, {"community": "x"})
    host.metrics.close()
    host.engine.dispose()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(host.config.data), str(link)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    assert int(done.stdout.splitlines()[-1]) > 40, "it was killed at too few places"


CONFIG = """\
storage: {data: data}
collector: {status_interval: 5, traffic_interval: 10, threads: 2, timeout: 0.5, processes: 1}
"""
ROUTER = DeviceSpec(
    "r1", "127.66.1.1", free_port(), "demo",
    (Interface("L1", 1, "Gi0/0", "GigabitEthernet0/0", 50_000_000, seed=3),),
)  # fmt: skip


def stretches(measures: Path) -> list[tuple[int, float]]:
    """Return the end and the length of each sample, in seconds."""
    with sqlite3.connect(measures) as connection:
        found = connection.execute("select at, ms / 1000.0 from traffic_raw order by at").fetchall()
    connection.close()
    return found


def test_a_collector_waits_while_the_disk_is_full_and_loses_nothing_when_it_is_not(
    host: Host, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    site = Host(config.load(path, {}))
    site.metrics.mark_read({})  # makes the file
    measures = site.config.measures_path
    add_link(site, ROUTER.host, ROUTER.port, {"community": "demo"}, if_name="Gi0/0")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("BALISE_")}
    command = [sys.executable, "-m", "collectors.worker", "--config", str(path)]
    said: list[str] = []
    with (
        Fleet([ROUTER]),
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ) as process,
    ):
        assert process.stderr is not None
        listening = threading.Thread(target=said.extend, args=(process.stderr,))
        listening.start()
        try:
            until(lambda: stretches(measures), 40)
            before = stretches(measures)
            limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
            until(lambda: any("a store refuses" in line for line in said), 40)
            assert stretches(measures) == before
            assert process.poll() is None
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
            until(lambda: any("stores take measures again" in line for line in said), 60)
            until(lambda: len(stretches(measures)) > len(before), 40)
        finally:
            process.terminate()
            assert process.wait(20) == 0
            listening.join()
    found = stretches(measures)
    assert all(abs(b - length - a) <= 1 for (a, _), (b, length) in pairwise(found)), found
    assert site.metrics.verify() == []
    site.metrics.close()
    site.engine.dispose()
