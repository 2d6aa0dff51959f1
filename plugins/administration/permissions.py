"""What comes with being an administrator."""

from core.api import N_, Permission

USERS = Permission("administration:users", N_("Gérer les utilisateurs"), admin=True)
JOURNAL = Permission("administration:journal", N_("Lire le journal"), admin=True)
CUSTOMERS = Permission(
    "administration:customers", N_("Gérer les comptes clients"), staff=True, admin=True
)
