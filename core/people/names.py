"""What names and addresses of people may hold: nothing that deceives a reader or breaks a mail."""

from __future__ import annotations

import unicodedata

from core.i18n import _

LONGEST = 60
_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
"""Alphabets whose letters can be taken for those of another."""


class UserError(ValueError):
    """What was asked cannot be done; the message says why and what to do, to a person.

    ``field`` is the one of the form that is to be mended, empty when it is none.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def clean_name(text: str, field: str) -> str:
    """Return a name as it is kept, spaces made one. Raises ``UserError``.

    Line breaks (they would end a header of a mail) and other control characters, marks that turn
    the direction of what follows, and letters of several alphabets that look alike are refused, not
    removed: whoever typed one must see what is kept.
    """
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise UserError(
                _("Un caractère invisible (U+%(code)s) n’est pas admis : retapez ce nom.",
                  code=f"{ord(character):04X}"), field,
            )  # fmt: skip
    name = " ".join(text.split())
    if len(name) > LONGEST:
        raise UserError(_("%(n)s caractères au plus.", n=LONGEST), field)
    alphabets = {unicodedata.name(c, "").split(" ")[0] for c in name if c.isalpha()}
    if len(alphabets & _ALIKE) > 1:
        raise UserError(
            _("Ce nom mêle des lettres de plusieurs alphabets qui se ressemblent : retapez-le."),
            field,
        )
    return name


def strange_letter(address: str) -> str | None:
    """Return the first letter of an address that is not ASCII, None without any.

    « аdmin@… » with a Cyrillic « а » reads as another's address. A domain with accents has a form
    in ASCII (« xn--… », RFC 5891) that can be given in its place.
    """
    return next((c for c in address if not c.isascii()), None)
