"""Reading and writing by the thousand, for imports: the second half of isolation (``core.db``).

What is read is narrowed as ever. What is written is checked in sets: whose rows they are, and
that those they name belong to the same customer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

import sqlalchemy as sa

from core.access import OutOfScope
from core.db import Base, Company, Customer, Db, Internal, Owned, Shared

_PIECE = 500  # parameters of a statement: SQLite takes 32,766


class BulkDb(Db):
    """The database as an import sees it: the rows of its scope, read as they come."""

    __slots__ = ("__dict__",)

    def customers(self) -> Iterator[Any]:
        """Yield (id, number, name, timezone, closed) of the customers of the scope, those without
        a company too, whom no criterion on companies would find.
        """
        scope, t = self._session.info["scope"], _table(Customer)
        query = sa.select(t.c.id, t.c.number, t.c.name, t.c.timezone, t.c.closed)
        if not scope.every:
            query = query.where(t.c.id == scope.customer_id)
        yield from self._session.connection().execute(query)

    def insert(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Write new rows, given by column; return their ids in the same order."""
        if not rows:
            return []
        self._check(model, rows)
        table, connection = _table(model), self._session.connection()
        if connection.dialect.name == "sqlite":
            # It gives ids in no promised order, unless row by row. Whoever writes holds its only
            # lock, so the next ones are known.
            last = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
            ids = list(range(last + 1, last + 1 + len(rows)))
            numbered = [{**row, "id": id_} for row, id_ in zip(rows, ids, strict=True)]
            connection.execute(sa.insert(table), numbered)
            return ids
        query = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(connection.scalars(query, [dict(row) for row in rows]))

    def update(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write some columns of rows that stand: each of ``rows`` has its « id » and those."""
        if not rows:
            return
        self._check_seen(model, [row["id"] for row in rows])
        table = _table(model)
        whole = rows
        if any(name in row for name, _target in _named(model) for row in rows):
            whose = self._owners(table, {row["id"] for row in rows})
            whole = [{"company_id": whose.get(row["id"]), **row} for row in rows]
        self._check(model, whole)
        alike = defaultdict(list)
        for row in rows:
            alike[frozenset(row)].append({("id_" if k == "id" else k): row[k] for k in row})
        for names, ones in alike.items():
            values: dict[str, Any] = {name: sa.bindparam(name) for name in names - {"id"}}
            if values:
                query = sa.update(table).where(table.c.id == sa.bindparam("id_")).values(values)
                self._session.connection().execute(query, ones)

    @cached_property
    def _customers(self) -> Mapping[int, int]:
        """The customer of each company of the scope."""
        query = sa.select(Company.id, Company.customer_id)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def _check_seen(self, model: type[Base], ids: Sequence[int]) -> None:
        if self._session.info["scope"].every and issubclass(model, Shared | Customer):
            return
        column: Any = model.id  # type: ignore[attr-defined]  # each model of an import has one
        for some in _pieces(sorted(set(ids))):
            seen = self._session.scalars(sa.select(column).where(column.in_(some)))
            if len(seen.all()) < len(some):
                raise OutOfScope(f"{model.__name__} of another tenant")

    def _check(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Raise ``OutOfScope`` for rows that this scope may not write."""
        scope = self._session.info["scope"]
        if issubclass(model, Shared | Customer | Company):
            if issubclass(model, Company) and {r.get("customer_id") for r in rows} <= {
                None,
                scope.customer_id,
            }:
                return  # one of the customer's own
            if not scope.every:
                raise OutOfScope(f"{model.__name__} is not this customer's to write")
            return
        if issubclass(model, Internal) or not issubclass(model, Owned):
            raise OutOfScope(f"{model.__name__} is not a tenant's row")
        if strangers := {r["company_id"] for r in rows if "company_id" in r} - set(self._customers):
            raise OutOfScope(f"{model.__name__} of company {min(strangers)}")
        for column, target in _named(model):
            whose = self._owners(target, {r[column] for r in rows if r.get(column) is not None})
            for row in rows:
                if row.get(column) is None:
                    continue
                owner = self._customers.get(whose.get(row[column], 0))
                if owner is None or owner != self._customers.get(row.get("company_id") or 0):
                    raise OutOfScope(f"{model.__name__} names a {target.name} of another tenant")

    def _owners(self, target: sa.Table, ids: set[int]) -> dict[int, int]:
        """Return the company of each row of a table that has one of these ids."""
        found: dict[int, int] = {}
        for some in _pieces(sorted(ids)):
            query = sa.select(target.c.id, target.c.company_id).where(target.c.id.in_(some))
            rows = self._session.connection().execute(query)
            found.update((id_, company) for id_, company in rows)
        return found


def _table(model: type[Base]) -> sa.Table:
    table = sa.inspect(model).local_table
    assert isinstance(table, sa.Table)  # noqa: S101 - a model of ours is a table
    return table


def _named(model: type[Base]) -> Iterator[tuple[str, sa.Table]]:
    """Yield (column, table) of the tenants' rows that rows of a model name by their id."""
    for key in _table(model).foreign_keys:
        if "company_id" in key.column.table.c and key.column.name == "id":
            yield key.parent.name, key.column.table


def _pieces(ids: Sequence[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while some := list(islice(left, _PIECE)):
        yield some
