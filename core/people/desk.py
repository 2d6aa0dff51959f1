"""``ctx.people``: where an administrator finds the users of its customer, and changes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.accounts import Account
from core.db import Customer
from core.db_grants import Holding
from core.i18n import _
from core.office import Office
from core.people import changes, listing, preview, rules
from core.people.model import (
    Actor,
    Invited,
    User,
    UserDraft,
    UserLine,
    UserPage,
    UserQuery,
    UserRights,
    UserScope,
)
from core.people.names import UserError


class People:
    """The desk of one administrator during a request; that of anybody else refuses everything.

    ``customer_id`` is the customer whose users are meant: its own for the administrator of a
    customer (None says so), and for the operator's staff the one that it names. A customer or a
    user that is not the administrator's is as one that does not exist.
    """

    def __init__(self, office: Office | None, actor: Actor | None, now: datetime) -> None:
        self._office, self._actor, self._now = office, actor, now

    def customers(self) -> Sequence[tuple[int, str]]:
        """Return (id, name) of the customers whose users may be administered, by name."""
        with self._session() as (session, actor):
            query = sa.select(Customer.id, Customer.name).where(Customer.closed.is_(None))
            if actor.customer_id is not None:
                query = query.where(Customer.id == actor.customer_id)
            return session.execute(query.order_by(Customer.name)).all()

    def customer(self, customer_id: int | None = None) -> int | None:
        """Return the customer that is meant, None when it is not there or none is named."""
        with self._session() as (session, actor):
            return rules.customer_of(session, actor, customer_id)

    @property
    def staff(self) -> bool:
        """Whether the operator's own administers, who must name a customer."""
        return self._actor is not None and self._actor.customer_id is None

    @property
    def direct_passwords(self) -> bool:
        """Whether the operator lets administrators choose first passwords: not while it acts."""
        acting = self._actor is not None and self._actor.acting
        return (
            self._office is not None
            and not acting
            and self._office.config.accounts.direct_passwords
        )

    def grantable(self) -> frozenset[str]:
        """Return the keys that one may hand on: those one has, but for the staff's and the
        administrators' own.
        """
        if self._office is None or self._actor is None:
            return frozenset()
        return rules.grantable(self._office.registry().permissions(), self._actor)

    def offers(self) -> Sequence[UserRights]:
        """Return what one may hand on, by rubric, in the order of their labels in the menu."""
        mine, found = self.grantable(), []
        for rubric in self._office.registry().rubrics.values() if self._office else ():
            if rubric.read.key in mine:
                fine = tuple(one for one in rubric.permissions if one.key in mine)
                found.append(UserRights(rubric.id, rubric.label, rubric.read, fine))
        order = self._office.config.display.menu if self._office else []
        place = {label: n for n, label in enumerate(order)}
        return sorted(found, key=lambda one: (place.get(one.label, len(place)), one.label))

    def profiles(self) -> Mapping[str, frozenset[str]]:
        """Return the profiles of the settings by name, each as the keys one may hand on."""
        mine, found = self.grantable(), {}
        for profile in self._office.config.accounts.profiles if self._office else ():
            named = set(profile.permissions)
            found[profile.name] = frozenset(
                key for key in mine if key in named or f"{key.partition(':')[0]}:*" in named
            )
        return found

    def holding(self, customer_id: int | None = None) -> UserScope:
        """Return what one may hand on of a customer: all, or companies whole and every site."""
        with self._session() as (session, actor):
            customer = rules.customer_of(session, actor, customer_id)
            if customer is None:
                return UserScope()
            held = Holding.of(session, actor.scope, customer)
            return UserScope(held.whole, held.companies, held.sites)

    def page(self, asked: UserQuery, customer_id: int | None = None) -> UserPage:
        """Return a page of the users of a customer. Raises ``UserError``."""
        with self._session() as (session, actor):
            customer = rules.customer_needed(session, actor, customer_id)
            return listing.page_of(session, customer, asked, self._now)

    def lines(self, asked: UserQuery, customer_id: int | None = None) -> Iterator[UserLine]:
        """Yield all that the pages hold. Raises ``UserError``."""
        with self._session() as (session, actor):
            customer = rules.customer_needed(session, actor, customer_id)
            yield from listing.every_line(session, customer, asked, self._now)

    def find(self, id_: int) -> User | None:
        """Return a user of a customer that one administers, None when there is none."""
        with self._session() as (session, actor):
            account = rules.find(session, actor, id_)
            if account is None:
                return None
            known = self._office.registry().permissions() if self._office else {}
            return changes.shown(session, actor, account, known, self._now)

    def create(self, draft: UserDraft, customer_id: int | None = None) -> Invited:
        """Add a user, who is invited to choose a password. Raises ``UserError``.

        One of the customer who was deleted stands again, with the rights of the draft alone.
        """
        with self._work() as work:
            return changes.create(work, draft, customer_id)

    def change(self, id_: int, draft: UserDraft, version: int) -> None:
        """Give a user the names, the end, the rights and the rows of a draft.

        ``version`` is the one that the form showed. Raises ``UserError``.
        """
        with self._work() as work:
            changes.change(work, id_, draft, version)

    def disable(self, id_: int, version: int, *, again: bool = False) -> None:
        """End the use of an account at once, or with ``again`` allow it anew. Raises
        ``UserError``.
        """
        with self._work() as work:
            changes.switch(work, id_, version, on=again)

    def delete(self, id_: int, version: int) -> None:
        """Delete a user, never an administrator: sign-in refused, history kept. Raises
        ``UserError``.
        """
        with self._work() as work:
            changes.delete(work, id_, version)

    def invite(self, id_: int) -> Invited:
        """Send the invitation again; the link sent before stops working. Raises ``UserError``."""
        with self._work() as work:
            return changes.invite_again(work, id_)

    def reset_second_step(self, id_: int) -> None:
        """Take the second step of a user away, who lost the phone and the codes: its sessions end,
        it is told by mail. Raises ``UserError``.
        """
        with self._work() as work:
            changes.reset_second_step(work, id_)

    def appoint(self, id_: int, *, admin: bool) -> None:
        """Make a user an administrator of its customer, or no longer: for the operator's staff.

        Raises ``UserError``, for the last one too.
        """
        with self._work() as work:
            changes.appoint(work, id_, admin=admin)

    def preview(
        self, draft: UserDraft, id_: int | None = None, customer_id: int | None = None
    ) -> str:
        """Return the address, for a frame, of what the user of a draft would see. Raises
        ``UserError``.

        With ``id_``, of that user once it is changed so.
        """
        with self._work() as work:
            return preview.make(work, draft, id_, customer_id)

    @contextmanager
    def _session(self) -> Iterator[tuple[Session, Actor]]:
        if self._office is None or self._actor is None:
            raise UserError(_("Seul un administrateur gère les utilisateurs."))
        with Session(self._office.engine) as session:
            yield session, self._actor

    @contextmanager
    def _work(self) -> Iterator[rules.Work]:
        """Give what a change is made with; kept when the block ends, undone if it raises."""
        with self._session() as (session, actor):
            office = self._office
            assert office is not None  # noqa: S101 - or _session raised
            registry = office.registry()
            grantable = rules.grantable(registry.permissions(), actor)
            reads = {id_: rubric.read.key for id_, rubric in registry.rubrics.items()}
            # The first statement writes: nobody changes what is looked at from here on.
            lock = sa.update(Account).where(Account.id == actor.id)
            session.execute(lock.values(version=Account.version))
            yield rules.Work(
                session,
                actor,
                grantable,
                reads,
                office.host,
                office.config,
                office.vault,
                self._now,
            )
            session.commit()


def nobody() -> People:
    """Return the desk of those who administer nothing: it refuses everything."""
    return People(None, None, datetime.min)  # noqa: DTZ901 - no time is ever asked of it
