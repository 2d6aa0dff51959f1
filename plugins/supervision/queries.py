"""What supervision asks for: what the address says, and the history of a service."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.api import (
    Context,
    LinkView,
    LiveServices,
    Service,
    ServiceView,
    State,
)

ADDRESS = "/supervision/etat"
EXPORT = f"{ADDRESS}/export"
HISTORY = "/supervision/historique"
PER_PAGE = 15
WORST = "etat"
_VIEW = re.compile(r"(?!(?:etat|q|tri|page|service|onglet)$)[a-z]{1,16}")


def _of(role: str, field: str) -> Callable[[ServiceView], str | None]:
    """Return what reads a field of the main or of the backup link, None without that link."""

    def read(service: ServiceView) -> str | None:
        link: LinkView | None = getattr(service, role)
        value: str | None = getattr(link, field) if link else None
        return value

    return read


FIELDS: Mapping[str, Callable[[ServiceView], str | None]] = {
    "societe": lambda service: service.company,
    "site": lambda service: service.site,
    "commune": lambda service: service.commune,
    "designation": _of("main", "designation"),
    "reference": _of("main", "reference"),
    "designation2": _of("backup", "designation"),
    "reference2": _of("backup", "reference"),
}
"""What each column is sorted by, by the word of it in the address (« tri=-site »: descending)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for. Anything that makes no sense there is as absent."""

    state: State | None = None
    text: str = ""
    sort: str = WORST
    descending: bool = False
    page: int = 1
    service: str = ""
    tab: str = ""
    view: tuple[tuple[str, str], ...] = ()
    """What the tabs of the panel put in the address, « liaison=… »: it goes with the service."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        states = {state.value: state for state in State}
        page = query.get("page", "1")
        sort = query.get("tri", "")
        column = sort.removeprefix("-")
        known = column == WORST or column in FIELDS
        return cls(
            state=states.get(query.get("etat", "")),
            text=query.get("q", "").strip()[:80],
            sort=column if known else WORST,
            descending=known and sort.startswith("-"),
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
            service=query.get("service", "")[:64],
            tab=query.get("onglet", "")[:32],
            view=tuple((n, query[n][:64]) for n in sorted(query) if _VIEW.fullmatch(n))[:4],
        )

    @classmethod
    def of_search(cls, search: object) -> Asked:
        """Read the part of the address after « ? », whatever the browser sent."""
        text = search.removeprefix("?")[:2000] if isinstance(search, str) else ""
        return cls.of(dict(parse_qsl(text)))

    @property
    def order(self) -> str:
        """The order as the address says it, empty for the worst first."""
        plain = self.sort == WORST and not self.descending
        return "" if plain else f"{'-' if self.descending else ''}{self.sort}"

    def of_column(self, column: str) -> str:
        """Return the address that sorts by a column, the other way round if it is so already."""
        again = self.sort == column and not self.descending
        return self.with_(sort=column, descending=again, page=1)

    def found(self, seen: LiveServices) -> Sequence[ServiceView]:
        """Return every service that is asked for, in the order asked for."""
        if self.sort != WORST:
            seen = seen.sorted_by(self.sort, FIELDS[self.sort], descending=self.descending)
            return seen.matching(self.text, self.state)
        matching = seen.matching(self.text, self.state)
        return matching[::-1] if self.descending else matching

    def with_(self, path: str = ADDRESS, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        view = () if "service" in changes else self.view
        other = replace(self, **{"view": view, **changes})
        known = {
            "etat": other.state.value if other.state else "",
            "q": other.text,
            "tri": other.order,
            "page": str(other.page) if other.page > 1 else "",
            "service": other.service,
            "onglet": other.tab,
            **dict(other.view if other.service else ()),
        }
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{path}?{query}" if query else path


def get_service(ctx: Context, view: ServiceView | None) -> Service | None:
    """Return the service behind a row of the list, None when there is no such row."""
    return None if view is None else ctx.db.get(Service, view.id)
