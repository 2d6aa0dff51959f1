"""Agents for the tests: Debian's snmpd, hostile ones of a few lines, and a MIB in memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collectors import asking, oids
from collectors.simulator import ber
from collectors.snmp import MISSING, Answer, Job, Outcome, Sink, Target, Transport, Varbind

SNMPD = shutil.which("snmpd") or "/usr/sbin/snmpd"
COMMUNITY = "lecture-7"
USERS = {
    "authpriv": {
        "user": "anne", "auth_protocol": "SHA", "auth_password": "motdepasse1",
        "priv_protocol": "AES", "priv_password": "chiffrement1",
    },
    "md5des": {
        "user": "boris", "auth_protocol": "MD5", "auth_password": "motdepasse2",
        "priv_protocol": "DES", "priv_password": "chiffrement2",
    },
    "auth": {"user": "carole", "auth_protocol": "SHA", "auth_password": "motdepasse3"},
    "noauth": {"user": "denis"},
    "sha2": {
        "user": "edith", "auth_protocol": "SHA-256", "auth_password": "motdepasse4",
        "priv_protocol": "AES", "priv_password": "chiffrement4",
    },
}  # fmt: skip
_CONFIG = f"""\
agentAddress udp:127.0.0.1:{{port}}
rocommunity {COMMUNITY} 127.0.0.1
createUser anne SHA motdepasse1 AES chiffrement1
createUser boris MD5 motdepasse2 DES chiffrement2
createUser carole SHA motdepasse3
createUser denis
createUser edith SHA-256 motdepasse4 AES chiffrement4
rouser anne priv
rouser boris priv
rouser carole auth
rouser denis noauth
rouser edith priv
"""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def until(condition: Callable[[], object], seconds: float = 20.0, pause: float = 0.02) -> None:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    gate = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition never came"
        gate.wait(pause)


@dataclass
class Snmpd:
    """A real agent: net-snmp's, with its own interface counters."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        config = self.folder / "snmpd.conf"
        config.write_text(_CONFIG.format(port=self.port))
        self.process = subprocess.Popen(
            [SNMPD, "-f", "-Lf", str(self.folder / "log"), "-C", "-c", str(config),
             "-p", str(self.folder / "pid")],
            env={**os.environ, "SNMP_PERSISTENT_DIR": str(self.folder)},
        )  # fmt: skip
        until(self.answers)

    def answers(self) -> bool:
        """Tell whether the agent answers a request made by hand."""
        uptime = (1, 3, 6, 1, 2, 1, 1, 3, 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.2)
            sock.connect(("127.0.0.1", self.port))
            try:
                sock.send(ber.request(COMMUNITY.encode(), [uptime]))
                return bool(sock.recv(2_000))
            except OSError:
                return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def target(
        self, key: int = 1, version: str = "2c", credentials: Mapping[str, str] | None = None
    ) -> Target:
        given = credentials or {"community": COMMUNITY}
        return Target(key, "127.0.0.1", self.port, version, given, 0.3, 1)


Reply = Callable[[bytes], Iterable[bytes]]


@contextlib.contextmanager
def responder(reply: Reply) -> Iterator[int]:
    """Run an agent that sends ``reply(request)`` to whoever asks; gives its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    request, source = sock.recvfrom(65_535)
                    for answer in reply(request):
                        sock.sendto(answer, source)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def answer(
    request: bytes,
    varbinds: Sequence[tuple[tuple[int, ...], bytes]] | None = None,
    *,
    value: bytes = ber.EMPTY,
    request_id: bytes | None = None,
    error: tuple[int, int] = (0, 0),
) -> bytes:
    """Return an answer to a v1 or v2c request: given varbinds, or ``value`` for each name asked."""
    asked = ber.read_message(request)
    names = ber.read_names(asked.varbinds)
    pairs = [(name, value) for name in names] if varbinds is None else varbinds
    body = b"".join(ber.tlv(ber.SEQUENCE, ber.oid(name) + encoded) for name, encoded in pairs)
    return ber.message(
        asked.version, asked.community, ber.RESPONSE, request_id or asked.request_id, *error, body
    )


def at(port: int, version: str = "2c", key: int = 1, timeout: float = 2.0) -> Target:
    """Return a target on loopback, asked once."""
    return Target(key, "127.0.0.1", port, version, {"community": "public"}, timeout, 0)


def ask(transport: Transport, target: Target, *names: str, column: bool = False) -> Answer:
    """Open a target and return the answer to one job, the question of its sysUpTime by default."""
    transport.open([target])
    box: list[Answer] = []
    job = Job(target.key, names or (oids.SYS_UPTIME,), column)
    transport.poll([job], box.append, time.monotonic() + 5)
    (only,) = box
    return only


def numbers(oid: str) -> tuple[int, ...]:
    return tuple(int(part) for part in oid.strip(".").split("."))


class Mib:
    """A transport whose only agent is a table in memory: {OID: Varbind}, changed at will."""

    lanes = 2

    def __init__(self, values: dict[str, Varbind]) -> None:
        self.values = values
        self.requests = 0
        self.asked: list[Job] = []
        self.failure: Outcome | None = None

    def open(self, targets: Iterable[Target]) -> None:
        pass

    def forget(self, keys: Iterable[int]) -> None:
        pass

    def close(self) -> None:
        pass

    def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
        for job in jobs:
            self.requests += 1
            self.asked.append(job)
            if self.failure is not None:
                sink(Answer(job, self.failure))
            elif job.column:
                rows = asking.rows(self._next, job.oids[0], deadline)
                sink(Answer(job, Outcome.OK if rows else Outcome.NO_SUCH, rows=rows))
            else:
                values = [self.values.get(oid, MISSING) for oid in job.oids]
                sink(Answer(job, Outcome.OK, values))

    def _next(self, oid: str) -> list[tuple[str, Varbind]]:
        after = sorted(numbers(o) for o in self.values if numbers(o) > numbers(oid))
        name = "." + ".".join(map(str, after[0])) if after else ""
        return [(name, self.values[name])] if name else []
