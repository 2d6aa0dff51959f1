"""Debian's prometheus-snmp-exporter, asked the same of the same routers: a reference of speed."""

from __future__ import annotations

import http.client
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from collectors.tests.agents import until

PROGRAM = shutil.which("prometheus-snmp-exporter")
TYPES = {"5": "gauge", "15": "gauge", "7": "gauge", "8": "gauge", "1": "DisplayString"}
"""By column; the rest are counters."""


def module(oids: Iterable[str], community: str) -> str:
    """Return a configuration whose module « fleet » gets these OIDs, instances of interface 1."""
    bare = [oid.removeprefix(".") for oid in oids]
    metrics: list[dict[str, object]] = []
    for oid in bare:
        place, _, instance = oid.rpartition(".")
        column = place.rpartition(".")[2]
        metric: dict[str, object] = {"name": f"v{len(metrics)}", "oid": oid, "type": "gauge"}
        if instance != "0":
            indexes = [{"labelname": "ifIndex", "type": "gauge"}]
            metric |= {"oid": place, "type": TYPES.get(column, "counter"), "indexes": indexes}
        metrics.append(metric)
    return json.dumps(
        {
            "fleet": {
                "get": bare, "metrics": metrics, "version": 2, "timeout": "1s", "retries": 1,
                "auth": {"community": community},
            }
        }
    )  # fmt: skip


@contextmanager
def exporter(folder: Path, oids: Iterable[str], community: str) -> Iterator[Exporter]:
    """Run the exporter, on a free port of the loopback, as long as the block lasts."""
    assert PROGRAM is not None
    config = folder / "snmp.yml"
    config.write_text(module(oids, community))  # JSON is YAML
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    with subprocess.Popen(
        [PROGRAM, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            found = Exporter(process.pid, port)
            until(found.answers)
            yield found
        finally:
            process.kill()


class Exporter:
    """A running exporter."""

    def __init__(self, pid: int, port: int) -> None:
        self._pid = pid
        self._port = port

    def answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 0.2):
            return True
        return False

    def cpu(self) -> float:
        """Return the seconds of CPU it has taken."""
        words = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def scrape(self, targets: Sequence[str], at_once: int) -> int:
        """Scrape targets (host:port), so many at once; return how many gave values."""
        todo: queue.SimpleQueue[str] = queue.SimpleQueue()
        for target in targets:
            todo.put(target)
        good: list[str] = []

        def work() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
            with suppress(queue.Empty):
                while True:
                    target = todo.get_nowait()
                    connection.request("GET", f"/snmp?module=fleet&target={target}")
                    answer = connection.getresponse()
                    if b"\nv1{" in answer.read() and answer.status == 200:
                        good.append(target)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(good)
