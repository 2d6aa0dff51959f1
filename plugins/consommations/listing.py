"""The data accesses of the user, a page of them: by link, by site or by company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component
from sqlalchemy import select

from core.api import (
    WORST_FIRST,
    Column,
    Company,
    Context,
    Link,
    LinkRole,
    LinkView,
    LiveServices,
    Report,
    ServiceView,
    State,
    Table,
    _,
    capital,
    empty_state,
    fold,
    formats,
    led,
    link_word,
    mark,
    ngettext,
    page_count,
    push,
    service_views,
    table_foot,
)
from plugins.consommations.address import Asked
from plugins.consommations.figures import units
from plugins.consommations.queries import last_day

PER_PAGE, ALONE = 6, 15
"""Lines of the list above a sheet, and where there is none."""
SHEET = "datas-sheet"


class Access(NamedTuple):
    """An access of the list: a link, and the service it belongs to."""

    link: LinkView
    service: ServiceView
    role: LinkRole


@dataclass(frozen=True, slots=True)
class Group:
    """Accesses shown as one line: one alone, those of a site, or those of a company.

    ``key`` is the reference of the link, or the id of the site or company.
    """

    key: str
    name: str
    accesses: Sequence[Access]

    @property
    def state(self) -> State:
        """The worst state of its services."""
        states = {one.service.state for one in self.accesses}
        return next(state for state in WORST_FIRST if state in states)


def accesses_of(seen: LiveServices, text: str) -> list[Access]:
    """Return the links whose company, site, commune, reference or designation hold every word."""
    found = []
    words = fold(text).split()
    for service in seen.services:
        for link, role in ((service.main, LinkRole.MAIN), (service.backup, LinkRole.BACKUP)):
            if link is None:
                continue
            parts = (service.company, service.site, service.commune or "")
            said = " ".join(fold(part) for part in (*parts, link.reference, link.designation))
            if all(word in said for word in words):
                found.append(Access(link, service, role))
    return found


def groups_of(ctx: Context, asked: Asked, found: Sequence[Access]) -> list[Group]:
    """Return the lines of the list, by name."""
    if asked.view == "sites":
        sites: dict[int, list[Access]] = {}
        for one in found:
            sites.setdefault(one.service.site_id, []).append(one)
        groups = [Group(str(id_), of[0].service.site, of) for id_, of in sites.items()]
    elif asked.view == "societes":
        query: Any = select(Link.id, Company.id, Company.name).join(
            Company, Company.id == Link.company_id
        )
        rows: Sequence[Any] = ctx.db.rows(query)
        owners = {link: (company, name) for link, company, name in rows}
        companies: dict[int, list[Access]] = {}
        for one in found:
            if one.link.id in owners:
                companies.setdefault(owners[one.link.id][0], []).append(one)
        names = dict(owners.values())
        groups = [Group(str(id_), names[id_], of) for id_, of in companies.items()]
    else:
        groups = [Group(one.link.reference, one.service.site, [one]) for one in found]
    return sorted(groups, key=lambda g: (fold(g.accesses[0].service.company), fold(g.name), g.key))


def reports_of(ctx: Context, groups: Sequence[Group]) -> Mapping[str, Report]:
    """Return the figures of the last 24 hours of these lines: sums first, then percentiles."""
    ids = [one.link.id for group in groups for one in group.accesses]
    links = {link.id: link for link in ctx.db.all(select(Link).where(Link.id.in_(ids)))}
    start, end = last_day(ctx)
    alone = ctx.metrics.reports(list(links.values()), start, end)
    found = {}
    for group in groups:
        mine = [one.link.id for one in group.accesses if one.link.id in links]
        if len(mine) == 1:
            found[group.key] = alone[mine[0]]
            continue
        heard = [links[id_] for id_ in mine if alone[id_].covered]
        found[group.key] = ctx.metrics.combined(heard, start, end)
    return found


def table(
    ctx: Context, asked: Asked, seen: LiveServices | None = None
) -> tuple[list[Component], list[str]]:
    """Return the table and its foot, or what stands in their place; and the version of it.

    The version changes with the address, with the states, and with the figures, which are those
    of the last 24 hours up to five minutes.
    """
    seen = seen or service_views(ctx)
    groups = groups_of(ctx, asked, accesses_of(seen, asked.text))
    if not groups:
        return [_nothing(asked, seen)], [asked.with_(), ""]
    size = PER_PAGE if asked.chosen else ALONE
    page = min(asked.page or _page_of(asked, groups), page_count(len(groups), size))
    shown = groups[(page - 1) * size : page * size]
    reports = reports_of(ctx, shown)
    rows = _rows(asked, reports, sold_of(ctx, shown))
    states = [(one.link.id, one.link.status) for group in shown for one in group.accesses]
    said = repr((len(groups), states, sorted(reports.items(), key=lambda item: item[0])))
    version = [asked.with_(), blake2b(said.encode(), digest_size=6).hexdigest()]
    nouns = {
        "": ngettext("accès", "accès", len(groups)),
        "sites": ngettext("site", "sites", len(groups)),
        "societes": ngettext("société", "sociétés", len(groups)),
    }
    parts = [
        rows.render(shown, lambda group: _is_chosen(asked, group)),
        table_foot(len(groups), page, size, lambda n: asked.with_(page=n), nouns[asked.view]),
    ]
    return parts, version


def _page_of(asked: Asked, groups: Sequence[Group]) -> int:
    """Return the page that holds what was chosen, the first one when it is on none."""
    at = next((n for n, group in enumerate(groups) if _is_chosen(asked, group)), 0)
    return at // PER_PAGE + 1


def sold_of(ctx: Context, groups: Sequence[Group]) -> Mapping[str, int | None]:
    """Return the contracted rate of each line, the sum of its links; None where one has none."""
    ids = [one.link.id for group in groups for one in group.accesses]
    query: Any = select(Link.id, Link.contract_in_bps).where(Link.id.in_(ids))
    rows: Sequence[Any] = ctx.db.rows(query)
    rates: dict[int, int | None] = dict(rows)
    found: dict[str, int | None] = {}
    for group in groups:
        mine = [rates.get(one.link.id) for one in group.accesses]
        found[group.key] = sum(r for r in mine if r) if all(mine) else None
    return found


def _is_chosen(asked: Asked, group: Group) -> bool:
    of = {"": asked.link, "sites": str(asked.site), "societes": str(asked.company)}
    return of[asked.view] == group.key


def _href(asked: Asked, group: Group) -> str:
    if asked.view == "sites":
        return asked.of_one(site=int(group.key))
    if asked.view == "societes":
        return asked.of_one(company=int(group.key))
    return asked.of_one(link=group.key)


def _rows(
    asked: Asked, reports: Mapping[str, Report], sold: Mapping[str, int | None]
) -> Table[Group]:
    unit = units(octets=asked.octets)
    rate, sold_rate = unit.rate, unit.sold

    def first(group: Group) -> ServiceView:
        return group.accesses[0].service

    def known(group: Group) -> Report | None:
        report = reports[group.key]
        return report if report.covered else None

    def p95(group: Group) -> str | None:
        report = known(group)
        return rate(max(report.in_p95_bps or 0, report.out_p95_bps or 0)) if report else None

    def mean(group: Group) -> str | None:
        report = known(group)
        return rate(report.in_mean_bps) if report else None

    def volume(group: Group) -> str | None:
        report = known(group)
        return formats.octets(report.in_octets + report.out_octets) if report else None

    def contract(group: Group) -> str | None:
        value = sold[group.key]
        return None if value is None else sold_rate(value)

    columns: list[Column[Group]] = []
    if asked.view == "":
        columns += [
            Column(_("État"), _state, "56px"),
            Column(_("Société"), lambda g: first(g).company),
            Column(_("Site"), lambda g: g.name, link=True),
            Column(_("Commune"), lambda g: first(g).commune, "10%"),
            Column(_("N° de référence\n(CLS)"), lambda g: g.accesses[0].link.reference, "140px"),
            Column(_("Désignation"), _designation, "16%"),
        ]
    elif asked.view == "sites":
        columns += [
            Column(_("Société"), lambda g: first(g).company),
            Column(_("Site"), lambda g: g.name, link=True),
            Column(_("Commune"), lambda g: first(g).commune),
            Column(_("Liens"), _count, "64px", numeric=True),
        ]
    else:
        columns += [
            Column(_("Société"), lambda g: g.name, link=True),
            Column(_("Liens"), _count, "64px", numeric=True),
        ]
    columns += [
        Column(_("Débit\nsouscrit"), contract, "96px", numeric=True),
        Column(_("Moyenne\nentrante 24 h"), mean, "104px", numeric=True),
        Column(_("95e centile\n24 h"), p95, "104px", numeric=True),
        Column(_("Volume\n24 h"), volume, "92px", numeric=True),
    ]

    def folded(group: Group) -> tuple[Any, str, list[str]]:
        view = group.accesses[0]
        if asked.view == "":
            backup = _("secours") if view.role is LinkRole.BACKUP else ""
            where = (view.link.reference, view.link.designation, backup)
            sign = mark(view.link.status.state)
        else:
            links = ngettext("%(n)s lien", "%(n)s liens", len(group.accesses))
            where = (first(group).company, links, "")
            sign = mark(group.state)
        figures = [_("p95 %(rate)s", rate=p95(group) or _("N/A")), volume(group) or ""]
        lines = [" · ".join(part for part in where if part)]
        lines.append(" · ".join(part for part in figures if part))
        return sign, group.name, lines

    return Table(
        label=_("Accès de données"),
        columns=columns,
        href=lambda group: _href(asked, group),
        phone=folded,
        scroll_to=SHEET,
    )


def _count(group: Group) -> str:
    return formats.number(len(group.accesses))


def _state(group: Group) -> Component:
    state = group.accesses[0].link.status.state
    return html.Span(led(state, word=False), title=capital(link_word(state)))


def _designation(group: Group) -> str:
    one = group.accesses[0]
    if one.role is LinkRole.MAIN:
        return one.link.designation
    return _("%(name)s · secours", name=one.link.designation)


def _nothing(asked: Asked, seen: LiveServices) -> Component:
    if not seen.services:
        return empty_state(
            "chart",
            _("Aucun accès en production"),
            _("Vos accès seront listés ici, avec leur trafic, dès leur mise en service."),
        )
    clear = push(
        _("Effacer les filtres"), asked.with_(text="", page=0), className="btn btn-secondary"
    )
    text = _("Filtre actif : le texte « %(text)s ».", text=asked.text)
    return empty_state("filter", _("Aucun accès ne correspond"), text, clear)
