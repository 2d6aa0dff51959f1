"""Watched folders: a file that a back office leaves there is imported, and moved aside, reported.

A file is taken once it has stopped growing, so that none is read while it is being written. The
file stays where it is until its import is over: a worker that dies begins it again, and what was
brought in already is the same. Where a dataset comes as documents, a ZIP is an import, a folder
with all that is in it another, and the documents and the index that lie loose are one together.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from core import clock
from core.config import ImportFolder
from core.db import Customer
from core.host import Host
from core.i18n import _
from core.imports.gathering import TABLES
from core.imports.limits import FileError
from core.imports.models import RunState
from core.imports.report import told
from core.imports.runs import Imports

log = structlog.get_logger("balise.imports")

DONE, REFUSED = "faits", "refuses"
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".json", ".jsonl")
"""What is looked at: a file being sent has another name in most tools (.part, .tmp, .filepart)."""
PAUSE = 5.0
LOOSE = "documents"
"""What documents that lie loose in their folder are called together."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is imported in one go: a file; or documents that came together, as ``paths``."""

    name: str
    paths: tuple[Path, ...]

    def seen(self) -> tuple[tuple[str, int, int], ...]:
        """Return how its files look: as long as this changes, somebody writes them."""
        found = []
        for path in self.paths:
            inside = sorted(path.rglob("*")) if path.is_dir() else ()
            for one in (path, *inside):
                stat = one.lstat()
                found.append((str(one), stat.st_size, stat.st_mtime_ns))
        return tuple(found)

    @property
    def octets(self) -> int:
        return sum(size for _name, size, _changed in self.seen())


class Watcher:
    """Looks at the folders of ``config.yaml``, in a thread of ``balise work``."""

    def __init__(self, host: Host) -> None:
        self._host, self._imports = host, Imports(host)
        self._folders = [
            (host.config.path.parent / folder.path, folder)
            for folder in host.config.imports.folders
        ]
        self._seen: dict[Batch, Any] = {}
        self._stuck: dict[Batch, Any] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="imports", daemon=True)

    def start(self) -> None:
        """Begin, if there is a folder to look at."""
        if self._folders:
            self._thread.start()

    def stop(self, patience: float = 5.0) -> None:
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _loop(self) -> None:
        with self._alone() as mine:
            while mine and not self._ending.is_set():
                try:
                    self.look()
                except Exception:  # a store that is silent: the files wait for it
                    log.exception("imports stopped for a while")
                self._ending.wait(PAUSE)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Wait until no other worker looks at the folders; tell whether it came to that."""
        self._imports.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._imports.folder / "watch.lock").open("a") as lock:
            while not self._ending.is_set():
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    self._ending.wait(PAUSE)
                    continue
                yield True
                return
            yield False

    def look(self) -> int:
        """Import what has stopped growing since the last look; return how many imports it made."""
        taken, seen = 0, {}
        for place, folder in self._folders:
            for batch in self._batches(place, folder):
                try:
                    now = seen[batch] = batch.seen()
                except FileNotFoundError:  # moved away meanwhile
                    continue
                if self._seen.get(batch) != now or self._stuck.get(batch) == now:
                    continue
                if self._ending.is_set():
                    break
                self._take(batch, folder)
                taken += 1
                if any(path.exists() for path in batch.paths):  # could not be moved: not for ever
                    self._stuck[batch] = now
        self._seen = seen
        return taken

    def _batches(self, place: Path, folder: ImportFolder) -> list[Batch]:
        dataset = self._host.registry.datasets().get(folder.dataset)
        if dataset is None or dataset.gather is None:
            return [Batch(path.name, (path,)) for path in _files(place, SUFFIXES)]
        alone = [*_files(place, (".zip",)), *_folders(place)]
        loose = tuple(_files(place, (".pdf", *TABLES)))
        found = [Batch(path.name, (path,)) for path in alone]
        return [*found, Batch(LOOSE, loose)] if loose else found

    def _take(self, batch: Batch, folder: ImportFolder) -> None:
        facts: dict[str, Any] = {"file": batch.name, "imported": False, "error": None}
        rejects = None
        try:
            run_id = self._imports.receive(
                folder.dataset, batch.name, batch.octets, "system",
                source=folder.source or folder.path.name, partial=folder.partial,
                customer_id=self._customer(folder.customer),
            )  # fmt: skip
        except FileError as error:
            facts["error"] = str(error)
        else:
            rejects = self._imports.place(run_id) / "rejets.csv"
            self._bring_in(run_id, batch, folder, facts)
        log.info("file imported" if facts["imported"] else "file refused", **facts)
        try:
            _set_aside(batch, clock.now(), facts, rejects)
        except OSError as error:
            log.error("a file cannot be moved aside", file=batch.name, why=error.strerror)

    def _bring_in(self, run_id: int, batch: Batch, folder: ImportFolder, facts: Any) -> None:
        try:
            table = self._imports.gather(run_id, batch.paths)
            examined = self._imports.examine(run_id, table)
            facts["dialect"] = examined.dialect.as_json()
            self._imports.check(run_id, table, examined.mapping)
            done = self._imports.apply(run_id, allow_closing=folder.allow_closing, as_seen=False)
            facts |= told(done) | {"imported": True}
        except FileError as error:
            said = str(error)
        except OSError as error:
            said = f"Ce fichier ne se lit pas ({error.strerror})."
        except Exception:  # what a rubric raised, say: this file only, and not again and again
            log.exception("an import failed", run=run_id, file=batch.name)
            said = f"L'import {run_id} a échoué ; le journal de « balise work » dit pourquoi."
        else:
            return
        self._imports.give_up(run_id, said, RunState.REFUSED)
        facts["error"] = said

    def _customer(self, number: str | None) -> int | None:
        if number is None:
            return None
        with self._host.engine.connect() as connection:
            found = connection.scalar(sa.select(Customer.id).where(Customer.number == number))
        if found is None:
            raise FileError(
                _("Aucun client de numéro « %(number)s » (imports.folders).", number=number)
            )
        return found


def _shown(place: Path) -> list[Path]:
    """Return what stands in a folder, by name; no links, nothing hidden."""
    if not place.is_dir():
        return []
    return sorted(
        path
        for path in place.iterdir()
        if not path.name.startswith((".", "~")) and not path.is_symlink()
    )


def _files(place: Path, kinds: tuple[str, ...]) -> list[Path]:
    return [path for path in _shown(place) if path.suffix.lower() in kinds and path.is_file()]


def _folders(place: Path) -> list[Path]:
    """Return the folders in which documents came: one being sent is « .name » or « name.part »."""
    return [
        path
        for path in _shown(place)
        if path.is_dir()
        and path.name not in (DONE, REFUSED)
        and path.suffix.lower() not in (".part", ".tmp", ".filepart")
        and any(one.is_file() for one in path.rglob("*"))
    ]


def _set_aside(batch: Batch, now: datetime, facts: Mapping[str, Any], rejects: Path | None) -> None:
    """Move a file below its folder, with its report and its rejected rows beside it; documents
    that lay loose go into a folder of theirs.
    """
    place = batch.paths[0].parent
    aside = place / (DONE if facts["imported"] else REFUSED)
    aside.mkdir(exist_ok=True)
    name = f"{now:%Y%m%d-%H%M%S}-{batch.name}"
    report = json.dumps(facts, ensure_ascii=False, indent=1)
    (aside / f"{name}.rapport.json").write_text(report, encoding="utf-8")
    if rejects is not None and rejects.exists():
        shutil.copyfile(rejects, aside / f"{name}.rejets.csv")
    if batch.name != LOOSE:
        batch.paths[0].rename(aside / name)
        return
    (aside / name).mkdir()
    for path in batch.paths:
        path.rename(aside / name / path.name)
