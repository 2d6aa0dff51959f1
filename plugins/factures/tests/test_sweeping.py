"""What an import that was killed left of its documents goes; what a row names never does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import clock
from core.host import Host
from core.imports.runs import Imports
from core.sweeping import sweep
from core.work import chores

LATER = timedelta(days=2)
KILLED = """
import os, signal, sys
from pathlib import Path
from core import config
from core.files import FileStore
from core.host import Host
from core.imports.runs import Imports
take, taken = FileStore.take, []
def die(store, key, other):
    take(store, key, other)
    taken.append(key)
    if len(taken) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
FileStore.take = die
host = Host(config.load(Path(sys.argv[1]), {"BALISE_STORAGE_DATA": sys.argv[2]}))
Imports(host).apply(int(sys.argv[3]))
"""


def stored(host: Host) -> set[str]:
    return {path.name for path in host.config.files_path.rglob("*") if path.is_file()}


def named(host: Host) -> set[str]:
    with host.engine.connect() as connection:
        return set(connection.scalars(sa.text("select file_key from factures_invoice")))


@pytest.fixture
def checked(filled: Host, folder: Path, write: Callable[..., Path]) -> int:
    """The number of an import of three invoices that is ready to be written."""
    for n in range(3):
        write(f"FA{n}")
    imports = Imports(filled)
    run = imports.receive("factures", "envoi", 0, "system")
    table = imports.gather(run, [folder])
    imports.check(run, table, imports.examine(run, table).mapping)
    return run


def test_what_an_import_left_that_was_killed_goes_a_day_later(filled: Host, checked: int) -> None:
    before = stored(filled)
    arguments = [str(filled.config.path), str(filled.config.data), str(checked)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = stored(filled) - before
    assert len(left) == 2
    assert not left & named(filled)
    _every, chore = chores(filled)["files"]
    chore(clock.now())
    assert stored(filled) == before | left
    chore(clock.now() + LATER)
    assert stored(filled) == before


def test_what_is_left_and_comes_again_stays(filled: Host, checked: int, folder: Path) -> None:
    for path in folder.iterdir():  # as if killed before, long ago
        key = filled.files.keep(path.read_bytes())
        os.utime(filled.files.path(key), (0, 0))
    Imports(filled).apply(checked)
    sweep(filled, clock.now() + LATER)
    assert named(filled) <= stored(filled)
    assert sweep(filled, clock.now()) == 0
