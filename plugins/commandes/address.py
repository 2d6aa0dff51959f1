"""What the addresses of the two lists ask for. Anything that makes no sense there is as absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode

from plugins.commandes.models import Kind

ORDERS = "/commandes/suivi"
SUBSCRIPTIONS = "/commandes/abonnements"
EXPORT_ORDERS = f"{ORDERS}/export"
EXPORT_SUBSCRIPTIONS = f"{SUBSCRIPTIONS}/export"

SORTS = (
    "type", "client", "article", "contract", "souhaitee", "routeur", "lien", "etat", "code",
)  # fmt: skip
PROGRESS = ("cours", "fini", "closes", "messages")
DATES = ("contract", "souhaitee", "routeur", "lien")
NEWEST = "contract"
"""The list is sorted by the contractual date, the latest first, unless it is told otherwise."""


def order_page(reference: str, kind: Kind | None = None) -> str:
    """Return the address of the page of an order line."""
    address = f"{ORDERS}/{quote(reference, safe='')}"
    return f"{address}?{urlencode({'type': kind.value})}" if kind else address


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else 1


def _read(search: object) -> dict[str, str]:
    text = search.removeprefix("?")[:4000] if isinstance(search, str) else ""
    return dict(parse_qsl(text))


def _address(path: str, known: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in known.items() if value})
    return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Asked:
    """What « Suivi des commandes » is asked.

    ``progress`` is « cours », « fini », « closes » (lines that left the back office's file),
    « messages » (some are unread) or empty for what is followed; ``dated`` is which of the four
    dates ``start`` and ``end`` bound.
    """

    text: str = ""
    client: str = ""
    site: str = ""
    kind: Kind | None = None
    state: str = ""
    progress: str = ""
    code: str = ""
    dated: str = ""
    start: date | None = None
    end: date | None = None
    sort: str = NEWEST
    descending: bool = True
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        kinds = {kind.value: kind for kind in Kind}
        sort = query.get("tri", "")
        known = sort.removeprefix("-") in SORTS
        said = {name: query.get(name, "").strip()[:80] for name in ("q", "client", "site")}
        return cls(
            text=said["q"],
            client=said["client"],
            site=said["site"],
            kind=kinds.get(query.get("type", "")),
            state=query.get("etat", "")[:80],
            progress=query["avancement"] if query.get("avancement") in PROGRESS else "",
            code=query.get("code", "").strip()[:40],
            dated=query["date"] if query.get("date") in DATES else "",
            start=_day(query.get("du", "")),
            end=_day(query.get("au", "")),
            sort=sort.removeprefix("-") if known else NEWEST,
            descending=sort.startswith("-") if known else True,
            page=_page(query.get("page", "1")),
        )

    @classmethod
    def of_search(cls, search: object) -> Self:
        """Read the part of the address after « ? », whatever the browser sent."""
        return cls.of(_read(search))

    @property
    def filtered(self) -> bool:
        """Whether anything but order and page is asked."""
        return replace(self, sort=NEWEST, descending=True, page=1) != Asked()

    @property
    def detailed(self) -> bool:
        """Whether one of the criteria is asked that stand folded."""
        return bool(self.client or self.site or self.code or self.dated or self.start or self.end)

    @property
    def order(self) -> str:
        """The order as the address says it, empty for the latest first."""
        plain = self.sort == NEWEST and self.descending
        return "" if plain else f"{'-' if self.descending else ''}{self.sort}"

    def of_column(self, column: str) -> str:
        """Return the address that sorts by a column, the other way round if it is so already."""
        again = self.sort == column and not self.descending
        return self.with_(sort=column, descending=again, page=1)

    def with_(self, path: str = ORDERS, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        other = replace(self, **changes)
        return _address(
            path,
            {
                "avancement": other.progress,
                "q": other.text,
                "client": other.client,
                "site": other.site,
                "type": other.kind.value if other.kind else "",
                "etat": other.state,
                "code": other.code,
                "date": other.dated,
                "du": other.start.isoformat() if other.start else "",
                "au": other.end.isoformat() if other.end else "",
                "tri": other.order,
                "page": str(other.page) if other.page > 1 else "",
            },
        )


ALL, NONE = "tout", "rien"
MOST_OPEN = 60
"""Nodes that an address opens or closes one by one."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What « Abonnements » is asked.

    ``opened`` names the open nodes of the tree by their keys; after « tout » it names those that
    are closed; « rien » is none, empty as it suits. ``chosen`` is the reference of a
    subscription, ``place`` the id of a site: what the sheet shows; ``form`` is which of its forms
    is open.
    """

    text: str = ""
    client: str = ""
    site: str = ""
    technology: str = ""
    offer: str = ""
    ending: str = ""
    group: str = "sites"
    opened: tuple[str, ...] = ()
    page: int = 1
    chosen: str = ""
    place: str = ""
    form: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        names = ("q", "client", "site", "techno", "abonnement", "lieu")
        said = {name: query.get(name, "").strip()[:80] for name in names}
        opened = tuple(part for part in query.get("ouvert", "")[:1500].split("~") if part)
        return cls(
            text=said["q"],
            client=said["client"],
            site=said["site"],
            technology=said["techno"],
            offer=query.get("offre", "")[:32],
            ending=query["resiliation"] if query.get("resiliation") in ENDING else "",
            group="technologies" if query.get("vue") == "technologies" else "sites",
            opened=opened[:MOST_OPEN],
            page=_page(query.get("page", "1")),
            chosen=said["abonnement"],
            place=said["lieu"],
            form=query["modifier"] if query.get("modifier") in FORMS else "",
        )

    @classmethod
    def of_search(cls, search: object) -> Self:
        """Read the part of the address after « ? », whatever the browser sent."""
        return cls.of(_read(search))

    @property
    def filtered(self) -> bool:
        """Whether the tree shows a part of what there is."""
        parts = (self.text, self.client, self.site, self.technology, self.offer)
        return any(parts) or bool(self.ending)

    def is_open(self, key: str, *, by_default: bool) -> bool:
        """Tell whether a node is open."""
        if not self.opened:
            return by_default
        if self.opened[0] == ALL:
            return key not in self.opened[1:]
        return key in self.opened

    def toggled(self, key: str, *, by_default: bool) -> tuple[str, ...]:
        """Return what is open once a node has been opened, or closed if it was open."""
        mode = self.opened or ((ALL,) if by_default else (NONE,))
        head, rest = (mode[0], mode[1:]) if mode[0] in (ALL, NONE) else (NONE, mode)
        others = tuple(one for one in rest if one != key)
        rest = others if key in rest else (*others, key)
        return (head, *rest) if head == ALL else rest or (NONE,)

    def with_(self, path: str = SUBSCRIPTIONS, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        other = replace(self, **changes)
        return _address(
            path,
            {
                "vue": other.group if other.group != "sites" else "",
                "q": other.text,
                "client": other.client,
                "site": other.site,
                "techno": other.technology,
                "offre": other.offer,
                "resiliation": other.ending,
                "ouvert": "~".join(other.opened),
                "page": str(other.page) if other.page > 1 else "",
                "abonnement": other.chosen,
                "lieu": other.place,
                "modifier": other.form,
            },
        )


FORMS = ("contact", "resiliation")
ENDING = ("oui", "attente")
"""Subscriptions with a request to cancel: any that stands, those to be decided."""
