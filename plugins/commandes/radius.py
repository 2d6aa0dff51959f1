"""RADIUS passwords: masked, shown on request for a minute, each time told to the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from core.api import Context, _, attributes, note, press
from plugins.commandes.address import Tree
from plugins.commandes.models import Subscription
from plugins.commandes.permissions import RADIUS

STORE, SHOWN = "abonnements-radius", "abonnements-secret"
RECENT = timedelta(minutes=15)
"""How long a sign-in allows to show passwords."""
SECONDS = 60
"""How long one is shown; ``50-secret.js`` takes it away."""
MASK = "••••••••"


def is_recent(ctx: Context) -> bool:
    """Tell whether the user gave their own password a short while ago."""
    return ctx.signed_in is not None and ctx.now - ctx.signed_in <= RECENT


def secret_field(ctx: Context, one: Subscription) -> Any:
    """Return the mask of a password and what shows it, to those who may; nothing without one."""
    if not one.radius_secret:
        return None
    masked = html.Span(MASK, id=SHOWN, className="secret", **attributes(data_mask=MASK))
    if not ctx.may(RADIUS):
        return html.Span([masked, html.Span(_("masqué"), className="sr-only")])
    if not is_recent(ctx):
        back = Tree(chosen=one.reference).with_()
        href = f"/compte/confirmation?{urlencode({'next': back})}"
        again = html.A(_("Confirmez que c’est vous pour l’afficher"), href=href)
        return html.Span([masked, " ", again])
    show = press(_("Afficher une minute"), STORE, {"subscription": one.reference},
                 className="btn btn-secondary btn-sm")  # fmt: skip
    return html.Span([masked, " ", show])


def reveal(ctx: Context, one: Subscription | None) -> Component | str:
    """Return a password in clear, to be shown for a minute, and note it in the audit log."""
    if one is None or not one.radius_secret:
        return note(_("Cet abonnement n’a pas de mot de passe Radius."))
    if not is_recent(ctx):
        return note(
            _("Votre connexion date : rechargez la page et confirmez que c’est vous."), "lock"
        )
    ctx.audit("radius.revealed", f"{one.reference} {one.designation}")
    clear = ctx.vault().open(one.radius_secret)
    return html.Code(clear, **attributes(data_hide_after=str(SECONDS)))
