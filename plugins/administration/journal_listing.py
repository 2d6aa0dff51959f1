"""The journal: its filters, one page of its lines, the line that is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import (
    MOST_COUNTED,
    Column,
    Context,
    JournalLine,
    JournalSought,
    Table,
    _,
    attributes,
    choice_filter,
    date_filter,
    empty_state,
    filters,
    formats,
    icon,
    missing,
    ngettext,
    page_count,
    push,
    segmented,
    table_foot,
    text_filter,
)
from plugins.administration.journal_address import ACTING, REFUSALS, Asked
from plugins.administration.journal_words import changes, others

PER_PAGE = 25
PANEL = "journal-line"


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the journal, and the count of what it is a page of."""

    ctx: Context
    asked: Asked
    total: int
    page: int
    lines: Sequence[JournalLine]

    @classmethod
    def of(cls, ctx: Context, asked: Asked) -> Listing:
        sought: JournalSought = asked.sought(ctx.zone)
        total = ctx.journal.count(sought)
        page = min(max(1, asked.page), page_count(total, PER_PAGE))
        lines = ctx.journal.page(sought, page, PER_PAGE) if total else []
        return cls(ctx, asked, total, page, lines)

    def size(self) -> str:
        """Return « 43 lignes », « plus de 10 000 lignes »."""
        said = formats.number(self.total)
        if self.total >= MOST_COUNTED:
            return _("plus de %(count)s lignes", count=said)
        return ngettext("%(count)s ligne", "%(count)s lignes", self.total, count=said)

    def table(self) -> list[Any]:
        """Return the lines and their foot, or what stands in their place."""
        if not self.lines:
            return [self._nothing()]
        shown = Table(
            label=_("Lignes du journal, de la plus récente à la plus ancienne"),
            columns=[
                Column(_("Date"), self._when, "132px"),
                Column(_("Qui"), self._who, link=True),
                Column(_("Quoi"), self._what),
            ],
            href=lambda line: self.asked.with_(line=line.number),
            phone=self._folded,
            scroll_to=PANEL,
            tall=True,
        )
        noun = ngettext("ligne du journal", "lignes du journal", self.total)
        foot = table_foot(
            self.total, self.page, PER_PAGE, lambda n: self.asked.with_(page=n, line=None), noun
        )
        more = []
        if self.total >= MOST_COUNTED:
            text = _("Il y a d’autres lignes, plus anciennes : choisissez une période.")
            more = [html.Div(text, className="pad small soft")]
        chosen = self.asked.line
        return [shown.render(self.lines, lambda line: line.number == chosen), foot, *more]

    def _when(self, line: JournalLine) -> Component:
        whole = formats.moment(line.at, self.ctx.zone)
        return _two(whole[:10], whole[11:], whole, css="tabular")

    def _who(self, line: JournalLine) -> Component:
        below = self._for_whom(line)
        return _two(actor(line), below, f"{actor(line)} {below}".strip())

    def _for_whom(self, line: JournalLine) -> str:
        if line.acting and line.customer:
            return _("pour %(name)s", name=line.customer)
        return (line.customer or _("Opérateur")) if self.ctx.journal.every else ""

    def _what(self, line: JournalLine) -> Component:
        deed = self.ctx.journal.deed(line.action)
        said: Any = html.Span(deed, className="tag tag-degraded") if line.refused else deed
        return _two(said, line.target, f"{deed} : {line.target}" if line.target else deed)

    def _folded(self, line: JournalLine) -> tuple[Any, str, list[str]]:
        mark = icon("lock") if line.refused else icon("user")
        deed = self.ctx.journal.deed(line.action)
        when = formats.moment(line.at, self.ctx.zone)
        who = " · ".join(part for part in (actor(line), self._for_whom(line)) if part)
        return mark, deed, [line.target or who, f"{when} · {who}" if line.target else when]

    def _nothing(self) -> Component:
        if self.asked.filtered:
            clear = push(_("Effacer les filtres"), Asked().with_(), className="btn btn-secondary")
            text = _("Aucune ligne du journal ne répond à tous vos critères.")
            return empty_state("filter", _("Aucune ligne ne correspond"), text, clear)
        text = _("Ce que font vos utilisateurs s’inscrit ici, et n’en sort plus.")
        return empty_state("file", _("Rien encore"), text)


def actor(line: JournalLine) -> str:
    """Return who did it, as a reader takes it."""
    names = {"system": _("Opérateur, en ligne de commande"), "unknown": _("Adresse inconnue")}
    return names.get(line.actor, line.actor)


def _two(first: Any, second: str, title: str, css: str = "") -> Component:
    lines = [html.Span(first, className="two")]
    if second:
        lines.append(html.Span(second, className="two soft small"))
    return html.Span(lines, title=title, className=css or None)


def views(asked: Asked) -> Component:
    """Return the choice of what is shown: all, refusals, what was done in a customer's place."""
    options = {"": _("Tout"), REFUSALS: _("Refus"), ACTING: _("Au nom d’un client")}
    return segmented(
        options, asked.view, _("Ce qui est montré"), href=lambda key: f"?vue={key}&page=&ligne="
    )


def search(ctx: Context, asked: Asked) -> Component:
    """Return the criteria."""
    deeds = sorted(ctx.journal.deeds().items(), key=lambda pair: pair[1].casefold())
    start = asked.start.isoformat() if asked.start else ""
    end = asked.end.isoformat() if asked.end else ""
    fields = [
        text_filter("qui", asked.who, _("Qui : nom ou adresse e-mail"), id="journal-who"),
        text_filter("objet", asked.what, _("Objet : compte, site, ticket…"), id="journal-what"),
        choice_filter(
            "action", {"": _("Toutes"), **dict(deeds)}, asked.action, _("Action"),
            id="journal-action",
        ),
    ]  # fmt: skip
    more = [
        date_filter("du", start, _("Du"), id="journal-du"),
        date_filter("au", end, _("au"), id="journal-au"),
    ]
    if customers := ctx.journal.customers():
        options = {"": _("Tous"), **{str(id_): name for id_, name in customers.items()}}
        chosen = str(asked.customer or "")
        more.append(choice_filter("client", options, chosen, _("Client"), id="journal-client"))
    fields.append(
        html.Details(
            [
                html.Summary(_("Plus de critères"), className="btn btn-secondary"),
                html.Div(more, className="filters-more"),
            ],
            open=bool(asked.start or asked.end or asked.customer),
        )
    )
    return filters(fields, _("Chercher dans le journal"))


def panel(ctx: Context, asked: Asked) -> Component:
    """Return all that the opened line says."""
    line = ctx.journal.line(asked.line) if asked.line else None
    if line is None:
        text = _("Choisissez une ligne : tout ce qu’elle dit s’affiche ici.")
        if asked.line:
            text = _("Cette ligne est introuvable.")
        css = "card" if asked.line else "card hide-phone"
        return html.Section(empty_state("clock", _("Une ligne du journal"), text), className=css)
    close = push(
        icon("close"), asked.with_(line=None), className="btn btn-icon",
        **attributes(aria_label=_("Fermer")),
    )  # fmt: skip
    deed = ctx.journal.deed(line.action)
    head = html.Div(
        [
            html.Div([html.H2(deed), html.Div(line.target, className="soft")]),
            html.Div(close, className="end"),
        ],
        className="panel-head",
    )  # fmt: skip
    said = [
        (_("Date"), formats.moment(line.at, ctx.zone)),
        (_("Qui"), actor(line)),
        *([(_("Pour"), line.customer)] if line.acting and line.customer else []),
        *([(_("Compte client"), line.customer or _("Opérateur"))] if ctx.journal.every else []),
        (_("Adresse réseau"), line.address),
        (_("Référence"), line.reference),
        (_("Ligne"), _("n° %(n)s", n=line.number)),
        *others(line.facts),
    ]
    return html.Section(
        [head, html.Div(_facts(said), className="pad"), *_changes(line)],
        className="card card-flush",
    )


def _facts(pairs: Sequence[tuple[str, str | None]]) -> Component:
    parts: list[Any] = []
    for name, found in pairs:
        parts += [html.Dt(name), html.Dd(found or missing())]
    return html.Dl(parts, className="dl")


def _changes(line: JournalLine) -> list[Component]:
    """Return what changed, before beside after."""
    rows = changes(line.facts)
    if not rows:
        return []
    heads = [html.Th(text, scope="col") for text in (_("Champ"), _("Avant"), _("Après"))]
    body = [
        html.Tr(
            [
                html.Th(name, scope="row"),
                html.Td(before, className="soft"),
                html.Td(html.Strong(after) if before != after else after),
            ]
        )
        for name, before, after in rows
    ]
    caption = html.Caption(_("Ce qui a changé"), className="sr-only")
    table = html.Table(
        [caption, html.Thead(html.Tr(heads)), html.Tbody(body)], className="grid plain changed"
    )
    return [html.Div(table, className="scroll")]
