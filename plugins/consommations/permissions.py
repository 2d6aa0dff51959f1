"""What an administrator can grant of consommations."""

from core.api import N_, Permission

READ = Permission("consommations:read", N_("Consulter les consommations"))
