"""The services a user sees, with the states that may be shown now: aged when read.

Light rows, read by columns: one list serves counters, filters, search, pages and cards.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from core.db import Company
from core.network.inventory import Link, LinkRole, Service, Site
from core.network.status import Reason, State, Status, aged, service_status

if TYPE_CHECKING:
    from core.rubric import Context

_NUMBERS = re.compile(r"([0-9]+)")
_SAINTS = re.compile(r"\bst(e?)\b")
_RANK = {State.DOWN: 0, State.DEGRADED: 1, State.UNKNOWN: 2, State.UP: 3}


class LinkView(NamedTuple):
    """A link of the list; ``since`` is when its state began, the last reading when it is stale."""

    id: int
    reference: str
    designation: str
    status: Status
    since: datetime | None


class ServiceView(NamedTuple):
    """A service as lists show it."""

    id: int
    company: str
    site: str
    site_id: int
    commune: str | None
    postal_code: str | None
    status: Status
    since: datetime | None
    main: LinkView | None
    backup: LinkView | None

    @property
    def state(self) -> State:
        return self.status.state

    @property
    def reason(self) -> Reason:
        return self.status.reason

    @property
    def reference(self) -> str | None:
        """The reference of the main link, by which a service is known."""
        return self.main.reference if self.main else None


@dataclass(frozen=True, slots=True)
class LiveServices:
    """Every service of a user's scope, worst first; ``read_at`` is the newest reading of all."""

    services: Sequence[ServiceView]
    read_at: datetime | None

    def counts(self) -> Mapping[State, int]:
        found = Counter(service.state for service in self.services)
        return {state: found[state] for state in State}

    def sites(self) -> int:
        return len({service.site_id for service in self.services})

    def find(self, asked: str) -> ServiceView | None:
        """Return the service of that id, or whose main or backup link has that reference."""
        for service in self.services:
            links = (service.main, service.backup)
            if str(service.id) == asked or any(link and link.reference == asked for link in links):
                return service
        return None

    def matching(self, text: str = "", state: State | None = None) -> list[ServiceView]:
        """Return the services of a state that hold every word of ``text``.

        Looked for in company, site, commune and references, whatever the accents and the case.
        """
        words = fold(text).split()
        return [
            service
            for service in self.services
            if (state is None or service.state is state) and (not words or _holds(service, words))
        ]


def fold(text: str) -> str:
    """Return a text without accents nor capitals, to compare it.

    « L’Étang » is « l'etang », « St-Affrique » and « Ste Eulalie » have their saints in full.
    """
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
        text = "".join(c for c in plain if not unicodedata.combining(c))
    return _SAINTS.sub(r"saint\1", text.casefold())


def natural(text: str) -> list[tuple[bool, int, str]]:
    """Return a key that sorts « Agence 2 » before « Agence 10 »."""
    pieces = _NUMBERS.split(fold(text))  # the odd ones are the numbers
    return [(i % 2 == 1, int(p) if i % 2 else 0, p) for i, p in enumerate(pieces)]


def _holds(service: ServiceView, words: Iterable[str]) -> bool:
    parts = [service.company, service.site, service.commune or "", service.postal_code or ""]
    parts += [link.reference for link in (service.main, service.backup) if link]
    text = fold(" ".join(parts))
    return all(word in text for word in words)


def service_views(ctx: Context, service_id: int | None = None) -> LiveServices:
    """Return the services in the user's scope, or that one alone, as they may be shown now."""
    read = ctx.metrics.freshness()
    now = ctx.now.timestamp()
    links: dict[int, dict[LinkRole, LinkView]] = {}
    newest = 0
    rows: Sequence[Any] = ctx.db.rows(_links(service_id))
    for id_, owner, role, reference, designation, state, reason, since in rows:
        read_at = read.get(id_)
        newest = max(newest, read_at or 0)
        status = aged(Status(state, reason), read_at, now, ctx.stale_after)
        begun = since if status.reason is reason else _at(read_at)
        view = LinkView(id_, reference, designation, status, begun)
        links.setdefault(owner, {})[role] = view
    rows = ctx.db.rows(_services(service_id))
    services = [_view(row, links.get(row[0], {})) for row in rows]
    services.sort(key=lambda s: (_RANK[s.status.state], natural(s.site), s.id))
    return LiveServices(services, _at(newest or None))


def _links(service_id: int | None) -> Any:
    query = sa.select(
        Link.id, Link.service_id, Link.role, Link.reference, Link.designation,
        Link.state, Link.reason, Link.since,
    )  # fmt: skip
    return query if service_id is None else query.where(Link.service_id == service_id)


def _services(service_id: int | None) -> Any:
    query = (
        sa.select(
            Service.id, Company.name, Site.name, Service.site_id, Site.commune, Site.postal_code,
            Service.state, Service.reason, Service.since,
        )
        .join(Company, Company.id == Service.company_id)
        .join(Site, Site.id == Service.site_id)
    )  # fmt: skip
    return query if service_id is None else query.where(Service.id == service_id)


def _view(row: Any, links: Mapping[LinkRole, LinkView]) -> ServiceView:
    id_, company, site, site_id, commune, postal_code, state, reason, since = row
    main, backup = links.get(LinkRole.MAIN), links.get(LinkRole.BACKUP)
    known = main or backup
    status = Status(State.UNKNOWN, Reason.NEVER)
    if known:
        status = service_status(known.status, backup.status if main and backup else None)
    if status.state is not state or status.reason is not reason:
        begun = [link.since for link in (main, backup) if link and link.since]
        since = max(begun, default=None)
    return ServiceView(
        id_, company, site, site_id, commune, postal_code, status, since, main, backup
    )


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
