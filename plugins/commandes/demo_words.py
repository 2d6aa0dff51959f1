"""The words of the demonstration's orders: lists, and nothing else."""

from __future__ import annotations

from plugins.commandes.models import Actor, Kind, Stage

CODES = (
    ("ERAT_000", "Production en cours", Stage.ORDERED, Actor.OPERATOR),
    ("ERAT_010", "POI nécessaire", Stage.STUDY, Actor.CUSTOMER),
    ("ERAT_030", "Étude de faisabilité en cours", Stage.STUDY, Actor.OPERATOR),
    ("ERAT_060", "Attente accord du syndic", Stage.STUDY, Actor.THIRD),
    ("ERAT_120", "Attente rendez-vous client", Stage.LINK, Actor.CUSTOMER),
    ("ERAT_200", "Commande passée à l’opérateur de boucle locale", Stage.WORKS, Actor.OPERATOR),
    ("ERAT_260", "Travaux opérateur à réaliser", Stage.WORKS, Actor.THIRD),
    ("ERAT_300", "Lien livré, routeur à installer", Stage.ROUTER, Actor.OPERATOR),
    ("ERAT_900", "Résiliation enregistrée", Stage.STUDY, Actor.OPERATOR),
    ("ERAT_999", "Service mis en service", Stage.SERVICE, Actor.OPERATOR),
)
"""Code, label, step, whose turn it is."""

COURSES = (
    (((0, "ERAT_000"), (3, "ERAT_010")), "PRODUCTION EN COURS"),
    (((0, "ERAT_000"), (4, "ERAT_030"), (16, "ERAT_060")), "PRODUCTION EN COURS"),
    (
        ((0, "ERAT_000"), (2, "ERAT_030"), (15, "ERAT_200"), (24, "ERAT_260")),
        "INSTALL PROGRAMMEE",
    ),
    (
        ((0, "ERAT_000"), (2, "ERAT_030"), (12, "ERAT_200"), (30, "ERAT_120")),
        "INSTALL PROGRAMMEE",
    ),
    (
        ((0, "ERAT_000"), (3, "ERAT_030"), (14, "ERAT_260"), (38, "ERAT_300")),
        "INSTALL PROGRAMMEE",
    ),
    (
        ((0, "ERAT_000"), (3, "ERAT_030"), (14, "ERAT_260"), (40, "ERAT_300"), (47, "ERAT_999")),
        "INSTALLEE",
    ),
)
"""How far an order is: days after it at which each code was taken, and its state."""
ENDING = (((0, "ERAT_000"), (2, "ERAT_900")), "RESILIATION DEMANDEE")

UPGRADES = ("Fibre FTTO 100M", "Fibre FTTO 200M", "Fibre FTTO 1G", "FTTH Pro 300M")
REASONS = (
    "Fermeture du site",
    "Regroupement de deux agences",
    "Remplacement par une liaison fibre",
    "Fin de bail",
)
SALES = (
    ("Marion Lacombe", "marion.lacombe@operateur.example"),
    ("Sébastien Roux", "sebastien.roux@operateur.example"),
    ("Isabelle Hoarau", "isabelle.hoarau@operateur.example"),
)
MANAGERS = (
    ("Damien Bouvier", "damien.bouvier@operateur.example"),
    ("Laure Fabre", "laure.fabre@operateur.example"),
)

_CREATION = (
    (True, ("Bonjour, votre commande est enregistrée. Pouvez-vous nous confirmer le nom et le "
           "téléphone du contact sur site pour le rendez-vous de raccordement ?")),
    (False, "Bonjour, c’est la personne déclarée sur le site. Elle est présente de 8 h à 17 h."),
    (True, "Merci. Le technicien l’appellera la veille de son passage."),
)  # fmt: skip
DIALOGUES = {
    Kind.CREATION: _CREATION,
    Kind.CHANGE: (
        (False, "Bonjour, la montée en débit demande-t-elle une coupure ?"),
        (True, ("Bonjour, dix minutes environ, en dehors de vos heures d’ouverture : dites-nous "
               "quel créneau vous convient.")),
        (False, "Mardi à 18 h 30 nous conviendrait : le site ferme à 18 h."),
    ),
    Kind.MOVE: (
        (True, "Bonjour, il nous manque le plan du nouveau local technique pour l’étude."),
        (False, "Bonjour, nous l’envoyons cette semaine."),
        (True, "Bien reçu, l’étude est lancée."),
    ),
    Kind.CANCELLATION: (
        (True, ("Bonjour, votre demande est enregistrée. Le routeur sera à nous retourner dans les "
               "trente jours qui suivent l’arrêt du service.")),
    ),
}  # fmt: skip
"""What is said about an order: (by the operator, text), one after the other."""
