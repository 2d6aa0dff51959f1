"""The operator's customers: who they are, their administrators, the rubrics that they have.

For the operator's administrators alone, and not while they act for a customer: the door gives
nobody else this desk. Each change is a line of the audit log, which that customer reads too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, i18n, mail, password_links, sessions, two_factor
from core.access import Reach
from core.accounts import Account, AccountError, RubricOff, create_account
from core.customer_lines import CustomerLine, lines_of
from core.db import Customer
from core.i18n import _
from core.network.views import fold, natural
from core.office import Office
from core.rubric import Rubric

LONGEST = {"number": 40, "name": 120}


class CustomerError(ValueError):
    """A customer cannot be made or changed; the message says why, to a person."""


class Customers:
    """The desk of one of the operator's administrators during a request."""

    def __init__(
        self, office: Office, actor: str, now: datetime, address: str | None, reference: str
    ) -> None:
        self._office, self._now = office, now
        self._note_by = partial(
            audit.note, now=now, actor=actor, address=address, reference=reference
        )

    def rubrics(self) -> Mapping[str, str]:
        """Return the label of each rubric that a customer may have or not, by id, in order. Those
        that come with being an administrator are always there.
        """
        found = self._office.registry().rubrics.values()
        return {rubric.id: rubric.label for rubric in found if _may_be_off(rubric)}

    def all(self, words: str = "") -> Sequence[CustomerLine]:
        """Return the customers whose name or number has these words, by name."""
        with Session(self._office.engine) as session:
            wanted = fold(words).split()
            rows = [
                one
                for one in session.scalars(sa.select(Customer))
                if all(word in fold(f"{one.name} {one.number}") for word in wanted)
            ]
            rows.sort(key=lambda one: natural(one.name))
            return lines_of(session, rows, self._now)

    def find(self, id: int) -> CustomerLine | None:
        """Return a customer, None when there is none of that id."""
        with Session(self._office.engine) as session:
            found = session.get(Customer, id)
            return lines_of(session, [found], self._now)[0] if found else None

    def create(self, number: str, name: str, timezone: str) -> CustomerLine:
        """Add a customer; it has every rubric. Raises ``CustomerError``."""
        with Session(self._office.engine) as session:
            said = self._checked(session, number, name, timezone, None)
            made = Customer(**said)
            session.add(made)
            session.flush()
            self._note(session, "customer created", made, **said)
            session.commit()
            return lines_of(session, [made], self._now)[0]

    def change(self, id: int, number: str, name: str, timezone: str) -> CustomerLine:
        """Change what a customer is called and the zone of its days. Raises ``CustomerError``."""
        with Session(self._office.engine) as session:
            one = self._get(session, id)
            said = self._checked(session, number, name, timezone, id)
            before = {key: getattr(one, key) for key in said if getattr(one, key) != said[key]}
            if before:
                for key, value in said.items():
                    setattr(one, key, value)
                after = {key: said[key] for key in before}
                self._note(session, "customer changed", one, before=before, after=after)
                session.commit()
            return lines_of(session, [one], self._now)[0]

    def put_in_service(self, id: int, *, on: bool) -> CustomerLine:
        """Let the accounts of a customer be used, or not: their sessions end at once.

        Raises ``CustomerError``.
        """
        with Session(self._office.engine) as session:
            one = self._get(session, id)
            if (one.disabled is None) is not on:
                one.disabled = None if on else self._now
                if not on:
                    mine = sa.select(Account.id).where(Account.customer_id == id)
                    for account_id in session.scalars(mine).all():
                        sessions.end_all(session, account_id, self._now)
                self._note(session, "customer enabled" if on else "customer disabled", one)
                session.commit()
            return lines_of(session, [one], self._now)[0]

    def require_two_factor(self, id: int, *, on: bool) -> CustomerLine:
        """Ask a second step of every account of a customer, or no longer: who has none is signed
        out, and sets it up at the next sign-in. Raises ``CustomerError``.
        """
        with Session(self._office.engine) as session:
            one = self._get(session, id)
            if two_factor.customer_requires(session, id) is not on:
                without = two_factor.require(session, one, on, self._now)
                self._note(session, "two-factor required", one, required=on, without=without)
                session.commit()
            return lines_of(session, [one], self._now)[0]

    def choose_rubrics(self, id: int, chosen: Collection[str]) -> CustomerLine:
        """Give a customer these rubrics and no others of ``rubrics()``; from its next request on.

        Raises ``CustomerError``.
        """
        known = set(self.rubrics())
        with Session(self._office.engine) as session:
            one = self._get(session, id)
            mine = sa.select(RubricOff).where(RubricOff.customer_id == id)
            before = {row.rubric for row in session.scalars(mine)}
            after = known - set(chosen)
            for rubric in sorted((before & known) - after):
                session.execute(
                    sa.delete(RubricOff).where(
                        RubricOff.customer_id == id, RubricOff.rubric == rubric
                    )
                )
                self._note(session, "rubric on", one, rubric=self._label(rubric))
            for rubric in sorted(after - before):
                session.add(RubricOff(customer_id=id, rubric=rubric))
                self._note(session, "rubric off", one, rubric=self._label(rubric))
            session.commit()
            return lines_of(session, [one], self._now)[0]

    def invite(self, id: int, email: str, name: str) -> tuple[CustomerLine, str | None]:
        """Make an administrator of a customer, who has all that it has, and invite them.

        Return the address of the invitation, to be handed on, when the portal sends no mail: else
        None, it is sent. Raises ``CustomerError``.
        """
        with Session(self._office.engine) as session:
            one = self._get(session, id)
            if one.disabled is not None:
                raise CustomerError(_("Ce compte client est suspendu : remettez-le en service."))
            granted = self._office.registry().permissions().values()
            try:
                made = create_account(
                    session, email=email, name=name, password=None, admin=True, customer_id=id,
                    permissions=[p.key for p in granted if not (p.staff or p.admin)],
                    scope=[(Reach.CUSTOMER, id)], now=self._now,
                )  # fmt: skip
            except AccountError as error:
                raise CustomerError(str(error)) from error
            self._note(session, "administrator invited", one, email=made.email, name=made.name)
            kind = password_links.LinkKind.INVITATION
            token = password_links.make_link(session, made, kind, self._now)
            link = password_links.address(self._office.config.web.public_url, token)
            sent = mail.configured(self._office.config)
            if sent:
                self._write(session, made, link)
                session.commit()
            return lines_of(session, [one], self._now)[0], None if sent else link

    def _write(self, session: Session, account: Account, link: str) -> None:
        config = self._office.config
        with i18n.speaking(account.language or config.display.language):
            subject = _("Votre accès : %(title)s", title=config.operator.title)
            body = _(
                "Bonjour,\n\nUn compte d’administrateur est ouvert pour vous sur « %(title)s ». "
                "Choisissez votre mot de passe dans les 7 jours, par ce lien qui ne sert qu’une "
                "fois :\n\n%(link)s\n\n%(operator)s\n",
                title=config.operator.title, link=link, operator=config.operator.name,
            )  # fmt: skip
        mail.write(session, self._office.vault(), account.email, subject, body, self._now)

    def _get(self, session: Session, id: int) -> Customer:
        found = session.get(Customer, id)
        if found is None:
            raise CustomerError(_("Ce compte client n’existe plus."))
        return found

    def _label(self, rubric: str) -> str:
        return self._office.registry().rubrics[rubric].label

    def _note(self, session: Session, action: str, one: Customer, **facts: Any) -> None:
        session.flush()
        target = f"{one.number} {one.name}"
        self._note_by(
            session.connection(), action=action, target=target, customer_id=one.id, **facts
        )

    def _checked(
        self, session: Session, number: str, name: str, timezone: str, id: int | None
    ) -> dict[str, str]:
        """Return what is asked for, cleaned. Raises ``CustomerError``."""
        said = {"number": _plain(number), "name": _plain(name), "timezone": timezone.strip()}
        for key, most in LONGEST.items():
            if not said[key] or len(said[key]) > most:
                labels = {"number": _("un numéro de compte"), "name": _("un nom")}
                raise CustomerError(
                    _("Donnez %(what)s, de %(n)s caractères au plus.", what=labels[key], n=most)
                )
        if said["timezone"] not in available_timezones():
            raise CustomerError(
                _(
                    "« %(zone)s » n’est pas un fuseau. Exemple : Europe/Paris.",
                    zone=timezone,
                )
            )
        taken = sa.select(Customer.id).where(Customer.number == said["number"])
        if session.scalar(taken) not in (None, id):
            raise CustomerError(_("Le numéro « %(n)s » est déjà pris.", n=said["number"]))
        return said


def _may_be_off(rubric: Rubric) -> bool:
    return not rubric.read.admin


def _plain(text: str) -> str:
    """Return a text in one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
