"""Run by Alembic: each migration in its own transaction, on the engine that ``core.migrate`` gives."""

from typing import Literal

from alembic import context

from core import (
    accounts,
    audit,
    devices,
    jobs,
    mail,
    password_links,
    pending,
    sessions,
    throttle,
    two_factor,
)  # fmt: skip
from core.clock import Utc
from core.db import Base
from core.imports import models as imports
from core.network import collection, inventory, measured, works

MODELS = (
    accounts, audit, collection, devices, imports, inventory, jobs, mail, measured, password_links,
    pending, sessions, throttle, two_factor, works,
)  # fmt: skip
"""Imported for the tables they declare."""


def render(kind: str, value: object, autogen: object) -> str | Literal[False]:
    """Write our own time type as the plain one, so that migrations never import the models."""
    if kind == "type" and isinstance(value, Utc):
        return "sa.DateTime()"
    return False


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table=context.config.attributes["version_table"],
        transaction_per_migration=True,
        render_as_batch=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()
