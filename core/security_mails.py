"""What people are told by mail of their own account, in their language: sign-ins, passwords, codes.

They learn so of what somebody else does with it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from core import audit, clock, devices, formats, i18n, mail, sessions, two_factor
from core.accounts import Account
from core.db import Customer
from core.host import Host
from core.i18n import N_, _


class Event(StrEnum):
    """What happened to an account."""

    NEW_DEVICE = "new device"
    PASSWORD = "password changed"  # noqa: S105 - the name of an event
    CODES_FAILED = "codes failed"
    TURNED_ON = "two-factor on"
    TURNED_OFF = "two-factor off"
    RESET = "two-factor reset"
    NEW_CODES = "recovery codes made"
    RECOVERY_USED = "recovery code used"


_WORDS = {
    Event.NEW_DEVICE: (
        N_("nouvelle connexion"),
        N_("Votre compte vient de s'ouvrir sur un appareil que nous ne connaissions pas."),
    ),
    Event.PASSWORD: (
        N_("mot de passe changé"),
        N_("Le mot de passe de votre compte vient d'être changé."),
    ),
    Event.CODES_FAILED: (
        N_("codes de connexion refusés"),
        N_(
            "Quelqu'un a donné votre mot de passe, puis plusieurs codes faux. Si ce n'est pas "
            "vous, votre mot de passe est connu d'un autre : changez-le sans attendre."
        ),
    ),
    Event.TURNED_ON: (
        N_("double authentification activée"),
        N_("Votre compte demande maintenant un code de votre téléphone à chaque connexion."),
    ),
    Event.TURNED_OFF: (
        N_("double authentification désactivée"),
        N_("Votre compte ne demande plus de code à la connexion : le mot de passe suffit."),
    ),
    Event.RESET: (
        N_("double authentification réinitialisée"),
        N_(
            "Un administrateur a retiré la double authentification de votre compte et fermé ses "
            "sessions. Connectez-vous avec votre mot de passe, puis activez-la de nouveau."
        ),
    ),
    Event.NEW_CODES: (
        N_("nouveaux codes de secours"),
        N_("De nouveaux codes de secours ont été créés. Les précédents ne servent plus."),
    ),
    Event.RECOVERY_USED: (
        N_("code de secours utilisé"),
        N_("Votre compte vient de s'ouvrir avec un code de secours. Ce code ne sert plus."),
    ),
}


def tell(
    session: Session, host: Host, account: Account, event: Event, now: datetime, *,
    agent: str | None = None, address: str | None = None,
) -> None:  # fmt: skip
    """Put a mail to the account in the queue, when mails are sent at all; the caller commits.

    ``agent`` and ``address`` say from where, when it was from a browser.
    """
    if not mail.configured(host.config):
        return
    customer = session.get(Customer, account.customer_id) if account.customer_id else None
    zone = clock.zone(
        account.timezone or (customer.timezone if customer else None), host.config.display.timezone
    )
    with i18n.speaking(account.language or host.config.display.language):
        subject, sentence = (_(text) for text in _WORDS[event])
        facts = [_("Date : %(at)s (%(zone)s)", at=formats.moment(now, zone), zone=zone.key)]
        if agent is not None:
            facts.append(_("Appareil : %(device)s", device=devices.words(agent)))
        if address is not None:
            facts.append(_("Adresse réseau : %(address)s", address=address))
        page = f"{host.config.web.public_url.rstrip('/')}/compte"
        advice = _(
            "Si ce n'est pas vous, changez votre mot de passe et fermez les autres sessions sur "
            "cette page, puis prévenez votre administrateur :"
        )
        parts = (_("Bonjour,"), sentence, "\n".join(facts), advice, page, host.config.operator.name)
        title = _("Votre compte : %(what)s", what=subject)
        mail.write(session, host.vault, account.email, title, "\n\n".join(parts) + "\n", now)


def reset_two_factor(
    session: Session, host: Host, account: Account, *, by: str, now: datetime,
    address: str | None = None, reference: str | None = None, acting: bool = False,
) -> bool:  # fmt: skip
    """Take the second step of an account away, for who lost the phone and the codes.

    Its sessions end, it is told by mail, and the audit log says who did it: ``by``, the address of
    a user who may (with ``acting``, in the place of the customer), or « system » for the command.
    The caller decides whether it may, and commits.
    Returns False when there was none.
    """
    if not two_factor.turn_off(session, account.id):
        return False
    sessions.end_all(session, account.id, now)
    tell(session, host, account, Event.RESET, now)
    audit.note(
        session.connection(), now=now, actor=by, action="two-factor reset", target=account.email,
        address=address, reference=reference, customer_id=account.customer_id, acting=acting,
    )  # fmt: skip
    return True
