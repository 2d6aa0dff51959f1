"""What a checked file would change, class by class; and the report of what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from core import formats
from core.datasets import Dataset, DatasetColumn, RowAction
from core.i18n import _, ngettext
from core.imports import cells
from core.imports.limits import FileError
from core.imports.models import ImportRun, RunState
from core.imports.runs import Imports
from core.imports.staging import SAME, Staged
from core.rubric import Context
from core.web.components import (
    Chip,
    attributes,
    chips,
    empty_state,
    icon,
    missing,
    note,
    page_count,
    table_foot,
)
from core.web.components.jobs import press
from core.web.import_words import ROWS

ACT = "host-import-act"
ADDRESS = "/imports"
PER_PAGE = 25
CLOSING = "host-import-closing"


def preview(ctx: Context, imports: Imports, run: ImportRun, query: Mapping[str, str]) -> Component:
    """Return what a file would change: counters, the rows of one of them, the decision."""
    shown = query.get("voir", "")
    if shown not in ROWS or not run.counts.get(shown):
        shown = next((name for name in ROWS if run.counts.get(name)), SAME)
    page = query.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return html.Section(
        [
            html.Div(_counters(run, shown), className="bar pad"),
            *_rows(ctx, imports, run, shown, number),
            _decision(run, documents=holds_documents(imports, run)),
        ],
        className="card card-flush",
    )


def _counters(run: ImportRun, shown: str) -> Component:
    items = [
        Chip(
            label=_(word),
            count=run.counts.get(name, 0),
            href=f"{ADDRESS}/{run.id}?voir={name}",
            current=name == shown,
        )
        for name, word in ROWS.items()
    ]
    return chips(items, _("Ce que deviennent les lignes"))


def _rows(
    ctx: Context, imports: Imports, run: ImportRun, shown: str, number: int
) -> list[Component]:
    count = run.counts.get(shown, 0)
    if not count:
        text = _("Ce fichier n’a aucune ligne.")
        return [empty_state("file", _("Rien à importer"), text)]
    number = min(number, page_count(count, PER_PAGE))
    dataset, offset = imports.dataset(run), (number - 1) * PER_PAGE
    heads: tuple[str, ...]
    with imports.stage(run.id) as stage:
        if shown == "rejected":
            heads = (_("Ligne"), _("Colonne"), _("Valeur"), _("Motif"))
            rows = [
                _row(str(r.line), r.column, r.value, r.reason)
                for r in stage.rejects(PER_PAGE, offset)
            ]
        else:
            heads = (_("Ligne"), _("Clé"), _("Valeurs") if shown != RowAction.CHANGED
                     else _("Ce qui change"))  # fmt: skip
            rows = [
                _row(str(r.line or "–"), _key(ctx, dataset, r), _words(ctx, dataset, r))
                for r in stage.rows(shown, PER_PAGE, offset)
            ]
    label = attributes(role="region", aria_label=_(ROWS[shown]))
    table = html.Table(
        [
            html.Caption(_(ROWS[shown]), className="sr-only"),
            html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
            html.Tbody(rows),
        ],
        className="grid plain import-rows",
    )
    noun = ngettext("ligne", "lignes", count)

    def href(n: int) -> str:
        return f"{ADDRESS}/{run.id}?voir={shown}&page={n}"

    return [
        html.Div(table, className="scroll", tabIndex="0", **label),
        table_foot(count, number, PER_PAGE, href, noun),
    ]


def _row(*parts: Any) -> Component:
    return html.Tr([html.Td(part if part != "" else missing()) for part in parts])


def _key(ctx: Context, dataset: Dataset, row: Staged) -> Component:
    data = row.data or row.before
    said = [_shown(ctx, dataset.column(name), data.get(name)) for name in dataset.key]
    return html.B(" · ".join(said))


def _shown(ctx: Context, column: DatasetColumn, plain: Any) -> str:
    return cells.shown(column, cells.restored(column.kind, plain), ctx.zone)


def _words(ctx: Context, dataset: Dataset, row: Staged) -> list[Any]:
    """Return the values of a row, or those that change, before and after."""
    parts: list[Any] = []
    data = row.before if row.action == RowAction.GONE else row.data
    for name, plain in data.items():
        if name in dataset.key and row.action != RowAction.CHANGED:
            continue
        column = dataset.column(name)
        after, before = _shown(ctx, column, plain), _shown(ctx, column, row.before.get(name))
        if row.action == RowAction.CHANGED:
            if after == before or (column.kind == "secret" and plain is None):
                continue
            value = [html.Span(before or _("vide"), className="was"), " → ", after or _("vide")]
        elif not after:
            continue
        else:
            value = [after]
        parts.append(html.Span([html.Span(f"{_(column.header)} : ", className="soft"), *value]))
    return parts


def closes_most(run: ImportRun) -> bool:
    """Tell whether an import would close more than half of what stands."""
    return bool(2 * run.counts.get("gone", 0) > run.counts.get("standing", 0))


def holds_documents(imports: Imports, run: ImportRun) -> bool:
    """Tell whether an import is of documents, which have no columns to choose."""
    try:
        return imports.dataset(run).gather is not None
    except FileError:  # its rubric is no longer in service
        return False


def _decision(run: ImportRun, *, documents: bool) -> Component:
    counts = run.counts
    changes = sum(counts.get(action, 0) for action in RowAction)
    said: list[Any] = []
    fields = {}
    if counts.get("unkeyed") and not run.partial:
        text = _("La clé d’une ligne rejetée ne se lit pas : rien ne sera fermé.")
        said.append(note(text, "warn"))
    if closes_most(run):
        fields = {"closing": CLOSING}
        warning = _(
            "Ce fichier ferme %(gone)s lignes sur %(standing)s, plus de la moitié. Est-il bien "
            "complet ?",
            gone=formats.number(counts.get("gone", 0)),
            standing=formats.number(counts.get("standing", 0)),
        )
        choice = html.Select(
            [html.Option(_("Non, ne rien écrire"), value=""),
             html.Option(_("Oui, les fermer"), value="1")],
            id=CLOSING, className="form-select",
        )  # fmt: skip
        label = html.Label(warning, htmlFor=CLOSING)
        said.append(html.Div([icon("warn"), label, choice], className="import-closing"))
    write = ngettext("Importer %(n)s changement", "Importer %(n)s changements", changes)
    buttons = [
        press(_("Abandonner"), ACT, {"do": "abandon"}, className="btn btn-secondary"),
        *([] if documents else [press(_("Revoir les colonnes"), ACT, {"do": "columns"},
                                      className="btn btn-secondary")]),
        press(_("Vérifier de nouveau"), ACT, {"do": "check"}, className="btn btn-secondary"),
        press(write, ACT, {"do": "write"}, fields=fields, className="btn btn-primary",
              disabled=not changes),
    ]  # fmt: skip
    return html.Div(
        [
            html.Div(said, className="import-warnings"),
            html.Div(buttons, className="import-buttons"),
        ],
        className="pad ruled import-decision",
    )


def report(ctx: Context, imports: Imports, run: ImportRun) -> Component:
    """Return what became of an import."""
    parts: list[Any] = []
    if run.state is RunState.DONE:
        at = formats.moment(run.ended, ctx.zone)
        by = _("commande ou dossier") if run.actor == "system" else run.actor
        parts.append(html.P(_("Écrit le %(at)s, par %(by)s, en une fois.", at=at, by=by)))
    elif run.state is RunState.REFUSED:
        parts.append(html.P([icon("warn"), html.Span(run.error or "")], className="job-error"))
        parts.append(html.P(_("Rien n’a été changé."), className="soft"))
    else:
        parts.append(html.P(run.error or _("Abandonné : rien n’a été changé.")))
    if run.counts:
        facts = [
            part
            for name, word in ROWS.items()
            for part in (html.Dt(_(word)), html.Dd(formats.number(run.counts.get(name, 0))))
        ]
        parts.append(html.Dl(facts, className="dl"))
    actions = [html.A(_("Importer un autre fichier"), href=f"{ADDRESS}?donnees={run.dataset}",
                      className="btn btn-secondary")]  # fmt: skip
    if (imports.place(run.id) / "rejets.csv").exists():
        words = [icon("download"), _("Lignes rejetées")]
        href = f"{ADDRESS}/{run.id}/rejets.csv"
        actions.insert(0, html.A(words, href=href, className="btn btn-primary"))
        text = _(
            "Le fichier des rejets a les colonnes du vôtre : corrigez-le, puis importez-le comme "
            "« des changements »."
        )
        if holds_documents(imports, run):
            text = _(
                "Le fichier des rejets dit pourquoi chaque document est refusé : corrigez-les, "
                "puis envoyez-les de nouveau. Ceux qui sont en ligne ne changent pas."
            )
        parts.append(note(text))
    return html.Section(
        [
            html.Div(html.H2(_("Compte rendu")), className="panel-head"),
            html.Div([*parts, html.Div(actions, className="import-buttons")],
                     className="pad import-report"),
        ],
        className="card card-flush",
    )  # fmt: skip
