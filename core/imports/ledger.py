"""The book of imports: which there are, where each is in its life, the files that it needs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.datasets import DataKind, Dataset
from core.db import Customer
from core.host import Host
from core.i18n import _
from core.imports import cells, readers
from core.imports.dialect import Dialect
from core.imports.limits import FileError
from core.imports.models import OVER, ImportRun, RunState
from core.imports.staging import Stage

KEPT = timedelta(days=30)
"""How long an import that is over is kept with its rejected rows; one under way, a day."""
TABLE, DOCUMENTS = "gathered.jsonl", "documents"
"""In the folder of an import: the table made of documents, and those that a browser sent."""


class Ledger:
    """The imports of an installation, as rows and folders."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.folder = host.config.imports_path

    def dataset(self, run: ImportRun) -> Dataset:
        """Return the dataset of an import. Raises ``FileError`` when its rubric is gone."""
        found = self.host.registry.datasets().get(run.dataset)
        if found is None:
            raise FileError(
                _("Le jeu de données « %(dataset)s » n'est plus en service.", dataset=run.dataset)
            )
        return found

    def place(self, run_id: int) -> Path:
        """Return the folder of an import: its number, never anybody's word."""
        return self.folder / str(run_id)

    def table(self, run_id: int) -> Path:
        """Return the table that an import reads: the file received, or what documents gave."""
        sent = (self.place(run_id) / DOCUMENTS).is_dir()
        return self.place(run_id) / (TABLE if sent else "file")

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
        with Session(self.host.engine) as session, session.begin():
            session.add(run)
            session.flush()
            number = run.id
        for folder in (self.folder, self.place(number)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return number

    def find(self, run_id: int) -> ImportRun | None:
        with Session(self.host.engine, expire_on_commit=False) as session:
            run = session.get(ImportRun, run_id)
            session.expunge_all()
        return run

    def get(self, run_id: int) -> ImportRun:
        """Return an import. Raises ``FileError`` when there is none of that number."""
        run = self.find(run_id)
        if run is None:
            raise FileError(_("Cet import n'existe plus."))
        return run

    def lately(self, most: int = 50, offset: int = 0) -> tuple[Sequence[ImportRun], int]:
        """Return the imports, newest first, and how many there are."""
        with Session(self.host.engine, expire_on_commit=False) as session:
            query = sa.select(ImportRun).order_by(ImportRun.id.desc()).limit(most).offset(offset)
            found = session.scalars(query).all()
            count = session.scalar(sa.select(sa.func.count()).select_from(ImportRun)) or 0
            session.expunge_all()
        return found, count

    def map(self, run_id: int, mapping: Mapping[str, str | None]) -> None:
        """Keep the columns that somebody chose."""
        self.note(run_id, mapping=dict(mapping))

    def weigh(self, run_id: int, octets: int) -> None:
        """Keep the size of a file that has come whole."""
        self.note(run_id, octets=octets)

    def back_to_columns(self, run_id: int) -> None:
        """Have the columns of a checked import chosen again."""
        ready = update_of(run_id).where(ImportRun.state == RunState.READY)
        with self.host.engine.begin() as connection:
            connection.execute(ready.values(state=RunState.RECEIVED, counts={}))

    def waits(self, run_id: int, *, over: bool = False) -> None:
        """Note that a job will check an import, or will not any more."""
        before, after = RunState.RECEIVED, RunState.CHECKING
        if over:
            before, after = after, before
        query = update_of(run_id).where(ImportRun.state.not_in(OVER))
        query = query.where(ImportRun.state == before) if over else query
        with self.host.engine.begin() as connection:
            connection.execute(query.values(state=after))

    def sample(self, run: ImportRun) -> list[list[str]]:
        """Return the first rows of a file that was received, as a person reads them."""
        columns = {c.name: c for c in self.dataset(run).columns}
        hidden = [
            bool(name) and columns[str(name)].kind is DataKind.SECRET
            for name in run.mapping.values()
        ]
        path = self.place(run.id) / "file"
        found = readers.rows(path, Dialect(**run.dialect)) if path.exists() else iter(())
        return [
            [
                "•••" if secret else cells.said(cell)[:60]
                for cell, secret in zip(row.cells, hidden, strict=False)
            ]
            for row in islice(found, 3)
        ]

    def stage(self, run_id: int) -> Stage:
        """Return the checked rows of an import, to be looked at."""
        return Stage(self.place(run_id) / "stage.db")

    def customer_name(self, run: ImportRun) -> str | None:
        """Return the name of the only customer of an import, None for every one."""
        with self.host.engine.connect() as connection:
            query = sa.select(Customer.name).where(Customer.id == run.customer_id)
            return connection.scalar(query)

    def give_up(self, run_id: int, error: str = "", state: RunState = RunState.ABANDONED) -> None:
        """End an import that is not over: nothing was changed, its file is forgotten."""
        query = update_of(run_id).where(ImportRun.state.not_in(OVER))
        with self.host.engine.begin() as connection:
            connection.execute(query.values(state=state, error=error or None, ended=clock.now()))
        self.tidy(run_id)

    def forget_old(self, now: datetime) -> None:
        """Forget imports past their time; give up those that nobody went on with for a day."""
        stale = sa.select(ImportRun.id).where(
            ImportRun.state.not_in(OVER), ImportRun.created < now - timedelta(days=1)
        )
        with self.host.engine.begin() as connection:
            old = ImportRun.created < now - KEPT
            late = list(connection.scalars(stale))
            gone = list(connection.scalars(sa.select(ImportRun.id).where(old)))
        for run_id in late:
            self.give_up(run_id, "Resté sans suite pendant un jour.")
        for run_id in gone:
            shutil.rmtree(self.place(run_id), ignore_errors=True)

    def note(self, run_id: int, **values: Any) -> None:
        with self.host.engine.begin() as connection:
            connection.execute(update_of(run_id).values(**values))

    def tidy(self, run_id: int) -> None:
        """Remove what an import that is over needs no more: the file may hold secrets."""
        place = self.place(run_id)
        names = ("file", TABLE, "gathered.part", "stage.db", "stage.db-journal")
        for path in (*(place / name for name in names), *place.glob("part.*")):
            path.unlink(missing_ok=True)
        for name in ("files", DOCUMENTS):
            shutil.rmtree(place / name, ignore_errors=True)


def update_of(run_id: int) -> sa.Update:
    return sa.update(ImportRun).where(ImportRun.id == run_id)
