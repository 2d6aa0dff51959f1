"""The SQLite file of measures, open: a connection a thread, one view a reading."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from core.network.metrics.levels import Level, read_levels
from core.network.metrics.schema import connect


class OpenFile:
    """Connections to the file, safe to share between threads and after a fork."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[tuple[int, sqlite3.Connection]] = []
        self._connection()

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread, in this process."""
        pid = os.getpid()
        if getattr(self._local, "pid", None) != pid:
            self._local.connection = connect(self.path)
            self._local.pid = pid
            self._open.append((pid, self._local.connection))
        connection: sqlite3.Connection = self._local.connection
        return connection

    def close(self) -> None:
        """Close what every thread of this process opened (not what it inherited by a fork)."""
        while self._open:
            pid, connection = self._open.pop()
            if pid == os.getpid():
                connection.close()
        self._local = threading.local()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("begin immediate")
        with connection:
            yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[tuple[sqlite3.Connection, tuple[Level, ...]]]:
        """One consistent view, however the roll-ups move meanwhile."""
        connection = self._connection()
        connection.execute("begin")
        try:
            yield connection, read_levels(connection)
        finally:
            connection.execute("commit")
