"""The users as files: the list that is filtered, and what each may do, line by line."""

from __future__ import annotations

from typing import Any

from core.api import N_, Context, Downloads, Field, Sheet, UserError, UserLine, _
from plugins.administration.address import EXPORT, Asked
from plugins.administration.matrix import MATRIX_EXPORT
from plugins.administration.permissions import USERS
from plugins.administration.words import STATES, names_of, rubric_words, scope_words

downloads = Downloads()


def _lines(ctx: Context) -> list[UserLine] | None:
    """Return what the address asks for, None where there is no such customer."""
    asked = Asked.of(ctx.query)
    try:
        return list(ctx.people.lines(asked.query, asked.customer))
    except UserError:
        return None


@downloads.table(EXPORT, permission=USERS)
def users(ctx: Context) -> Sheet[UserLine] | None:
    lines = _lines(ctx)
    if lines is None:
        return None
    offers, names = ctx.people.offers(), names_of(ctx, lines)
    fields: tuple[Field[UserLine], ...] = (
        *_identity(),
        Field(N_("Rubriques"), lambda u: rubric_words(offers, u.permissions), 44),
        Field(N_("Périmètre"), lambda u: scope_words(u, names), 30),
        Field(N_("Profil"), lambda u: u.profile, 18),
        Field(N_("Créé le"), lambda u: u.created, 20),
        Field(N_("Dernière connexion"), lambda u: u.last_sign_in, 20),
        Field(N_("Fin de l’accès"), lambda u: u.expires, 20),
    )
    return Sheet(_("Utilisateurs"), fields, lines, ctx.zone)


@downloads.table(MATRIX_EXPORT, permission=USERS)
def rights(ctx: Context) -> Sheet[UserLine] | None:
    """A column for each right that one may hand on: « oui », or nothing."""
    lines = _lines(ctx)
    if lines is None:
        return None
    names = names_of(ctx, lines)

    def held(key: str) -> Any:
        return lambda user: _("oui") if key in user.permissions else None

    columns = tuple(
        Field(f"{_(rubric.label)} : {_(right.label)}", held(right.key), 22)
        for rubric in ctx.people.offers()
        for right in (rubric.read, *rubric.fine)
    )
    fields: tuple[Field[UserLine], ...] = (
        *_identity(), *columns,
        Field(N_("Périmètre"), lambda u: scope_words(u, names), 30),
        Field(N_("Sociétés entières"), lambda u: u.companies, 12),
        Field(N_("Sites"), lambda u: u.sites, 12),
    )  # fmt: skip
    return Sheet(_("Droits"), fields, lines, ctx.zone)


def _identity() -> tuple[Field[UserLine], ...]:
    return (
        Field(N_("Nom"), lambda u: u.family_name or u.name, 24),
        Field(N_("Prénom"), lambda u: u.given_name, 20),
        Field(N_("Identifiant"), lambda u: u.email, 34),
        Field(N_("État"), lambda u: _(STATES[u.state][0]), 20),
        Field(N_("Administrateur"), lambda u: _("oui") if u.admin else None, 14),
        Field(N_("Invité"), lambda u: _("oui") if u.guest else None, 10),
    )
