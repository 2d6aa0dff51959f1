"""What « Mon compte » sends: profile, password, sessions, proof of who one is. Plain forms.

Each works on the account of the session that asks, whatever a form names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Flask, g, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import i18n, passwords, sessions, throttle, two_factor
from core.accounts import Account, AccountError, set_password
from core.host import Host
from core.i18n import _
from core.people.names import UserError, clean_name
from core.security_mails import Event
from core.web.account_page import ADDRESS, names_of, zone_names
from core.web.door import Rules
from core.web.login import device_of, field, note, safe_path, tell, wait_words
from core.web.second_step import refusal, tell_failures
from core.web.signing import secure, set_cookie

RECENT = timedelta(minutes=15)
"""How long one need not prove again who one is."""


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Add the addresses under ``/compte`` that change something, for whoever signed in."""
    forms = _Forms(host)
    for path, name, do, methods in (
        ("/profil", "profile", forms.profile, ["POST"]),
        ("/sessions", "end_sessions", forms.end_sessions, ["POST"]),
        ("/mot-de-passe", "change_password", forms.password, ["GET", "POST"]),
        ("/confirmation", "confirmation", forms.confirmation, ["GET", "POST"]),
    ):
        server.add_url_rule(f"{ADDRESS}{path}", name, do, methods=methods)
        rules.rows.add(name)
        if name != "confirmation":
            rules.personal.add(name)


def asked_again() -> Response | None:
    """Return where to prove who one is before the page in hand, None when that was done lately."""
    if g.now - g.person.since <= RECENT:
        return None
    return redirect(f"{ADDRESS}/confirmation?next={quote(request.path)}")


def own(session: Session) -> Account:
    """Return the account of the person who asks."""
    return session.get_one(Account, g.person.account_id)


def done(what: str) -> Response:
    """Go back to « Mon compte », which says what was done."""
    return redirect(f"{ADDRESS}?fait={what}")


class _Forms:
    def __init__(self, host: Host) -> None:
        self._host = host

    def profile(self) -> Response:
        language, theme, zone = field("language"), field("theme"), field("timezone")
        with Session(self._host.engine) as session:
            account = own(session)
            before = _profile(account)
            try:
                family = clean_name(field("family_name"), "family_name")
                given = clean_name(field("given_name"), "given_name")
            except UserError:
                return redirect(f"{ADDRESS}?erreur=nom")
            if not family:
                return redirect(f"{ADDRESS}?erreur=nom")
            if (family, given) != names_of(account):
                account.family_name, account.given_name = family, given
                account.name = f"{given} {family}".strip()
                account.version += 1  # an administrator's form that shows the old name is told
            account.language = language if language in i18n.LANGUAGES else None
            account.theme = theme if theme in ("light", "dark") else None
            account.timezone = zone if zone in zone_names() else None
            after = _profile(account)
            session.commit()
        changed = {name: [before[name], value] for name, value in after.items()}
        changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
        if changed:
            note(self._host, "profile changed", g.person.email, changed=changed)
        response = done("profil")
        if account_language := after["language"]:
            response.set_cookie(
                "langue", account_language, max_age=31536000, samesite="Lax",
                secure=secure(self._host.config),
            )  # fmt: skip
        return response

    def end_sessions(self) -> Response:
        """End one of one's own sessions, or all but this one."""
        asked, me = field("session"), g.person
        with Session(self._host.engine) as session:
            if asked == "autres":
                count = sessions.end_all(session, me.account_id, g.now, but=me.session_id)
                session.commit()
            else:
                one = session.get(sessions.LoginSession, asked)
                count = int(one is not None and one.account_id == me.account_id)
                if count:
                    sessions.end_session(session, asked, g.now)
        if count:
            note(self._host, "sessions ended", me.email, count=count)
        return done("sessions" if asked == "autres" else "session")

    def password(self) -> Response:
        show = partial(
            _page, "nouveau_mot_de_passe.html", minimum=passwords.MINIMUM, email=g.person.email,
            change=True,
        )  # fmt: skip
        with Session(self._host.engine) as session:
            with_code = two_factor.enabled(session, g.person.account_id)
        if with_code and (before := asked_again()):  # the form that follows asks for no code
            return before
        if request.method == "GET":
            return show()
        new, again = field("password"), field("again")
        if new != again:
            return show(400, error=_("Les deux mots de passe ne sont pas les mêmes."))
        with Session(self._host.engine) as session:
            wrong = _("L'ancien mot de passe n'est pas celui de votre compte.")
            if refused := _refused(self._host, session, field("old"), wrong, show):
                return refused
            account = own(session)
            try:
                set_password(account, new)
            except AccountError as error:
                return show(400, error=str(error))
            me = g.person
            ended = sessions.end_all(session, account.id, g.now, but=me.session_id)
            token = sessions.renew(session, me.session_id, g.now)
            tell(self._host, session, account, Event.PASSWORD)
            session.commit()
        note(self._host, "password changed", me.email, by="account", sessions_ended=ended)
        response = done("mot-de-passe")
        set_cookie(response, self._host.config, token)
        return response

    def confirmation(self) -> Response:
        """Ask again who one is before something sensitive: the password, and a code if one has."""
        with Session(self._host.engine) as session:
            return prove(self._host, session, self._confirmed)

    def _confirmed(self, session: Session) -> Response:
        token = sessions.renew(session, g.person.session_id, g.now)
        session.commit()
        note(self._host, "identity confirmed", g.person.email)
        response = redirect(safe_path(field("next")) or ADDRESS)
        set_cookie(response, self._host.config, token)
        return response


def prove(
    host: Host, session: Session, then: Callable[[Session], Response],
    purpose: str = "confirmation",
) -> Response:  # fmt: skip
    """Show the form that asks for password and code, or take it and go on with ``then``."""
    with_code = two_factor.enabled(session, g.person.account_id)
    back = safe_path(request.values.get("next", ""))
    show = partial(
        _page, "confirmation.html", email=g.person.email, with_code=with_code, next=back,
        purpose=purpose,
    )  # fmt: skip
    if request.method == "GET":
        return show()
    wrong = _("Ce n'est pas le mot de passe de votre compte.")
    if refused := _refused(host, session, field("password"), wrong, show):
        return refused
    if not with_code:
        return then(session)
    address = request.remote_addr or "?"
    try:
        proof = two_factor.prove(
            session, host.vault, g.person.account_id, field("code")[:40], address, g.now
        )
    except throttle.Throttled as error:
        note(host, "code throttled", g.person.email)
        return show(429, error=wait_words(error.wait))
    if proof.good:
        return then(session)
    tell_failures(host, session, own(session))
    note(host, "code failed", g.person.email, why=proof.value)
    return show(401, error=refusal(proof))


def _refused(
    host: Host, session: Session, password: str, wrong: str, show: Callable[..., Response]
) -> Response | None:
    """Return the page again when this is not the password of the person, else None."""
    email, address = g.person.email, request.remote_addr or "?"
    try:
        device = device_of(host, session, email)
        if sessions.authenticate(session, email, password, address, g.now, device) is not None:
            return None
    except throttle.Throttled as error:
        note(host, "confirmation throttled", email)
        return show(429, error=wait_words(error.wait))
    note(host, "confirmation failed", email)
    return show(401, error=wrong)


def _profile(account: Account) -> dict[str, str | None]:
    return {
        "name": account.name, "language": account.language, "theme": account.theme,
        "timezone": account.timezone,
    }  # fmt: skip


def _page(template: str, code: int = 200, **values: Any) -> Response:
    return make_response(render_template(template, **values), code)
