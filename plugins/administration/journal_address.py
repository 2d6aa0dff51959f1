"""What the address of the journal asks for. Anything that makes no sense there is as absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from core.api import JournalSought, midnight

JOURNAL = "/administration/journal"
EXPORT = f"{JOURNAL}/export"
REFUSALS, ACTING = "refus", "agir"
VIEWS = (REFUSALS, ACTING)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the journal is asked: ``view`` is one of ``VIEWS`` or all; ``start`` and ``end`` are
    civil days, both included; ``line`` is the number of the one that is opened.
    """

    who: str = ""
    what: str = ""
    action: str = ""
    view: str = ""
    start: date | None = None
    end: date | None = None
    customer: int | None = None
    page: int = 1
    line: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        return cls(
            who=query.get("qui", "").strip()[:80],
            what=query.get("objet", "").strip()[:80],
            action=query.get("action", "").strip()[:60],
            view=query["vue"] if query.get("vue") in VIEWS else "",
            start=_day(query.get("du", "")),
            end=_day(query.get("au", "")),
            customer=_number(query.get("client", "")),
            page=_number(query.get("page", "")) or 1,
            line=_number(query.get("ligne", "")),
        )

    @classmethod
    def of_search(cls, search: object) -> Self:
        """Read the part of the address after « ? », whatever the browser sent."""
        text = search.removeprefix("?")[:4000] if isinstance(search, str) else ""
        return cls.of(dict(parse_qsl(text)))

    @property
    def filtered(self) -> bool:
        """Whether anything but the page and the line is asked."""
        return replace(self, page=1, line=None) != Asked()

    def sought(self, zone: ZoneInfo) -> JournalSought:
        """Return what is looked for, with the days of that zone as moments."""
        return JournalSought(
            who=self.who,
            what=self.what,
            action=self.action,
            start=midnight(self.start, zone) if self.start else None,
            end=midnight(self.end + timedelta(days=1), zone) if self.end else None,
            refusals=self.view == REFUSALS,
            acting=self.view == ACTING,
            customer_id=self.customer,
        )

    def with_(self, path: str = JOURNAL, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        other = replace(self, **changes)
        known = {
            "qui": other.who,
            "objet": other.what,
            "action": other.action,
            "vue": other.view,
            "du": other.start.isoformat() if other.start else "",
            "au": other.end.isoformat() if other.end else "",
            "client": str(other.customer) if other.customer else "",
            "page": str(other.page) if other.page > 1 else "",
            "ligne": str(other.line) if other.line else "",
        }
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{path}?{query}" if query else path


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year < 2200 else None
