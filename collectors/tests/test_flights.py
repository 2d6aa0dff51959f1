"""Devices being asked when a process died are its suspects; the one seen twice is the culprit."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from collectors.flights import Flights
from collectors.inventory import Shard
from collectors.worker import PAUSE, QUARANTINE, Worker
from core.host import Host


def test_a_process_that_ended_well_leaves_no_suspect(tmp_path: Path) -> None:
    flights = Flights(tmp_path / "f", 4)
    flights.note(0, 7)
    flights.land()
    assert Flights(tmp_path / "f", 4).suspects == {}


def test_what_was_in_flight_at_a_death_is_suspect(tmp_path: Path) -> None:
    flights = Flights(tmp_path / "f", 4)
    flights.note(0, 7)
    flights.note(3, 9)
    flights.note(0, 0)
    flights.note(1, 8)
    assert Flights(tmp_path / "f", 4).fresh == [8, 9]


def test_the_one_that_is_there_at_two_deaths_is_told_from_the_others(tmp_path: Path) -> None:
    for others in (1, 2), (3, 4):
        flights = Flights(tmp_path / "f", 4)
        for lane, key in enumerate((*others, 666)):
            flights.note(lane, key)
    assert Flights(tmp_path / "f", 4).suspects == {1: 1, 2: 1, 3: 1, 4: 1, 666: 2}


def test_a_death_while_nothing_was_asked_suspects_nobody(tmp_path: Path) -> None:
    Flights(tmp_path / "f", 4)
    assert Flights(tmp_path / "f", 4).fresh == []


def test_a_second_process_does_not_cut_the_file_that_the_first_has_mapped(tmp_path: Path) -> None:
    """Writing to a page of a mapped file that was cut kills the process (SIGBUS)."""
    code = f"""
from pathlib import Path
from collectors.flights import Flights
first = Flights(Path({str(tmp_path / "f")!r}), 4_096)
second = Flights(Path({str(tmp_path / "f")!r}), 1)
first.note(4_000, 7)
first.land()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_files_cut_short_or_of_other_sizes_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\x05" + bytes(10))
    (tmp_path / "f.json").write_text('{"4": ')
    assert Flights(tmp_path / "f", 1).suspects == {5: 1}
    (tmp_path / "f.json").write_text("[]")
    assert Flights(tmp_path / "f", 64).suspects == {}


def test_a_device_asked_at_one_death_waits_some_seconds_and_at_two_deaths_an_hour(
    host: Host,
) -> None:
    waits = []
    for lane in (0, 1):
        Worker(host, Shard())._flights.note(lane, 2)
        one = Worker(host, Shard())
        one._set_apart()
        waits.append(one._apart[2] - time.monotonic())
        one._flights.note(lane, 0)
    assert 0 < waits[0] <= PAUSE
    assert QUARANTINE - PAUSE < waits[1] <= QUARANTINE
    host.metrics.close()
