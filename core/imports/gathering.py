"""What comes as documents, and an index of them or none, made into a table that an import reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from core.datasets import Dataset
from core.files import FileStore
from core.imports import cells, mapping, readers
from core.imports.dialect import detect
from core.imports.limits import FileError

TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".json", ".jsonl")


@dataclass
class Gathering:
    """What ``Dataset.gather`` is given: files and folders; where it keeps the documents (a store of
    the import alone, ``Loading.keep_file`` keeps them for good) and says what is in them.
    """

    dataset: Dataset
    paths: Sequence[Path]
    files: FileStore
    table: Path
    zone: ZoneInfo
    _out: IO[str] | None = field(default=None, repr=False)

    def index(self, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (line, values by column) of a table with the heads of the dataset; empty cells are
        left out. Raises ``FileError`` for a head or a cell that does not read.
        """
        known = mapping.known_heads(self.dataset)
        dialect = detect(path, lambda head: mapping.plain(head) in known)
        heads = readers.heads(path, dialect)
        found = mapping.propose(self.dataset, heads)
        for head, name in found.items():
            if name is None:
                raise FileError(f"{path.name} : colonne « {head} » inconnue.")
        columns = [self.dataset.column(name) if (name := found[head]) else None for head in heads]
        for row in readers.rows(path, dialect):
            values: dict[str, Any] = {}
            for cell, column in zip(row.cells, columns, strict=False):
                if column is None or column.ignored:
                    continue
                try:
                    value = cells.read(column, cell, self.zone)
                except cells.CellError as error:
                    said = f"{path.name}, ligne {row.line}, {column.header} « {cell} » : {error}."
                    raise FileError(said) from error
                if value is not None:
                    values[column.name] = value
            yield row.line, values

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open the table; ``add`` writes into it."""
        with self.table.open("w", encoding="utf-8") as self._out:
            yield

    def add(self, values: Mapping[str, Any]) -> None:
        """Write a row: the values of a document by column name."""
        assert self._out is not None  # noqa: S101 - within writing()
        plain = {name: cells.kept(value) for name, value in values.items()}
        self._out.write(json.dumps(plain, ensure_ascii=False) + "\n")
