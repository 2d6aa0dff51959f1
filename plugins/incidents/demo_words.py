"""What is said in the tickets of the demonstration."""

from __future__ import annotations

from plugins.incidents.life import Cause

SYMPTOMS = (
    ("Coupure de la liaison",
     "Plus aucun accès depuis ce site : ni messagerie, ni application. Le routeur est allumé."),
    ("Liaison interrompue",
     "La liaison est tombée d’un coup, le routeur a été redémarré sans effet."),
    ("Plus de réseau sur le site",
     "Les caisses et les téléphones ne répondent plus. Aucun travaux chez nous."),
)  # fmt: skip
AGENTS = ("Nadia Berger", "Hugo Lemaire", "Sophie Arnal", "Thierry Morel")
CONTACTS = (
    ("Claire Vidal", "05 99 00 00 12"), ("Marc Fabre", "05 99 00 00 27"),
    ("Julie Costes", "04 99 00 00 31"), ("Paul Estève", "01 99 00 00 44"),
)  # fmt: skip
WAITS = (
    ("Pouvez-vous confirmer l’accès au local technique et les horaires ?",
     "Le gardien est prévenu, le technicien peut se présenter à l’accueil."),
    ("Merci de vérifier l’alimentation du routeur : voyant « Power ».",
     "Le routeur est bien alimenté, le voyant WAN reste éteint."),
)  # fmt: skip
SOLUTIONS = (
    (Cause.OPERATOR, "Fibre sectionnée par des travaux de voirie : soudure faite, mesurée."),
    (Cause.OPERATOR, "Carte d’accès remplacée au point de présence, service rétabli et surveillé."),
    (Cause.OPERATOR, "Paire défectueuse changée au sous-répartiteur, débit revenu au nominal."),
    (Cause.CUSTOMER, "Coupure électrique sur le site : service revenu avec l’alimentation."),
    (Cause.OPERATOR, "Routeur bloqué après une mise à jour : version corrigée installée."),
)  # fmt: skip
