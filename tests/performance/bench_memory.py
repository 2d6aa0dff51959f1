"""An hour of polling pressed together, does memory grow? ``make bench``, whole with ``--full``.

10,000 links, an agent without delay, two shards that visit every device again and again; ``--full``
makes 2,000,000 visits, the default what fits in a minute. Memory is what the two processes have for
themselves and their share of what they have in common (PSS). Prints its course and its slope; exits
1 above a limit.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from collectors.inventory import Shard
from collectors.tests import fast_agent
from collectors.worker import Worker, tune
from core import config, logs
from core.host import Host

LINKS, SHARDS, THREADS, PORT = 10_000, 2, 32, 16_203
MOST = 300e6
"""Bytes of all processes of the collector together."""
SLOPE = 5e6
"""Bytes a million visits may add once all is warm: what cannot be told from noise."""
WAITING = 1_000
"""Visits that may wait to be written: six seconds of them when each link is asked once a minute."""
WARM = 0.4
"""The part of the run that comes before the slope is taken: caches fill, history begins."""


def shard(part: str, path: Path) -> None:
    """Visit all devices in circles, with the writer of the product, and print each circle."""
    logs.setup()
    tune()
    worker = Worker(Host(config.load(path)), Shard.parse(part))
    worker.look()
    worker.writer.start()
    while True:
        visits = worker.poller.once(time.monotonic() + 600)
        print(len(visits), sum(len(visit.read) for visit in visits), flush=True)
        del visits
        while worker.writer.waiting > WAITING:  # no faster than a store takes it
            threading.Event().wait(0.05)


def memory(pid: int) -> int:
    """Return the memory of a process in bytes, what it shares counted in part (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no PSS")


@contextlib.contextmanager
def shards(path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "--shard", f"{n}/{SHARDS}", "--config", str(path)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for n in range(SHARDS)
    ]  # fmt: skip
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def run(visits: int, seconds: float) -> list[tuple[int, int]]:
    """Return (visits made, bytes) about every second until so many visits or seconds."""
    course: list[tuple[int, int]] = []
    counts = [0] * SHARDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        host = fast_agent.installation(
            folder, LINKS, PORT, threads=THREADS, processes=SHARDS, status_interval=60
        )
        host.engine.dispose()
        with (
            fast_agent.fast_agent(folder, PORT, seconds=seconds + 60),
            shards(host.config.path) as processes,
        ):

            def follow(number: int) -> None:
                for line in processes[number].stdout or ():
                    made, read = map(int, line.split())
                    assert made == read, "the agent answers all"
                    counts[number] += made

            followers = [threading.Thread(target=follow, args=(n,)) for n in range(SHARDS)]
            for follower in followers:
                follower.start()
            end = time.monotonic() + seconds
            while sum(counts) < visits and time.monotonic() < end:
                threading.Event().wait(1.0)
                assert all(process.poll() is None for process in processes), "a shard died"
                if all(counts):
                    course.append((sum(counts), sum(memory(p.pid) for p in processes)))
            for process in processes:
                process.kill()
            for follower in followers:
                follower.join()
    return course


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="2,000,000 visits, about 5 minutes")
    parser.add_argument("--shard")
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    if options.shard:
        shard(options.shard, options.config)
        return 0
    begin = time.monotonic()
    course = run(2_000_000, 900.0) if options.full else run(250_000, 75.0)
    made, most = course[-1][0], max(size for _, size in course)
    for part in range(11):
        at, size = course[(len(course) - 1) * part // 10]
        print(f"{at:>9,} visits {size / 1e6:6.1f} MB")
    warm = [point for point in course if point[0] >= WARM * made]
    slope = statistics.linear_regression(*zip(*warm, strict=True)).slope * 1e6
    print(
        f"{made:,} visits of {LINKS:,} links in {time.monotonic() - begin:.0f} s: at most "
        f"{most / 1e6:.0f} MB (limit {MOST / 1e6:.0f}), {slope / 1e6:+.2f} MB a million visits"
        + (f" (limit {SLOPE / 1e6:.0f})" if options.full else " (too short a run to tell)")
    )
    return 0 if most <= MOST and (slope <= SLOPE or not options.full) else 1


if __name__ == "__main__":
    sys.exit(main())
