"""Two collectors never work on one folder of data."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from collectors import worker
from collectors.alone import NotAloneError, alone
from collectors.tests.agents import until
from core import cli, config
from core.host import Host


@pytest.fixture
def site(host: Host, tmp_path: Path) -> Iterator[Host]:
    path = tmp_path / "config.yaml"
    path.write_text("storage: {data: data}\ncollector: {processes: 1}\n")
    there = Host(config.load(path, {}))
    there.metrics.mark_read({})
    yield there
    there.metrics.close()
    there.engine.dispose()


def lock(site: Host) -> Path:
    return site.config.data / "collector" / "lock"


def test_the_second_is_told_the_pid_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "collector" / "lock"
    with alone(path):
        with pytest.raises(NotAloneError, match=rf"pid {os.getpid()}\b"), alone(path):
            pass
        assert path.read_text() == f"{os.getpid()}\n"
    with alone(path):
        pass


def test_a_lock_ends_with_its_process_however_it_dies(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from collectors.alone import alone\n"
        "with alone(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(NotAloneError, match=str(process.pid)), alone(tmp_path / "lock"):
            pass
        process.kill()
        process.wait(10)
        with alone(tmp_path / "lock"):
            pass


def test_one_that_is_ending_is_waited_for(tmp_path: Path) -> None:
    held, end = threading.Event(), threading.Event()

    def first() -> None:
        with alone(tmp_path / "lock"):
            held.set()
            end.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert held.wait(10)
    threading.Timer(0.2, end.set).start()
    with alone(tmp_path / "lock", patience=10):
        pass
    thread.join()


@pytest.mark.parametrize("options", [[], ["--once"], ["--once", "--json"]])
def test_beside_a_running_collector_another_refuses_to_start(
    site: Host, options: list[str]
) -> None:
    with alone(lock(site)):
        done = CliRunner().invoke(
            cli.main, ["--config", str(site.config.path), "collect", *options]
        )
    assert done.exit_code == 1
    assert f"Un collecteur (pid {os.getpid()}) relève déjà" in done.output
    assert not list(lock(site).parent.glob("flights*")), "nothing of the first was touched"


def test_balise_collect_holds_its_folder_while_it_runs(site: Host) -> None:
    command = [sys.executable, "-m", "core.cli", "--config", str(site.config.path), "collect"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: lock(site).exists() and lock(site).read_text() == f"{process.pid}\n")
            second = subprocess.run(command, capture_output=True, text=True, check=False)
            assert second.returncode == 1
            assert f"pid {process.pid}" in second.stderr
            assert process.poll() is None
        finally:
            process.terminate()


def test_another_installation_on_the_same_measures_refuses_to_start(
    site: Host, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    measures = site.config.measures_path
    other.write_text(f"storage: {{data: other, measures: {measures}}}\n")
    with alone(lock(site)):
        environ = {"BALISE_DATABASE_URL": f"sqlite:///{site.config.data}/balise.db",
                   "BALISE_SECRET_KEY": "k" * 40}  # fmt: skip
        command = ["--config", str(other), "collect", "--once"]
        done = CliRunner().invoke(cli.main, command, env=environ)
    assert done.exit_code == 1
    assert f"Un collecteur (pid {os.getpid()}) relève déjà" in done.output


def test_a_part_of_the_fleet_has_one_worker(site: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PREDECESSOR", 0.0)
    with alone(lock(site).with_name("lock-0-1")):
        done = CliRunner().invoke(worker.main, ["--config", str(site.config.path)])
    assert done.exit_code == 1
    assert f"pid {os.getpid()}" in done.output
