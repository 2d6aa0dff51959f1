"""What an administrator can grant of invoices."""

from core.api import N_, Permission

READ = Permission("factures:read", N_("Consulter et télécharger les factures"))
