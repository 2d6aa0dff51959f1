"""Invoices of the demonstration: a year for each company, real Factur-X files, always the same.

The company names, numbers and amounts are fictitious; what is billed are the links as they stand.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.api import Company, Demo, Link
from plugins.factures.bill import Bill, BillLine, Party
from plugins.factures.demo_paper import paper
from plugins.factures.models import Consumption, Invoice, Kind, Payment

MONTHS = 12
SELLER = Party("Opérateur de démonstration", "552100554", "1 rue des Fibres", "31000", "Toulouse")
MOST_DETAILS = 40
_MIB = 1_000_000


def rows(demo: Demo) -> Iterator[Any]:
    """Yield the rows of the demonstration; their files are kept as they are made."""
    by_company: dict[int, list[Link]] = defaultdict(list)
    for link in demo.links:
        by_company[link.company_id].append(link)
    today = demo.now.date()
    for place, month in enumerate(_months(today)):
        for order, links in enumerate(by_company.values()):
            billed = _Month(demo, today, month, links, 10_000 + 500 * place + 7 * order)
            yield from billed.rows(credited=(place + order) % 6 == 0)


def _months(today: date) -> list[date]:
    """Return the first days of the last months, this one last."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def _draw(*words: Any) -> int:
    return zlib.crc32(" ".join(map(str, words)).encode())


@dataclass(frozen=True, slots=True)
class _Month:
    """What a company is billed in a month."""

    demo: Demo
    today: date
    month: date
    links: Sequence[Link]
    stem: int

    def rows(self, *, credited: bool) -> Iterator[Any]:
        issued = min(self.month.replace(day=2), self.today)
        number = f"FAAT{self.month:%y}{self.stem:06}"
        details = self._details()
        yield from self._kept(self._bill(number, Kind.INVOICE, issued, bool(details)), details)
        if credited:
            later = min(self.month.replace(day=9), self.today)
            name = f"AVAT{self.month:%y}{self.stem:06}"
            yield from self._kept(self._bill(name, Kind.CREDIT, later, over=False, of=number), [])

    @property
    def company(self) -> Company:
        company: Company = self.links[0].company
        return company

    def _bill(
        self, number: str, kind: Kind, issued: date, over: bool, of: str | None = None
    ) -> Bill:
        end = self.month - timedelta(days=1)
        if kind is Kind.CREDIT:
            lines = [BillLine("Pénalité : délai de rétablissement dépassé", 1, Decimal("180.00"))]
        else:
            lines = self._lines()
            if over:
                lines.append(BillLine("Dépassements de débit du mois (voir le détail)", 1,
                                      self._over()))  # fmt: skip
        return Bill(
            number, kind, issued, issued + timedelta(days=30), end.replace(day=1), end, SELLER,
            self._buyer(), lines, f"BC-{_draw(self.company.name) % 9000 + 1000}", of,
        )  # fmt: skip

    def _buyer(self) -> Party:
        site, name = self.links[0].site, self.company.name
        siren = f"{_draw(name) % 900_000_000 + 100_000_000}"
        street = site.address or f"{site.name}"
        return Party(name, siren, street, site.postal_code or "31000", site.commune or "Toulouse")

    def _lines(self) -> list[BillLine]:
        counted = Counter(
            (link.designation, (link.contract_in_bps or 0) // _MIB) for link in self.links
        )
        return [
            BillLine(f"Abonnement {name}", count, Decimal(39 + 3 * min(rate, 200)))
            for (name, rate), count in sorted(counted.items())
        ]

    def _details(self) -> list[tuple[Link, Decimal, Decimal]]:
        """Return (link, Mbit/s over what is subscribed, amount) of the links that went over."""
        if _draw(self.company.name, self.month) % 3 == 0:
            return []
        found: list[tuple[Link, Decimal, Decimal]] = []
        for link in self.links:
            drawn = _draw(link.reference, self.month)
            if drawn % 7 == 0 and len(found) < MOST_DETAILS:
                over = Decimal(drawn // 7 % 400 + 20) / 10
                found.append((link, over, over * 5))
        return found

    def _over(self) -> Decimal:
        return sum((amount for _link, _over, amount in self._details()), Decimal("0.00"))

    def _kept(self, bill: Bill, details: Sequence[tuple[Link, Decimal, Decimal]]) -> Iterator[Any]:
        body = paper(bill)
        sign = -1 if bill.kind is Kind.CREDIT else 1
        net, vat, gross = (int(sign * x * 100) for x in (bill.net, bill.vat, bill.gross))
        age = (self.today - bill.issued).days
        late = age > 45 and _draw(bill.number) % 11 == 0
        paid = bill.kind is Kind.INVOICE and age > 30 and not late
        payment = Payment.PAID if paid else Payment.OVERDUE if late else Payment.DUE
        invoice = Invoice(
            company_id=self.company.id, number=bill.number, kind=bill.kind, issued=bill.issued,
            month=bill.issued.year * 100 + bill.issued.month, due=bill.due, currency="EUR",
            published=bill.issued, net=net, vat=vat, gross=gross, payable=gross,
            credited=bill.credited, order_reference=bill.order_reference,
            buyer_id=bill.buyer.siren, profile="EN 16931", file_key=self.demo.keep(body),
            vat_lines=[
                {"category": "S", "rate": str(rate), "basis": str(sign * basis),
                 "amount": str(sign * amount)}
                for rate, basis, amount in bill.vat_lines
            ],
            payment=None if bill.kind is Kind.CREDIT else payment,
            paid_on=bill.issued + timedelta(days=18) if paid else None,
            lifecycle="212" if paid else "203", file_name=f"{bill.number}.pdf",
            octets=len(body), pages=-(-len(bill.lines) // 24), details=len(details),
            told=self.demo.now,
        )  # fmt: skip
        yield invoice
        for line, (link, over, amount) in enumerate(details, start=1):
            yield Consumption(
                company_id=self.company.id, invoice=invoice, line=line, reference=link.reference,
                label=f"Dépassement au 95e centile, {link.designation}", start=bill.start,
                end=bill.end, quantity=float(over), unit="Mbit/s", amount=int(amount * 100),
            )  # fmt: skip
