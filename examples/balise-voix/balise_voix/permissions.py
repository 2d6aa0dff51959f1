"""What an administrator can grant of phone lines."""

from core.api import N_, Permission

READ = Permission("voix:read", N_("Consulter les lignes téléphoniques et leurs appels"))
EXPORT = Permission("voix:export", N_("Enregistrer la liste des lignes téléphoniques"))
