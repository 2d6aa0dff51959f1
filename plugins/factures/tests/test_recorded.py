"""Every view and every download of an invoice is in the audit log, by whom and of what."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.job_runner import Runner
from core.testing.context import context_of
from core.testing.fixtures import sign_in
from core.web.app import create_app
from plugins.factures.callbacks import order
from plugins.factures.invoice_pages import detail, invoice
from plugins.factures.pages import invoices

ALICE, ONE = "alice@a.example", "CANARI-A-10-000"


def lines(host):
    with Session(host.engine) as session:
        found = session.scalars(sa.select(AuditEntry).where(AuditEntry.actor == ALICE))
        return {(one.action, one.target) for one in found}


def test_each_view_and_each_download_is_recorded(filled):
    client = sign_in(create_app(filled), ALICE)
    files = {
        "/factures/export.csv": ("exported", None),
        "/factures/export.xlsx": ("exported", None),
        f"/factures/{ONE}/voir.pdf": ("viewed", f"{ONE}.pdf"),
        f"/factures/{ONE}/facture.pdf": ("exported", f"{ONE}.pdf"),
        f"/factures/{ONE}/donnees.xml": ("exported", f"{ONE}.xml"),
        f"/factures/{ONE}/detail/export.csv": ("exported", f"Détail {ONE}.csv"),
        "/factures/consolidation.pdf?mois=2026-10": ("exported", "Factures 2026-10.pdf"),
        "/factures/archive.zip?mois=2026-10": ("exported", "Factures 2026-10.zip"),
    }
    for path, (action, target) in files.items():
        before = lines(filled)
        with client.get(path) as reply:
            assert reply.status_code == 200, path
        new = lines(filled) - before
        assert len(new) == 1, (path, new)
        ((said, of),) = new
        assert said == action, path
        assert of == target or (target is None and of.startswith("Factures ")), (path, of)


def test_the_list_an_invoice_and_its_detail_are_recorded_as_viewed(filled):
    with context_of(filled, ALICE) as ctx:
        said = []
        heard = replace(ctx, audit=lambda *what, **_facts: said.append(what))
        invoices(heard)
        invoice(heard, ONE)
        detail(heard, ONE)
        invoice(heard, "CANARI-B-10-000")
    assert said == [
        ("viewed", "factures"), ("viewed", ONE), ("viewed", f"{ONE} : détail"),
    ]  # fmt: skip


def test_a_month_made_by_the_worker_is_recorded_when_made_and_when_fetched(filled):
    with context_of(filled, ALICE) as ctx:
        _said, job = order(ctx, {"month": "2026-10", "form": "pdf"})
    runner = Runner(filled)
    with runner.alone():
        assert runner.step()
    assert ("job done", "Factures 2026-10.pdf") in lines(filled)
    with sign_in(create_app(filled), ALICE).get(f"/travaux/{job}/fichier") as reply:
        assert reply.status_code == 200
    assert ("exported", "Factures 2026-10.pdf") in lines(filled)
