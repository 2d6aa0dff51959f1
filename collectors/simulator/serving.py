"""One process that answers for many agents: a UDP socket each, one loop, one clock."""

from __future__ import annotations

import heapq
import resource
import select
import socket
import time
from collections.abc import Callable, Sequence

from collectors.simulator.answering import Answering, Packet

TICK = 0.1
"""Seconds between two looks at what was asked of the simulator."""
_BURST = 64
_MOST_LATE = 10_000
"""Answers kept for later; what comes beyond is lost."""

Source = tuple[str, int]
Place = tuple[str, int, str, Answering]
"""Host, port, the name to blame, and who answers there."""
_Reply = Callable[[bytes, float], bytes | list[Packet] | None]


class PortTaken(Exception):
    """An agent cannot have its address; the message says which."""


class Server:
    """Bound sockets and their agents. Raises ``PortTaken``."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._sockets = _bind(places)
        self._replies = [agent.reply for *_, agent in places]
        self._late: list[tuple[float, int, socket.socket, bytes, Source]] = []
        self._others: dict[str, socket.socket] = {}
        self._number = 0

    def addresses(self) -> list[Source]:
        """Return where agents answer, in their order."""
        return [opened.getsockname() for opened in self._sockets]

    def close(self) -> None:
        for opened in (*self._sockets, *self._others.values()):
            opened.close()

    def run(
        self,
        stopping: Callable[[], bool],
        tick: Callable[[float], None],
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Answer until ``stopping()`` is true; ``tick(now)`` every ``TICK``."""
        poller = select.epoll()
        serving = {}
        for opened, reply in zip(self._sockets, self._replies, strict=True):
            poller.register(opened.fileno(), select.EPOLLIN)
            serving[opened.fileno()] = (opened, reply)
        try:
            ready()
            due = 0.0
            while not stopping():
                events = poller.poll(self._wait())
                now = time.time()
                if now >= due or due - now > 2 * TICK:  # the second: the clock was set back
                    tick(now)
                    due = now + TICK
                for descriptor, _ in events:
                    self._serve(*serving[descriptor], now)
                if self._late:
                    self._send_late()
        finally:
            poller.close()

    def _serve(self, opened: socket.socket, reply: _Reply, now: float) -> None:
        """Answer what one socket holds, at most a burst of it: the others wait."""
        receive, send = opened.recvfrom, opened.sendto
        for _ in range(_BURST):
            try:
                data, source = receive(65_535)
            except OSError:  # nothing more to read, or the asker is gone
                return
            answer = reply(data, now)
            if answer is None:
                continue
            if type(answer) is not bytes:
                self._misbehave(opened, answer, source)  # type: ignore[arg-type]  # what is not bytes is a list of packets
                continue
            try:
                send(answer, source)
            except OSError:  # its port is closed, or its queue full: as on a real network, lost
                continue

    def _misbehave(self, opened: socket.socket, packets: list[Packet], source: Source) -> None:
        for packet in packets:
            sender = self._other(opened) if packet.elsewhere else opened
            if not packet.delay:
                _send(sender, packet.data, source)
            elif len(self._late) < _MOST_LATE:
                self._number += 1
                due = time.monotonic() + packet.delay
                heapq.heappush(self._late, (due, self._number, sender, packet.data, source))

    def _other(self, opened: socket.socket) -> socket.socket:
        """Return a socket on another port of the same address."""
        host = opened.getsockname()[0]
        if host not in self._others:
            other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            other.setblocking(False)
            other.bind((host, 0))
            self._others[host] = other
        return self._others[host]

    def _wait(self) -> float:
        if not self._late:
            return TICK
        return min(max(self._late[0][0] - time.monotonic(), 0.0), TICK)

    def _send_late(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            _, _, sender, data, source = heapq.heappop(self._late)
            _send(sender, data, source)


def _send(sender: socket.socket, data: bytes, source: Source) -> None:
    try:
        sender.sendto(data, source)
    except OSError:  # as on a real network, lost
        return


def _bind(places: Sequence[Place]) -> list[socket.socket]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = len(places) + 64
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    sockets: list[socket.socket] = []
    host, port, name = "", 0, ""
    try:
        for host, port, name, _ in places:  # noqa: B007 - the message below names the one that failed
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets.append(opened)
            opened.setblocking(False)
            opened.bind((host, port))
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise PortTaken(f"{name} cannot answer on {host}:{port}: {error.strerror}") from error
    return sockets
