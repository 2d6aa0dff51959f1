"""Who may touch whom, and what may be handed on. Every check of the desk, none of its writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Permission, Reach
from core.accounts import Account, AccountError, AccountKind, clean_email
from core.config import Config
from core.db import Customer
from core.db_grants import Grant, Holding
from core.i18n import _
from core.people.listing import members
from core.people.model import Actor, UserDraft
from core.people.names import UserError, clean_name, strange_letter
from core.secrets import Vault

if TYPE_CHECKING:
    from core.host import Host


@dataclass(frozen=True, slots=True)
class Work:
    """What a change is made with, in one transaction."""

    session: Session
    actor: Actor
    grantable: frozenset[str]
    reads: Mapping[str, str]
    """The key that opens each rubric, by its id: none of its others goes without."""
    host: Host
    config: Config
    vault: Callable[[], Vault]
    now: datetime


def grantable(known: Mapping[str, Permission], actor: Actor) -> frozenset[str]:
    """Return the keys that an administrator may hand on."""
    own = {key for key, one in known.items() if not one.staff and not one.admin}
    return actor.granted & own


def customer_of(session: Session, actor: Actor, customer_id: int | None) -> int | None:
    """Return the customer that is meant, None when it is not there, or is not the actor's."""
    if actor.customer_id is not None:
        return actor.customer_id if customer_id in (None, actor.customer_id) else None
    found = session.get(Customer, customer_id) if customer_id is not None else None
    return found.id if found is not None else None


def customer_needed(session: Session, actor: Actor, customer_id: int | None) -> int:
    """Return the customer that is meant. Raises ``UserError``."""
    found = customer_of(session, actor, customer_id)
    if found is None:
        raise UserError(_("Ce compte client est introuvable."))
    return found


def find(session: Session, actor: Actor, id_: int) -> Account | None:
    """Return a user whom one administers, None when there is none of this id."""
    account = session.get(Account, id_)
    if account is None or account.customer_id is None:
        return None
    if account.kind not in (AccountKind.PERSON, AccountKind.HELD):
        return None
    mine = actor.customer_id in (None, account.customer_id)
    return account if mine else None


def to_change(work: Work, id_: int, version: int | None) -> Account:
    """Return a user that the actor may change now. Raises ``UserError``."""
    account = find(work.session, work.actor, id_)
    if account is None:
        raise UserError(_("Cet utilisateur est introuvable."))
    if account.id == work.actor.id:
        raise UserError(
            _("C’est votre propre compte : un autre administrateur, ou l’opérateur, le modifie.")
        )
    if account.deleted is not None:
        raise UserError(_("Cet utilisateur a été supprimé."))
    if version is not None and account.version != version:
        raise UserError(
            _(
                "%(who)s a modifié cet utilisateur entre-temps : rechargez la page, puis refaites "
                "vos changements.",
                who=account.changed_by or _("Quelqu’un"),
            )
        )
    return account


def is_last_admin(work: Work, account: Account) -> bool:
    """Tell whether no other administrator of the customer could sign in, now and later."""
    if not account.admin or account.customer_id is None:
        return False
    others = sa.select(Account.id).where(
        *members(account.customer_id), Account.admin, Account.id != account.id,
        Account.kind == AccountKind.PERSON, Account.disabled.is_(None),
        Account.expires.is_(None), Account.password_hash.is_not(None),
    )  # fmt: skip
    return work.session.scalar(others.limit(1)) is None


def keep_an_admin(work: Work, account: Account) -> None:
    """Raise ``UserError`` when an account is the last administrator of its customer."""
    if is_last_admin(work, account):
        raise UserError(
            _(
                "C’est le dernier administrateur actif de ce compte client : nommez-en un autre "
                "d’abord."
            )
        )


def checked_email(text: str) -> str:
    """Return an address as it is kept. Raises ``UserError``."""
    if letter := strange_letter(text.strip()):
        raise UserError(
            _(
                "« %(letter)s » (U+%(code)s) n’est pas admis dans une adresse : il pourrait être "
                "pris pour une autre lettre.",
                letter=letter if letter.isprintable() else "?",
                code=f"{ord(letter):04X}",
            ),
            "email",
        )
    try:
        email = clean_email(text)
    except AccountError as error:
        raise UserError(str(error), "email") from error
    if not email.isprintable():
        raise UserError(_("Cette adresse contient un caractère invisible."), "email")
    return email


def checked_names(draft: UserDraft) -> tuple[str, str]:
    """Return (family name, given name) as they are kept. Raises ``UserError``."""
    family = clean_name(draft.family_name, "family_name")
    given = clean_name(draft.given_name, "given_name")
    if not family:
        raise UserError(_("Donnez le nom de la personne."), "family_name")
    return family, given


def checked_permissions(work: Work, draft: UserDraft, account: Account | None) -> frozenset[str]:
    """Return the permissions that a user will have: those asked for, which the actor has, and
    those that stand beyond what it has. Raises ``UserError``.
    """
    if draft.permissions - work.grantable:
        raise UserError(_("Vous ne pouvez accorder que vos propres rubriques."), "permissions")
    for key in draft.permissions:
        if work.reads.get(key.partition(":")[0], key) not in draft.permissions:
            raise UserError(_("Un droit demande d’accorder aussi sa rubrique."), "permissions")
    standing = {one.key for one in account.permissions} if account is not None else set()
    kept = standing - work.grantable
    if not draft.permissions | kept and not (account is not None and account.admin):
        raise UserError(_("Accordez au moins une rubrique."), "permissions")
    return draft.permissions | kept


def checked_grants(
    work: Work, draft: UserDraft, customer_id: int, account: Account | None
) -> list[Grant]:
    """Return the grants that a user will have, by the same rule. Raises ``UserError``."""
    held = Holding.of(work.session, work.actor.scope, customer_id)
    asked = draft.scope.grants(customer_id)
    if held.beyond(asked):
        raise UserError(
            _("Vous ne pouvez accorder que des sociétés et des sites de votre périmètre."), "scope"
        )
    standing = [(one.reach, one.target_id) for one in account.scope] if account is not None else []
    grants = [*asked, *held.beyond(standing)]
    if not grants:
        raise UserError(_("Accordez au moins une société ou un site."), "scope")
    if draft.guest and [reach for reach, _target in grants] != [Reach.SITE]:
        raise UserError(_("Un invité voit un site, et un seul."), "scope")
    return grants


def checked_end(work: Work, draft: UserDraft, account: Account | None) -> datetime | None:
    """Return when an account will end, None for never. Raises ``UserError``."""
    if draft.guest and draft.expires is None:
        raise UserError(_("Donnez la fin de l’accès : un invité n’en a un que pour un temps."),
                        "expires")  # fmt: skip
    changed = account is None or account.expires != draft.expires
    if changed and draft.expires is not None and draft.expires <= work.now:
        raise UserError(_("Cette date est déjà passée."), "expires")
    if changed and draft.expires is not None and account is not None:
        keep_an_admin(work, account)
    return draft.expires
