"""What the XML of a Factur-X or ZUGFeRD 2 invoice says (UN/CEFACT CII D22B, EN 16931). Pure.

Names of fields are followed by their term of EN 16931 (« BT-1 »).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from lxml import etree

from plugins.factures.models import Kind

LARGEST = 4 * 1024 * 1024
"""Octets of the XML."""
CENT = Decimal("0.01")
_PREFIX = "urn:un:unece:uncefact:data:standard:"
NAMES = {
    "rsm": f"{_PREFIX}CrossIndustryInvoice:100",
    "ram": f"{_PREFIX}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_PREFIX}UnqualifiedDataType:100",
}
PROFILES = {
    "minimum": "MINIMUM", "basicwl": "BASIC WL", "basic": "BASIC", "extended": "EXTENDED",
}  # fmt: skip
INVOICES = frozenset({"380", "384", "386", "389", "393", "751"})
"""Types of document (UNTDID 1001) that ask for a payment."""
CREDITS = frozenset({"381", "261", "262", "396", "502", "503"})
_DEAL = "rsm:SupplyChainTradeTransaction"
_AGREED = f"{_DEAL}/ram:ApplicableHeaderTradeAgreement"
_SETTLED = f"{_DEAL}/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLED}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"


class Refused(ValueError):
    """A document cannot be taken; the message says why, to the operator."""


@dataclass(frozen=True, slots=True)
class VatLine:
    """A line of the breakdown of VAT (BG-23): category, rate in percent, basis and amount."""

    category: str
    rate: Decimal | None
    basis: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Said:
    """What an invoice says. Amounts are as they stand in it: above zero in a credit note too."""

    profile: str
    number: str  # BT-1
    kind: Kind  # BT-3
    issued: date  # BT-2
    due: date | None  # BT-9
    currency: str  # BT-5
    seller: str  # BT-27
    buyer: str  # BT-44
    buyer_id: str | None  # BT-47
    order_reference: str | None  # BT-13
    credited: str | None  # BT-25
    net: Decimal  # BT-109
    vat: Decimal  # BT-110
    gross: Decimal  # BT-112
    payable: Decimal  # BT-115
    vat_lines: tuple[VatLine, ...]


def read(xml: bytes) -> Said:
    """Return what an invoice says, once its totals were found to agree. Raises ``Refused``."""
    root = _parsed(xml)
    if root.tag != f"{{{NAMES['rsm']}}}CrossIndustryInvoice":
        raise Refused("son XML n'est pas une facture Factur-X ou ZUGFeRD 2 (CrossIndustryInvoice)")
    code = _needed(root, "rsm:ExchangedDocument/ram:TypeCode", "type de document, BT-3")
    if code not in INVOICES | CREDITS:
        raise Refused(f"le type de document {code} (BT-3) n'est ni une facture ni un avoir")
    currency = _needed(root, f"{_SETTLED}/ram:InvoiceCurrencyCode", "devise, BT-5")
    vat = [a for a in _amounts(root, "TaxTotalAmount") if a[1] in (None, currency)]
    said = Said(
        profile=_profile(root),
        number=_needed(root, "rsm:ExchangedDocument/ram:ID", "numéro, BT-1"),
        kind=Kind.CREDIT if code in CREDITS else Kind.INVOICE,
        issued=_day(root, "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString", "BT-2"),
        due=_day_or_none(
            root, f"{_SETTLED}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/"
            "udt:DateTimeString", "BT-9",
        ),
        currency=currency,
        seller=_needed(root, f"{_AGREED}/ram:SellerTradeParty/ram:Name", "vendeur, BT-27"),
        buyer=_needed(root, f"{_AGREED}/ram:BuyerTradeParty/ram:Name", "acheteur, BT-44"),
        buyer_id=_text(
            root, f"{_AGREED}/ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:ID"
        ),
        order_reference=_text(
            root, f"{_AGREED}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"
        ),
        credited=_text(
            root, f"{_SETTLED}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID"
        ),
        net=_sum(root, "TaxBasisTotalAmount", "total HT, BT-109"),
        vat=vat[0][0] if vat else Decimal(0),
        gross=_sum(root, "GrandTotalAmount", "total TTC, BT-112"),
        payable=_sum(root, "DuePayableAmount", "net à payer, BT-115"),
        vat_lines=tuple(_vat_line(one) for one in root.iterfind(
            f"{_SETTLED}/ram:ApplicableTradeTax", NAMES
        )),
    )  # fmt: skip
    _check(root, said)
    return said


def _parsed(xml: bytes) -> Any:
    if len(xml) > LARGEST:
        raise Refused(f"son XML fait plus de {LARGEST // 1024 // 1024} Mio")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(f"son XML ne se lit pas ({str(error)[:80]})") from error
    if root.getroottree().docinfo.internalDTD is not None or root.getroottree().docinfo.doctype:
        raise Refused("son XML a une DTD ou des entités, qui ne sont pas lues")
    return root


def _profile(root: Any) -> str:
    path = "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
    said = _needed(root, path, "profil, BT-24")
    if said == "urn:cen.eu:en16931:2017":
        return "EN 16931"
    return PROFILES.get(said.rpartition(":")[2].lower(), "CII")


def _text(root: Any, path: str) -> str | None:
    found = root.findtext(path, namespaces=NAMES)
    return (found or "").strip()[:200] or None


def _needed(root: Any, path: str, what: str) -> str:
    found = _text(root, path)
    if found is None:
        raise Refused(f"son XML n'a pas de {what}")
    return found


def _day_or_none(root: Any, path: str, term: str) -> date | None:
    found = _text(root, path)
    if found is None:
        return None
    if not re.fullmatch(r"\d{8}", found, re.ASCII):
        raise Refused(f"sa date {term} « {found} » n'est pas de la forme AAAAMMJJ")
    try:
        return date(int(found[:4]), int(found[4:6]), int(found[6:]))
    except ValueError as error:
        raise Refused(f"sa date {term} « {found} » n'existe pas") from error


def _day(root: Any, path: str, term: str) -> date:
    found = _day_or_none(root, path, term)
    if found is None:
        raise Refused(f"son XML n'a pas de date {term}")
    return found


def _number(text: str | None, what: str) -> Decimal:
    try:
        found = Decimal((text or "").strip())
    except InvalidOperation as error:
        raise Refused(f"{what} « {(text or '')[:40]} » n'est pas un nombre") from error
    if not found.is_finite() or abs(found) >= Decimal(10**13):
        raise Refused(f"{what} « {(text or '')[:40]} » n'est pas un montant")
    return found


def _amounts(root: Any, name: str) -> list[tuple[Decimal, str | None]]:
    return [
        (_number(one.text, name), one.get("currencyID"))
        for one in root.iterfind(f"{_SUMS}/ram:{name}", NAMES)
    ]


def _sum(root: Any, name: str, what: str) -> Decimal:
    found = _amounts(root, name)
    if not found:
        raise Refused(f"son XML n'a pas de {what}")
    return found[0][0]


def _vat_line(one: Any) -> VatLine:
    rate = one.findtext("ram:RateApplicablePercent", namespaces=NAMES)
    return VatLine(
        (one.findtext("ram:CategoryCode", namespaces=NAMES) or "").strip()[:4],
        _number(rate, "taux de TVA, BT-119,") if rate else None,
        _number(one.findtext("ram:BasisAmount", namespaces=NAMES), "base de TVA, BT-116,"),
        _number(one.findtext("ram:CalculatedAmount", namespaces=NAMES), "TVA, BT-117,"),
    )


def _check(root: Any, said: Said) -> None:
    """Raise ``Refused`` unless the totals agree (EN 16931, BR-CO-10 to 17)."""
    _agree("le total TTC (BT-112)", said.gross, said.net + said.vat)
    prepaid, rounding = (_one(root, name) for name in ("TotalPrepaidAmount", "RoundingAmount"))
    _agree("le net à payer (BT-115)", said.payable, said.gross - prepaid + rounding)
    if _amounts(root, "LineTotalAmount"):
        less, more = (_one(root, n) for n in ("AllowanceTotalAmount", "ChargeTotalAmount"))
        _agree("le total HT (BT-109)", said.net, _one(root, "LineTotalAmount") - less + more)
    path = (
        f"{_DEAL}/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/"
        "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    )
    lines = [_number(one.text, "montant de ligne, BT-131,") for one in root.iterfind(path, NAMES)]
    if lines:
        total = sum(lines, Decimal(0))
        _agree("la somme des lignes (BT-106)", _one(root, "LineTotalAmount"), total)
    if said.vat_lines:
        total = sum((one.amount for one in said.vat_lines), Decimal(0))
        _agree("le total de la TVA (BT-110)", said.vat, total)
        for one in said.vat_lines:
            due = (one.basis * (one.rate or 0) / 100).quantize(CENT, ROUND_HALF_UP)
            if abs(one.amount - due) > CENT:
                what = f"la TVA à {one.rate or 0} % (BT-117)"
                _agree(what, one.amount, due)


def _one(root: Any, name: str) -> Decimal:
    found = _amounts(root, name)
    return found[0][0] if found else Decimal(0)


def _agree(what: str, said: Decimal, worked_out: Decimal) -> None:
    if said != worked_out:
        raise Refused(f"{what} est faux : il est écrit {said:f}, le calcul donne {worked_out:f}")
