"""What comes as documents, and an index of them or none, made into a table that an import reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    tell: Callable[[float], None] = field(default=lambda _share: None, repr=False)
    _count: int = field(default=0, repr=False)
    _out: IO[str] | None = field(default=None, repr=False)

    def aside(self, suffix: str) -> Path:
        """Return where a part of what was given may be laid to be read, an index out of a ZIP: a
        place of the import, under a name of ours that ends so. It goes when the import is over.
        """
        return self.files.folder.with_name(f"part{suffix}")

    def index(self, path: Path, name: str = "") -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (line, values by column) of a table with the heads of the dataset; empty cells are
        left out. ``name`` is what a person knows it by. Raises ``FileError`` for a head or a cell
        that does not read.
        """
        name = name or path.name
        known = mapping.known_heads(self.dataset)
        dialect = detect(path, lambda head: mapping.plain(head) in known)
        heads = readers.heads(path, dialect)
        found = mapping.propose(self.dataset, heads)
        for head, known_as in found.items():
            if known_as is None:
                raise FileError(f"{name} : colonne « {head} » inconnue.")
        columns = [self.dataset.column(one) if (one := found[head]) else None for head in heads]
        for row in readers.rows(path, dialect):
            values: dict[str, Any] = {}
            for cell, column in zip(row.cells, columns, strict=False):
                if column is None or column.ignored:
                    continue
                try:
                    value = cells.read(column, cell, self.zone)
                except cells.CellError as error:
                    said = f"{name}, ligne {row.line}, {column.header} « {cell} » : {error}."
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
        heads = {column.name: column.header for column in self.dataset.columns}
        plain = {heads[name]: cells.kept(value) for name, value in values.items()}
        self._out.write(json.dumps(plain, ensure_ascii=False) + "\n")
        self._count += 1
        if self._count % 10 == 0:
            self.tell(1 - 1 / (1 + self._count / 1000))
