"""The table of services, one page of it, and how to tell what changed in it."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import (
    Badge,
    Column,
    Context,
    LinkView,
    LiveServices,
    Reason,
    ServiceView,
    State,
    Table,
    _,
    badge_tag,
    badges_of,
    capital,
    empty_state,
    formats,
    led,
    mark,
    ngettext,
    page_count,
    push,
    reason_words,
    service_views,
    state_word,
    table_foot,
)
from plugins.supervision.queries import FIELDS, PER_PAGE, WORST, Asked


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
class Version:
    """What the browser holds of the table, in thirty letters: what a tick compares with.

    ``number`` is where the journal of changes stood; ``read`` the newest reading; the others are
    digests of the address, of the rows on the page in their order, their states, the counters.
    """

    number: int
    read: int
    address: str
    rows: str
    states: str
    counts: str

    @classmethod
    def read_back(cls, text: object) -> Version | None:
        """Return what the browser sends back; None for anything else."""
        parts = text.split(".") if isinstance(text, str) and len(text) < 64 else []
        if len(parts) != 6 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
            return None
        return cls(int(parts[0]), int(parts[1]), *parts[2:])

    def __str__(self) -> str:
        parts = (self.number, self.read, self.address, self.rows, self.states, self.counts)
        return ".".join(str(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the table, and how to tell what changed in it."""

    ctx: Context
    asked: Asked
    seen: LiveServices
    counts: Mapping[State, int]
    matching: Sequence[ServiceView]
    page: int
    chosen: int | None
    badges: Mapping[int, Sequence[Badge]] = field(default_factory=dict)

    @classmethod
    def of(cls, ctx: Context, asked: Asked, seen: LiveServices | None = None) -> Listing:
        seen = seen or service_views(ctx)
        matching = asked.found(seen)
        page = min(max(1, asked.page), page_count(len(matching), PER_PAGE))
        wanted = chosen(seen, asked)[0]
        view = seen.find(wanted) if wanted else None
        return cls(ctx, asked, seen, tally(seen, asked), matching, page, view.id if view else None)

    @property
    def services(self) -> Sequence[ServiceView]:
        return self.matching[(self.page - 1) * PER_PAGE : self.page * PER_PAGE]

    def is_chosen(self, service: ServiceView) -> bool:
        return service.id == self.chosen

    def version(self) -> str:
        """Return the state of this page: what a later one is compared with."""
        shown = self.services
        read_at = self.seen.read_at
        version = Version(
            number=self.seen.number,
            read=int(read_at.timestamp()) if read_at else 0,
            address=_digest(self.asked.with_(page=self.page, tab="", view=())),
            rows=self.digest_of(self.row_ids()),
            states=_digest(*(self.why(service) for service in shown)),
            counts=_digest(*self.counts.values(), len(self.seen.services)),
        )
        return str(version)

    def row_ids(self) -> list[int]:
        return [service.id for service in self.services]

    def digest_of(self, ids: Sequence[int]) -> str:
        """Return what tells these rows, in this order, from others."""
        late = [service.id for service in self.services if service.reason is Reason.STALE]
        return _digest(ids, late, self.chosen, len(self.matching))

    def why(self, service: ServiceView) -> str:
        """Return « Dégradé · secours actif »."""
        reason = reason_words(service.reason, self._age(service))
        return " · ".join(part for part in (state_word(service.state), capital(reason)) if part)

    def with_badges(self, services: Sequence[ServiceView]) -> Listing:
        """Return the same with what rubrics say of their links: they are asked here, once."""
        links = [link.id for s in services for link in (s.main, s.backup) if link]
        return replace(self, badges=badges_of(self.ctx, links))

    def rows(self) -> Table[ServiceView]:
        """Return how a service is shown."""
        return Table(
            label=_("État de vos services"),
            columns=[
                self._column(WORST, _("État"), self._state, "168px"),
                self._column("societe", _("Société")),
                self._column("site", _("Site"), link=True),
                self._column("commune", _("Commune"), width="10%"),
                self._column(
                    "designation", _("Désignation\nprincipale"), self._named("main"), "11.5%"
                ),
                self._column("reference", _("N° de référence\nprincipale"), width="140px"),
                self._column(
                    "designation2",
                    _("Désignation\nsecondaire"),
                    self._named("backup"),
                    "11.5%",
                    absent="–",
                ),
                self._column(
                    "reference2", _("N° de référence\nsecondaire"), width="140px", absent="–"
                ),
            ],
            href=lambda s: self.asked.with_(service=s.reference or str(s.id), page=self.page),
            phone=self._folded,
            scroll_to="supervision-detail",
        )

    def _column(
        self, key: str, header: str, cell: Any = None, width: str | None = None, **more: Any
    ) -> Column[ServiceView]:
        return Column(
            header,
            cell or FIELDS[key],
            width,
            sorted=self.asked.sort == key,
            descending=self.asked.descending,
            href=self.asked.of_column(key),
            **more,
        )

    def _named(self, role: str) -> Callable[[ServiceView], Any]:
        """Return what shows the designation of a link, and what rubrics say beside it."""

        def cell(service: ServiceView) -> Any:
            link: LinkView | None = getattr(service, role)
            if link is None:
                return None
            tags = [badge_tag(badge) for badge in self.badges.get(link.id, ())]
            if not tags:
                return link.designation
            name = html.Span(link.designation, className="cut", title=link.designation)
            return html.Span([name, *tags], className="badged")

        return cell

    def _state(self, service: ServiceView) -> Component:
        reason = reason_words(service.reason, self._age(service))
        return _state_cell(service.state, reason, self.why(service))

    def _age(self, service: ServiceView) -> str | None:
        return formats.age(self.ctx.now - service.since) if service.since else None

    def _folded(self, service: ServiceView) -> tuple[Any, str, list[str]]:
        where = " · ".join(part for part in (self.why(service), service.commune) if part)
        references = service.reference or ""
        if service.backup:
            references = _(
                "%(main)s · secours %(backup)s", main=references, backup=service.backup.reference
            )
        links = [link for link in (service.main, service.backup) if link]
        tags = [badge.label for link in links for badge in self.badges.get(link.id, ())]
        return mark(service.state), service.site, [where, " · ".join([references, *tags])]

    def table(self) -> list[Any]:
        """Return the table and its foot, or what stands in their place."""
        if not self.matching:
            return [self._nothing()]
        return [
            self.with_badges(self.services).rows().render(self.services, self.is_chosen),
            table_foot(
                len(self.matching),
                self.page,
                PER_PAGE,
                lambda n: self.asked.with_(page=n),
                ngettext("service", "services", len(self.matching)),
            ),
        ]

    def _nothing(self) -> Component:
        if not self.seen.services:
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


@lru_cache(maxsize=256)
def _state_cell(state: State, reason: str, why: str) -> Component:
    """Return the LED with why; one for all rows that say the same, so never altered."""
    parts: list[Any] = [led(state)]
    if reason:
        parts.append(html.Span(reason, className="led-why"))
    return html.Span(parts, title=why)


def _digest(*parts: object) -> str:
    """Return four letters that tell two contents apart: one in 16 million is mistaken."""
    said = blake2b(repr(parts).encode(), digest_size=3).digest()
    return urlsafe_b64encode(said).decode()
