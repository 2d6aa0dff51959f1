"""Phone numbers, kinds of lines and numbers of calls, as they are read."""

from __future__ import annotations

from datetime import timedelta

from balise_voix.models import LineKind
from core.api import N_, formats, ngettext

KINDS = {
    LineKind.TRUNK: N_("Trunk SIP"),
    LineKind.LINE: N_("Ligne"),
    LineKind.FAX: N_("Télécopie"),
}


def dialled(number: str) -> str:
    """Return « 05 65 11 22 33 »; a number of another length as it is."""
    if len(number) != 10 or not number.isdigit():
        return number
    return "\N{NO-BREAK SPACE}".join(number[i : i + 2] for i in range(0, 10, 2))


def calls(count: int) -> str:
    """Return « 1 284 appels »."""
    return ngettext("%(count)s appel", "%(count)s appels", count, count=formats.number(count))


def talked(seconds: int) -> str:
    """Return how long calls lasted: « 12 h 05 »."""
    minutes = round(timedelta(seconds=seconds) / timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    return f"{formats.number(hours)} h {rest:02}" if hours else f"{minutes} min"
