"""*Liste des rubriques utilisateur*: two lists and four arrows, made of what rubrics declare.

``52-dual.js`` moves what is selected, by mouse and keyboard; the granted keys are its value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import Context, User, UserRights, _, attributes, formats, icon, ngettext
from plugins.administration.fields import part, select, wrong


def dual(ctx: Context, user: User | None) -> Component:
    """Return the part of the form."""
    offers = ctx.people.offers()
    granted = user.permissions if user else frozenset()
    known = {key for one in offers for key in (one.read.key, *(fine.key for fine in one.fine))}
    profiles = {"": _("Sans profil"), **{name: _(name) for name in ctx.people.profiles()}}
    keys = {name: sorted(some & known) for name, some in ctx.people.profiles().items()}
    chosen = user.profile if user and user.profile in profiles else ""
    head = html.Div(
        [
            html.Label(_("Partir d’un profil"), htmlFor="users-profile", className="form-label"),
            html.Div(select("profile", profiles, chosen or ""), className="profile-choice",
                     **attributes(data_profiles=json.dumps(keys), data_for="users-permissions")),
        ],
        className="profile-line",
    )  # fmt: skip
    arrows = [
        ("all", "allright", _("Tout ajouter")), ("add", "right", _("Ajouter")),
        ("remove", "left", _("Retirer")), ("none", "allleft", _("Tout retirer")),
    ]  # fmt: skip
    moves = [
        html.Button(icon(name), type="button", className="btn btn-secondary", title=words,
                    **attributes(aria_label=words, data_move=do))
        for do, name, words in arrows
    ]  # fmt: skip
    lists = html.Div(
        [
            _list("left", _("Disponibles"), offers, granted),
            html.Div(moves, className="dual-moves"),
            _list("right", _("Accordées"), offers, granted),
        ],
        id="users-permissions", className="dual",
        **attributes(data_dual=json.dumps(sorted(granted & known))),
    )  # fmt: skip
    kept = []
    if user and user.rights_beyond:
        n = len(user.rights_beyond)
        said = ngettext(
            "%(n)s droit que vous n’avez pas vous-même reste accordé.",
            "%(n)s droits que vous n’avez pas vous-même restent accordés.", n,
        )  # fmt: skip
        kept = [html.Div(said, className="form-text")]
    text = [
        _("Sélectionnez une ou plusieurs rubriques, puis utilisez les flèches. Vous ne pouvez "
          "accorder que vos propres rubriques."),
        _("Au clavier : flèches, Maj ou Ctrl pour plusieurs, Entrée pour déplacer."),
    ]  # fmt: skip
    return part(
        _("Liste des rubriques utilisateur"), text, [head, lists, wrong("permissions"), *kept]
    )


def _list(
    side: str, label: str, offers: Sequence[UserRights], granted: frozenset[str]
) -> Component:
    items: list[Component] = []
    count = 0
    for one in offers:
        for place, right in enumerate((one.read, *one.fine)):
            here = (right.key in granted) == (side == "right")
            count += here
            words: Any = html.B(_(one.label)) if place == 0 else _(right.label)
            items.append(
                html.Li(
                    [words, html.Span(_(right.label), className="dual-what")]
                    if place == 0
                    else words,
                    id=f"users-right-{side}-{right.key.replace(':', '-')}",
                    role="option", hidden=not here, title=_(right.label),
                    className="sub" if place else None,
                    **attributes(aria_selected="false", data_key=right.key,
                                 data_needs=one.read.key if place else None),
                )
            )  # fmt: skip
    number = html.Span(formats.number(count), className="muted tabular")
    name = f"users-rights-{side}"
    return html.Div(
        [
            html.Div([html.Span(label, id=name), number], className="dual-head"),
            html.Ul(items, role="listbox", tabIndex=0, className="dual-options",
                    **attributes(aria_multiselectable="true", aria_labelledby=name,
                                 data_side=side)),
        ],
        className="dual-list",
    )  # fmt: skip
