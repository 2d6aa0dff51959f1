"""Which page an address is, and whether one may see it. Not Dash Pages: see docs/design.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from core.access import IMPORTS, Permission
from core.i18n import N_
from core.registry import Registry
from core.rubric import Page
from core.sessions import SignedIn

HOME = Permission("balise:home", N_("Accueil et aide"))
HEALTH = Permission("balise:health", N_("Santé de la plateforme"))
ACCOUNT = Permission("balise:account", N_("Mon compte"))
ACT = Permission("balise:act", N_("Agir pour un client"), staff=True)
WALLS = Permission("balise:walls", N_("Créer et révoquer des murs"))


class Refused(Exception):
    """The page exists but is not for this user."""


class Pages:
    """The pages of the host and of the rubrics in service."""

    def __init__(self, own: list[Page], registry: Registry) -> None:
        rubrics = [page for rubric in registry.rubrics.values() for page in rubric.pages]
        self._pages: dict[str, Page] = {page.path: page for page in (*rubrics, *own)}
        rules = [Rule(path, endpoint=path) for path in self._pages]
        self._routes = Map(rules, strict_slashes=False, redirect_defaults=False).bind("")

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages.values())

    def find(self, path: str, granted: AbstractSet[str]) -> tuple[Page, Mapping[str, Any]] | None:
        """Return the page at ``path`` and the parts of its address, None when there is none.

        Raises ``Refused`` when the page asks for a permission that is not granted.
        """
        try:
            endpoint, arguments = self._routes.match(path)
        except HTTPException:
            return None
        page = self._pages[endpoint]
        if page.permission.key not in granted:
            raise Refused
        return page, arguments

    def leads(self, path: str, granted: AbstractSet[str]) -> bool:
        """Tell whether a page stands at ``path`` and may be seen with these permissions."""
        try:
            return self.find(path, granted) is not None
        except Refused:
            return False

    def draws(self, path: str) -> bool:
        """Tell whether the page at ``path`` draws curves as soon as it opens."""
        try:
            return self._pages[self._routes.match(path)[0]].charts
        except HTTPException:
            return False

    @staticmethod
    def host_grants(person: SignedIn) -> frozenset[str]:
        """Return what the host lets a person do: its health, walls and imports are for the
        operator's administrators, one's own account for whoever acts for nobody else.
        """
        granted = {HOME.key} if person.acting else {HOME.key, ACCOUNT.key}
        if person.admin and person.customer_id is None:
            granted |= {HEALTH.key, WALLS.key, IMPORTS.key, ACT.key}
        return frozenset(granted)
