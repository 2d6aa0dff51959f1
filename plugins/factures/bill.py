"""An invoice to be made: its lines and sums, and its Factur-X data (EN 16931 profile). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from plugins.factures.cii import CENT, NAMES
from plugins.factures.models import Kind

GUIDELINE = "urn:cen.eu:en16931:2017"
TYPES = {Kind.INVOICE: "380", Kind.CREDIT: "381"}


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer; ``siren`` has nine digits."""

    name: str
    siren: str
    street: str
    postal_code: str
    town: str

    @property
    def vat_number(self) -> str:
        """The French VAT number that a SIREN gives."""
        key = (12 + 3 * (int(self.siren) % 97)) % 97
        return f"FR{key:02}{self.siren}"


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line: what, how many, at which price without VAT, VAT in percent."""

    label: str
    quantity: int
    price: Decimal
    rate: Decimal = Decimal("20.00")

    @property
    def net(self) -> Decimal:
        return _cents(self.price * self.quantity)


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice or a credit note: amounts are above zero in both."""

    number: str
    kind: Kind
    issued: date
    due: date
    start: date
    end: date
    seller: Party
    buyer: Party
    lines: Sequence[BillLine]
    order_reference: str | None = None
    credited: str | None = None
    iban: str = "FR7630006000011234567890189"

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def vat(self) -> Decimal:
        return sum((amount for _rate, _basis, amount in self.vat_lines), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat

    @property
    def vat_lines(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """The (rate, basis, amount) of each rate."""
        found = []
        for rate in sorted({line.rate for line in self.lines}, reverse=True):
            basis = sum((line.net for line in self.lines if line.rate == rate), Decimal(0))
            found.append((rate, basis, _cents(basis * rate / 100)))
        return found


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def xml_of_bill(bill: Bill) -> bytes:
    """Return the Factur-X data of an invoice (UN/CEFACT CII, EN 16931)."""
    root = etree.Element(f"{{{NAMES['rsm']}}}CrossIndustryInvoice", nsmap=NAMES)
    _put(root, "rsm:ExchangedDocumentContext", [
        ("ram:GuidelineSpecifiedDocumentContextParameter", [("ram:ID", GUIDELINE)]),
    ])  # fmt: skip
    _put(root, "rsm:ExchangedDocument", [
        ("ram:ID", bill.number), ("ram:TypeCode", TYPES[bill.kind]),
        ("ram:IssueDateTime", _day(bill.issued)),
    ])  # fmt: skip
    _put(root, "rsm:SupplyChainTradeTransaction", [
        *(_line(place, line) for place, line in enumerate(bill.lines, start=1)),
        ("ram:ApplicableHeaderTradeAgreement", [
            ("ram:SellerTradeParty", _party(bill.seller, seller=True)),
            ("ram:BuyerTradeParty", _party(bill.buyer, seller=False)),
            *([("ram:BuyerOrderReferencedDocument",
                [("ram:IssuerAssignedID", bill.order_reference)])]
              if bill.order_reference else []),
        ]),
        ("ram:ApplicableHeaderTradeDelivery", [
            ("ram:ActualDeliverySupplyChainEvent",
             [("ram:OccurrenceDateTime", _day(bill.end))]),
        ]),
        ("ram:ApplicableHeaderTradeSettlement", _settlement(bill)),
    ])  # fmt: skip
    said: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return said


def _settlement(bill: Bill) -> list[Any]:
    total = [
        ("ram:LineTotalAmount", bill.net), ("ram:TaxBasisTotalAmount", bill.net),
        ("ram:TaxTotalAmount", bill.vat, {"currencyID": "EUR"}),
        ("ram:GrandTotalAmount", bill.gross), ("ram:DuePayableAmount", bill.gross),
    ]  # fmt: skip
    return [
        ("ram:PaymentReference", bill.number),
        ("ram:InvoiceCurrencyCode", "EUR"),
        ("ram:SpecifiedTradeSettlementPaymentMeans", [
            ("ram:TypeCode", "30"),
            ("ram:PayeePartyCreditorFinancialAccount", [("ram:IBANID", bill.iban)]),
        ]),
        *(
            ("ram:ApplicableTradeTax", [
                ("ram:CalculatedAmount", amount), ("ram:TypeCode", "VAT"),
                ("ram:BasisAmount", basis), ("ram:CategoryCode", "S"),
                ("ram:RateApplicablePercent", rate),
            ])
            for rate, basis, amount in bill.vat_lines
        ),
        ("ram:BillingSpecifiedPeriod", [
            ("ram:StartDateTime", _day(bill.start)), ("ram:EndDateTime", _day(bill.end)),
        ]),
        ("ram:SpecifiedTradePaymentTerms", [("ram:DueDateDateTime", _day(bill.due))]),
        ("ram:SpecifiedTradeSettlementHeaderMonetarySummation", total),
        *([("ram:InvoiceReferencedDocument", [("ram:IssuerAssignedID", bill.credited)])]
          if bill.credited else []),
    ]  # fmt: skip


def _line(place: int, line: BillLine) -> tuple[str, list[Any]]:
    return ("ram:IncludedSupplyChainTradeLineItem", [
        ("ram:AssociatedDocumentLineDocument", [("ram:LineID", place)]),
        ("ram:SpecifiedTradeProduct", [("ram:Name", line.label)]),
        ("ram:SpecifiedLineTradeAgreement",
         [("ram:NetPriceProductTradePrice", [("ram:ChargeAmount", line.price)])]),
        ("ram:SpecifiedLineTradeDelivery",
         [("ram:BilledQuantity", line.quantity, {"unitCode": "C62"})]),
        ("ram:SpecifiedLineTradeSettlement", [
            ("ram:ApplicableTradeTax", [
                ("ram:TypeCode", "VAT"), ("ram:CategoryCode", "S"),
                ("ram:RateApplicablePercent", line.rate),
            ]),
            ("ram:SpecifiedTradeSettlementLineMonetarySummation",
             [("ram:LineTotalAmount", line.net)]),
        ]),
    ])  # fmt: skip


def _party(party: Party, *, seller: bool) -> list[Any]:
    found: list[Any] = [
        ("ram:Name", party.name),
        ("ram:SpecifiedLegalOrganization", [("ram:ID", party.siren, {"schemeID": "0002"})]),
        ("ram:PostalTradeAddress", [
            ("ram:PostcodeCode", party.postal_code), ("ram:LineOne", party.street),
            ("ram:CityName", party.town), ("ram:CountryID", "FR"),
        ]),
    ]  # fmt: skip
    if seller:
        number = ("ram:ID", party.vat_number, {"schemeID": "VA"})
        found.append(("ram:SpecifiedTaxRegistration", [number]))
    return found


def _day(day: date) -> list[Any]:
    return [("udt:DateTimeString", f"{day:%Y%m%d}", {"format": "102"})]


def _put(parent: Any, name: str, value: Any, more: Any = None) -> None:
    prefix, _colon, local = name.partition(":")
    one = etree.SubElement(parent, f"{{{NAMES[prefix]}}}{local}", more or {})
    if isinstance(value, list):
        for part in value:
            _put(one, *part)
    else:
        one.text = str(value)
