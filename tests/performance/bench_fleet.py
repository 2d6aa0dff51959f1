"""A whole fleet polled by the collector's own parts, in two processes: ``make bench``.

One router a link, each at an address of its own, answered for by one agent after 20 ms; 3 % of
them never answer. Two shards visit every device as fast as they can, decode, make rates and write
them: a cycle lasts from the start of the first to the last write of the other. What was stored is
compared with what the agent counted. Debian's prometheus-snmp-exporter, where it is installed, gets
the same of the same agent between the cycles: it is the measure of the machine. Exits 1 above a
limit, which counts from 100,000 links.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collectors import interfaces, oids, transports
from collectors.extras import Ration
from collectors.inventory import Shard
from collectors.tests import fast_agent, snmp_exporter
from collectors.worker import Worker, tune
from core import config, logs
from core.host import Host
from core.network.inventory import Link
from core.network.metrics.sqlite import SqliteMetricStore

SHARDS, DELAY, DEAD, PORT = 2, 20.0, 3.0, 16_201
THREADS = {"easysnmp": 128, "gufo": 256}
"""``collector.threads`` of each process: a dead router holds one for two seconds."""
SCRAPED = 3_000
SECONDS = {"easysnmp": 60.0, "gufo": 30.0}
"""What a cycle of 100,000 links may take."""
CPU = 0.25
"""What 1,000 polls may take, whole path, in seconds of CPU..."""
EXPORTER = 0.293
"""... on a machine on which the exporter takes that for 1,000 scrapes, without storing any."""


# -- one shard, in a process of its own


def shard(part: str, path: Path) -> None:
    """Make a cycle at each line read, and print what it gave as JSON."""
    logs.setup()
    tune()
    worker = Worker(Host(config.load(path)), Shard.parse(part))
    worker.poller._ration = Ration(1e6)  # the first cycle looks at all for classes and probes
    worker.look()
    print("ready", flush=True)
    for _line in sys.stdin:
        print(json.dumps(cycle(worker)), flush=True)
    sys.stdout.close()


def cycle(worker: Worker) -> dict[str, Any]:
    """Visit every device and write it all, the writer beside the visits as ever."""
    over = threading.Event()

    def write() -> None:
        while not over.wait(1.0):
            worker.writer.write()

    before = worker.writer.counts["samples"]
    begin, cpu = time.monotonic(), time.process_time()
    writer = threading.Thread(target=write)
    writer.start()
    visits = worker.poller.once(begin + 600)
    polled = time.monotonic()
    over.set()
    writer.join()
    trouble = worker.writer.write()
    return {
        "begin": begin, "polled": polled, "end": time.monotonic(),
        "cpu": time.process_time() - cpu, "rss": rss(), "trouble": trouble,
        "outcomes": Counter(str(visit.outcome) for visit in visits),
        "samples": worker.writer.counts["samples"] - before,
    }  # fmt: skip


def rss() -> int:
    """Return the memory this process has, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


# -- all of them


@dataclass(frozen=True, slots=True)
class Cycle:
    """What the shards gave together; ``memory`` is that of each."""

    seconds: float
    cpu: float
    polls: int
    answered: int
    samples: int
    memory: list[int]

    @classmethod
    def of(cls, parts: Sequence[dict[str, Any]]) -> Cycle:
        troubles = [part["trouble"] for part in parts if part["trouble"]]
        assert not troubles, troubles
        return cls(
            max(part["end"] for part in parts) - min(part["begin"] for part in parts),
            sum(part["cpu"] for part in parts),
            sum(sum(part["outcomes"].values()) for part in parts),
            sum(part["outcomes"].get("ok", 0) for part in parts),
            sum(part["samples"] for part in parts),
            [part["rss"] for part in parts],
        )

    def __str__(self) -> str:
        megabytes = " + ".join(f"{size / 1e6:.0f}" for size in self.memory)
        return (
            f"{self.seconds:6.1f} s, {self.polls:,} visits, {self.answered:,} answered, "
            f"{self.samples:,} samples, CPU {self.cpu / self.polls * 1000:.3f} s/1000, "
            f"{megabytes} MB"
        )


@contextlib.contextmanager
def shards(path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Start the processes and wait until they have their inventory."""
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "--shard", f"{n}/{SHARDS}", "--config", str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )
        for n in range(SHARDS)
    ]  # fmt: skip
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def one_cycle(processes: Sequence[subprocess.Popen[str]]) -> Cycle:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.stdout.readline() for process in processes if process.stdout]
    return Cycle.of([json.loads(line) for line in told])


def wrong(database: Path, links: int, since: float) -> tuple[int, int]:
    """Return how many live links have no sample since then, and how many an untrue one."""
    store = SqliteMetricStore(database)
    some = [Link(id=n + 1) for n in range(links) if not fast_agent.is_dead(n, DEAD)]
    end = datetime.now(UTC) + timedelta(seconds=1)
    found = store.volumes(some, datetime.fromtimestamp(since, UTC), end)
    store.close()
    untrue = sum(
        # The time of a reading is when its answer was taken up, which may be late.
        abs(volume.in_octets / fast_agent.octets_per_second(link - 1) - volume.covered)
        > max(2.0, 0.1 * volume.covered)
        for link, volume in found.items()
    )
    return len(some) - len(found), untrue


def measure(engine: str, links: int, cycles: int, threads: int) -> bool:
    """Print the cycles of one engine; tell whether they keep the limits."""
    runs: list[Cycle] = []
    reference: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        host = fast_agent.installation(
            folder, links, PORT, engine=engine, threads=threads, processes=SHARDS,
            status_interval=60,
        )  # fmt: skip
        host.engine.dispose()
        with (
            fast_agent.fast_agent(folder, PORT, DELAY, DEAD, 900),
            shards(host.config.path) as processes,
        ):
            print(f"{engine}: first {one_cycle(processes)}", flush=True)
            for _ in range(cycles):
                reference += beside(folder)
                threading.Event().wait(1.01 - time.time() % 1)  # samples have whole seconds
                since = int(time.time()) - 1
                runs.append(one_cycle(processes))
                print(f"{engine}:       {runs[-1]}", flush=True)
        missing, untrue = wrong(host.config.measures_path, links, since)
    times = sorted(run.seconds for run in runs)
    spent = sorted(run.cpu / run.polls * 1000 for run in runs)
    middle, limit = len(runs) // 2, SECONDS[engine] * max(links / 100_000, 0.1)
    scrapes = statistics.median(reference) if reference else EXPORTER
    most = CPU * scrapes / EXPORTER
    print(
        f"{engine}: {links:,} links in {times[0]:.1f} / {times[middle]:.1f} / {times[-1]:.1f} s "
        f"(limit {limit:.0f}), CPU {spent[0]:.3f} / {spent[middle]:.3f} / {spent[-1]:.3f} s for "
        f"1,000 polls (limit {most:.3f}: {CPU} where the exporter takes {EXPORTER}, here "
        f"{scrapes:.3f}); {missing} links without a sample, {untrue} with an untrue one"
    )
    return times[middle] <= limit and spent[middle] <= most and not missing and not untrue


def beside(folder: Path) -> list[float]:
    """Print what Debian's exporter takes for the same answers, which it does not store.

    Return its seconds of CPU for 1,000 scrapes, nothing where it is not installed.
    """
    if snmp_exporter.PROGRAM is None:
        print("no reference: apt-get install prometheus-snmp-exporter (and disable its service)")
        return []
    asked = [oids.SYS_UPTIME, *interfaces.questions(interfaces.Known(1, named=True), True)]
    live = [n for n in range(2 * SCRAPED) if not fast_agent.is_dead(n, DEAD)][:SCRAPED]
    targets = [f"{fast_agent.address(n)}:{PORT}" for n in live]
    spent = []
    with snmp_exporter.exporter(folder, asked, fast_agent.COMMUNITY) as exporter:
        exporter.scrape(targets[:200], 64)
        for at_once in (64, 500):
            before, begin = exporter.cpu(), time.monotonic()
            good = exporter.scrape(targets, at_once)
            cpu, taken = exporter.cpu() - before, time.monotonic() - begin
            spent.append(cpu / len(targets) * 1000)
            print(
                f"snmp_exporter, {at_once} at once: {good:,} scrapes in {taken:.1f} s, "
                f"CPU {spent[-1]:.3f} s for 1,000, nothing stored",
                flush=True,
            )
    return spent


def allow(descriptors: int) -> None:
    """Allow a descriptor for each session, where we may; the collector makes do with fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, descriptors), max(hard, descriptors)))


def there(engine: str) -> bool:
    """Tell whether an engine can be loaded; say so when not."""
    module, _ = transports.ENGINES[engine]
    try:
        importlib.import_module(module)
    except ImportError as error:
        print(f"{engine}: not here ({error})")
        return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument("--cycles", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--engine", choices=[*SECONDS], action="append")
    parser.add_argument("--shard")
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    if options.shard:
        shard(options.shard, options.config)
        return 0
    allow(options.links // SHARDS + 1_000)
    engines = options.engine or [name for name in SECONDS if there(name)]
    fits = [
        measure(name, options.links, options.cycles, options.threads or THREADS[name])
        for name in engines
    ]
    return 0 if all(fits) else 1


if __name__ == "__main__":
    sys.exit(main())
