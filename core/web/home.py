"""« Accueil »: one card per rubric that the user may read, refreshed while it is open."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import structlog
from dash import dcc, html, no_update
from plotly.utils import PlotlyJSONEncoder

from core.answers import Card
from core.i18n import _
from core.rubric import Context, Rubric
from core.web.components import empty_state, error_body, live, page_head

log = structlog.get_logger("balise.web")


def layout(ctx: Context) -> html.Div:
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
    failed: list[Rubric] = []
    cards = [card for _id, card in ctx.ask("home_cards", failed=failed)]
    shown = [_card(card, ctx.reference) for card in sorted(cards, key=lambda card: card.order)]
    shown += [_failed(rubric, ctx.reference) for rubric in failed]
    if not shown:
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
    return shown


def _failed(rubric: Rubric, reference: str) -> html.Section:
    """Return what stands for the cards of a rubric that fails: the others are there."""
    head = html.Div(html.H2(_(rubric.label)), className="card-title-row")
    return html.Section([head, error_body(reference)], className="card card-flush s-4")


def _card(card: Card, reference: str) -> html.Section:
    try:
        _encoded(card.body)
    except (TypeError, ValueError) as error:  # Dash would lose the whole page for it
        log.error("card cannot be sent", card=card.title, error=str(error), reference=reference)
        card = replace(card, body=error_body(reference))
    more = dcc.Link(_(card.more), href=card.href) if card.href else None
    head = html.Div([html.H2(card.title), more], className="card-title-row")
    return html.Section([head, card.body], className=f"card card-flush s-{card.width}")


def _version(cards: list[Any]) -> str:
    return hashlib.blake2b(_encoded(cards).encode(), digest_size=8).hexdigest()


def _encoded(part: Any) -> str:
    text: str = PlotlyJSONEncoder(sort_keys=True).encode(part)
    return text
