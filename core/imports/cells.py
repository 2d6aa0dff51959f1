"""One cell of a file, read as what its column holds; and how a value is kept and shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from core.datasets import DataKind, DatasetColumn
from core.exports import plain_text
from core.i18n import _
from core.network.views import fold

ABSENT = frozenset({"", "n/a", "h/a", "na", "-", "–", "—"})
"""What back offices write where there is nothing, in small letters."""
YES = frozenset({"oui", "o", "vrai", "true", "yes", "y", "1", "x"})
NO = frozenset({"non", "n", "faux", "false", "no", "0"})
LONGEST_TEXT = 4_000
LONGEST_REFERENCE = 120
_PIVOT = 70
_FRENCH = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[ T]+(\d{1,2})[:h](\d{2})(?::(\d{2}))?)?",
    re.ASCII,
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f'](?=\d{3}(\D|$))")
_MOST_DIGITS = 28
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters of control, and halves of one: no store takes them, no reader shows them."""


class CellError(ValueError):
    """A cell that cannot be; the message says why and what is expected."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a spreadsheet shows where a formula failed: « #REF! »."""

    text: str


def said(raw: Any) -> str:
    """Return a cell as a person would read it in the file."""
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "oui" if raw else "non"
    if isinstance(raw, float):
        return format(raw, ".15g")
    if isinstance(raw, datetime):
        return raw.strftime("%d/%m/%Y" if raw.time() == datetime.min.time() else "%d/%m/%Y %H:%M")
    return raw.text if isinstance(raw, Fault) else str(raw)


def read(column: DatasetColumn, raw: Any, zone: ZoneInfo) -> Any:
    """Return what a cell holds, None for nothing. Raises ``CellError``.

    ``raw`` is a text, or what a workbook or a JSON file has: a number, a boolean, a naive datetime.
    """
    if isinstance(raw, Fault):
        raise CellError(_("la formule de cette cellule est en erreur (%(name)s)", name=raw.text))
    if raw is None or (isinstance(raw, str) and _is_absent(raw)):
        return None
    return _READERS[column.kind](column, raw, zone)


def _is_absent(text: str) -> bool:
    return text.strip().lower() in ABSENT if len(text) < 8 else text.isspace()


def _text(_column: DatasetColumn, raw: Any, _zone: ZoneInfo) -> str:
    text = plain_text(said(raw)).strip()
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable() and _CONTROL.search(text):
        raise CellError(_("contient un caractère de commande, illisible"))
    if len(text) > LONGEST_TEXT:
        raise CellError(_("texte de plus de %(n)s caractères", n=LONGEST_TEXT))
    return text


def _reference(column: DatasetColumn, raw: Any, zone: ZoneInfo) -> str:
    if isinstance(raw, float) and abs(raw) >= 1e15:
        raise CellError(_("nombre arrondi par le tableur : mettez la colonne au format Texte"))
    if isinstance(raw, float) and not raw.is_integer():
        raise CellError(_("une référence est attendue, pas un nombre à virgule"))
    text = _text(column, int(raw) if isinstance(raw, float) else raw, zone)
    if "\n" in text or "\t" in text:
        raise CellError(_("une référence tient sur une ligne"))
    if len(text) > LONGEST_REFERENCE:
        raise CellError(
            _(
                "référence de plus de %(n)s caractères",
                n=LONGEST_REFERENCE,
            )
        )
    return text


def _decimal(_column: DatasetColumn, raw: Any, _zone: ZoneInfo) -> Decimal:
    text = said(raw).strip()
    plain = _SPACES.sub("", text)
    number = isinstance(raw, int | float) and not isinstance(raw, bool)
    if not number and not _NUMBER.fullmatch(plain):
        raise CellError(_("n'est pas un nombre : 1234,56 est attendu"))
    try:
        value = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise CellError(_("n'est pas un nombre : 1234,56 est attendu")) from None
    if not value.is_finite() or len(value.as_tuple().digits) > _MOST_DIGITS:
        raise CellError(_("nombre trop grand"))
    return value


def _integer(column: DatasetColumn, raw: Any, zone: ZoneInfo) -> int:
    value = _decimal(column, raw, zone)
    if value != value.to_integral_value():
        raise CellError(_("n'est pas un nombre entier"))
    if abs(value) >= 2**63:
        raise CellError(_("nombre trop grand"))
    return int(value)


def _date(_column: DatasetColumn, raw: Any, _zone: ZoneInfo) -> date:
    if isinstance(raw, datetime):
        return _ranged(raw).date()
    at = _parsed(said(raw).strip(), "jj/mm/aaaa")
    return at.date()


def _datetime(_column: DatasetColumn, raw: Any, zone: ZoneInfo) -> datetime:
    at = (
        _ranged(raw)
        if isinstance(raw, datetime)
        else _parsed(said(raw).strip(), "jj/mm/aaaa hh:mm")
    )
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    civil = at.replace(tzinfo=zone)
    if civil.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        raise CellError(
            _("cette heure n'existe pas : l'heure d'été commence (%(zone)s)", zone=zone)
        )
    return civil.astimezone(UTC)


@lru_cache(maxsize=4096)  # a file has the same days again and again
def _parsed(text: str, form: str) -> datetime:
    french = _FRENCH.fullmatch(text)
    try:
        if french:
            day, month, year, hour, minute, second = (int(part or 0) for part in french.groups())
            if len(french[3]) == 2:
                year += 2000 if year < _PIVOT else 1900
            return _ranged(datetime(year, month, day, hour, minute, second))  # noqa: DTZ001 - its zone comes next
        if _ISO.fullmatch(text):
            return _ranged(datetime.fromisoformat(text))
    except ValueError as error:
        if isinstance(error, CellError):
            raise
        raise CellError(_("cette date n'existe pas")) from None
    raise CellError(_("n'est pas une date : %(form)s est attendu", form=form))


def _ranged(at: datetime) -> datetime:
    if not 1900 <= at.year <= 2100:
        raise CellError(_("année hors de 1900 à 2100"))
    return at


def _boolean(_column: DatasetColumn, raw: Any, _zone: ZoneInfo) -> bool:
    word = said(raw).strip().lower()
    if word in YES | NO:
        return word in YES
    raise CellError(_("« oui » ou « non » est attendu"))


def _choice(column: DatasetColumn, raw: Any, _zone: ZoneInfo) -> str:
    key = _keys(column.name, tuple(column.choices.items())).get(fold(said(raw).strip()))
    if key is None:
        raise CellError(
            _("valeurs admises : %(values)s", values=", ".join(column.choices.values()))
        )
    return key


@lru_cache(maxsize=256)
def _keys(_name: str, choices: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Return the key of each word that stands for it: its label, itself."""
    return {fold(key): key for key, _label in choices} | {
        fold(label): key for key, label in choices
    }


_READERS: Mapping[DataKind, Callable[[DatasetColumn, Any, ZoneInfo], Any]] = {
    DataKind.TEXT: _text,
    DataKind.REFERENCE: _reference,
    DataKind.INTEGER: _integer,
    DataKind.DECIMAL: _decimal,
    DataKind.DATE: _date,
    DataKind.DATETIME: _datetime,
    DataKind.BOOLEAN: _boolean,
    DataKind.CHOICE: _choice,
    DataKind.SECRET: _text,
}


def kept(value: Any) -> Any:
    """Return a value as plain JSON; ``restored`` gives it back."""
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def restored(kind: DataKind, plain: Any) -> Any:
    """Return what ``kept`` was given."""
    if plain is None:
        return None
    if kind is DataKind.DATE:
        return date.fromisoformat(plain)
    if kind is DataKind.DATETIME:
        return datetime.fromisoformat(plain)
    return Decimal(plain) if kind is DataKind.DECIMAL else plain


def same(before: Any, after: Any) -> bool:
    """Tell whether a value of a file is the one that stands.

    A time without seconds is the same as one of that minute: exports for Excel write minutes.
    """
    if before == after:
        return True
    if isinstance(before, datetime) and isinstance(after, datetime) and not after.second:
        return before.replace(second=0, microsecond=0) == after
    return before in (None, "") and after is None


def shown(column: DatasetColumn, value: Any, zone: ZoneInfo) -> str:
    """Return a value as an export writes it; a secret as dots."""
    if value is None:
        return ""
    if column.kind is DataKind.SECRET:
        return "•••"
    if column.choices:
        return column.choices.get(value, str(value))
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool):
        return "oui" if value else "non"
    return format(value, "f").replace(".", ",") if isinstance(value, Decimal) else str(value)
