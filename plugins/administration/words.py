"""How states, rubrics and scopes of users are said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component

from core.api import (
    N_,
    Company,
    Context,
    Site,
    UserLine,
    UserRights,
    UserState,
    _,
    formats,
    ngettext,
)

STATES = {
    UserState.ACTIVE: (N_("Actif"), "tag tag-up"),
    UserState.INVITED: (N_("Invitation en attente"), "tag tag-accent"),
    UserState.DISABLED: (N_("Désactivé"), "tag"),
    UserState.EXPIRED: (N_("Expiré"), "tag tag-degraded"),
    UserState.DELETED: (N_("Supprimé"), "tag"),
}
PROFILES = (N_("Comptabilité"), N_("Technique"), N_("NOC"), N_("Consultation"))
"""Those of the settings as they come, so that they are translated."""


def state_tag(state: UserState) -> Component:
    words, css = STATES[state]
    return html.Span(_(words), className=css)


def rubric_words(offers: Sequence[UserRights], keys: Collection[str]) -> str:
    """Return « Supervision, Factures », « Toutes les rubriques », « Aucune rubrique »."""
    mine = [_(one.label) for one in offers if one.read.key in keys]
    known = {one.rubric for one in offers}
    others = {key.partition(":")[0] for key in keys if key.endswith(":read")} - known
    if mine and len(mine) == len(offers) and not others:
        return _("Toutes les rubriques")
    if others:
        mine.append(ngettext("%(n)s autre", "%(n)s autres", len(others)))
    return ", ".join(mine) or _("Aucune rubrique")


def names_of(ctx: Context, lines: Sequence[UserLine]) -> Mapping[tuple[str, int], str]:
    """Return the names of the companies and sites that users of a list have alone."""
    ids: dict[str, set[int]] = {"company": set(), "site": set()}
    for line in lines:
        if line.only is not None and line.only[1] is not None:
            ids[line.only[0].value].add(line.only[1])
    found: dict[tuple[str, int], str] = {}
    for kind, model in (("company", Company), ("site", Site)):
        if ids[kind]:
            query: Any = sa.select(model.id, model.name).where(model.id.in_(ids[kind]))
            found |= {(kind, id_): name for id_, name in _pairs(ctx, query)}
    return found


def _pairs(ctx: Context, query: Any) -> Sequence[Any]:
    return ctx.db.rows(query)


def scope_words(line: UserLine, names: Mapping[tuple[str, int], str]) -> str:
    """Return « Tout le compte client », « Usine des Causses », « 2 sociétés, 12 sites »."""
    if line.whole:
        return _("Tout le compte client")
    if line.only is not None and (line.only[0].value, line.only[1]) in names:
        return names[line.only[0].value, line.only[1] or 0]
    counts = []
    if line.companies:
        said = formats.number(line.companies)
        counts.append(ngettext("%(c)s société", "%(c)s sociétés", line.companies, c=said))
    if line.sites:
        said = formats.number(line.sites)
        counts.append(ngettext("%(c)s site", "%(c)s sites", line.sites, c=said))
    return ", ".join(counts) or _("Aucun site")
