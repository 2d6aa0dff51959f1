"""How « Collecte » says what the collector tells of a router, and what to do about it."""

from __future__ import annotations

import re

from core.i18n import N_, _
from core.network.collection import NOT_READ, Trouble

OUTCOMES = {
    NOT_READ: N_("Pas relevé"),
    "timeout": N_("Ne répond pas"),
    "refused": N_("Port fermé"),
    "auth": N_("Identifiants refusés"),
    "no_such": N_("Rien de ce qui est demandé"),
    "bad_answer": N_("Réponse incorrecte"),
    "bad_target": N_("Réglages inutilisables"),
    "late": N_("Trop lent"),
}
"""Outcomes of a visit, as ``collectors`` names them, in words."""

_SHORT = {
    NOT_READ: N_("Pas relevés"),
    "timeout": N_("Muets"),
    "refused": N_("Port fermé"),
    "auth": N_("Identifiants"),
    "no_such": N_("Sans réponse utile"),
    "bad_answer": N_("Incorrects"),
    "bad_target": N_("Réglages"),
    "late": N_("Lents"),
}

_ADVICE = {
    NOT_READ: N_("le collecteur est arrêté ou en retard"),
    "timeout": N_("éteint, hors d’atteinte, ou mauvaise communauté"),
    "refused": N_("aucun agent SNMP n’écoute sur ce port"),
    "auth": N_("utilisateur ou mot de passe SNMPv3 à corriger"),
    "no_such": N_("droits de lecture SNMP à ouvrir sur le routeur"),
    "bad_answer": N_("l’agent SNMP du routeur est en faute"),
    "bad_target": N_("réglages SNMP du routeur à corriger"),
    "late": N_("réponses plus longues qu’un intervalle de relevé"),
}

_DETAILS = (
    ("OIDs do not increase", N_("sa table ne finit pas : les OID n’augmentent pas")),
    ("the answer is about another OID", N_("répond sur un autre OID que celui demandé")),
    ("fewer values than asked", N_("répond moins de valeurs que demandé")),
    ("an OID is not numeric", N_("un OID illisible")),
    (r"more than (?P<n>\d+) rows", N_("plus de %(n)s lignes dans une table")),
    (r"a column of more than (?P<n>\d+) octets", N_("plus de %(n)s octets dans une table")),
    (r"one value is too big for an answer", N_("une valeur trop grande pour une réponse")),
    (r"(?P<found>\S+) where (?P<wanted>.+) is expected", N_("%(found)s au lieu de %(wanted)s")),
    (r"a (?P<kind>\S+) out of its range", N_("%(kind)s hors de ses bornes")),
    (r"a (?P<kind>\S+) that is not a number", N_("%(kind)s qui n’est pas un nombre")),
    ("an error in place of a value", N_("répond une erreur en place d’une valeur")),
    (r"what came does not decode.*", N_("une réponse illisible")),
    (r"an interface at index .*", N_("un numéro d’interface impossible")),
    (
        "a probe of more packets than can be",
        N_("une sonde de plus de paquets qu’il n’est possible"),
    ),
    ("none of its interfaces is there", N_("répond, mais aucune de ses interfaces n’est là")),
    (
        "an SNMPv3 protocol that gufo-snmp does not know",
        N_("un protocole SNMPv3 que le moteur gufo ne connaît pas"),
    ),
    ("no SNMPv3 engine answers", N_("aucun moteur SNMPv3 ne répond")),
    ("SNMPv3 needs a user", N_("SNMPv3 demande un utilisateur")),
    (
        "SNMPv3 privacy needs an authentication password",
        N_("le chiffrement SNMPv3 demande un mot de passe d’authentification"),
    ),
    (r"SNMPv3 passwords have 8 characters.*", N_("mot de passe SNMPv3 de moins de 8 caractères")),
    (
        "the credentials were sealed with another secret key",
        N_("identifiants scellés avec une autre clé secrète"),
    ),
    ("a fault of the collector", N_("une faute du collecteur : voir son journal")),
)
"""What the collector says of a visit (in English, as in its log), and the same in French."""


def outcome_words(outcome: str) -> str:
    """Return « Ne répond pas »; an outcome without words is said as it is."""
    return _(OUTCOMES[outcome]) if outcome in OUTCOMES else outcome


def outcome_short(outcome: str) -> str:
    """Return « Muets », for a filter on a phone."""
    return _(_SHORT[outcome]) if outcome in _SHORT else outcome


def why(trouble: Trouble) -> str:
    """Return what went wrong as precisely as it is known, else what it comes from most often."""
    for pattern, words in _DETAILS:
        found = re.fullmatch(pattern, trouble.detail)
        if found:
            return _(words, **found.groupdict())
    if trouble.detail and trouble.outcome in ("bad_answer", "bad_target"):
        return trouble.detail
    return advice(trouble.outcome)


def advice(outcome: str) -> str:
    """Return where to look first."""
    return _(_ADVICE[outcome]) if outcome in _ADVICE else ""
