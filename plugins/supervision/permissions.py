"""What an administrator can grant of supervision."""

from core.api import N_, Permission

READ = Permission("supervision:read", N_("Consulter l’état des services"))
PLACE = Permission("supervision:place", N_("Placer les sites sur la carte"), staff=True)
