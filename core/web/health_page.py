"""« Santé de la plateforme », for the operator: what is to be mended, how each rubric fares."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from core import formats, health
from core.faults import RubricFault
from core.health import Finding
from core.host import Host
from core.i18n import _, ngettext
from core.network.status import State
from core.rubric import Context
from core.rubric_states import RubricState, Standing
from core.web.components import Column, Table, empty_state, led, mark, page_head

LEVELS = {"ok": State.UP, "warning": State.DEGRADED, "error": State.DOWN}
STANDINGS = {
    Standing.SERVING: State.UP,
    Standing.PAUSED: State.DEGRADED,
    Standing.SET_ASIDE: State.DOWN,
    Standing.DISABLED: State.UNKNOWN,
}


def layout(ctx: Context, host: Host) -> Component:
    """Return the page."""
    found, states = health.examine(host, ctx.now)
    bad = sum(one.level == "error" for one in found)
    text = _("Tout est en ordre")
    if bad:
        text = ngettext("%(n)s point à corriger", "%(n)s points à corriger", bad)
    return html.Div(
        [
            page_head(_("Santé de la plateforme"), text),
            html.Div([_findings(found), _rubrics(ctx, host, states)], className="stack"),
        ]
    )


def _findings(found: Sequence[Finding]) -> Component:
    order = {"error": 0, "warning": 1, "ok": 2}
    # A rubric in order says nothing here: it has its line below.
    told = [one for one in found if one.level != "ok" or not one.subject.startswith("rubric:")]
    rows = [
        html.Li(
            [
                led(LEVELS[one.level], word=False),
                html.Div(
                    [html.Strong(_subject(one.subject)), html.Div(one.text, className="soft")]
                ),
            ]
        )
        for one in sorted(told, key=lambda one: order[one.level])
    ]
    return html.Section(html.Ul(rows, className="rows"), className="card card-flush")


def _subject(subject: str) -> str:
    """Return « Processus web » for « process:web »."""
    kind, _colon, name = subject.partition(":")
    words = {
        "database": _("Base de données"),
        "collector": _("Mesures"),
        "rubric": _("Rubrique"),
        "process": _("Processus"),
        "package": _("Paquet"),
    }
    return f"{words.get(kind, kind)} {name}".rstrip()


def _rubrics(ctx: Context, host: Host, states: Sequence[RubricState]) -> Component:
    head = html.Div(html.H2(_("Rubriques")), className="panel-head")
    if not states:
        text = _("Aucun dossier de plugins/ et aucun paquet installé n’en apporte.")
        return html.Section(
            [head, empty_state("pulse", _("Aucune rubrique"), text)], className="card card-flush"
        )
    return html.Section(
        [head, _table(ctx, host).render(states)], className="card card-flush", id="rubriques"
    )


def _table(ctx: Context, host: Host) -> Table[RubricState]:
    def href(one: RubricState) -> str:
        rubric = host.registry.rubrics.get(one.id)
        pages = [page.path for page in rubric.pages if page.menu] if rubric else []
        return pages[0] if pages else f"/{one.id}"

    return Table(
        label=_("Rubriques"),
        columns=[
            Column(_("État"), lambda one: _state(ctx, one), "220px"),
            Column(_("Rubrique"), lambda one: _(one.label), link=True),
            Column(_("Paquet"), lambda one: f"{one.distribution} {one.version}".strip()),
            Column(_("Module"), lambda one: one.name),
            Column(_("Chargement"), _loading, "100px", numeric=True, absent="–"),
            Column(_("Échecs"), _failures, "70px", numeric=True),
            Column(_("Dernier échec"), lambda one: _last(ctx, one.fault), "270px", absent="–"),
        ],
        href=href,
        phone=lambda one: (
            mark(STANDINGS[one.standing]),
            _(one.label),
            [
                f"{_word(ctx, one)} · {one.distribution} {one.version}".rstrip(),
                _failed_on_a_phone(ctx, one),
            ],
        ),
    )


def _word(ctx: Context, one: RubricState) -> str:
    if one.standing is Standing.PAUSED and one.fault and one.fault.until:
        return _("En pause jusqu’à %(time)s", time=formats.clock(one.fault.until, ctx.zone))
    return {
        Standing.SERVING: _("En service"),
        Standing.SET_ASIDE: _("À l’écart"),
        Standing.DISABLED: _("Désactivée"),
    }.get(one.standing, _("En pause"))


def _state(ctx: Context, one: RubricState) -> Component:
    word = html.Span([mark(STANDINGS[one.standing]), _word(ctx, one)], className="led-word")
    if not one.why:
        return word
    why = " ".join(one.why)
    return html.Span([word, html.Span(why, className="led-why")], title=why)


def _loading(one: RubricState) -> str | None:
    if one.seconds is None:
        return None
    return _("%(n)s ms", n=formats.number(one.seconds * 1000))


def _failures(one: RubricState) -> str:
    return formats.number(one.fault.failures if one.fault else 0)


def _last(ctx: Context, fault: RubricFault | None) -> Component | None:
    if fault is None:
        return None
    said = f"{formats.moment(fault.last, ctx.zone)} · {fault.place}"
    why = f"{fault.error} ({_('référence %(r)s', r=fault.reference)})"
    return html.Span(
        [html.Span(said, className="two"), html.Span(why, className="two small soft")],
        title=f"{said} · {why}",
    )


def _failed_on_a_phone(ctx: Context, one: RubricState) -> str:
    if one.fault is None:
        return " ".join(one.why)
    failures = ngettext("%(n)s échec", "%(n)s échecs", one.fault.failures)
    return f"{failures} · {formats.moment(one.fault.last, ctx.zone)} · {one.fault.error}"
