"""What the facts of a line of the journal are called, and how their values are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.api import N_, _

LABELS = {
    "what": N_("Quoi"),
    "more": N_("Suite"),
    "reach": N_("Portée"),
    "by": N_("Par"),
    "admin": N_("Administrateur"),
    "customer": N_("Compte client"),
    "permissions": N_("Droits"),
    "rubrics": N_("Rubriques"),
    "rubric": N_("Rubrique"),
    "scope": N_("Périmètre"),
    "sites": N_("Sites"),
    "companies": N_("Sociétés"),
    "name": N_("Nom"),
    "number": N_("Numéro"),
    "email": N_("Adresse e-mail"),
    "timezone": N_("Fuseau horaire"),
    "language": N_("Langue"),
    "role": N_("Rôle"),
    "phone": N_("Téléphone"),
    "until": N_("Jusqu’au"),
    "expires": N_("Expire le"),
    "guest": N_("Invité"),
    "profile": N_("Profil"),
    "wanted": N_("Date souhaitée"),
    "file": N_("Fichier"),
    "size": N_("Taille (octets)"),
    "octets": N_("Taille (octets)"),
    "run": N_("Import n°"),
    "job": N_("Travail n°"),
    "kind": N_("Genre"),
    "arguments": N_("Paramètres"),
    "wall": N_("Mur n°"),
    "scenes": N_("Scènes"),
    "link": N_("N° de référence (CLS)"),
    "severity": N_("Gravité"),
    "title": N_("Titre"),
    "cause": N_("Cause"),
    "solution": N_("Solution"),
    "from_operator": N_("De l’opérateur"),
    "new_device": N_("Nouvel appareil"),
    "required": N_("Double authentification exigée"),
    "without": N_("Comptes qui ne l’ont pas encore"),
    "state": N_("État"),
    "counts": N_("Lignes"),
}
"""Those that are not here are shown by the name that the code gives them."""

VALUES = {
    "operator": N_("tous les clients"),
    "customer": N_("un compte client"),
    "company": N_("société"),
    "site": N_("site"),
    "invitation": N_("lien d’invitation"),
    "reset": N_("lien de mot de passe oublié"),
    "not kept": N_("les refus suivants de la même minute ne sont pas gardés"),
    "page": N_("une page"),
    "callback": N_("une action"),
    "download": N_("un téléchargement"),
    "upload": N_("un dépôt de fichier"),
    "endpoint": N_("une adresse"),
    "acting": N_("agir pour un client"),
}


def label(name: str) -> str:
    """Return what a fact is called."""
    return _(LABELS[name]) if name in LABELS else name.replace("_", " ")


def value(found: Any) -> str:
    """Return a value as a reader takes it: « Oui », « 3 », « a, b », « – » for none."""
    if found is None or found in ("", [], {}):
        return "–"
    if isinstance(found, bool):
        return _("Oui") if found else _("Non")
    if isinstance(found, Mapping):
        return ", ".join(f"{label(str(k))} : {value(v)}" for k, v in found.items())
    if isinstance(found, list):
        return ", ".join(value(one) for one in found)
    text = str(found)
    return _(VALUES[text]) if text in VALUES else text


def changes(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (name, before, after) of what a line says to have changed, in words."""
    if "before" not in facts and "after" not in facts:
        return []
    before, after = facts.get("before"), facts.get("after")
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        one: Mapping[str, Any] = before if isinstance(before, Mapping) else {}
        two: Mapping[str, Any] = after if isinstance(after, Mapping) else {}
        names = [*one, *(name for name in two if name not in one)]
        return [(label(name), value(one.get(name)), value(two.get(name))) for name in names]
    return [(_("Valeur"), value(before), value(after))]


def others(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, value) of the other facts of a line, in words."""
    return [(label(k), value(v)) for k, v in facts.items() if k not in ("before", "after")]
