"""What an administrator can grant of tickets."""

from core.api import N_, Permission

READ = Permission("incidents:read", N_("Consulter les tickets d’incident et les engagements"))
WRITE = Permission("incidents:write", N_("Ouvrir des tickets d’incident, y répondre, les clore"))
MANAGE = Permission(
    "incidents:manage", N_("Traiter les tickets d’incident des clients"), staff=True
)
TERMS = Permission(
    "incidents:terms", N_("Modifier les profils des contrats de service"), staff=True
)
