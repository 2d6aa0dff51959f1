"""What stands where a rubric does not: left out for a while, disabled, set aside."""

from __future__ import annotations

import math
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core import formats
from core.i18n import _, ngettext
from core.registry import Registry
from core.rubric import Context
from core.web.components import empty_state, icon
from core.web.router import HEALTH


def left_out_card(seconds: float) -> Component:
    """Return what stands for a page of a rubric that failed again and again."""
    minutes = math.ceil(seconds / 60)
    text = ngettext(
        "Elle vient d’échouer plusieurs fois de suite. Elle sera réessayée d’ici une minute ; les "
        "autres rubriques fonctionnent.",
        "Elle vient d’échouer plusieurs fois de suite. Elle sera réessayée d’ici %(shown)s "
        "minutes ; les autres rubriques fonctionnent.",
        minutes,
        shown=formats.number(minutes),
    )
    again = html.A([icon("refresh"), _("Réessayer")], href="", className="btn btn-secondary")
    return html.Section(
        empty_state("clock", _("Cette rubrique est mise en pause"), text, again),
        className="card",
        role="alert",
    )


def absent_page(ctx: Context, registry: Registry, path: str) -> Component:
    """Return « Page introuvable »; to the operator's administrators, that of a rubric which is not
    in service says so.
    """
    absent = registry.absent(path) if ctx.may(HEALTH) else None
    if absent is None:
        return empty_state("search", _("Page introuvable"), _("Cette adresse ne mène à rien."))
    id, why = absent
    more: Any = dcc.Link(_("Santé de la plateforme"), href="/sante", className="btn btn-secondary")
    if why is not None:
        text = _("La rubrique « %(id)s » ne se charge pas : %(why)s", id=id, why=why)
        return empty_state("warn", _("Rubrique à l’écart"), text, more)
    text = _(
        "La rubrique « %(id)s » est désactivée dans config.yaml (rubrics: disabled). Ses données "
        "restent ; ses utilisateurs ne la voient plus.",
        id=id,
    )
    if registry.safe_mode:
        text = _("Balise tourne sans aucune rubrique (--safe-mode).")
    return empty_state("lock", _("Rubrique désactivée"), text, more)
