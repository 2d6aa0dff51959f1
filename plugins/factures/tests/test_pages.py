"""What accounting sees: months, criteria, one invoice, the file of a month."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from core.api import FileGone, JobError
from core.testing.context import context_of, find, words
from core.testing.fixtures import PAGE, sign_in
from core.testing.world import NOW
from core.web.app import create_app
from plugins.factures import consolidation
from plugins.factures.address import Asked, address_of, number_of
from plugins.factures.callbacks import order
from plugins.factures.downloads import month_as_pdf, month_as_zip, shown
from plugins.factures.home import home_body
from plugins.factures.invoice_pages import detail, invoice
from plugins.factures.listing import Listing
from plugins.factures.pages import files, invoices
from plugins.factures.queries import find as invoice_of
from plugins.factures.words import month_of

ALICE, BOB, ONE_SITE = "alice@a.example", "bob@b.example", "onesite@a.example"
ONE, CREDIT = "CANARI-A-10-000", "CANARI-A-10-001"


@pytest.fixture
def ctx(filled):
    with context_of(filled, ALICE) as found:
        yield found


def test_the_months_stand_as_in_the_seed_with_their_file(ctx):
    said = words(invoices(ctx))
    assert "Factures Octobre 2026" in said
    assert "Télécharger la consolidation mensuelle d’Octobre 2026" in said
    for head in ("N° facture", "Société facturée", "Afficher", "Détail Cons"):
        assert head in said
    assert "CANARI-B" not in said


def test_three_months_show_and_older_ones_on_request(bring, write, filled):
    for month in range(1, 7):
        write(f"FA{month}", issued=date(2026, month, 2))
    bring()
    with context_of(filled, ALICE) as ctx:
        assert [b.month for b in Listing.of(ctx, Asked()).blocks] == [202610, 202606, 202605]
        assert Listing.of(ctx, Asked()).size() == "Depuis Janvier 2026"
        assert Listing.of(ctx, Asked(text="fa")).size() == "6 factures et avoirs"
        deeper = Listing.of(ctx, Asked(depth=2))
        assert len(deeper.blocks) == 6
        assert "Voir les mois plus anciens" in words(deeper.render())
        assert [b.month for b in Listing.of(ctx, Asked(month=202601)).blocks] == [202601]
        assert [b.month for b in Listing.of(ctx, Asked(text="fa2")).blocks] == [202602]


def test_a_user_of_single_sites_sees_no_invoice(filled):
    with context_of(filled, ONE_SITE) as ctx:
        assert Listing.of(ctx, Asked()).blocks == []
        assert invoice_of(ctx, ONE) is None
        assert "introuvable" in words(invoice(ctx, ONE))
        assert "Aucune facture" in words(home_body(ctx))


def test_a_credit_note_is_marked_and_counts_below_zero(ctx):
    said = words(invoices(ctx))
    assert "Avoir" in said
    assert "-320,00" in said


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        (Asked(text="10-001"), 1),
        (Asked(text="SOCIETE 2"), 1),
        (Asked(low=32_000, high=32_000), 4),
        (Asked(low=32_001), 0),
        (Asked(start=date(2026, 10, 3)), 0),
        (Asked(text="100%_"), 0),
    ],
)
def test_each_criterion_narrows(ctx, asked, count):
    assert Listing.of(ctx, asked).found == count


def test_an_address_that_makes_no_sense_is_as_an_empty_one():
    noise = dict.fromkeys(("societe", "type", "etat", "min", "du", "mois"), "☃'--")
    assert Asked.of({**noise, "page": "-1", "profondeur": "9" * 9}) == Asked()
    assert month_of("2026-13") is month_of("2026-1") is month_of("٢٠٢٦-٠١") is None
    assert number_of("FA2026~001") == "FA2026/001"
    assert address_of("FA2026/001") == "/factures/FA2026~001"


def test_an_invoice_says_what_its_data_say(ctx):
    said = words(invoice(ctx, ONE))
    for part in ("320,00", "266,67", "53,33", "À payer", "Mise à disposition", "20,0"):
        assert part in said
    (frame,) = find(invoice(ctx, ONE), data_css="invoice-paper")
    assert frame.to_plotly_json()["props"]["data-frame"].startswith(f"/factures/{ONE}/voir.pdf")


def test_a_file_that_is_gone_is_told_on_the_page(filled, ctx):
    key = invoice_of(ctx, ONE).file_key
    filled.files.path(key).unlink()
    assert "Le fichier de cette facture manque" in words(invoice(ctx, ONE))
    with pytest.raises(FileGone):
        shown(ctx, ONE)


def test_a_month_with_a_missing_file_gives_the_others_and_names_it(filled, ctx):
    filled.files.path(invoice_of(ctx, CREDIT).file_key).unlink()
    reader = PdfReader(io.BytesIO(b"".join(month_as_pdf(ctx).body)))
    assert [mark.title.partition(" ")[0] for mark in reader.outline][:2] == ["1", ONE]
    assert len(reader.pages) == 4
    said = reader.pages[0].extract_text()
    assert "1 facture manque dans ce fichier" in said
    assert f"{CREDIT} · CANARI-A société 1" in said
    with zipfile.ZipFile(io.BytesIO(b"".join(month_as_zip(ctx).body))) as archive:
        assert f"{CREDIT}.pdf" not in archive.namelist()
        assert len(archive.namelist()) == 4
        assert CREDIT in archive.read("factures-manquantes.txt").decode()


def test_a_month_without_any_of_its_files_says_so(filled, ctx):
    shutil.rmtree(filled.files.folder)
    with pytest.raises(FileGone):
        month_as_pdf(ctx)
    with pytest.raises(JobError, match="Aucun PDF de ce mois"):
        consolidation.consolidation(ctx, Run(), month="2026-10", form="zip")
    reply = sign_in(create_app(filled), ALICE).get(f"/factures/{ONE}/voir.pdf", headers=PAGE)
    assert reply.status_code == 410
    assert "Demandez-le à l’opérateur" in reply.text


def test_the_detail_is_read_or_said_to_be_absent(ctx, bring, write, filled):
    assert "CANARI-A dépassement" in words(detail(ctx, ONE))
    write("FA1")
    bring()
    with context_of(filled, ALICE) as other:
        assert "n’a pas de détail" in words(detail(other, "FA1"))


def test_a_month_is_one_pdf_with_a_bookmark_each(ctx):
    made = month_as_pdf(replace(ctx, query={"mois": "2026-10"}))
    reader = PdfReader(io.BytesIO(b"".join(made.body)))
    assert len(reader.pages) == 4
    assert [mark.title.partition(" ")[0] for mark in reader.outline] == [
        "CANARI-A-10-000", "CANARI-A-10-001", "CANARI-A-11-000", "CANARI-A-20-000",
    ]  # fmt: skip
    assert ONE in reader.pages[0].extract_text()
    assert made.name == "Factures 2026-10.pdf"


def test_a_month_is_a_zip_whose_names_are_ours(ctx):
    made = month_as_zip(ctx)
    with zipfile.ZipFile(io.BytesIO(b"".join(made.body))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == f"{ONE}.pdf"
        assert archive.read(f"{ONE}.pdf") == shown(ctx, ONE).body


def test_a_large_month_is_ordered_and_not_fetched(ctx, monkeypatch):
    monkeypatch.setattr(consolidation, "AT_ONCE", 2)
    assert month_as_pdf(ctx) is None
    note, made = order(ctx, {"month": "2026-10", "form": "pdf"})
    assert "est en préparation" in words(note)
    assert ctx.jobs.find(made).name == "Factures 2026-10.pdf"


class Run:
    """What a job is given, its file in memory."""

    def __init__(self):
        self.file, self.facts, self.shares = io.BytesIO(), {}, []

    def progress(self, share):
        self.shares.append(share)


def test_the_job_writes_the_file_and_tells_how_far_it_is(ctx):
    run = Run()
    consolidation.consolidation(ctx, run, month="2026-10", form="pdf")
    assert len(PdfReader(run.file).pages) == 4
    assert run.shares[-1] == 1.0
    assert run.facts == {"invoices": 4}


def test_the_job_delivers_what_is_there_and_tells_what_is_not(filled, ctx):
    filled.files.path(invoice_of(ctx, CREDIT).file_key).unlink()
    run = Run()
    consolidation.consolidation(ctx, run, month="2026-10", form="pdf")
    assert run.facts == {"invoices": 3, "missing": 1}
    assert CREDIT in PdfReader(run.file).pages[0].extract_text()
    order(ctx, {"month": "2026-10", "form": "pdf"})
    (job,) = ctx.jobs.mine(consolidation.KIND)
    said = words(files(ctx, [replace(job, facts=run.facts)]))
    assert "PDF · 1 facture manque" in said


def test_a_month_without_invoices_or_an_unknown_form_is_told(filled):
    with context_of(filled, BOB, now=NOW) as ctx:
        with pytest.raises(JobError, match="Aucune facture"):
            consolidation.consolidation(ctx, Run(), month="2020-01", form="pdf")
        with pytest.raises(JobError, match="pas connu"):
            consolidation.consolidation(ctx, Run(), month="2026-10", form="exe")
