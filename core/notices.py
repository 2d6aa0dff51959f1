"""What rubrics tell people of by mail when its day comes, and not because somebody clicked.

The worker asks each rubric. Who is written to, of what, is decided by their own rows: a letter is
worded from what that account sees, at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from core import clock, i18n, mail
from core.access import Permission, Scope
from core.accounts import AccountPermission, in_service, people
from core.db import Base, Db
from core.db_bulk import BulkDb
from core.host import Host

log = structlog.get_logger("balise.notices")

Letter = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Notices:
    """What a rubric is given: the rows of every customer, and how to write to who may read some.

    ``today`` is the day it is in the zone of the portal; ``address(path)`` the whole address of a
    page.
    """

    db: BulkDb
    now: datetime
    today: date
    address: Callable[[str], str]
    _session: Session = field(repr=False)
    _host: Host = field(repr=False)

    def tell(self, permission: Permission, letter: Callable[[Db], Letter | None]) -> int:
        """Write to every customer's account that has a permission; return to how many.

        ``letter(db)`` words a mail, (subject, body), in the language of the account, of the rows
        that it sees; None where there is nothing to tell.
        """
        query = (
            people()
            .join(AccountPermission)
            .where(AccountPermission.key == permission.key, in_service())
        )
        told, language = 0, self._host.config.display.language
        for account in self._session.scalars(query).unique().all():
            if account.customer_id is None or not account.active(self.now):
                continue
            db = Db(self._session.connection(), Scope(account.id))
            with i18n.speaking(account.language or language):
                words = letter(db)
            db.close()
            if words is not None:
                mail.write(self._session, self._host.vault, account.email, *words, self.now)
                told += 1
        return told

    def mark(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write columns of rows, each known by its « id »: that they were told of."""
        self._session.flush()
        self.db.update(model, rows)


def run(host: Host, now: datetime) -> None:
    """Ask each rubric what it has to tell; what one writes is one transaction."""
    zone = clock.zone(None, host.config.display.timezone)
    public = host.config.web.public_url.rstrip("/")
    for rubric in host.registry.rubrics.values():
        if rubric.notices is None:
            continue
        try:
            with host.engine.begin() as connection, Session(connection) as session:
                db = BulkDb(connection, Scope(0, every=True))
                day = now.astimezone(zone).date()
                rubric.notices(Notices(db, now, day, lambda path: public + path, session, host))
                session.flush()
                db.close()
        except Exception:  # the other rubrics are asked all the same
            log.exception("notices failed", rubric=rubric.id)
