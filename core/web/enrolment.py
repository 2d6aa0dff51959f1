"""The page on which an authenticator application is joined to an account."""

from __future__ import annotations

from typing import Any

import segno
from flask import g, make_response, redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import formats, two_factor
from core.accounts import Account
from core.host import Host
from core.i18n import _


def enrolment_page(
    host: Host, session: Session, account: Account, code: int = 200, **values: Any
) -> Response:
    """Return the page that shows the offered secret, as a picture and as a key to be typed."""
    secret = two_factor.offered(session, host.vault, account.id, g.now)
    if secret is None:  # it waited for an hour
        return redirect("/connexion?etape")
    uri = two_factor.address(secret, account.email, host.config.operator.name)
    picture = segno.make(uri, error="m", micro=False).svg_inline(
        border=2, omitsize=True, svgclass=None, lineclass="qr-line"
    )
    groups = [secret[i : i + 4] for i in range(0, len(secret), 4)]
    page = render_template(
        "double_authentification.html", picture=picture, uri=uri, groups=groups,
        email=account.email, **values,
    )  # fmt: skip
    return make_response(page, code)


def not_the_code(host: Host, session: Session, account_id: int, code: str) -> str:
    """Say why the first code was refused: by how much a clock is wrong, where that is why."""
    secret = two_factor.offered(session, host.vault, account_id, g.now)
    off = two_factor.clock_error(secret, code, g.now) if secret else None
    if off is None:
        return _(
            "Ce code n'est pas celui de cette clé. Donnez celui que l'application montre "
            "maintenant pour ce portail."
        )
    ahead = off.total_seconds() > 0
    sentence = (
        _("L'heure de votre téléphone avance d'environ %(time)s.", time=formats.age(abs(off)))
        if ahead
        else _("L'heure de votre téléphone retarde d'environ %(time)s.", time=formats.age(abs(off)))
    )
    return f"{sentence} " + _("Réglez-la sur automatique, puis donnez un nouveau code.")
