"""Acting for a customer: where the operator's administrators begin and end it, and the band that
every page then has. What it opens is decided at the door, on the row of the session.
"""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import Flask, abort, g, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import acting
from core.access import Acting
from core.host import Host
from core.i18n import _
from core.rubric import Context
from core.web.components import icon
from core.web.door import Rules
from core.web.login import note
from core.web.places import place
from core.web.router import ACT


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Add ``/agir/<customer>`` and ``/agir/fin`` to the server, both for POST alone."""

    def begin(customer_id: int) -> Response:
        if ACT.key not in g.granted:
            note(host, "refused", g.person.email, target=place(), what="acting")
            abort(403)
        with Session(host.engine) as session:
            begun = acting.begin(session, g.person.session_id, customer_id, g.now)
            session.commit()
        if begun is None:
            abort(404)
        _note(host, "acting begun", begun, until=begun.until.isoformat(timespec="seconds"))
        return redirect("/", 303)

    def end() -> Response:
        if g.person.acting is not None:
            with Session(host.engine) as session:
                acting.end(session, g.person.session_id)
                session.commit()
            _note(host, "acting ended", g.person.acting)
        return redirect("/", 303)

    server.add_url_rule("/agir/<int:customer_id>", "act", begin, methods=["POST"])
    server.add_url_rule("/agir/fin", "act_no_more", end, methods=["POST"])
    rules.rows |= {"act", "act_no_more"}


def _note(host: Host, action: str, about: Acting, **facts: Any) -> None:
    note(
        host, action, g.person.email, target=about.name, customer_id=about.customer_id,
        acting=True, **facts,
    )  # fmt: skip


def band(ctx: Context) -> list[Component]:
    """Return what says for whom one acts, until when, with the button that ends it."""
    if ctx.acting is None:
        return []
    until = ctx.acting.until.astimezone(ctx.zone).strftime("%H:%M")
    more = _(", jusqu’à %(time)s. Tout ce que vous faites est noté à vos deux noms.", time=until)
    parts = [_("Vous agissez pour"), " ", html.B(ctx.acting.name)]
    said = html.Span([*parts, html.Span(more, className="hide-phone")], className="cut")
    button = html.Button(_("Ne plus agir"), type="submit", className="btn btn-secondary btn-sm")
    return [
        html.Div(
            [icon("user"), said, html.Form(button, action="/agir/fin", method="POST")],
            className="acting",
            role="status",
        )
    ]
