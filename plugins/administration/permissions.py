"""What comes with being an administrator."""

from core.api import N_, Permission

USERS = Permission("administration:users", N_("Gérer les utilisateurs"), admin=True)
