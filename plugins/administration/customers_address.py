"""What the addresses of customers ask for. Anything that makes no sense there is as absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlencode

CUSTOMERS = "/administration/clients"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list of customers is asked: words of the name or the number, a page."""

    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        page = query.get("page", "")
        return cls(
            query.get("q", "").strip()[:80],
            int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
        )

    @classmethod
    def of_search(cls, search: object) -> Self:
        """Read the part of the address after « ? », whatever the browser sent."""
        text = search.removeprefix("?")[:2000] if isinstance(search, str) else ""
        return cls.of(dict(parse_qsl(text)))

    def with_(self, page: int) -> str:
        """Return the address of another page of the same list."""
        known = {"q": self.text, "page": str(page) if page > 1 else ""}
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{CUSTOMERS}?{query}" if query else CUSTOMERS


def sheet_of(id: int) -> str:
    """Return the address of the sheet of a customer."""
    return f"{CUSTOMERS}/{id}"
