"""Who may do what, on whose rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.i18n import N_


@dataclass(frozen=True, slots=True)
class Permission:
    """A right an administrator can grant, named ``<rubric>:<action>``.

    One for ``staff`` opens to the operator's own people alone, whoever was granted it. One for
    ``admin`` comes with being an administrator, of a customer or of the operator: it opens to every
    one of them and to nobody else, and is not granted.
    """

    key: str
    label: str
    staff: bool = False
    admin: bool = False


IMPORTS = Permission("balise:imports", N_("Importer des données"), staff=True)
"""The host's own: for the operator's administrators, whatever they were granted."""


def opened(
    granted: frozenset[str], known: Iterable[Permission], *, admin: bool, staff: bool
) -> frozenset[str]:
    """Return what an account's grants open: without what is for the operator's ``staff`` alone, and
    with what comes with being an administrator.
    """
    for permission in known:
        if permission.admin:
            granted = granted | {permission.key} if admin else granted - {permission.key}
        if permission.staff and not staff:
            granted -= {permission.key}
    return granted


class Reach(StrEnum):
    """How much one grant of scope opens."""

    OPERATOR = "operator"
    """Every customer: the operator's own staff. Explicit, and each sign-in of it is audited."""
    CUSTOMER = "customer"
    """Every company of one customer, those to come included."""
    COMPANY = "company"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a user may see: those its scope grants open, read at every statement.

    The scope names the user; the grants stay in the database (``scope_grant``), so that ten
    thousand sites do not become ten thousand parameters. A user without grants sees nothing.
    With a ``customer_id`` that customer is all there is: so works the operator's staff in its place
    (``Acting``), and a command of the host, for nobody (0). An import of the operator works on
    ``every`` row. Only the host builds those, and records them.
    """

    user_id: int
    customer_id: int | None = None
    every: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """The operator's staff in the place of a customer: its rows and its administrator's rights, and
    no others, until a moment. See ``core.acting``.
    """

    customer_id: int
    name: str
    until: datetime


class OutOfScope(Exception):
    """A statement could have read or written rows of another tenant."""
