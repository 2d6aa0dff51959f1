"""« Coupures inexpliquées »: measured outages that no ticket and no works account for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Chip,
    Column,
    Context,
    Pages,
    Table,
    _,
    chips,
    choice_filter,
    date_filter,
    empty_state,
    export_menu,
    filters,
    formats,
    ngettext,
    note,
    page_count,
    page_head,
    push,
    running,
    table_foot,
    text_filter,
)
from plugins.incidents.address import OUTAGES, TICKETS, new_ticket
from plugins.incidents.opening_form import OLDEST
from plugins.incidents.outages import (
    EVERY,
    EXPLAINED,
    LENGTHS,
    UNEXPLAINED,
    USUAL,
    Asked,
    Outage,
    outages,
)
from plugins.incidents.permissions import READ, WRITE
from plugins.incidents.words import hours

PER_PAGE = 15

pages = Pages()


@pages.page(OUTAGES, N_("Coupures inexpliquées"), permission=READ,
            menu=N_("Coupures inexpliquées"), section=N_("Support / Incidents"))  # fmt: skip
def unexplained(ctx: Context) -> Component:
    return html.Div(listed(ctx, ctx.query), id="outages-shown")


def of_view(found: Sequence[Outage], view: str) -> Sequence[Outage]:
    """Return the outages that a view shows."""
    if view == EVERY:
        return found
    return [one for one in found if (one.why is not None) is (view == EXPLAINED)]


def listed(ctx: Context, query: Mapping[str, str]) -> list[Component]:
    """Return the whole page for what its address asks."""
    asked = Asked.of(ctx, query)
    found = outages(ctx, asked)
    back = dcc.Link(_("Incidents"), href=TICKETS)
    exports = export_menu(lambda kind: asked.with_(f"{OUTAGES}/export.{kind}", page=1))
    return [
        page_head(
            _("Coupures inexpliquées"),
            [back, " › ", _("mesurées par la supervision, sans ticket ni travaux planifiés")],
            [exports],
        ),
        html.Section(
            [
                html.Div([_views(found, asked), _criteria(asked)], className="bar pad"),
                *_table(ctx, asked, of_view(found, asked.view)),
                html.Div(note(_(
                    "Ces coupures sont mesurées : elles sont indicatives. Seuls les tickets "
                    "comptent dans les engagements."
                )), className="pad ruled"),
            ],
            className="card card-flush",
        ),
    ]  # fmt: skip


def _views(found: Sequence[Outage], asked: Asked) -> Component:
    names = {
        UNEXPLAINED: _("Inexpliquées"), EXPLAINED: _("Expliquées"), EVERY: _("Toutes"),
    }  # fmt: skip
    items = [
        Chip(name, len(of_view(found, key)), asked.with_(view=key, page=1), asked.view == key)
        for key, name in names.items()
    ]
    return chips(items, _("Coupures montrées"))


def _criteria(asked: Asked) -> Component:
    lengths = {
        str(n) if n != USUAL else "": _("%(time)s au moins", time=hours(timedelta(minutes=n)))
        for n in LENGTHS
    }
    length = str(asked.minutes) if asked.minutes != USUAL else ""
    return filters(
        [
            text_filter("q", asked.text, _("Site, référence"), id="outages-find"),
            choice_filter("duree", lengths, length, _("Durée"), id="outages-length"),
            date_filter("du", asked.start.isoformat(), _("Du"), id="outages-du"),
            date_filter("au", asked.end.isoformat(), _("au"), id="outages-au"),
        ],
        _("Chercher une coupure"),
    )


def _table(ctx: Context, asked: Asked, found: Sequence[Outage]) -> list[Component]:
    if not found:
        return [_nothing(asked)]
    page = min(asked.page, page_count(len(found), PER_PAGE))

    def at(moment: Any) -> Component:
        return html.Span(formats.moment(moment, ctx.zone)[:-3], className="tabular nowrap")

    def end(one: Outage) -> Component:
        if one.end is None:
            return html.Span(_("en cours"), className="t-down strong")
        return at(one.end)

    def length(one: Outage) -> Component:
        if one.end is None:
            return running(one.start, short=True)
        return html.Span(formats.duration(one.end - one.start, short=True), className="tabular")

    table = Table[Outage](
        label=_("Coupures"),
        columns=[
            Column(_("Site / N° de référence (CLS)"), _where, link=True),
            Column(_("Société"), lambda one: one.company, "22%"),
            Column(_("Début"), lambda one: at(one.start), "134px"),
            Column(_("Fin"), end, "134px"),
            Column(_("Durée"), length, "128px", numeric=True),
            Column(_("Explication"), lambda one: _why(ctx, one), "178px"),
        ],
        href=lambda one: _way(ctx, asked, one),
        phone=lambda one: _folded(ctx, one),
        tall=True,
    )
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    noun = ngettext("coupure", "coupures", len(found))
    return [
        table.render(shown),
        table_foot(len(found), page, PER_PAGE, lambda n: asked.with_(page=n), noun),
    ]


def _nothing(asked: Asked) -> Component:
    if asked.text:
        clear = push(_("Effacer les filtres"), OUTAGES, className="btn btn-secondary")
        text = _("Aucune coupure ne répond à ces mots sur cette période.")
        return empty_state("filter", _("Aucune coupure ne correspond"), text, clear)
    if asked.view == UNEXPLAINED:
        text = _("Chaque coupure de cette période a son ticket ou ses travaux planifiés.")
        return empty_state("check", _("Rien d’inexpliqué"), text)
    text = _("Aucune coupure de cette durée sur cette période.")
    return empty_state("check", _("Aucune coupure"), text)


def _where(one: Outage) -> Component:
    lines = [
        html.Span(one.site, className="two"),
        html.Span(f"{one.reference} · {one.designation}", className="two soft small"),
    ]
    return html.Span(lines, title=f"{one.company} : {one.site} · {one.reference}")


def _why(ctx: Context, one: Outage) -> Any:
    """Return what accounts for an outage, or the way to open a ticket about it."""
    if one.href is not None:
        return dcc.Link(_("Ticket %(n)s", n=one.why), href=one.href)
    if one.why is not None:
        return html.Span([_("Travaux planifiés"), " : ", one.why], title=one.why)
    if _opens(ctx, one):
        href = new_ticket(one.reference, one.start)
        return dcc.Link(_("Ouvrir un ticket"), href=href, className="btn btn-secondary btn-sm")
    return None


def _opens(ctx: Context, one: Outage) -> bool:
    return one.why is None and ctx.may(WRITE) and ctx.now - one.start < OLDEST


def _way(ctx: Context, asked: Asked, one: Outage) -> str:
    """Return where a row leads: to its ticket, or to the form that opens one."""
    if _opens(ctx, one):
        return new_ticket(one.reference, one.start)
    return one.href or asked.with_()


def _folded(ctx: Context, one: Outage) -> tuple[Any, str, list[str]]:
    length = formats.duration(one.lasted(ctx.now), short=True)
    at = formats.moment(one.start, ctx.zone)[:-3]
    why = _("Ouvrir un ticket") if _opens(ctx, one) else one.why or ""
    if one.href:
        why = _("Ticket %(n)s", n=one.why)
    return "", one.site, [f"{one.reference} · {length}", f"{at} · {why}".strip(" ·")]
