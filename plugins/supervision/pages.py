"""« État de vos services »: legend, table, and the panel of the service one chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    STATES,
    Chip,
    Column,
    Context,
    LiveServices,
    Pages,
    ServiceView,
    State,
    Table,
    _,
    capital,
    chips,
    empty_state,
    formats,
    led,
    link_panel,
    live,
    mark,
    ngettext,
    not_found,
    note,
    page_count,
    page_head,
    push,
    reason_words,
    search_form,
    service_views,
    state_word,
    table_foot,
)
from plugins.supervision.permissions import READ
from plugins.supervision.queries import ADDRESS, PER_PAGE, Asked, get_service

REFRESH_SECONDS = 10
PANEL = "supervision-panel"

pages = Pages()


@pages.page(ADDRESS, N_("État de vos services"), permission=READ, menu=N_("État de vos services"))
def services(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    seen = service_views(ctx)
    shown = Listing.of(ctx, seen, asked)
    fresh = html.Span(freshness(ctx, seen), id="supervision-fresh", className="fresh")
    return html.Div(
        [
            page_head(
                _("État de vos services"),
                html.Span(size(seen), id="supervision-size"),
                [fresh],
            ),
            html.Div(
                [
                    html.Section(
                        [_bar(seen, asked), html.Div(shown.table(), id="supervision-table")],
                        className="card card-flush",
                    ),
                    html.Div(detail(ctx, seen, asked), id="supervision-detail"),
                ],
                className="stack",
            ),
            live("supervision-tick", REFRESH_SECONDS),
            dcc.Store(id="supervision-version", data=shown.version()),
            dcc.Store(id="supervision-chosen", data=chosen(seen, asked)),
            dcc.Store(id="supervision-panel-version", data=panel_version(seen, asked)),
        ]
    )


def size(seen: LiveServices) -> str:
    """Return « 24 services sur 23 sites »."""
    services = ngettext("%(n)s service", "%(n)s services", len(seen.services))
    sites = ngettext("%(n)s site", "%(n)s sites", seen.sites())
    return _("%(services)s sur %(sites)s", services=services, sites=sites)


def freshness(ctx: Context, seen: LiveServices) -> list[Any]:
    """Return « Mesures à 10:42:06 »; the LED is grey when that is too long ago."""
    if seen.read_at is None:
        return [mark(State.UNKNOWN), _("Aucune mesure reçue")]
    age = ctx.now - seen.read_at
    if age.total_seconds() > ctx.stale_after:
        late = _("Dernières mesures il y a %(age)s", age=formats.age(age))
        return [mark(State.UNKNOWN), late]
    return [mark(State.UP), _("Mesures à %(clock)s", clock=formats.clock(seen.read_at, ctx.zone))]


def _bar(seen: LiveServices, asked: Asked) -> Component:
    return html.Div(
        [
            html.Span(_("Légende :"), className="soft small hide-phone"),
            html.Div(legend(seen, asked), id="supervision-legend"),
            html.Div(
                search_form(
                    asked.text,
                    _("Société, site, commune, référence"),
                    _("Chercher un service"),
                    id="supervision-search",
                ),
                className="end",
            ),
        ],
        className="bar pad",
    )


def legend(seen: LiveServices, asked: Asked) -> Component:
    """Return the states with their counters; each one filters, and filters no more."""
    matching = seen.matching(asked.text) if asked.text else seen.services
    items = []
    for state in (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN):
        current = asked.state is state
        items.append(
            Chip(
                label=_(STATES[state].legend),
                short=_(STATES[state].one),
                count=sum(service.state is state for service in matching),
                href=asked.with_(state=None if current else state, page=1),
                current=current,
                mark=mark(state),
            )
        )
    return chips(items, _("Filtrer par état"))


def chosen(seen: LiveServices, asked: Asked) -> list[str]:
    """Return what the panel shows: the service asked for (the only one, if so), and its tab."""
    only = str(seen.services[0].id) if len(seen.services) == 1 else ""
    return [asked.service or only, asked.tab]


def detail(ctx: Context, seen: LiveServices, asked: Asked) -> Any:
    """Return the panel of the chosen service."""
    wanted, tab = chosen(seen, asked)
    # The tick writes the panel's state part: it stands on the page even without a panel.
    nowhere = html.Div(id=f"{PANEL}-state", hidden=True)
    if not wanted:
        if not seen.services:
            return nowhere
        hint = _("Choisissez un service dans la table pour voir ses liaisons et son trafic.")
        return [html.Div(note(hint), className="pad"), nowhere]
    service = get_service(ctx, seen.find(wanted))
    if service is None:
        return [not_found(), nowhere]
    return link_panel(ctx, service, tab, {"service": wanted}, id=PANEL)


def panel_version(seen: LiveServices, asked: Asked) -> str:
    """Return what changes when the state part of the panel must be drawn again."""
    view = seen.find(chosen(seen, asked)[0])
    if view is None:
        return ""
    parts: list[Any] = [view.status, view.since]
    for link in (view.main, view.backup):
        parts += [link.status, link.since] if link else []
    return repr(parts)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the table, and how to tell what changed in it."""

    ctx: Context
    asked: Asked
    every: int
    matching: Sequence[ServiceView]
    page: int
    chosen: int | None

    @classmethod
    def of(cls, ctx: Context, seen: LiveServices, asked: Asked) -> Listing:
        matching = seen.matching(asked.text, asked.state)
        page = min(max(1, asked.page), page_count(len(matching), PER_PAGE))
        view = seen.find(chosen(seen, asked)[0])
        return cls(ctx, asked, len(seen.services), matching, page, view.id if view else None)

    @property
    def services(self) -> Sequence[ServiceView]:
        return self.matching[(self.page - 1) * PER_PAGE : self.page * PER_PAGE]

    def is_chosen(self, service: ServiceView) -> bool:
        return service.id == self.chosen

    def version(self) -> dict[str, Any]:
        """Return the state of this page: what a later one is compared with."""
        filters = [self.asked.state or "", self.asked.text, self.page, len(self.matching)]
        rows = [[s.id, self.why(s), self.is_chosen(s)] for s in self.services]
        return {"filters": filters, "rows": rows}

    def why(self, service: ServiceView) -> str:
        """Return « Dégradé · secours actif »."""
        age = formats.age(self.ctx.now - service.since) if service.since else None
        reason = reason_words(service.reason, age)
        return " · ".join(part for part in (state_word(service.state), capital(reason)) if part)

    def rows(self) -> Table[ServiceView]:
        """Return how a service is shown."""
        return Table(
            label=_("État de vos services"),
            columns=[
                Column(_("État"), self._state, "118px", sorted=True),
                Column(_("Société"), lambda s: s.company),
                Column(_("Site"), lambda s: s.site, link=True),
                Column(_("Commune"), lambda s: s.commune, "172px"),
                Column(_("Désignation\nprincipale"), _of("main", "designation"), "136px"),
                Column(_("N° de référence\nprincipale"), _of("main", "reference"), "142px"),
                Column(
                    _("Désignation\nsecondaire"), _of("backup", "designation"), "132px", absent="–"
                ),
                Column(
                    _("N° de référence\nsecondaire"),
                    _of("backup", "reference"),
                    "142px",
                    absent="–",
                ),
            ],
            href=lambda s: self.asked.with_(service=s.reference or str(s.id), page=self.page),
            phone=self._folded,
            scroll_to="supervision-detail",
        )

    def _state(self, service: ServiceView) -> Component:
        return html.Span(led(service.state), title=self.why(service))

    def _folded(self, service: ServiceView) -> tuple[Any, str, list[str]]:
        where = " · ".join(part for part in (self.why(service), service.commune) if part)
        references = service.reference or ""
        if service.backup:
            references = _(
                "%(main)s · secours %(backup)s", main=references, backup=service.backup.reference
            )
        return mark(service.state), service.site, [where, references]

    def table(self) -> list[Any]:
        """Return the table and its foot, or what stands in their place."""
        if not self.matching:
            return [self._nothing()]
        return [
            self.rows().render(self.services, self.is_chosen),
            table_foot(
                len(self.matching),
                self.page,
                PER_PAGE,
                lambda n: self.asked.with_(page=n),
                ngettext("service", "services", len(self.matching)),
            ),
        ]

    def _nothing(self) -> Component:
        if not self.every:
            return empty_state(
                "pulse",
                _("Aucun service en production"),
                _("Vos liaisons seront affichées ici dès leur mise en service."),
            )
        filters = []
        if self.asked.text:
            filters.append(_("le texte « %(text)s »", text=self.asked.text))
        if self.asked.state:
            filters.append(_("l’état « %(state)s »", state=state_word(self.asked.state)))
        clear = push(
            _("Effacer les filtres"),
            self.asked.with_(text="", state=None, page=1),
            className="btn btn-secondary",
        )
        text = _("Filtres actifs : %(filters)s.", filters=", ".join(filters))
        return empty_state("filter", _("Aucun service ne correspond"), text, clear)


def _of(role: str, field: str) -> Any:
    """Return what reads a field of the main or of the backup link."""
    return lambda service: getattr(getattr(service, role), field, None)
