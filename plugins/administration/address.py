"""What the addresses of the users ask for. Anything that makes no sense there is as absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from core.api import UserQuery, UserState

USERS = "/administration/utilisateurs"
NEW = f"{USERS}/nouveau"
MATRIX = f"{USERS}/matrice"
EXPORT = f"{USERS}/export"

SORTS = ("nom", "connexion", "etat")
STATES = {state.value: state for state in UserState}
DONE = ("invite", "cree", "change", "supprime")


def user_page(id_: int) -> str:
    """Return the address of the form of a user."""
    return f"{USERS}/{id_}"


def number(text: object) -> int | None:
    """Return a whole number that a browser sent, None for anything else."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text if 0 < text < 10**9 else None
    plain = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if plain and isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked. ``customer`` is for the operator's staff, which names one;
    ``delete`` is the user whose deletion is to be confirmed, ``done`` what was just done.
    """

    text: str = ""
    state: UserState | None = None
    permission: str = ""
    customer: int | None = None
    sort: str = "nom"
    descending: bool = False
    page: int = 1
    delete: int | None = None
    done: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        sort, page = query.get("tri", ""), number(query.get("page", ""))
        known = sort.removeprefix("-") in SORTS
        return cls(
            text=query.get("q", "").strip()[:80],
            state=STATES.get(query.get("etat", "")),
            permission=query.get("rubrique", "")[:60],
            customer=number(query.get("client", "")),
            sort=sort.removeprefix("-") if known else "nom",
            descending=known and sort.startswith("-"),
            page=page or 1,
            delete=number(query.get("supprimer", "")),
            done=query["fait"] if query.get("fait") in DONE else "",
        )

    @classmethod
    def of_search(cls, search: object) -> Self:
        """Read the part of the address after « ? », whatever the browser sent."""
        text = search.removeprefix("?")[:4000] if isinstance(search, str) else ""
        return cls.of(dict(parse_qsl(text)))

    @property
    def query(self) -> UserQuery:
        """What the desk is asked."""
        return UserQuery(
            self.text, self.state, self.permission, self.sort, self.descending, self.page
        )

    @property
    def filtered(self) -> bool:
        return bool(self.text or self.state or self.permission)

    @property
    def order(self) -> str:
        """The order as the address says it, empty for that of names."""
        plain = self.sort == "nom" and not self.descending
        return "" if plain else f"{'-' if self.descending else ''}{self.sort}"

    def of_column(self, column: str) -> str:
        """Return the address that sorts by a column, the other way round if it is so already."""
        again = self.sort == column and not self.descending
        return self.with_(sort=column, descending=again, page=1)

    def with_(self, path: str = USERS, **changes: Any) -> str:
        """Return the address, of the list or of ``path``, that asks for the same but for these."""
        other = replace(self, **{"delete": None, "done": "", **changes})
        known = {
            "client": str(other.customer or ""),
            "etat": other.state.value if other.state else "",
            "q": other.text,
            "rubrique": other.permission,
            "tri": other.order,
            "page": str(other.page) if other.page > 1 else "",
            "supprimer": str(other.delete or ""),
            "fait": other.done,
        }
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{path}?{query}" if query else path
