"""*Liste des sites*: a grid of companies and sites, fifty rows of it at a time.

``52-pick.js`` holds what is selected, of all pages and searches; ten thousand sites never stand in
the page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Company,
    Context,
    Site,
    User,
    _,
    attributes,
    fold,
    formats,
    icon,
    ngettext,
    page_count,
    press,
)
from plugins.administration.fields import part, wrong

OWNERS: Any = sa.select(Site.id, Site.company_id)
SHOWN = 50
MOST_MATCHES = 2000
"""Sites of a search that « tout sélectionner » takes at once."""


def picker(ctx: Context, user: User | None, customer: int) -> Component:
    """Return the part of the form."""
    held = ctx.people.holding(customer)
    counts = _counts(ctx, customer)
    chosen: dict[str, Any] = {"whole": False, "companies": [], "sites": []}
    if user is not None:
        of = _companies_of(ctx, user.scope.sites)
        chosen = {
            "whole": user.scope.whole,
            "companies": sorted(user.scope.companies),
            "sites": [[site, of.get(site, 0)] for site in sorted(user.scope.sites)],
        }
    if user is None and len(held.companies) <= 1 and len(held.sites) == 1:
        chosen["sites"] = [[site, 0] for site in held.sites]  # there is no choice
    total = formats.number(sum(counts.values()))
    words = {
        **{
            name: ngettext(
                "%(c)s site sur %(total)s", "%(c)s sites sur %(total)s", n, c="{n}", total=total
            )
            for name, n in (("one", 1), ("some", 2))
        },
        "whole": _("Tout : %(total)s sites, et ceux à venir", total=total),
        "many": _("Affinez la recherche pour tout sélectionner."),
    }
    find = dbc.Input(
        id="users-find", type="search", placeholder=_("Société, site ou commune"), maxlength=80,
        autocomplete="off", debounce=200, value="",
    )  # fmt: skip
    label = html.Label(_("Filtrer les sites"), htmlFor="users-find", className="sr-only")
    every = html.Button(
        [html.Span(className="tick-box"), _("Tout sélectionner")], type="button", role="checkbox",
        className="tick", **attributes(aria_checked="false", data_pick_all=""),
    )  # fmt: skip
    bar = html.Div(
        [
            html.Div([icon("search"), label, find], className="find"),
            every,
            html.Span(className="end soft small pick-count", role="status"),
        ],
        className="bar pick-bar",
    )
    grid = html.Div(
        [bar, html.Div(rows(ctx, customer, held.companies, "", 1), id="users-sites")],
        id="users-scope",
        **attributes(
            data_pick=json.dumps(chosen), data_counts=json.dumps(counts),
            data_whole="" if held.whole else None, data_total=str(sum(counts.values())),
            data_words=json.dumps(words), data_companies=json.dumps(sorted(held.companies)),
        ),
    )  # fmt: skip
    kept = []
    if user is not None and user.beyond:
        said = ngettext(
            "%(n)s société ou site hors de votre périmètre reste accordé.",
            "%(n)s sociétés ou sites hors de votre périmètre restent accordés.", user.beyond,
        )  # fmt: skip
        kept = [html.Div(said, className="form-text")]
    text = [
        _("Cliquez pour sélectionner, Maj pour une plage, Ctrl+A pour toutes les lignes affichées. "
          "Une société accordée en entier comprend ses futurs sites."),
    ]  # fmt: skip
    whose = dcc.Store(id="users-whose", data=customer)
    page = dcc.Store(id="users-sites-page")
    return part(_("Liste des sites"), text, [grid, wrong("scope"), *kept, whose, page])


def _counts(ctx: Context, customer: int) -> dict[int, int]:
    """Return how many sites of each company of a customer one sees."""
    query: Any = (
        sa.select(Site.company_id, sa.func.count(Site.id))
        .join(Company, Company.id == Site.company_id)
        .where(Company.customer_id == customer, Site.closed.is_(None))
        .group_by(Site.company_id)
    )
    return _pairs(ctx, query)


def _pairs(ctx: Context, query: Any) -> dict[int, int]:
    rows: Sequence[Any] = ctx.db.rows(query)
    return {row[0]: row[1] for row in rows}


def _companies_of(ctx: Context, sites: frozenset[int]) -> dict[int, int]:
    """Return the company of each of some sites."""
    if not sites:
        return {}
    return {row[0]: row[1] for row in ctx.db.quick(OWNERS) if row[0] in sites}


def rows(
    ctx: Context, customer: int | None, whole: frozenset[int], text: str, page: int
) -> list[Any]:
    """Return a page of the grid: the sites that answer to all the words, below their companies, of
    which those that are ``whole`` can be granted so.
    """
    if customer is None:
        return []
    words = fold(text[:80]).split()
    said = sa.func.fold(
        Company.name + sa.literal(" ") + Site.name + sa.literal(" ")
        + sa.func.coalesce(Site.commune, "")
    )  # fmt: skip
    found = [Company.customer_id == customer, Site.closed.is_(None)]
    found += [said.contains(word, autoescape=True) for word in words]

    def asked(*columns: Any) -> Any:
        query: Any = (
            sa.select(*columns).select_from(Site).join(Company, Company.id == Site.company_id)
        )
        return query.where(*found)

    total: int = ctx.db.rows(asked(sa.func.count(Site.id)))[0][0]
    page = min(max(1, page), page_count(total, SHOWN))
    query = asked(Site.id, Site.name, Site.commune, Site.company_id, Company.name.label("company"))
    query = query.order_by(Company.name, Company.id, Site.name, Site.id)
    lines = ctx.db.rows(query.limit(SHOWN).offset((page - 1) * SHOWN))
    if not lines:
        return [html.Div(_("Aucun site ne correspond."), className="pick-none soft")]
    matches: Any = "" if not words else "many"
    if words and total <= MOST_MATCHES:
        every: Sequence[Any] = ctx.db.rows(asked(Site.id, Site.company_id))
        matches = json.dumps([[row[0], row[1]] for row in every])
    body: list[Component] = []
    company = None
    for line in lines:
        if line.company_id != company:
            company = line.company_id
            body.append(_company(company, line.company, whole=company in whole))
        body.append(_site(line))
    head = html.Thead(
        html.Tr([html.Th(html.Span(_("Choix"), className="sr-only"), className="pick-tick"),
                 html.Th(_("Société / Site")), html.Th(_("Commune"), className="pick-town")])
    )  # fmt: skip
    caption = html.Caption(_("Sociétés et sites"), className="sr-only")
    table = html.Table(
        [caption, head, html.Tbody(body)], className="grid pick-grid",
        **attributes(data_matches=matches),
    )  # fmt: skip
    return [html.Div(table, className="scroll pick-scroll"), _foot(total, page, text)]


def _tick(label: str) -> Component:
    return html.Button(
        html.Span(className="tick-box"), type="button", role="checkbox", className="tick",
        tabIndex=-1, **attributes(aria_label=label, aria_checked="false"),
    )  # fmt: skip


def _company(id_: int, name: str, *, whole: bool) -> Component:
    said = _("%(name)s, société entière", name=name)
    tick = _tick(said) if whole else ""
    more = html.Span(_("société entière, futurs sites compris"), className="muted small")
    cells = [
        html.Td(tick, className="pick-tick"),
        html.Td([html.B(name), " ", more if whole else ""], colSpan=2, title=name),
    ]
    return html.Tr(cells, className="pick-company",
                   **attributes(data_company=str(id_) if whole else None))  # fmt: skip


def _site(line: Any) -> Component:
    cells = [
        html.Td(_tick(line.name), className="pick-tick"),
        html.Td(line.name, title=line.name),
        html.Td(line.commune or "", className="pick-town", title=line.commune),
    ]
    return html.Tr(cells, **attributes(data_site=str(line.id), data_of=str(line.company_id)))


def _foot(total: int, page: int, text: str) -> Component:
    pages = page_count(total, SHOWN)
    last = formats.number(min(total, page * SHOWN))
    first = formats.number((page - 1) * SHOWN + 1)
    said = _("%(first)s – %(last)s sur %(total)s sites", first=first, last=last,
             total=formats.number(total))  # fmt: skip

    def to(other: int, name: str, words: str) -> Component:
        value = {"page": other, "q": text}
        return press(icon(name), "users-sites-page", value, className="icon-btn", title=words,
                     disabled=not 1 <= other <= pages,
                     **attributes(aria_label=words))  # fmt: skip

    moves = [
        to(page - 1, "left", _("Sites précédents")),
        to(page + 1, "right", _("Sites suivants")),
    ]
    return html.Div([html.Span(said), *(moves if pages > 1 else [])], className="foot pick-foot")
