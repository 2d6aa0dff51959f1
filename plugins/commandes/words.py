"""What orders and subscriptions are called, by what the code calls them."""

from __future__ import annotations

from datetime import date

from dash import html
from dash.development.base_component import Component

from core.api import N_, _, fold
from plugins.commandes.models import Actor, Decision, Kind, Stage, is_installed

KINDS = {
    Kind.CREATION: N_("Création"),
    Kind.CHANGE: N_("Modification"),
    Kind.CANCELLATION: N_("Résiliation"),
    Kind.MOVE: N_("Déménagement"),
}
STAGES = {
    Stage.ORDERED: N_("Commande enregistrée"),
    Stage.STUDY: N_("Étude"),
    Stage.WORKS: N_("Travaux"),
    Stage.LINK: N_("Raccordement du lien"),
    Stage.ROUTER: N_("Installation du routeur"),
    Stage.SERVICE: N_("Mise en service"),
}
ACTORS = {
    Actor.CUSTOMER: N_("À vous d’agir"),
    Actor.OPERATOR: N_("Au tour de l’opérateur"),
    Actor.THIRD: N_("Au tour d’un tiers"),
}
DECISIONS = {
    Decision.ASKED: (N_("Résiliation demandée"), "tag tag-degraded"),
    Decision.CONFIRMED: (N_("Résiliation confirmée"), "tag tag-down"),
    Decision.REFUSED: (N_("Résiliation refusée"), "tag"),
    Decision.WITHDRAWN: (N_("Demande retirée"), "tag"),
}
FIELDS = {
    "state": N_("État commande"),
    "code": N_("Code production"),
    "contract": N_("Date contractuelle"),
    "wanted": N_("Date souhaitée"),
    "router": N_("RDV routeur"),
    "link": N_("RDV lien"),
    "article": N_("Libellé article"),
    "delivered": N_("Date de mise en service"),
    "cancelled_for": N_("Résiliation demandée pour le"),
    "closed": N_("Suivi"),
}
"""The fields whose changes are told, by their names in ``OrderChange``."""


def short(day: date | None) -> str | None:
    """Return « 24/11/26 », None for no day."""
    return day.strftime("%d/%m/%y") if day else None


def long(day: date | None) -> str | None:
    """Return « 24/11/2026 », None for no day."""
    return day.strftime("%d/%m/%Y") if day else None


def state_tag(state: str) -> Component:
    """Return a state of the back office, tinted by what it means."""
    folded = fold(state)
    css = "tag"
    if is_installed(state):
        css = "tag tag-up"
    elif "resili" in folded or "annul" in folded:
        css = "tag tag-down"
    elif "programm" in folded or "planifi" in folded:
        css = "tag tag-accent"
    return html.Span(state, className=css)


def ending(day: date | None) -> str:
    """Return « au 31/12/26 », nothing without a day."""
    return _("au %(day)s", day=short(day)) if day else ""


DEEDS = {
    "contact.changed": N_("A modifié le contact d’un site"),
    "order.message": N_("A écrit un message au sujet d’une commande"),
    "radius.revealed": N_("A fait afficher un mot de passe RADIUS"),
    "cancellation.asked": N_("A demandé une résiliation"),
    "cancellation.withdrawn": N_("A retiré une demande de résiliation"),
    f"cancellation.{Decision.CONFIRMED.value}": N_("A confirmé une résiliation"),
    f"cancellation.{Decision.REFUSED.value}": N_("A refusé une résiliation"),
}
"""What is done to orders and subscriptions, as the journal tells it."""
