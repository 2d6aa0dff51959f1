"""The database, seen through a tenant's eyes.

Isolation lives here and only here: every statement of a scoped session gets the
tenant's criteria added, whatever the rubric wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.sql import visitors
from sqlalchemy.sql.operators import custom_op

from core.access import OutOfScope, Reach, Scope
from core.clock import Utc
from core.prepared import Prepared

M = TypeVar("M", bound="Base")


class Base(orm.DeclarativeBase):
    """Root of all models: a model that does not say who owns its rows is refused."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Utc}
    owned: ClassVar[bool]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if not hasattr(cls, "owned"):
            raise TypeError(f"{cls.__name__}: derive from Owned or Shared")
        super().__init_subclass__(**kwargs)


class Owned(Base):
    """Rows that belong to a company and, for most, to one of its sites.

    The pair is one foreign key, whatever a model says, so that no row claims another's site.
    """

    __abstract__ = True
    owned = True

    company_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("company.id"), index=True)
    site_id: orm.Mapped[int | None] = orm.mapped_column(index=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table, pair = vars(cls).get("__table__"), ["company_id", "site_id"]
        if table is None or "site_id" not in table.c:
            return
        if all(key.column_keys != pair for key in table.foreign_key_constraints):
            table.append_constraint(sa.ForeignKeyConstraint(pair, ["site.company_id", "site.id"]))


class Shared(Base):
    """Rows that every tenant may read: dictionaries, labels, calendars."""

    __abstract__ = True
    owned = False


class Internal(Base):
    """Rows of the host alone (accounts, sessions, audit): no scoped session reads them."""

    __abstract__ = True
    owned = False


class Company(Base):
    """A « société »: a legal entity of a customer; sites, links and invoices belong to one."""

    __tablename__ = "company"
    owned = True

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    customer_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("customer.id"), index=True)
    name: orm.Mapped[str]
    closed: orm.Mapped[datetime | None]
    customer: orm.Mapped[Customer] = orm.relationship(back_populates="companies")


class Customer(Base):
    """A « compte client »: a group of companies that signs with the operator."""

    __tablename__ = "customer"
    owned = True

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    number: orm.Mapped[str] = orm.mapped_column(unique=True)
    name: orm.Mapped[str]
    timezone: orm.Mapped[str] = orm.mapped_column(default="Europe/Paris")
    closed: orm.Mapped[datetime | None]
    disabled: orm.Mapped[datetime | None]  # none of its accounts may be used
    companies: orm.Mapped[list[Company]] = orm.relationship(back_populates="customer")


class ScopeGrant(Internal):
    """One line of a user's scope; ``target_id`` is a customer, a company or a site."""

    __tablename__ = "scope_grant"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    user_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    reach: orm.Mapped[Reach] = orm.mapped_column(sa.Enum(Reach, native_enum=False, length=12))
    target_id: orm.Mapped[int | None]
    __table_args__ = (sa.UniqueConstraint("user_id", "reach", "target_id"),)


def granted(scope: Scope) -> tuple[list[sa.Select[Any]], sa.Select[Any]]:
    """Return what a scope opens: selects whose union is companies, and one of single sites, of
    tables under other names, so that no statement around them is mistaken for their own.
    """
    grant = sa.inspect(ScopeGrant).local_table.alias("scope_of_user")
    company = sa.inspect(Company).local_table.alias("scope_company")
    if scope.every or scope.customer_id is not None:
        one = sa.true() if scope.every else company.c.customer_id == scope.customer_id
        return [sa.select(company.c.id).where(one)], sa.select(company.c.id).where(sa.false())
    mine = grant.c.user_id == scope.user_id
    # The reach is a constant of the statement: as a parameter it would cost each run of it.
    of = {r: sa.and_(mine, grant.c.reach == sa.literal_column(f"'{r.name}'")) for r in Reach}
    companies = [
        sa.select(grant.c.target_id).where(of[Reach.COMPANY]),
        sa.select(company.c.id)
        .select_from(company.join(grant, grant.c.target_id == company.c.customer_id))
        .where(of[Reach.CUSTOMER]),
        sa.select(company.c.id).select_from(company.join(grant, of[Reach.OPERATOR])),
    ]
    return companies, sa.select(grant.c.target_id).where(of[Reach.SITE])


def _operator(scope: Scope) -> sa.ColumnElement[bool]:
    """Tell whether a scope is the operator's own, which sees every customer: not one of them."""
    if scope.customer_id is not None:
        return sa.false()
    grant = sa.inspect(ScopeGrant).local_table.alias("scope_of_operator")
    mine = (grant.c.user_id == scope.user_id, grant.c.reach == Reach.OPERATOR)
    return sa.select(grant.c.id).where(*mine).exists()


@lru_cache(maxsize=512)
def _criteria(scope: Scope) -> list[Any]:
    """Return the criteria of a scope: they hold no row, each statement reads the grants anew."""
    parts, sites = granted(scope)
    companies = sa.union_all(*parts)
    company = sa.inspect(Company).local_table.alias("scope_customer")
    site = Base.metadata.tables["site"].alias("scope_site")
    # A user of one site sees the name of its company, and of its customer, but no other row.
    seen = sa.union_all(*parts, sa.select(site.c.company_id).where(site.c.id.in_(sites)))
    customers = sa.select(company.c.customer_id).where(company.c.id.in_(seen))
    return [
        orm.with_loader_criteria(
            Owned,
            lambda cls: sa.or_(cls.company_id.in_(companies), cls.site_id.in_(sites)),
            include_aliases=True,
        ),
        orm.with_loader_criteria(Company, Company.id.in_(seen), include_aliases=True),
        orm.with_loader_criteria(Customer, Customer.id.in_(customers), include_aliases=True),
    ]


class _ScopedSession(orm.Session):
    """A session that carries ``info["scope"]`` and applies it to all it does."""


RAW_PLACES = ("_prefixes", "_suffixes", "_hints", "_statement_hints")
"""Where a statement keeps words of the caller that SQLAlchemy writes as they are."""


def _is_raw(node: Any) -> bool:
    """Tell whether a part of a statement is written by hand: nobody can say what it reads."""
    if isinstance(node, sa.TextClause) or any(getattr(node, place, ()) for place in RAW_PLACES):
        return True
    bare = isinstance(node, sa.TableClause) and not isinstance(node, sa.Table)
    literal = bool(getattr(node, "is_literal", False)) and str(node) != "*"
    return bare or literal or isinstance(getattr(node, "operator", None), custom_op)


def _check(statement: Any) -> None:
    """Raise ``OutOfScope`` for what criteria would not reach: raw SQL, tables without models."""
    mapped, bare = set(), set()
    for node in visitors.iterate(statement):
        if _is_raw(node):
            raise OutOfScope("raw SQL cannot be scoped")
        if not isinstance(node, sa.Table | sa.Column):
            continue
        entity = node._annotations.get("parententity")  # noqa: SLF001 - no public way to ask
        if entity is not None:
            if issubclass(entity.mapper.class_, Internal):
                raise OutOfScope(f"{entity.mapper.class_.__name__} is the host's alone")
            mapped.add(entity.mapper.local_table.name)
        elif isinstance(node, sa.Table):
            bare.add(node.name)
        elif isinstance(node.table, sa.Table):
            advice = "join models by a condition: .join(Site, Site.id == Model.site_id)"
            raise OutOfScope(f"column {node} without its model cannot be scoped: {advice}")
    if bare - mapped:
        raise OutOfScope(f"table {min(bare - mapped)!r} without its model cannot be scoped")


# Statements as scopes run them: one that a module keeps is checked, narrowed and compiled once.
_NARROWED: WeakKeyDictionary[Any, dict[Scope, Prepared]] = WeakKeyDictionary()


@event.listens_for(_ScopedSession, "do_orm_execute")
def _narrow(state: orm.ORMExecuteState) -> None:
    if not (state.is_orm_statement and state.is_select):
        raise OutOfScope("only a select on models can be scoped")
    scope = state.session.info["scope"]
    if state.is_relationship_load or state.is_column_load:  # those the ORM wrote itself
        state.statement = state.statement.options(*_criteria(scope))
        return
    state.statement = _narrowed(state.statement, scope).statement


def _narrowed(statement: Any, scope: Scope) -> Prepared:
    """Return a statement with the criteria of a scope."""
    known = _NARROWED.setdefault(statement, {})
    if scope not in known:
        _check(statement)
        if len(known) >= 64:
            known.clear()
        known[scope] = Prepared(statement.options(*_criteria(scope)))
    return known[scope]


@event.listens_for(_ScopedSession, "before_flush")
def _refuse_foreign_writes(session: orm.Session, *_: object) -> None:
    scope = session.info["scope"]
    parts, sites = granted(scope)
    companies = sa.union_all(*parts)
    connection = session.connection()

    def mine(company_id: Any, site_id: Any) -> sa.ColumnElement[bool]:
        return sa.or_(company_id.in_(companies), site_id.in_(sites))

    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Shared):
            if not connection.scalar(sa.select(sa.literal(scope.every) | _operator(scope))):
                raise OutOfScope(f"{type(row).__name__} is written by the operator alone")
            continue
        if not isinstance(row, Owned):
            raise OutOfScope(f"{type(row).__name__} is not a tenant's row")
        owner = mine(sa.literal(row.company_id), sa.literal(row.site_id))
        if not connection.scalar(sa.select(owner)):
            raise OutOfScope(f"{type(row).__name__} of company {row.company_id}")
        for target, key in _targets(row):
            site_id = target.c.id if target.name == "site" else target.c.site_id
            seen = sa.select(target.c.id).where(
                target.c.id == key, mine(target.c.company_id, site_id)
            )
            if connection.scalar(seen) is None:
                raise OutOfScope(f"{type(row).__name__} names a {target.name} of another tenant")
    session.info["writing"] = True


def _targets(row: Owned) -> Iterator[tuple[sa.Table, Any]]:
    """Yield (table, id) of every tenant's row that a row names by a foreign key."""
    mapper = sa.inspect(type(row))
    for key in mapper.local_table.foreign_keys:
        target = key.column.table
        if "company_id" not in target.c or key.column.name != "id":
            continue
        value = getattr(row, mapper.get_property_by_column(key.parent).key)
        if value is not None:
            yield target, value


class Db:
    """What a rubric sees of the database: its tenant's rows, and no way round."""

    __slots__ = ("_session", "_waiting", "others")

    def __init__(self, engine: sa.Engine | sa.Connection, scope: Scope, **options: Any) -> None:
        self._session = _ScopedSession(engine, info={"scope": scope}, **options)
        self._waiting: list[Callable[[], None]] = []
        self.others: list[Db] = []  # what ``db_reading`` made of it: closed with it

    def all(self, query: sa.Select[Any]) -> Sequence[Any]:
        """Return every visible row of a query on one model."""
        return self._session.scalars(query).unique().all()

    def first(self, query: sa.Select[Any]) -> Any | None:
        """Return the first visible row of a query on one model, or None."""
        return self._session.scalars(query.limit(1)).unique().first()

    def rows(self, query: sa.Select[Any], **parameters: Any) -> Sequence[sa.Row[Any]]:
        """Return every visible row of a query on several columns, its ``bindparam``s by name."""
        return self._session.execute(query, parameters).all()

    def quick(self, query: sa.Select[Any], **numbers: Any) -> Sequence[Sequence[Any]]:
        """Return what ``rows`` does, for a statement that a module keeps and that runs often.

        Its ``bindparam``s are whole numbers, or sequences of them where it expands.
        """
        if not isinstance(query, sa.Select):
            raise OutOfScope("only a select on models can be scoped")
        narrowed = _narrowed(query, self._session.info["scope"])
        return narrowed.run(self._session.connection(), numbers)

    def stream(self, query: Any) -> Iterator[Any]:
        """Yield the visible rows of a query on columns, a thousand of them in memory."""
        yield from self._session.execute(query, execution_options={"yield_per": 1000})

    def get(self, model: type[M], key: object) -> M | None:
        """Return the row with that key, or None when it is not the tenant's."""
        (column,) = sa.inspect(model).primary_key
        name = sa.inspect(model).get_property_by_column(column).key
        return self.first(sa.select(model).where(getattr(model, name) == key))

    def add(self, *rows: Owned | Shared) -> None:
        """Write rows of the tenant; those of a dictionary, for the operator's own people alone."""
        self._session.add_all(rows)
        self._session.flush()

    def commit(self) -> None:
        """Keep what was written, then do what waited for it."""
        self._session.commit()
        self._session.info["writing"] = False
        waiting, self._waiting = self._waiting, []
        for action in waiting:
            action()

    def when_kept(self, action: Callable[[], None]) -> None:
        """Do something once what is being written is committed, at once if nothing is: the audit
        log tells no change that did not happen, and waits for no lock of this very request.
        """
        if self._session.info.get("writing"):
            self._waiting.append(action)
        else:
            action()

    def close(self) -> None:
        while self.others:
            self.others.pop().close()
        self._session.close()
