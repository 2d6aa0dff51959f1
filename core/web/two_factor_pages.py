"""Two-factor authentication of one's own account: turning it on and off, recovery codes."""

from __future__ import annotations

from flask import Flask, g, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import two_factor
from core.host import Host
from core.security_mails import Event
from core.web.account_forms import asked_again, done, own, prove
from core.web.account_page import ADDRESS
from core.web.door import Rules
from core.web.enrolment import enrolment_page, not_the_code
from core.web.login import field, note, tell

PAGE = f"{ADDRESS}/double-authentification"


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Add the pages of the second step of one's own account, for whoever signed in."""
    pages = _TwoFactor(host)
    for path, name, do in (
        (PAGE, "two_factor", pages.turn_on),
        (f"{PAGE}/arret", "two_factor_off", pages.turn_off),
        (f"{ADDRESS}/codes-de-secours", "recovery_codes", pages.new_codes),
    ):
        server.add_url_rule(path, name, do, methods=["GET", "POST"])
        rules.rows.add(name)
        rules.personal.add(name)


class _TwoFactor:
    def __init__(self, host: Host) -> None:
        self._host = host

    def turn_on(self) -> Response:
        """Join an application to the account; one that was before serves until the new one does."""
        if again := asked_again():
            return again
        host, account_id = self._host, g.person.account_id
        with Session(host.engine) as session:
            account = own(session)
            replaces = two_factor.enabled(session, account_id)
            if two_factor.offered(session, host.vault, account_id, g.now) is None:
                two_factor.offer(session, host.vault, account_id, g.now)
                session.commit()
            if request.method == "GET":
                return enrolment_page(host, session, account, replaces=replaces)
            code = field("code")[:40]
            codes = two_factor.confirm(session, host.vault, account_id, code, g.now)
            if codes is None:
                error = not_the_code(host, session, account_id, code)
                return enrolment_page(host, session, account, 400, error=error, replaces=replaces)
            tell(host, session, account, Event.TURNED_ON)
            session.commit()
        note(host, "two-factor on", g.person.email, replaces=replaces)
        return _codes(codes)

    def new_codes(self) -> Response:
        if again := asked_again():
            return again
        host, account_id = self._host, g.person.account_id
        with Session(host.engine) as session:
            if not two_factor.enabled(session, account_id):
                return redirect(ADDRESS)
            if request.method == "GET":
                return make_response(render_template("codes_de_secours.html", codes=None))
            codes = two_factor.new_codes(session, host.vault, account_id)
            tell(host, session, own(session), Event.NEW_CODES)
            session.commit()
        note(host, "recovery codes made", g.person.email)
        return _codes(codes)

    def turn_off(self) -> Response:
        """Take password and code at once, however lately one proved who one is."""
        host = self._host
        with Session(host.engine) as session:
            state = two_factor.standing(session, host.config, own(session))
            if state.since is None:
                return redirect(ADDRESS)
            if state.required:
                return redirect(f"{ADDRESS}?erreur=exigee")
            return prove(host, session, self._off, "arret")

    def _off(self, session: Session) -> Response:
        two_factor.turn_off(session, g.person.account_id)
        tell(self._host, session, own(session), Event.TURNED_OFF)
        session.commit()
        note(self._host, "two-factor off", g.person.email)
        return done("arret")


def _codes(codes: object) -> Response:
    page = render_template("codes_de_secours.html", codes=codes, email=g.person.email, back=ADDRESS)
    return make_response(page)
