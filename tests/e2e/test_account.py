"""« Mon compte » in Chromium: a second step, from enrolling to a recovery code; sessions."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core import clock, two_factor
from core.access import Reach
from core.accounts import create_account, find
from core.testing import world

from .test_accessibility import faults

CLAIRE = "claire@a.example"


@pytest.fixture
def claire(web):
    """A person of customer A, whom no other test knows."""
    with Session(web.host.engine) as session:
        account = find(session, CLAIRE) or create_account(
            session, email=CLAIRE, name="Claire Vidal", password=world.PASSWORD,
            permissions=["supervision:read"],
            scope=[(Reach.CUSTOMER, web.tenants["A"].customer_id)],
            now=clock.now(), customer_id=web.tenants["A"].customer_id,
        )  # fmt: skip
        account_id = account.id
        session.commit()
    yield account_id
    with Session(web.host.engine) as session:
        two_factor.turn_off(session, account_id)
        session.commit()


@pytest.fixture
def next_code(web, claire):
    """``next_code(secret)``: what the application shows, good although another was just taken."""

    def of(secret: str) -> str:
        with Session(web.host.engine) as session:  # as if half a minute had gone by
            factor = session.get_one(two_factor.SecondFactor, claire)
            factor.last_step -= 2
            session.commit()
        return pyotp.TOTP(secret).now()

    return of


def password(page: Page, url: str) -> None:
    page.goto(f"{url}/connexion")
    page.fill("#email", CLAIRE)
    page.fill("#password", world.PASSWORD)
    page.click("button[type=submit]")


def give(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.click("form button[type=submit]")


def test_a_second_step_from_enrolling_to_the_last_resort(web, browser, page, claire, next_code):
    password(page, web.url)
    page.locator(".head-user").click()
    expect(page.locator("h1")).to_have_text("Mon compte")

    page.select_option("#account-theme", "dark")
    page.fill("#account-family_name", "V.")
    page.click("text=Enregistrer")
    expect(page.locator("[role=status].alert")).to_have_text("Votre profil est enregistré.")
    expect(page.locator(".head-user")).to_contain_text("Claire V.")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.select_option("#account-theme", "system")
    page.click("text=Enregistrer")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")

    page.click(".account >> text=Activer")
    expect(page.locator(".qr svg")).to_be_visible()
    secret = page.locator(".enrol-secret").inner_text().replace(" ", "")
    give(page, pyotp.TOTP(secret).now())
    expect(page.locator(".codes li")).to_have_count(two_factor.RECOVERY_CODES)
    code = page.locator(".codes code").first.inner_text()
    page.click("text=Copier")
    expect(page.get_by_text("Codes copiés")).to_be_visible()
    page.click("text=continuer")
    expect(page.locator(".account")).to_contain_text("10 codes de secours restants")

    page.click("text=Déconnexion")
    password(page, web.url)
    expect(page.locator("h1")).to_have_text("Code de connexion")
    page.goto(f"{web.url}/compte")
    expect(page.locator("h1")).to_have_text("Extranet Client")  # nothing is open yet
    page.goto(f"{web.url}/connexion/code")
    give(page, next_code(secret))
    expect(page.locator(".head-user")).to_be_visible()

    context = browser.new_context(bypass_csp=True)  # axe is put into the page from outside
    other = context.new_page()
    password(other, web.url)
    expect(other.locator("#code")).to_be_focused()
    assert faults(other) == []
    other.click("text=Utiliser un code de secours")
    assert faults(other) == []
    give(other, code.lower())
    expect(other.locator(".account")).to_contain_text("9 codes de secours restants")
    assert faults(other) == []
    other.goto(f"{web.url}/compte/double-authentification/arret")
    assert faults(other) == []

    page.goto(f"{web.url}/compte")
    expect(page.locator(".account-sessions li")).to_have_count(2)
    page.get_by_role("button", name=re.compile("Fermer la session")).click()
    expect(page.locator(".account-sessions li")).to_have_count(1)
    other.goto(f"{web.url}/compte")
    expect(other).to_have_url(f"{web.url}/connexion?next=%2Fcompte")
    context.close()
