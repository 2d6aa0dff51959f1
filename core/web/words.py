"""How states and reasons are said: one table, every page reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n import N_, _
from core.network.places import Unplaced
from core.network.status import Reason, State


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state in words (French sources) and in shape; ``css`` names its tokens and its LED."""

    css: str
    shape: str
    one: str
    many: str
    legend: str
    link: str
    service: str


STATES: Mapping[State, StateWords] = MappingProxyType(
    {
        State.UP: StateWords(
            css="up",
            shape="●",
            one=N_("Fonctionnel"),
            many=N_("Fonctionnels"),
            legend=N_("Fonctionnel"),
            link=N_("Fonctionnelle"),
            service=N_("Le service est fonctionnel"),
        ),
        State.DEGRADED: StateWords(
            css="degraded",
            shape="▲",
            one=N_("Dégradé"),
            many=N_("Dégradés"),
            legend=N_("Dégradé / Non secouru"),
            link=N_("Dégradée"),
            service=N_("Le service est dégradé"),
        ),
        State.DOWN: StateWords(
            css="down",
            shape="■",
            one=N_("Interrompu"),
            many=N_("Interrompus"),
            legend=N_("Interrompu"),
            link=N_("Interrompue"),
            service=N_("Le service est interrompu"),
        ),
        State.UNKNOWN: StateWords(
            css="unknown",
            shape="○",
            one=N_("Indéterminé"),
            many=N_("Indéterminés"),
            legend=N_("Indéterminé"),
            link=N_("Indéterminée"),
            service=N_("L’état du service n’est pas connu"),
        ),
    }
)

REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NONE: "",
        Reason.BACKUP_ACTIVE: N_("secours actif"),
        Reason.UNPROTECTED: N_("non secouru"),
        Reason.INTERFACE_DOWN: N_("interface hors service"),
        Reason.ADMIN_DOWN: N_("interface fermée par l’opérateur"),
        Reason.UNREACHABLE: N_("routeur injoignable"),
        Reason.NO_INTERFACE: N_("interface inconnue du routeur"),
        Reason.BAD_ANSWER: N_("réponse du routeur incorrecte"),
        Reason.STALE: N_("mesures trop anciennes"),
        Reason.NEVER: N_("jamais mesuré"),
        Reason.UNSTABLE: N_("instable"),
        Reason.LOSS: N_("pertes de paquets"),
        Reason.ERRORS: N_("erreurs de transmission"),
        Reason.DELAY: N_("délai élevé"),
        Reason.JITTER: N_("gigue élevée"),
    }
)

SENTENCES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.BACKUP_ACTIVE: N_("Le service est dégradé, le secours est actif"),
        Reason.UNPROTECTED: N_("Le service fonctionne, mais il n’est plus secouru"),
        Reason.UNSTABLE: N_("Le service est dégradé, une liaison est instable"),
        Reason.LOSS: N_("Le service est dégradé, une liaison perd des paquets"),
        Reason.ERRORS: N_("Le service est dégradé, une liaison transmet avec des erreurs"),
        Reason.DELAY: N_("Le service est dégradé, une liaison répond lentement"),
        Reason.JITTER: N_("Le service est dégradé, le délai d’une liaison varie trop"),
    }
)
"""What is said of a service for a reason that tells more than its state does."""

UNPLACED: Mapping[Unplaced, str] = MappingProxyType(
    {
        Unplaced.ABSENT: N_("Coordonnées non renseignées"),
        Unplaced.HALF: N_("Latitude ou longitude manquante"),
        Unplaced.IMPOSSIBLE: N_("Coordonnées impossibles"),
    }
)
"""Why a site has no place on a map."""

WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP)


def state_word(state: State, count: int | None = None) -> str:
    """Return « Interrompu », or the form that agrees with ``count``."""
    words = STATES[state]
    return _(words.one if count is None or count < 2 else words.many)


def link_word(state: State) -> str:
    """Return the state of a « liaison », which is feminine: « Interrompue »."""
    return _(STATES[state].link)


def reason_words(reason: Reason, age: str | None = None) -> str:
    """Return why, « secours actif »; empty without a reason.

    ``age`` (« 26 min ») completes what is too old: « sans mesure depuis 26 min ».
    """
    if reason is Reason.STALE and age:
        return _("sans mesure depuis %(age)s", age=age)
    return _(REASONS[reason]) if REASONS[reason] else ""


def service_sentence(state: State, reason: Reason) -> str:
    """Return « Le service est dégradé, le secours est actif »."""
    return _(SENTENCES.get(reason, STATES[state].service))


def sentence(state: State) -> str:
    """Return « Le service est fonctionnel »."""
    return _(STATES[state].service)


def capital(text: str) -> str:
    """Return a text with its first letter as a capital, the rest untouched."""
    return text[:1].upper() + text[1:]
