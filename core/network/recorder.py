"""Keeping the states of links and services: written, with a line of history, when they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from core.network.inventory import Link, LinkRole, Service, StateChange
from core.network.status import Reason, State, Status, service_status

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
            if self._known is None:
                self._known = self._load()
            news: list[Observation] = []
            changed: dict[int, Status] = {}
            for seen in observations:
                before = changed.get(seen.link_id) or self._known.get(seen.link_id)
                if before is not None and before != seen.status:
                    changed[seen.link_id] = seen.status
                    news.append(seen)
            if news:
                with orm.Session(self._engine) as session, session.begin():
                    _write(session, news)
        except Exception:  # whatever it was, what is in the database is to be read again
            self._known = None
            raise
        self._known.update(changed)
        return len(news)

    def reload(self) -> None:
        """Read the statuses again before the next write: links came, or others changed them."""
        self._known = None

    def recheck(self, at: datetime) -> int:
        """Settle every service by its links as they stand; return how many were not settled."""
        with orm.Session(self._engine) as session, session.begin():
            _lock_services(session)
            query = sa.select(Service).options(orm.selectinload(Service.links)).with_for_update()
            services = session.scalars(query.order_by(Service.id))
            return sum(_settle(session, service, at) for service in services.all())

    def _load(self) -> dict[int, Status]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(Link.id, Link.state, Link.reason))
            return {link: Status(state, reason) for link, state, reason in rows}


def _lock_services(session: orm.Session) -> None:
    """Make another writer wait before anything is read: of two, the second sees the first's work.

    SQLite knows no row locks; it takes its only one at a change, be it of no row. Others lock
    the rows that ``for update`` reads.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            sa.update(Service).where(sa.false()).values(reason=Service.reason),
            execution_options={"synchronize_session": False},
        )


def _write(session: orm.Session, news: Sequence[Observation]) -> None:
    _lock_services(session)
    links = _links(session, sorted({seen.link_id for seen in news}))
    for seen in news:
        link = links.get(seen.link_id)
        if link is not None:
            _take(session, link, seen.status, seen.at)
    # The links are written first, and others then wait for the service, so that of two writers
    # on one service the second sees both links.
    session.flush()
    ids = sorted({link.service_id for link in links.values()})
    services = _services(session, ids)
    last = {links[seen.link_id].service_id: seen.at for seen in news if seen.link_id in links}
    for service in services:
        _settle(session, service, last[service.id])


def _links(session: orm.Session, ids: Sequence[int]) -> dict[int, Link]:
    found: dict[int, Link] = {}
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(Link).where(Link.id.in_(ids[start : start + _CHUNK]))
        found.update({link.id: link for link in session.scalars(query)})
    return found


def _services(session: orm.Session, ids: Sequence[int]) -> list[Service]:
    found: list[Service] = []
    for start in range(0, len(ids), _CHUNK):
        query = (
            sa.select(Service)
            .where(Service.id.in_(ids[start : start + _CHUNK]))
            .options(orm.selectinload(Service.links))
            .order_by(Service.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found.extend(session.scalars(query))
    return found


def _settle(session: orm.Session, service: Service, at: datetime) -> bool:
    """Give a service the status that its links make; return whether it changed."""
    backup = service.link(LinkRole.BACKUP)
    main = service.link(LinkRole.MAIN)
    if main is None:
        main, backup = backup, None
    if main is None:
        return False
    status = service_status(_status(main), None if backup is None else _status(backup))
    return _take(session, service, status, at)


def _status(row: Link | Service) -> Status:
    return Status(State(row.state), Reason(row.reason))


def _take(session: orm.Session, row: Link | Service, status: Status, at: datetime) -> bool:
    """Write a status and its line of history; ``since`` moves only with the state.

    A new reason for the same state (« main down » for « admin down ») goes into the history and
    leaves the duration running.
    """
    if _status(row) == status:
        return False
    if row.state is not status.state or row.since is None:
        row.since = at
    row.state, row.reason = status.state, status.reason
    link = row if isinstance(row, Link) else None
    session.add(
        StateChange(
            company_id=row.company_id,
            site_id=row.site_id,
            service_id=link.service_id if link else row.id,
            link_id=link.id if link else None,
            state=status.state,
            reason=status.reason,
            at=at,
        )
    )
    return True
