"""What the address of the list asks for. Anything that makes no sense there is as absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode

from plugins.factures.models import Kind, Payment
from plugins.factures.words import month_key, month_of

LIST = "/factures"
EXPORT = f"{LIST}/export"
CONSOLIDATION, ARCHIVE = f"{LIST}/consolidation", f"{LIST}/archive"
CONSOLIDATIONS = {"pdf": f"{CONSOLIDATION}.pdf", "zip": f"{ARCHIVE}.zip"}
ONE = f"{LIST}/<reference>"
SHOWN, SAVED, DATA, DETAIL = (f"{ONE}/{name}" for name in ("voir", "facture", "donnees", "detail"))
EXPORT_DETAIL = f"{DETAIL}/export"
MONTHS = 3
"""Months that show by default, and that « plus anciens » adds."""
MOST_MONTHS = 24


def address_of(number: str, place: str = ONE) -> str:
    """Return the address of an invoice; a « / » of its number stands there as « ~ »."""
    return place.replace("<reference>", quote(number.replace("/", "~"), safe=""))


def number_of(reference: str) -> str:
    """Return the number that an address names."""
    return reference.replace("~", "/")[:60]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _amount(text: str) -> int | None:
    """Return hundredths for « 1 234,5 », None for what is no amount."""
    plain = "".join(text.split()).replace(",", ".")
    try:
        found = Decimal(plain) if plain and len(plain) < 15 else None
    except InvalidOperation:
        return None
    return int(found * 100) if found is not None and found.is_finite() else None


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 7 else 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What « Factures » is asked.

    ``text`` is looked for in numbers and companies; ``low`` and ``high`` bound the amount with VAT,
    in hundredths, whichever its sign; ``month`` is 201006, None for the last ones; ``depth`` is how
    many times ``MONTHS`` of them show; ``page`` is that of a month.
    """

    text: str = ""
    company: int | None = None
    kind: Kind | None = None
    payment: Payment | None = None
    low: int | None = None
    high: int | None = None
    start: date | None = None
    end: date | None = None
    month: int | None = None
    depth: int = 1
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        kinds = {kind.value: kind for kind in Kind}
        payments = {payment.value: payment for payment in Payment}
        company = query.get("societe", "")
        return cls(
            text=query.get("q", "").strip()[:80],
            company=int(company) if company.isascii() and company.isdigit() and len(company) < 18
            else None,
            kind=kinds.get(query.get("type", "")),
            payment=payments.get(query.get("etat", "")),
            low=_amount(query.get("min", "")),
            high=_amount(query.get("max", "")),
            start=_day(query.get("du", "")),
            end=_day(query.get("au", "")),
            month=month_of(query.get("mois", "")),
            depth=max(1, _number(query.get("profondeur", "1"), MOST_MONTHS // MONTHS)),
            page=max(1, _number(query.get("page", "1"), 999_999)),
        )  # fmt: skip

    @classmethod
    def of_search(cls, search: object) -> Self:
        """Read the part of the address after « ? », whatever the browser sent."""
        text = search.removeprefix("?")[:4000] if isinstance(search, str) else ""
        return cls.of(dict(parse_qsl(text)))

    @property
    def filtered(self) -> bool:
        """Whether anything but a month, its page and the depth is asked."""
        return replace(self, month=None, depth=1, page=1) != Asked()

    @property
    def detailed(self) -> bool:
        """Whether one of the criteria is asked that stand folded."""
        more = (self.kind, self.payment, self.low, self.high, self.start, self.end)
        return any(x is not None for x in more)

    def with_(self, path: str = LIST, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        other = replace(self, **changes)
        known = {
            "q": other.text,
            "societe": str(other.company) if other.company else "",
            "type": other.kind.value if other.kind else "",
            "etat": other.payment.value if other.payment else "",
            "min": said_amount(other.low),
            "max": said_amount(other.high),
            "du": other.start.isoformat() if other.start else "",
            "au": other.end.isoformat() if other.end else "",
            "mois": month_key(other.month) if other.month else "",
            "profondeur": str(other.depth) if other.depth > 1 else "",
            "page": str(other.page) if other.page > 1 else "",
        }
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{path}?{query}" if query else path


def said_amount(hundredths: int | None) -> str:
    """Return « 1234,50 », as the fields of amounts hold it."""
    if hundredths is None:
        return ""
    return f"{Decimal(hundredths) / 100:.2f}".replace(".", ",").removesuffix(",00")
