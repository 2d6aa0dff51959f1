"""« Collecte », for the operator: what each process of the collector does, which routers fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import html, no_update
from dash.development.base_component import Component

from core import formats
from core.host import Host
from core.i18n import _, ngettext
from core.network.collection import Collection, CollectorState, Trouble, collection
from core.network.live import fold
from core.network.status import State
from core.rubric import Context
from core.web.collection_words import OUTCOMES, advice, outcome_short, outcome_words, why
from core.web.components import (
    Chip,
    Column,
    Table,
    chips,
    empty_state,
    live,
    mark,
    missing,
    page_count,
    page_head,
    search_form,
    table_foot,
)

ADDRESS = "/collecte"
PER_PAGE = 25
SILENT = 60
"""Seconds after which a process that told nothing of itself is said to have stopped."""

PARTS = ("size", "processes", "causes", "troubles")
"""What a tick brings anew: the ends of the ids of those parts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for."""

    outcome: str = ""
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        page = query.get("page", "1")
        outcome = query.get("cause", "")
        return cls(
            outcome if outcome in OUTCOMES else "",
            query.get("q", "").strip()[:80],
            int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )

    def with_(self, **changes: Any) -> str:
        """Return the address that asks for the same but for these."""
        other = replace(self, **changes)
        known = {"cause": other.outcome, "q": other.text}
        known["page"] = str(other.page) if other.page > 1 else ""
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{ADDRESS}?{query}" if query else ADDRESS


def layout(ctx: Context, host: Host) -> Component:
    """Return the page."""
    asked, seen = Asked.of(ctx.query), _seen(ctx, host)
    search = search_form(
        asked.text, _("Routeur, société, site"), _("Chercher un routeur"), id="host-collect-search"
    )
    return html.Div(
        [
            page_head(_("Collecte"), html.Span(_size(seen), id="host-collect-size")),
            html.Div(
                [
                    html.Section(
                        _processes(ctx, seen), id="host-collect-processes",
                        className="card card-flush",
                    ),
                    html.Section(
                        [
                            html.Div(
                                [
                                    html.Div(_causes(seen, asked), id="host-collect-causes"),
                                    html.Div(search, className="end"),
                                ],
                                className="bar pad",
                            ),
                            html.Div(_troubles(ctx, seen, asked), id="host-collect-troubles"),
                        ],
                        className="card card-flush",
                    ),
                ],
                className="stack",
            ),
            live("host-collect-tick", ctx.refresh_seconds, ctx.stale_after),
        ]
    )  # fmt: skip


def refresh(host: Host, ctx: Context, search: object, _tick: object, path: object) -> Any:
    """Return the moving parts of the page as the address asks for them."""
    if path != ADDRESS:
        return (no_update,) * 4
    text = search.removeprefix("?")[:2000] if isinstance(search, str) else ""
    asked, seen = Asked.of(dict(parse_qsl(text))), _seen(ctx, host)
    return (
        _size(seen),
        _processes(ctx, seen),
        _causes(seen, asked),
        _troubles(ctx, seen, asked),
    )


def _seen(ctx: Context, host: Host) -> Collection:
    return collection(host.engine, host.metrics.freshness(), ctx.now, ctx.stale_after)


def _size(seen: Collection) -> str:
    """Return « 481 routeurs, 588 liaisons, 12 routeurs en défaut »."""
    said = [
        ngettext("%(n)s routeur", "%(n)s routeurs", seen.devices),
        ngettext("%(n)s liaison", "%(n)s liaisons", seen.links),
    ]
    if seen.troubles:
        said.append(
            ngettext("%(n)s routeur en défaut", "%(n)s routeurs en défaut", len(seen.troubles))
        )
    return ", ".join(said)


def _processes(ctx: Context, seen: Collection) -> list[Any]:
    head = html.Div(html.H2(_("Processus de collecte")), className="panel-head")
    if not seen.processes:
        text = _("Aucun n’a encore tourné : lancez « balise up » ou « balise collect ».")
        return [head, empty_state("pulse", _("Aucun collecteur"), text)]
    return [head, html.Div(_process_table(ctx, seen.processes), className="scroll")]


def _process_table(ctx: Context, processes: Sequence[CollectorState]) -> Component:
    titles = (
        _("Processus"), _("Moteur SNMP"), _("Routeurs"), _("Relevés/s"), _("Retard"),
        _("Sans réponse"), _("Mis en attente"), _("Trous de mesure"), _("À écrire"),
    )  # fmt: skip
    heads = [
        html.Th(
            t,
            scope="col",
            className="num" if i > 1 else "",
            style=None if i else {"minWidth": 160, "width": 280},
        )
        for i, t in enumerate(titles)
    ]
    return html.Table(
        [
            html.Caption(_("Processus de collecte"), className="sr-only"),
            html.Thead(html.Tr(heads)),
            html.Tbody([_process_row(ctx, process) for process in processes]),
        ],
        className="grid",
    )


def _process_row(ctx: Context, process: CollectorState) -> Component:
    age = ctx.now - process.at
    stopped = age.total_seconds() > SILENT
    refused = process.numbers.get("refused_since")
    state = State.DOWN if stopped else State.DEGRADED if refused else State.UP
    said = _("en marche")
    if stopped:
        said = _("arrêté : rien reçu depuis %(age)s", age=formats.age(age))
    elif refused:
        said = _("la base refuse les mesures : elles attendent")
    name = html.Span([html.Span([mark(state), _ordinal(process.name)], className="led-word"),
                      html.Span(said, className="led-why")])  # fmt: skip
    cells = [missing() if stopped else cell for cell in _figures(process.numbers)]
    return html.Tr(
        [
            html.Td(name),
            html.Td(process.engine),
            *[html.Td(cell, className="num") for cell in cells],
        ]
    )


def _ordinal(shard: str) -> str:
    """Return « collecteur 1/2 » for the shard « 0/2 »."""
    number, _slash, of = shard.partition("/")
    return _("collecteur %(n)s/%(of)s", n=int(number) + 1, of=of)


def _figures(told: Mapping[str, Any]) -> list[str]:
    return [
        formats.number(told.get("devices", 0)),
        formats.number(told.get("visits_per_second", 0), 1),
        _("%(n)s s", n=formats.number(told.get("lag", 0), 1)),
        _("%(n)s /min", n=formats.number(told.get("timeouts_per_minute", 0))),
        formats.number(told.get("backed_off", 0)),
        formats.number(sum(told.get("gaps", {}).values())),
        formats.number(told.get("unwritten", 0)),
    ]


def _causes(seen: Collection, asked: Asked) -> Component:
    items = [
        Chip(
            label=outcome_words(outcome),
            short=outcome_short(outcome),
            count=count,
            href=asked.with_(outcome="" if asked.outcome == outcome else outcome, page=1),
            current=asked.outcome == outcome,
            mark=mark(State.UNKNOWN),
        )
        for outcome, count in seen.counts().items()
    ]
    return chips(items, _("Filtrer par cause"))


def _troubles(ctx: Context, seen: Collection, asked: Asked) -> list[Any]:
    if not seen.troubles:
        text = _("Chaque routeur a répondu à son dernier relevé.")
        return [empty_state("pulse", _("Aucun routeur en défaut"), text)]
    words = fold(asked.text).split()
    matching = [
        trouble
        for trouble in seen.troubles
        if asked.outcome in ("", trouble.outcome)
        and all(w in fold(f"{trouble.device} {trouble.company} {trouble.site}") for w in words)
    ]
    if not matching:
        text = _("Aucun routeur en défaut ne répond à ces filtres.")
        return [empty_state("filter", _("Aucun routeur"), text)]
    page = min(asked.page, page_count(len(matching), PER_PAGE))
    shown = matching[(page - 1) * PER_PAGE : page * PER_PAGE]
    noun = ngettext("routeur", "routeurs", len(matching))
    return [
        _table(ctx, asked).render(shown),
        table_foot(len(matching), page, PER_PAGE, lambda n: asked.with_(page=n), noun),
    ]


def _table(ctx: Context, asked: Asked) -> Table[Trouble]:
    since = partial(_since, ctx)
    return Table(
        label=_("Routeurs en défaut"),
        columns=[
            Column(_("État"), _cause, "330px"),
            Column(_("Routeur"), lambda t: t.device),
            Column(_("Société"), lambda t: t.company),
            Column(_("Site"), lambda t: t.site),
            Column(_("Depuis"), since, "150px"),
            Column(
                _("Dernier relevé"),
                lambda t: formats.moment(t.read_at, ctx.zone) if t.read_at else None,
                "160px",
                absent=_("jamais"),
            ),
            Column(_("Liaisons"), lambda t: formats.number(t.links), "80px", numeric=True),
        ],
        href=lambda t: asked.with_(text=t.device, page=1),
        phone=lambda t: (
            mark(State.UNKNOWN),
            t.device,
            [f"{outcome_words(t.outcome)} · {since(t) or ''}", f"{t.company} · {t.site}"],
        ),
    )  # fmt: skip


def _since(ctx: Context, trouble: Trouble) -> str | None:
    return formats.age(ctx.now - trouble.since) if trouble.since else None


def _cause(trouble: Trouble) -> Component:
    said, reason = outcome_words(trouble.outcome), why(trouble)
    if trouble.backed_off:
        said = _("%(cause)s, sondé de loin en loin", cause=said)
    parts = dict.fromkeys((said, reason, advice(trouble.outcome)))
    return html.Span(
        [
            html.Span([mark(State.UNKNOWN), said], className="led-word"),
            html.Span(reason, className="led-why"),
        ],
        title=" · ".join(part for part in parts if part),
    )
