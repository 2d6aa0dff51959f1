"""« Imports »: the operator's administrator sends a file, maps it, looks, confirms; or gives up."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import sqlalchemy as sa
from dash import no_update
from sqlalchemy.orm import Session

from core.access import IMPORTS
from core.audit import AuditEntry
from core.imports import jobs
from core.imports.models import ImportRun, RunState
from core.imports.runs import Imports
from core.job_runner import Runner
from core.network.inventory import Site
from core.testing.context import context_of, find, words
from core.testing.fixtures import SAME_SITE, sign_in
from core.web import import_steps, imports_page
from core.web.app import create_app

STAFF = "staff@operator.example"
HEADS = "N° client;Société;Site;Ville ou lieu"
ROWS = (
    "CANARI-A-num;CANARI-A société 1;CANARI-A site 10;Rodez",
    "CANARI-A-num;CANARI-A société 1;Nouveau;Albi",
    "CANARI-A-num;CANARI-B société 1;Ailleurs;Brest",
)


@pytest.fixture
def ctx(filled):
    with context_of(filled, STAFF) as ctx:
        granted = ctx.granted | {IMPORTS.key}
        yield replace(ctx, granted=granted, jobs=filled.desk(ctx.user.id, granted, ctx.now))


@pytest.fixture
def operator(filled):
    return sign_in(create_app(filled), STAFF)


def send(operator, *lines, name="sites.csv", **fields):
    data = {"dataset": "sites", "customer": "*", "source": "ERP", "partial": "1", **fields}
    data["file"] = (io.BytesIO("\r\n".join(lines).encode("cp1252")), name)
    return operator.post("/imports/fichier", data=data, headers=SAME_SITE)


def received(filled, operator, *lines, **fields):
    reply = send(operator, *(lines or (HEADS, *ROWS)), **fields)
    assert reply.status_code == 200, reply.text
    return Imports(filled).get(int(reply.json["href"].rpartition("/")[2]))


def act(filled, ctx, run, **pressed):
    return import_steps.act(filled, ctx, {"press": 1, **pressed}, f"/imports/{run.id}")


def seen(filled, ctx, run, **query):
    return import_steps.body(ctx, filled, Imports(filled).get(run.id), query, None)


def test_a_file_is_brought_in_step_by_step(filled, ctx, operator):
    run = received(filled, operator)
    page = words(seen(filled, ctx, run))
    assert "CSV, point-virgule, Windows-1252" in page
    assert "Ville ou lieu" in page
    assert "Rodez · Albi · Brest" in page
    assert "inconnue" in page
    act(filled, ctx, run, do="check", c3="commune")
    page = words(seen(filled, ctx, run, voir="changed"))
    assert "Commune : CANARI-A commune 10 → Rodez" in " ".join(page.split())
    rejected = words(seen(filled, ctx, run, voir="rejected"))
    assert "cette société n'est pas à ce client" in rejected
    assert "Importer 2 changements" in page
    act(filled, ctx, run, do="write")
    assert "Lignes rejetées" in words(seen(filled, ctx, run))
    with Session(filled.engine) as session:
        assert session.scalar(sa.select(Site.commune).where(Site.name == "Nouveau")) == "Albi"
        line = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (line.action, line.actor, line.facts["rejected"]) == ("imported", STAFF, 1)
    with operator.get(f"/imports/{run.id}/rejets.csv") as reply:
        assert "CANARI-B société 1" in reply.text
        assert "rejets sites" in reply.headers["Content-Disposition"]


def test_a_source_that_was_mapped_is_known_again(filled, ctx, operator):
    run = received(filled, operator)
    act(filled, ctx, run, do="check", c3="commune")
    act(filled, ctx, run, do="write")
    again = received(filled, operator)
    assert again.mapping["Ville ou lieu"] == "commune"


def test_a_column_that_is_missing_is_told_before_anything_is_read(filled, ctx, operator):
    run = received(filled, operator, "N° client;Site", "x;y")
    assert "Il manque la colonne « Société »" in words(seen(filled, ctx, run))
    said = act(filled, ctx, run, do="check")
    assert "Il manque la colonne « Société »" in said["said"]
    assert Imports(filled).get(run.id).state is RunState.RECEIVED


def test_closing_most_rows_asks_for_a_yes(filled, ctx, operator):
    run = received(filled, operator, "N° client;Société;Site", ";".join(ROWS[0].split(";")[:3]),
                   partial="")  # fmt: skip
    act(filled, ctx, run, do="check")
    page = words(seen(filled, ctx, run))
    assert "Ce fichier ferme 5 lignes sur 6, plus de la moitié." in page
    assert "Rien n’est écrit" in act(filled, ctx, run, do="write", closing="")["said"]
    assert act(filled, ctx, run, do="write", closing="1")["said"] is None
    assert Imports(filled).get(run.id).counts["gone"] == 5


def test_an_import_that_is_given_up_changes_nothing_and_keeps_no_file(filled, ctx, operator):
    run = received(filled, operator)
    act(filled, ctx, run, do="check", c3="commune")
    act(filled, ctx, run, do="abandon")
    assert "rien n’a été changé" in words(seen(filled, ctx, run))
    assert not (Imports(filled).place(run.id) / "file").exists()
    assert act(filled, ctx, run, do="write")["said"] is None  # over: nothing to do
    with Session(filled.engine) as session:
        assert session.scalar(sa.select(Site.id).where(Site.name == "Nouveau")) is None


def test_a_big_file_is_a_job_that_the_page_follows(filled, ctx, operator, monkeypatch):
    monkeypatch.setattr(jobs, "BIG", 1)
    run = received(filled, operator)
    act(filled, ctx, run, do="check", c3="commune")
    assert "En attente du programme de fond" in words(seen(filled, ctx, run))
    runner = Runner(filled)
    with runner.alone():
        assert runner.step()
        assert "Importer 2 changements" in words(seen(filled, ctx, run))
        act(filled, ctx, run, do="write")
        assert runner.step()
    assert Imports(filled).get(run.id).state is RunState.DONE


def test_a_big_file_that_is_cancelled_can_be_checked_again(filled, ctx, operator, monkeypatch):
    monkeypatch.setattr(jobs, "BIG", 1)
    run = received(filled, operator)
    act(filled, ctx, run, do="check", c3="commune")
    act(filled, ctx, run, do="cancel")
    assert Imports(filled).get(run.id).state is RunState.RECEIVED
    assert "Vérifier le fichier" in words(seen(filled, ctx, run))


def test_a_job_whose_operator_lost_the_right_writes_nothing(filled, ctx, operator, monkeypatch):
    monkeypatch.setattr(jobs, "BIG", 1)
    run = received(filled, operator)
    act(filled, ctx, run, do="check", c3="commune")
    with filled.engine.begin() as connection:
        connection.execute(sa.text("update account set admin = 0 where email = :e"), {"e": STAFF})
    runner = Runner(filled)
    with runner.alone():
        assert runner.step()
    assert "Vos droits ont changé" in words(seen(filled, ctx, run))


@pytest.mark.parametrize(
    ("lines", "fields", "status", "said"),
    [
        ((), {"dataset": "nuages"}, 422, "jeu de données"),
        ((), {"customer": "999"}, 422, "Choisissez un client"),
        (("%PDF-1.7 \x00",), {}, 422, "pas un tableau"),
        ((), {"name": ""}, 422, "Choisissez un fichier"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_at_once(operator, lines, fields, status, said):
    reply = send(operator, *(lines or (HEADS, *ROWS)), **fields)
    assert (reply.status_code, said in reply.json["said"]) == (status, True), reply.text


def test_a_file_too_big_for_a_browser_is_told(operator, monkeypatch):
    monkeypatch.setattr("core.web.imports_files.LARGEST_UPLOAD", -1)
    reply = send(operator, HEADS)
    assert (reply.status_code, "balise import" in reply.json["said"]) == (413, True)


def test_another_site_cannot_send_a_file(operator):
    reply = operator.post("/imports/fichier", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 403


def test_a_name_of_a_file_leads_nowhere(filled, operator):
    run = received(filled, operator, name="../../../etc/passwd")
    assert run.file == "passwd"
    assert (Imports(filled).place(run.id) / "file").is_file()


def test_the_list_has_the_templates_and_what_was_imported(filled, ctx, operator):
    received(filled, operator)
    page = imports_page.layout(ctx, filled)
    assert "sites.csv" in words(page)
    assert "632 organization.externalReference.id" in words(page)
    (link,) = find(page, href="/imports/modele/sites.xlsx")
    assert operator.get(link.href).data.startswith(b"PK")


def test_what_the_browser_sends_is_not_believed(filled, ctx):
    for path in ("/imports/1e9", "/imports/99999", "/imports/", None, "/imports/²"):
        assert import_steps.act(filled, ctx, {"do": "write"}, path) is no_update
        assert import_steps.refresh(filled, ctx, "x", 1, 3, [], path) == (no_update, no_update)
    with Session(filled.engine) as session:
        assert session.scalars(sa.select(ImportRun)).all() == []


def test_a_page_that_did_not_move_keeps_what_was_chosen(filled, ctx, operator):
    run = received(filled, operator)
    asked = (None, 1, "", None, f"/imports/{run.id}")
    _body, version = import_steps.refresh(filled, ctx, *asked)
    again = import_steps.refresh(filled, ctx, None, 2, "", version, f"/imports/{run.id}")
    assert again == (no_update, no_update)


@pytest.mark.parametrize("name", ["alice@a.example", "onesite@a.example"])
def test_the_files_of_imports_are_for_the_operator_alone(filled, ctx, operator, name):
    run = received(filled, operator)
    act(filled, ctx, run, do="check", c3="commune")
    files = (f"{run.id}/rejets.csv", "export/sites.csv", "modele/sites.xlsx")
    with operator.get(f"/imports/{files[0]}") as control:
        assert "CANARI-B" in control.text
    customer = sign_in(create_app(filled), name)
    for path in files:
        assert customer.get(f"/imports/{path}").status_code == 403
    assert send(customer, HEADS).status_code == 403
    for path in (f"/imports/{run.id + 1}/rejets.csv", "/imports/export/nuages.csv"):
        assert operator.get(path).status_code == 404
