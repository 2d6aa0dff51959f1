"""What the back office brings in: invoices with their PDFs, their payments, their consumption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.api import (
    N_,
    Company,
    DataKind,
    Dataset,
    DatasetColumn,
    Loading,
    RowAction,
    RowChange,
    RowError,
    Standing,
    fold,
)
from plugins.factures.gathering import gather
from plugins.factures.models import Consumption, Invoice, Kind, Payment
from plugins.factures.words import KINDS, LIFECYCLE, PAYMENTS

AMOUNTS = ("net", "vat", "gross", "payable")
PLAIN = (
    "number", "issued", "due", "currency", "credited", "order_reference", "buyer_id", "profile",
    "file_key", "octets", "pages",
)  # fmt: skip
"""The columns of a row that are columns of an invoice, as they are."""
NEEDED = ("kind", "company", "issued", "net", "vat", "gross")


def _column(name: str, header: str, kind: DataKind = DataKind.TEXT, **more: Any) -> DatasetColumn:
    return DatasetColumn(name, header, kind, **more)


NUMBER = _column(
    "number", N_("N° facture"), DataKind.REFERENCE, aliases=("Facture", "Numéro", "BT-1"),
    tmf="678 customerBill.billNo", example="FAAT10022263",
)  # fmt: skip
COLUMNS = (
    _column("file", N_("Fichier"), aliases=("PDF", "Nom du fichier"), example="FAAT10022263.pdf",
            hint="le nom du PDF", tmf="678 customerBill.billDocument.name"),
    NUMBER,
    _column("kind", N_("Type"), DataKind.CHOICE, choices={k.value: KINDS[k] for k in Kind},
            tmf="678 customerBill.category", example="Facture"),
    _column("company", N_("Société facturée"), aliases=("Société", "Client"), named=True,
            tmf="678 customerBill.relatedParty.name", example="Causses Agroalimentaire",
            hint="telle qu'elle est dans « sociétés »"),
    _column("issued", N_("Date"), DataKind.DATE, aliases=("Date de facture", "BT-2"),
            tmf="678 customerBill.billDate", example="02/06/2010"),
    _column("due", N_("Échéance"), DataKind.DATE, aliases=("Date d'échéance", "BT-9"),
            tmf="678 customerBill.paymentDueDate", example="02/07/2010"),
    _column("currency", N_("Devise"), DataKind.REFERENCE, default="EUR",
            tmf="678 customerBill.amountDue.unit", example="EUR"),
    _column("net", N_("Montant HT"), DataKind.DECIMAL, aliases=("HT", "Total HT"),
            tmf="678 customerBill.taxExcludedAmount.value", example="1 000,00"),
    _column("vat", N_("TVA"), DataKind.DECIMAL, aliases=("Montant TVA",),
            tmf="678 customerBill.taxItem.taxAmount.value", example="200,00"),
    _column("gross", N_("Montant TTC"), DataKind.DECIMAL, aliases=("TTC", "Total TTC"),
            tmf="678 customerBill.taxIncludedAmount.value", example="1 200,00"),
    _column("payable", N_("Net à payer"), DataKind.DECIMAL,
            tmf="678 customerBill.amountDue.value", example="1 200,00"),
    _column("published", N_("Mise en ligne"), DataKind.DATE, aliases=("Date de publication",),
            hint="le jour où le client la voit ; celui de l'import quand elle manque",
            tmf="678 customerBill.lastUpdate", example="03/06/2010"),
    _column("credited", N_("Facture d'origine"), DataKind.REFERENCE, example="FAAT10022001",
            hint="d'un avoir", tmf="678 customerBill.relatedParty.id"),
    _column("order_reference", N_("Votre commande"), DataKind.REFERENCE, example="BC-2010-17",
            tmf="678 customerBill.externalReference.id"),
    _column("buyer_id", N_("SIREN"), DataKind.REFERENCE, example="552100554",
            tmf="632 organization.organizationIdentification.identificationId"),
    _column("profile", N_("Profil Factur-X"), hint="lu du PDF", example="EN 16931",
            tmf="678 customerBill.billDocument.attachmentType"),
    _column("vat_lines", N_("Lignes de TVA"), hint="lues du PDF", example="S;20;1000;200",
            tmf="678 customerBill.taxItem"),
    _column("file_key", N_("Empreinte"), DataKind.REFERENCE, hint="SHA-256, lue du PDF",
            tmf="678 customerBill.billDocument.id"),
    _column("octets", N_("Octets"), DataKind.INTEGER, hint="lus du PDF",
            tmf="678 customerBill.billDocument.size"),
    _column("pages", N_("Pages"), DataKind.INTEGER, hint="lues du PDF",
            tmf="678 customerBill.billDocument.description"),
    _column("problem", N_("Anomalie"), hint="ce qui empêche de mettre en ligne, s'il y a lieu",
            tmf="678 customerBill.state"),
)  # fmt: skip


def _standing(loading: Loading) -> Iterator[Standing]:
    names = (*PLAIN, *AMOUNTS, "published", "kind", "vat_lines", "file_name")
    columns = (getattr(Invoice, name) for name in names)
    query: Any = sa.select(Invoice.id, Company.name, *columns).join(
        Company, Company.id == Invoice.company_id
    )
    for id_, company, *values in loading.db.stream(query):
        row = dict(zip(names, values, strict=True)) | {"company": company}
        row |= {name: Decimal(row[name]) / 100 for name in AMOUNTS}
        row["kind"], row["file"] = row["kind"].value, row.pop("file_name")
        row["vat_lines"] = vat_text(row["vat_lines"])
        yield Standing(id_, row)


def vat_text(lines: Sequence[Mapping[str, Any]]) -> str | None:
    """Return lines of VAT as a row of an import holds them."""
    return "|".join(";".join(map(str, one.values())) for one in lines) or None


def vat_lines(text: str | None) -> list[dict[str, str]]:
    """Return lines of VAT as an invoice keeps them."""
    names = ("category", "rate", "basis", "amount")
    found = [one.split(";") for one in (text or "").split("|") if one]
    return [dict(zip(names, parts, strict=True)) for parts in found if len(parts) == len(names)]


def _check(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raise ``RowError`` for an invoice that is not to be published; return whose it is."""
    if values.get("problem"):
        raise RowError("file", str(values["problem"]))
    if not values.get("file_key"):
        raise RowError("file", "le PDF n'est pas là : donnez le dossier des factures")
    for name in NEEDED:
        if values.get(name) is None:
            raise RowError(name, "ni le PDF ni l'index ne le disent")
    if abs(values["net"] + values["vat"]) != abs(values["gross"]):
        raise RowError("gross", "ce n'est pas le montant HT plus la TVA")
    before = _known(loading).get(fold(str(values["number"])))
    if before is not None and before != values["file_key"]:
        raise RowError(
            "number",
            "cette facture est déjà là avec un autre contenu ; elle ne se remplace pas : "
            "faites un avoir, ou donnez-lui un autre numéro",
        )
    return loading.company(values, "company")._asdict()


def _known(loading: Loading) -> dict[str, str]:
    """Return the key of the file of every invoice that stands, by number."""
    if "invoices" not in loading.kept:
        query: Any = sa.select(Invoice.number, Invoice.file_key)
        loading.kept["invoices"] = {fold(n): key for n, key in loading.db.stream(query)}
    found: dict[str, str] = loading.kept["invoices"]
    return found


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    new = [change for change in changes if change.action is RowAction.NEW]
    for change in new:
        loading.keep_file(change.values["file_key"])
    loading.insert(Invoice, [{**_row(loading, one.values), **one.found} for one in new])
    kept = [change for change in changes if change.action is RowAction.CHANGED]
    rows = [{"id": c.id, **_row(loading, _merged(c)), **c.found} for c in kept]
    loading.update(Invoice, rows)


def _merged(change: RowChange) -> dict[str, Any]:
    """Return what stands, under what the file says: a column that says nothing changes nothing."""
    said = {name: value for name, value in change.values.items() if value is not None}
    return {**change.before, **said}


def _row(loading: Loading, values: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {name: values.get(name) for name in PLAIN}
    row["kind"] = Kind(values["kind"])
    sign = -1 if row["kind"] is Kind.CREDIT else 1
    for name in AMOUNTS:
        amount = values.get(name)
        hundredths = int((values["gross"] if amount is None else amount) * 100)
        # An index may write a credit note either way.
        row[name] = sign * abs(hundredths) if sign < 0 else hundredths
    day: date = row["issued"]
    today = loading.now.astimezone(loading.zone).date()
    return row | {
        "month": day.year * 100 + day.month,
        "currency": row["currency"] or "EUR",
        "published": values.get("published") or today,
        "vat_lines": vat_lines(values.get("vat_lines")),
        "file_name": values["file"],
    }


INVOICES = Dataset(
    "factures", N_("Factures"), COLUMNS, ("number",), standing=_standing, check=_check,
    write=_write, gather=gather, closes=False, tmf="678 CustomerBill",
)  # fmt: skip


def _check_number(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the invoice that a row is about, and whose it is."""
    if "ids" not in loading.kept:
        query: Any = sa.select(Invoice.number, Invoice.id, Invoice.company_id)
        loading.kept["ids"] = {fold(row[0]): (row[1], row[2]) for row in loading.db.stream(query)}
    found = loading.kept["ids"].get(fold(str(values["number"])))
    if found is None:
        raise RowError("number", "aucune facture n'a ce numéro : importez d'abord son PDF")
    return {"invoice_id": found[0], "company_id": found[1]}


def _standing_states(loading: Loading) -> Iterator[Standing]:
    query: Any = sa.select(
        Invoice.id, Invoice.number, Invoice.payment, Invoice.paid_on, Invoice.lifecycle
    )
    for id_, number, payment, paid_on, lifecycle in loading.db.stream(query):
        said = payment.value if payment else None
        values = {"number": number, "payment": said, "paid_on": paid_on, "lifecycle": lifecycle}
        yield Standing(id_, values)


def _write_states(loading: Loading, changes: Sequence[RowChange]) -> None:
    def row(change: RowChange) -> dict[str, Any]:
        names = ("payment", "paid_on", "lifecycle")
        values = {name: change.values[name] for name in names if name in change.values}
        if values.get("payment"):
            values["payment"] = Payment(values["payment"])
        return {"id": change.id, **values}

    loading.update(Invoice, [row(change) for change in changes])


STATES = Dataset(
    "factures-etats",
    N_("États des factures"),
    (
        NUMBER,
        _column("payment", N_("État"), DataKind.CHOICE, aliases=("Paiement", "Statut"),
                choices={key.value: words for key, (words, _css) in PAYMENTS.items()},
                tmf="678 customerBill.state", example="Payée"),
        _column("paid_on", N_("Payée le"), DataKind.DATE,
                tmf="678 customerBill.appliedPayment.payment.paymentDate", example="30/06/2010"),
        _column("lifecycle", N_("Cycle de vie"), DataKind.CHOICE, choices=LIFECYCLE,
                aliases=("Statut plateforme",), hint="XP Z12-012",
                tmf="678 customerBill.runType", example="Mise à disposition"),
    ),
    ("number",),
    standing=_standing_states, check=_check_number, write=_write_states, closes=False,
    tmf="678 CustomerBill",
)  # fmt: skip

OF_CONSUMPTION = ("line", "reference", "label", "start", "end", "quantity", "unit")


def _standing_details(loading: Loading) -> Iterator[Standing]:
    columns = (getattr(Consumption, name) for name in OF_CONSUMPTION)
    query: Any = sa.select(Consumption.id, Invoice.number, Consumption.amount, *columns).join(
        Invoice, Invoice.id == Consumption.invoice_id
    )
    for id_, number, amount, *values in loading.db.stream(query):
        row = dict(zip(OF_CONSUMPTION, values, strict=True)) | {"number": number}
        row["amount"] = None if amount is None else Decimal(amount) / 100
        row["quantity"] = None if row["quantity"] is None else Decimal(str(row["quantity"]))
        yield Standing(id_, row)


def _write_details(loading: Loading, changes: Sequence[RowChange]) -> None:
    def row(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: values.get(name) for name in OF_CONSUMPTION}
        quantity, amount = values.get("quantity"), values.get("amount")
        found["quantity"] = None if quantity is None else float(quantity)
        return found | {"amount": None if amount is None else int(amount * 100)}

    new = [change for change in changes if change.action is RowAction.NEW]
    loading.insert(Consumption, [{**row(one.values), **one.found} for one in new])
    kept = [change for change in changes if change.action is RowAction.CHANGED]
    loading.update(Consumption, [{"id": c.id, **row({**c.before, **c.values})} for c in kept])
    touched = {change.found["invoice_id"] for change in new}
    query: Any = (
        sa.select(Consumption.invoice_id, sa.func.count(Consumption.id))
        .where(Consumption.invoice_id.in_(touched))
        .group_by(Consumption.invoice_id)
    )
    rows = [{"id": id_, "details": count} for id_, count in loading.db.stream(query)]
    loading.update(Invoice, rows)


DETAILS = Dataset(
    "factures-consommations",
    N_("Détails de consommation des factures"),
    (
        NUMBER,
        _column("line", N_("Ligne"), DataKind.INTEGER, tmf="678 appliedCustomerBillingRate.id",
                example="1"),
        _column("reference", N_("N° de référence (CLS)"), DataKind.REFERENCE, aliases=("CLS",),
                tmf="678 appliedCustomerBillingRate.product.id", example="C7278-00006-001"),
        _column("label", N_("Libellé"), required=True, example="Dépassement au 95e centile",
                tmf="678 appliedCustomerBillingRate.description"),
        _column("start", N_("Du"), DataKind.DATE, example="01/05/2010",
                tmf="678 appliedCustomerBillingRate.periodCoverage.startDateTime"),
        _column("end", N_("Au"), DataKind.DATE, example="31/05/2010",
                tmf="678 appliedCustomerBillingRate.periodCoverage.endDateTime"),
        _column("quantity", N_("Quantité"), DataKind.DECIMAL, example="12,5",
                tmf="678 appliedCustomerBillingRate.appliedBillingRateAmount"),
        _column("unit", N_("Unité"), example="Mbit/s",
                tmf="678 appliedCustomerBillingRate.characteristic.value"),
        _column("amount", N_("Montant HT"), DataKind.DECIMAL, example="62,50",
                tmf="678 appliedCustomerBillingRate.taxExcludedAmount.value"),
    ),
    ("number", "line"),
    standing=_standing_details, check=_check_number, write=_write_details, closes=False,
    tmf="678 AppliedCustomerBillingRate",
)  # fmt: skip
