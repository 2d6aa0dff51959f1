"""What rubrics answer when the host asks them. Plain values, checked when they are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.i18n import N_


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab that a rubric gives to the panel of a service; ``render()`` is called when shown.

    ``id`` stands in the address (``?onglet=trafic``); ``order`` sorts, lowest first.
    """

    id: str
    label: str
    render: Callable[[], Any]
    order: int = 100


@dataclass(frozen=True, slots=True)
class Badge:
    """A word that a rubric puts beside a link in lists: « saturée ».

    ``link_id`` is the link's; ``hint`` the whole of it, on hover and to a screen reader;
    ``tone`` is « accent » or « degraded », empty for a plain one.
    """

    link_id: int
    label: str
    hint: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What a rubric offers to do about a service: a link in the head of its panel.

    ``href`` is an address of this site; the ``primary`` one, of which the first stands, is the
    thing to do next; ``order`` sorts, lowest first.
    """

    label: str
    href: str
    icon: str = "right"
    primary: bool = False
    order: int = 100

    def __post_init__(self) -> None:
        _check_own(self.href)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rubric knows of a link at a time: a ticket, planned works, traffic, a gap.

    ``title`` and ``text`` are words, ``at`` (aware) sorts them and shows, ``href`` leads to the
    whole of it; ``until`` is when what lasts was over, None for what is of a moment.
    """

    title: str
    text: str
    at: datetime
    href: str | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.href is not None:
            _check_own(self.href)


def _check_own(href: str) -> None:
    """Raise ``ValueError`` unless an address is one of this site."""
    if not href.startswith("/") or href.startswith(("//", "/\\")):
        raise ValueError(f"{href!r} is not an address of this site")


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the home page: a title that leads to ``href``, a body, columns of twelve."""

    title: str
    href: str
    body: Any
    width: int = 4
    order: int = 100
    more: str = N_("Tout voir")
