"""One collector on a folder of data: two would count everything twice."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

PREDECESSOR = 15.0
"""Seconds that a process whose supervisor was killed may take to end (it is told to)."""


class NotAloneError(Exception):
    """Another process does the same work; the message says which one and what to do."""


@contextlib.contextmanager
def alone(path: Path, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock, that ends with the process however it dies; its file tells our pid.

    Waits ``patience`` seconds for another process that holds it. Raises ``NotAloneError``.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # kept from children: see PEP 446
    try:
        deadline = time.monotonic() + patience
        while not _lock(file):
            if time.monotonic() >= deadline:
                raise NotAloneError(_who(path, file))
            time.sleep(0.1)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(path: Path, file: int) -> str:
    pid = os.pread(file, 32, 0).decode(errors="replace").strip() or "?"
    return (
        f"Un collecteur (pid {pid}) relève déjà pour le dossier de données {path.parent.parent} : "
        "un second compterait tout deux fois. Arrêtez-le d'abord."
    )
