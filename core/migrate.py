"""The schema of the business database: Alembic, one branch for the host and one per rubric."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from core.registry import Registry

HERE = Path(__file__).parent / "migrations"


class State(Enum):
    """How the database stands to the code."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


class NewerSchema(Exception):
    """The database was made by a newer version of Balise or of a rubric."""


_folders: list[str] = []


def use(registry: Registry) -> None:
    """Add the rubrics' own branches of migrations."""
    _folders[:] = [r.migrations for r in registry.rubrics.values() if r.migrations]


def _config(engine: sa.Engine | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join([str(HERE / "versions"), *_folders]))
    config.attributes["engine"] = engine
    return config


def state(engine: sa.Engine) -> State:
    """Return how the database stands to the code. Raises SQLAlchemy's errors if it is silent."""
    script = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
    if not current:
        return State.EMPTY
    try:
        known = {revision.revision for revision in script.walk_revisions()}
    except CommandError:  # a rubric's branch that does not read is told by the registry
        known = set()
    if not current <= known:
        return State.NEWER
    # A rubric's revision that depends on the host's stands for it in the table of versions.
    done, left = set(), list(current)
    while left:
        done.add(name := left.pop())
        revision = script.get_revision(name)
        left += [*_names(revision.down_revision), *_names(revision.dependencies)]
    return State.CURRENT if set(script.get_heads()) <= done else State.BEHIND


def _names(names: str | Iterable[str] | None) -> Iterable[str]:
    return [names] if isinstance(names, str) else names or []


def upgrade(engine: sa.Engine) -> bool:
    """Bring the schema to this version; tell whether there was anything to do. Can be repeated.

    Each migration is one transaction, so that a killed upgrade is finished by the next.
    Raises ``NewerSchema``, and changes nothing, when the database is ahead of the code.
    """
    before = state(engine)
    if before is State.NEWER:
        raise NewerSchema
    if before is State.CURRENT:
        return False
    command.upgrade(_config(_transactional(engine)), "heads")
    return True


def _transactional(engine: sa.Engine) -> sa.Engine:
    """Return an engine whose DDL is part of the transaction, which Python's sqlite3 leaves out."""
    if engine.dialect.name != "sqlite":
        return engine
    own = sa.create_engine(engine.url, poolclass=sa.pool.NullPool)

    @sa.event.listens_for(own, "connect")
    def leave_transactions_to_us(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("pragma busy_timeout = 10000")

    @sa.event.listens_for(own, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("begin immediate")

    return own


def make_revision(engine: sa.Engine, message: str) -> None:
    """Write the migration from the database's schema to the models', for developers."""
    command.revision(
        _config(engine), message, autogenerate=True, version_path=str(HERE / "versions")
    )
