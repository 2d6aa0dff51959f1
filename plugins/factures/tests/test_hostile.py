"""What may be sent to harm, as files and as addresses: it costs nothing, and is told."""

from __future__ import annotations

import errno
import io
import zipfile
import zlib

import pytest
from pypdf import PdfReader, PdfWriter

from core.files import FileStore
from core.imports.limits import FileError
from core.testing.fixtures import PAGE
from plugins.factures import sources
from plugins.factures.bill import xml_of_bill
from plugins.factures.cii import Refused
from plugins.factures.demo_paper import paper
from plugins.factures.documents import MIB, look
from plugins.factures.tests.test_import import kept
from plugins.factures.tests.world import bill_of

OWNER = "CANARI-A société 1"
BILL = bill_of("FA1", OWNER)


def pdf_of(content, filters=b"/FlateDecode"):
    """Return a PDF of one page with that content stream, as it stands."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page + b" /Contents 4 0 R >>",
        b"<< /Length %d /Filter %b >>\nstream\n%b\nendstream" % (len(content), filters, content),
    )
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n"
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def with_data(xml):
    """Return the paper of an invoice with other data inside."""
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(paper(BILL))).pages:
        writer.add_page(page)
    writer.add_attachment("factur-x.xml", xml)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


SPACES = zlib.compress(b" " * (64 * MIB), 9)


@pytest.mark.parametrize(
    ("content", "filters"),
    [
        (SPACES, b"/FlateDecode"),
        (zlib.compress(SPACES * 200, 9), b"[/FlateDecode /FlateDecode]"),
        (zlib.compress(b"BT (a) Tj ET\n" * 400_000, 9), b"/FlateDecode"),
    ],
    ids=["inflates", "inflates twice", "a million operators"],
)
def test_a_pdf_that_is_a_bomb_is_refused_before_it_costs(content, filters):
    with pytest.raises(Refused, match="fait pour coûter"):
        look(pdf_of(content, filters))


def test_a_pdf_of_300_megabytes_is_told_and_not_read(bring, write, folder):
    write("FA1")
    with (folder / "gros.pdf").open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(300 * MIB)
    done = bring()
    assert done.counts["new"] == 1
    assert "ce fichier fait 300 Mio ; 25 Mio au plus" in done.why


def test_a_zip_larger_than_a_disk_is_refused_whole(bring, write, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_OF_ZIP", MIB)
    path = tmp_path / "envoi.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", b"\0" * (2 * MIB))
    with pytest.raises(FileError, match="plus de 4 Gio en tout"):
        bring(path)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "a\0.pdf", "/etc/passwd", "C:\\x.pdf"])
def test_a_name_in_a_zip_is_a_word_and_no_path(filled, bring, write, tmp_path, name):
    body, path = write("FA1").read_bytes(), tmp_path / "envoi.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, body)
        archive.writestr("FA2.pdf", paper(bill_of("FA2", OWNER)))
    bring(path)
    assert kept(filled, "FA2") is not None
    assert not (tmp_path / "etc").exists()


def test_a_linked_folder_is_not_entered(filled, bring, write, folder, tmp_path):
    outside = tmp_path / "dehors"
    outside.mkdir()
    write("FA1").rename(outside / "FA1.pdf")
    (folder / "lien").symlink_to(outside)
    with pytest.raises(FileError, match="Aucun PDF"):
        bring()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda xml: xml.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "x">]>', 1), "DTD"),
        (lambda xml: xml.replace(b"GrandTotalAmount>320", b"GrandTotalAmount>330"), "BT-112"),
        (lambda xml: xml.replace(b">FA1<", b">FA9<"), "le numéro FA9 ne se lit pas sur le PDF"),
        (lambda xml: xml.replace(b">FA1<", b">FA~1<"), "son numéro n'en est pas un"),
    ],
    ids=["entities", "total", "number", "sign"],
)
def test_data_that_lie_are_told_and_not_published(filled, bring, folder, change, why):
    xml = xml_of_bill(BILL)
    assert change(xml) != xml
    (folder / "FA1.pdf").write_bytes(with_data(change(xml)))
    assert why in bring().why
    assert kept(filled, "FA1") is None


def test_a_disk_that_fills_while_documents_are_read_is_told(bring, write, monkeypatch):
    write("FA1")

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileStore, "keep", full)
    with pytest.raises(FileError, match="plus de place sur le disque"):
        bring()


@pytest.mark.parametrize(
    "reference",
    [
        "..%2F..%2Fetc%2Fpasswd",
        "..~..~etc~passwd",
        "%00",
        "CANARI-A-10-000%00",
        "a" * 5000,
        "%F0%9F",
    ],
)
def test_an_address_that_is_no_number_is_as_an_unknown_one(browser_of, reference):
    alice = browser_of("alice@a.example")
    unknown = alice.get("/factures/PERSONNE/voir.pdf", headers=PAGE)
    for place in ("voir.pdf", "facture.pdf", "donnees.xml", "detail/export.csv"):
        reply = alice.get(f"/factures/{reference}/{place}", headers=PAGE)
        assert reply.status_code == unknown.status_code == 404, (place, reply.text)
