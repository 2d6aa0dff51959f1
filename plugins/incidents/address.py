"""What the addresses of tickets ask for. Anything that makes no sense there is as absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode
from zoneinfo import ZoneInfo

from plugins.incidents.life import Status

TICKETS = "/incidents"
NEW = f"{TICKETS}/nouveau"
SLA = f"{TICKETS}/engagements"
WORKS = f"{TICKETS}/travaux"
TERMS = f"{TICKETS}/contrats"
OUTAGES = f"{TICKETS}/coupures"
EXPORT = f"{TICKETS}/export"

SORTS = ("numero", "etat", "gravite", "site", "reference", "ouvert", "resolu")
NEWEST = "ouvert"
"""The list is sorted by opening, the latest first, unless it is told otherwise."""
UNDER_WAY, OVER, EVERY = "encours", "finis", "tous"
STATES = (UNDER_WAY, OVER, EVERY, *(status.value for status in Status))


def ticket_page(number: str | None, tab: str = "") -> str:
    """Return the address of the page of a ticket."""
    address = f"{TICKETS}/{quote(number or '', safe='')}"
    return f"{address}?{urlencode({'onglet': tab})}" if tab else address


def new_ticket(reference: str, outage: datetime | None = None) -> str:
    """Return the address that opens a ticket on a link, or about an outage of it."""
    known = {"link": reference}
    if outage is not None:
        known["coupure"] = str(int(outage.timestamp()))
    return f"{NEW}?{urlencode(known)}"


def read(search: object) -> dict[str, str]:
    """Return the parameters of an address, whatever the browser sent after « ? »."""
    text = search.removeprefix("?")[:4000] if isinstance(search, str) else ""
    return dict(parse_qsl(text))


def address(path: str, known: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in known.items() if value})
    return f"{path}?{query}" if query else path


def day_of(text: str) -> date | None:
    """Return the day that « 2026-11-24 » is, None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def month_of(text: str, now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the civil month that « 2026-10 » is, the present one when it makes no sense or is
    still to come.
    """
    today = now.astimezone(zone).date()
    day = day_of(f"{text}-01")
    if day is None or day > today or day.year < 2000:
        return today.year, today.month
    return day.year, day.month


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list of tickets is asked.

    ``state`` is one of ``STATES``: under way unless told otherwise; ``severity`` 1 to 4, 0 for
    all; ``link`` is a whole reference; ``start`` and ``end`` bound the day of the opening.
    """

    text: str = ""
    state: str = UNDER_WAY
    severity: int = 0
    site: str = ""
    link: str = ""
    start: date | None = None
    end: date | None = None
    sort: str = NEWEST
    descending: bool = True
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        sort = query.get("tri", "")
        known = sort.removeprefix("-") in SORTS
        page, severity = query.get("page", ""), query.get("gravite", "")
        said = {name: query.get(name, "").strip()[:80] for name in ("q", "site", "link")}
        return cls(
            text=said["q"],
            state=query["etat"] if query.get("etat") in STATES else UNDER_WAY,
            severity=int(severity) if severity in ("1", "2", "3", "4") else 0,
            site=said["site"],
            link=said["link"],
            start=day_of(query.get("du", "")),
            end=day_of(query.get("au", "")),
            sort=sort.removeprefix("-") if known else NEWEST,
            descending=sort.startswith("-") if known else True,
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
        )

    @classmethod
    def of_search(cls, search: object) -> Self:
        """Read the part of the address after « ? », whatever the browser sent."""
        return cls.of(read(search))

    @property
    def filtered(self) -> bool:
        """Whether anything but state, order and page is asked."""
        plain = replace(self, sort=NEWEST, descending=True, page=1, state=UNDER_WAY)
        return plain != Asked()

    @property
    def detailed(self) -> bool:
        """Whether one of the criteria is asked that stand folded."""
        return bool(self.site or self.link or self.start or self.end)

    @property
    def order(self) -> str:
        """The order as the address says it, empty for the latest first."""
        plain = self.sort == NEWEST and self.descending
        return "" if plain else f"{'-' if self.descending else ''}{self.sort}"

    def of_column(self, column: str) -> str:
        """Return the address that sorts by a column, the other way round if it is so already."""
        again = self.sort == column and not self.descending
        return self.with_(sort=column, descending=again, page=1)

    def with_(self, path: str = TICKETS, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        other = replace(self, **changes)
        return address(
            path,
            {
                "etat": other.state if other.state != UNDER_WAY else "",
                "q": other.text,
                "gravite": str(other.severity) if other.severity else "",
                "site": other.site,
                "link": other.link,
                "du": other.start.isoformat() if other.start else "",
                "au": other.end.isoformat() if other.end else "",
                "tri": other.order,
                "page": str(other.page) if other.page > 1 else "",
            },
        )
