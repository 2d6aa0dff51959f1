"""What stands in one cell of a file of measures: a time, octets, a counter, a title. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.network.metrics.levels import MOST_OCTETS

EPOCH_2000 = 946_684_800
_FRENCH = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:[ T](\d{1,2})[:h](\d{2})(?::(\d{2}))?)?", re.ASCII
)
_GROUPED = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+", re.ASCII)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IN = ("in", "rx", "entr", "recu", "recei", "download", "down", "descend", "input")
_OUT = ("out", "tx", "sort", "emis", "envoy", "sent", "upload", "up", "montant", "output")
_WHOLE = {"in", "up", "down"}
"""Words that begin many others, and count only by themselves."""
_RATES = {"bit", "bits", "bps", "kbps", "mbps", "gbps", "debit", "rate"}
_PACKETS = {"paquet", "paquets", "packet", "packets", "pkts", "pkt", "trames", "frames"}


class BadValueError(ValueError):
    """A cell that cannot be; the message says why."""


def direction(title: str) -> str:
    """Return « in » or « out » as a title says (``ifHCOutOctets``, « Octets émis »), or ""."""
    words = _words(title)
    ins, outs = _any(words, _IN), _any(words, _OUT)
    return "" if ins == outs else "in" if ins else "out"


def unit_fault(title: str) -> str:
    """Return why a column of that title holds no octets: a rate, or packets; "" if it may."""
    words = set(_words(title))
    if words & _PACKETS:
        return "compte des paquets"
    if words & _RATES or "/s" in title.replace(" ", "").lower():
        return "donne un débit"
    return ""


def _words(title: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", title))
    text = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return re.findall(r"[a-z]+", text)


def _any(words: Sequence[str], known: Sequence[str]) -> bool:
    return any(w == k if k in _WHOLE else w.startswith(k) for w in words for k in known)


def parse_time(text: str, zone: ZoneInfo, now: float) -> float:
    """Return a time in UTC epoch seconds.

    Given as so many seconds, as an ISO 8601 date, or as the French write it
    (``31/12/2026 23:55:00``). One that names no offset is of ``zone``; none is later than ``now``.
    """
    try:
        at = number(text)
    except ValueError:
        at = _civil(date_of(text), zone)
    if not math.isfinite(at) or at < EPOCH_2000:
        raise BadValueError("avant l'an 2000 : ce n'est pas une heure en secondes depuis 1970")
    if at > now:
        late = at > 1e12
        raise BadValueError("en millisecondes : il faut des secondes" if late else "dans le futur")
    return at


def date_of(text: str) -> datetime:
    """Return a date and time, naive unless it tells its offset. Raises ``BadValueError``."""
    french = _FRENCH.fullmatch(text)
    try:
        if french is None:
            return datetime.fromisoformat(text)
        day, month, year, hour, minute, second = (int(part or 0) for part in french.groups())
        year += 2000 if year < 100 else 0
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone comes next
    except ValueError:
        said = (
            "ni des secondes depuis 1970, ni une date ISO 8601 (2026-03-01T00:05:00+01:00), "
            "ni jj/mm/aaaa hh:mm:ss"
        )
        raise BadValueError(said) from None


def _civil(at: datetime, zone: ZoneInfo) -> float:
    if at.tzinfo is not None:
        return at.timestamp()
    first, second = (at.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if back == at:
            raise BadValueError(
                f"heure ambiguë : au passage à l'heure d'hiver elle existe deux fois ({zone}) ; "
                "donnez le décalage (+02:00) ou des secondes depuis 1970"
            )
        raise BadValueError(f"cette heure n'existe pas : l'heure d'été commence ({zone})")
    return first.timestamp()


def number(text: str) -> float:
    """Return a number. Raises ``ValueError``."""
    if "_" in text:
        raise ValueError(text)
    return float(text)


def octets(text: str) -> int:
    """Return whole octets, rounded where the other tool kept decimals, spaces between thousands."""
    try:
        text = _plain(text)
        value = int(text) if text.isdigit() else number(text)
    except ValueError:
        raise BadValueError("n'est pas un nombre d'octets" if text else "il manque") from None
    if value < 0:
        raise BadValueError("est négatif")
    if not value < MOST_OCTETS:
        raise BadValueError("est plus grand que tout ce qu'une ligne peut porter")
    return round(value)


def counter(text: str, bits: int) -> int:
    """Return the value of a counter of so many bits."""
    text = _plain(text)
    if not (text.isdigit() and text.isascii()):
        raise BadValueError("n'est pas un compteur (un entier positif)" if text else "il manque")
    value = int(text)
    if value >= 2**bits:
        raise BadValueError(f"ne tient pas sur {bits} bits")
    return value


def _plain(text: str) -> str:
    """Return a number without the spaces between its thousands."""
    return re.sub(r"\s", "", text) if _GROUPED.fullmatch(text) else text
