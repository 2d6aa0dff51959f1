"""An administrator creates a user with the keyboard alone, and sees beforehand what it will see."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Page, expect
from sqlalchemy.orm import Session

from core.accounts import AccountPermission, find

ADMIN, CLAIRE = "admin@a.example", "claire.vidal@a.example"
FORM = "/administration/utilisateurs/nouveau"
PASSWORD = "neuf poules vertes"


def shown(place: Page | FrameLocator) -> tuple[str, str]:
    """Return the menu and the cards of the home page, durations left out: they run."""
    expect(place.locator("#host-home-cards h2").first).to_be_visible()
    texts = (place.locator(css).inner_text() for css in ("#host-menu", "#host-home-cards"))
    menu, cards = (re.sub(r"\d+:\d\d:\d\d|il y a .*", "…", text) for text in texts)
    return menu, cards


def give(web, *keys: str) -> None:
    """Leave the administrator with these rights."""
    with Session(web.host.engine) as session:
        admin = find(session, ADMIN)
        assert admin is not None
        admin.permissions = [AccountPermission(key=key) for key in keys]
        session.commit()


def accept(own: Page, address: str) -> None:
    """Choose a password by an invitation, and sign in."""
    own.goto(address)
    for field in ("password", "again"):
        own.fill(f"[name={field}]", PASSWORD)
    own.click("button[type=submit]")
    own.fill("#email", CLAIRE)
    own.fill("#password", PASSWORD)
    own.click("button[type=submit]")


def test_a_user_made_by_keyboard_sees_what_the_preview_showed(web, page, sign_in, browser):
    give(web, "supervision:read", "consommations:read", "incidents:read", "factures:read")
    sign_in(web, ADMIN, FORM)
    keys = page.keyboard
    page.locator("#users-family-name").focus()
    for text in ("Vidal", "Claire", CLAIRE):
        keys.type(text)
        keys.press("Tab")
    # The first list of rights: from the first item to the second with Shift, and Enter.
    page.locator("[data-side=left]").focus()
    keys.press("Home")
    keys.press("Shift+ArrowDown")
    keys.press("Enter")
    granted = page.locator("[data-side=right] [role=option]:visible")
    expect(granted).to_have_count(2)
    # Back, and then one alone with its arrow.
    page.locator("[data-side=right]").focus()
    keys.press("Control+a")
    keys.press("Enter")
    expect(granted).to_have_count(0)
    page.locator("[data-side=left]").focus()
    keys.press("s")  # « Supervision », by its letter
    keys.press("Tab")
    keys.press("Tab")  # « Tout ajouter », then « Ajouter »
    keys.press("Enter")
    expect(granted).to_have_count(1)
    # The grid: one site with Space; its arrows go from row to row, over companies.
    page.locator("#users-find").focus()
    keys.type("site 10")
    ticks = page.locator("tr[data-site] .tick")
    expect(ticks).to_have_count(1)
    ticks.focus()
    keys.press("Space")
    expect(page.locator(".pick-count")).to_contain_text("1 site sur")
    # « Voir comme », before anything is saved.
    see = page.get_by_role("button", name="Voir comme")
    see.focus()
    keys.press("Enter")
    frame = page.frame_locator(".preview-frame")
    before = shown(frame)
    assert "Supervision" in before[0]
    assert "Factures" not in before[0]
    page.locator("#users-save").focus()
    keys.press("Enter")
    link = page.locator("#users-link")
    expect(link).to_be_visible()
    address = link.input_value()

    theirs = browser.new_context(viewport={"width": 1120, "height": 760}, locale="fr-FR")
    own = theirs.new_page()
    accept(own, address)
    assert shown(own) == before
    theirs.close()


def test_what_is_selected_is_kept_over_pages_and_searches(web, page, sign_in):
    """By mouse: Shift a range, Ctrl one more; a search and « tout sélectionner » add to it."""
    sign_in(web, ADMIN, FORM)
    rows = page.locator("tr[data-site]")
    page.fill("#users-find", "site 1")
    expect(rows).to_have_count(2)
    rows.nth(0).click()
    rows.nth(1).click(modifiers=["Shift"])
    count = page.locator(".pick-count")
    expect(count).to_contain_text("2 sites sur")
    page.fill("#users-find", "site 20")
    expect(rows).to_have_count(1)
    page.locator("[data-pick-all]").click()
    expect(count).to_contain_text("3 sites sur")
    page.fill("#users-find", "")
    expect(page.locator("tr[data-site][aria-selected=true]")).to_have_count(3)
    page.locator("[data-pick-all]").click()
    expect(count).to_contain_text("ceux à venir")
    assert page.evaluate("document.getElementById('users-scope').value.whole") is True


def test_a_link_of_a_preview_leads_to_no_other_rights(web, page, sign_in):
    """In the frame pages follow; what is no page of the portal says so and opens nothing."""
    give(web, "supervision:read")
    sign_in(web, ADMIN, FORM)
    page.fill("#users-family-name", "Vidal")
    page.locator("[data-move=all]").click()
    page.locator("tr[data-site]").first.click()
    page.get_by_role("button", name="Voir comme").click()
    frame = page.frame_locator(".preview-frame")
    frame.locator("#host-menu a", has_text="État de vos services").click()
    expect(frame.locator("h1")).to_have_text("État de vos services")
    expect(frame.locator("#supervision-table tbody tr")).to_have_count(1)
    frame.get_by_role("link", name="Déconnexion").first.click()
    expect(frame.locator(".banner")).to_contain_text("ne s’ouvre pas")
    page.goto(web.url + "/")
    expect(page.locator("#host-home-cards")).to_be_visible()
