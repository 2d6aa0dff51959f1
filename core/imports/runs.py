"""An import from its file to its report: examined, checked, written in one transaction.

Nothing of the data changes before ``apply``; what it writes, the state « done » and the line of
the audit log are one transaction, so that a process that dies in it has changed nothing.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from core import audit, clock
from core.access import Scope
from core.datasets import Dataset, RowAction, RowChange
from core.db import Customer
from core.db_bulk import BulkDb
from core.files import FileStore
from core.host import Host
from core.imports import dialect as dialects
from core.imports import mapping as mappings
from core.imports import readers
from core.imports.checking import Checked, Checker, Tell
from core.imports.dialect import Dialect
from core.imports.gathering import Gathering
from core.imports.limits import FileError
from core.imports.loading import Loading
from core.imports.models import OVER, ImportMapping, ImportRun, RunState
from core.imports.report import write_rejects
from core.imports.staging import Stage

log = structlog.get_logger("balise.imports")

BATCH = 1000
KEPT = timedelta(days=30)
"""How long an import that is over is kept with its rejected rows; one under way, a day."""
_CHANGED = (
    "Les données ont changé depuis l'aperçu : vérifiez de nouveau ce fichier, puis recommencez."
)
_REFUSED = "La base refuse l'une de ces lignes (deux fois la même ?) : rien n'est écrit."
_TOO_MUCH = (
    "Ce fichier fermerait {gone} lignes sur {standing}, plus de la moitié : rien n'est écrit. "
    "S'il est bien complet, confirmez la fermeture (--allow-closing) ; s'il ne contient que des "
    "changements, importez-le comme partiel (--partial)."
)


@dataclass(frozen=True)
class Examined:
    """What a file looks like: its dialect, its heads, its first rows, the columns proposed."""

    dialect: Dialect
    heads: Sequence[str]
    sample: Sequence[Sequence[Any]]
    mapping: Mapping[str, str | None]
    problems: Sequence[str]


class Imports:
    """The imports of an installation."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.folder = host.config.imports_path

    def dataset(self, run: ImportRun) -> Dataset:
        """Return the dataset of an import. Raises ``FileError`` when its rubric is gone."""
        found = self._host.registry.datasets().get(run.dataset)
        if found is None:
            raise FileError(f"Le jeu de données « {run.dataset} » n'est plus en service.")
        return found

    def place(self, run_id: int) -> Path:
        """Return the folder of an import: its number, never anybody's word."""
        return self.folder / str(run_id)

    def receive(
        self, dataset: str, name: str, octets: int, actor: str, *, source: str = "",
        customer_id: int | None = None, partial: bool = False, now: datetime | None = None,
    ) -> int:  # fmt: skip
        """Note that a file came; return the number of its import. Its folder is made."""
        run = ImportRun(
            dataset=dataset, source=source, file=name[:200], octets=octets, actor=actor,
            customer_id=customer_id, partial=partial, state=RunState.RECEIVED,
            created=now or clock.now(), dialect={}, mapping={}, counts={},
        )  # fmt: skip
        with Session(self._host.engine) as session, session.begin():
            session.add(run)
            session.flush()
            number = run.id
        self.place(number).mkdir(mode=0o700, parents=True, exist_ok=True)
        return number

    def find(self, run_id: int) -> ImportRun | None:
        with Session(self._host.engine, expire_on_commit=False) as session:
            run = session.get(ImportRun, run_id)
            session.expunge_all()
        return run

    def get(self, run_id: int) -> ImportRun:
        """Return an import. Raises ``FileError`` when there is none of that number."""
        run = self.find(run_id)
        if run is None:
            raise FileError("Cet import n'existe plus.")
        return run

    def lately(self, most: int = 50, offset: int = 0) -> tuple[Sequence[ImportRun], int]:
        """Return the imports, newest first, and how many there are."""
        with Session(self._host.engine, expire_on_commit=False) as session:
            query = sa.select(ImportRun).order_by(ImportRun.id.desc()).limit(most).offset(offset)
            found = session.scalars(query).all()
            count = session.scalar(sa.select(sa.func.count()).select_from(ImportRun)) or 0
            session.expunge_all()
        return found, count

    def gather(self, run_id: int, paths: Sequence[Path]) -> Path:
        """Return the table to be read of what was given: the file itself, or what the dataset
        gathered from documents. Raises ``FileError``.
        """
        run = self.get(run_id)
        dataset = self.dataset(run)
        if dataset.gather is None:
            if len(paths) != 1 or paths[0].is_dir():
                raise FileError(f"« {dataset.name} » est un tableau : donnez un seul fichier.")
            return paths[0]
        table = self.place(run_id) / "gathered.jsonl"
        try:
            with self._host.engine.connect() as connection:
                zone = self._zone(connection, run.customer_id)
            dataset.gather(Gathering(dataset, paths, self._gathered(run_id), table, zone))
        except OSError as error:
            why = error.strerror or error
            raise FileError(
                f"Les documents ne se lisent pas ou ne s'écrivent pas ({why})."
            ) from error
        return table

    def _gathered(self, run_id: int) -> FileStore:
        return FileStore(self.place(run_id) / "files")

    def examine(self, run_id: int, path: Path) -> Examined:
        """Look at a file: how it is written, which column is which. Raises ``FileError``."""
        run = self.get(run_id)
        dataset = self.dataset(run)
        known = mappings.known_heads(dataset)
        dialect = dialects.detect(path, lambda head: mappings.plain(head) in known)
        heads = readers.heads(path, dialect)
        sample = [list(row.cells) for row in islice(readers.rows(path, dialect), 5)]
        mapping = mappings.propose(dataset, heads, self._remembered(run))
        self._note(run_id, dialect=dialect.as_json(), mapping=mapping)
        return Examined(dialect, heads, sample, mapping, mappings.problems(dataset, mapping))

    def _remembered(self, run: ImportRun) -> Mapping[str, str]:
        with Session(self._host.engine) as session:
            kept = session.scalar(
                sa.select(ImportMapping).where(
                    ImportMapping.dataset == run.dataset, ImportMapping.source == run.source
                )
            )
            return dict(kept.mapping) if kept else {}

    def check(
        self, run_id: int, path: Path, mapping: Mapping[str, str | None] | None = None,
        tell: Tell = lambda _share: None,
    ) -> Checked:  # fmt: skip
        """Stage a file and compare it with what stands. Raises ``FileError``; writes no data."""
        run = self.get(run_id)
        dataset, mapping = self.dataset(run), mapping or run.mapping
        if wrong := mappings.problems(dataset, mapping):
            raise FileError(" ".join(wrong))
        self._note(run_id, state=RunState.CHECKING, mapping=dict(mapping))
        staged = self.place(run_id) / "stage.db"
        staged.unlink(missing_ok=True)
        with Stage(staged) as stage, self._host.engine.connect() as connection:
            loading = self._loading(connection, run)
            checker = Checker(dataset, mapping, stage, loading, run.partial, tell)
            checker.read(path, Dialect(**run.dialect))
            checked = checker.compare()
            loading.db.close()
            write_rejects(self.place(run_id) / "rejets.csv", stage, list(mapping))
        counts = {**checked.counts, "standing": checked.standing, "unkeyed": checker.unkeyed}
        self._note(run_id, state=RunState.READY, counts=counts, mark=checked.mark)
        return checked

    def apply(self, run_id: int, *, allow_closing: bool = False, as_seen: bool = True) -> Checked:
        """Write what a checked import changes, in one transaction. Raises ``FileError``.

        The difference is made anew under the lock of the database. With ``as_seen``, one that is
        no longer that of the preview is refused: somebody looked at it.
        """
        run = self.get(run_id)
        if run.state is not RunState.READY:
            raise FileError("Cet import n'est pas prêt : vérifiez son fichier d'abord.")
        dataset, now = self.dataset(run), clock.now()
        staged = self.place(run_id) / "stage.db"
        with self._alone(), Stage(staged) as stage, self._host.engine.begin() as connection:
            # The lock of the database first: what is compared stays true until it is written.
            ready = _update(run_id).where(ImportRun.state == RunState.READY)
            if not connection.execute(ready.values(state=RunState.DONE, ended=now)).rowcount:
                raise FileError("Cet import vient d'être fait, ou abandonné.")
            loading = self._loading(connection, run)
            checker = Checker(dataset, run.mapping, stage, loading, run.partial)
            checker.unkeyed = run.counts.get("unkeyed", 0)
            checked = checker.compare()
            if as_seen and checked.mark != run.mark:
                raise FileError(_CHANGED)
            if checked.closes_too_much and not allow_closing:
                gone, standing = checked.counts[RowAction.GONE], checked.standing
                raise FileError(_TOO_MUCH.format(gone=gone, standing=standing))
            try:
                for changes in _batches(_changes(checker)):
                    dataset.write(loading, changes)
            except sa.exc.IntegrityError as error:
                log.exception("an import was refused by the database", run=run_id)
                raise FileError(_REFUSED) from error
            loading.db.close()
            counts = {**checked.counts, "standing": checked.standing}
            connection.execute(_update(run_id).values(counts=counts))
            self._remember(connection, run)
            facts: dict[str, Any] = dict(checked.counts)
            audit.note(
                connection, now=now, actor=run.actor, action="imported", target=run.dataset,
                file=run.file, run=run.id, partial=run.partial, customer=run.customer_id,
                **facts,
            )  # fmt: skip
        self._tidy(run_id)
        return checked

    def give_up(self, run_id: int, error: str = "", state: RunState = RunState.ABANDONED) -> None:
        """End an import that is not over: nothing was changed, its file is forgotten."""
        query = _update(run_id).where(ImportRun.state.not_in(OVER))
        with self._host.engine.begin() as connection:
            connection.execute(query.values(state=state, error=error or None, ended=clock.now()))
        self._tidy(run_id)

    def forget_old(self, now: datetime) -> None:
        """Forget imports past their time; give up those that nobody went on with for a day."""
        stale = sa.select(ImportRun.id).where(
            ImportRun.state.not_in(OVER), ImportRun.created < now - timedelta(days=1)
        )
        with self._host.engine.begin() as connection:
            old = ImportRun.created < now - KEPT
            late = list(connection.scalars(stale))
            gone = list(connection.scalars(sa.select(ImportRun.id).where(old)))
        for run_id in late:
            self.give_up(run_id, "Resté sans suite pendant un jour.")
        for run_id in gone:
            shutil.rmtree(self.place(run_id), ignore_errors=True)

    def _loading(self, connection: sa.Connection, run: ImportRun) -> Loading:
        scope = Scope(0, run.customer_id, every=run.customer_id is None)
        zone = self._zone(connection, run.customer_id)
        # A session on a connection: what it reads and writes is of its transaction.
        db = BulkDb(connection, scope)
        return Loading(
            db, clock.now(), zone, run.customer_id, self._host.vault,
            files=self._host.files, gathered=self._gathered(run.id),
        )  # fmt: skip

    def _zone(self, connection: sa.Connection, customer_id: int | None) -> ZoneInfo:
        query = sa.select(Customer.timezone).where(Customer.id == customer_id)
        return clock.zone(connection.scalar(query), self._host.config.display.timezone)

    def _note(self, run_id: int, **values: Any) -> None:
        with self._host.engine.begin() as connection:
            connection.execute(_update(run_id).values(**values))

    def _remember(self, connection: sa.Connection, run: ImportRun) -> None:
        own = (ImportMapping.dataset == run.dataset, ImportMapping.source == run.source)
        connection.execute(sa.delete(ImportMapping).where(*own))
        kept = {"dataset": run.dataset, "source": run.source, "mapping": run.mapping}
        connection.execute(sa.insert(ImportMapping).values(**kept))

    def _tidy(self, run_id: int) -> None:
        """Remove what an import that is over needs no more: the file may hold secrets."""
        for name in ("file", "gathered.jsonl", "stage.db", "stage.db-journal"):
            (self.place(run_id) / name).unlink(missing_ok=True)
        shutil.rmtree(self.place(run_id) / "files", ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Write one import at a time: the next one waits here, not at the database."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _update(run_id: int) -> sa.Update:
    return sa.update(ImportRun).where(ImportRun.id == run_id)


def _changes(checker: Checker) -> Iterator[RowChange]:
    """Yield the changes to write, rows that are gone first."""
    columns = [column for column in checker.dataset.columns if not column.ignored]
    for action in (RowAction.GONE, RowAction.REOPENED, RowAction.CHANGED, RowAction.NEW):
        for row in checker.stage.rows(action):
            values = checker.values(row.data)
            if action is RowAction.NEW:
                values = {c.name: values.get(c.name, c.default) for c in columns}
            before = checker.values(row.before)
            yield RowChange(action, row.id, values, before, row.found, row.line)


def _batches(changes: Iterator[RowChange]) -> Iterator[list[RowChange]]:
    while some := list(islice(changes, BATCH)):
        yield some
