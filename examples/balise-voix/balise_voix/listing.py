"""The table of lines, as the address asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash.development.base_component import Component

from balise_voix.models import LineKind, VoiceLine
from balise_voix.queries import PER_PAGE, Asked, Totals, address_of, lines, totals
from balise_voix.words import KINDS, calls, dialled, talked
from core.api import (
    Column,
    Context,
    Table,
    _,
    choice_filter,
    empty_state,
    filters,
    formats,
    icon,
    ngettext,
    page_count,
    push,
    table_foot,
    text_filter,
)

NOTHING = Totals()


def search(asked: Asked) -> Component:
    """Return the filters above the table."""
    kinds = {"": _("Tous les types"), **{kind.value: _(word) for kind, word in KINDS.items()}}
    chosen = asked.kind.value if asked.kind else ""
    return filters(
        [
            text_filter("q", asked.text, _("Numéro, nom, site"), id="voix-q"),
            choice_filter("type", kinds, chosen, _("Type"), id="voix-type"),
        ],
        _("Chercher une ligne"),
    )


def listing(ctx: Context, asked: Asked) -> list[Component]:
    """Return the table and its pages, or what stands in their place."""
    found, total = lines(ctx, asked)
    if not found:
        return [_nothing(asked)]
    noun = ngettext("ligne téléphonique", "lignes téléphoniques", total)
    page = min(asked.page, page_count(total, PER_PAGE))
    foot = table_foot(total, page, PER_PAGE, lambda n: asked.address(page=n), noun)
    return [_table(totals(ctx, [line.id for line in found])).render(found), foot]


def _nothing(asked: Asked) -> Component:
    if asked.text or asked.kind:
        clear = push(_("Effacer les filtres"), Asked().address(), className="btn btn-secondary")
        text = _("Aucune ligne ne répond à tous vos critères.")
        return empty_state("filter", _("Aucune ligne ne correspond"), text, clear)
    text = _("Vos lignes téléphoniques seront ici dès que l’opérateur les aura fournies.")
    return empty_state("phone", _("Aucune ligne téléphonique"), text)


def _table(of: Mapping[int, Totals]) -> Table[VoiceLine]:
    def known(line: VoiceLine) -> Totals:
        return of.get(line.id, NOTHING)

    def folded(line: VoiceLine) -> tuple[Any, str, Sequence[str]]:
        return (
            icon("phone"),
            dialled(line.number),
            [
                f"{line.name} · {line.site.name}",
                f"{_(KINDS[line.kind])} · {calls(known(line).calls)}",
            ],
        )

    return Table(
        label=_("Lignes téléphoniques"),
        columns=[
            Column(_("Numéro"), lambda line: dialled(line.number), "150px", link=True),
            Column(_("Nom"), lambda line: line.name),
            Column(_("Site"), lambda line: line.site.name),
            Column(_("Type"), lambda line: _(KINDS[line.kind]), "110px"),
            Column(_("Canaux"), _channels, "80px", numeric=True, absent="–"),
            Column(
                _("Appels, 30 j"),
                lambda line: formats.number(known(line).calls),
                "110px",
                numeric=True,
            ),
            Column(
                _("Durée, 30 j"), lambda line: talked(known(line).seconds), "110px", numeric=True
            ),
        ],
        href=address_of,
        phone=folded,
    )


def _channels(line: VoiceLine) -> str | None:
    return formats.number(line.channels) if line.kind is LineKind.TRUNK else None
