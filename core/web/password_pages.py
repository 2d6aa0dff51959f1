"""Forgotten passwords, and the one-use links of invitations and resets."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, g, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import i18n, mail, password_links, passwords, sessions, throttle
from core.accounts import Account, AccountError, find, set_password
from core.host import Host
from core.i18n import _
from core.security_mails import Event
from core.web.door import Rules
from core.web.login import field, known, note, tell


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Add ``/mot-de-passe`` and the pages its links lead to, open to all."""
    pages = _Passwords(host)
    server.add_url_rule("/mot-de-passe", "forgotten", pages.forgotten, methods=["GET"])
    server.add_url_rule("/mot-de-passe", "ask_link", pages.ask, methods=["POST"])
    server.add_url_rule(
        "/mot-de-passe/<token>", "choose_password", pages.choose, methods=["GET", "POST"]
    )
    rules.public |= {"forgotten", "ask_link", "choose_password"}


class _Passwords:
    def __init__(self, host: Host) -> None:
        self._host = host

    def forgotten(self) -> str:
        possible = mail.configured(self._host.config)
        return render_template("mot_de_passe.html", mail=possible, sent=False)

    def ask(self) -> str:
        """Send a link when the address has an account; the answer is the same when it has none."""
        if not mail.configured(self._host.config):
            abort(404)
        email = field("email")[:254]
        with Session(self._host.engine) as session:
            key = f"reset:{email.strip().lower()}"
            allowed = throttle.allow_reset(session, key, request.remote_addr or "?", g.now)
            account = find(session, email) if allowed else None
            if account and account.active(g.now):
                self._send(session, account)
            session.commit()
        note(self._host, "reset asked", known(email))
        return render_template("mot_de_passe.html", mail=True, sent=True)

    def _send(self, session: Session, account: Account) -> None:
        token = password_links.make_link(session, account, password_links.LinkKind.RESET, g.now)
        link = password_links.address(self._host.config.web.public_url, token)
        # In the language of the account: anybody may ask for this mail, in any language.
        with i18n.speaking(account.language or self._host.config.display.language):
            body = render_template("mail_mot_de_passe.txt", link=link)
            title = _("Votre mot de passe : %(t)s", t=self._host.config.operator.title)
        mail.write(session, self._host.vault, account.email, title, body, g.now)

    def choose(self, token: str) -> Response:
        with Session(self._host.engine) as session:
            found = password_links.open_link(session, token, g.now)
            if found is None:
                return _page(410, expired=True)
            link, account = found
            invited = link.kind is password_links.LinkKind.INVITATION
            about: dict[str, Any] = {"email": account.email, "invitation": invited}
            if request.method == "GET":
                return _page(**about)
            password, again = field("password"), field("again")
            if password != again:
                differ = _("Les deux mots de passe ne sont pas les mêmes.")
                return _page(400, **about, error=differ)
            try:
                set_password(account, password)
            except AccountError as error:
                return _page(400, **about, error=str(error))
            link.used = g.now
            sessions.end_all(session, account.id, g.now)
            throttle.forgive(session, sessions.failure_key(account.email))
            if not invited:
                tell(self._host, session, account, Event.PASSWORD)
            session.commit()
            note(self._host, "password changed", account.email, by=link.kind.value)
        return redirect("/connexion?change")


def _page(code: int = 200, **values: Any) -> Response:
    about = {"expired": False, "minimum": passwords.MINIMUM, **values}
    return make_response(render_template("nouveau_mot_de_passe.html", **about), code)
