"""« Gestion des utilisateurs »: the table, one page of it, and what stands above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Chip,
    Column,
    Context,
    Table,
    UserLine,
    UserPage,
    UserRights,
    UserState,
    _,
    attributes,
    chips,
    choice_filter,
    empty_state,
    filters,
    formats,
    icon,
    ngettext,
    push,
    table_foot,
    text_filter,
)
from plugins.administration.address import NEW, Asked, user_page
from plugins.administration.words import STATES, names_of, rubric_words, scope_words, state_tag

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the table, and the counts of what it is a page of."""

    ctx: Context
    asked: Asked
    found: UserPage
    offers: Sequence[UserRights]
    names: Mapping[tuple[str, int], str]

    @classmethod
    def of(cls, ctx: Context, asked: Asked) -> Listing:
        found = ctx.people.page(asked.query, asked.customer)
        return cls(ctx, asked, found, ctx.people.offers(), names_of(ctx, found.lines))

    def rows(self) -> Table[UserLine]:
        """Return how a user is shown."""
        return Table(
            label=_("Utilisateurs"),
            columns=[
                self._column("nom", _("Nom / Identifiant"), self._who, link=True),
                Column(_("Rubriques"), lambda u: rubric_words(self.offers, u.permissions)),
                Column(_("Périmètre"), lambda u: scope_words(u, self.names), "200px"),
                self._column("connexion", _("Dernière connexion"), self._last, "152px"),
                self._column("etat", _("État"), lambda u: state_tag(u.state), "170px"),
                Column(_("Actions"), self._actions, "92px"),
            ],
            href=lambda u: user_page(u.id),
            phone=self._folded,
            tall=True,
        )

    def _column(
        self, key: str, header: str, cell: Any, width: str | None = None, *, link: bool = False
    ) -> Column[UserLine]:
        return Column(
            header, cell, width, link=link, sorted=self.asked.sort == key,
            descending=self.asked.descending, href=self.asked.of_column(key),
        )  # fmt: skip

    def _who(self, user: UserLine) -> Component:
        marks = []
        if user.admin:
            marks.append(html.Span(_("Administrateur"), className="tag tag-accent"))
        if user.guest:
            marks.append(html.Span(_("Invité"), className="tag"))
        first = html.Span([html.B(user.name), *marks], className="two user-name")
        second = html.Span(user.email, className="two soft small")
        return html.Span([first, second], title=f"{user.name} · {user.email}")

    def _last(self, user: UserLine) -> Component:
        if user.last_sign_in is None:
            return html.Span(_("Jamais"), className="muted")
        whole = formats.moment(user.last_sign_in, self.ctx.zone)
        at = f"{formats.date(user.last_sign_in, self.ctx.zone)} {whole[11:16]}"
        return html.Span(at, className="tabular nowrap", title=whole)

    def _actions(self, user: UserLine) -> Component:
        named = {"name": user.name}
        edit = push(
            icon("edit"), user_page(user.id), className="icon-btn",
            title=_("Modifier"), **attributes(aria_label=_("Modifier %(name)s", **named)),
        )  # fmt: skip
        if user.admin or user.state is UserState.DELETED:
            return html.Span([edit], className="row-actions")
        delete = push(
            icon("trash"), self.asked.with_(delete=user.id, page=self.found.page),
            scroll_to="users-asked", className="icon-btn", title=_("Supprimer"),
            **attributes(aria_label=_("Supprimer %(name)s", **named)),
        )  # fmt: skip
        return html.Span([edit, delete], className="row-actions")

    def _folded(self, user: UserLine) -> tuple[Any, str, list[str]]:
        last = user.last_sign_in
        seen = formats.moment(last, self.ctx.zone)[:-3] if last else _("jamais connecté")
        return (
            state_tag(user.state),
            user.name,
            [user.email, rubric_words(self.offers, user.permissions),
             f"{scope_words(user, self.names)} · {seen}"],
        )  # fmt: skip

    def table(self) -> list[Any]:
        """Return the table and its foot, or what stands in their place."""
        if not self.found.lines:
            return [self._nothing()]
        noun = ngettext("utilisateur", "utilisateurs", self.found.total)
        foot = table_foot(
            self.found.total, self.found.page, PER_PAGE, lambda n: self.asked.with_(page=n), noun
        )
        return [self.rows().render(self.found.lines), foot]

    def _nothing(self) -> Component:
        if self.asked.filtered:
            clear = push(_("Effacer les filtres"), Asked(customer=self.asked.customer).with_(),
                         className="btn btn-secondary")  # fmt: skip
            text = _("Aucun utilisateur ne répond à tous vos critères.")
            return empty_state("filter", _("Aucun utilisateur ne correspond"), text, clear)
        text = _("Créez le premier : choisissez ses rubriques et ses sites, il reçoit un lien.")
        new = dcc.Link(_("Ajouter un utilisateur"), href=self.asked.with_(NEW),
                       className="btn btn-primary")  # fmt: skip
        return empty_state("user", _("Aucun utilisateur"), text, new)

    def states(self) -> Component:
        """Return the counters by state; each filters."""
        counts = self.found.counts
        total = sum(counts.values()) - counts[UserState.DELETED]
        items = [self._chip(_("Tous"), None, total)]
        items += [
            self._chip(_(words), state, counts[state]) for state, (words, _css) in STATES.items()
        ]
        return chips(items, _("Nombre d’utilisateurs par état"))

    def _chip(self, label: str, state: UserState | None, count: int) -> Chip:
        href = self.asked.with_(state=state, page=1)
        return Chip(label, count, href, current=self.asked.state is state)


def search(ctx: Context, asked: Asked) -> Component:
    """Return the criteria of the search."""
    rubrics = {"": _("Toutes"), **{one.read.key: _(one.label) for one in ctx.people.offers()}}
    fields = [
        text_filter("q", asked.text, _("Nom, identifiant"), id="users-search"),
        choice_filter("rubrique", rubrics, asked.permission, _("Rubrique"), id="users-rubric"),
    ]
    return filters(fields, _("Chercher un utilisateur"))
