"""Users as values: how lists and forms show them, and what a form asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.access import Permission, Reach, Scope
from core.db_grants import Grant


class UserState(StrEnum):
    """Whether an account can be used, and why not."""

    ACTIVE = "actif"
    INVITED = "invite"
    """It was never given a password: its invitation waits."""
    DISABLED = "desactive"
    EXPIRED = "expire"
    DELETED = "supprime"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who administers. ``customer_id`` is its customer, None for the operator's staff."""

    id: int
    email: str
    customer_id: int | None
    granted: frozenset[str]
    scope: Scope
    address: str | None = None
    reference: str | None = None
    acting: bool = False
    """Whether it is the operator's staff in the place of its customer (``core.acting``)."""


@dataclass(frozen=True, slots=True)
class UserRights:
    """A rubric that one may hand on, and its fine rights; their labels are source strings."""

    rubric: str
    label: str
    read: Permission
    fine: Sequence[Permission]


@dataclass(frozen=True, slots=True)
class UserScope:
    """What a user sees: all of its customer, or companies whole and single sites, by id."""

    whole: bool = False
    companies: frozenset[int] = frozenset()
    sites: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.whole or bool(self.companies or self.sites)

    def grants(self, customer_id: int) -> list[Grant]:
        """Return it as grants; what is whole needs no parts."""
        if self.whole:
            return [(Reach.CUSTOMER, customer_id)]
        return [
            *((Reach.COMPANY, id_) for id_ in sorted(self.companies)),
            *((Reach.SITE, id_) for id_ in sorted(self.sites)),
        ]


@dataclass(frozen=True, slots=True)
class UserDraft:
    """What a form asks for. Its values were typed: the desk checks every one."""

    email: str
    family_name: str
    given_name: str
    permissions: frozenset[str]
    scope: UserScope
    expires: datetime | None = None
    guest: bool = False
    profile: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFacts:
    """What lists and the form of a user both show. ``permissions`` are keys."""

    id: int
    email: str
    name: str
    family_name: str
    given_name: str
    admin: bool
    guest: bool
    state: UserState
    created: datetime
    last_sign_in: datetime | None
    expires: datetime | None
    profile: str | None
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine(UserFacts):
    """A user as lists show it. ``companies`` and ``sites`` count grants; ``only`` is the one there
    is, when it is alone.
    """

    whole: bool
    companies: int
    sites: int
    only: Grant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class User(UserFacts):
    """A user as its form shows it. ``beyond`` counts the grants, and ``rights_beyond`` names the
    permissions, that whoever looks does not have: they stay as they are.
    """

    customer_id: int
    made_by: str | None
    changed_by: str | None
    version: int
    scope: UserScope
    beyond: int
    rights_beyond: frozenset[str]
    myself: bool
    second_step: bool
    """Whether its sign-in asks for a code too."""


@dataclass(frozen=True, slots=True)
class UserQuery:
    """What a list asks: words, a state, the key of a permission, an order, 25 from a page."""

    text: str = ""
    state: UserState | None = None
    """None: all but those who were deleted."""
    permission: str = ""
    sort: str = "nom"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of a list; ``counts`` are those of every state, the other criteria applied."""

    lines: Sequence[UserLine]
    total: int
    page: int
    counts: Mapping[UserState, int]


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of an invitation: sent by mail, or a ``link`` to hand over oneself, told once."""

    id: int
    email: str
    link: str | None = None
    mailed: bool = False
