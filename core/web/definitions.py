"""What each figure of traffic is: said the same in « Aide » and beside the figure.

They are those of ``core.network.metrics``: ``Report`` (mean, peak, percentiles, octets,
``covered``), ``Percentile``, ``ProbeSeries`` and ``ClassSeries``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure: its name, what it is, and where it is read or who defines it."""

    name: str
    text: str
    source: str


DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        "mean": Definition(
            N_("Moyenne"),
            N_("Octets transportés pendant la période, en bits, divisés par le temps mesuré."),
            N_("IF-MIB (RFC 2863), ifHCInOctets et ifHCOutOctets"),
        ),
        "peak": Definition(
            N_("Pointe"),
            N_(
                "Le plus haut débit moyen d'un seul relevé, d'une minute en général. D'une somme "
                "de liens : le plus haut débit moyen de cinq minutes."
            ),
            N_("IF-MIB (RFC 2863)"),
        ),
        "p95": Definition(
            N_("95e centile"),
            N_(
                "Les débits moyens de cinq minutes sont rangés du plus petit au plus grand ; c'est "
                "celui de rang 0,95 n, arrondi au-dessus. Entrant et sortant à part ; les créneaux "
                "sans mesure n'y entrent pas. De plusieurs liens : de leur somme, créneau par "
                "créneau."
            ),
            N_("Rang le plus proche, sur des créneaux de cinq minutes"),
        ),
        "volume": Definition(
            N_("Volume"),
            N_("Octets transportés, exacts : les différences des compteurs du routeur."),
            N_("IF-MIB (RFC 2863), ifHCInOctets et ifHCOutOctets"),
        ),
        "contract": Definition(
            N_("Débit souscrit"),
            N_(
                "Les débits du contrat ; de plusieurs liens, la somme. Le trait du graphique est "
                "le débit entrant."
            ),
            N_("Votre contrat"),
        ),
        "coverage": Definition(
            N_("Mesures présentes"),
            N_(
                "La part de la période qui a été mesurée. Ce qui ne l'a pas été est montré en gris "
                "et n'entre dans aucun chiffre : ce n'est pas un trafic nul."
            ),
            N_("Temps couvert par les relevés, divisé par la durée de la période"),
        ),
        "classes": Definition(
            N_("Offert, émis, perdu"),
            N_(
                "Ce qu'une classe de service a reçu avant la politique du routeur, ce qu'elle a "
                "laissé passer, ce qu'elle a rejeté. Une classe qui en contient d'autres les "
                "compte déjà."
            ),
            N_("CISCO-CLASS-BASED-QOS-MIB, cbQosCMStatsTable"),
        ),
        "probes": Definition(
            N_("Délai, gigue, perte"),
            N_(
                "L'aller-retour moyen des paquets d'une sonde qui sont revenus, la variation de "
                "ce délai, et la part des paquets qui ne sont pas revenus."
            ),
            N_("CISCO-RTTMON-MIB, opérations IP SLA"),
        ),
    }
)
"""The figures, in the order in which they are explained."""


def definition(key: str) -> str:
    """Return what a figure is, in the reader's language."""
    return _(DEFINITIONS[key].text)
