"""The schema of the business database: Alembic, one line of migrations for the host and per rubric.

Each line has a table of versions of its own, so that a rubric that is broken, set aside or gone
holds up nobody but itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.registry import Registry

HERE = Path(__file__).parent / "migrations"


class State(Enum):
    """How the database stands to the code."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


class NewerSchema(Exception):
    """The database was made by a newer version than the code's."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of migrations: whose it is, where they stand, which table keeps its version."""

    name: str
    folder: str
    table: str


HOST = Line("core", str(HERE / "versions"), "alembic_version")


def lines(registry: Registry) -> list[Line]:
    """Return the host's line, then those of the rubrics in service that have tables."""
    rubrics = [
        Line(rubric.id, rubric.migrations, f"alembic_version_{rubric.id}")
        for rubric in registry.rubrics.values()
        if rubric.migrations
    ]
    return [HOST, *rubrics]


def config(line: Line, engine: sa.Engine | None = None) -> AlembicConfig:
    """Return Alembic's settings for one line."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", line.folder)
    settings.attributes.update(engine=engine, version_table=line.table)
    return settings


def state(engine: sa.Engine, line: Line = HOST) -> State:
    """Return how the database stands to one line.

    Raises SQLAlchemy's errors if the database is silent, whatever a broken migration raises.
    """
    script = ScriptDirectory.from_config(config(line))
    known = {revision.revision for revision in script.walk_revisions()}
    with engine.connect() as connection:
        options = {"version_table": line.table}
        current = set(MigrationContext.configure(connection, opts=options).get_current_heads())
    if not current:
        return State.EMPTY
    if not current <= known:
        return State.NEWER
    return State.CURRENT if current == set(script.get_heads()) else State.BEHIND


def upgrade(engine: sa.Engine, line: Line = HOST) -> bool:
    """Bring one line to this version; tell whether there was anything to do. Can be repeated.

    Each migration is one transaction, so that a killed upgrade is finished by the next.
    Raises ``NewerSchema``, and changes nothing, when the database is ahead of the code.
    """
    before = state(engine, line)
    if before is State.NEWER:
        raise NewerSchema(line.name)
    if before is State.CURRENT:
        return False
    command.upgrade(config(line, _transactional(engine)), "heads")
    return True


def upgrade_every(engine: sa.Engine, registry: Registry) -> None:
    """Bring the host's line and those of the rubrics in service to this version."""
    for line in lines(registry):
        upgrade(engine, line)


def _transactional(engine: sa.Engine) -> sa.Engine:
    """Return an engine whose DDL is part of the transaction, which Python's sqlite3 leaves out."""
    if engine.dialect.name != "sqlite":
        return engine
    own = sa.create_engine(engine.url, poolclass=sa.pool.NullPool, hide_parameters=True)

    @sa.event.listens_for(own, "connect")
    def leave_transactions_to_us(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("pragma busy_timeout = 10000")

    @sa.event.listens_for(own, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("begin immediate")

    return own
