"""The tree of subscriptions as it is drawn: nodes, what they hold, their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.api import (
    Company,
    Context,
    LinkView,
    Site,
    _,
    attributes,
    choice_filter,
    empty_state,
    filters,
    formats,
    icon,
    led,
    ngettext,
    push,
    table_foot,
    text_filter,
)
from plugins.commandes.address import ALL, NONE, Tree
from plugins.commandes.models import CancellationRequest, Subscription
from plugins.commandes.offers import OFFERS
from plugins.commandes.queries import names
from plugins.commandes.searching import SUGGESTED, suggested
from plugins.commandes.subscriptions import (
    ROWS,
    Page,
    Shown,
    choices,
    links_of,
    page_of,
    requests_of,
)
from plugins.commandes.words import DECISIONS, ending

SHEET = "abonnements-sheet"


def tree(ctx: Context, asked: Tree) -> list[Component]:
    """Return a page of the tree and its foot, or what stands in their place."""
    page = page_of(ctx, asked)
    if not page.total:
        return [_nothing(asked)]
    children = [child for node in page.nodes for child in node.children]
    requests = requests_of(ctx, [child.id for child in children])
    drawn = _Drawn(asked, page, requests, links_of(ctx) if children else {})
    label = attributes(aria_label=_("Abonnements"))
    said = _(
        "Affichage des abonnements %(first)s - %(last)s sur %(total)s",
        first=formats.number(page.first),
        last=formats.number(page.last),
        total=formats.number(page.total),
    )
    foot = html.Div(html.Span(said, id="abonnements-count"), className="foot")
    if page.rows > ROWS:
        foot = table_foot(page.rows, page.number, ROWS, lambda n: asked.with_(page=n), "")
        foot.children[0] = html.Span(said, id="abonnements-count")
    return [html.Ul([drawn.node(node) for node in page.nodes], className="tree", **label), foot]


class _Drawn:
    """What a page of the tree needs to be drawn."""

    def __init__(
        self, asked: Tree, page: Page, requests: Mapping[int, CancellationRequest],
        links: Mapping[str, LinkView],
    ) -> None:  # fmt: skip
        self.asked, self.page, self.requests, self.links = asked, page, requests, links

    def node(self, node: Shown) -> Component:
        """Return a node with what it holds when it is open."""
        group, asked = node.group, self.asked
        opened = asked.toggled(group.key, by_default=self.page.by_default)
        words = _("Réduire") if node.open else _("Développer")
        toggle = push(
            [icon("down" if node.open else "right"), html.Span(f"{words} {group.name}",
             className="sr-only")],
            asked.with_(opened=opened, page=self.page.number), className="icon-btn", title=words,
            **attributes(aria_expanded="true" if node.open else "false"),
        )  # fmt: skip
        name: Any = html.B(group.name, className="cut", title=group.name)
        if asked.group == "sites":
            href = asked.with_(place=group.key, chosen="", form="")
            name = push(name, href, scroll_to=SHEET, className="row-link cut")
        count = ngettext("%(n)s abonnement", "%(n)s abonnements", group.size)
        detail = [html.Span(group.detail, className="soft cut")] if group.detail else []
        more = [html.Span(_("(suite)"), className="muted small")] if node.begun else []
        head = html.Div(
            [toggle, name, *detail, *more, html.Span(count, className="muted small end")],
            className="tree-node",
        )
        current = attributes(aria_current="true" if asked.place == group.key else None)
        inner = [html.Ul([self.leaf(one) for one in node.children])] if node.children else []
        return html.Li([head, *inner], **current)

    def leaf(self, one: Subscription) -> Component:
        """Return a subscription of an open node."""
        chosen = self.asked.chosen == one.reference
        href = self.asked.with_(chosen=one.reference, place="", form="", page=self.page.number)
        link = self.links.get(one.reference)
        mark = led(link.status.state, word=False) if link else html.Span(className="led-none")
        where = [html.Span(one.site.name, className="soft cut")]
        if self.asked.group == "sites":
            where = [html.Span(one.technology, className="soft cut")]
        tags = []
        if request := self.requests.get(one.id):
            words, css = DECISIONS[request.decision]
            tags = [html.Span(f"{_(words)} {ending(request.wanted)}", className=css)]
            where = where if self.asked.group != "sites" else []
        name = push(one.designation, href, scroll_to=SHEET, className="row-link cut")
        return html.Li(
            [mark, name, html.Span(one.reference, className="soft nowrap"), *where, *tags],
            className="tree-leaf",
            **attributes(data_href=href, aria_current="true" if chosen else None),
        )


def _nothing(asked: Tree) -> Component:
    if not asked.filtered:
        return empty_state(
            "cart",
            _("Aucun abonnement"),
            _("Vos abonnements seront listés ici dès la mise en service de vos liaisons."),
        )
    clear = push(_("Effacer les filtres"), Tree().with_(), className="btn btn-secondary")
    text = _("Aucun abonnement ne répond à tous vos critères.")
    return empty_state("filter", _("Aucun abonnement ne correspond"), text, clear)


def switches(asked: Tree) -> list[Component]:
    """Return the choice of grouping, and what opens or closes all."""
    views = {"sites": _("Par site"), "technologies": _("Par technologie")}
    links = [
        push(
            label,
            asked.with_(group=key, opened=(), page=1),
            **attributes(aria_current="true" if asked.group == key else None),
        )
        for key, label in views.items()
    ]
    label = attributes(aria_label=_("Regrouper"))
    modes = ((ALL, "plus", _("Tout développer")), (NONE, "minus", _("Tout réduire")))
    every = [
        push(
            [icon(sign), words],
            asked.with_(opened=(mode,), page=1),
            className="btn btn-secondary",
        )
        for mode, sign, words in modes
    ]
    return [html.Div(links, className="segmented", role="group", **label), *every]


def search(ctx: Context, asked: Tree) -> Component:
    """Return the criteria of the search."""
    technologies, offers = choices(ctx)
    kinds = {"": _("Toutes"), **{name: name for name in technologies}}
    types = {"": _("Tous"), **{key: _(OFFERS[key].label) for key in offers if key in OFFERS}}
    ends = {"": _("Tous"), "oui": _("Demandées ou confirmées"), "attente": _("À décider")}
    more = [
        suggested("client", asked.client, _("Client"), names(ctx, Company.name, SUGGESTED)),
        suggested("site", asked.site, _("Site ou commune"), names(ctx, Site.name, SUGGESTED)),
        choice_filter("techno", kinds, asked.technology, _("Technologie"), id="commandes-techno"),
        choice_filter("offre", types, asked.offer, _("Type d’offre"), id="commandes-offre"),
        choice_filter(
            "resiliation", ends, asked.ending, _("Résiliations"),
            id="commandes-ends",
        ),
    ]  # fmt: skip
    words = _("Désignation, référence, adresse IP, commercial")
    return filters(
        [
            text_filter("q", asked.text, words, id="commandes-search"),
            html.Details(
                [html.Summary(_("Plus de critères"), className="btn btn-secondary"),
                 html.Div(more, className="filters-more")],
                open=bool(asked.client or asked.site or asked.technology or asked.offer
                          or asked.ending),
            ),
        ],
        _("Chercher un abonnement"),
    )  # fmt: skip
