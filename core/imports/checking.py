"""A file against what stands: each row read and checked, then compared. Writes nothing but its
own stage.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from core.datasets import DataKind, Dataset, DatasetColumn, RowAction, RowError
from core.i18n import _
from core.imports import cells, readers
from core.imports.dialect import Dialect
from core.imports.loading import Loading
from core.imports.staging import SAME, Stage
from core.network.views import fold

AS_IT_IS = (DataKind.TEXT, DataKind.REFERENCE, DataKind.INTEGER, DataKind.CHOICE)
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Checked:
    """What comparing found: rows by what becomes of them, and a mark of the whole difference.

    ``standing`` counts the rows that stand open; ``kept_open`` says that nothing is closed because
    the key of some rejected row could not be read.
    """

    counts: Mapping[str, int]
    mark: str
    standing: int
    kept_open: bool = False

    @property
    def changes(self) -> int:
        return sum(self.counts[action] for action in RowAction)

    @property
    def closes_too_much(self) -> bool:
        """Whether more than half of what stands would be closed."""
        return 2 * self.counts[RowAction.GONE] > self.standing


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cells.kept(value) for name, value in values.items()}


def key_of(dataset: Dataset, values: Mapping[str, Any]) -> str | None:
    """Return the key of a row as one text, None when a part of it is missing.

    Case and accents count for nothing: back offices write a name in many ways.
    """
    parts = [values.get(name) for name in dataset.key]
    if any(part is None or part == "" for part in parts):
        return None
    return "\x1f".join(fold(str(cells.kept(part))) for part in parts)


@dataclass
class Checker:
    """Reads a file into a stage, then compares the stage with what stands."""

    dataset: Dataset
    mapping: Mapping[str, str | None]
    stage: Stage
    loading: Loading
    partial: bool = False
    tell: Tell = field(default=lambda _share: None)
    unkeyed: int = 0

    def read(self, path: Path, dialect: Dialect) -> None:
        """Stage each row of a file that can be taken; note the others. Raises ``FileError``."""
        heads = readers.heads(path, dialect)
        columns = [self._column(head) for head in heads]
        for count, row in enumerate(readers.rows(path, dialect), start=1):
            self._take(row, heads, columns)
            if count % 500 == 0:
                self.tell(0.5 * (1 - 1 / (1 + count / 20_000)))
        self._check_rows()

    def _column(self, head: str) -> DatasetColumn | None:
        name = self.mapping.get(head)
        column = self.dataset.column(name) if name else None
        return None if column is None or column.ignored else column

    def _take(
        self, row: readers.Row, heads: list[str], columns: list[DatasetColumn | None]
    ) -> None:
        cells_, wide = list(row.cells), len(columns)
        extra = [cell for cell in cells_[wide:] if cell not in (None, "")]
        cells_ = [*cells_[:wide], *([None] * (wide - len(cells_)))]
        raw = json.dumps(
            [
                "" if column is not None and column.kind is DataKind.SECRET else cells.said(cell)
                for cell, column in zip(cells_, columns, strict=True)
            ]
        )
        if extra:
            said = _("plus de cellules que de colonnes : un séparateur de trop ?")
            self._refuse(row.line, [("", cells.said(extra[0]), said)], raw, None)
            return
        values: dict[str, Any] = {}
        faults: list[tuple[str, str, str]] = []
        for cell, head, column in zip(cells_, heads, columns, strict=True):
            if column is None:
                continue
            try:
                values[column.name] = self._value(column, cell)
            except cells.CellError as error:
                shown = "•••" if column.kind is DataKind.SECRET else cells.said(cell)
                faults.append((head, shown, str(error)))
            else:
                if values[column.name] is None and self.dataset.required(column):
                    faults.append((head, cells.said(cell), _("une valeur est attendue")))
        key = key_of(self.dataset, values)
        if faults:
            self._refuse(row.line, faults, raw, key)
            return
        data = json.dumps({name: cells.kept(value) for name, value in values.items()})
        first = self.stage.add(row.line, str(key), data, raw)
        if first is not None:
            names = ", ".join(self.dataset.column(name).header for name in self.dataset.key)
            shown = " · ".join(str(cells.kept(values[name])) for name in self.dataset.key)
            self.stage.reject(row.line, names, shown, _("déjà à la ligne %(n)s", n=first), raw)
            self.stage.reject(first, names, shown, _("de nouveau à la ligne %(n)s", n=row.line))

    def _value(self, column: DatasetColumn, cell: Any) -> Any:
        value = cells.read(column, cell, self.loading.zone)
        if value is None:
            return column.default
        return self.loading.seal(value) if column.kind is DataKind.SECRET else value

    def _refuse(
        self, line: int, faults: list[tuple[str, str, str]], raw: str, key: str | None
    ) -> None:
        column, value, reason = faults[0]
        others = [f"{head} « {shown} » : {why}" for head, shown, why in faults[1:]]
        self.stage.reject(line, column, value, " ; ".join([reason, *others]), raw)
        if key is None:
            self.unkeyed += 1
        else:
            self.stage.take_key(line, key)

    def _check_rows(self) -> None:
        """Have the dataset look at each row, now that all keys of the file are known."""
        heads = {name: head for head, name in self.mapping.items() if name}
        self.loading.brings = lambda *key: self._brings(key)
        for count, (line, data) in enumerate(self.stage.staged(), start=1):
            values = self.values(data)
            try:
                found = self.dataset.check(self.loading, values) if self.dataset.check else None
            except RowError as error:
                column = self.dataset.column(error.column)
                shown = cells.shown(column, values.get(error.column), self.loading.zone)
                self.stage.reject(line, heads.get(error.column, column.header), shown, error.reason)
                continue
            self.stage.note(
                line, found or {}, self.dataset.rank(values) if self.dataset.rank else 0
            )
            if count % 500 == 0:
                self.tell(0.6)
        self.loading.forget()

    def _brings(self, key: tuple[Any, ...]) -> bool:
        return self.stage.has(
            str(key_of(self.dataset, dict(zip(self.dataset.key, key, strict=True))))
        )

    def values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a staged row as its columns have them."""
        kinds = self._kinds
        return {
            name: plain if kinds[name] in AS_IT_IS else cells.restored(kinds[name], plain)
            for name, plain in data.items()
        }

    @cached_property
    def _kinds(self) -> Mapping[str, DataKind]:
        return {column.name: column.kind for column in self.dataset.columns}

    @cached_property
    def _columns(self) -> Mapping[str, DatasetColumn]:
        return {column.name: column for column in self.dataset.columns}

    def compare(self) -> Checked:
        """Say of each row what becomes of it, by what stands at this moment."""
        stage, closing, standing = self.stage, self.dataset.closes and not self.partial, 0
        stage.forget_difference()
        mark = hashlib.sha256()
        for count, row in enumerate(self.dataset.standing(self.loading)):
            standing += not row.closed
            key = key_of(self.dataset, row.values)
            found = stage.find(key) if key else None
            if found is not None and not found[2]:
                action = self._action(row.closed, row.values, self.values(found[1]))
                before = {} if action == SAME else _kept(row.values)
                stage.mark(found[0], action, row.id, before)
            elif found is None and closing and not row.closed and not self.unkeyed:
                if key is not None and stage.names(key):
                    continue
                action = RowAction.GONE
                stage.gone(row.id, _kept(row.values))
            else:
                continue
            mark.update(f"{row.id} {action} ".encode())
            if count % 1000 == 0:
                self.tell(0.8)
        stage.rest_is(RowAction.NEW)
        counts = dict.fromkeys((*map(str, RowAction), SAME), 0) | stage.counts()
        mark.update(json.dumps(counts, sort_keys=True).encode())
        kept_open = closing and bool(self.unkeyed)
        return Checked(counts, mark.hexdigest(), standing, kept_open)

    def _action(self, closed: bool, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
        if closed:
            return RowAction.REOPENED
        for name, value in after.items():
            column = self._columns[name]
            if column.kind is DataKind.SECRET:
                if value is not None and not self._same_secret(before.get(name), value):
                    return RowAction.CHANGED
            elif column.named and fold(str(before.get(name))) == fold(str(value)):
                continue
            elif not cells.same(before.get(name), value):
                return RowAction.CHANGED
        return SAME

    def _same_secret(self, before: str | None, after: str) -> bool:
        return before is not None and self.loading.open(before) == self.loading.open(after)
