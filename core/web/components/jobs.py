"""The jobs of somebody as a list: how far each is, its file, what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from core import formats
from core.i18n import N_, _
from core.jobs import JobState, JobView
from core.web.components.attributes import attributes
from core.web.components.frames import icon

WORDS = {
    JobState.QUEUED: (N_("En attente"), "tag"),
    JobState.RUNNING: (N_("En cours"), "tag tag-accent"),
    JobState.DONE: (N_("Prêt"), "tag tag-up"),
    JobState.FAILED: (N_("Échec"), "tag tag-down"),
    JobState.CANCELLED: (N_("Annulé"), "tag"),
}


def press(children: Any, store: str, value: dict[str, Any], **more: Any) -> Component:
    """Return a button that puts a value into a ``dcc.Store`` when pressed (``50-press.js``).

    With ``fields``, {name: id}, the values of these fields are put in too. The callback hears
    each press; what it is given is the browser's word.
    """
    fields = more.pop("fields", None)
    data = attributes(
        data_press=store,
        data_value=json.dumps(value),
        data_fields=json.dumps(fields) if fields else None,
    )
    return html.Button(children, type="button", **data, **more)


def job_list(
    jobs: Sequence[JobView],
    zone: ZoneInfo,
    title: Callable[[JobView], tuple[str, str]],
    *,
    store: str,
) -> Component:
    """Return jobs as a list; ``title(job)`` gives its name and what it is, in words.

    « Annuler » and « Supprimer » put ``{"job": id, "do": "cancel" or "delete"}`` into ``store``.
    """
    return html.Ul([_item(job, zone, title, store) for job in jobs], className="jobs")


def _item(
    job: JobView, zone: ZoneInfo, title: Callable[[JobView], tuple[str, str]], store: str
) -> Component:
    name, what = title(job)
    word, css = WORDS[job.state]
    said = _("Annulation…") if job.stopping and job.under_way else _(word)
    head = html.Div(
        [html.B(name), html.Span(what, className="soft"), html.Span(said, className=css)]
    )
    parts: list[Any] = [head]
    if job.state is JobState.RUNNING:
        parts.append(_bar(job, name))
    parts.append(html.Div(" · ".join(_facts(job, zone)), className="muted small"))
    if job.error:
        parts.append(html.Div([icon("warn"), html.Span(_(job.error))], className="job-error small"))
    return html.Li([html.Div(parts, className="job-words"), _actions(job, name, store)])


def _bar(job: JobView, name: str) -> Component:
    percent = formats.percent(job.progress / 100, 0)
    label = attributes(aria_label=_("Avancement de %(name)s", name=name))
    bar = html.Progress(value=str(job.progress), max="100", **label)
    return html.Div([bar, html.Span(percent, className="tabular small")], className="job-bar")


def _facts(job: JobView, zone: ZoneInfo) -> list[str]:
    said = [_("demandé le %(at)s", at=formats.moment(job.created, zone)[:-3])]
    if job.state is JobState.DONE and job.ended:
        said = [_("fait le %(at)s", at=formats.moment(job.ended, zone)[:-3])]
        said.append(formats.octets(job.size))
        if job.expires:
            said.append(_("gardé jusqu’au %(at)s", at=formats.moment(job.expires, zone)[:-3]))
    return said


def _actions(job: JobView, name: str, store: str) -> Component:
    def button(label: str, do: str) -> Component:
        value = {"job": job.id, "do": do}
        off = job.stopping and job.under_way
        return press([label, which], store, value, className="btn btn-secondary", disabled=off)

    which, shown = html.Span(f" {name}", className="sr-only"), []
    if job.href:
        words = [icon("download"), _("Télécharger"), which]
        shown.append(html.A(words, href=job.href, className="btn btn-primary"))
    cancel, delete = _("Annuler"), _("Supprimer")
    shown.append(button(cancel, "cancel") if job.under_way else button(delete, "delete"))
    return html.Div(shown, className="job-actions")
