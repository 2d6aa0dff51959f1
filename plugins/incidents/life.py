"""The life of a ticket: its states, and who may move it from one to another. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

REOPENED_WITHIN = timedelta(days=15)
"""How long after its resolution a ticket can be opened again; then it takes a new one."""


class Status(StrEnum):
    """Where a ticket stands."""

    OPEN = "ouvert"
    TAKEN = "pris_en_charge"
    WAITING = "attente_client"
    RESOLVED = "resolu"
    CLOSED = "clos"


class Side(StrEnum):
    """Who does something to a ticket."""

    CUSTOMER = "client"
    OPERATOR = "operateur"


class Impact(StrEnum):
    """What the customer notices."""

    CUT = "coupure"
    DEGRADED = "degradation"
    INTERMITTENT = "intermittent"
    QUESTION = "question"


class Users(StrEnum):
    """How many people of the site it hinders."""

    EVERYONE = "tous"
    SOME = "certains"
    ONE = "un"


class Severity(IntEnum):
    """How grave a ticket is, the worst first."""

    CRITICAL = 1
    MAJOR = 2
    MINOR = 3
    QUESTION = 4


class Cause(StrEnum):
    """Whom the incident is due to; only the operator's own counts in its commitments."""

    OPERATOR = "operateur"
    CUSTOMER = "client"
    FORCE_MAJEURE = "force_majeure"


class Stop(StrEnum):
    """Why the clock of a ticket does not run."""

    CUSTOMER = "attente_client"
    RESTORED = "retabli"
    """The service worked between a resolution and the re-opening that followed."""


UNDER_WAY = (Status.OPEN, Status.TAKEN, Status.WAITING)
"""States of a ticket whose incident is not resolved."""
OVER = (Status.RESOLVED, Status.CLOSED)

MOVES: dict[tuple[Status, Status], frozenset[Side]] = {
    (Status.OPEN, Status.TAKEN): frozenset({Side.OPERATOR}),
    (Status.OPEN, Status.CLOSED): frozenset({Side.CUSTOMER}),
    (Status.TAKEN, Status.WAITING): frozenset({Side.OPERATOR}),
    (Status.TAKEN, Status.RESOLVED): frozenset({Side.OPERATOR}),
    (Status.TAKEN, Status.CLOSED): frozenset({Side.CUSTOMER}),
    (Status.WAITING, Status.TAKEN): frozenset({Side.OPERATOR, Side.CUSTOMER}),
    (Status.WAITING, Status.RESOLVED): frozenset({Side.OPERATOR}),
    (Status.WAITING, Status.CLOSED): frozenset({Side.CUSTOMER}),
    (Status.RESOLVED, Status.CLOSED): frozenset({Side.OPERATOR, Side.CUSTOMER}),
    (Status.RESOLVED, Status.OPEN): frozenset({Side.OPERATOR, Side.CUSTOMER}),
    (Status.CLOSED, Status.OPEN): frozenset({Side.OPERATOR, Side.CUSTOMER}),
}
"""Every move there is, and whose it is. A customer's answer ends the wait for it."""


def may_move(
    before: Status, after: Status, side: Side, resolved: datetime | None, now: datetime
) -> bool:
    """Tell whether somebody may move a ticket; ``resolved`` is when its incident was."""
    if side not in MOVES.get((before, after), frozenset()):
        return False
    reopens = before in OVER and after is Status.OPEN
    return not reopens or (resolved is not None and now - resolved <= REOPENED_WITHIN)


def severity_of(impact: Impact, users: Users, *, carried: bool) -> Severity:
    """Return how grave an incident is; ``carried`` says that a backup carries the traffic."""
    if impact is Impact.QUESTION:
        return Severity.QUESTION
    if impact is Impact.CUT and not carried:
        return Severity.CRITICAL
    if impact is Impact.CUT or users is Users.EVERYONE:
        return Severity.MAJOR
    return Severity.MINOR
