"""Keeping the states of links and services: written, with a line of history, when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.network.inventory import Link, LinkRole, Service, StateChange
from core.network.status import Status, service_status

_CHUNK = 500
"""Ids in one statement: well below what SQLite takes as parameters."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The status of a link as it was read, and since when it is so as far as one can tell (UTC)."""

    link_id: int
    status: Status
    at: datetime


class Recorder:
    """Writes what changed and nothing else; several may run, each on links of its own.

    It remembers the statuses it wrote, so that a reading that changes nothing costs no
    statement. Errors of the database come through, and nothing of the call is kept then.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._known: dict[int, Status] | None = None

    def record(self, observations: Iterable[Observation]) -> int:
        """Keep observations, in the order they come; return how many changed a link.

        A link that is no longer in the database is left out.
        """
        try:
            known = self._known = self._load() if self._known is None else self._known
            news: list[Observation] = []
            changed: dict[int, Status] = {}
            for seen in observations:
                before = changed.get(seen.link_id) or known.get(seen.link_id)
                if before is not None and before != seen.status:
                    changed[seen.link_id] = seen.status
                    news.append(seen)
            if news:
                with self._engine.begin() as connection:
                    _write(connection, news)
        except Exception:  # whatever it was, what is in the database is to be read again
            self._known = None
            raise
        known.update(changed)
        return len(news)

    def statuses(self) -> Mapping[int, Status]:
        """Return the status of each link as it is in the database."""
        if self._known is None:
            self._known = self._load()
        return self._known

    def would_change(self, link_id: int, status: Status) -> bool:
        """Return whether ``record`` might write this; what it knows of is not asked again."""
        return self._known is None or self._known.get(link_id, status) != status

    def reload(self) -> None:
        """Read the statuses again before the next write: links came, or others changed them."""
        self._known = None

    def recheck(self, at: datetime) -> int:
        """Settle every service by its links as they stand; return how many were not settled."""
        with self._engine.begin() as connection:
            _lock_services(connection)
            return _settle(connection, _services(connection, None), lambda service: at)

    def _load(self) -> dict[int, Status]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(Link.id, Link.state, Link.reason))
            return {link: Status(state, reason) for link, state, reason in rows}


@dataclass(slots=True)
class _Row:
    """A link or a service as it stands in the database, and whose it is."""

    id: int
    service_id: int
    company_id: int
    site_id: int | None
    status: Status
    since: datetime | None
    is_link: bool

    def take(self, status: Status, at: datetime) -> dict[str, Any] | None:
        """Take a status; return its line of history, None when nothing changes.

        ``since`` moves only with the state. A new reason for the same state (« main down » for
        « admin down ») goes into the history and leaves the duration running.
        """
        if self.status == status:
            return None
        if self.status.state is not status.state or self.since is None:
            self.since = at
        self.status = status
        return {
            "company_id": self.company_id,
            "site_id": self.site_id,
            "service_id": self.service_id,
            "link_id": self.id if self.is_link else None,
            "state": status.state,
            "reason": status.reason,
            "at": at,
        }


def _lock_services(connection: sa.Connection) -> None:
    """Make another writer wait before anything is read: of two, the second sees the first's work.

    SQLite knows no row locks; it takes its only one at a change, be it of no row. Others lock
    the rows that ``for update`` reads.
    """
    if connection.dialect.name == "sqlite":
        statement = sa.update(Service).where(sa.false()).values(reason=Service.reason)
        connection.execute(statement)


def _write(connection: sa.Connection, news: Sequence[Observation]) -> None:
    _lock_services(connection)
    links = _links(connection, sorted({seen.link_id for seen in news}))
    lines = []
    last: dict[int, datetime] = {}
    for seen in news:
        link = links.get(seen.link_id)
        if link is not None:
            last[link.service_id] = seen.at
            if line := link.take(seen.status, seen.at):
                lines.append(line)
    # The links are written first, and others then wait for the service, so that of two writers
    # on one service the second sees both links.
    _keep(connection, Link, list(links.values()), lines)
    _settle(connection, _services(connection, sorted(last)), last.__getitem__)


def _settle(
    connection: sa.Connection, services: Sequence[_Row], at: Callable[[int], datetime]
) -> int:
    """Give services the statuses that their links make; return how many changed.

    ``at`` is the time of the change, by service id.
    """
    statuses = _statuses(connection, [service.id for service in services])
    lines, changed = [], []
    for service in services:
        status = _made_by(statuses.get(service.id, {}))
        if status is not None and (line := service.take(status, at(service.id))):
            lines.append(line)
            changed.append(service)
    _keep(connection, Service, changed, lines)
    return len(changed)


def _made_by(links: Mapping[LinkRole, Status]) -> Status | None:
    """Return the status of a service with these links, None without any."""
    main, backup = links.get(LinkRole.MAIN), links.get(LinkRole.BACKUP)
    if main is None:
        main, backup = backup, None
    return None if main is None else service_status(main, backup)


def _keep(
    connection: sa.Connection,
    model: type[Link | Service],
    rows: Sequence[_Row],
    lines: list[dict[str, Any]],
) -> None:
    """Write rows as they now are, and their lines of history."""
    if not lines:
        return
    names = ("state", "reason", "since")
    key = model.__table__.c.id
    values: Any = {name: sa.bindparam(f"new_{name}") for name in names}
    update = sa.update(model).where(key == sa.bindparam("row")).values(values)
    connection.execute(
        update,
        [
            {"row": row.id, "new_state": row.status.state, "new_reason": row.status.reason,
             "new_since": row.since}
            for row in rows
        ],
    )  # fmt: skip
    connection.execute(sa.insert(StateChange), lines)


def _links(connection: sa.Connection, ids: Sequence[int]) -> dict[int, _Row]:
    m = Link
    columns = (m.id, m.service_id, m.company_id, m.site_id, m.state, m.reason, m.since)
    found: dict[int, _Row] = {}
    for some in _parts(ids):
        for row in connection.execute(sa.select(*columns).where(m.id.in_(some))):
            link, service, company, site, state, reason, since = row
            found[link] = _Row(
                link, service, company, site, Status(state, reason), since, is_link=True
            )
    return found


def _services(connection: sa.Connection, ids: Sequence[int] | None) -> list[_Row]:
    """Return services, locked where rows can be; all of them without ``ids``."""
    m = Service
    columns = (m.id, m.company_id, m.site_id, m.state, m.reason, m.since)
    query = sa.select(*columns).order_by(m.id).with_for_update()
    found: list[_Row] = []
    for part in [query] if ids is None else [query.where(m.id.in_(some)) for some in _parts(ids)]:
        for service, company, site, state, reason, since in connection.execute(part):
            status = Status(state, reason)
            found.append(_Row(service, service, company, site, status, since, is_link=False))
    return found


def _statuses(
    connection: sa.Connection, services: Sequence[int]
) -> Mapping[int, Mapping[LinkRole, Status]]:
    """Return the statuses of the links of services, by service and role."""
    query = sa.select(Link.service_id, Link.role, Link.state, Link.reason)
    found: dict[int, dict[LinkRole, Status]] = {}
    for some in _parts(services):
        rows = connection.execute(query.where(Link.service_id.in_(some)))
        for service, role, state, reason in rows:
            found.setdefault(service, {})[role] = Status(state, reason)
    return found


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
