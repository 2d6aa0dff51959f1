"""« Accueil »: one card per rubric that the user may read, refreshed while it is open."""

from __future__ import annotations

import hashlib
from typing import Any

from dash import dcc, html, no_update
from plotly.utils import PlotlyJSONEncoder

from core.answers import Card
from core.config import Config
from core.i18n import _
from core.rubric import Context
from core.web.components import empty_state, live, page_head


def layout(ctx: Context, config: Config) -> html.Div:
    """Return the home page."""
    cards = _cards(ctx)
    return html.Div(
        [
            page_head(_("Accueil"), _("Une vision unifiée de vos services")),
            html.Div(cards, id="host-home-cards", className="cards"),
            live("host-home-tick", ctx.refresh_seconds, ctx.stale_after),
            dcc.Store(id="host-home-version", data=_version(cards)),
        ]
    )


def refresh(ctx: Context, _tick: object, version: object) -> tuple[Any, Any]:
    """Return the cards anew when anything in them changed, and their version."""
    cards = _cards(ctx)
    new = _version(cards)
    return (no_update, no_update) if new == version else (cards, new)


def _cards(ctx: Context) -> list[Any]:
    cards = [card for _id, card in ctx.ask("home_cards")]
    if not cards:
        return [
            html.Div(
                empty_state(
                    "home",
                    _("Votre espace est prêt"),
                    _(
                        "Aucune rubrique n’a encore quelque chose à vous montrer. Celles que "
                        "l’opérateur ou l’administrateur de votre société vous ouvrira "
                        "apparaîtront ici."
                    ),
                ),
                className="card s-12",
            )
        ]
    return [_card(card) for card in sorted(cards, key=lambda card: card.order)]


def _card(card: Card) -> html.Section:
    more = dcc.Link(_(card.more), href=card.href) if card.href else None
    head = html.Div([html.H2(card.title), more], className="card-title-row")
    return html.Section([head, card.body], className=f"card card-flush s-{card.width}")


def _version(cards: list[Any]) -> str:
    text = PlotlyJSONEncoder(sort_keys=True).encode(cards)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
