"""The schema: repeated, finished after a kill, in step with the models, one branch per rubric."""

from __future__ import annotations

import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core import (
    accounts,
    audit,
    audit_chain,
    jobs,
    mail,
    migrate,
    password_links,
    sessions,
    throttle,
    walls,
)
from core.db import Base
from core.engine import create_engine
from core.network import inventory
from core.registry import Registry, discover

KNOWN = (accounts, audit, audit_chain, inventory, jobs, mail, password_links, sessions, throttle,
         walls)  # fmt: skip
"""The modules whose models make the host's schema."""


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'b.db'}")
    yield engine
    engine.dispose()


def test_an_empty_database_becomes_current_and_stays_so(engine):
    assert migrate.state(engine) is migrate.State.EMPTY
    assert migrate.upgrade(engine)
    assert migrate.state(engine) is migrate.State.CURRENT
    assert not migrate.upgrade(engine)


def test_the_migrations_make_the_schema_of_the_models(engine):
    for line in migrate.lines(Registry(discover())):
        migrate.upgrade(engine, line)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        host_tables = {t.name for t in Base.metadata.tables.values()}
        differences = [
            d for d in compare_metadata(context, Base.metadata) if not _foreign(d, host_tables)
        ]
    assert [] == differences


def _foreign(difference: Any, known: set[str]) -> bool:
    return difference[0] == "remove_table" and difference[1].name not in known


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from core import migrate
from core.engine import create_engine

@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.lstrip().upper().startswith("CREATE TABLE SITE"):
        os.kill(os.getpid(), signal.SIGKILL)

migrate.upgrade(create_engine(sys.argv[1]))
"""


def test_an_upgrade_killed_in_the_middle_is_finished_by_the_next(engine):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(engine.url)], check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert migrate.state(engine) is migrate.State.EMPTY
    assert "customer" not in sa.inspect(engine).get_table_names()
    assert migrate.upgrade(engine)
    assert migrate.state(engine) is migrate.State.CURRENT


RUBRIC = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def upgrade():
    op.create_table("trial_thing", sa.Column("id", sa.Integer, primary_key=True))
def downgrade():
    op.drop_table("trial_thing")
"""


@pytest.fixture
def trial(tmp_path):
    """The line of a rubric with one table."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001.py").write_text(RUBRIC)
    rubric = SimpleNamespace(id="trial", migrations=str(tmp_path / "versions"))
    registry = cast("Registry", SimpleNamespace(rubrics={"trial": rubric}))
    host, line = migrate.lines(registry)
    assert host is migrate.HOST
    return line


def test_a_rubric_has_a_line_of_its_own(engine, trial):
    migrate.upgrade(engine)
    assert migrate.state(engine, trial) is migrate.State.EMPTY
    assert migrate.upgrade(engine, trial)
    assert "trial_thing" in sa.inspect(engine).get_table_names()
    assert migrate.state(engine, trial) is migrate.State.CURRENT
    assert not migrate.upgrade(engine, trial)


@pytest.mark.parametrize("source", ["def (", "", RUBRIC.replace("0001", "0009")])
def test_the_host_starts_whatever_became_of_a_rubrics_migrations(engine, trial, source, tmp_path):
    migrate.upgrade(engine)
    migrate.upgrade(engine, trial)
    (tmp_path / "versions" / "0001.py").write_text(source)
    assert migrate.state(engine) is migrate.State.CURRENT
    assert not migrate.upgrade(engine)
