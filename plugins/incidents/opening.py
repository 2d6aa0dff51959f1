"""« Ouvrir un ticket »: the link, what is known of it already, then the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    Company,
    Context,
    Link,
    LinkRole,
    Site,
    State,
    StateChange,
    _,
    attributes,
    capital,
    card,
    empty_state,
    fold,
    formats,
    icon,
    link_word,
    mark,
    note,
    push,
    reason_words,
    search_form,
    service_views,
    spark,
    state_text,
    works_between,
)
from plugins.incidents.address import new_ticket, ticket_page
from plugins.incidents.backend import tickets
from plugins.incidents.models import Ticket
from plugins.incidents.opening_form import form, last_changes, other_of
from plugins.incidents.outages import outage_at
from plugins.incidents.queries import link_of
from plugins.incidents.words import shown_state

FOUND = 20
"""Links that a search shows."""
DAYS_AHEAD = timedelta(days=7)


def opening(ctx: Context, query: Mapping[str, str]) -> Component:
    """Return the form for a link, or the choice of one."""
    reference = query.get("link", "")
    link = link_of(ctx, reference)
    if link is None:
        return _choice(ctx, query.get("q", "").strip()[:80], wrong=bool(reference))
    others = tickets(ctx).open_on(ctx, [link.id])
    if others and query.get("encore") != "oui":
        return html.Div([_place(ctx, link), _already(link, others)], className="stack")
    outage = outage_at(ctx, link, query.get("coupure", ""))
    return html.Div(
        [
            html.Div([form(ctx, link, again=bool(others), outage=outage)], className="stack"),
            html.Div([_place(ctx, link), *_works(ctx, link)], className="stack"),
        ],
        className="cols",
    )


def _choice(ctx: Context, text: str, *, wrong: bool) -> Component:
    """Return the links that a search finds among those the user may see."""
    query: Any = (
        sa.select(Link.reference, Link.designation, Site.name, Site.commune, Company.name)
        .join(Site, Site.id == Link.site_id)
        .join(Company, Company.id == Link.company_id)
        .where(Link.closed.is_(None))
        .order_by(Site.name, Link.reference)
        .limit(FOUND)
    )  # fmt: skip
    where = (
        Link.reference + " " + Link.designation + " " + Site.name + " "
        + sa.func.coalesce(Site.commune, "") + " " + Company.name
    )  # fmt: skip
    for word in fold(text).split():
        query = query.where(sa.func.fold(where).contains(word, autoescape=True))
    rows: Sequence[Any] = ctx.db.rows(query)
    parts: list[Any] = []
    if wrong:
        gone = _("Cette liaison n’existe pas, ou n’est pas dans votre périmètre : choisissez-la.")
        parts.append(html.Div(note(gone, "warn"), className="pad"))
    parts.append(
        html.Div(
            search_form(text, _("Site, commune, référence"), _("Chercher une liaison"),
                        id="incidents-find"),
            className="bar pad",
        )
    )  # fmt: skip
    if rows:
        # As they may be shown now: a measure that is too old tells no state.
        links = (link for one in service_views(ctx).services for link in (one.main, one.backup))
        states = {link.reference: link.status.state for link in links if link}
        offered = [_offered(*row, state=states.get(row.reference, State.UNKNOWN)) for row in rows]
        parts.append(html.Ul(offered, className="rows"))
        if len(rows) == FOUND:
            more = _("Seules les %(n)s premières sont montrées : précisez.", n=FOUND)
            parts.append(html.Div(more, className="pad soft small ruled"))
    else:
        text = _("Aucune liaison de votre périmètre ne répond à ces mots.")
        parts.append(empty_state("search", _("Aucune liaison"), text))
    return card(parts, title=_("Quelle liaison est en panne ?"))


def _offered(
    reference: str, name: str, site: str, commune: str | None, company: str, *, state: State
) -> Component:
    href = new_ticket(reference)
    lines = [
        html.Div(push(site, href, className="row-link cut"), className="cut"),
        html.Div(" · ".join(x for x in (reference, name, commune, company) if x),
                 className="cut small soft"),
    ]  # fmt: skip
    parts = [mark(state), html.Div(lines, className="grow"), icon("right")]
    return html.Li(parts, **attributes(data_href=href))


def _already(link: Link, others: Sequence[Ticket]) -> Component:
    """Return what stands in place of the form when the link has a ticket under way."""
    one = others[0]
    see = dcc.Link(
        _("Voir le ticket %(n)s", n=one.number), href=ticket_page(one.number),
        className="btn btn-primary",
    )  # fmt: skip
    again = push(
        _("Ouvrir un autre ticket"), f"{new_ticket(link.reference)}&encore=oui",
        className="btn btn-secondary",
    )  # fmt: skip
    text = _(
        "« %(title)s » : le support y travaille. Ajoutez-y ce que vous savez plutôt que d’ouvrir "
        "un second ticket, sauf si l’incident n’a rien à voir.",
        title=one.title,
    )
    both = html.Div([see, again], className="bar")
    return card(empty_state("life", _("Un ticket est déjà ouvert sur cette liaison"), text, both))


def _place(ctx: Context, link: Link) -> Component:
    """Return what is known of the link: where it is, its state, its last changes, its traffic."""
    parts: list[Any] = [
        html.Div(
            [html.B(link.site.name), html.Div(link.company.name, className="soft small"),
             html.Div(f"{link.reference} · {link.designation}", className="small nowrap cut")],
        ),
        html.Div(shown_state(ctx, link)),
    ]  # fmt: skip
    if link.since:
        since = formats.moment(link.since, ctx.zone)[:-3]
        parts.append(html.Div(_("depuis le %(at)s", at=since), className="soft small"))
    other = other_of(link)
    if other is not None:
        words = _("Secours") if other.role is LinkRole.BACKUP else _("Liaison principale")
        shown = shown_state(ctx, other)
        parts.append(html.Div([f"{words} : ", shown]))
    series = ctx.metrics.series(link, ctx.now - timedelta(hours=24), ctx.now, 96)
    label = _("Trafic des dernières 24 h")
    parts.append(html.Div([html.Div(label, className="soft small"), spark(series.in_bps)],
                          className="incident-spark"))  # fmt: skip
    if changes := last_changes(ctx, link):
        label = _("Derniers changements d’état")
        parts.append(html.Div([html.Div(label, className="soft small"),
                               html.Ul([_change(ctx, one) for one in changes],
                                       className="list-unstyled small")]))  # fmt: skip
    return card(html.Div(parts, className="pad stack-tight"), title=_("La liaison"))


def _change(ctx: Context, change: StateChange) -> Component:
    at = formats.moment(change.at, ctx.zone)[:-3]
    said = state_text(change.state, capital(link_word(change.state)))
    why = reason_words(change.reason)
    return html.Li([html.Span([mark(change.state), said], className="led-word"), " ",
                    html.Span(at, className="tabular soft"),
                    f" · {why}" if why else ""])  # fmt: skip


def _works(ctx: Context, link: Link) -> list[Component]:
    """Return a warning of the works that are planned there, now or in the days to come."""
    found = [
        work
        for work in works_between(ctx.db, ctx.now, ctx.now + DAYS_AHEAD)
        if work.concerns(link.site_id, [link.id])
    ]
    if not found:
        return []
    said = [
        html.Li(
            _("%(title)s, du %(start)s au %(end)s", title=work.title,
              start=formats.moment(work.starts, ctx.zone)[:-3],
              end=formats.moment(work.ends, ctx.zone)[:-3])
        )
        for work in found
    ]  # fmt: skip
    hint = note(_("Une coupure pendant des travaux annoncés ne compte pas dans la GTR."), "tool")
    body = html.Div([html.Ul(said, className="changes small"), hint], className="pad stack-tight")
    return [card(body, title=_("Travaux planifiés sur cette liaison"))]
