"""What rubrics send by mail: to the operator's sales administration, to the people of a customer.

A mail is put in the queue once the change that it tells is kept, and to those alone who may read
the row it is about when it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from core import i18n, mail
from core.access import Permission, Scope
from core.accounts import Account, AccountPermission, in_service, people
from core.config import Config
from core.db import Company, Db, Owned
from core.secrets import Vault

log = structlog.get_logger("balise.mail")

Letter = Callable[[], tuple[str, str]]
"""Words a mail in the language in use: (subject, body)."""


class Post:
    """Where one request leaves its mails."""

    def __init__(
        self, engine: sa.Engine, vault: Callable[[], Vault], config: Config, now: datetime, db: Db
    ) -> None:
        self._engine, self._vault, self._config = engine, vault, config
        self._now, self._db = now, db

    def address(self, path: str) -> str:
        """Return the whole address of a page, for a mail."""
        return self._config.web.public_url.rstrip("/") + path

    def to_operator(self, letter: Letter, *, incidents: bool = False) -> bool:
        """Write to the sales administration (``operator.sales``), or to those who deal with
        ``incidents`` (``operator.incidents``); False when it has no address.
        """
        desk = "incidents" if incidents else "sales"
        recipient: str = getattr(self._config.operator, desk)
        if not recipient:
            log.warning("no mail to the operator: no address in the settings", desk=desk)
            return False
        with i18n.speaking(self._config.display.language):
            subject, body = letter()
        self._leave([(recipient, subject, body)])
        return True

    def to_customer(
        self, row: Owned, permission: Permission, letter: Letter, also: Iterable[str] = ()
    ) -> int:
        """Write to the administrators of the row's customer and to the accounts ``also``, by
        address; return to how many. Who may not read that row, or has no right to it, gets none.
        """
        letters = []
        for account in self._readers(row, permission, set(also)):
            with i18n.speaking(account.language or self._config.display.language):
                letters.append((account.email, *letter()))
        self._leave(letters)
        return len(letters)

    def _readers(self, row: Owned, permission: Permission, also: set[str]) -> Sequence[Account]:
        with Session(self._engine) as session:
            owner = sa.select(Company.customer_id).where(Company.id == row.company_id)
            admins = sa.and_(Account.admin, Account.customer_id == owner.scalar_subquery())
            query = (
                people()
                .join(AccountPermission, AccountPermission.account_id == Account.id)
                .where(
                    AccountPermission.key == permission.key,
                    in_service(),
                    Account.customer_id.is_not(None),
                    sa.or_(admins, Account.email.in_(also)),
                )
                .order_by(Account.id)
            )
            found = [one for one in session.scalars(query) if one.active(self._now)]
            session.expunge_all()
        return [one for one in found if self._sees(one, row)]

    def _sees(self, account: Account, row: Owned) -> bool:
        db = Db(self._engine, Scope(account.id))
        try:
            (key,) = sa.inspect(row).identity or (None,)
            return db.get(type(row), key) is not None
        finally:
            db.close()

    def _leave(self, letters: Sequence[tuple[str, str, str]]) -> None:
        def write() -> None:
            with Session(self._engine) as session:
                for recipient, subject, body in letters:
                    mail.write(session, self._vault(), recipient, subject, body, self._now)
                session.commit()

        if letters:
            self._db.when_kept(write)
