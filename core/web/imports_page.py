"""« Imports », for the operator: a file to bring in, the templates, what was brought in before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core import formats
from core.datasets import Dataset, RowAction
from core.db import Customer
from core.host import Host
from core.i18n import _, ngettext
from core.imports.models import ImportRun, RunState
from core.imports.report import words_of
from core.imports.runs import Imports
from core.rubric import Context
from core.web.components import (
    Column,
    Table,
    attributes,
    card,
    empty_state,
    icon,
    missing,
    page_count,
    page_head,
    table_foot,
)
from core.web.import_words import STATES, state_tag

ADDRESS = "/imports"
PER_PAGE = 25
EVERYBODY = "*"
LARGEST_UPLOAD = 64
"""Mebioctets of what is sent with a browser; more goes by command or by a folder."""
MOST_FILES = 2000
"""Documents that are sent at once."""


def layout(ctx: Context, host: Host) -> Component:
    """Return the page."""
    imports = Imports(host)
    page = ctx.query.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    count = imports.lately(1)[1]
    number = min(number, page_count(count, PER_PAGE))
    found, count = imports.lately(PER_PAGE, (number - 1) * PER_PAGE)
    return html.Div(
        [
            page_head(
                _("Imports"),
                _("Ce que le système d’information de l’opérateur donne au portail"),
            ),
            html.Div(
                [_form(ctx, host), _datasets(host), _history(ctx, host, found, count, number)],
                className="stack",
            ),
        ]
    )


def _form(ctx: Context, host: Host) -> Component:
    datasets = host.registry.datasets()
    # The form is sent by 50-upload.js, which also makes its field for the file.
    customers: Sequence[Customer] = sorted(_customers(ctx), key=lambda c: c.name)
    asked = ctx.query.get("donnees", "")
    kinds = [{"label": _(d.label), "value": d.name} for d in datasets.values()]
    who = [
        {"label": _("Tous les clients"), "value": EVERYBODY},
        *({"label": f"{c.name} ({c.number})", "value": str(c.id)} for c in customers),
    ]
    fields = [
        _field("dataset", _("Jeu de données"), dbc.Select(
            id="host-imports-dataset", name="dataset", options=kinds,
            value=asked if asked in datasets else next(iter(datasets)))),
        _field("customer", _("Clients concernés"), dbc.Select(
            id="host-imports-customer", name="customer", options=who, value=EVERYBODY),
            _("D’un seul client : les lignes des autres sont rejetées, et restent.")),
        html.Div(
            [
                html.Label(_("Fichier"), htmlFor="host-imports-file", className="form-label"),
                html.Div(**attributes(data_file="host-imports-file")),
                html.Div(
                    _accepted(host),
                    className="form-text",
                ),
            ],
            className="full",
        ),
        _field("source", _("Source (facultatif)"), dbc.Input(
            id="host-imports-source", name="source", maxlength=60, autocomplete="off"),
            _("Le nom du logiciel d’où vient le fichier : ses colonnes sont retenues.")),
        html.Fieldset(
            [
                html.Legend(_("Le fichier contient"), className="form-label"),
                dbc.RadioItems(
                    id="host-imports-partial",
                    name="partial",
                    options=[
                        {"label": _("tout : ce qui n’y est plus est fermé"), "value": ""},
                        {"label": _("des changements : rien n’est fermé"), "value": "1"},
                    ],
                    value="",
                ),
            ]
        ),
    ]  # fmt: skip
    return html.Section(
        [
            html.Div(html.H2(_("Importer un fichier"), id="host-imports-new"),
                     className="panel-head"),
            html.Form(
                [
                    html.Div(html.Div(fields, className="fields"), className="pad"),
                    html.Div(
                        [
                            html.Span(className="import-said", role="status",
                                      **attributes(data_said="")),
                            html.Button(
                                _("Examiner le fichier"), type="submit",
                                className="btn btn-primary",
                            ),
                        ],
                        className="pad ruled import-submit",
                    ),
                ],
                **attributes(data_upload=f"{ADDRESS}/fichier"),
            ),
        ],
        className="card card-flush",
        **attributes(aria_labelledby="host-imports-new"),
    )  # fmt: skip


def _accepted(host: Host) -> str:
    said = _("CSV, XLSX ou JSON, %(n)s Mio au plus.", n=LARGEST_UPLOAD)
    names = [_(d.label) for d in host.registry.datasets().values() if d.gather is not None]
    if not names:
        return said
    more = _(
        "%(names)s : des PDF ou un ZIP, avec leur index (CSV, XLSX) ou sans.",
        names=", ".join(names),
    )
    return f"{said} {more}"


def _customers(ctx: Context) -> Sequence[Customer]:
    import sqlalchemy as sa

    found: Sequence[Customer] = ctx.db.all(sa.select(Customer).where(Customer.closed.is_(None)))
    return found


def _field(name: str, label: str, control: Component, hint: str | None = None) -> Component:
    below = [html.Div(hint, className="form-text")] if hint else []
    head = html.Label(label, htmlFor=f"host-imports-{name}", className="form-label")
    return html.Div([head, control, *below])


def _datasets(host: Host) -> Component:
    items = [_dataset(dataset) for dataset in host.registry.datasets().values()]
    return card(
        [
            html.P(
                _("Dans cet ordre : chacun nomme des lignes de ceux qui le précèdent."),
                className="soft small pad-top",
            ),
            html.Div(items, className="datasets"),
        ],
        title=_("Jeux de données et modèles"),
    )


def _dataset(dataset: Dataset) -> Component:
    rows = [
        html.Tr(
            [
                html.Td([html.B(_(c.header)), _flag(dataset, c.name)]),
                html.Td(words_of(c)),
                html.Td(c.example or missing()),
                html.Td(c.tmf or missing(), className="soft"),
            ]
        )
        for c in dataset.columns
        if not c.ignored
    ]
    heads = [_("Colonne"), _("Contenu"), _("Exemple"), _("TM Forum")]
    table = html.Table(
        [
            html.Caption(_("Colonnes : %(name)s", name=_(dataset.label)), className="sr-only"),
            html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
            html.Tbody(rows),
        ],
        className="grid plain import-columns",
    )
    files = [
        html.A([icon("download"), label], href=f"{ADDRESS}/{what}/{dataset.name}.{kind}",
               className="btn btn-secondary btn-sm")
        for what, kind, label in (
            ("modele", "csv", _("Modèle CSV")), ("modele", "xlsx", _("Modèle Excel")),
            ("export", "csv", _("Données CSV")), ("export", "xlsx", _("Données Excel")),
        )
    ]  # fmt: skip
    name = html.Summary([html.B(_(dataset.label)), html.Code(dataset.name)])
    scroll = attributes(role="region", aria_label=_("Colonnes : %(name)s", name=_(dataset.label)))
    body = [html.Div(files, className="import-files"),
            html.Div(table, className="scroll", tabIndex="0", **scroll)]  # fmt: skip
    return html.Details([name, *body])


def _flag(dataset: Dataset, name: str) -> Component:
    if name in dataset.key:
        return html.Span(_("clé"), className="tag tag-accent")
    column = dataset.column(name)
    return html.Span(_("obligatoire"), className="tag") if column.required else html.Span()


def _history(
    ctx: Context, host: Host, found: Sequence[ImportRun], count: int, page: int
) -> Component:
    head = html.Div(html.H2(_("Imports précédents")), className="panel-head")
    if not found:
        text = _("Le premier fichier importé sera ici, avec ce qu’il a changé.")
        return html.Section(
            [head, empty_state("file", _("Aucun import"), text)], className="card card-flush"
        )
    labels = {d.name: _(d.label) for d in host.registry.datasets().values()}
    noun = ngettext("import", "imports", count)
    return html.Section(
        [
            head,
            _table(ctx, labels).render(found),
            table_foot(count, page, PER_PAGE, lambda n: f"{ADDRESS}?page={n}", noun),
        ],
        className="card card-flush",
    )


def _table(ctx: Context, labels: Mapping[str, str]) -> Table[ImportRun]:
    return Table(
        label=_("Imports précédents"),
        columns=[
            Column(_("Date"), lambda r: formats.moment(r.created, ctx.zone)[:-3], "140px"),
            Column(_("Jeu de données"), lambda r: labels.get(r.dataset, r.dataset), "140px"),
            Column(_("Fichier"), lambda r: r.file, link=True),
            Column(_("Par"), _by, "200px"),
            Column(_("Changements"), _changes, "130px", numeric=True, absent="–"),
            Column(_("Rejets"), _rejects, "80px", numeric=True, absent="–"),
            Column(_("État"), lambda r: state_tag(r.state), "130px"),
        ],
        href=lambda r: f"{ADDRESS}/{r.id}",
        phone=lambda r: (
            icon("check" if r.state is RunState.DONE else "clock"),
            r.file,
            [
                f"{labels.get(r.dataset, r.dataset)} · {_(STATES[r.state][0])}",
                formats.moment(r.created, ctx.zone)[:-3],
            ],
        ),
    )


def _by(run: ImportRun) -> str:
    return _("commande ou dossier") if run.actor == "system" else run.actor


def _changes(run: ImportRun) -> str | None:
    if run.state is not RunState.DONE:
        return None
    return formats.number(sum(run.counts.get(action, 0) for action in RowAction))


def _rejects(run: ImportRun) -> str | None:
    return formats.number(run.counts["rejected"]) if run.counts else None
