"""« Matrice des droits »: users × rubrics × scope, as the list is filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Column,
    Context,
    Table,
    UserError,
    UserLine,
    UserRights,
    _,
    attributes,
    empty_state,
    export_menu,
    ngettext,
    note,
    page_head,
    table_foot,
)
from plugins.administration.address import EXPORT, MATRIX, Asked, user_page
from plugins.administration.listing import PER_PAGE, search
from plugins.administration.words import names_of, scope_words, state_tag

MATRIX_EXPORT = f"{EXPORT}-matrice"


def matrix(ctx: Context, asked: Asked) -> list[Any]:
    """Return the page: its head, the criteria, the table."""
    title = _("Matrice des droits")
    try:
        found = ctx.people.page(asked.query, asked.customer)
    except UserError as error:
        return [page_head(title), note(str(error))]
    offers = ctx.people.offers()
    names = names_of(ctx, found.lines)
    back = dcc.Link(_("Gestion des utilisateurs"), href=asked.with_())
    actions = [export_menu(lambda kind: asked.with_(f"{MATRIX_EXPORT}.{kind}", page=1))]
    noun = ngettext("utilisateur", "utilisateurs", found.total)
    shown: list[Any] = [
        table(offers, names).render(found.lines),
        table_foot(found.total, found.page, PER_PAGE, lambda n: asked.with_(MATRIX, page=n), noun),
    ]
    if not found.lines:
        text = _("Aucun utilisateur ne répond à tous vos critères.")
        shown = [empty_state("filter", _("Aucun utilisateur ne correspond"), text)]
    legend = html.Div(
        [_dot("all"), _("tous les droits"), _dot("some"), _("une partie des droits"),
         _dot("read"), _("consultation"), html.Span("–", className="muted"), _("rien")],
        className="matrix-legend soft small",
    )  # fmt: skip
    return [
        page_head(title, back, actions),
        html.Section(
            [html.Div([search(ctx, asked), legend], className="bar pad"), *shown],
            className="card card-flush matrix",
        ),
    ]


def table(offers: Sequence[UserRights], names: Mapping[tuple[str, int], str]) -> Table[UserLine]:
    """Return how a user is shown: a column for each rubric."""

    def cell(rubric: UserRights) -> Any:
        return lambda user: level(rubric, user.permissions)

    return Table(
        label=_("Matrice des droits"),
        columns=[
            Column(_("Nom / Identifiant"), _who, "220px", link=True),
            *(Column(_(one.label), cell(one)) for one in offers),
            Column(_("Périmètre"), lambda user: scope_words(user, names), "190px"),
        ],
        href=lambda user: user_page(user.id),
        phone=lambda user: (
            state_tag(user.state), user.name,
            [" · ".join(_folded(offers, user)), scope_words(user, names)],
        ),
        tall=True,
    )  # fmt: skip


def _who(user: UserLine) -> Component:
    lines = [html.B(user.name, className="two"), html.Span(user.email, className="two soft small")]
    return html.Span(lines, title=f"{user.name} · {user.email}")


def _folded(offers: Sequence[UserRights], user: UserLine) -> list[str]:
    return [_(one.label) for one in offers if one.read.key in user.permissions] or [_("rien")]


def level(rubric: UserRights, granted: frozenset[str]) -> Component | None:
    """Return how much of a rubric is granted, as a dot that says it in words."""
    if rubric.read.key not in granted:
        return html.Span(["–", html.Span(_("rien"), className="sr-only")], className="muted")
    held = [one for one in rubric.fine if one.key in granted]
    said = "\n".join(_(one.label) for one in (rubric.read, *held))
    if len(held) == len(rubric.fine):
        return _dot("all", said, _("tous les droits"))
    if held:
        return _dot("some", said, _("une partie des droits"))
    return _dot("read", said, _("consultation"))


def _dot(kind: str, title: str | None = None, words: str = "") -> Component:
    said = [html.Span(words, className="sr-only")] if words else []
    more = {} if words else attributes(aria_hidden="true")
    return html.Span(said, className=f"dot dot-{kind}", title=title, **more)
