"""An import from its file to its report: examined, checked, written in one transaction.

Nothing of the data changes before ``apply``; what it writes, the state « done » and the line of
the audit log are one transaction, so that a process that dies in it has changed nothing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from core import audit, clock
from core.access import Scope
from core.datasets import RowAction, RowChange, RowError
from core.db import Customer
from core.db_bulk import BulkDb
from core.files import FileStore
from core.i18n import N_, _
from core.imports import dialect as dialects
from core.imports import mapping as mappings
from core.imports import readers
from core.imports.checking import Checked, Checker, Tell
from core.imports.dialect import Dialect
from core.imports.gathering import Gathering
from core.imports.ledger import DOCUMENTS, TABLE, Ledger, update_of
from core.imports.limits import FileError
from core.imports.loading import Loading
from core.imports.models import ImportMapping, ImportRun, RunState
from core.imports.report import write_rejects
from core.imports.staging import Stage
from core.job_run import is_full

log = structlog.get_logger("balise.imports")

BATCH = 1000
_CHANGED = N_(
    "Les données ont changé depuis l'aperçu : vérifiez de nouveau ce fichier, puis recommencez."
)
_REFUSED = N_("La base refuse l'une de ces lignes (deux fois la même ?) : rien n'est écrit.")
_FULL = N_(
    "Il n'y a plus de place sur le disque du serveur : rien n'est écrit. Libérez-en, recommencez."
)
_BUSY = N_("La base ne répond pas, ou un autre programme l'occupe : rien n'est écrit. Recommencez.")
_TOO_MUCH = N_(
    "Ce fichier fermerait %(gone)s lignes sur %(standing)s, plus de la moitié : rien n'est écrit. "
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


class Imports(Ledger):
    """Imports, from their file to their report."""

    def gather(self, run_id: int, paths: Sequence[Path], tell: Tell = lambda _share: None) -> Path:
        """Return the table to be read of what was given: the file itself, or what the dataset
        gathered from documents. Raises ``FileError``.
        """
        run = self.get(run_id)
        dataset = self.dataset(run)
        if dataset.gather is None:
            if len(paths) != 1 or paths[0].is_dir():
                raise FileError(f"« {dataset.name} » est un tableau : donnez un seul fichier.")
            return paths[0]
        table = self.place(run_id) / TABLE
        part = table.with_suffix(".part")
        try:
            with self.host.engine.connect() as connection:
                zone = self._zone(connection, run.customer_id)
            files = self._gathered(run_id)
            dataset.gather(Gathering(dataset, paths, files, part, zone, tell))
            part.replace(table)  # whole: one that dies before begins again
        except OSError as error:
            if is_full(error):
                raise FileError(_(_FULL)) from error
            why = error.strerror or error
            raise FileError(
                f"Les documents ne se lisent pas ou ne s'écrivent pas ({why})."
            ) from error
        return table

    def _gathered(self, run_id: int) -> FileStore:
        return FileStore(self.place(run_id) / "files")

    def look_over(self, run_id: int, tell: Tell = lambda _share: None) -> Checked:
        """Check what was received: documents are gathered first, unless they were already.
        Raises ``FileError``.
        """
        sent = self.place(run_id) / DOCUMENTS
        if sent.is_dir() and not self.table(run_id).exists():
            self.note(run_id, state=RunState.CHECKING)
            try:
                table = self.gather(run_id, [sent], lambda share: tell(share / 2))
                self.examine(run_id, table)
            except BaseException:  # given up as a job: they can be read again
                self.note(run_id, state=RunState.RECEIVED)
                raise
        return self.check(run_id, self.table(run_id), tell=tell)

    def examine(self, run_id: int, path: Path) -> Examined:
        """Look at a file: how it is written, which column is which. Raises ``FileError``."""
        run = self.get(run_id)
        dataset = self.dataset(run)
        known = mappings.known_heads(dataset)
        dialect = dialects.detect(path, lambda head: mappings.plain(head) in known)
        heads = readers.heads(path, dialect)
        sample = [list(row.cells) for row in islice(readers.rows(path, dialect), 5)]
        mapping = mappings.propose(dataset, heads, self._remembered(run))
        self.note(run_id, dialect=dialect.as_json(), mapping=mapping)
        return Examined(dialect, heads, sample, mapping, mappings.problems(dataset, mapping))

    def _remembered(self, run: ImportRun) -> Mapping[str, str]:
        with Session(self.host.engine) as session:
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
        if not path.exists():
            raise FileError(_("Le fichier de cet import n'est plus là : recommencez."))
        if wrong := mappings.problems(dataset, mapping):
            raise FileError(" ".join(wrong))
        self.note(run_id, state=RunState.CHECKING, mapping=dict(mapping))
        staged = self.place(run_id) / "stage.db"
        staged.unlink(missing_ok=True)
        try:
            checked, unkeyed = self._checked(run, path, mapping, staged, tell)
        except BaseException as error:  # given up as a job: the file can be checked again
            self.note(run_id, state=RunState.RECEIVED)
            if is_full(error):
                raise FileError(_(_FULL)) from error
            raise
        counts = {**checked.counts, "standing": checked.standing, "unkeyed": unkeyed}
        self.note(run_id, state=RunState.READY, counts=counts, mark=checked.mark)
        return checked

    def _checked(
        self, run: ImportRun, path: Path, mapping: Mapping[str, str | None], staged: Path,
        tell: Tell,
    ) -> tuple[Checked, int]:  # fmt: skip
        with Stage(staged) as stage, self.host.engine.connect() as connection:
            dataset = self.dataset(run)
            loading = self._loading(connection, run)
            checker = Checker(dataset, mapping, stage, loading, run.partial, tell)
            checker.read(path, Dialect(**run.dialect))
            checked = checker.compare()
            loading.db.close()
            write_rejects(staged.with_name("rejets.csv"), stage, list(mapping))
            return checked, checker.unkeyed

    def apply(self, run_id: int, *, allow_closing: bool = False, as_seen: bool = True) -> Checked:
        """Write what a checked import changes, in one transaction. Raises ``FileError``.

        The difference is made anew under the lock of the database. With ``as_seen``, one that is
        no longer that of the preview is refused: somebody looked at it.
        """
        try:
            return self._written(run_id, allow_closing, as_seen)
        except sa.exc.OperationalError as error:
            raise FileError(_(_FULL if is_full(error) else _BUSY)) from error
        except sa.exc.IntegrityError as error:
            log.exception("an import was refused by the database", run=run_id)
            raise FileError(_(_REFUSED)) from error
        except RowError as error:  # seen only while it was written: nothing of it is kept
            raise FileError(
                _(
                    "%(reason)s (colonne %(column)s) : rien n'est écrit.",
                    reason=error.reason,
                    column=error.column,
                )
            ) from error

    def _written(self, run_id: int, allow_closing: bool, as_seen: bool) -> Checked:
        run = self.get(run_id)
        if run.state is not RunState.READY:
            raise FileError(_("Cet import n'est pas prêt : vérifiez son fichier d'abord."))
        dataset, now = self.dataset(run), clock.now()
        staged = self.place(run_id) / "stage.db"
        with self._alone(), Stage(staged) as stage, self.host.engine.begin() as connection:
            # The lock of the database first: what is compared stays true until it is written.
            ready = update_of(run_id).where(ImportRun.state == RunState.READY)
            if not connection.execute(ready.values(state=RunState.DONE, ended=now)).rowcount:
                raise FileError(_("Cet import vient d'être fait, ou abandonné."))
            loading = self._loading(connection, run)
            checker = Checker(dataset, run.mapping, stage, loading, run.partial)
            checker.unkeyed = run.counts.get("unkeyed", 0)
            checked = checker.compare()
            if as_seen and checked.mark != run.mark:
                raise FileError(_(_CHANGED))
            if checked.closes_too_much and not allow_closing:
                gone, standing = checked.counts[RowAction.GONE], checked.standing
                raise FileError(_(_TOO_MUCH, gone=gone, standing=standing))
            for changes in _batches(_changes(checker)):
                dataset.write(loading, changes)
            loading.db.close()
            counts = {**checked.counts, "standing": checked.standing}
            connection.execute(update_of(run_id).values(counts=counts))
            self._remember(connection, run)
            facts: dict[str, Any] = dict(checked.counts)
            audit.note(
                connection, now=now, actor=run.actor, action="imported", target=run.dataset,
                file=run.file, run=run.id, partial=run.partial, customer=run.customer_id,
                **facts,
            )  # fmt: skip
        self.tidy(run_id)
        return checked

    def _loading(self, connection: sa.Connection, run: ImportRun) -> Loading:
        scope = Scope(0, run.customer_id, every=run.customer_id is None)
        zone = self._zone(connection, run.customer_id)
        # A session on a connection: what it reads and writes is of its transaction.
        db = BulkDb(connection, scope)
        return Loading(
            db, clock.now(), zone, run.customer_id, self.host.vault,
            files=self.host.files, gathered=self._gathered(run.id),
        )  # fmt: skip

    def _zone(self, connection: sa.Connection, customer_id: int | None) -> ZoneInfo:
        query = sa.select(Customer.timezone).where(Customer.id == customer_id)
        return clock.zone(connection.scalar(query), self.host.config.display.timezone)

    def _remember(self, connection: sa.Connection, run: ImportRun) -> None:
        own = (ImportMapping.dataset == run.dataset, ImportMapping.source == run.source)
        connection.execute(sa.delete(ImportMapping).where(*own))
        kept = {"dataset": run.dataset, "source": run.source, "mapping": run.mapping}
        connection.execute(sa.insert(ImportMapping).values(**kept))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Write one import at a time: the next one waits here, not at the database."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


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
