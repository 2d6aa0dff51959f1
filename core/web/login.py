"""Signing in and out, passwords, language: plain pages that work without scripts."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from core import audit, i18n, mail, sessions
from core.accounts import AccountError, find, set_password
from core.host import Host
from core.i18n import _
from core.web.door import Rules
from core.web.signing import cookie_name, drop_cookie, secure, set_cookie


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Add ``/connexion``, ``/deconnexion``, ``/mot-de-passe`` and ``/langue`` to the server."""

    def note(action: str, actor: str, **facts: Any) -> None:
        audit.write(
            host.engine,
            now=g.now,
            actor=actor,
            action=action,
            address=request.remote_addr,
            reference=g.reference,
            **facts,
        )

    def form(code: int = 200, **values: Any) -> Response:
        back = safe_path(request.values.get("next", ""))
        page = render_template("connexion.html", next=back, **values)
        return make_response(page, code)

    @server.get("/connexion")
    def connexion() -> Response:
        notices = {
            "expiree": _("Votre session a expiré. Connectez-vous pour continuer."),
            "sortie": _("Vous êtes déconnecté."),
            "change": _("Votre mot de passe est enregistré. Connectez-vous."),
        }
        notice = next((text for key, text in notices.items() if key in request.args), None)
        return form(notice=notice, email="")

    @server.post("/connexion")
    def sign_in() -> Response:
        email = request.form.get("email", "")[:254]
        password = request.form.get("password", "")
        address = request.remote_addr or "?"
        with Session(host.engine) as session:
            try:
                account = sessions.authenticate(session, email, password, address, g.now)
            except sessions.Throttled as error:
                note("sign-in throttled", email)
                minutes = math.ceil(error.wait / 60)
                text = i18n.ngettext(
                    "Trop d'essais. Réessayez dans une minute.",
                    "Trop d'essais. Réessayez dans %(n)s minutes.",
                    minutes,
                )
                return form(429, error=text, email=email)
            if account is None:
                note("sign-in failed", email)
                wrong = _("Adresse ou mot de passe incorrect.")
                return form(401, error=wrong, email=email)
            old = request.cookies.get(cookie_name(host.config))
            known = sessions.who(host.engine, old, host.limits, g.now) if old else None
            if known:
                sessions.end_session(session, known.session_id, g.now)
            agent = request.headers.get("User-Agent", "")
            token = sessions.open_session(session, account, address, agent, g.now)
            reaches = sorted({grant.reach.value for grant in account.scope})
            note("sign-in", account.email, reach=reaches)
        response = redirect(safe_path(request.form.get("next", "")) or "/")
        set_cookie(response, host.config, token)  # type: ignore[arg-type]
        return response  # type: ignore[return-value]

    @server.route("/deconnexion", methods=["GET", "POST"])
    def deconnexion() -> Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return redirect("/")  # type: ignore[return-value]  # another site sends people here
        token = request.cookies.get(cookie_name(host.config))
        person = sessions.who(host.engine, token, host.limits, g.now) if token else None
        if person:
            with Session(host.engine) as session:
                sessions.end_session(session, person.session_id, g.now)
            note("sign-out", person.email)
        response = redirect("/connexion?sortie")
        drop_cookie(response, host.config)  # type: ignore[arg-type]
        return response  # type: ignore[return-value]

    @server.get("/mot-de-passe")
    def mot_de_passe() -> str:
        possible = mail.configured(host.config)
        return render_template("mot_de_passe.html", state="ask" if possible else "no-mail")

    @server.post("/mot-de-passe")
    def ask_for_link() -> str | Response:
        if not mail.configured(host.config):
            abort(404)
        email = request.form.get("email", "")[:254]
        with Session(host.engine) as session:
            key = f"reset:{email.strip().lower()}"
            limited = not sessions.allow_reset(session, key, request.remote_addr or "?", g.now)
            account = None if limited else find(session, email)
            if account and account.active(g.now):
                token = sessions.make_link(session, account, sessions.LinkKind.RESET, g.now)
                body = render_template("mail_mot_de_passe.txt", link=link(host, token))
                title = _("Votre mot de passe : %(t)s", t=host.config.operator.title)
                mail.write(session, host.vault, account.email, title, body, g.now)
            session.commit()
        note("reset asked", email)
        return render_template("mot_de_passe.html", state="sent", email=email)

    @server.route("/mot-de-passe/<token>", methods=["GET", "POST"])
    def nouveau(token: str) -> Response:
        def page(code: int = 200, **values: Any) -> Response:
            text = render_template("nouveau_mot_de_passe.html", **{"state": "choose", **values})
            return make_response(text, code)

        with Session(host.engine) as session:
            found = sessions.open_link(session, token, g.now)
            if found is None:
                return page(410, state="expired")
            used, account = found
            about = {
                "email": account.email,
                "invitation": used.kind is sessions.LinkKind.INVITATION,
            }
            if request.method == "GET":
                return page(**about)
            first, second = request.form.get("password", ""), request.form.get("again", "")
            if first != second:
                differ = _("Les deux mots de passe ne sont pas les mêmes.")
                return page(400, **about, error=differ)
            try:
                set_password(account, first)
            except AccountError as error:
                return page(400, **about, error=str(error))
            used.used = g.now
            sessions.end_all(session, account.id, g.now)
            session.commit()
            note("password changed", account.email, by=used.kind.value)
        return redirect("/connexion?change")  # type: ignore[return-value]

    @server.get("/langue/<code>")
    def langue(code: str) -> Response:
        if code not in i18n.LANGUAGES:
            abort(404)
        response = redirect(safe_path(request.args.get("next", "")) or "/")
        response.set_cookie(
            "langue", code, max_age=31536000, samesite="Lax", secure=secure(host.config)
        )
        return response  # type: ignore[return-value]

    rules.public |= {
        f.__name__
        for f in (connexion, sign_in, deconnexion, mot_de_passe, ask_for_link, nouveau, langue)
    }


def link(host: Host, token: str) -> str:
    """Return the address at which the holder of a one-use link chooses a password.

    Built from the configured public address, never from the request's Host header.
    """
    return f"{host.config.web.public_url.rstrip('/')}/mot-de-passe/{token}"


def safe_path(path: str) -> str:
    """Return ``path`` when it is a path of this site, else nothing (``//x`` and ``/\\x`` are not)."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    clean = plain and not any(ord(c) < 33 or c == "\\" for c in path)
    return path if clean and not urlsplit(path).netloc else ""
