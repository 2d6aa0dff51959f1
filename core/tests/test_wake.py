"""Signals end a wait and never block the process, however many come."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from core.wake import Wake

STORM = """
import signal, time
from core.wake import Wake
wake = Wake()
with wake.listening(signal.SIGALRM):
    signal.setitimer(signal.ITIMER_REAL, 0.0007, 0.0007)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        wake.pause(0.001)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print("awake", wake.stopping)
"""


def test_a_storm_of_signals_blocks_nothing() -> None:
    """With an Event this process waits for ever, for a lock that it holds."""
    done = subprocess.run(
        [sys.executable, "-c", STORM], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout, done.stderr) == ("awake False\n", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_ends_a_pause_at_once(number: signal.Signals) -> None:
    wake = Wake()
    main = threading.get_ident()
    before = signal.getsignal(number)
    begin = time.monotonic()
    with wake.listening():
        timer = threading.Timer(0.1, signal.pthread_kill, (main, number))
        timer.start()
        while not wake.stopping:
            wake.pause(20)
        timer.join()
    assert time.monotonic() - begin < 10
    assert signal.getsignal(number) is before
    wake.close()


def test_a_signal_that_came_before_the_pause_ends_it_too() -> None:
    wake = Wake()
    begin = time.monotonic()
    with wake.listening(signal.SIGUSR1):
        signal.raise_signal(signal.SIGUSR1)
        wake.pause(20)
    assert not wake.stopping
    assert time.monotonic() - begin < 10
    wake.close()


def test_a_pause_lasts_its_time_when_nothing_comes() -> None:
    wake = Wake()
    begin = time.monotonic()
    wake.pause(0.1)
    assert time.monotonic() - begin >= 0.09
    for _ in range(100_000):  # more than the pipe holds
        wake.stop()
    wake.pause(20)
    assert wake.stopping
    begin = time.monotonic()
    wake.pause(0.1)
    assert time.monotonic() - begin >= 0.09, "all bytes were taken"
    wake.close()
