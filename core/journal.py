"""The audit log as those who may read it see it: a customer's administrators its own lines, the
operator all of them; searched, told in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.audit import REFUSED, AuditEntry
from core.db import Customer
from core.i18n import N_, _

EVERYBODY = -1
"""The customer of a journal that shows the lines of all, those of the operator too."""
MOST_COUNTED = 10_000
"""Lines that are counted; of more, it is said that there are more."""
MOST_READ = 100_000
"""Lines, the newest of what is asked, among which words are searched."""
_SLACK = 1_000
"""Lines by which the order of times and that of the log may differ: a line that tells of a long
transaction bears the time at which it began."""

DEEDS: Mapping[str, str] = {
    "sign-in": N_("S’est connecté"),
    "sign-in failed": N_("Connexion refusée : adresse ou mot de passe incorrect"),
    "sign-in throttled": N_("Connexion refusée : trop d’essais"),
    "sign-out": N_("S’est déconnecté"),
    "reset asked": N_("A demandé un nouveau mot de passe"),
    "password changed": N_("A changé son mot de passe"),
    "code failed": N_("Connexion refusée : code incorrect"),
    "code throttled": N_("Connexion refusée : trop de codes essayés"),
    "recovery code used": N_("S’est connecté avec un code de secours"),
    "recovery codes made": N_("A fait de nouveaux codes de secours"),
    "two-factor on": N_("A activé la double authentification"),
    "two-factor required": N_("A changé l’exigence de double authentification d’un client"),
    "two-factor reset": N_("A remis à zéro la double authentification d’un compte"),
    "two-factor off": N_("A retiré la double authentification"),
    "confirmation failed": N_("Confirmation refusée : mot de passe incorrect"),
    "confirmation throttled": N_("Confirmation refusée : trop d’essais"),
    "identity confirmed": N_("A confirmé son identité"),
    "profile changed": N_("A modifié son compte"),
    "sessions ended": N_("A fermé des sessions"),
    "refused": N_("Accès refusé"),
    "account created": N_("A créé un compte"),
    "account disabled": N_("A désactivé un compte"),
    "exported": N_("A téléchargé un fichier"),
    "viewed": N_("A consulté un document"),
    "job done": N_("Un travail demandé est terminé"),
    "import received": N_("A envoyé un fichier à importer"),
    "import abandoned": N_("A abandonné un import"),
    "imported": N_("A importé des données"),
    "measures loaded": N_("A repris un historique de mesures"),
    "wall created": N_("A créé un mur"),
    "wall revoked": N_("A révoqué un mur"),
    "works announced": N_("A annoncé des travaux"),
    "works cancelled": N_("A annulé des travaux"),
    "acting begun": N_("A commencé à agir pour un client"),
    "acting ended": N_("A cessé d’agir pour un client"),
    "customer created": N_("A créé un compte client"),
    "customer changed": N_("A modifié un compte client"),
    "customer disabled": N_("A suspendu un compte client"),
    "customer enabled": N_("A remis un compte client en service"),
    "rubric off": N_("A retiré une rubrique à un client"),
    "rubric on": N_("A rendu une rubrique à un client"),
    "user created": N_("A créé un utilisateur"),
    "user restored": N_("A rétabli un utilisateur supprimé"),
    "user changed": N_("A modifié un utilisateur"),
    "user enabled": N_("A réactivé un utilisateur"),
    "user disabled": N_("A désactivé un utilisateur"),
    "user deleted": N_("A supprimé un utilisateur"),
    "user invited": N_("A renvoyé une invitation"),
    "administrator appointed": N_("A nommé un administrateur"),
    "administrator dismissed": N_("A retiré ses droits à un administrateur"),
    "administrator invited": N_("A invité un administrateur"),
}
"""What the host's own lines tell, by action; rubrics declare those of their own (``Rubric.deeds``).
"""


@dataclass(frozen=True, slots=True)
class JournalSought:
    """What is looked for: ``who`` and ``what`` are words in the actor and the target; ``start`` and
    ``end`` bound the time, aware; ``customer_id`` narrows the operator's view to one customer.
    """

    who: str = ""
    what: str = ""
    action: str = ""
    start: datetime | None = None
    end: datetime | None = None
    refusals: bool = False
    acting: bool = False
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of the audit log. ``customer`` is the name of whose it is, None for the operator's;
    with ``acting`` the operator's staff did it in the place of that customer.
    """

    number: int
    at: datetime
    actor: str
    action: str
    target: str
    facts: Mapping[str, Any]
    address: str | None
    reference: str | None
    customer: str | None
    acting: bool

    @property
    def refused(self) -> bool:
        return self.action in REFUSED


class Journal:
    """The audit log within the sight of one reader."""

    def __init__(
        self, engine: sa.Engine, customer_id: int | None, deeds: Callable[[], Mapping[str, str]]
    ) -> None:
        """``customer_id`` is the reader's, None for who reads nothing, ``EVERYBODY`` for all."""
        self._engine, self._customer_id, self._deeds = engine, customer_id, deeds

    @property
    def every(self) -> bool:
        """Whether the lines of all customers are here."""
        return self._customer_id == EVERYBODY

    def deeds(self) -> dict[str, str]:
        """Return what each action is in words, in the reader's language."""
        return {action: _(words) for action, words in self._deeds().items()}

    def deed(self, action: str) -> str:
        """Return what an action is in words, the action itself where nobody said."""
        words = self._deeds().get(action)
        return _(words) if words else action

    def page(self, sought: JournalSought, page: int, size: int) -> Sequence[JournalLine]:
        """Return one page of the lines that are looked for, the newest first."""
        with self._engine.connect() as connection:
            query = self._lines(connection, sought).order_by(AuditEntry.id.desc())
            rows = connection.execute(query.limit(size).offset((page - 1) * size))
            return [_line(row) for row in rows]

    def count(self, sought: JournalSought) -> int:
        """Return how many lines are looked for, ``MOST_COUNTED`` for that many or more."""
        with self._engine.connect() as connection:
            ids = sa.select(AuditEntry.id).where(*self._criteria(connection, sought))
            some = ids.limit(MOST_COUNTED).subquery()
            return connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0

    def line(self, number: int) -> JournalLine | None:
        """Return a line, None when there is none of that number within sight."""
        with self._engine.connect() as connection:
            query = self._lines(connection, JournalSought()).where(AuditEntry.id == number)
            row = connection.execute(query).one_or_none()
        return None if row is None else _line(row)

    def stream(self, sought: JournalSought) -> Iterator[JournalLine]:
        """Yield every line that is looked for, the newest first, a thousand in memory."""
        with self._engine.connect() as connection:
            query = self._lines(connection, sought).order_by(AuditEntry.id.desc())
            for row in connection.execute(query, execution_options={"yield_per": 1000}):
                yield _line(row)

    def customers(self) -> Mapping[int, str]:
        """Return the customers whose lines are here, by name; none for a customer's own reader."""
        if not self.every:
            return {}
        with self._engine.connect() as connection:
            query = sa.select(Customer.id, Customer.name).order_by(Customer.name)
            return {row.id: row.name for row in connection.execute(query)}

    def _lines(self, connection: sa.Connection, sought: JournalSought) -> sa.Select[Any]:
        columns = (
            AuditEntry.id, AuditEntry.at, AuditEntry.actor, AuditEntry.action, AuditEntry.target,
            AuditEntry.facts, AuditEntry.address, AuditEntry.reference, Customer.name,
            AuditEntry.acting,
        )  # fmt: skip
        of = Customer.id == AuditEntry.customer_id
        criteria = self._criteria(connection, sought)
        return sa.select(*columns).outerjoin(Customer, of).where(*criteria)

    def _criteria(
        self, connection: sa.Connection, sought: JournalSought
    ) -> list[sa.ColumnElement[bool]]:
        """Return what narrows the log: first of all to what the reader may see."""
        found: list[sa.ColumnElement[bool]] = []
        if self._customer_id is None:  # « == None » would be the lines of the operator
            found.append(sa.false())
        elif not self.every:
            found.append(AuditEntry.customer_id == self._customer_id)
        elif sought.customer_id is not None:
            found.append(AuditEntry.customer_id == sought.customer_id)
        if sought.action:
            found.append(AuditEntry.action == sought.action)
        if sought.refusals:
            found.append(AuditEntry.action.in_(REFUSED))
        if sought.acting:
            found.append(AuditEntry.acting.is_(True))
        found += self._period(connection, sought)
        for column, words in ((AuditEntry.actor, sought.who), (AuditEntry.target, sought.what)):
            found += [column.icontains(word, autoescape=True) for word in words.split()[:5]]
        if sought.who or sought.what:
            found.append(AuditEntry.id > self._last(connection, sought) - MOST_READ)
        return found

    def _period(
        self, connection: sa.Connection, sought: JournalSought
    ) -> list[sa.ColumnElement[bool]]:
        """Return the period as numbers of lines, which are in order, and as times."""
        found: list[sa.ColumnElement[bool]] = []
        if sought.start is not None:
            found.append(AuditEntry.at >= sought.start)
            first = self._first_after(connection, sought.start)
            if first is not None:
                found.append(AuditEntry.id > first - _SLACK)
        if sought.end is not None:
            found.append(AuditEntry.at < sought.end)
            last = self._first_after(connection, sought.end)
            if last is not None:
                found.append(AuditEntry.id < last + _SLACK)
        return found

    def _first_after(self, connection: sa.Connection, moment: datetime) -> int | None:
        query = sa.select(AuditEntry.id).where(AuditEntry.at >= moment)
        return connection.scalar(query.order_by(AuditEntry.at, AuditEntry.id).limit(1))

    def _last(self, connection: sa.Connection, sought: JournalSought) -> int:
        last = self._first_after(connection, sought.end) if sought.end else None
        return last or connection.scalar(sa.select(sa.func.max(AuditEntry.id))) or 0


def _line(row: Any) -> JournalLine:
    return JournalLine(*row)
