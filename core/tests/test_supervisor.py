"""Children that die come back; a supervisor that stops or dies leaves none behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, supervisor
from core.host import Host
from core.network.inventory import ProcessState
from core.supervisor import Child, database_report, forget_former

SLEEPER = "import signal; signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True);"
    "signal.pause(); signal.pause()"
)


def until(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Wait for a condition, at most so long, and return what it gave."""
    deadline = time.monotonic() + seconds
    gate = threading.Event()
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition never came"
        gate.wait(0.02)
    return found


class Run:
    """A supervisor in a process of its own, that writes what it reports, one JSON a line."""

    def __init__(self, folder: Path, children: dict[str, str], grace: float = 10) -> None:
        self.log = folder / "reports"
        self.log.touch()
        program = f"""
import json, sys
from core import logs, supervisor
from core.supervisor import Child, Supervisor
logs.setup()
supervisor.GRACE = {grace}
def report(name, pid, started, restarts, last_exit):
    with open({str(self.log)!r}, "a") as file:
        print(json.dumps([name, pid, restarts, last_exit]), file=file)
Supervisor(
    [Child(name, [sys.executable, "-c", code], {{"PLACE": name}})
     for name, code in {children!r}.items()],
    report,
).run()
print("over", flush=True)
"""
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def reports(self, name: str = "a") -> list[tuple[int | None, int, str | None]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [(pid, restarts, said) for child, pid, restarts, said in lines if child == name]

    def pid(self, name: str = "a", restarts: int = 0) -> int:
        def found() -> int | None:
            return next((p for p, n, _ in self.reports(name) if p and n == restarts), None)

        pid: int = until(found)
        return pid

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def go(children: dict[str, str] | None = None, **options: Any) -> Run:
        runs.append(Run(tmp_path, children or {"a": SLEEPER}, **options))
        return runs[-1]

    yield go
    for run in runs:
        run.end()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_child_that_is_killed_is_started_again_and_the_fact_is_told(start: Start) -> None:
    run = start({"a": SLEEPER, "b": SLEEPER})
    first, other = run.pid("a"), run.pid("b")
    os.kill(first, signal.SIGKILL)
    second = run.pid("a", restarts=1)
    assert second != first
    assert (None, 0, "SIGKILL") in run.reports("a")
    assert not gone(other)
    assert {n for _, n, _ in run.reports("b")} == {0}


def test_a_child_that_dies_at_once_is_started_ever_more_slowly(start: Start) -> None:
    run = start({"a": "raise SystemExit(3)"})
    begin = time.monotonic()
    run.pid("a", restarts=2)  # after 1 s, then 2 s
    assert time.monotonic() - begin >= 2.9
    assert (None, 0, "exit 3") in run.reports("a")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_children_then_the_supervisor(start: Start, number: int) -> None:
    run = start({"a": SLEEPER, "b": SLEEPER})
    pids = [run.pid("a"), run.pid("b")]
    run.process.send_signal(number)
    assert run.process.wait(10) == 0
    assert all(gone(pid) for pid in pids)
    assert run.process.stdout is not None
    assert run.process.stdout.read() == "over\n"
    assert run.reports("a")[-1] == (None, 0, "SIGTERM")


def test_a_child_deaf_to_sigterm_is_killed_after_the_grace(start: Start) -> None:
    run = start({"a": STUBBORN}, grace=0.5)
    pid = run.pid("a")
    assert run.process.stdout is not None
    assert run.process.stdout.readline() == "deaf\n"
    run.process.terminate()
    assert run.process.wait(10) == 0
    assert gone(pid)
    assert run.reports("a")[-1] == (None, 0, "SIGKILL")


def test_children_do_not_outlive_a_supervisor_that_is_killed(start: Start) -> None:
    run = start({"a": SLEEPER, "b": SLEEPER})
    pids = [run.pid("a"), run.pid("b")]
    run.process.kill()
    run.process.wait(5)
    until(lambda: all(gone(pid) for pid in pids))


def test_ctrl_c_in_a_terminal_reaches_the_supervisor_alone(start: Start) -> None:
    """Children have a session of their own, or they would die before they can be stopped well."""
    run = start()
    assert os.getsid(run.pid()) != os.getsid(run.process.pid)


def test_a_command_that_cannot_start_is_told_and_stops_no_other(tmp_path: Path) -> None:
    told: list[tuple[str, int | None, str | None]] = []
    one = supervisor.Supervisor(
        [
            supervisor.Child("absent", [str(tmp_path / "absent")]),
            supervisor.Child("there", [sys.executable, "-c", SLEEPER]),
        ],
        lambda name, pid, started, restarts, last_exit: told.append((name, pid, last_exit)),
    )
    begin = time.monotonic()

    def soon() -> None:
        until(lambda: any(name == "there" and pid for name, pid, _ in told))
        one.stop()

    thread = threading.Thread(target=soon)
    thread.start()
    one.run()
    thread.join()
    assert time.monotonic() - begin < 20
    assert ("absent", None, "cannot start: No such file or directory") in told


def test_a_report_that_fails_stops_nobody() -> None:
    calls: list[int | None] = []

    def report(name: str, pid: int | None, *_: object, **__: object) -> None:
        calls.append(pid)
        one.stop()
        raise OSError("disk full")

    one = supervisor.Supervisor([supervisor.Child("a", [sys.executable, "-c", SLEEPER])], report)
    one.run()
    assert len(calls) >= 2, "when it started and when it stopped"


def test_the_database_keeps_one_row_a_child(host: Host) -> None:
    report = database_report(host.engine)
    began = clock.now()
    report("web", 41, began, 0, None)
    report("web", None, began, 0, "SIGKILL")
    report("web", 42, began, 1, "SIGKILL")
    with Session(host.engine) as session:
        (row,) = session.query(ProcessState).all()
    assert (row.name, row.pid, row.restarts, row.last_exit) == ("web", 42, 1, "SIGKILL")
    assert row.seen >= began


def test_children_of_a_former_run_are_forgotten_and_those_of_others_are_not(host: Host) -> None:
    """The number of collectors changed: the page « Santé » must not show the old ones for ever."""
    report = database_report(host.engine)
    for name in ("collector 1/2", "collector 2/2", "collector", "web", "agent 1/2"):
        report(name, 41, clock.now(), 0, None)
    forget_former(host.engine, [Child("collector 2/2", []), Child("collector 1/1", [])])
    with Session(host.engine) as session:
        names = {row.name for row in session.query(ProcessState)}
    assert names == {"collector 2/2", "collector", "web", "agent 1/2"}


def test_a_database_without_tables_stops_no_supervisor() -> None:
    forget_former(sa.create_engine("sqlite://"), [Child("collector 1/1", [])])


def test_many_children_that_die_at_once_never_block_their_supervisor(start: Start) -> None:
    """SIGCHLD comes while the supervisor waits, wakes and starts: it goes on and still stops."""
    run = start({f"c{n}": "pass" for n in range(8)})
    for n in range(8):
        run.pid(f"c{n}", restarts=2)
    run.process.terminate()
    assert run.process.wait(10) == 0


EVERYWHERE = """
import signal, sys
from core.supervisor import Child, Supervisor
seen = set()
def trace(frame, event, arg):
    place = (frame.f_code.co_filename, frame.f_lineno)
    if place not in seen and not place[0].endswith(("signal.py", "enum.py")):
        seen.add(place)
        signal.raise_signal(signal.SIGCHLD)
    return trace
rounds = []
def report(*told):
    rounds.append(told)
    if len(rounds) > 4:
        one.stop()
one = Supervisor([Child("a", [sys.executable, "-c", "pass"])], report)
signal.signal(signal.SIGCHLD, lambda *_: None)
sys.settrace(trace)
one.run()
sys.settrace(None)
print("over")
"""


def test_a_signal_at_any_line_of_the_supervisor_blocks_nothing() -> None:
    """One comes at each line that runs, those of the wait too: none may wait for a lock there."""
    done = subprocess.run(
        [sys.executable, "-c", EVERYWHERE], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.endswith("over\n"), done.stderr[-500:]
