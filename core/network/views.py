"""A service and its links as lists show them: counted, found, searched and sorted. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cmp_to_key, lru_cache
from typing import Any, NamedTuple, Protocol, Self, TypeVar, cast

from core.network.status import Reason, State, Status

_NUMBERS = re.compile(r"([0-9]+)")
_SAINTS = re.compile(r"\bst(e?)\b")
RANK = {State.DOWN: 0, State.DEGRADED: 1, State.UNKNOWN: 2, State.UP: 3}
FEW = 64
"""Past so many changes it is quicker to sort a list again than to put each in its place."""
_NAMES = 32_768
"""So many names are kept as they are compared: a list of 10,000 services is sorted without it
being made anew."""


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
    latitude: float | None
    longitude: float | None
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


class Derived(Protocol):
    """Something made of a list of services that follows its changes; never altered."""

    def with_(self, gone: Sequence[ServiceView], found: Sequence[ServiceView]) -> Self:
        """Return it once the services that are gone have become those found, or are no more."""


D = TypeVar("D", bound=Derived)


@dataclass(frozen=True, slots=True)
class LiveServices:
    """Every service of a user's scope as it is now, worst first.

    ``read_at`` is the newest reading of all; ``number`` is where the journal of changes stood, 0
    where there is none: what was touched since can be asked of it.
    """

    services: Sequence[ServiceView]
    read_at: datetime | None
    number: int = 0
    known: Mapping[State, int] | None = field(default=None, repr=False)
    derived: dict[str, Derived] = field(default_factory=dict, repr=False)

    def sorted_by(
        self, name: str, value: Callable[[ServiceView], str | None], *, descending: bool = False
    ) -> LiveServices:
        """Return the same in the order of ``value``, see ``Order``; made once by that name."""
        order = self.derive(f"{'-' if descending else ''}{name}", Order([], value, descending))
        return replace(self, services=order.services)

    def derive(self, name: str, nothing: D) -> D:
        """Return what is made of these services from ``nothing``: once by that name, then kept up
        to date while services change.
        """
        if name not in self.derived:
            self.derived[name] = nothing.with_([], self.services)
        return cast("D", self.derived[name])

    def counts(self) -> Mapping[State, int]:
        found = self.known
        if found is None:
            found = Counter(service.state for service in self.services)
        return {state: found[state] for state in State}

    def sites(self) -> int:
        return len({service.site_id for service in self.services})

    def find(self, asked: str) -> ServiceView | None:
        """Return the service of that id, or whose main or backup link has that reference."""
        id_ = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
        for service in self.services:
            main, backup = service.main, service.backup
            if (
                service.id == id_
                or (main and main.reference == asked)
                or (backup and backup.reference == asked)
            ):
                return service
        return None

    def matching(self, text: str = "", state: State | None = None) -> Sequence[ServiceView]:
        """Return the services of a state that hold every word of ``text``.

        Looked for in company, site, commune and references, whatever the accents and the case.
        """
        words = fold(text).split()
        if state is None and not words:
            return self.services
        return [
            service
            for service in self.services
            if (state is None or service.state is state) and (not words or _holds(service, words))
        ]


@lru_cache(maxsize=_NAMES)
def fold(text: str) -> str:
    """Return a text without accents nor capitals, to compare it.

    « L’Étang » is « l'etang », « St-Affrique » and « Ste Eulalie » have their saints in full.
    """
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
        text = "".join(c for c in plain if not unicodedata.combining(c))
    return _SAINTS.sub(r"saint\1", text.casefold())


def folded(text: str | None) -> str | None:
    """Return ``fold(text)``, as the database's own function ``fold`` gives it."""
    return None if text is None else fold(text)


@lru_cache(maxsize=_NAMES)
def natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """Return a key that sorts « Agence 2 » before « Agence 10 »."""
    pieces = _NUMBERS.split(fold(text))  # the odd ones are the numbers
    return tuple((i % 2 == 1, int(p) if i % 2 else 0, p) for i, p in enumerate(pieces))


def by_worst(service: ServiceView) -> tuple[int, tuple[tuple[bool, int, str], ...], int]:
    """Return the key of the order of lists: worst first, then by the name of the site."""
    return RANK[service.status.state], natural(service.site), service.id


@dataclass(frozen=True, slots=True)
class Order:
    """Services by a text that ``value`` gives, as people count, those without it last; the worst
    first where it is the same.
    """

    services: Sequence[ServiceView]
    value: Callable[[ServiceView], str | None]
    descending: bool

    def with_(self, gone: Sequence[ServiceView], found: Sequence[ServiceView]) -> Order:
        """Return the same once some services have become those found, or are no more."""
        ids = {service.id for service in gone} | {service.id for service in found}
        made = [service for service in self.services if service.id not in ids]
        if len(found) > FEW:
            made = sorted([*made, *found], key=by_worst)
            with_it = [service for service in made if self.value(service)]
            with_it.sort(key=self._text, reverse=self.descending)
            made = with_it + [service for service in made if not self.value(service)]
        else:
            for service in found:
                insort(made, service, key=cmp_to_key(self._compare))
        return replace(self, services=made)

    def _text(self, service: ServiceView) -> Any:
        return natural(self.value(service) or "")

    def _compare(self, one: ServiceView, other: ServiceView) -> int:
        last, its_last = not self.value(one), not self.value(other)
        text, its_text = self._text(one), self._text(other)
        if last == its_last and text != its_text:
            return -1 if (text < its_text) is not self.descending else 1
        mine, its = (last, by_worst(one)), (its_last, by_worst(other))
        return (mine > its) - (mine < its)


def _holds(service: ServiceView, words: Iterable[str]) -> bool:
    parts = [service.company, service.site, service.commune or "", service.postal_code or ""]
    parts += [link.reference for link in (service.main, service.backup) if link]
    text = fold(" ".join(parts))
    return all(word in text for word in words)
