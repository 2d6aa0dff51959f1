"""Inviting users to choose their password: by mail, or by a link that is told once."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from core import i18n, mail, password_links, throttle
from core.accounts import Account, AccountKind
from core.db import Customer
from core.i18n import _
from core.password_links import LinkKind, PasswordLink
from core.people.model import Invited
from core.people.names import UserError
from core.people.rules import Work


def held_name() -> str:
    """Return what stands for the address of an account that is held: no address leads to it."""
    return f"held-{secrets.token_hex(8)}"


def may_send(work: Work, account: Account) -> None:
    """Raise ``UserError`` when an account was invited too often of late."""
    key = f"invite:{account.id}"
    if not throttle.allow_reset(work.session, key, f"invite-by:{work.actor.id}", work.now):
        raise UserError(_("Trop d’invitations : attendez quelques minutes."))


def invite(work: Work, account: Account, *, shown: bool = True) -> Invited:
    """Write the invitation of an account, and return what became of it.

    Without a mail server the link itself is returned, where it may be ``shown``: whoever holds it
    has the rights of the account. The owner of an address that has its account at another customer
    is told that it was asked for, and nothing more; its administrator sees no difference.
    """
    email = account.sought or account.email
    mailed = mail.configured(work.config)
    if account.kind is AccountKind.HELD:
        link = password_links.address(work.config.web.public_url, secrets.token_urlsafe(32))
    else:
        token = password_links.add_link(work.session, account, LinkKind.INVITATION, work.now)
        link = password_links.address(work.config.web.public_url, token)
    if not mailed:
        if not shown:
            raise UserError(
                _("Cet utilisateur a plus de droits que vous : l’opérateur renvoie l’invitation.")
            )
        return Invited(account.id, email, link)
    customer = work.session.get_one(Customer, account.customer_id)
    title = work.config.operator.title
    with i18n.speaking(account.language or work.config.display.language):
        if account.kind is AccountKind.HELD:
            subject = _("%(customer)s vous invite : %(title)s", customer=customer.name, title=title)
            body = _elsewhere(customer.name)
        else:
            subject = _("Votre accès : %(title)s", title=title)
            body = _invitation(customer.name, title, link)
    mail.write(work.session, work.vault(), email, subject, body, work.now)
    return Invited(account.id, email, mailed=True)


def withdraw(work: Work, account: Account) -> None:
    """Make the links of an account stop working."""
    work.session.execute(
        sa.update(PasswordLink)
        .where(PasswordLink.account_id == account.id, PasswordLink.used.is_(None))
        .values(used=work.now)
    )


def _invitation(customer: str, title: str, link: str) -> str:
    return _(
        "Bonjour,\n\n%(customer)s vous ouvre un accès à « %(title)s ».\n\nChoisissez votre mot de "
        "passe à cette adresse, valable 7 jours et une seule fois :\n\n%(link)s\n\nSi vous "
        "n'attendiez pas ce message, ignorez-le.\n",
        customer=customer, title=title, link=link,
    )  # fmt: skip


def _elsewhere(customer: str) -> str:
    return _(
        "Bonjour,\n\n%(customer)s a voulu vous ouvrir un accès, mais votre adresse a déjà un "
        "compte. Rien n'a changé pour vous.\n\nSi vous travaillez aussi pour %(customer)s, "
        "donnez-lui une autre adresse. Si vous n'attendiez pas ce message, ignorez-le.\n",
        customer=customer,
    )  # fmt: skip
