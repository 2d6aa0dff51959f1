"""Invoices in a browser: accounting reads one, files the month, and gets nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core.access import Reach
from core.accounts import create_account
from core.audit import AuditEntry
from core.db import Customer
from core.testing import world
from core.testing.files import csv_rows, text_inside

from .conftest import Portal, installed, until
from .test_accessibility import faults

COMPTA = "compta@a.example"
LIST, ONE = "/factures", "CANARI-A-10-000"


@pytest.fixture(scope="module")
def billed(empty_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The two tenants, and the accounting of A that has this rubric alone; a worker for jobs."""
    with installed(empty_installation, tmp_path_factory.mktemp("billed")) as portal:
        with Session(portal.host.engine) as session:
            query = sa.select(Customer).where(Customer.name.like("CANARI-A%"))
            customer = session.scalars(query).one()
            create_account(
                session, email=COMPTA, name="Comptable", password=world.PASSWORD, now=world.NOW,
                permissions=["factures:read"], scope=[(Reach.CUSTOMER, customer.id)],
                customer_id=customer.id,
            )  # fmt: skip
            session.commit()
        with portal.running("serve"):
            until(portal.answers, 30, "the web process")
            yield portal


def test_accounting_reads_an_invoice_and_gets_nothing_else(
    billed: Portal, page: Page, sign_in
) -> None:
    sign_in(billed, COMPTA, LIST)
    expect(page.locator("h1")).to_have_text("Factures")
    expect(page.locator("h2").first).to_have_text("Factures Octobre 2026")
    rows = page.locator("#factures-blocks tbody tr")
    expect(rows).to_have_count(4)
    assert "CANARI-B" not in page.content()
    expect(page.locator(".menu a:visible")).to_have_text(["Accueil", "Factures"])
    rows.first.locator("a.row-link").first.click()
    expect(page.locator("h1")).to_have_text(f"Facture {ONE}")
    expect(page.locator(".invoice-total")).to_contain_text("320,00")
    frame = page.locator("iframe.invoice-paper")
    expect(frame).to_be_visible()
    reply = page.request.get(billed.url + f"/factures/{ONE}/voir.pdf")
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-disposition"].startswith("inline")
    assert "sandbox" in reply.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    for other in ("/commandes/suivi", "/supervision/etat", "/consommations"):
        assert page.request.get(billed.url + other).status == 403
    assert page.request.get(billed.url + "/factures/CANARI-B-10-000/voir.pdf").status == 404


def test_each_view_and_each_download_is_in_the_audit_log(
    billed: Portal, page: Page, sign_in
) -> None:
    sign_in(billed, COMPTA, f"{LIST}/{ONE}")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert saved.value.suggested_filename == f"{ONE}.pdf"
    with Session(billed.host.engine) as session:
        found = session.execute(
            sa.select(AuditEntry.action, AuditEntry.target).where(AuditEntry.actor == COMPTA)
        ).all()
    lines = {tuple(one) for one in found}
    assert ("viewed", ONE) in lines
    assert ("viewed", f"{ONE}.pdf") in lines
    assert ("exported", f"{ONE}.pdf") in lines


def test_a_browser_without_a_viewer_opens_or_saves_the_pdf_instead(
    billed: Portal, page: Page, sign_in
) -> None:
    """No empty frame, no download that nobody asked for: said in words, and not « viewed »."""
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', {get: () => false})"
    )
    other = "CANARI-A-20-000"
    sign_in(billed, COMPTA, f"{LIST}/{other}")
    expect(page.get_by_text("s’ouvre à part, ou se télécharge")).to_be_visible()
    expect(page.get_by_role("link", name="Ouvrir le PDF")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    with Session(billed.host.engine) as session:
        shown = sa.select(AuditEntry.id).where(AuditEntry.target == f"{other}.pdf")
        assert session.scalars(shown).all() == []


def test_a_search_narrows_the_list_and_its_export(billed: Portal, page: Page, sign_in) -> None:
    sign_in(billed, COMPTA, LIST)
    page.fill("#factures-search", "20-000")
    rows = page.locator("#factures-blocks tbody tr")
    expect(rows).to_have_count(1)
    page.locator("#factures-exports summary").click()
    with page.expect_download() as saved:
        page.locator("#factures-exports a").first.click()
    head, *lines = csv_rows(Path(saved.value.path()).read_bytes())
    assert head[0] == "N° facture"
    assert [line[0] for line in lines] == ["CANARI-A-20-000"]
    page.fill("#factures-search", "nulle part")
    expect(page.get_by_text("Aucune facture ne correspond")).to_be_visible()


def test_a_month_is_saved_as_one_pdf(billed: Portal, page: Page, sign_in) -> None:
    sign_in(billed, COMPTA, LIST)
    with page.expect_download() as saved:
        page.get_by_text("Télécharger la consolidation mensuelle d’Octobre 2026").click()
    said = text_inside(Path(saved.value.path()).read_bytes())
    assert said.count("Total TTC") == 4
    assert "CANARI-B" not in said


def test_the_consumption_detail_is_a_page(billed: Portal, page: Page, sign_in) -> None:
    sign_in(billed, COMPTA, f"{LIST}/{ONE}/detail")
    expect(page.locator("h1")).to_have_text("Détail de consommation")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("12,50 CANARI-A Mbit/s")


def test_a_phone_reads_it_without_scrolling_sideways(billed: Portal, page: Page, sign_in) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(billed, COMPTA, LIST)
    expect(page.locator("#factures-blocks tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.goto(f"{billed.url}{LIST}/{ONE}")
    expect(page.get_by_role("link", name="Ouvrir le PDF")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(billed: Portal, browser, theme: str) -> None:
    context = browser.new_context(color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    page.goto(billed.url + LIST)
    page.fill("#email", COMPTA)
    page.fill("#password", world.PASSWORD)
    page.click("button[type=submit]")
    for path in (LIST, f"{LIST}/{ONE}", f"{LIST}/{ONE}/detail", f"{LIST}?q=rien"):
        page.goto(billed.url + path)
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert faults(page) == [], path
    context.close()
