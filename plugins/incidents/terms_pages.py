"""« Contrats de service »: the terms of commitments, and what applied when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    Pages,
    _,
    card,
    formats,
    go_to,
    icon,
    midnight,
    ngettext,
    note,
    page_head,
    push,
)
from plugins.incidents.address import SLA, TERMS, address
from plugins.incidents.models import LinkContract, SlaProfile
from plugins.incidents.permissions import TERMS as MAY
from plugins.incidents.profiles import ALWAYS_SINCE
from plugins.incidents.terms import profile_of, versions
from plugins.incidents.terms_form import DAYS, SAVE, applies, clock, form, number, read_form
from plugins.incidents.words import hours

pages = Pages()


@pages.page(TERMS, N_("Contrats de service"), permission=MAY, menu=N_("Contrats de service"),
            section=N_("Support / Incidents"))  # fmt: skip
def contracts(ctx: Context) -> Component:
    return html.Div(
        [html.Div(shown(ctx, ctx.query), id="terms-shown"), dcc.Store(id=SAVE)], className="stack"
    )


def shown(ctx: Context, query: Mapping[str, str]) -> list[Component]:
    """Return the profiles in force, the form that the address asks for, and the history."""
    rows = versions(ctx)
    by_code: dict[str, list[SlaProfile]] = defaultdict(list)
    for row in rows:
        by_code[row.code].append(row)
    today = ctx.now.astimezone(ctx.civil).date()
    asked = query.get("contrat", "")[:64]
    parts: list[Component] = []
    if asked in by_code:
        parts = [form(ctx, applies(by_code[asked], today))]
    elif query.get("nouveau"):
        parts = [form(ctx, None)]
    add = push([icon("plus"), _("Nouveau contrat")], address(TERMS, {"nouveau": "oui"}),
               className="btn btn-primary")  # fmt: skip
    back = dcc.Link(_("Engagements"), href=SLA)
    return [
        page_head(_("Contrats de service"),
                  [back, " › ", _("GTR, heures de service, disponibilité et pénalités")], [add]),
        html.Div(
            [*parts, _in_force(ctx, by_code, today), _history(ctx, rows, today)], className="stack"
        ),
    ]  # fmt: skip


def _in_force(ctx: Context, by_code: Mapping[str, Sequence[SlaProfile]], day: date) -> Component:
    counts = _links(ctx, day)
    items = []
    for code, rows in by_code.items():
        row = applies(rows, day)
        count = ngettext("%(n)s liaison", "%(n)s liaisons", counts.get(code, 0))
        edit = push(_("Modifier"), address(TERMS, {"contrat": code}),
                    className="btn btn-secondary btn-sm")  # fmt: skip
        items.append(
            html.Li(
                [html.Div([html.B(row.label), html.Div(said(row), className="small soft"),
                           html.Div(_penalties(row), className="small soft")], className="grow"),
                 html.Div(count, className="end small tabular"),
                 edit]
            )
        )  # fmt: skip
    hint = note(
        _("Une liaison sans contrat déclaré est en « %(name)s » ; l’import « profils-sla » dit "
          "celui de chacune.", name=applies(by_code["gtr4-24x7"], day).label)
    ) if "gtr4-24x7" in by_code else ""  # fmt: skip
    body = [html.Ul(items, className="rows rows-wrap"), html.Div(hint, className="pad ruled")]
    return card(body, title=_("En vigueur aujourd’hui"))


def _links(ctx: Context, day: date) -> dict[str, int]:
    """Return how many links are under each profile on a day, by its code."""
    query: Any = (
        sa.select(LinkContract.link_id, LinkContract.profile)
        .where(LinkContract.since <= day)
        .order_by(LinkContract.since)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    found: dict[str, int] = defaultdict(int)
    for code in {row[0]: row[1] for row in rows}.values():
        found[code] += 1
    return found


def said(row: SlaProfile) -> str:
    """Return the terms of a version in a line."""
    profile = profile_of(row)
    when = _("24 h sur 24, 7 jours sur 7")
    if row.opens is not None:
        days = _(DAYS.get(row.days, ""))
        when = f"{days}, {clock(row.opens)} – {clock(row.closes)}"
    target = formats.percent(row.target, 2)
    return " · ".join([f"GTR {hours(profile.restore)}", when, _("disponibilité %(share)s",
                                                               share=target)])  # fmt: skip


def _penalties(row: SlaProfile) -> str:
    bands = ", ".join(
        _("%(share)s sous %(below)s", share=_percent(b), below=_percent(a)) for a, b in row.bands
    )
    late = ", ".join(
        _("%(share)s après %(delay)s", share=_percent(b), delay=hours(timedelta(minutes=a)))
        for a, b in row.late
    )
    return _("Pénalités : disponibilité %(bands)s ; retard %(late)s", bands=bands or "–",
             late=late or "–")  # fmt: skip


def _percent(share: float) -> str:
    return f"{number(share * 100)}{formats.SPACE}%"


def _history(ctx: Context, rows: Sequence[SlaProfile], today: date) -> Component:
    """Return every version, the latest first."""
    items = []
    for row in reversed(rows):
        since = _("depuis le début")
        if row.since > ALWAYS_SINCE:
            at = formats.moment(midnight(row.since, ctx.civil), ctx.civil)[:10]
            since = _("à partir du %(day)s", day=at)
        tag = html.Span(_("à venir"), className="tag tag-accent") if row.since > today else ""
        who = (
            [_("par %(who)s", who=row.by), formats.moment(row.at, ctx.zone)[:-3]] if row.at else []
        )
        items.append(
            html.Li(
                [html.Div([html.B(row.label), " ", tag, html.Div(said(row), className="small soft"),
                           html.Div(_penalties(row), className="small soft")], className="grow"),
                 html.Div([html.Div(since, className="small"),
                           html.Div(" · ".join(who), className="small soft")], className="end")]
            )
        )  # fmt: skip
    return card(
        html.Ul(items, className="rows rows-wrap"), title=_("Ce qui s’applique, et depuis quand")
    )


def keep(ctx: Context, data: Mapping[str, Any]) -> Component:
    """Keep the terms that a form says; return what is wrong, or what leads back to the list."""
    rows = versions(ctx)
    new, wrong = read_form(ctx, data, rows)
    if new is None:
        return note(wrong, "warn")
    same = next((row for row in rows if (row.code, row.since) == (new.code, new.since)), None)
    if same is None:
        ctx.db.add(new)
    else:  # written for a day that has not passed: nothing was told with it
        for name in ("label", "days", "opens", "closes", "restore", "target", "bands", "late",
                     "by", "at"):  # fmt: skip
            setattr(same, name, getattr(new, name))
        ctx.db.add(same)
    ctx.audit("contract.terms", new.code, since=new.since.isoformat(), restore=new.restore,
              target=new.target)  # fmt: skip
    ctx.db.commit()
    return go_to(TERMS)
