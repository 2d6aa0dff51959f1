"""What an administrator can grant of orders and subscriptions."""

from core.api import N_, Permission

READ = Permission("commandes:read", N_("Consulter les commandes et les abonnements"))
WRITE = Permission(
    "commandes:write", N_("Écrire à l’administration des ventes, modifier les contacts sur site")
)
CANCEL = Permission("commandes:cancel", N_("Demander la résiliation d’un abonnement"))
RADIUS = Permission("commandes:radius", N_("Voir les mots de passe Radius"))
MANAGE = Permission(
    "commandes:manage", N_("Répondre aux clients, décider des résiliations"), staff=True
)
