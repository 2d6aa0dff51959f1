"""Administrators of the two customers at their desks, with rights of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Reach, Scope, opened
from core.accounts import Account, AccountPermission, find
from core.audit import AuditEntry
from core.db import Customer, ScopeGrant
from core.host import Host
from core.people.desk import People
from core.people.model import Actor, UserDraft, UserScope
from core.testing.world import NOW

READ = ("supervision:read", "factures:read")


class World:
    """An installation, and what tests ask of it."""

    def __init__(self, host: Host) -> None:
        self.host = host
        with Session(host.engine) as session:
            ids = dict(session.execute(sa.select(Customer.name, Customer.id)).all())
        self.a, self.b = ids["CANARI-A client"], ids["CANARI-B client"]

    def desk(self, email: str) -> People:
        """Return the desk of an account, as a request of it would have it."""
        with Session(self.host.engine) as session:
            account = self.account(email, session)
            assert account is not None
            keys = frozenset(one.key for one in account.permissions)
            granted = opened(
                keys, self.host.registry.permissions().values(), admin=account.admin,
                staff=account.customer_id is None,
            )  # fmt: skip
            actor = Actor(account.id, email, account.customer_id, granted, Scope(account.id))
            return self.host.people(actor if account.admin else None, NOW)

    def account(self, email: str, session: Session | None = None) -> Account | None:
        if session is not None:
            return session.scalar(sa.select(Account).where(
                sa.or_(Account.email == email, Account.sought == email)))  # fmt: skip
        with Session(self.host.engine) as own:
            found = find(own, email)
            if found is not None:
                _ = found.permissions, found.scope, found.customer_id
            return found

    def id(self, email: str) -> int:
        with Session(self.host.engine) as session:
            account = self.account(email, session)
            assert account is not None
            return account.id

    def give(self, email: str, keys: Iterable[str], scope: Iterable[tuple[Reach, int]]) -> None:
        """Leave an account with these rights alone."""
        with Session(self.host.engine) as session:
            account = self.account(email, session)
            assert account is not None
            account.permissions, account.scope = [], []
            session.flush()
            account.permissions = [AccountPermission(key=key) for key in keys]
            account.scope = [ScopeGrant(reach=reach, target_id=target) for reach, target in scope]
            session.commit()

    def told(self, action: str) -> list[AuditEntry]:
        with Session(self.host.engine) as session:
            query = sa.select(AuditEntry).where(AuditEntry.action == action)
            return list(session.scalars(query.order_by(AuditEntry.id)))


@pytest.fixture
def world(filled: Host) -> World:
    """Two customers; the administrator of A has every row of A, and two rubrics."""
    found = World(filled)
    found.give("admin@a.example", [*READ, "incidents:read", "incidents:write", "supervision:place"],
               [(Reach.CUSTOMER, found.a)])  # fmt: skip
    return found


@pytest.fixture
def draft(world: World) -> Callable[..., UserDraft]:
    """``draft(email=…)``: what a form asks for, all of customer A unless told otherwise."""

    def of(**changes: object) -> UserDraft:
        values: dict[str, object] = {
            "email": "claire@a.example", "family_name": "Vidal", "given_name": "Claire",
            "permissions": frozenset(READ), "scope": UserScope(whole=True), **changes,
        }  # fmt: skip
        return UserDraft(**values)  # type: ignore[arg-type]  # of a test

    return of


@pytest.fixture
def smtp_set(world: World) -> None:
    """A mail server stands in the settings: invitations go by mail."""
    mail = world.host.config.mail.model_copy(update={"host": "127.0.0.1"})
    world.host.config = world.host.config.model_copy(update={"mail": mail})
