"""The journal of what lists of services show: which were touched since a number.

Triggers of the database write it (migrations ``core_0004``, ``core_0006``, ``core_0008``), in the
transaction of the change and whoever makes it. It says where to look, never what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from core.db import Db
    from core.network.kept import Kept

log = structlog.get_logger("balise.changes")

TRIGGERS = 16
"""How many there must be: with one missing, what is kept could not be trusted."""
MOST = 400
"""Past so many lines it is quicker to read every service again. The journal keeps 1,000."""


@dataclass(frozen=True, slots=True)
class News:
    """Where the journal stands, and the ids of the services touched since; None: any of them."""

    number: int
    services: frozenset[int] | None


def news(db: Db, kept: Kept, since: int = 0) -> News | None:
    """Return what was touched since ``since``; None where the database keeps no journal."""
    # The numbers name no row: what they lead to is read through the scope.
    connection: Any = db._session.connection()  # noqa: SLF001 - the journal is the host's own
    if kept.counted is None:
        kept.counted = _counted(connection)
    if not kept.counted:
        return None
    lines = connection.exec_driver_sql(
        "select id, service_id from touched where id >= ? order by id limit ?", (since, MOST + 1)
    ).fetchall()
    if lines and lines[0][0] == since and len(lines) <= MOST:
        touched = {service for _id, service in lines[1:]}
        number = lines[-1][0]
        return News(number, None if None in touched else frozenset(touched))
    # So old that its line is gone, of another database, or too much since.
    return News(connection.exec_driver_sql("select max(id) from touched").scalar() or 0, None)


def _counted(connection: Any) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    found = connection.exec_driver_sql(
        "select count(*) from sqlite_master where type = 'trigger' and name like 'touched_%'"
    ).scalar()
    if found != TRIGGERS:
        log.warning("triggers are missing: lists of services are read whole", found=found)
    return bool(found == TRIGGERS)
