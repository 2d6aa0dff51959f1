"""The page of one import: its columns, what it would change, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from dash import Input, Output, dcc, html, no_update
from dash import State as Sent
from dash.development.base_component import Component

from core import formats
from core.host import Host
from core.i18n import _
from core.imports import jobs
from core.imports import mapping as mappings
from core.imports.dialect import Dialect
from core.imports.limits import FileError
from core.imports.models import OVER, ImportRun, RunState
from core.imports.runs import Imports
from core.jobs import JobError, JobView
from core.rubric import Context
from core.web.components import attributes, empty_state, icon, live, note, page_head
from core.web.components.jobs import press
from core.web.import_documents import unread
from core.web.import_preview import closes_most, holds_documents, preview, report
from core.web.import_words import state_tag
from core.web.imports_page import ADDRESS

ACT = "host-import-act"
_STEPS = (
    (RunState.RECEIVED,),
    (RunState.CHECKING, RunState.READY, RunState.APPLYING),
    OVER,
)
BUSY = (RunState.CHECKING, RunState.APPLYING)


def layout(ctx: Context, host: Host, number: int) -> Component:
    """Return the page of an import."""
    run = Imports(host).find(number)
    if run is None:
        gone = _("Aucun import n’a ce numéro.")
        back = html.A(_("Tous les imports"), href=ADDRESS, className="btn btn-secondary")
        return empty_state("search", _("Import introuvable"), gone, back)
    return html.Div(
        [
            html.Div(body(ctx, host, run, ctx.query, None), id="host-import-body"),
            dcc.Store(id="host-import-version", data=_version(ctx, run, ctx.query, None)),
            dcc.Store(id=ACT),
            dcc.Store(id="host-import-acted"),
            live("host-import-tick", 2),
        ]
    )


def callbacks(host: Host) -> list[tuple[Any, Callable[..., Any], list[Any]]]:
    """Return (outputs, function, inputs and states) of what the page does."""
    path = Sent("host-url", "pathname")
    return [
        (Output("host-import-acted", "data"), partial(act, host), [Input(ACT, "data"), path]),
        (
            [Output("host-import-body", "children"), Output("host-import-version", "data")],
            partial(refresh, host),
            [
                Input("host-import-acted", "data"),
                Input("host-import-tick", "n_intervals"),
                Input("host-url", "search"),
                Sent("host-import-version", "data"),
                path,
            ],
        ),
    ]


def _asked(host: Host, path: object) -> ImportRun | None:
    """Return the import whose page an address is, the browser's word."""
    tail = path.removeprefix(f"{ADDRESS}/") if isinstance(path, str) else ""
    known = tail.isascii() and tail.isdigit() and len(tail) < 10
    return Imports(host).find(int(tail)) if known else None


def refresh(
    host: Host,
    ctx: Context,
    acted: object,
    _tick: object,
    search: object,
    version: object,
    path: object,
) -> Any:
    """Return the page as it is now; nothing while nothing moved, so that no choice is lost."""
    run = _asked(host, path)
    if run is None:
        return no_update, no_update
    text = search.removeprefix("?")[:200] if isinstance(search, str) else ""
    known, query = acted if isinstance(acted, dict) else {}, dict(parse_qsl(text))
    now = _version(ctx, run, query, known.get("press"))
    if now == version:
        return no_update, no_update
    said = known.get("said")
    return body(ctx, host, run, query, said if isinstance(said, str) else None), now


def _version(ctx: Context, run: ImportRun, query: Mapping[str, str], press: object) -> str:
    """Return what tells one state of the page from another."""
    job = next(iter(_jobs(ctx, run)), None)
    now = f"{run.state}|{run.counts}|{press}|{sorted(query.items())}"
    return f"{now}|{job.id}|{job.state}|{job.progress}" if job else now


def act(host: Host, ctx: Context, pressed: object, path: object) -> Any:
    """Do what a button asks; return what there is to say of it."""
    run = _asked(host, path)
    if run is None or not isinstance(pressed, dict):
        return no_update
    imports, do = Imports(host), pressed.get("do")
    try:
        waiting = any(job.under_way for job in _jobs(ctx, run))
        if do == "check" and run.state not in OVER and not waiting:
            _check(ctx, imports, run, pressed)
        elif do == "columns" and run.state is RunState.READY:
            imports.back_to_columns(run.id)
        elif do == "write" and run.state is RunState.READY:
            _write(ctx, imports, run, closing=bool(pressed.get("closing")))
        elif do == "abandon" and run.state not in OVER:
            imports.give_up(run.id)
            ctx.audit("import abandoned", run.dataset, run=run.id, file=run.file)
        elif do == "cancel":
            for job in _jobs(ctx, run):
                ctx.jobs.cancel(job.id)
            imports.waits(run.id, over=True)
    except (FileError, JobError) as error:
        return {"said": str(error), "press": pressed.get("press")}
    return {"said": None, "press": pressed.get("press")}


def _check(ctx: Context, imports: Imports, run: ImportRun, pressed: Mapping[str, Any]) -> None:
    if imports.dataset(run).gather is None:
        _map(imports, run, pressed)
    if run.octets >= jobs.BIG:
        jobs.order(ctx, imports, run.id, write=False)
        return
    try:
        imports.look_over(run.id)
    except FileError as error:
        imports.give_up(run.id, str(error), RunState.REFUSED)


def _map(imports: Imports, run: ImportRun, pressed: Mapping[str, Any]) -> None:
    """Keep the columns that were chosen. Raises ``FileError`` when they do not do."""
    mapping = dict(run.mapping)
    for place, head in enumerate(mapping):
        if (chosen := pressed.get(f"c{place}")) is not None:
            mapping[head] = str(chosen)[:80]
    dataset = imports.dataset(run)
    names = {column.name for column in dataset.columns}
    mapping = {h: c if c in names else mappings.SKIPPED for h, c in mapping.items()}
    imports.map(run.id, mapping)
    if wrong := mappings.problems(dataset, mapping):
        raise FileError(" ".join(wrong))


def _write(ctx: Context, imports: Imports, run: ImportRun, *, closing: bool) -> None:
    if closes_most(run) and not closing:
        text = _("Rien n’est écrit : dites d’abord que ce fichier est complet, ou abandonnez-le.")
        raise FileError(text)
    if run.octets >= jobs.BIG:
        jobs.order(ctx, imports, run.id, write=True, closing=closing)
        return
    imports.apply(run.id, allow_closing=closing)


def _jobs(ctx: Context, run: ImportRun) -> list[JobView]:
    found = ctx.jobs.mine(jobs.KIND)
    return [job for job in found if job.arguments.get("number") == run.id]


def body(
    ctx: Context, host: Host, run: ImportRun, query: Mapping[str, str], said: str | None
) -> list[Any]:
    """Return the page of an import in its state; ``said`` is why the last press did nothing."""
    imports = Imports(host)
    job = next(iter(_jobs(ctx, run)), None)
    documents = holds_documents(imports, run)
    parts: list[Any] = [_head(ctx, imports, run, documents), _steps(run, documents)]
    told = said or (job.error if job and run.state not in OVER else None)
    if told:
        parts.append(html.Div([icon("warn"), html.Span(told)], className="job-error import-alert",
                              role="alert"))  # fmt: skip
    if run.state in OVER:
        parts.append(report(ctx, imports, run))
    elif job.under_way if job else run.state in BUSY:
        parts.append(_under_way(job))
    elif run.state is not RunState.READY:
        parts.append(unread() if documents else _columns(imports, run, told))
    else:
        parts.append(preview(ctx, imports, run, query))
    return [html.Div(parts, className="stack")]


def _head(ctx: Context, imports: Imports, run: ImportRun, documents: bool) -> Component:
    dialect = Dialect(**run.dialect).words if run.dialect and not documents else None
    try:
        label = _(imports.dataset(run).label)
    except FileError:
        label = run.dataset
    whose = imports.customer_name(run) or _("tous les clients")
    how = None if documents else _("des changements") if run.partial else _("tout")
    facts = [run.file, formats.octets(run.octets), dialect, whose, how, run.source or None]
    line = html.Span(
        [part for fact in facts if fact for part in (html.Span(fact, className="piece"), " · ")][
            :-1
        ]
    )
    back = html.A(_("Tous les imports"), href=ADDRESS, className="btn btn-secondary")
    title = _("Import %(n)s : %(what)s", n=run.id, what=label)
    return page_head(title, line, [state_tag(run.state), back])


def _steps(run: ImportRun, documents: bool) -> Component:
    now = next(i for i, states in enumerate(_STEPS) if run.state in states) or int(documents)
    items = [html.Li(_("Fichier"), className="done")]
    words = (_("Colonnes"), _("Aperçu"), _("Compte rendu"))
    for place, word in enumerate(words):
        if documents and place == 0:
            continue
        css = "done" if place < now else "now" if place == now else ""
        current = attributes(aria_current="step" if place == now else None)
        items.append(html.Li(word, className=css, **current))
    return html.Ol(items, className="steps", **attributes(aria_label=_("Étapes de l’import")))


def _under_way(job: JobView | None) -> Component:
    percent = job.progress if job else 0
    waits = job is not None and job.state == "queued"
    writes = job is not None and job.arguments.get("write")
    label = _("Écriture") if writes else _("Lecture et comparaison")
    label = _("En attente du programme de fond") if waits else label
    bar = html.Progress(value=str(percent), max="100", **attributes(aria_label=label))
    cancel = press(_("Annuler"), ACT, {"do": "cancel"}, className="btn btn-secondary")
    return html.Section(
        html.Div(
            [
                html.B(label),
                html.Div(
                    [bar, html.Span(formats.percent(percent / 100, 0), className="tabular small")],
                    className="job-bar",
                ),
                html.P(
                    _("Vous pouvez quitter cette page : l’import se retrouve dans la liste."),
                    className="soft small mb-0",
                ),
                html.Div(cancel),
            ],
            className="pad import-wait",
        ),
        className="card card-flush",
    )


def _columns(imports: Imports, run: ImportRun, told: str | None) -> Component:
    dataset = imports.dataset(run)
    sample = imports.sample(run)
    options = [(c.name, _(c.header)) for c in dataset.columns if not c.ignored]
    rows, fields = [], {}
    for place, (head, column) in enumerate(run.mapping.items()):
        id_ = f"host-import-c{place}"
        fields[f"c{place}"] = id_
        examples = [row[place] for row in sample if place < len(row) and row[place]][:3]
        rows.append(
            html.Tr(
                [
                    html.Th(html.Label(head or _("(sans titre)"), htmlFor=id_), scope="row"),
                    html.Td(" · ".join(examples) or _("vide"), className="soft"),
                    html.Td([_choice(id_, column, options), _unknown(column)]),
                ]
            )
        )
    heads = (_("Titre dans le fichier"), _("Premières valeurs"), _("Colonne du portail"))
    table = html.Table(
        [
            html.Caption(_("Colonnes du fichier"), className="sr-only"),
            html.Thead(html.Tr([html.Th(h, scope="col") for h in heads])),
            html.Tbody(rows),
        ],
        className="grid plain import-map",
    )
    missing = [] if told else mappings.missing(dataset, run.mapping)
    return html.Section(
        [
            html.Div(html.H2(_("Quelle colonne est laquelle ?")), className="panel-head"),
            html.Div([note(p, "warn") for p in missing], className="pad") if missing else "",
            html.Div(table, className="scroll"),
            html.Div(
                [
                    press(_("Abandonner"), ACT, {"do": "abandon"}, className="btn btn-secondary"),
                    press(_("Vérifier le fichier"), ACT, {"do": "check"}, fields=fields,
                          className="btn btn-primary"),
                ],
                className="pad ruled import-submit",
            ),
        ],
        className="card card-flush",
    )  # fmt: skip


def _choice(id_: str, column: str | None, options: list[tuple[str, str]]) -> Component:
    every = [("", _("Ne pas importer")), *options]
    return html.Select(
        [
            html.Option(text, value=key, selected="selected" if key == (column or "") else None)
            for key, text in every
        ],
        id=id_,
        className="form-select",
    )


def _unknown(column: str | None) -> Any:
    return html.Span(_("inconnue"), className="tag tag-degraded") if column is None else ""
