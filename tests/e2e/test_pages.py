"""Every page in Chromium: no script error, no CSP violation, nothing sideways, no serious fault for
axe, light and dark, French and English; markup stays text.

The ``page`` fixture fails a test for any error or warning of the console, and so for a CSP
violation.
"""

from __future__ import annotations

from functools import cache

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core.network.inventory import Device, Link, Site
from core.testing import world

from .conftest import listen, until
from .test_accessibility import faults

PAGES = [
    "/",
    "/aide",
    "/aide/supervision",
    "/aide/exploitation",
    "/aide/aucun",
    "/compte",
    "/compte/mot-de-passe",
    "/compte/confirmation?next=/compte",
    "/compte/double-authentification",
    "/sante",
    "/collecte",
    "/murs",
    "/imports",
    "/supervision/etat",
    "/supervision/etat?etat=down",
    "/supervision/etat?q=aucun-service-de-ce-nom",
    "/consommations?liaison=CANARI-A-10-000",
    "/consommations?vue=societes&societe=1&periode=annee",
    "/supervision/etat?service=CANARI-A-10-000",
    "/supervision/etat?service=CANARI-A-10-000&onglet=historique",
    "/supervision/carte",
    "/consommations/reporting",
    "/factures",
    "/factures/CANARI-A-10-000",
    "/factures/CANARI-A-10-000/detail",
    "/supervision/carte?etat=down",
    "/supervision/carte?q=aucun-site-de-ce-nom",
    "/supervision/carte?site=1&placer=1",
    f"/supervision/etat?service=CANARI-A-10-000&onglet=historique&jour={world.NOW:%Y-%m-%d}",
    "/supervision/etat?service=CANARI-A-10-000&onglet=qos",
    "/supervision/etat?tri=-site",
    "/supervision/etat?service=CANARI-A-10-000&onglet=abonnement",
    "/commandes/suivi?client=canari-a",
    "/commandes/suivi?q=aucune-commande-de-ce-nom",
    "/commandes/suivi/CANARI-A-10-000",
    "/commandes/suivi/aucune",
    "/commandes/abonnements?ouvert=tout&abonnement=CANARI-A-10-000&modifier=contact",
    "/commandes/abonnements?vue=technologies&offre=ip-vpn&lieu=1",
    "/incidents?etat=tous",
    "/incidents?q=aucun-ticket-de-ce-nom",
    "/incidents/CANARI-A-10-000",
    "/incidents/CANARI-A-10-001?onglet=informations",
    "/incidents/aucun",
    "/incidents/nouveau",
    "/incidents/nouveau?link=CANARI-A-10-000&encore=oui",
    "/incidents/engagements?liaison=CANARI-A-10-000",
    "/incidents/travaux",
    "/incidents/travaux?nouveau=oui",
    "/incidents/coupures?vue=toutes",
    "/incidents/contrats?contrat=gtr4-ho",
    "/administration/utilisateurs",
    "/administration/utilisateurs?client=1&supprimer=1",
    "/administration/utilisateurs?client=1&q=personne-de-ce-nom",
    "/administration/utilisateurs/nouveau?client=1",
    "/administration/utilisateurs/1",
    "/administration/utilisateurs/matrice?client=1",
    "/administration/journal?ligne=1",
    "/administration/journal?qui=personne-de-ce-nom",
    "/administration/clients",
    "/administration/clients/1",
    "/administration/clients/999999",
]
PARTS = 4
"""Tests that share the addresses: each has its time to end in."""
SCREEN, PHONE = 1440, 390
MARKUP = '<img src=x onerror="window.broken=1"><b>gras</b>'


@pytest.fixture(scope="module")
def visit(web, browser):
    """``visit(theme, width, language)``: a page of the operator's administrator."""
    contexts = []

    def visit(theme: str, width: int, language: str = "fr") -> tuple[Page, list[str]]:
        context = browser.new_context(
            color_scheme=theme, viewport={"width": width, "height": 900}, locale="fr-FR"
        )
        contexts.append(context)
        page = context.new_page()
        wrong: list[str] = []
        listen(page, wrong)
        page.goto(f"{web.url}/langue/{language}?next=/connexion")
        page.fill("#email", "staff@operator.example")
        page.fill("#password", world.PASSWORD)
        page.click("button[type=submit]")
        expect(page.locator("h1")).to_be_visible()
        return page, wrong

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def reader(visit):
    """``reader(theme, width, language)``: the same page for each part of the addresses."""
    return cache(visit)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    ("theme", "language", "widths"),
    [("light", "fr", (SCREEN, PHONE)), ("dark", "en", (PHONE, SCREEN))],
)
def test_every_page_is_whole(web, reader, theme, language, widths, part):
    """On a screen and on a phone: loaded on the one, then turned into the other. A page is loaded
    once for all that is looked at: loading is what takes the time.
    """
    page, wrong = reader(theme, widths[0], language)
    for path in PAGES[part::PARTS]:
        page.set_viewport_size({"width": widths[0], "height": 900})
        page.goto(web.url + path)
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            fits = f"document.documentElement.scrollWidth <= {width}"
            until(lambda: page.evaluate(fits), 5, f"{path} within {width} pixels")  # noqa: B023 - called at once
            if width == SCREEN:
                assert faults(page) == [], path
        assert page.locator("html").get_attribute("lang") == language, path
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme, path
        assert page.title().endswith("· Extranet Client"), path
        assert wrong == [], path


def test_the_theme_that_was_chosen_is_kept_from_page_to_page(web, visit):
    page, wrong = visit("light", 1440)
    page.locator("[data-do=theme]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto(web.url + "/supervision/etat?service=CANARI-A-10-000")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert wrong == []


def test_markup_in_names_is_shown_as_text(web, visit):
    with Session(web.host.engine) as session:
        link = session.scalars(sa.select(Link).where(Link.reference == "CANARI-B-10-000")).one()
        site = session.get_one(Site, link.site_id)
        device = session.get_one(Device, link.device_id)
        kept = site.name, link.designation, device.model
        ids = site.id, link.id, device.id
        site.name = link.designation = device.model = MARKUP
        session.commit()
    try:
        page, wrong = visit("light", 1440)
        page.goto(web.url + "/supervision/etat?service=CANARI-B-10-000")
        expect(page.locator("#supervision-detail")).to_contain_text(MARKUP)
        assert page.evaluate("window.broken") is None
        assert page.locator("img[src=x]").count() == 0
        assert wrong == []
    finally:
        with Session(web.host.engine) as session:
            models = zip((Site, Link, Device), ids, strict=True)
            site, link, device = (session.get_one(model, id) for model, id in models)
            site.name, link.designation, device.model = kept
            session.commit()


def test_english_is_one_click_away_and_is_remembered(web, visit):
    page, _wrong = visit("light", 1440)
    page.locator(".head").get_by_text("English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(web.url + "/aide")
    expect(page.locator("html")).to_have_attribute("lang", "en")
