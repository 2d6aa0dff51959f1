"""Accounts: who may sign in, what they were granted, and on whose rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core import passwords
from core.access import Reach
from core.db import Customer, Internal, ScopeGrant
from core.i18n import _

_PLAIN = r"[^@\s.,;:<>()\[\]\"\\]"  # what a mail does not read as the end of an address
EMAIL = re.compile(rf"({_PLAIN}|\.){{1,64}}@{_PLAIN}+(\.{_PLAIN}+)+")
LONGEST_NAME = 80
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


class AccountError(ValueError):
    """An account cannot be made or changed; the message says why, to a person."""


class AccountKind(StrEnum):
    """Who uses an account."""

    PERSON = "person"
    WALL = "wall"
    """A screen on a wall: it never signs in, and no list of users shows it. See ``core.walls``."""
    HELD = "held"
    """A user whose address has its account at another customer, which its administrator must not
    learn: listed and changed as every user, it never signs in. See ``core.people``."""
    PREVIEW = "preview"
    """What « Voir comme » shows: the rights of a form that is not saved, read-only, for minutes."""


class Account(Internal):
    """Someone who may sign in, a wall, or a preview. ``email`` is lower case and never changes.

    That of whatever cannot sign in is no address, so that no form that asks for one leads to it.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(
        sa.Enum(AccountKind, native_enum=False, length=12),
        default=AccountKind.PERSON,
        server_default=AccountKind.PERSON.name,
    )
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    admin: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id"), index=True)
    family_name: Mapped[str] = mapped_column(default="", server_default="")
    given_name: Mapped[str] = mapped_column(default="", server_default="")
    """Empty where only the whole ``name`` is known."""
    sought: Mapped[str | None]
    """The address that was asked for, of one that is HELD."""
    guest: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether it is for somebody from outside: one site, and an end."""
    profile: Mapped[str | None]
    """The profile of the settings that its rights come from, if any."""
    made_by: Mapped[str | None]
    changed_by: Mapped[str | None]
    """Addresses of who created it, and of who changed it last."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    last_sign_in: Mapped[datetime | None]
    deleted: Mapped[datetime | None]
    """When it was deleted: then it is disabled too, and kept with its history."""
    deleted_by: Mapped[str | None]
    language: Mapped[str | None]
    theme: Mapped[str | None]
    """« light » or « dark »; None for that of the system."""
    timezone: Mapped[str | None]
    """None for that of the customer."""
    created: Mapped[datetime]
    disabled: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    permissions: Mapped[list[AccountPermission]] = relationship(cascade="all, delete-orphan")
    scope: Mapped[list[ScopeGrant]] = relationship(cascade="all, delete-orphan")
    customer: Mapped[Customer | None] = relationship(lazy="joined", viewonly=True)

    def active(self, now: datetime) -> bool:
        """Tell whether the account may be used at ``now``: its own end, and its customer's."""
        if self.customer is not None and self.customer.disabled is not None:
            return False
        return self.disabled is None and (self.expires is None or now < self.expires)


class AccountPermission(Internal):
    """One permission granted to an account; a key that no rubric declares opens nothing."""

    __tablename__ = "account_permission"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)


class RubricOff(Internal):
    """A rubric that the operator took out of service for a customer, whatever was granted: its
    permissions are as if they were not (``in_service``), and so is all that asks for one.
    """

    __tablename__ = "rubric_off"

    customer_id: Mapped[int] = mapped_column(
        sa.ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    rubric: Mapped[str] = mapped_column(primary_key=True)


def in_service() -> sa.ColumnElement[bool]:
    """Return the criterion of an ``AccountPermission``, joined with its ``Account``, that counts:
    whose rubric is not off for the customer. Whoever reads grants adds it.
    """
    prefix = RubricOff.rubric + ":"
    off = sa.select(RubricOff.rubric).where(
        RubricOff.customer_id == Account.customer_id,
        sa.func.substr(AccountPermission.key, 1, sa.func.length(prefix)) == prefix,
    )
    return ~off.exists()


GRANTED = (
    sa.select(AccountPermission.key)
    .join(Account, Account.id == AccountPermission.account_id)
    .where(AccountPermission.account_id == sa.bindparam("account"), in_service())
)
"""The permissions of an ``account`` that count."""


def clean_email(text: str) -> str:
    """Return an e-mail address as it is kept. Raises ``AccountError`` when it is not one."""
    email = text.strip().lower()
    if not email:
        raise AccountError(_("Donnez son adresse e-mail."))
    if not EMAIL.fullmatch(email) or len(email) > 254:
        raise AccountError(_("« %(email)s » n'est pas une adresse e-mail.", email=text))
    return email


def clean_name(text: str) -> str:
    """Return a name as it is kept: without control characters, and marks that turn the text round.

    Raises ``AccountError`` for one that is empty or too long.
    """
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or _is_written(c))
    name = " ".join(kept.split())
    if not name or len(name) > LONGEST_NAME:
        raise AccountError(_("Donnez un nom, de %(n)s caractères au plus.", n=LONGEST_NAME))
    return name


def _is_written(character: str) -> bool:
    kind = unicodedata.category(character)
    return (
        kind not in ("Cc", "Cs", "Cn", "Co") and unicodedata.bidirectional(character) not in _TURNS
    )


def find(session: Session, email: str) -> Account | None:
    """Return the account of the person with this address, in any case, or None."""
    return session.scalar(people().where(Account.email == email.strip().lower()))


def people() -> sa.Select[Account]:
    """Return the query of the accounts of people: those who may sign in, and whom lists show."""
    return sa.select(Account).where(Account.kind == AccountKind.PERSON)


def create_account(
    session: Session,
    *,
    email: str,
    name: str,
    password: str | None,
    permissions: Iterable[str],
    scope: Iterable[tuple[Reach, int | None]],
    now: datetime,
    admin: bool = False,
    customer_id: int | None = None,
    language: str | None = None,
) -> Account:
    """Add an account and return it; without a password it waits for its invitation link.

    ``scope`` is made of (reach, id of the customer, company or site; None for OPERATOR).
    Raises ``AccountError`` for an address taken or wrong, or a password too weak.
    """
    email = clean_email(email)
    if find(session, email):
        raise AccountError(_("« %(email)s » a déjà un compte.", email=email))
    account = Account(
        email=email,
        name=clean_name(name) if name.strip() else email,
        password_hash=None,
        admin=admin,
        customer_id=customer_id,
        language=language,
        created=now,
        permissions=[AccountPermission(key=key) for key in sorted(set(permissions))],
        scope=[ScopeGrant(reach=reach, target_id=target) for reach, target in scope],
    )
    if password is not None:
        set_password(account, password)
    session.add(account)
    session.flush()
    return account


def set_password(account: Account, password: str) -> None:
    """Give the account this password. Raises ``AccountError`` when it is too weak."""
    problem = passwords.weakness(password, account.email, account.name)
    if problem:
        raise AccountError(problem)
    account.password_hash = passwords.make_hash(password)


def find_customer(session: Session, text: str) -> Customer:
    """Return the customer of this number or name. Raises ``AccountError`` when there is none."""
    customers = session.scalars(sa.select(Customer)).all()
    wanted = text.strip().casefold()
    found = [c for c in customers if wanted in (c.number.casefold(), c.name.casefold())]
    if not found:
        known = ", ".join(sorted(f"{c.number} ({c.name})" for c in customers)) or _("aucun")
        raise AccountError(
            _("Compte client « %(text)s » introuvable. Connus : %(known)s.", text=text, known=known)
        )
    return found[0]
