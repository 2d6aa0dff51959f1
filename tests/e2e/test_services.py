"""« État de vos services » by hand: columns sort, what is filtered is saved, a day opens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.testing.files import csv_rows, text_inside

from .conftest import MAIN, ROWS, until


def test_a_column_sorts_from_the_keyboard_both_ways_and_can_be_shared(services: Page):
    head = services.locator("#supervision-table th", has_text="Site")
    head.get_by_role("link").focus()
    services.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(services.locator(ROWS).first).to_contain_text("site 10")
    services.locator("#supervision-table th", has_text="Site").get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(services.locator(ROWS).first).to_contain_text("site 20")
    services.reload()
    expect(services.locator(ROWS).first).to_contain_text("site 20")
    expect(services).to_have_url(re.compile(r"tri=-site"))
    services.go_back()
    expect(services.locator(ROWS).first).to_contain_text("site 10")


@pytest.mark.parametrize(("kind", "name"), [("csv", "CSV pour Excel"), ("xlsx", "Excel avec")])
def test_what_is_filtered_is_what_is_saved(services: Page, kind: str, name: str):
    services.fill("#supervision-search", "site 11")
    expect(services.locator(ROWS)).to_have_count(1)
    menu = services.locator("#supervision-export")
    expect(menu.get_by_role("link", name=name, include_hidden=True)).to_have_attribute(
        "href", re.compile(r"q=site")
    )
    menu.get_by_text("Exporter").click()
    with services.expect_download() as saved:
        menu.get_by_role("link", name=name).click()
    assert saved.value.suggested_filename.startswith("État de vos services")
    assert saved.value.suggested_filename.endswith(f".{kind}")
    path = saved.value.path()
    data = Path(path).read_bytes()
    assert "CANARI-A site 11" in text_inside(data)
    assert "CANARI-A site 10" not in text_inside(data)
    if kind == "csv":
        assert len(csv_rows(data)) == 2
    expect(menu.locator("details")).not_to_have_attribute("open", "")


def test_the_menu_of_exports_closes_on_escape(services: Page):
    menu = services.locator("#supervision-export")
    menu.get_by_text("Exporter").focus()
    services.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="CSV pour Excel")).to_be_visible()
    services.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="CSV pour Excel")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_a_day_of_the_ribbon_opens_from_the_keyboard_and_closes(services: Page):
    services.goto(f"{services.url}?service={MAIN}&onglet=historique")
    day = services.locator(".ribbon-row", has_text=f"Principale · {MAIN}").locator("a").last
    day.focus()
    services.keyboard.press("Enter")
    opened = services.locator("#supervision-day")
    expect(opened).to_contain_text(f"Principale · {MAIN}")
    expect(opened).to_contain_text("Ce qui l’explique")
    expect(services).to_have_url(re.compile(r"jour=20\d\d-\d\d-\d\d"))
    services.reload()
    expect(opened).to_be_visible()
    opened.get_by_text("Fermer").click()
    expect(opened).to_have_count(0)
    expect(services).not_to_have_url(re.compile("jour="))
    expect(services.locator("#supervision-panel")).to_contain_text(
        "Dernier jour avec un changement"
    )


def test_classes_of_service_have_their_tab_and_their_figures(services: Page):
    services.goto(f"{services.url}?service={MAIN}&onglet=qos")
    panel = services.locator("#supervision-panel")
    expect(panel).to_contain_text("CANARI-A-VOIX")
    expect(panel.locator(".cos-layer.c-1")).to_be_visible()
    expect(panel).to_contain_text("200\u202fkbit/s")


def test_on_a_phone_a_choice_sorts_as_the_heads_do(services: Page):
    choice = services.get_by_label("Trier par")
    expect(choice).to_be_hidden()
    services.set_viewport_size({"width": 390, "height": 844})
    expect(choice).to_be_visible()
    assert services.evaluate("document.documentElement.scrollWidth") <= 390
    choice.select_option(label="Site, de Z à A")
    expect(services.locator(ROWS).first).to_contain_text("site 20")
    expect(services).to_have_url(re.compile(r"tri=-site"))
    services.reload()
    expect(choice).to_have_value("-site")
    choice.focus()
    services.keyboard.press("ArrowUp")
    expect(services).to_have_url(re.compile(r"tri=site"))
    expect(services.locator(ROWS).first).to_contain_text("site 10")
    services.go_back()
    expect(services.locator(ROWS).first).to_contain_text("site 20")
    expect(choice).to_have_value("-site")
    choice.select_option("")
    expect(services).not_to_have_url(re.compile("tri="))


def test_the_address_of_a_service_is_copied_and_said(services: Page):
    services.context.grant_permissions(["clipboard-read", "clipboard-write"])
    services.locator(ROWS, has_text="site 10").locator("td").nth(3).click()
    panel = services.locator("#supervision-panel")
    panel.get_by_role("link", name="Historique des statuts").click()
    expect(services).to_have_url(re.compile("onglet=historique"))
    copier = panel.get_by_role("button", name="Copier l’adresse")
    said = panel.get_by_role("status", include_hidden=True)

    def told() -> bool:  # a refresh may draw the head of the panel anew before one looks
        copier.press("Enter")
        return "Adresse copiée" in said.inner_text()

    until(told, 30, "the copy")
    copied = services.evaluate("navigator.clipboard.readText()")
    assert copied == services.url
    assert copied.startswith("http://")
    assert f"service={MAIN}" in copied


def test_on_a_phone_the_history_is_read_without_scrolling_sideways(services: Page):
    services.set_viewport_size({"width": 390, "height": 844})
    services.goto(f"{services.url}?service={MAIN}&onglet=historique")
    table = services.locator(".history")
    expect(table.get_by_role("row").first.get_by_role("cell").first).to_be_visible()
    assert table.evaluate("e => e.scrollWidth <= e.clientWidth")
