"""What a PDF and its data may be: what is read, and each thing that is refused."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from plugins.factures import documents
from plugins.factures.bill import xml_of_bill
from plugins.factures.cii import Refused, read
from plugins.factures.demo_paper import paper
from plugins.factures.documents import look, shows
from plugins.factures.models import Kind
from plugins.factures.tests.world import bill_of

BILL = bill_of("FA1", "Causses")
XML = xml_of_bill(BILL)


@pytest.fixture(scope="module")
def body():
    return paper(BILL)


def rewritten(body, change):
    writer = PdfWriter(clone_from=io.BytesIO(body))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def acts(writer, kind):
    action = {NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("x")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def test_a_good_invoice_is_read_whole(body):
    looked = look(body)
    assert looked.pages == 1
    assert looked.xml is not None
    said = read(looked.xml)
    assert (said.number, said.buyer, said.kind) == ("FA1", "Causses", Kind.INVOICE)
    assert (said.net, said.vat, said.gross) == (Decimal("266.67"), Decimal("53.33"), Decimal(320))
    assert shows(looked.words, "FA1", said.gross) is None


def test_a_paper_that_says_another_total_than_its_data_is_told(body):
    assert "321" in str(shows(look(body).words, "FA1", Decimal("321.00")))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda w: acts(w, "/JavaScript"), "JavaScript"),
        (lambda w: acts(w, "/Launch"), "lance un programme"),
        (lambda w: w.encrypt("secret"), "mot de passe"),
        (lambda w: [w.add_blank_page(10, 10) for _ in range(500)], "501 pages"),
    ],
    ids=["javascript", "launch", "encrypted", "pages"],
)
def test_a_pdf_that_could_harm_is_refused(body, change, why):
    with pytest.raises(Refused, match=why):
        look(rewritten(body, change))


def test_a_pdf_that_is_too_large_is_not_even_read():
    with pytest.raises(Refused, match="ce fichier fait 300 Mio"):
        documents.check_size(300 * documents.MIB)


@pytest.mark.parametrize("bad", [b"", b"MZ\x90", b"%PDF-1.7\nnothing", b"%PDF-1.7" + b"[" * 9000])
def test_what_is_no_pdf_is_refused(bad):
    with pytest.raises(Refused, match="PDF"):
        look(bad)


def test_an_xml_with_a_dtd_or_entities_is_refused():
    for doctype in (
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    ):
        head, _mark, rest = XML.partition(b"?>")
        with pytest.raises(Refused, match="DTD"):
            read(head + b"?>" + doctype + rest)


def test_an_xml_of_many_megabytes_is_refused():
    with pytest.raises(Refused, match="4 Mio"):
        read(XML + b" " * 5_000_000)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (b"GrandTotalAmount>320.00", b"GrandTotalAmount>330.00", "BT-112"),
        (b"DuePayableAmount>320.00", b"DuePayableAmount>100.00", "BT-115"),
        (b"LineTotalAmount>200.00", b"LineTotalAmount>210.00", "BT-106"),
        (b"CalculatedAmount>53.33", b"CalculatedAmount>50.00", "BT-110"),
        (b"TypeCode>380", b"TypeCode>999", "BT-3"),
        (b"20261002", b"20261302", "n'existe pas"),
        (b"GrandTotalAmount>320.00", b"GrandTotalAmount>NaN", "montant"),
    ],
)
def test_a_forged_or_broken_value_is_refused_by_its_name(before, after, why):
    assert before in XML
    with pytest.raises(Refused, match=why):
        read(XML.replace(before, after, 1))


def test_xml_that_is_no_invoice_is_refused():
    with pytest.raises(Refused, match="CrossIndustryInvoice"):
        read(b"<a/>")


def test_a_credit_note_is_told_from_an_invoice():
    assert read(xml_of_bill(replace(BILL, kind=Kind.CREDIT))).kind is Kind.CREDIT
