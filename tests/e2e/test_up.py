"""``balise up``: one command, three processes, looked after."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from core import clock, health
from core.network.inventory import ProcessState

from .conftest import Portal, installed, until

THREE = {"web", "collector", "worker"}


@pytest.fixture
def machine(empty_installation: Path, tmp_path: Path) -> Iterator[Portal]:
    """An installation of its own for each test: the processes die here."""
    with installed(empty_installation, tmp_path) as portal:
        yield portal


def children(portal: Portal) -> dict[str, int | None]:
    with portal.host.engine.connect() as connection:
        rows = connection.execute(sa.select(ProcessState.name, ProcessState.pid)).all()
    return {name: pid for name, pid in rows if name in THREE}


def alive(pid: int | None) -> bool:
    return pid is not None and psutil.pid_exists(pid)


def test_a_process_that_dies_is_restarted_and_the_fact_is_shown(machine):
    with machine.running("up") as up:
        until(lambda: children(machine).keys() == THREE, 20, "three processes")
        until(machine.answers, 20, "the web process")
        before = children(machine)
        os.kill(before["worker"], signal.SIGKILL)
        until(
            lambda: children(machine)["worker"] not in (None, before["worker"]),
            20,
            "a new worker",
        )
        assert children(machine)["web"] == before["web"]
        with machine.host.engine.connect() as connection:
            worker = connection.execute(
                sa.select(ProcessState).where(ProcessState.name == "worker")
            ).one()
        assert worker.restarts >= 1
        shown = {f.subject: f for f in health.check_processes(machine.host.engine, clock.now())}
        assert shown["process:worker"].level == "warning"
        assert "relancé" in shown["process:worker"].text
        assert "SIGKILL" in worker.last_exit or "9" in worker.last_exit
        family = [up, *psutil.Process(up.pid).children(recursive=True)]
    assert up.returncode == 0
    until(lambda: not any(alive(p.pid) for p in family), 10, "the end of every process")


def test_when_balise_up_is_killed_its_processes_do_not_stay(machine):
    with machine.running("up") as up:
        until(machine.answers, 20, "the web process")
        family = psutil.Process(up.pid).children(recursive=True)
        assert len(family) >= 3
        up.kill()
        until(lambda: not any(alive(p.pid) for p in family), 20, "the end of every process")


def test_every_measure_that_was_recorded_survives_a_kill_of_the_collector(machine):
    with machine.running("collect") as collect:
        read = machine.host.metrics.freshness
        first = max(read().values())
        until(lambda: max(read().values()) > first, 30, "a reading")
        collect.kill()
        collect.wait(10)
        last = max(read().values())
    assert last > first
    assert machine.host.metrics.freshness()
