"""The rows of a file as they were checked, in a file of SQLite beside the database: flat memory.

It also holds what each row changes once it was compared, and the rows that cannot be taken.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

SAME = "same"
_BATCH = 500
_SCHEMA = """
create table if not exists row (line integer primary key, key text unique, rank integer,
    data text, raw text, found text, action text, id integer, before text);
create index if not exists row_action on row (action, rank, line);
create table if not exists key (key text primary key, line integer) without rowid;
create table if not exists reject (line integer primary key, col text, value text, reason text,
    raw text);
create table if not exists gone (id integer primary key, before text);
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """A row as it is staged; ``data`` and ``before`` are plain JSON by column name."""

    line: int | None
    data: Mapping[str, Any]
    found: Mapping[str, Any]
    action: str | None
    id: int | None
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be taken: its line, the column and value at fault, why, its cells."""

    line: int
    column: str
    value: str
    reason: str
    cells: Sequence[str]


class Stage:
    """The file of one import. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = off")
        self._db.execute("pragma synchronous = off")
        self._db.execute("pragma cache_size = -1500")
        self._db.executescript(_SCHEMA)
        self._notes: list[tuple[str, int, int]] = []
        self._marks: list[tuple[str, int, str, int]] = []
        self._met: set[int] = set()
        self._db.execute("begin")

    def _flush(self) -> None:
        """Write what was noted of rows by the hundred."""
        if self._notes:
            query = "update row set found = ?, rank = ? where line = ?"
            self._db.executemany(query, self._notes)
            self._notes.clear()
        if self._marks:
            query = "update row set action = ?, id = ?, before = ? where line = ?"
            self._db.executemany(query, self._marks)
            self._marks.clear()
            self._met.clear()

    def close(self) -> None:
        self._flush()
        if self._db.in_transaction:
            self._db.execute("commit")
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, line: int, key: str, data: str, raw: str) -> int | None:
        """Keep a row; return the line that has the same key already, None when there is none."""
        first = self.take_key(line, key)
        if first is None:
            query = (
                "insert into row (line, key, rank, data, raw, found) values (?, ?, 0, ?, ?, '{}')"
            )
            self._db.execute(query, (line, key, data, raw))
        return first

    def take_key(self, line: int, key: str) -> int | None:
        """Note that the file has a key; return the line that had it before, None without one."""
        try:
            self._db.execute("insert into key values (?, ?)", (key, line))
        except sqlite3.IntegrityError:
            found = self._db.execute("select line from key where key = ?", (key,)).fetchone()
            return int(found[0])
        return None

    def reject(
        self, line: int, column: str, value: str, reason: str, raw: str | None = None
    ) -> None:
        """Note that a row cannot be taken; ``raw`` None: that of the row staged at that line."""
        if raw is None:
            found = self._db.execute("select raw from row where line = ?", (line,)).fetchone()
            raw = found[0] if found else "[]"
            self._db.execute("delete from row where line = ?", (line,))
        query = "insert or ignore into reject values (?, ?, ?, ?, ?)"
        self._db.execute(query, (line, column, value[:200], reason, raw))

    def has(self, key: str) -> bool:
        """Tell whether the file has a row of that key that can be taken."""
        return self._db.execute("select 1 from row where key = ?", (key,)).fetchone() is not None

    def names(self, key: str) -> bool:
        """Tell whether the file has a row of that key, good or bad."""
        return self._db.execute("select 1 from key where key = ?", (key,)).fetchone() is not None

    def find(self, key: str) -> tuple[int, Mapping[str, Any], bool] | None:
        """Return (line, data, whether it was met already) of the row of a key, None without."""
        query = "select line, data, action is not null from row where key = ?"
        found = self._db.execute(query, (key,)).fetchone()
        if found is None:
            return None
        return found[0], json.loads(found[1]), bool(found[2]) or found[0] in self._met

    def note(self, line: int, found: Mapping[str, Any], rank: int) -> None:
        """Keep what the check of a row answered, and its turn."""
        if found or rank:
            self._notes.append((json.dumps(found), rank, line))
        if len(self._notes) >= _BATCH:
            self._flush()

    def forget_difference(self) -> None:
        """Forget what was compared."""
        self._flush()
        self._db.execute("update row set action = null, id = null, before = null")
        self._db.execute("delete from gone")

    def mark(self, line: int, action: str, id_: int, before: Mapping[str, Any]) -> None:
        """Keep what becomes of a row that stands."""
        self._marks.append((action, id_, json.dumps(before) if before else "{}", line))
        self._met.add(line)
        if len(self._marks) >= _BATCH:
            self._flush()

    def gone(self, id_: int, before: Mapping[str, Any]) -> None:
        self._db.execute("insert or ignore into gone values (?, ?)", (id_, json.dumps(before)))

    def rest_is(self, action: str) -> None:
        """Say what the rows are that met none that stands."""
        self._flush()
        self._db.execute("update row set action = ? where action is null", (action,))

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each action, « gone » and « rejected » with them."""
        found = dict(self._db.execute("select action, count(*) from row group by action"))
        found["gone"] = self._one("select count(*) from gone")
        found["rejected"] = self._one("select count(*) from reject")
        return found

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])

    def rows(self, action: str | None = None, limit: int = -1, offset: int = 0) -> Iterator[Staged]:
        """Yield the rows of an action, or all, in the order in which they are written."""
        if action == "gone":
            query = "select null, '{}', '{}', 'gone', id, before from gone order by id"
            found = self._db.execute(f"{query} limit ? offset ?", (limit, offset))
        else:
            query = "select line, data, found, action, id, coalesce(before, '{}') from row"
            where = " where action = ?" if action else ""
            order = " order by rank, line limit ? offset ?"
            given = (action, limit, offset) if action else (limit, offset)
            found = self._db.execute(query + where + order, given)
        for line, data, found_, act, id_, before in found:
            yield Staged(line, json.loads(data), json.loads(found_), act, id_, json.loads(before))

    def rejects(self, limit: int = -1, offset: int = 0) -> Iterator[Reject]:
        """Yield the rows that cannot be taken, in the order of the file."""
        query = "select line, col, value, reason, raw from reject order by line limit ? offset ?"
        for line, column, value, reason, raw in self._db.execute(query, (limit, offset)):
            yield Reject(line, column, value, reason, json.loads(raw))

    def staged(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield (line, data) of the rows that can be taken, in order; rows may go meanwhile."""
        last = -1
        query = "select line, data from row where line > ? order by line limit 1000"
        while some := self._db.execute(query, (last,)).fetchall():
            for last, data in some:
                yield last, json.loads(data)
