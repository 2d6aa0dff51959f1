"""Where tickets live: a small interface that pages speak to, and the embedded tickets behind it.

An operator's own tool takes their place in ``config.yaml``, with ``rubrics: settings: incidents:
{backend: "module:Class"}``: a class without arguments that has the methods of ``Backend``. It
answers ``Ticket``s, built and never added to the database, with an ``id``, their ``company``,
``site``, ``link``, ``actions``, ``pauses`` and ``files``. It is asked in a user's request and
answers what that user may see: the links of ``ctx.db`` are the proof.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

from core.api import Context, Link
from plugins.incidents import changes, queries
from plugins.incidents.address import Asked
from plugins.incidents.life import Status
from plugins.incidents.models import Ticket

EMBEDDED = "embedded"


@runtime_checkable
class Backend(Protocol):
    """Where tickets live. What writes returns why not, in words for the user, or None."""

    def counts(self, ctx: Context, asked: Asked) -> dict[Status, int]:
        """Return how many tickets are in each state of what is asked, whatever the state asked."""

    def listed(self, ctx: Context, asked: Asked) -> queries.Listed:
        """Return the page of ``queries.PER_PAGE`` tickets that is asked, and the counts."""

    def every(self, ctx: Context, asked: Asked) -> Iterator[Ticket]:
        """Yield all that is asked, in its order."""

    def worst(self, ctx: Context, most: int) -> Sequence[Ticket]:
        """Return the tickets under way, the gravest first, the oldest of them first."""

    def open_on(self, ctx: Context, link_ids: Sequence[int]) -> Sequence[Ticket]:
        """Return the tickets under way on some links, the latest first."""

    def lasting(
        self, ctx: Context, start: datetime, end: datetime, link_ids: Sequence[int] | None
    ) -> Sequence[Ticket]:
        """Return the tickets whose incident lasts at some moment of ``[start, end[``."""

    def find(self, ctx: Context, number: object) -> Ticket | None:
        """Return the ticket of a number that the browser gave, None when it is not there."""

    def open(
        self, ctx: Context, link: Link, said: changes.Opening
    ) -> tuple[Ticket | None, str | None]:
        """Open a ticket; return it, or what is wrong."""

    def comment(self, ctx: Context, ticket: Ticket, text: object, *, private: bool) -> str | None:
        """Keep a comment; a ``private`` one stays with the operator."""

    def move(
        self, ctx: Context, ticket: Ticket, after: Status, text: object, seen: object
    ) -> str | None:
        """Move a ticket to another state; ``seen`` is the version that the user saw."""

    def change(
        self, ctx: Context, ticket: Ticket, values: Mapping[str, object], seen: object
    ) -> str | None:
        """Change what the operator keeps of a ticket: assignee, severity, cause, reference."""

    def join(self, ctx: Context, ticket: Ticket, name: str, kind: str, body: bytes) -> str | None:
        """Keep a file whose type was found in it. ``ctx.files`` may hold what is in it."""


class Embedded:
    """The tickets of this installation's own tables."""

    counts = staticmethod(queries.counts)
    listed = staticmethod(queries.listed)
    every = staticmethod(queries.every_ticket)
    worst = staticmethod(queries.worst_open)
    open_on = staticmethod(queries.open_on)
    lasting = staticmethod(queries.lasting_in)
    find = staticmethod(queries.find)
    open = staticmethod(changes.open_ticket)
    comment = staticmethod(changes.comment)
    move = staticmethod(changes.move)
    change = staticmethod(changes.change)
    join = staticmethod(changes.keep_file)


def wrong_backend(name: str) -> str | None:
    """Return what is wrong with the setting, in words, or None."""
    try:
        found = _made(name)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        return f"« {name} » ne se charge pas ({error}) : « {EMBEDDED} », ou « module:Classe »."
    if not isinstance(found, Backend):
        return f"« {name} » n'a pas les méthodes de plugins.incidents.backend.Backend."
    return None


@lru_cache(maxsize=8)
def _made(name: str) -> Any:
    if name == EMBEDDED:
        return Embedded()
    if ":" not in name:
        raise ValueError("il manque « :Classe »")
    return pkgutil.resolve_name(name)()


def tickets(ctx: Context) -> Backend:
    """Return where tickets live in this installation."""
    made: Backend = _made(ctx.settings.get("incidents", {}).get("backend", EMBEDDED))
    return made
