"""Signing in and out, and the language: plain pages that work without scripts."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, g, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import audit, devices, i18n, pending, security_mails, sessions, throttle, two_factor
from core.accounts import EMAIL, Account
from core.host import Host
from core.i18n import _
from core.security_mails import Event
from core.web.door import Rules
from core.web.signing import DEVICE, STEP, cookie_name, drop_cookie, secure, set_cookie


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Add ``/connexion``, ``/deconnexion`` and ``/langue`` to the server, open to all."""
    pages = _SigningIn(host)
    server.add_url_rule("/connexion", "connexion", pages.show, methods=["GET"])
    server.add_url_rule("/connexion", "sign_in", pages.sign_in, methods=["POST"])
    server.add_url_rule("/deconnexion", "deconnexion", pages.sign_out, methods=["GET", "POST"])
    server.add_url_rule("/langue/<code>", "langue", pages.speak, methods=["GET"])
    rules.public |= {"connexion", "sign_in", "deconnexion", "langue"}


def note(host: Host, action: str, actor: str, **facts: Any) -> None:
    """Write a line of the audit log for a request of someone who is not signed in yet."""
    audit.write(
        host.engine,
        now=g.now,
        actor=actor,
        action=action,
        address=request.remote_addr,
        reference=g.reference,
        **facts,
    )


def after_password(host: Host, session: Session, account: Account, back: str) -> Response:
    """Go on with a sign-in whose password was right: to its second step, or in.

    An account that must have a second step and has none sets it up before anything else.
    """
    enrolled = two_factor.enabled(session, account.id)
    if not enrolled and not two_factor.is_required(session, host.config, account):
        return enter(host, session, account, redirect(back or "/"))
    if not enrolled:
        two_factor.offer(session, host.vault, account.id, g.now)
    token = pending.begin(session, account, back, g.now)
    page = "/connexion/code" if enrolled else "/connexion/double-authentification"
    response = redirect(page)
    set_cookie(response, host.config, token, STEP)
    return response


def enter(host: Host, session: Session, account: Account, response: Response) -> Response:
    """Open a session for someone who proved who they are: its cookie is put on ``response``.

    A browser that the account never came from is told to it by mail.
    """
    address, agent = request.remote_addr or "?", request.headers.get("User-Agent", "")[:200]
    if before := _person(host):
        sessions.end_session(session, before.session_id, g.now)
    token = sessions.open_session(session, account, address, agent, g.now)
    device = request.cookies.get(cookie_name(host.config, DEVICE)) or devices.new_cookie()
    known_one = devices.recognise(session, host.vault, account.id, device, agent, address, g.now)
    if not known_one:
        tell(host, session, account, Event.NEW_DEVICE)
    reaches = sorted({grant.reach.value for grant in account.scope})
    session.commit()
    note(host, "sign-in", account.email, reach=reaches, new_device=not known_one)
    set_cookie(response, host.config, token)
    set_cookie(response, host.config, device, DEVICE)
    drop_cookie(response, host.config, STEP)
    return response


def device_of(host: Host, session: Session, email: str) -> str:
    """Return the mark of this browser if the account knows it, "" for any other."""
    cookie = request.cookies.get(cookie_name(host.config, DEVICE))
    return devices.known(session, host.vault, email, cookie)


def tell(host: Host, session: Session, account: Account, event: Event) -> None:
    """Tell an account by mail what this request did to it; the caller commits."""
    agent = request.headers.get("User-Agent", "")
    security_mails.tell(
        session, host, account, event, g.now, agent=agent, address=request.remote_addr
    )


def _person(host: Host) -> sessions.SignedIn | None:
    token = request.cookies.get(cookie_name(host.config))
    return sessions.who(host.engine, token, host.limits, g.now) if token else None


class _SigningIn:
    def __init__(self, host: Host) -> None:
        self._host = host

    def show(self) -> Response:
        notices = {
            "expiree": _("Votre session a expiré. Connectez-vous pour continuer."),
            "sortie": _("Vous êtes déconnecté."),
            "change": _("Votre mot de passe est enregistré. Connectez-vous."),
            "etape": _("Le temps pour donner le code est passé. Connectez-vous de nouveau."),
        }
        notice = next((text for key, text in notices.items() if key in request.args), None)
        return self._form(notice=notice, email="")

    def _form(self, code: int = 200, **values: Any) -> Response:
        back = safe_path(request.values.get("next", ""))
        return make_response(render_template("connexion.html", next=back, **values), code)

    def sign_in(self) -> Response:
        email, password = field("email")[:254], field("password")
        address = request.remote_addr or "?"
        if not email.strip() or not password:
            missing = _("Donnez votre adresse e-mail et votre mot de passe.")
            return self._form(400, error=missing, email=email)
        with Session(self._host.engine) as session:
            try:
                device = device_of(self._host, session, email)
                account = sessions.authenticate(session, email, password, address, g.now, device)
            except throttle.Throttled as error:
                note(self._host, "sign-in throttled", known(email))
                return self._form(429, error=wait_words(error.wait), email=email)
            if account is None:
                note(self._host, "sign-in failed", known(email))
                wrong = _("Adresse ou mot de passe incorrect.")
                return self._form(401, error=wrong, email=email)
            back = safe_path(request.form.get("next", ""))
            return after_password(self._host, session, account, back)

    def sign_out(self) -> Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return redirect("/")  # another site sends people here
        if person := _person(self._host):
            with Session(self._host.engine) as session:
                sessions.end_session(session, person.session_id, g.now)
            note(self._host, "sign-out", person.email)
        response = redirect("/connexion?sortie")
        drop_cookie(response, self._host.config)
        return response

    def speak(self, code: str) -> Response:
        if code not in i18n.LANGUAGES:
            abort(404)
        response = redirect(safe_path(request.args.get("next", "")) or _came_from() or "/")
        safe = secure(self._host.config)
        response.set_cookie("langue", code, max_age=31536000, samesite="Lax", secure=safe)
        return response


def field(name: str) -> str:
    """Return what was typed in a field; NUL, which no store takes, is left out."""
    return request.form.get(name, "").replace("\x00", "")


def known(email: str) -> str:
    """Return an address as the audit log tells it; a password typed there by mistake is not."""
    return email.strip().lower() if EMAIL.fullmatch(email.strip()) else "not an address"


def _came_from() -> str:
    """Return the page of this site that led here, nothing when another did."""
    page = urlsplit(request.referrer or "")
    ours = page.netloc == request.host
    return safe_path(f"{page.path}?{page.query}".rstrip("?")) if ours else ""


def wait_words(seconds: int) -> str:
    """Say how long one has to wait after too many failures."""
    return i18n.ngettext(
        "Trop d'essais. Réessayez dans une minute.",
        "Trop d'essais. Réessayez dans %(n)s minutes.",
        math.ceil(seconds / 60),
    )


def safe_path(path: str) -> str:
    r"""Return ``path`` when it is one of this site, else nothing (``//x`` and ``/\x`` are not)."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    clean = plain and not any(ord(c) < 33 or c == "\\" for c in path)
    return path if clean and not urlsplit(path).netloc else ""
