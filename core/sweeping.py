"""Files that no row names: what an import that was killed, or undone, left in the store.

A row is written after its file, so that a file may be unnamed for a while: it is removed a day
after it was kept last. Which columns name files is read from the database and not from the rubrics:
one that is out of service keeps its tables, and its files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog

from core.files import FileStore
from core.host import Host

log = structlog.get_logger("balise.work")

KEPT = timedelta(days=1)
"""How long a file may stand that no row names."""
NAMES = ("key", "digest", "hash", "sha256")
"""How the name of a column ends that may hold the key of a file: one too many does no harm."""
_FEW = 100
"""Files that go even where they are most of all: otherwise it may be the wrong database."""
_DIGITS = "0123456789abcdef"


def sweep(host: Host, now: datetime) -> int:
    """Remove the files that no row names, and what was never written whole; return how many.

    Nothing is removed when more than half of them are named by no row: a portal that was started
    on another database must not lose its invoices.
    """
    store, before = host.files, now - KEPT
    if not store.folder.is_dir():
        return 0
    columns = _columns(host.engine)
    if not columns:
        return 0
    lost, every = dict[str, list[Path]](), 0
    for digit in _DIGITS:
        found = list(_files(store, digit))
        every += len(found)
        lost[digit] = _unnamed(host.engine, columns, digit, found, before)
    count = sum(map(len, lost.values()))
    if count > _FEW and 2 * count > every:
        log.warning("most files are named by no row: is it the right database?", files=every)
        return 0
    removed = 0
    for digit, some in lost.items():
        with store.held():  # nobody keeps one of them, or finds it kept, meanwhile
            for path in _unnamed(host.engine, columns, digit, some, before):
                path.unlink(missing_ok=True)
                removed += 1
    if removed:
        log.info("files that no row names were removed", files=removed)
    return removed


def _files(store: FileStore, digit: str) -> Iterator[Path]:
    """Yield all that stands under a digit, halves of files too."""
    for folder in store.folder.glob(f"{digit}[{_DIGITS}]"):
        yield from folder.iterdir()


def _unnamed(
    engine: sa.Engine, columns: Sequence[sa.ColumnClause[str]], digit: str, found: Sequence[Path],
    before: datetime,
) -> list[Path]:  # fmt: skip
    """Return which of some files were kept before a moment and are named by no row."""
    old = {path.name: path for path in found if _is_old(path, before)}
    if not old:
        return []
    named: set[str] = set()
    with engine.connect() as connection:
        for column in columns:
            query = sa.select(column).where(column >= digit, column < f"{digit}g")
            named |= old.keys() & connection.scalars(query.execution_options(yield_per=5000))
    return [path for name, path in old.items() if name not in named]


def _is_old(path: Path, before: datetime) -> bool:
    try:
        return path.lstat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _columns(engine: sa.Engine) -> Sequence[sa.ColumnClause[str]]:
    """Return every column of the database that may name a file, whosever it is."""
    known = sa.inspect(engine)
    return [
        sa.column(one["name"], sa.String(), _selectable=sa.table(table))
        for table in known.get_table_names()
        for one in known.get_columns(table)
        if one["name"].endswith(NAMES) and isinstance(one["type"], sa.String)
    ]
