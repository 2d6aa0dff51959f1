"""The second step of a sign-in: the code, or setting one up where the customer asks for it.

Nothing is open yet: both pages live on the cookie of a sign-in that has begun.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import pending, throttle, two_factor
from core.accounts import Account
from core.host import Host
from core.i18n import _
from core.security_mails import Event
from core.two_factor import Proof
from core.web.door import Rules
from core.web.enrolment import enrolment_page, not_the_code
from core.web.login import enter, field, note, tell, wait_words
from core.web.signing import STEP, cookie_name


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Add ``/connexion/code`` and ``/connexion/double-authentification``, open to all."""
    steps = _SecondStep(host)
    server.add_url_rule("/connexion/code", "second_step", steps.code, methods=["GET", "POST"])
    server.add_url_rule(
        "/connexion/double-authentification", "enrol", steps.enrol, methods=["GET", "POST"]
    )
    rules.public |= {"second_step", "enrol"}


Begun = tuple[pending.PendingSignIn, Account]


class _SecondStep:
    def __init__(self, host: Host) -> None:
        self._host = host

    def _with_begun(self, do: Callable[[Session, Begun], Response]) -> Response:
        """Answer by the sign-in that this browser began, or send it back to the beginning."""
        token = request.cookies.get(cookie_name(self._host.config, STEP))
        with Session(self._host.engine) as session:
            begun = pending.find(session, token, g.now) if token else None
            return do(session, begun) if begun else redirect("/connexion?etape")

    def code(self) -> Response:
        return self._with_begun(self._check if request.method == "POST" else self._ask)

    def _ask(self, session: Session, begun: Begun, code: int = 200, **values: Any) -> Response:
        if not two_factor.enabled(session, begun[1].id):
            return redirect("/connexion/double-authentification")
        page = render_template(
            "code.html", email=begun[1].email, recovery="secours" in request.args, **values
        )
        return make_response(page, code)

    def _check(self, session: Session, begun: Begun) -> Response:
        host, (step, account) = self._host, begun
        try:
            proof = two_factor.prove(
                session, host.vault, account.id, field("code")[:40],
                request.remote_addr or "?", g.now,
            )  # fmt: skip
        except throttle.Throttled as error:
            note(host, "code throttled", account.email)
            return self._ask(session, begun, 429, error=wait_words(error.wait))
        if not proof.good:
            tell_failures(host, session, account)
            note(host, "code failed", account.email, why=proof.value)
            return self._ask(session, begun, 401, error=refusal(proof))
        back = step.back
        session.delete(step)
        if proof is Proof.RECOVERY:
            tell(host, session, account, Event.RECOVERY_USED)
            session.commit()
            note(host, "recovery code used", account.email)
            back = "/compte?fait=secours"
        return enter(host, session, account, redirect(back or "/"))

    def enrol(self) -> Response:
        return self._with_begun(self._enrol)

    def _enrol(self, session: Session, begun: Begun) -> Response:
        host, (step, account) = self._host, begun
        if two_factor.enabled(session, account.id):
            return redirect("/connexion/code")
        required: dict[str, Any] = {"required": True}
        if request.method == "GET":
            return enrolment_page(host, session, account, **required)
        code = field("code")[:40]
        codes = two_factor.confirm(session, host.vault, account.id, code, g.now)
        if codes is None:
            error = not_the_code(host, session, account.id, code)
            return enrolment_page(host, session, account, 400, error=error, **required)
        page = render_template(
            "codes_de_secours.html", codes=codes, email=account.email, back=step.back or "/"
        )
        session.delete(step)
        tell(host, session, account, Event.TURNED_ON)
        session.commit()
        note(host, "two-factor on", account.email, required=True)
        return enter(host, session, account, make_response(page))


def tell_failures(host: Host, session: Session, account: Account) -> None:
    """Tell an account by mail, once, that wrong codes were given after its password; commit."""
    key = two_factor.failure_key(account.id)
    if throttle.failures(session, key, g.now) == throttle.FREE_FAILURES["email"]:
        tell(host, session, account, Event.CODES_FAILED)
        session.commit()


def refusal(proof: Proof) -> str:
    """Say why a code was refused, and what to do."""
    if proof is Proof.REPLAYED:
        return _("Ce code a déjà servi. Attendez que l'application en montre un autre.")
    return _(
        "Code incorrect. S'il vient bien de l'application, vérifiez que l'heure de votre téléphone "
        "est réglée automatiquement."
    )
