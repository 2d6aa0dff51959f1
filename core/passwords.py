"""Passwords: argon2id, length rather than composition, common ones refused from a local list."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.i18n import _

MINIMUM, MAXIMUM = 12, 128

_hasher = PasswordHasher()  # argon2id with RFC 9106's low-memory parameters, argon2-cffi's default


@cache
def _common() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "common-passwords.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _decoy() -> str:
    return _hasher.hash("no account has this password")


def weakness(password: str, email: str, name: str) -> str | None:
    """Return why a password is refused, in words, or None when it is good enough."""
    if len(password) < MINIMUM:
        return _("Le mot de passe doit avoir au moins %(n)s caractères.", n=MINIMUM)
    if len(password) > MAXIMUM:
        return _("Le mot de passe doit avoir au plus %(n)s caractères.", n=MAXIMUM)
    plain = password.casefold()
    if plain in _common() or len(set(plain)) < 5:
        return _("Ce mot de passe est trop courant : choisissez plusieurs mots sans rapport.")
    own = [
        part
        for part in (email.split("@", maxsplit=1)[0].casefold(), *name.casefold().split())
        if part
    ]
    rest = plain
    for part in (email.casefold(), *own):  # the whole before its parts
        rest = rest.replace(part, "") if len(part) > 3 else rest
    if len(rest) < MINIMUM // 2:
        return _("Ce mot de passe ressemble trop à votre nom ou à votre adresse.")
    return None


def make_hash(password: str) -> str:
    """Return the argon2id hash to keep."""
    return _hasher.hash(password)


def verify(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one kept; takes as long when there is none to compare."""
    try:
        _hasher.verify(kept or _decoy(), password[: MAXIMUM + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)
