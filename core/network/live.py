"""The services a user sees, with the states that may be shown now: aged when read.

Light rows, read by columns: one list serves counters, filters, search, pages and cards. What was
read is kept by scope and asked for again where the journal of changes says so; how old a reading
is, is asked each time.
"""

from __future__ import annotations

import gc
from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from core.db import Company
from core.network.changes import news
from core.network.inventory import Link, LinkRole, Service, Site
from core.network.status import Reason, State, Status, aged, service_status
from core.network.views import (
    FEW,
    Derived,
    LinkView,
    LiveServices,
    ServiceView,
    by_worst,
    fold,
    natural,
)

if TYPE_CHECKING:
    from core.db import Db
    from core.rubric import Context

__all__ = [
    "LinkView",
    "LiveServices",
    "ServiceView",
    "Snapshot",
    "fold",
    "natural",
    "service_views",
    "touched_since",
]


class _Row(NamedTuple):
    """A service as the database has it: its view by what was last written, and its own status."""

    view: ServiceView
    written: Status
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The services of a scope as they stood at a number of the journal; never altered."""

    number: int
    rows: Mapping[int, _Row]
    services: Sequence[ServiceView]
    owners: Mapping[int, int]
    """The service of each link, by link id."""
    counts: Mapping[State, int]
    derived: dict[str, Derived] = field(default_factory=dict)
    """What was made of these services when it was asked for, by name: other orders, sites."""

    @classmethod
    def of(cls, number: int, rows: Mapping[int, _Row]) -> Snapshot:
        services = sorted((row.view for row in rows.values()), key=by_worst)
        counts = Counter(service.status.state for service in services)
        return cls(number, rows, services, _owners(services), counts)

    def with_(self, number: int, gone: Collection[int], found: Mapping[int, _Row]) -> Snapshot:
        """Return what it becomes when the services of these ids are those found, or no more."""
        rows, owners = dict(self.rows), dict(self.owners)
        before = [rows.pop(id_).view for id_ in gone if id_ in rows]
        for link, owner in _owners(before).items():
            if owners.get(link) == owner:
                del owners[link]
        rows.update(found)
        views = [row.view for row in found.values()]
        services, counts = _changed(self.services, self.counts, before, views)
        derived = {name: one.with_(before, views) for name, one in self.derived.items()}
        return Snapshot(number, rows, services, owners | _owners(views), counts, derived)


def service_views(ctx: Context, service_id: int | None = None) -> LiveServices:
    """Return the services in the user's scope, or that one alone, as they may be shown now."""
    if service_id is None:
        return _as_of_now(ctx, _read(ctx))
    return _as_of_now(ctx, Snapshot.of(0, _load(ctx.db, [service_id])))


def touched_since(ctx: Context, number: int) -> Collection[int] | None:
    """Return the ids of services touched since a number of the journal; None: any may be.

    Ids alone, of any tenant: to be met with what the user sees.
    """
    said = news(ctx.db, ctx.kept, number)
    return None if said is None else said.services


def _read(ctx: Context) -> Snapshot:
    """Return the services of the scope as they stand in the database."""
    kept = ctx.kept.get(ctx.scope)
    # The journal before the rows: a change in between is then told, and read, once more.
    said = news(ctx.db, ctx.kept, kept.number if kept else 0)
    if said is None:
        return _whole(ctx.db, 0)
    if kept is None or said.services is None:
        made = _whole(ctx.db, said.number)
    elif said.services:
        made = kept.with_(said.number, said.services, _load(ctx.db, sorted(said.services)))
    else:
        return kept
    ctx.kept.put(ctx.scope, made)
    return made


def _as_of_now(ctx: Context, snapshot: Snapshot) -> LiveServices:
    """Return the services as they may be shown: those read too long ago are not known."""
    now = ctx.now.timestamp()
    links = list(snapshot.owners)
    newest, old = ctx.metrics.read_before(links, now - ctx.stale_after) if links else (None, {})
    services, counts, derived = snapshot.services, snapshot.counts, snapshot.derived
    late = {snapshot.owners[link] for link in old}
    if late:
        before, after = [], []
        for id_ in late:
            row = snapshot.rows[id_]
            views = [_aged(link, old, now, ctx.stale_after) for link in row.view[-2:]]
            before.append(row.view)
            after.append(_seen(row, *views))
        services, counts = _changed(services, counts, before, after)
        derived = {name: one.with_(before, after) for name, one in derived.items()}
    return LiveServices(services, _at(newest), snapshot.number, counts, derived)


def _changed(
    services: Sequence[ServiceView],
    counts: Mapping[State, int],
    before: Sequence[ServiceView],
    after: Sequence[ServiceView],
) -> tuple[Sequence[ServiceView], Mapping[State, int]]:
    """Return a list in its order, and its counters, once some services have become others."""
    ids = {service.id for service in before}
    ids |= {service.id for service in after}
    made = [service for service in services if service.id not in ids]
    if len(after) > FEW:
        made.extend(after)
        made.sort(key=by_worst)
    else:
        for service in after:
            insort(made, service, key=by_worst)
    found = Counter(counts)
    found.subtract(Counter(service.status.state for service in before))
    found.update(service.status.state for service in after)
    return made, found


def _owners(services: Iterable[ServiceView]) -> dict[int, int]:
    return {link.id: one.id for one in services for link in (one.main, one.backup) if link}


def _aged(
    link: LinkView | None, old: Mapping[int, int | None], now: float, stale_after: float
) -> LinkView | None:
    if link is None or link.id not in old:
        return link
    read_at = old[link.id]
    status = aged(link.status, read_at, now, stale_after)
    if status.reason is link.status.reason:
        return link
    return link._replace(status=status, since=_at(read_at))


def _whole(db: Db, number: int) -> Snapshot:
    with _no_collection():
        return Snapshot.of(number, _load(db))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector away while rows by the thousand are made and none is dropped:
    it would walk all of them again and again, for more time than it takes to read them.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


_status = lru_cache(maxsize=256)(Status)


_LINKS: Any = sa.select(
    Link.id, Link.service_id, Link.role, Link.reference, Link.designation,
    Link.state, Link.reason, Link.since,
).where(Link.closed.is_(None))  # fmt: skip
_SERVICES: Any = (
    sa.select(
        Service.id, Company.name, Site.name, Service.site_id, Site.commune, Site.postal_code,
        Site.latitude, Site.longitude, Service.state, Service.reason, Service.since,
    )
    .join(Company, Company.id == Service.company_id)
    .join(Site, Site.id == Service.site_id)
    .where(Service.closed.is_(None))
)  # fmt: skip
# Kept, so that they are checked and narrowed once: a tick runs them.
_SOME_LINKS = _LINKS.where(Link.service_id.in_(sa.bindparam("ids", expanding=True)))
_SOME_SERVICES = _SERVICES.where(Service.id.in_(sa.bindparam("ids", expanding=True)))


def _load(db: Db, ids: Sequence[int] | None = None) -> dict[int, _Row]:
    """Return the services of the scope, or those of these ids, by id."""
    links: dict[int, dict[LinkRole, LinkView]] = {}
    rows: Sequence[Any] = db.rows(_LINKS) if ids is None else db.quick(_SOME_LINKS, ids=ids)
    for id_, owner, role, reference, designation, state, reason, since in rows:
        view = LinkView(id_, reference, designation, _status(state, reason), since)
        links.setdefault(owner, {})[role] = view
    rows = db.rows(_SERVICES) if ids is None else db.quick(_SOME_SERVICES, ids=ids)
    return {row[0]: _row(row, links.get(row[0], {})) for row in rows}


def _row(row: Any, links: Mapping[LinkRole, LinkView]) -> _Row:
    id_, company, site, site_id, commune, postal_code, latitude, longitude = row[:8]
    state, reason, since = row[8:]
    main, backup = links.get(LinkRole.MAIN), links.get(LinkRole.BACKUP)
    written = _status(state, reason)
    status, begun = _made_by(written, since, main, backup)
    view = ServiceView(
        id_, company, site, site_id, commune, postal_code, latitude, longitude,
        status, begun, main, backup,
    )  # fmt: skip
    return _Row(view, written, since)


def _seen(row: _Row, main: LinkView | None, backup: LinkView | None) -> ServiceView:
    """Return the view of a service whose links are these."""
    status, since = _made_by(row.written, row.since, main, backup)
    return row.view._replace(status=status, since=since, main=main, backup=backup)


def _made_by(
    written: Status, since: datetime | None, main: LinkView | None, backup: LinkView | None
) -> tuple[Status, datetime | None]:
    """Return the status that links make, and since when: it follows from theirs, whatever was
    ``written`` last.
    """
    known = main or backup
    status = Status(State.UNKNOWN, Reason.NEVER)
    if known:
        status = service_status(known.status, backup.status if main and backup else None)
    if status is not written and status != written:
        since = max((link.since for link in (main, backup) if link and link.since), default=None)
    return status, since


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
