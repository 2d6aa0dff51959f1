"""A rubric's functions without the web: the ``Context`` that a person's request would have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from core.access import Scope
from core.accounts import Account
from core.db import Db
from core.host import Host
from core.journal import EVERYBODY
from core.rubric import Context, Person
from core.testing.world import NOW


@contextmanager
def context_of(
    host: Host, email: str, *, now: datetime = NOW, query: Mapping[str, str] | None = None
) -> Iterator[Context]:
    """Give what a request of this account would have; its audit lines go nowhere."""
    with Session(host.engine) as session:
        account = session.scalars(sa.select(Account).where(Account.email == email)).one()
        id_, customer_id = account.id, account.customer_id
    scope, granted = Scope(id_), frozenset(host.registry.permissions())
    db = Db(host.engine, scope)
    try:
        yield Context(
            user=Person(id_, email, email),
            granted=granted,
            scope=scope,
            db=db,
            metrics=host.metrics,
            now=now,
            zone=ZoneInfo("Europe/Paris"),
            reference="test",
            query=dict(query or {}),
            stale_after=host.stale_after,
            refresh_seconds=10,
            audit=lambda *_, **__: None,
            inquire=host.registry.ask,
            journal=host.journal(EVERYBODY if customer_id is None else customer_id),
            jobs=host.desk(id_, granted, now),
            post=host.post(now, db),
            vault=lambda: host.vault,
            files=host.files,
            signed_in=now,
            kept=host.kept,
            settings=host.config.rubrics.settings,
            operator=host.config.operator.name,
        )
    finally:
        db.close()


def words(component: Any) -> str:
    """Return every text in a component, in order: what a reader sees of it."""
    return " ".join(_texts(component))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str | int | float):
        yield str(part)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _texts(one)
    elif isinstance(part, Component):
        yield from _texts(getattr(part, "children", None))


def find(component: Any, **values: Any) -> list[Component]:
    """Return the components inside that have these properties: ``find(page, className="led")``."""
    found = [component] if isinstance(component, Component) and _has(component, values) else []
    parts = component if isinstance(component, list | tuple) else [
        getattr(component, "children", None)
    ]  # fmt: skip
    for part in parts:
        if isinstance(part, Component | list | tuple):
            found += find(part, **values)
    return found


def _has(component: Component, values: Mapping[str, Any]) -> bool:
    own = component.to_plotly_json()["props"]
    return all(own.get(name.replace("_", "-"), own.get(name)) == v for name, v in values.items())
