"""Who may do what, on whose rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.i18n import N_


@dataclass(frozen=True, slots=True)
class Permission:
    """A right an administrator can grant, named ``<rubric>:<action>``.

    One for ``staff`` opens to the operator's own people alone, whoever was granted it.
    """

    key: str
    label: str
    staff: bool = False


IMPORTS = Permission("balise:imports", N_("Importer des données"), staff=True)
"""The host's own: for the operator's administrators, whatever they were granted."""


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
    A command of the host works for nobody (0) on one ``customer_id``, which then is all there is,
    and an import of the operator on ``every`` row: only the host builds those, and records them.
    """

    user_id: int
    customer_id: int | None = None
    every: bool = False


class OutOfScope(Exception):
    """A statement could have read or written rows of another tenant."""
