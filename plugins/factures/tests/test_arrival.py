"""How invoices come in without a command: sent from « Imports », or left in a watched folder."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
import yaml

from core import config
from core.access import IMPORTS
from core.host import Host
from core.imports import jobs
from core.imports.models import RunState
from core.imports.runs import Imports
from core.imports.watch import Watcher
from core.job_runner import Runner
from core.testing.context import context_of, words
from core.testing.fixtures import SAME_SITE, sign_in
from core.web import import_steps
from core.web.app import create_app
from plugins.factures.tests.test_import import kept

STAFF = "staff@operator.example"


@pytest.fixture
def ctx(filled):
    with context_of(filled, STAFF) as ctx:
        granted = ctx.granted | {IMPORTS.key}
        yield replace(ctx, granted=granted, jobs=filled.desk(ctx.user.id, granted, ctx.now))


@pytest.fixture
def send(filled):
    """``send(("FA1.pdf", body), …)``: files sent from « Imports » in one go; returns the answer."""
    operator = sign_in(create_app(filled), STAFF)

    def do(*files, dataset="factures"):
        data = {"dataset": dataset, "customer": "*", "source": ""}
        data["file"] = [(io.BytesIO(body), name) for name, body in files]
        return operator.post("/imports/fichier", data=data, headers=SAME_SITE)

    return do


def of(reply, filled):
    assert reply.status_code == 200, reply.text
    return Imports(filled).get(int(reply.json["href"].rpartition("/")[2]))


def page(filled, ctx, run, **query):
    return words(import_steps.body(ctx, filled, Imports(filled).get(run.id), query, None))


def press(filled, ctx, run, **pressed):
    return import_steps.act(filled, ctx, {"press": 1, **pressed}, f"/imports/{run.id}")


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members.items():
            archive.writestr(name.replace("_", "."), body)
    return out.getvalue()


def test_pdfs_sent_together_are_looked_at_and_then_brought_in(filled, ctx, send, write):
    good, foreign = write("FA1"), write("FA2", buyer="Personne SA")
    index = "N° facture;Montant TTC\nFA1;320,00\nFA2;320,00\n".encode()
    run = of(send((good.name, good.read_bytes()), (f"../{foreign.name}", foreign.read_bytes()),
                  ("index.csv", index)), filled)  # fmt: skip
    assert (run.state, run.file) == (RunState.READY, "FA1.pdf (+ 2)")
    said = page(filled, ctx, run, voir="rejected")
    assert "société inconnue ici" in said
    assert "Importer 1 changement" in said
    assert "Colonnes" not in said
    assert kept(filled, "FA1") is None
    press(filled, ctx, run, do="write")
    assert kept(filled, "FA1").file_name == "FA1.pdf"
    assert kept(filled, "FA2") is None
    assert "pourquoi chaque document est refusé" in page(filled, ctx, run)
    left = {path.name for path in Imports(filled).place(run.id).iterdir()}
    assert left == {"rejets.csv"}


def test_a_zip_sent_with_its_index_inside_is_one_import(filled, ctx, send, write):
    body = zipped(FA1_pdf=write("FA1").read_bytes(), index_csv="N° facture\nFA1\n")
    run = of(send(("octobre.zip", body)), filled)
    press(filled, ctx, run, do="write")
    assert kept(filled, "FA1") is not None


def test_two_documents_of_one_name_are_both_read(filled, ctx, send, write):
    files = [("facture.pdf", write(number).read_bytes()) for number in ("FA1", "FA2")]
    run = of(send(*files), filled)
    assert run.counts["new"] == 2


def test_many_documents_are_read_by_the_worker_and_can_be_cancelled(
    filled, ctx, send, write, monkeypatch
):
    monkeypatch.setattr(jobs, "BIG", 1)
    run = of(send(("FA1.pdf", write("FA1").read_bytes())), filled)
    assert run.state is RunState.CHECKING
    assert "En attente du programme de fond" in page(filled, ctx, run)
    press(filled, ctx, run, do="cancel")
    assert "Lire les documents" in page(filled, ctx, run)
    press(filled, ctx, run, do="check")
    runner = Runner(filled)
    with runner.alone():
        assert runner.step()
        assert "Importer 1 changement" in page(filled, ctx, run)
        press(filled, ctx, run, do="write")
        assert runner.step()
    assert kept(filled, "FA1") is not None


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("a.zip", b"PK\x03\x04 cut")], "n'est pas un ZIP entier"),
        ([("index.csv", b"Nuage\n1\n"), ("a.pdf", b"%PDF-")], "colonne « Nuage » inconnue"),
    ],
)
def test_documents_that_cannot_be_taken_as_a_whole_are_told_at_once(send, files, why):
    reply = send(*files)
    assert reply.status_code == 422
    assert why in reply.json["said"]


def test_a_document_that_is_no_invoice_is_a_rejected_line(filled, ctx, send):
    run = of(send(("note.docx", b"PK"), ("a.pdf", b"MZ"), ("\0x.pdf", b"%PDF-")), filled)
    said = page(filled, ctx, run, voir="rejected")
    assert "ce n'est ni un PDF, ni un ZIP" in said
    assert "ce n'est pas un PDF" in said
    assert "ce PDF ne se lit pas" in said


def test_several_files_of_a_table_are_refused(send):
    reply = send(("a.csv", b"Site\n"), ("b.csv", b"Site\n"), dataset="sites")
    assert "un seul fichier" in reply.json["said"]


def test_a_full_disk_is_told_and_keeps_nothing(filled, send, write, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("werkzeug.datastructures.FileStorage.save", full)
    reply = send(("FA1.pdf", write("FA1").read_bytes()))
    assert (reply.status_code, "ne peut pas garder" in reply.json["said"]) == (422, True)
    (run,), _count = Imports(filled).lately()
    assert run.state is RunState.REFUSED
    assert list(Imports(filled).place(run.id).iterdir()) == []


@pytest.fixture
def watcher(filled, tmp_path):
    """A watcher of ``tmp_path / "echange"``, where invoices are left."""
    (tmp_path / "echange").mkdir()
    path = filled.config.data / "config.yaml"
    one = {"path": str(tmp_path / "echange"), "dataset": "factures"}
    path.write_text(yaml.safe_dump({"imports": {"folders": [one]}}))
    host = Host(config.load(path, {"BALISE_STORAGE_DATA": str(filled.config.data)}))
    yield Watcher(host)
    host.engine.dispose()


def test_a_watched_folder_takes_zips_folders_and_loose_documents(filled, watcher, write, tmp_path):
    place = tmp_path / "echange"
    body = zipped(FA1_pdf=write("FA1").read_bytes(), index_csv="N° facture\nFA1\n")
    (place / "lot.zip").write_bytes(body)
    (place / "octobre").mkdir()
    write("FA2").rename(place / "octobre" / "FA2.pdf")
    write("FA3").rename(place / "FA3.pdf")
    write("FA4").rename(place / "FA4.pdf")
    (place / "index.csv").write_text("N° facture\nFA3\nFA9\n")
    write("FA5").rename(place / "FA5.pdf.part")
    assert (watcher.look(), watcher.look(), watcher.look()) == (0, 3, 0)
    assert [kept(filled, f"FA{n}") is not None for n in range(1, 6)] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert sorted(path.name for path in place.iterdir()) == ["FA5.pdf.part", "faits"]
    reports = [json.loads(p.read_text()) for p in sorted((place / "faits").glob("*.rapport.json"))]
    assert {(r["file"], r["counts"]["new"], r["counts"]["rejected"]) for r in reports} == {
        ("documents", 1, 2), ("lot.zip", 1, 0), ("octobre", 1, 0),
    }  # fmt: skip
    (loose,) = (place / "faits").glob("*-documents")
    assert {path.name for path in loose.iterdir()} == {"FA3.pdf", "FA4.pdf", "index.csv"}


def test_documents_that_still_come_are_waited_for(watcher, write, tmp_path):
    place = tmp_path / "echange"
    (place / "lot").mkdir()
    for number in ("FA1", "FA2", "FA3"):
        write(number).rename(place / "lot" / f"{number}.pdf")
        assert watcher.look() == 0
    assert watcher.look() == 1


def test_a_zip_that_is_cut_is_set_aside_with_the_reason(watcher, tmp_path):
    place = tmp_path / "echange"
    (place / "lot.zip").write_bytes(b"PK\x03\x04")
    assert (watcher.look(), watcher.look(), watcher.look()) == (0, 1, 0)
    (report,) = (place / "refuses").glob("*.rapport.json")
    assert "n'est pas un ZIP entier" in json.loads(report.read_text())["error"]
