"""« Informations administratives » of a service: its state, its links, what the rubrics add.

Two parts that a page may refresh apart: what says the state, and the tabs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import structlog
from dash import html
from dash.development.base_component import Component

from core import formats
from core.answers import Tab
from core.i18n import _
from core.network.inventory import Link, LinkRole, Service
from core.network.live import LinkView, ServiceView, service_views
from core.network.status import Reason
from core.rubric import Context, Rubric
from core.web.components import (
    attributes,
    empty_state,
    error_card,
    icon,
    mark,
    missing,
    note,
    push,
    running,
    state_tag,
    state_text,
)
from core.web.contributions import action_links
from core.web.words import capital, link_word, reason_words, service_sentence

log = structlog.get_logger("balise.web")


def link_panel(
    ctx: Context,
    service: Service,
    tab: str | None = None,
    query: Mapping[str, str] | None = None,
    *,
    id: str = "panel",
) -> Component:
    """Return the panel of a service that came from ``ctx.db``.

    ``tab`` is the id of the open tab, the first one when unknown; ``query`` the rest of the
    address: the links of the tabs keep it, and the tabs find it in ``ctx.query``. The part that
    says the state has the id ``<id>-state`` and is ``panel_state``'s; the tabs stand in
    ``<id>-tabs``.
    """
    main = service.link(LinkRole.MAIN) or service.link(LinkRole.BACKUP)
    # A callback's own query is empty: the tabs read the address of the page.
    ctx = replace(ctx, query=dict(query or {}))
    return html.Section(
        [
            html.Div(panel_state(ctx, service, id=id), id=f"{id}-state"),
            html.Div(_tabs(ctx, main, tab), id=f"{id}-tabs"),
            html.Div(
                note(
                    _(
                        "Les indications de statut des liens sont données à titre indicatif et ne "
                        "sont pas contractuelles. Seule l’ouverture d’un ticket d’incident entre "
                        "dans le calcul des SLA."
                    )
                ),
                className="pad ruled",
            ),
        ],
        id=id,
        className="card card-flush",
        **attributes(aria_labelledby=f"{id}-title"),
    )


def panel_state(ctx: Context, service: Service, *, id: str = "panel") -> list[Component]:
    """Return the head and the three blocks of the panel, as they are now."""
    seen = service_views(ctx, service.id).services
    if not seen:
        return [not_found()]
    view = seen[0]
    main = service.link(LinkRole.MAIN) or service.link(LinkRole.BACKUP)
    blocks = [_service_block(ctx, view)]
    blocks += [
        _link_block(role, service.link(role), shown)
        for role, shown in ((LinkRole.MAIN, view.main), (LinkRole.BACKUP, view.backup))
    ]
    return [_head(ctx, view, main, id), html.Div(blocks, className="sheet")]


def not_found() -> Component:
    """Return what stands for a service that is not there, or not this user's: the same."""
    text = _("Ce service n’existe pas, ou n’est pas dans votre périmètre.")
    return html.Div(empty_state("search", _("Service introuvable"), text), className="card")


def _head(ctx: Context, view: ServiceView, main: Link | None, panel_id: str) -> Component:
    title = [_("Informations administratives"), f" · {view.site}"]
    parts: list[Any] = [html.H2(title, id=f"{panel_id}-title")]
    reason = _reason(ctx, view.reason, view.since)
    if reason:
        parts.append(state_tag(view.state, capital(reason)))
    actions = [*_copier(view), *action_links(ctx, main)]
    parts.append(html.Div(actions, className="end"))
    return html.Div(parts, className="panel-head")


def _copier(view: ServiceView) -> list[Component]:
    """Return what copies the address of the page with this service chosen, and what says so."""
    chosen = f"?{urlencode({'service': view.reference or view.id})}"
    done = attributes(data_copy_address=chosen, data_done=_("Adresse copiée"))
    return [
        html.Button(
            [icon("copy"), _("Copier l’adresse")],
            type="button",
            className="btn btn-secondary",
            **done,
        ),
        html.Span(role="status", className="copied small soft"),
    ]


def _service_block(ctx: Context, view: ServiceView) -> Component:
    commune = " ".join(part for part in (view.postal_code, view.commune) if part)
    sentence = service_sentence(view.state, view.reason)
    return html.Section(
        [
            html.H3([mark(view.state, large=True), sentence]),
            _sheet(
                [
                    (_("Durée du statut en cours"), _duration(ctx, view.since)),
                    (_("Société"), view.company),
                    (_("Site"), view.site),
                    (_("Commune"), commune),
                ]
            ),
        ]
    )


def _duration(ctx: Context, since: datetime | None) -> Any:
    if since is None:
        return None
    start = _("depuis le %(moment)s", moment=formats.moment(since, ctx.zone))
    return [
        running(since, css="strong"),
        " ",
        html.Span(start, className="muted small"),
    ]


def _link_block(role: LinkRole, link: Link | None, view: LinkView | None) -> Component:
    main = role is LinkRole.MAIN
    title = _("Liaison principale") if main else _("Liaison secondaire")
    if link is None or view is None:
        absent = _("Ce service n’a pas de liaison principale.")
        if not main:
            absent = _("Ce service n’a pas de liaison de secours.")
        return html.Section([html.H3(title), html.P(absent, className="soft small")])
    device = link.device
    state: list[Any] = [state_text(view.status.state, link_word(view.status.state))]
    if view.status.reason is not Reason.NONE:
        why = reason_words(view.status.reason)
        state.append(html.Span(f" · {why}", className="soft"))
    return html.Section(
        [
            html.H3([mark(view.status.state), title]),
            _sheet(
                [
                    (_("Désignation"), link.designation),
                    (_("N° de référence"), html.Span(link.reference, className="nowrap")),
                    (_("Type liaison"), _("Principale") if main else _("Backup")),
                    (_("Type routeur"), device.model if device else None),
                    (_("État de la liaison"), state),
                ]
            ),
        ]
    )


def _sheet(facts: Sequence[tuple[str, Any]]) -> Component:
    """Return names and values; an empty value stays visible, « N/A »."""
    parts: list[Component] = []
    for name, value in facts:
        parts += [html.Dt(name), html.Dd(value or missing())]
    return html.Dl(parts, className="dl")


def _reason(ctx: Context, reason: Reason, since: datetime | None) -> str:
    return reason_words(reason, formats.age(ctx.now - since) if since else None)


def _ask(ctx: Context, hook: str, link: Link | None, failed: list[Rubric]) -> list[Any]:
    """Return the answers of the rubrics; the host isolates the one that raises."""
    if link is None:
        return []
    return [item for _rubric, item in ctx.ask(hook, link=link, failed=failed)]


def _tabs(ctx: Context, main: Link | None, asked: str | None) -> list[Component]:
    failed: list[Rubric] = []
    tabs: list[Tab] = sorted(
        _ask(ctx, "link_tabs", main, failed), key=lambda tab: (tab.order, tab.id)
    )
    tabs += [Tab(r.id, _(r.label), partial(error_card, ctx.reference)) for r in failed]
    if not tabs:
        return []
    shown = next((tab for tab in tabs if tab.id == asked), tabs[0])
    items = []
    for tab in tabs:
        current = tab is shown
        link = push(
            _(tab.label),
            f"?{urlencode({**ctx.query, 'onglet': tab.id})}",
            merge=True,
            className="nav-link active" if current else "nav-link",
            **attributes(aria_current="true" if current else None),
        )
        items.append(html.Li(link, className="nav-item"))
    return [
        html.Nav(
            html.Ul(items, className="nav nav-tabs swipe"),
            className="tabs ruled",
            **attributes(aria_label=_("Vues de la liaison")),
        ),
        html.Div(_rendered(ctx, shown)),
    ]


def _rendered(ctx: Context, tab: Tab) -> Any:
    try:
        return tab.render()
    except (Exception, SystemExit):  # a rubric's own failure: this tab says so, the panel stays
        log.exception("tab failed", tab=tab.id, reference=ctx.reference)
        return error_card(ctx.reference)
