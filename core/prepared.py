"""Statements that run often: compiled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa


class Prepared:
    """A select of columns, and how the driver takes it: compiled at its first run, then kept."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._made: tuple[Any, list[tuple[int, Callable[[Any], Any]]]] | None = None

    def run(self, connection: sa.Connection, parameters: dict[str, Any]) -> list[Sequence[Any]]:
        """Return its rows, as SQLAlchemy would, without all that it prepares anew for each run.

        Parameters are given to the driver as they are: whole numbers, lists of them to expand.
        """
        made = self._made
        if made is None:  # set at once, when it is whole: threads share it
            made = self._made = self._compile(connection.dialect)
        compiled, readers = made
        expanded = compiled.construct_expanded_state({**compiled.params, **parameters})
        positions = tuple(expanded.positional_parameters) if compiled.positional else None
        found = connection.exec_driver_sql(expanded.statement, positions or expanded.parameters)
        rows: list[Any] = [list(row) for row in found.cursor.fetchall()]
        found.close()
        for place, reader in readers:
            for row in rows:
                row[place] = reader(row[place])
        return rows

    def _compile(self, dialect: sa.Dialect) -> tuple[Any, list[tuple[int, Callable[[Any], Any]]]]:
        readers = []
        for place, column in enumerate(self.statement.selected_columns):
            reader = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if reader:
                readers.append((place, reader))
        return self.statement.compile(dialect=dialect), readers
