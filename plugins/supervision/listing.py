"""The table of services, one page of it, and how to tell what changed in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import (
    Column,
    Context,
    LiveServices,
    ServiceView,
    State,
    Table,
    _,
    capital,
    empty_state,
    formats,
    led,
    mark,
    ngettext,
    page_count,
    push,
    reason_words,
    state_word,
    table_foot,
)
from plugins.supervision.queries import PER_PAGE, Asked


def tally(seen: LiveServices, asked: Asked) -> Mapping[State, int]:
    """Return how many services that hold the text asked for are in each state."""
    if not asked.text:
        return seen.counts()
    found = Counter(service.state for service in seen.matching(asked.text))
    return {state: found[state] for state in State}


def chosen(seen: LiveServices, asked: Asked) -> list[str]:
    """Return what the panel shows: the service asked for (the only one, if so), its tab, and
    what the tabs were asked.
    """
    only = str(seen.services[0].id) if len(seen.services) == 1 else ""
    return [asked.service or only, asked.tab, *(f"{name}={value}" for name, value in asked.view)]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the table, and how to tell what changed in it."""

    ctx: Context
    asked: Asked
    every: int
    counts: Sequence[int]
    matching: Sequence[ServiceView]
    page: int
    chosen: int | None

    @classmethod
    def of(cls, ctx: Context, seen: LiveServices, asked: Asked) -> Listing:
        matching = seen.matching(asked.text, asked.state)
        page = min(max(1, asked.page), page_count(len(matching), PER_PAGE))
        view = seen.find(chosen(seen, asked)[0])
        counts = [*tally(seen, asked).values()]
        chosen_id = view.id if view else None
        return cls(ctx, asked, len(seen.services), counts, matching, page, chosen_id)

    @property
    def services(self) -> Sequence[ServiceView]:
        return self.matching[(self.page - 1) * PER_PAGE : self.page * PER_PAGE]

    def is_chosen(self, service: ServiceView) -> bool:
        return service.id == self.chosen

    def version(self) -> dict[str, Any]:
        """Return the state of this page: what a later one is compared with."""
        filters = [self.asked.state or "", self.asked.text, self.page, len(self.matching)]
        rows = [[s.id, self.why(s), self.is_chosen(s)] for s in self.services]
        return {
            "filters": filters,
            "rows": rows,
            "counts": [self.asked.with_(page=1), *self.counts],
        }

    def why(self, service: ServiceView) -> str:
        """Return « Dégradé · secours actif »."""
        reason = reason_words(service.reason, self._age(service))
        return " · ".join(part for part in (state_word(service.state), capital(reason)) if part)

    def rows(self) -> Table[ServiceView]:
        """Return how a service is shown."""
        return Table(
            label=_("État de vos services"),
            columns=[
                Column(_("État"), self._state, "168px", sorted=True),
                Column(_("Société"), lambda s: s.company),
                Column(_("Site"), lambda s: s.site, link=True),
                Column(_("Commune"), lambda s: s.commune, "10%"),
                Column(_("Désignation\nprincipale"), _of("main", "designation"), "11.5%"),
                Column(_("N° de référence\nprincipale"), _of("main", "reference"), "140px"),
                Column(
                    _("Désignation\nsecondaire"), _of("backup", "designation"), "11.5%", absent="–"
                ),
                Column(
                    _("N° de référence\nsecondaire"),
                    _of("backup", "reference"),
                    "140px",
                    absent="–",
                ),
            ],
            href=lambda s: self.asked.with_(service=s.reference or str(s.id), page=self.page),
            phone=self._folded,
            scroll_to="supervision-detail",
        )

    def _state(self, service: ServiceView) -> Component:
        parts: list[Any] = [led(service.state)]
        reason = reason_words(service.reason, self._age(service))
        if reason:
            parts.append(html.Span(reason, className="led-why"))
        return html.Span(parts, title=self.why(service))

    def _age(self, service: ServiceView) -> str | None:
        return formats.age(self.ctx.now - service.since) if service.since else None

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
