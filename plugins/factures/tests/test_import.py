"""What is brought in: what a good invoice becomes, what is refused; nothing is by halves."""

from __future__ import annotations

import errno
import os
import zipfile
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from core.cli import main
from core.files import FileStore
from core.imports.limits import FileError
from core.testing.context import context_of
from core.testing.world import NOW
from plugins.factures.models import Invoice, Kind, Payment
from plugins.factures.queries import find

ALICE, BOB = "alice@a.example", "bob@b.example"


def kept(host, number):
    with Session(host.engine) as session:
        found = session.scalar(sa.select(Invoice).where(Invoice.number == number))
        session.expunge_all()
    return found


def stored(host):
    return [path for path in host.config.files_path.rglob("*") if path.is_file()]


def test_a_factur_x_pdf_alone_says_all_that_is_kept_of_it(filled, bring, write):
    path = write("FA2026/001")
    assert bring().counts["new"] == 1
    one = kept(filled, "FA2026/001")
    assert (one.net, one.vat, one.gross) == (26_667, 5_333, 32_000)
    assert (one.issued, one.month, one.due) == (date(2026, 10, 2), 202610, date(2026, 10, 28))
    assert (one.kind, one.profile, one.pages) == (Kind.INVOICE, "EN 16931", 1)
    assert one.vat_lines == [
        {"category": "S", "rate": "20.00", "basis": "266.67", "amount": "53.33"}
    ]
    assert filled.files.read(one.file_key) == path.read_bytes()
    with context_of(filled, ALICE) as ctx:
        assert find(ctx, "FA2026/001")
    with context_of(filled, BOB) as ctx:
        assert find(ctx, "FA2026/001") is None


def test_the_same_folder_twice_changes_nothing(bring, write):
    write("FA1")
    assert bring().counts["new"] == 1
    counts = bring().counts
    assert (counts["new"], counts["changed"], counts["same"]) == (0, 0, 1)


def test_a_try_writes_no_row_and_keeps_no_file(filled, bring, write):
    write("FA1")
    before = len(stored(filled))
    assert bring(dry=True).counts["new"] == 1
    assert kept(filled, "FA1") is None
    assert len(stored(filled)) == before


def test_a_credit_note_counts_below_zero(filled, bring, write):
    write("AV1", kind=Kind.CREDIT)
    bring()
    one = kept(filled, "AV1")
    assert (one.kind, one.gross, one.payable) == (Kind.CREDIT, -32_000, -32_000)


def test_an_invoice_shows_from_the_day_it_is_published(filled, bring, write, folder):
    write("FA1")
    day = (NOW + timedelta(days=3)).date()
    (folder / "index.csv").write_text(f"N° facture;Mise en ligne\nFA1;{day:%d/%m/%Y}\n")
    assert bring().counts["new"] == 1
    with context_of(filled, ALICE) as ctx:
        assert find(ctx, "FA1") is None
    with context_of(filled, ALICE, now=NOW + timedelta(days=3)) as ctx:
        assert find(ctx, "FA1") is not None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("FA1;CANARI-A société 1;320,00", ""),
        ("FA1;CANARI-A société 1;321,00", "montant TTC : l'index dit « 321,00 »"),
        ("FA1;CANARI-A société 2;320,00", "société facturée : l'index dit"),
        ("FA2;CANARI-A société 1;320,00", "n'est pas dans l'index"),
    ],
)
def test_what_the_index_and_the_invoice_say_must_agree(filled, bring, write, folder, line, said):
    write("FA1")
    (folder / "index.csv").write_text(f"N° facture;Société facturée;Montant TTC\n{line}\n")
    done = bring()
    assert said in done.why
    assert (kept(filled, "FA1") is None) is bool(said)


def test_a_line_of_the_index_without_its_pdf_is_told(bring, write, folder):
    write("FA1")
    (folder / "index.csv").write_text("N° facture\nFA1\nFA2\n")
    done = bring()
    assert done.counts["new"] == 1
    assert "FA2: le PDF de cette ligne de l'index n'est pas là" in done.why


def test_a_plain_pdf_is_taken_on_the_word_of_its_index(filled, bring, folder):
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(folder / "scan.pdf"))
    canvas.drawString(50, 700, "Facture FA9 total 1 200,00 EUR")
    canvas.save()
    heads = "Fichier;N° facture;Type;Société facturée;Date;Montant HT;TVA;Montant TTC"
    line = "scan.pdf;FA9;Facture;CANARI-A société 1;02/10/2026;1000,00;200,00;{}"
    (folder / "index.csv").write_text(f"{heads}\n{line.format('1 200,00')}\n")
    assert bring().counts["new"] == 1
    assert kept(filled, "FA9").profile is None
    (folder / "index.csv").write_text(f"{heads}\n{line.replace('FA9', 'FA8').format('1200,00')}\n")
    assert "le numéro FA8 ne se lit pas sur le PDF" in bring().why


def test_the_same_number_with_another_content_is_refused(filled, bring, write):
    write("FA1")
    bring()
    first = kept(filled, "FA1").file_key
    write("FA1", price="150.00")
    assert "déjà là avec un autre contenu" in bring().why
    assert kept(filled, "FA1").file_key == first


def test_a_number_of_another_customer_is_refused(filled, bring, write):
    write("CANARI-B-10-000")
    assert "déjà là avec un autre contenu" in bring().why


def test_an_import_of_one_customer_bills_no_other(filled, bring, write):
    write("FA1", buyer="CANARI-B société 1")
    with Session(filled.engine) as session:
        customer = session.scalar(sa.text("select id from customer where name like 'CANARI-A%'"))
    assert "société inconnue ici" in bring(customer_id=customer).why


def test_two_files_of_one_number_are_both_refused(filled, bring, write):
    write("FA1", "un.pdf")
    write("FA1", "deux.pdf", price="90.00")
    assert bring().counts["rejected"] == 2
    assert kept(filled, "FA1") is None


def test_a_full_disk_undoes_the_whole_import(filled, bring, write, monkeypatch):
    write("FA1")
    write("FA2")
    take, taken = FileStore.take, []

    def full(store, key, other):
        if taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken.append(key)
        take(store, key, other)

    monkeypatch.setattr(FileStore, "take", full)
    with pytest.raises(FileError, match="Faites de la place sur le disque"):
        bring()
    assert kept(filled, "FA1") is None
    assert kept(filled, "FA2") is None


def test_payments_and_life_cycle_come_as_a_table(filled, bring, write, tmp_path):
    write("FA1")
    bring()
    path = tmp_path / "etats.csv"
    path.write_text(
        "N° facture;État;Payée le;Cycle de vie\nFA1;Payée;20/10/2026;Encaissée\nFA7;Payée;;\n"
    )
    done = bring(path, dataset="factures-etats")
    one = kept(filled, "FA1")
    assert (one.payment, one.paid_on, one.lifecycle) == (Payment.PAID, date(2026, 10, 20), "212")
    assert "aucune facture n'a ce numéro" in done.why


def test_the_consumption_detail_comes_as_a_table(filled, bring, write, tmp_path):
    write("FA1")
    bring()
    path = tmp_path / "cons.csv"
    path.write_text(
        "N° facture;Ligne;Libellé;Quantité;Unité;Montant HT\n"
        "FA1;1;Dépassement;12,5;Mbit/s;62,50\nFA1;2;Dépassement;3;Mbit/s;15\n"
    )
    bring(path, dataset="factures-consommations")
    assert kept(filled, "FA1").details == 2
    assert bring(path, dataset="factures-consommations").counts["same"] == 2


def test_a_zip_is_read_and_its_names_lead_nowhere(filled, bring, write, folder, tmp_path):
    body = write("FA1").read_bytes()
    path = tmp_path / "envoi.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../etc/FA1.pdf", body)
        archive.writestr("bombe.pdf", b"\0" * 20_000_000, zipfile.ZIP_DEFLATED)
        archive.writestr("note.txt", "bonjour")
    done = bring(path)
    assert done.counts["new"] == 1
    assert kept(filled, "FA1").file_name == "fa1.pdf"
    assert "trop comprimé" in done.why
    assert "seuls les PDF et l'index (CSV, XLSX, JSON) sont lus" in done.why
    assert not (tmp_path.parent / "etc").exists()


def test_the_index_of_a_zip_stands_in_it(filled, bring, write, folder, tmp_path):
    path, heads = tmp_path / "envoi.zip", "Fichier;N° facture;Mise en ligne"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("juin/a.pdf", write("FA1").read_bytes())
        archive.writestr("juin/b.pdf", write("FA2").read_bytes())
        archive.writestr("__MACOSX/juin/._a.pdf", b"of a desktop")
        archive.writestr("index.csv", f"{heads}\na.pdf;FA1;02/10/2026\nc.pdf;FA3;02/10/2026\n")
    done = bring(path)
    assert done.counts["new"] == 1
    assert kept(filled, "FA1").published == date(2026, 10, 2)
    assert "b.pdf: cette facture n'est pas dans l'index" in done.why
    assert "c.pdf: le PDF de cette ligne de l'index n'est pas là" in done.why


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"a.csv": "N° facture\nFA1\n", "b.csv": "N° facture\nFA1\n"}, "il y en a plusieurs"),
        ({"a.csv": "Nuage\nFA1\n"}, "a.csv : colonne « Nuage » inconnue"),
        ({"a.csv": "0" * 40_000_000}, "bombe"),
        ({}, "Aucun PDF"),
    ],
)
def test_an_index_of_a_zip_that_cannot_be_read_is_told(bring, tmp_path, members, why):
    path = tmp_path / "envoi.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    with pytest.raises(FileError, match=why):
        bring(path)


def test_a_link_in_the_folder_is_not_followed(filled, bring, write, folder, tmp_path):
    outside = tmp_path / "FA1.pdf"
    write("FA1").rename(outside)
    (folder / "FA1.pdf").symlink_to(outside)
    assert "c'est un lien" in bring().why
    assert kept(filled, "FA1") is None


def test_the_command_tells_what_it_did(filled, write, folder):
    write("FA1")
    write("FA2", buyer="Personne SA")
    settings = {"BALISE_STORAGE_DATA": str(filled.config.data)}
    said = CliRunner().invoke(
        main, ["import", "factures", str(folder), "--dry-run"], env={**os.environ, **settings}
    )
    assert said.exit_code == 1, said.output
    assert "Essai, rien n’est écrit : 1 nouvelles, 1 rejetées" in said.output
    assert "société inconnue ici" in said.output
    assert kept(filled, "FA1") is None
