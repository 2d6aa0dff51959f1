"""What supervision asks for: what the address says, and the history of a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select

from core.api import Context, Link, Reason, Service, ServiceView, State, StateChange

ADDRESS = "/supervision/etat"
PER_PAGE = 15


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for. Anything that makes no sense there is as absent."""

    state: State | None = None
    text: str = ""
    page: int = 1
    service: str = ""
    tab: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        states = {state.value: state for state in State}
        page = query.get("page", "1")
        return cls(
            state=states.get(query.get("etat", "")),
            text=query.get("q", "").strip()[:80],
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
            service=query.get("service", "")[:64],
            tab=query.get("onglet", "")[:32],
        )

    @classmethod
    def of_search(cls, search: object) -> Asked:
        """Read the part of the address after « ? », whatever the browser sent."""
        text = search.removeprefix("?")[:2000] if isinstance(search, str) else ""
        return cls.of(dict(parse_qsl(text)))

    def with_(self, **changes: Any) -> str:
        """Return the address that asks for the same but for these."""
        other = replace(self, **changes)
        known = {
            "etat": other.state.value if other.state else "",
            "q": other.text,
            "page": str(other.page) if other.page > 1 else "",
            "service": other.service,
            "onglet": other.tab,
        }
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{ADDRESS}?{query}" if query else ADDRESS


def get_service(ctx: Context, view: ServiceView | None) -> Service | None:
    """Return the service behind a row of the list, None when there is no such row."""
    return None if view is None else ctx.db.get(Service, view.id)


@dataclass(frozen=True, slots=True)
class Period:
    """A state that a service, or a link of it, had; ``end`` is None for the one that lasts."""

    what: str | None
    state: State
    reason: Reason
    start: datetime
    end: datetime | None


def periods(ctx: Context, service_id: int, limit: int = 20) -> Sequence[Period]:
    """Return the last periods of a service and of its links, newest first.

    ``what`` is the reference of the link, None for the service itself.
    """
    query: Any = (
        select(
            StateChange.link_id, StateChange.state, StateChange.reason, StateChange.at,
            Link.reference,
        )
        .outerjoin(Link, Link.id == StateChange.link_id)
        .where(StateChange.service_id == service_id)
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .limit(limit)
    )  # fmt: skip
    ends: dict[int | None, datetime] = {}
    found = []
    for row in ctx.db.rows(query):
        found.append(Period(row.reference, row.state, row.reason, row.at, ends.get(row.link_id)))
        ends[row.link_id] = row.at
    return found
