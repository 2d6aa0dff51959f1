"""Words and amounts of invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from babel import dates, numbers
from dash import html
from dash.development.base_component import Component

from core.api import N_, _, capital, language
from plugins.factures.models import Kind, Payment

KINDS = {Kind.INVOICE: N_("Facture"), Kind.CREDIT: N_("Avoir")}
PAYMENTS = {
    Payment.DUE: (N_("À payer"), "tag"),
    Payment.PAID: (N_("Payée"), "tag tag-up"),
    Payment.OVERDUE: (N_("Échue"), "tag tag-degraded"),
}
LIFECYCLE = {
    "200": N_("Déposée"), "201": N_("Émise par la plateforme"),
    "202": N_("Reçue par la plateforme"), "203": N_("Mise à disposition"),
    "204": N_("Prise en charge"), "205": N_("Approuvée"),
    "206": N_("Approuvée partiellement"), "207": N_("En litige"), "208": N_("Suspendue"),
    "209": N_("Complétée"), "210": N_("Refusée"), "211": N_("Paiement transmis"),
    "212": N_("Encaissée"), "213": N_("Rejetée"),
}  # fmt: skip
"""Codes of the life-cycle of an e-invoice (AFNOR XP Z12-012)."""
CATEGORIES = {
    "S": N_("Taux normal ou réduit"), "Z": N_("Taux zéro"), "E": N_("Exonéré"),
    "AE": N_("Autoliquidation"), "K": N_("Livraison intracommunautaire"), "G": N_("Exportation"),
    "O": N_("Hors champ de la TVA"), "L": N_("Canaries (IGIC)"), "M": N_("Ceuta et Melilla"),
}  # fmt: skip
"""Categories of VAT (UNTDID 5305)."""


def _locale() -> str:
    return "fr_FR" if language() == "fr" else "en_GB"


def money(hundredths: int | None, currency: str = "EUR") -> str | None:
    """Return « 1 234,50 € »; None stays."""
    if hundredths is None:
        return None
    return numbers.format_currency(Decimal(hundredths) / 100, currency, locale=_locale())


def short(day: date | None) -> str | None:
    """Return « 24/11/26 », as tables show a day; None stays."""
    return None if day is None else day.strftime("%d/%m/%y")


def long(day: date | None) -> str | None:
    """Return « 24/11/2026 »; None stays."""
    return None if day is None else day.strftime("%d/%m/%Y")


def month_words(month: int) -> str:
    """Return « Juin 2010 » for 201006."""
    said = dates.format_date(date(month // 100, month % 100, 1), "LLLL y", locale=_locale())
    return capital(said)


def elided(sentence: str, month: int) -> str:
    """Return a sentence that names a month with « d’ » before it where French asks for that."""
    name = month_words(month)
    vowel = language() == "fr" and name[0] in "AO"
    return sentence.replace(f" de {name}", f" d’{name}") if vowel else sentence


def month_key(month: int) -> str:
    """Return « 2010-06 » for 201006: what addresses and names of files say."""
    return f"{month // 100:04}-{month % 100:02}"


def month_of(text: object) -> int | None:
    """Return 201006 for « 2010-06 », the browser's word; None when it is no month."""
    if not isinstance(text, str) or len(text) != 7 or not text.isascii() or text[4] != "-":
        return None
    year, number = text[:4], text[5:]
    if not (year.isdigit() and number.isdigit() and 1 <= int(number) <= 12 and int(year) > 1900):
        return None
    return int(year) * 100 + int(number)


def payment_tag(payment: Payment | None) -> Component | None:
    """Return what the back office says of the payment, None when it says nothing."""
    if payment is None:
        return None
    word, css = PAYMENTS[payment]
    return html.Span(_(word), className=css)


def credit_tag() -> Component:
    return html.Span(_("Avoir"), className="tag tag-accent")


def decimal(hundredths: int | None) -> Any:
    """Return an amount for an export, None stays."""
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)
